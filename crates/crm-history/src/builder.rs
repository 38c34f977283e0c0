//! A ledger built row by row.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;

use crate::people::People;
use crate::quality::DataFinding;
use crate::{Amount, DataQuality, Day, Error, Ledger, QualityWarning, RefusalReason, RefusedRow, dates, ids};

/// The text of an id.
type IdText<K> = fn(&K) -> &str;

/// A builder that fills a [`Ledger`] row by row, with a roster of people who may never have
/// ordered.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate};
///
/// let mut builder = Ledger::builder();
/// builder.push("ada", NaiveDate::from_ymd_opt(2024, 3, 2).unwrap(), 19.99)?;
/// builder.add_prospect("eve", None);
/// let ledger = builder.build();
/// assert_eq!((ledger.customers(), ledger.rows()), (2, 1));
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Clone)]
pub struct LedgerBuilder<K, A> {
    people: People<K>,
    customers: Vec<u32>,
    days: Vec<i32>,
    amounts: Vec<A>,
    lines: Lines,
    today: Option<Day>,
    quality: DataQuality,
    refused: Vec<RefusedRow>,
    keep_refused: usize,
    /// Header of the id column of a file, and the text of an id.
    ids: Option<(String, IdText<K>)>,
}

impl<K, A> LedgerBuilder<K, A> {
    /// Largest number of rows of a ledger.
    pub const MAX_ROWS: usize = u32::MAX as usize;

    /// Default number of refused rows that are kept word for word; all of them are counted.
    pub const KEPT_REFUSALS: usize = 10_000;

    /// Creates an empty builder.
    #[must_use]
    pub fn new() -> Self {
        LedgerBuilder {
            people: People::new(Vec::new(), Vec::new()),
            customers: Vec::new(),
            days: Vec::new(),
            amounts: Vec::new(),
            lines: Lines::default(),
            today: None,
            quality: DataQuality::default(),
            refused: Vec::new(),
            keep_refused: Self::KEPT_REFUSALS,
            ids: None,
        }
    }

    /// Sets the day after which dates count as dates in the future; the rows are kept all the same.
    #[must_use]
    pub fn with_today(mut self, today: impl Into<Day>) -> Self {
        self.today = Some(today.into());
        self
    }

    /// Sets the largest number of refused rows that are kept word for word.
    #[must_use]
    pub fn with_kept_refusals(mut self, rows: usize) -> Self {
        self.keep_refused = rows;
        self
    }

    /// Returns the number of rows taken so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.days.len()
    }
}

impl<K, A> fmt::Debug for LedgerBuilder<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerBuilder").field("quality", &self.quality).finish_non_exhaustive()
    }
}

impl<K, A> Default for LedgerBuilder<K, A> {
    fn default() -> Self {
        LedgerBuilder::new()
    }
}

impl<K: Eq + Hash, A: Amount> LedgerBuilder<K, A> {
    /// Adds one order line.
    ///
    /// # Errors
    ///
    /// [`Error::Amount`] for an amount that is not finite or not less than 1e290, with the number
    /// of the row, from 1; [`Error::TooManyRows`]. The builder stays as it was.
    pub fn push(&mut self, id: K, day: impl Into<Day>, amount: A) -> Result<(), Error> {
        let row = self.quality.rows + 1;
        if !amount.is_summable() {
            return Err(Error::Amount { row, value: amount.to_f64() });
        }
        self.check_room()?;
        let (customer, day) = (self.people.intern_owned(id), day.into());
        self.quality.rows += 1;
        self.quality.accepted += 1;
        self.record(customer, day, Some(amount), row);
        Ok(())
    }

    /// Adds a person who is known even without an order, with the day of the first contact if it is
    /// known.
    ///
    /// If a person is added twice, the earlier contact counts.
    pub fn add_prospect(&mut self, id: K, first_contact: Option<Day>) {
        let number = self.people.intern_owned(id);
        self.people.note_contact(number, first_contact);
    }

    /// Returns the ledger of all rows and people added.
    #[must_use]
    pub fn build(self) -> Ledger<K, A> {
        let LedgerBuilder { people, customers, days, amounts, lines, mut quality, refused, ids, .. } = self;
        let day = |row: usize| days.get(row).copied().unwrap_or_default();
        quality.warnings.extend(dates::warnings(days.len(), day, |row| lines.of(row)));
        let (ledger, duplicates) = Ledger::from_numbered(people, &customers, &days, &amounts);
        if let Some((column, text)) = ids {
            quality.warnings.extend(ids::warnings(&ledger, &column, text));
        }
        quality.duplicates = DataFinding {
            count: duplicates.count,
            first_line: duplicates.first_row.map(|row| lines.of(row)),
        };
        ledger.with_report(quality, refused)
    }

    /// Takes a row that is known to be good, from a line of a file; zero stands for an amount that
    /// nobody stated.
    fn record(&mut self, customer: u32, day: Day, amount: Option<A>, line: u64) {
        self.lines.note(self.days.len() as u32, line);
        match amount {
            Some(amount) if amount < A::ZERO => self.quality.refunds.add(line),
            Some(amount) if amount == A::ZERO => self.quality.zero_amounts.add(line),
            _ => {}
        }
        if self.today.is_some_and(|today| day > today) {
            self.quality.future_dates.add(line);
        }
        self.customers.push(customer);
        self.days.push(day.since_epoch());
        self.amounts.push(amount.unwrap_or(A::ZERO));
    }

    fn check_room(&self) -> Result<(), Error> {
        if self.days.len() < Self::MAX_ROWS {
            Ok(())
        } else {
            Err(Error::TooManyRows { limit: Self::MAX_ROWS })
        }
    }
}

/// What a reader of files does with its rows.
#[cfg_attr(not(feature = "csv"), allow(dead_code, reason = "only files refuse rows"))]
impl<K: Eq + Hash, A: Amount> LedgerBuilder<K, A> {
    /// A good row of a file; `ambiguous` where day and month could change places.
    pub(crate) fn push_line<Q>(
        &mut self,
        id: &Q,
        make: impl FnOnce() -> K,
        (day, ambiguous): (Day, bool),
        amount: Option<A>,
        line: u64,
    ) -> Result<(), Error>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.check_room()?;
        self.quality.rows += 1;
        let customer = self.people.intern(id, make);
        if ambiguous {
            self.quality.ambiguous_dates.add(line);
        }
        self.quality.accepted += 1;
        self.record(customer, day, amount, line);
        Ok(())
    }

    /// Money paid back for the order of a row that is counted already.
    pub(crate) fn push_refund<Q>(&mut self, id: &Q, day: Day, refund: A, line: u64) -> Result<(), Error>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.check_room()?;
        if let Some(customer) = self.people.find(id) {
            self.record(customer.0, day, Some(refund), line);
        }
        Ok(())
    }

    /// A row that a rule of the caller leaves out.
    pub(crate) fn leave_out(&mut self, line: u64, finding: impl Fn(&mut DataQuality) -> &mut DataFinding) {
        self.quality.rows += 1;
        finding(&mut self.quality).add(line);
    }

    /// Doubts about the columns of a file, and what its ids are called.
    pub(crate) fn note_columns(
        &mut self,
        (id_column, text): (&str, IdText<K>),
        warnings: impl IntoIterator<Item = QualityWarning>,
    ) {
        self.ids = Some((id_column.to_owned(), text));
        for warning in warnings {
            if !self.quality.warnings.contains(&warning) {
                self.quality.warnings.push(warning);
            }
        }
    }

    /// A bad row of a file.
    pub(crate) fn refuse(&mut self, line: u64, reason: RefusalReason, value: &str) {
        self.quality.rows += 1;
        let finding = match reason {
            RefusalReason::MissingId => &mut self.quality.missing_ids,
            RefusalReason::Date { .. } => &mut self.quality.unreadable_dates,
            RefusalReason::Amount(_) => &mut self.quality.unreadable_amounts,
            RefusalReason::Fields { .. } | RefusalReason::Lines { .. } | RefusalReason::NotText => {
                &mut self.quality.malformed_rows
            }
        };
        finding.add(line);
        if self.refused.len() < self.keep_refused {
            self.refused.push(RefusedRow { line, reason, value: value.chars().take(80).collect() });
        }
    }
}

/// Which line each row came from: only the rows where the distance between the two changes.
#[derive(Debug, Clone, Default)]
struct Lines {
    changes: Vec<(u32, u64)>,
}

impl Lines {
    fn note(&mut self, row: u32, line: u64) {
        if self.of(row) != line {
            self.changes.push((row, line));
        }
    }

    fn of(&self, row: u32) -> u64 {
        let after = self.changes.partition_point(|&(first, _)| first <= row);
        match after.checked_sub(1).and_then(|at| self.changes.get(at)) {
            Some(&(first, line)) => line + u64::from(row - first),
            None => u64::from(row) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_without_being_kept_for_every_row() {
        let mut lines = Lines::default();
        for (row, line) in [(0, 2), (1, 3), (2, 4), (3, 7), (4, 8), (5, 12)] {
            lines.note(row, line);
        }
        assert_eq!(lines.changes.len(), 3);
        assert_eq!([0, 2, 3, 4, 5].map(|row| lines.of(row)), [2, 4, 7, 8, 12]);
    }

    #[test]
    fn a_bad_amount_is_named_and_leaves_the_builder_usable() {
        let day = Day::new(0).unwrap();
        let mut builder = LedgerBuilder::new();
        builder.push(1, day, 2.5).unwrap();
        for bad in [f64::NAN, f64::INFINITY, -1e290] {
            let error = builder.push(2, day, bad).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "amount in row 2 must be finite and less than 1e290 in size, got {}",
                    crm_numbers::Number::from(bad)
                )
            );
        }
        let ledger = builder.build();
        assert_eq!((ledger.customers(), ledger.rows()), (1, 1));
    }

    #[test]
    fn the_earliest_first_contact_counts_and_prospects_take_numbers() {
        let day = |n| Day::new(n).unwrap();
        let mut builder = LedgerBuilder::new();
        builder.add_prospect("eve", Some(day(9)));
        builder.push("ada", day(3), 100_i64).unwrap();
        builder.add_prospect("eve", Some(day(4)));
        builder.add_prospect("eve", None);
        builder.add_prospect("ada", None);
        let ledger = builder.build();
        assert_eq!(ledger.ids(), ["eve", "ada"]);
        assert_eq!(ledger.first_contact(ledger.find("eve").unwrap()), Some(day(4)));
        assert_eq!(ledger.first_contact(ledger.find("ada").unwrap()), None);
        assert_eq!(ledger.lines(ledger.find("eve").unwrap()).len(), 0);
    }

    #[test]
    fn the_future_begins_after_today() {
        let day = |n| Day::new(n).unwrap();
        let mut builder = LedgerBuilder::new().with_today(day(10));
        for n in [9, 10, 11, 12] {
            builder.push("ada", day(n), 0_i64).unwrap();
        }
        let ledger = builder.build();
        let quality = ledger.quality();
        assert_eq!((quality.future_dates.count, quality.future_dates.first_line), (2, Some(3)));
        assert_eq!(quality.zero_amounts.count, 4);
    }
}

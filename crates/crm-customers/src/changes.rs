//! A table beside that of an earlier day.

use std::fmt::Debug;
use std::hash::Hash;

use crm_history::Day;
use crm_numbers::Amount;
use crm_segmentation::migration::{Migration, Snapshot};

use crate::{CustomerRow, CustomerTable, Error};

/// What changed between two tables of the same ledger, or of two exports of it.
///
/// Customers are matched by id. A customer is new if it is in the later table alone, and has
/// returned if it bought since the earlier day after more than `lost_after_days` of silence.
///
/// # Examples
///
/// ```
/// use crm_customers::{Changes, CustomerTable};
/// use crm_history::{Ledger, NaiveDate, Observation};
/// use crm_segmentation::abc::AbcScheme;
///
/// let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
/// let ledger = Ledger::from_rows([
///     ("ada", day(1, 1), 9_000_i64),
///     ("bob", day(2, 1), 800),
///     ("bob", day(5, 1), 90_000),
///     ("cleo", day(6, 1), 700),
/// ])?;
/// let until = |m, d| {
///     CustomerTable::new(&ledger, &Observation::until(day(m, d)))?.with_abc(AbcScheme::default())
/// };
/// let (march, june) = (until(3, 31)?, until(6, 30)?);
///
/// let changes = Changes::between(&march, &june)?;
/// assert_eq!(changes.entered(), 1); // cleo
/// let bob = changes.movers("abc_class")?.find(|mover| *mover.later.id() == "bob").unwrap();
/// assert_eq!((bob.from, bob.to), (Some("B"), Some("A")));
/// assert_eq!(changes.migration("abc_class")?.flow("B", "A").unwrap().customers, 1);
/// # Ok::<(), crm_customers::Error>(())
/// ```
#[derive(Debug)]
pub struct Changes<'t, K, A: Amount> {
    earlier: &'t CustomerTable<'t, K, A>,
    later: &'t CustomerTable<'t, K, A>,
    /// For every row of the later table, the row of the earlier one.
    matches: Vec<Option<usize>>,
}

/// A customer whose group is another one than on the earlier day.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mover<'t, K, A: Amount> {
    /// The row of the earlier table.
    pub earlier: CustomerRow<'t, K, A>,
    /// The row of the later table.
    pub later: CustomerRow<'t, K, A>,
    /// The group on the earlier day; `None` if it was not known.
    pub from: Option<&'t str>,
    /// The group on the later day; `None` if it is not known.
    pub to: Option<&'t str>,
}

impl<'t, K: Eq + Hash + Debug + Sync, A: Amount> Changes<'t, K, A> {
    /// Matches the customers of two tables by id.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] unless the earlier table ends before the later one.
    pub fn between(
        earlier: &'t CustomerTable<'t, K, A>,
        later: &'t CustomerTable<'t, K, A>,
    ) -> Result<Self, Error> {
        if earlier.end() >= later.end() {
            return Err(Error::Order { earlier: earlier.end(), later: later.end() });
        }
        let matched = |row: CustomerRow<'_, K, A>| earlier.find(row.id()).map(|row| row.index());
        Ok(Self { earlier, later, matches: later.rows().map(matched).collect() })
    }

    /// Returns the last days of the two tables.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        (self.earlier.end(), self.later.end())
    }

    /// Returns the number of customers in the later table alone.
    #[must_use]
    pub fn entered(&self) -> u64 {
        self.matches.iter().filter(|row| row.is_none()).count() as u64
    }

    /// Returns the number of customers in the earlier table alone: people whom a later export does
    /// not know any more.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.earlier.len() as u64 - self.matches.iter().flatten().count() as u64
    }

    /// Iterates over the customers of both tables whose group in a column changed, in the order of
    /// the later table.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a column that is not in
    /// [`groupings`](CustomerTable::groupings) of both tables.
    pub fn movers(&self, column: &'t str) -> Result<impl Iterator<Item = Mover<'t, K, A>> + '_, Error> {
        self.earlier.assignments(column)?;
        self.later.assignments(column)?;
        let pairs =
            self.matches.iter().enumerate().filter_map(|(later, earlier)| {
                Some((self.earlier.row((*earlier)?)?, self.later.row(later)?))
            });
        Ok(pairs.filter_map(move |(earlier, later)| {
            let (from, to) = (earlier.group(column), later.group(column));
            (from != to).then_some(Mover { earlier, later, from, to })
        }))
    }

    /// Sums the moves between the groups of a column up: customers and spend on both days.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a column that is not in
    /// [`groupings`](CustomerTable::groupings) of both tables; [`Error::Segmentation`] if a sum of
    /// the spend does not fit its type.
    pub fn migration(&self, column: &str) -> Result<Migration<A::Sum>, Error> {
        let ids =
            |table: &'t CustomerTable<'t, K, A>| -> Vec<&'t K> { table.rows().map(|row| row.id()).collect() };
        let (before, after) = (ids(self.earlier), ids(self.later));
        let earlier = Snapshot::new(&before, self.earlier.assignments(column)?, &self.earlier.spend)?;
        let later = Snapshot::new(&after, self.later.assignments(column)?, &self.later.spend)?;
        Ok(Migration::between(earlier, later)?)
    }
}

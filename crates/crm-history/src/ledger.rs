//! Order lines, grouped by customer.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::group::{self, Grouped};
use crate::people::People;
use crate::{Amount, Customer, DataQuality, Day, Error, LedgerBuilder, Observation, RefusedRow};

/// The order lines of one shop in one currency, grouped by customer and sorted by day, with the
/// known people who never ordered.
///
/// `K` is the caller's id: a number, a `String`, any type that can be hashed. `A` is the
/// [`Amount`]: `i64` minor units, `f64` or `Decimal`. Customers are numbered in order of first
/// appearance.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
/// let ledger = Ledger::from_rows([("bob", day(9), 500_i64), ("ada", day(2), 1_999), ("bob", day(1), 250)])?;
///
/// assert_eq!(ledger.ids(), ["bob", "ada"]);
/// let bob = ledger.find("bob").unwrap();
/// let lines: Vec<_> = ledger.lines(bob).map(|line| (line.day.to_string(), line.amount)).collect();
/// assert_eq!(lines, [("2024-03-01".to_string(), 250), ("2024-03-09".to_string(), 500)]);
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Ledger<K, A> {
    pub(crate) people: Arc<People<K>>,
    /// Where the rows of each place begin, and the end of the last.
    starts: Vec<u32>,
    /// The place of each customer's rows. Places follow each other in memory in an order that suits
    /// the work of making them.
    places: Arc<Vec<u32>>,
    pub(crate) days: Vec<i32>,
    pub(crate) amounts: Vec<A>,
    quality: DataQuality,
    refused: Vec<RefusedRow>,
}

/// One order line.
#[derive(Clone, Copy, PartialEq)]
pub struct Line<A> {
    /// Day of the order.
    pub day: Day,
    /// Amount; negative for a refund.
    pub amount: A,
}

crm_numbers::debug!(Line<A> { day, amount });

/// The lines of every customer, and the data-quality report.
impl<K: fmt::Debug, A: Amount> fmt::Debug for Ledger<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |customer: u32| self.lines(Customer(customer)).collect::<Vec<_>>();
        let by_customer: Vec<_> = self.ids().iter().zip((0..).map(lines)).collect();
        f.debug_struct("Ledger")
            .field("lines", &by_customer)
            .field("quality", &self.quality)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash, A: Amount> Ledger<K, A> {
    /// Returns a builder that fills a ledger row by row.
    #[must_use]
    pub fn builder() -> LedgerBuilder<K, A> {
        LedgerBuilder::default()
    }

    /// Creates a ledger from rows (id, date, amount) in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Amount`] for an amount that is not finite, with its row; [`Error::TooManyRows`].
    pub fn from_rows(rows: impl IntoIterator<Item = (K, NaiveDate, A)>) -> Result<Self, Error> {
        let mut builder = LedgerBuilder::default();
        for (id, date, amount) in rows {
            builder.push(id, date, amount)?;
        }
        Ok(builder.build())
    }
}

impl<K, A: Amount> Ledger<K, A> {
    /// Returns the ids of all people, in order of their numbers.
    #[must_use]
    pub fn ids(&self) -> &[K] {
        self.people.ids()
    }

    /// Returns the number of people, including those who never ordered.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.people.len()
    }

    /// Returns the number of order lines.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.days.len()
    }

    /// Returns the id of a customer of this ledger.
    #[must_use]
    pub fn id(&self, customer: Customer) -> Option<&K> {
        self.ids().get(customer.index())
    }

    /// Returns the day of the first contact with a customer, if the roster has it.
    #[must_use]
    pub fn first_contact(&self, customer: Customer) -> Option<Day> {
        self.people.contact(customer.index())
    }

    /// Iterates over the order lines of a customer by day; lines of one day keep their order.
    #[must_use]
    pub fn lines(&self, customer: Customer) -> impl ExactSizeIterator<Item = Line<A>> + '_ {
        let (days, amounts) = self.columns(self.place(customer.index()));
        days.iter().zip(amounts).map(|(&day, &amount)| Line { day: Day::saturating_new(day), amount })
    }

    /// Returns the first day with an order line.
    #[must_use]
    pub fn first_day(&self) -> Option<Day> {
        self.days.iter().min().map(|&day| Day::saturating_new(day))
    }

    /// Returns the last day with an order line.
    #[must_use]
    pub fn last_day(&self) -> Option<Day> {
        self.days.iter().max().map(|&day| Day::saturating_new(day))
    }

    /// Returns the report on the data: rows read, rows refused, unusual rows.
    #[must_use]
    pub fn quality(&self) -> &DataQuality {
        &self.quality
    }

    /// Returns the refused rows, in order, up to the number that are kept.
    #[must_use]
    pub fn refused(&self) -> &[RefusedRow] {
        &self.refused
    }

    /// The place of a customer's rows; beyond all places for a stranger.
    pub(crate) fn place(&self, customer: usize) -> usize {
        self.places.get(customer).map_or(usize::MAX, |&place| place as usize)
    }

    /// Number of places, with the empty one.
    pub(crate) fn place_count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(crate) fn places(&self) -> &Arc<Vec<u32>> {
        &self.places
    }

    /// Days and amounts at one place.
    fn columns(&self, place: usize) -> (&[i32], &[A]) {
        let bounds = self.starts.get(place).zip(self.starts.get(place.wrapping_add(1)));
        let rows = bounds.map_or(0..0, |(&start, &end)| start as usize..end as usize);
        (self.days.get(rows.clone()).unwrap_or_default(), self.amounts.get(rows).unwrap_or_default())
    }

    /// The first day at one place; `None` where there is no row.
    pub(crate) fn first_day_at(&self, place: usize) -> Option<i32> {
        self.columns(place).0.first().copied()
    }

    /// Days and amounts at one place, within an observation.
    pub(crate) fn observed(&self, place: usize, observation: &Observation) -> (&[i32], &[A]) {
        let (days, amounts) = self.columns(place);
        let from = match observation.start().map(Day::since_epoch) {
            Some(start) => days.partition_point(|&day| day < start),
            None => 0,
        };
        let end = observation.end().since_epoch();
        let to = match days.last() {
            Some(&last) if last > end => days.partition_point(|&day| day <= end),
            _ => days.len(),
        };
        (days.get(from..to).unwrap_or_default(), amounts.get(from..to).unwrap_or_default())
    }

    /// A ledger of rows whose customers are already numbered.
    pub(crate) fn from_numbered(
        people: People<K>,
        customers: &[u32],
        days: &[i32],
        amounts: &[A],
    ) -> (Self, group::Tally) {
        let tag = |row: usize| customers.get(row).copied().unwrap_or(0);
        let day = |row: usize| days.get(row).copied().unwrap_or(0);
        let grouped = group::group_by_number(tag, people.len() as u32, day, amounts);
        // People without a row share the empty place behind the last.
        let mut places = vec![grouped.runs.len() as u32; people.len()];
        for (place, run) in (0..).zip(&grouped.runs) {
            if let Some(slot) = places.get_mut(tag(run.first_row as usize) as usize) {
                *slot = place;
            }
        }
        let duplicates = grouped.duplicates;
        (Ledger::from_grouped(people, grouped, places), duplicates)
    }

    /// A ledger of rows that are already together; `places` holds the number of each customer's
    /// run.
    pub(crate) fn from_grouped(people: People<K>, grouped: Grouped<A>, places: Vec<u32>) -> Self {
        let Grouped { days, amounts, runs, .. } = grouped;
        let end = days.len() as u32;
        Ledger {
            people: Arc::new(people),
            // The last two bounds are those of the empty place.
            starts: runs.iter().map(|run| run.start).chain([end, end]).collect(),
            places: Arc::new(places),
            days,
            amounts,
            quality: DataQuality::default(),
            refused: Vec::new(),
        }
    }

    pub(crate) fn with_report(mut self, quality: DataQuality, refused: Vec<RefusedRow>) -> Self {
        self.quality = quality;
        self.refused = refused;
        self
    }
}

impl<K: Eq + Hash, A> Ledger<K, A> {
    /// Returns the customer with the given id.
    #[must_use]
    pub fn find<Q: Eq + Hash + ?Sized>(&self, id: &Q) -> Option<Customer>
    where
        K: Borrow<Q>,
    {
        self.people.find(id)
    }
}

impl<K: Clone + Eq + Hash, A: Amount> Ledger<K, A> {
    /// Merges two ledgers: all people and all lines of both; the people of `self` have the first
    /// numbers.
    ///
    /// Lines of the same customer and day keep their order, those of `self` first. Findings of both
    /// ledgers are added up; duplicates across the two are found too.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyRows`].
    pub fn merge(&self, other: &Ledger<K, A>) -> Result<Ledger<K, A>, Error> {
        let rows = self.rows() + other.rows();
        if rows > LedgerBuilder::<K, A>::MAX_ROWS {
            return Err(Error::TooManyRows { limit: LedgerBuilder::<K, A>::MAX_ROWS });
        }
        let mut people = People::clone(&self.people);
        let mut customers = Vec::with_capacity(rows);
        let mut days = Vec::with_capacity(rows);
        let mut amounts = Vec::with_capacity(rows);
        for ledger in [self, other] {
            for (number, id) in ledger.ids().iter().enumerate() {
                let merged = people.intern(id, || id.clone());
                if let Some(contact) = ledger.people.contact(number) {
                    people.note_contact(merged, Some(contact));
                }
                let (run_days, run_amounts) = ledger.columns(ledger.place(number));
                customers.extend(std::iter::repeat_n(merged, run_days.len()));
                days.extend_from_slice(run_days);
                amounts.extend_from_slice(run_amounts);
            }
        }
        let (ledger, duplicates) = Ledger::from_numbered(people, &customers, &days, &amounts);
        let mut quality = self.quality.clone().and(other.quality.clone());
        quality.duplicates.count = duplicates.count;
        let refused = self.refused.iter().chain(&other.refused).cloned().collect();
        Ok(ledger.with_report(quality, refused))
    }
}

/// Two ledgers are equal when they hold the same people with the same lines, in the same order, and
/// report the same findings.
impl<K: PartialEq, A: Amount> PartialEq for Ledger<K, A> {
    fn eq(&self, other: &Self) -> bool {
        self.people == other.people
            && self.quality == other.quality
            && self.refused == other.refused
            && (0..self.customers())
                .all(|customer| self.columns(self.place(customer)) == other.columns(other.place(customer)))
    }
}

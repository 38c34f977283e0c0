use crm_history::Summaries;
use crm_numbers::{Amount, TimeUnit, check};
use hashbrown::HashMap;

use crate::coarse::{self, CoarseRow};
use crate::special::walk::Precision;
use crate::{Error, FitDiagnosis, History, models::Sample};

/// Many customers, collapsed for fitting: every distinct (frequency, recency, age) once, with the
/// number of customers it stands for.
///
/// A fit reads nothing else, so that a million customers cost what their distinct rows cost. The
/// answer is that of all rows one by one.
///
/// # Examples
///
/// ```
/// use crm_btyd::{Histories, History};
///
/// let ada = History::new(2, 3.0, 10.0)?;
/// let bob = History::new(0, 0.0, 10.0)?;
/// let histories = Histories::new([ada, bob, ada]);
/// assert_eq!((histories.customers(), histories.distinct()), (3, 2));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    groups: Vec<Group>,
    rows: Vec<Row>,
    ages: Vec<f64>,
    recencies: Vec<f64>,
    age_weights: Vec<AgeWeight>,
    customers: u64,
    unit: Option<TimeUnit>,
    ln_gap_sum: Option<f64>,
    /// How exact a likelihood of them has to be: rows that stand for several others tell its shape
    /// only.
    precision: Precision,
}

/// Rows with the same frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Group {
    pub(crate) frequency: f64,
    pub(crate) customers: f64,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Customers with the same history; times by their number in the lists of distinct times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) age: u32,
    pub(crate) recency: u32,
    pub(crate) customers: f64,
}

/// Customers of one age, and their repeat purchases.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct AgeWeight {
    pub(crate) customers: f64,
    pub(crate) purchases: f64,
}

impl Histories {
    /// Collapses one history per customer.
    #[must_use]
    pub fn new(histories: impl IntoIterator<Item = History>) -> Self {
        Histories::weighted(histories.into_iter().map(|history| (history, 1)))
    }

    /// Collapses histories that each stand for a number of customers.
    #[must_use]
    pub fn weighted(histories: impl IntoIterator<Item = (History, u32)>) -> Self {
        Histories::counted(histories.into_iter().map(|(history, customers)| (history, u64::from(customers))))
    }

    fn counted(histories: impl IntoIterator<Item = (History, u64)>) -> Self {
        // Counted as they come: memory for the distinct ones only.
        let mut counts: HashMap<Key, u64> = HashMap::new();
        for (history, customers) in histories.into_iter().filter(|row| row.1 > 0) {
            *counts.entry(Key::of(&history)).or_default() += customers;
        }
        let mut rows: Vec<(Key, u64)> = counts.into_iter().collect();
        rows.sort_unstable_by_key(|row| row.0);
        let ages = distinct(rows.iter().map(|row| row.0.age));
        let recencies = distinct(rows.iter().map(|row| row.0.recency));
        let mut collapsed = Histories {
            groups: Vec::new(),
            rows: Vec::with_capacity(rows.len()),
            age_weights: vec![AgeWeight::default(); ages.len()],
            ages,
            recencies,
            customers: rows.iter().map(|row| row.1).sum(),
            unit: None,
            ln_gap_sum: None,
            precision: Precision::Full,
        };
        for same_frequency in rows.chunk_by(|a, b| a.0.frequency == b.0.frequency) {
            collapsed.add_group(same_frequency);
        }
        collapsed
    }

    /// The buyers of a summary; remembers its unit of time, and the gaps between purchases.
    ///
    /// # Errors
    ///
    /// [`Error::RecencyWithoutRepeat`] where the summary's rules keep orders of one day apart and
    /// someone ordered twice on the first day.
    pub fn from_summaries<K, A: Amount>(summaries: &Summaries<K, A>) -> Result<Self, Error> {
        let rows = summaries.distinct();
        let histories: Result<Vec<_>, Error> = rows
            .iter()
            .map(|row| Ok((History::new(row.frequency, row.recency, row.age)?, row.customers)))
            .collect();
        let unit = Some(summaries.observation().rules().unit);
        let ln_gap_sum = summaries.ln_gap_sum();
        Ok(Histories { unit, ln_gap_sum, ..Histories::weighted(histories?) })
    }

    /// The same with the sum, over all purchases of all customers but the first of each, of the
    /// logarithm of the time since the purchase before.
    ///
    /// It is all that tells customers who buy at even intervals from others: without it, laws of
    /// different regularity ([`BgCnbd`](crate::BgCnbd)) cannot be compared by their likelihoods.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a sum above that of even gaps, which has Σ x ln(t_x / x), and for one
    /// that is not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{Histories, History};
    ///
    /// // One customer who bought again after 2 and after 5 more: ln 2 + ln 5 = ln 10.
    /// let histories = Histories::new([History::new(2, 7.0, 9.0)?]).with_ln_gap_sum(10.0_f64.ln())?;
    /// assert_eq!(histories.ln_gap_sum(), Some(10.0_f64.ln()));
    /// // No two gaps that make 7 have a product above 3.5 times 3.5.
    /// assert!(histories.with_ln_gap_sum(12.3_f64.ln()).is_err());
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    pub fn with_ln_gap_sum(mut self, sum: f64) -> Result<Self, Error> {
        let even = |(history, customers): (History, u64)| {
            let x = f64::from(history.frequency());
            if x > 0.0 { customers as f64 * x * (history.recency() / x).ln() } else { 0.0 }
        };
        let most: f64 = self.iter().map(even).sum();
        // Sums of many logarithms round.
        let most = most + 1e-9 * (1.0 + self.repeat_purchases() as f64);
        self.ln_gap_sum = Some(check::range("sum of ln gaps", sum, ..=most)?);
        Ok(self)
    }

    /// Returns the sum of the logarithms of the times between purchases, if it is known.
    #[must_use]
    pub fn ln_gap_sum(&self) -> Option<f64> {
        self.ln_gap_sum
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Returns the number of distinct histories.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.rows.len()
    }

    /// Returns the number of customers with a repeat purchase.
    #[must_use]
    pub fn repeaters(&self) -> u64 {
        self.groups.iter().filter(|group| group.frequency > 0.0).map(|group| group.customers as u64).sum()
    }

    /// Returns the number of repeat purchases of all customers.
    #[must_use]
    pub fn repeat_purchases(&self) -> u64 {
        self.groups.iter().map(|group| (group.customers * group.frequency) as u64).sum()
    }

    /// Returns the unit of time, if the histories come from a summary.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Iterates over the distinct histories, each with its number of customers.
    #[allow(
        clippy::indexing_slicing,
        reason = "rows hold ranges and indices of lists that were made with them"
    )]
    pub fn iter(&self) -> impl Iterator<Item = (History, u64)> + '_ {
        self.groups.iter().flat_map(move |group| {
            let rows = &self.rows[group.start..group.end];
            rows.iter().filter_map(move |row| {
                let (age, recency) = (self.ages[row.age as usize], self.recencies[row.recency as usize]);
                let history = History::new(group.frequency as u32, recency, age).ok()?;
                Some((history, row.customers as u64))
            })
        })
    }

    /// The longest age; 0 without customers.
    pub(crate) fn longest(&self) -> f64 {
        self.ages.last().copied().unwrap_or(0.0)
    }

    /// The mean age; 0 without customers.
    pub(crate) fn mean_age(&self) -> f64 {
        let total: f64 =
            self.ages.iter().zip(&self.age_weights).map(|(age, weight)| age * weight.customers).sum();
        total / (self.customers as f64).max(1.0)
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All rows in pieces of at most so many, each of one group.
    #[allow(clippy::indexing_slicing, reason = "groups hold ranges of the rows")]
    pub(crate) fn pieces(&self, most: usize) -> impl Iterator<Item = (&Group, &[Row])> {
        self.groups.iter().flat_map(move |group| {
            let rows = &self.rows[group.start..group.end];
            rows.chunks(most).map(move |rows| (group, rows))
        })
    }

    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// Distinct ages in ascending order.
    pub(crate) fn ages(&self) -> &[f64] {
        &self.ages
    }

    /// Distinct recencies in ascending order.
    pub(crate) fn recencies(&self) -> &[f64] {
        &self.recencies
    }

    /// Customers and purchases by age.
    pub(crate) fn age_weights(&self) -> &[AgeWeight] {
        &self.age_weights
    }

    #[allow(clippy::indexing_slicing, reason = "distinct times hold that of every row")]
    fn add_group(&mut self, rows: &[(Key, u64)]) {
        let Some(frequency) = rows.first().map(|row| f64::from(row.0.frequency)) else { return };
        let start = self.rows.len();
        let mut total = 0.0;
        let number = |times: &[f64], bits: u64| times.partition_point(|time| time.to_bits() < bits);
        for (key, customers) in rows {
            let customers = *customers as f64;
            let age = number(&self.ages, key.age);
            let weight = &mut self.age_weights[age];
            weight.customers += customers;
            weight.purchases += customers * frequency;
            let recency = number(&self.recencies, key.recency) as u32;
            self.rows.push(Row { age: age as u32, recency, customers });
            total += customers;
        }
        self.groups.push(Group { frequency, customers: total, start, end: self.rows.len() });
    }
}

/// A history as it is told from others: the bits of positive doubles are in the order of the
/// doubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    frequency: u32,
    age: u64,
    recency: u64,
}

impl Key {
    fn of(history: &History) -> Self {
        let (age, recency) = (history.age().to_bits(), history.recency().to_bits());
        Key { frequency: history.frequency(), age, recency }
    }
}

impl Sample for Histories {
    const WHAT: &'static str = "customers";

    fn customers(&self) -> u64 {
        self.customers
    }

    fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    fn diagnose(&self) -> Vec<FitDiagnosis> {
        let repeaters = self.repeaters();
        let mut doubts = FitDiagnosis::of_size(self.customers, Some(repeaters));
        let watched: f64 = self.iter().map(|(history, customers)| history.recency() * customers as f64).sum();
        let mean_gap = watched / (self.repeat_purchases() as f64).max(1.0);
        if repeaters > 0 && self.longest() < 2.0 * mean_gap {
            doubts.push(FitDiagnosis::ShortWindow { longest_age: self.longest(), mean_gap });
        }
        doubts
    }

    fn coarse(&self) -> Option<Self> {
        if self.distinct() <= coarse::FEW {
            return None;
        }
        let rows = self.iter().map(|(history, customers)| {
            let x = f64::from(history.frequency());
            CoarseRow::new(x, history.recency(), history.age(), customers as f64)
        });
        let merged = coarse::coarse(rows.collect()).into_iter().filter_map(|row| {
            let history = History::new(row.x.round() as u32, row.recency, row.age).ok()?;
            Some((history, row.customers.round() as u64))
        });
        Some(Histories { unit: self.unit, precision: Precision::Rough, ..Histories::counted(merged) })
    }
}

impl FromIterator<History> for Histories {
    fn from_iter<I: IntoIterator<Item = History>>(histories: I) -> Self {
        Histories::new(histories)
    }
}

/// Distinct times in ascending order, from their bits.
fn distinct(times: impl Iterator<Item = u64>) -> Vec<f64> {
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times.dedup();
    times.into_iter().map(f64::from_bits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(frequency: u32, recency: f64, age: f64) -> History {
        History::new(frequency, recency, age).unwrap()
    }

    #[test]
    fn equal_histories_are_one_row_with_their_number() {
        let rows = [history(1, 2.0, 5.0), history(0, 0.0, 7.0), history(1, 2.0, 5.0), history(1, 2.5, 5.0)];
        let histories: Histories = rows.into_iter().collect();
        let all: Vec<_> = histories.iter().collect();
        assert_eq!(all, [(history(0, 0.0, 7.0), 1), (history(1, 2.0, 5.0), 2), (history(1, 2.5, 5.0), 1)]);
        assert_eq!(Histories::weighted(all.iter().map(|&(row, n)| (row, n as u32))), histories);
        assert_eq!((histories.repeaters(), histories.repeat_purchases(), histories.longest()), (3, 3, 7.0));
        assert!((histories.mean_age() - 5.5).abs() < 1e-15);
    }

    #[test]
    fn nobody_is_a_history_too() {
        let histories = Histories::new([]);
        assert_eq!((histories.customers(), histories.distinct(), histories.longest()), (0, 0, 0.0));
        assert_eq!(Histories::weighted([(history(1, 2.0, 5.0), 0)]), histories);
    }
}

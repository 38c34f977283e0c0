use std::collections::BTreeMap;

use crm_numbers::{TimeUnit, check};

use crate::coarse::{self, CoarseRow};
use crate::{Error, FitDiagnosis, models::Sample};

/// History of one customer in numbered opportunities: at how many of them the customer bought
/// (frequency `x`), at which one for the last time (recency `t_x`), and how many there were (`n`).
///
/// Opportunities are numbered from 1; the first purchase of all, which made the customer one, came
/// before and is not counted.
///
/// # Examples
///
/// ```
/// use crm_btyd::opportunities::DiscreteHistory;
///
/// // Gave in the first, second and fourth of six yearly campaigns.
/// let donor = DiscreteHistory::new(3, 4, 6)?;
/// assert_eq!(DiscreteHistory::from_flags(&[true, true, false, true, false, false])?, donor);
///
/// let error = DiscreteHistory::new(5, 4, 6).unwrap_err();
/// assert_eq!(error.to_string(), "frequency 5 and recency 4 do not fit into 6 opportunities");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct DiscreteHistory {
    frequency: u32,
    recency: u32,
    opportunities: u32,
}

/// Most opportunities that a history may have: the likelihood has a term for each.
const MOST: u32 = 100_000;

impl DiscreteHistory {
    /// A customer at the moment of the first purchase: no opportunity yet.
    pub const NEW: DiscreteHistory = DiscreteHistory { frequency: 0, recency: 0, opportunities: 0 };

    /// A customer who bought at `frequency` of so many opportunities, the last time at number
    /// `recency`; 0 and 0 for never.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more than 100 000 opportunities; [`Error::DiscreteHistory`] unless
    /// frequency <= recency <= opportunities, and recency is 0 exactly where frequency is 0.
    pub fn new(frequency: u32, recency: u32, opportunities: u32) -> Result<Self, Error> {
        DiscreteHistory { frequency, recency, opportunities }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let DiscreteHistory { frequency, recency, opportunities } = self;
        check::range("number of opportunities", opportunities, 0..=MOST)?;
        if frequency > recency || recency > opportunities || (frequency == 0) != (recency == 0) {
            return Err(Error::DiscreteHistory { frequency, recency, opportunities });
        }
        Ok(self)
    }

    /// The history of a customer of whom every opportunity is known, in order: bought or not.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more than 100 000 opportunities.
    pub fn from_flags(bought: &[bool]) -> Result<Self, Error> {
        check::range("number of opportunities", bought.len(), 0..=MOST as usize)?;
        let frequency = bought.iter().filter(|bought| **bought).count();
        let recency = bought.iter().rposition(|bought| *bought).map_or(0, |place| place + 1);
        DiscreteHistory::new(frequency as u32, recency as u32, bought.len() as u32)
    }

    /// Opportunities at which the customer bought, `x`.
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// Number of the last such opportunity, `t_x`; 0 without one.
    #[must_use]
    pub fn recency(&self) -> u32 {
        self.recency
    }

    /// Opportunities seen, `n`.
    #[must_use]
    pub fn opportunities(&self) -> u32 {
        self.opportunities
    }
}

crm_numbers::gate!(DiscreteHistory, DiscreteHistory::checked);

/// Many customers with opportunities, collapsed for fitting: every distinct history once, with the
/// number of customers it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiscreteHistories {
    rows: Vec<(DiscreteHistory, u64)>,
}

impl DiscreteHistories {
    /// Collapses one history per customer.
    #[must_use]
    pub fn new(histories: impl IntoIterator<Item = DiscreteHistory>) -> Self {
        DiscreteHistories::weighted(histories.into_iter().map(|history| (history, 1)))
    }

    /// Collapses histories that each stand for a number of customers.
    #[must_use]
    pub fn weighted(histories: impl IntoIterator<Item = (DiscreteHistory, u32)>) -> Self {
        let mut counts: BTreeMap<DiscreteHistory, u64> = BTreeMap::new();
        for (history, customers) in histories.into_iter().filter(|row| row.1 > 0) {
            *counts.entry(history).or_default() += u64::from(customers);
        }
        DiscreteHistories { rows: counts.into_iter().collect() }
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.rows.iter().map(|row| row.1).sum()
    }

    /// Returns the number of distinct histories.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.rows.len()
    }

    /// Customers who bought at one opportunity at least.
    #[must_use]
    pub fn repeaters(&self) -> u64 {
        self.rows.iter().filter(|row| row.0.frequency > 0).map(|row| row.1).sum()
    }

    /// Iterates over the distinct histories, each with its number of customers.
    pub fn iter(&self) -> impl Iterator<Item = (DiscreteHistory, u64)> + '_ {
        self.rows.iter().copied()
    }

    /// Purchases per opportunity of all customers, and per opportunity up to the last purchase of
    /// each; one half without opportunities.
    pub(super) fn mean_shares(&self) -> (f64, f64) {
        let sum = |of: fn(&DiscreteHistory) -> u32| -> f64 {
            self.rows.iter().map(|row| f64::from(of(&row.0)) * row.1 as f64).sum()
        };
        let bought = sum(DiscreteHistory::frequency);
        let share = |seen: f64| if seen > 0.0 { bought / seen } else { 0.5 };
        (share(sum(DiscreteHistory::opportunities)), share(sum(DiscreteHistory::recency)))
    }
}

impl FromIterator<DiscreteHistory> for DiscreteHistories {
    fn from_iter<I: IntoIterator<Item = DiscreteHistory>>(histories: I) -> Self {
        DiscreteHistories::new(histories)
    }
}

impl Sample for DiscreteHistories {
    const WHAT: &'static str = "customers";

    fn customers(&self) -> u64 {
        self.customers()
    }

    fn unit(&self) -> Option<TimeUnit> {
        None
    }

    fn diagnose(&self) -> Vec<FitDiagnosis> {
        FitDiagnosis::of_size(self.customers(), Some(self.repeaters()))
    }

    fn coarse(&self) -> Option<Self> {
        if self.distinct() <= coarse::FEW {
            return None;
        }
        let rows = self.iter().map(|(history, customers)| {
            let x = f64::from(history.frequency());
            CoarseRow::new(x, history.recency().into(), f64::from(history.opportunities()), customers as f64)
        });
        let mut counts: BTreeMap<DiscreteHistory, u64> = BTreeMap::new();
        for row in coarse::coarse(rows.collect()) {
            let [x, recency, n] = [row.x, row.recency, row.age].map(|mean| mean.round() as u32);
            if let Ok(history) = DiscreteHistory::new(x, recency.max(x), n.max(recency)) {
                *counts.entry(history).or_default() += row.customers.round() as u64;
            }
        }
        Some(DiscreteHistories { rows: counts.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_have_done_is_refused() {
        for (x, t, n) in [(2, 1, 6), (1, 7, 6), (0, 3, 6), (1, 0, 6)] {
            let message = DiscreteHistory::new(x, t, n).unwrap_err().to_string();
            let expected = format!("frequency {x} and recency {t} do not fit into {n} opportunities");
            assert_eq!(message, expected);
        }
        let message = DiscreteHistory::new(1, 1, 100_001).unwrap_err().to_string();
        assert_eq!(message, "number of opportunities must be between 0 and 100000, got 100001");
        assert_eq!(DiscreteHistory::from_flags(&[]), Ok(DiscreteHistory::NEW));
        assert_eq!(DiscreteHistory::from_flags(&[false; 4]), DiscreteHistory::new(0, 0, 4));
    }

    #[test]
    fn equal_histories_are_one_row() {
        let history = |x, t| DiscreteHistory::new(x, t, 6).unwrap();
        let rows = DiscreteHistories::new([history(2, 3), history(0, 0), history(2, 3)]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [(history(0, 0), 1), (history(2, 3), 2)]);
        assert_eq!((rows.customers(), rows.distinct(), rows.repeaters()), (3, 2, 2));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn no_text_makes_a_history_that_the_constructor_refuses() {
        let text = serde_json::to_string(&DiscreteHistory::new(1, 2, 4).unwrap()).unwrap();
        assert_eq!(text, r#"{"frequency":1,"recency":2,"opportunities":4}"#);
        assert!(serde_json::from_str::<DiscreteHistory>(&text.replace("4", "1")).is_err());
    }
}

use crate::account::periods_between;
use crate::{Amount, Summaries};

/// Customers whom a model of purchase times cannot tell apart, with their number.
///
/// A likelihood over a million customers is a weighted sum over the few that differ.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Distinct {
    /// Number of repeat purchases, `x`.
    pub frequency: u32,
    /// Time from the first to the last purchase, `t_x`, in the unit of the rules.
    pub recency: f64,
    /// Time from the first purchase to the end of the observation, `T`, in the unit of the rules.
    pub age: f64,
    /// Number of such customers.
    pub customers: u32,
}

impl<K, A: Amount> Summaries<K, A> {
    /// Returns the distinct triples (frequency, recency, age), each with its number of customers,
    /// in ascending order.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::{Ledger, NaiveDate, Observation};
    ///
    /// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).unwrap();
    /// let ledger = Ledger::from_rows([("ada", day(1), 1_i64), ("bob", day(1), 2), ("eve", day(3), 3)])?;
    /// let distinct = ledger.summarize(&Observation::until(day(31)))?.distinct();
    /// assert_eq!(distinct.iter().map(|row| (row.age, row.customers)).collect::<Vec<_>>(), [(28.0, 1), (30.0, 2)]);
    /// # Ok::<(), crm_history::Error>(())
    /// ```
    #[must_use]
    pub fn distinct(&self) -> Vec<Distinct> {
        let rules = self.observation().rules();
        let (period, end) = (rules.period(), self.observation().end().since_epoch());
        let mut rows: Vec<(u32, u64)> = self
            .accounts()
            .iter()
            .filter_map(|account| {
                let frequency = account.purchases.checked_sub(1)?;
                let age = periods_between(account.first_day, end, period);
                let recency = match frequency {
                    0 => 0,
                    _ => periods_between(account.first_day, account.last_day, period),
                };
                // Neither is negative: purchases come in order, and none is after the end.
                Some((frequency, u64::from(age.unsigned_abs()) << 32 | u64::from(recency.unsigned_abs())))
            })
            .collect();
        rows.sort_unstable();
        let length =
            |periods: u64| periods as f64 * rules.period().length_in_days() / rules.unit.length_in_days();
        let same = |a: &(u32, u64), b: &(u32, u64)| a == b;
        rows.chunk_by(same)
            .filter_map(|chunk| {
                let &(frequency, times) = chunk.first()?;
                Some(Distinct {
                    frequency,
                    recency: length(times & 0xffff_ffff),
                    age: length(times >> 32),
                    customers: chunk.len() as u32,
                })
            })
            .collect()
    }
}

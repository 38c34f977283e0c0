use std::fmt::Debug;

use crm_history::{Ledger, Observation, Split};
use crm_numbers::{Amount, TimeUnit, check};

use super::bins::FrequencyGroup;
use crate::{Error, Histories, History, Horizon, fit::CountInterval};

/// A history cut in two: what was known of each customer at the cut, and how many purchases came
/// after it.
///
/// Models are fitted to the first part and judged by the second, which they have not seen.
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, Horizon, validation::Holdout};
///
/// // Two customers of a year ago: one bought three times since, the other did not come back.
/// let holdout = Holdout::new(
///     [(History::new(2, 30.0, 39.0)?, 3), (History::new(0, 0.0, 35.0)?, 0)],
///     Horizon::new(52.0)?,
/// )?;
/// assert_eq!((holdout.customers().len(), holdout.actual()), (2, &[3, 0][..]));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Holdout {
    customers: Vec<History>,
    actual: Vec<u32>,
    calibration: Histories,
    horizon: Horizon,
}

/// Fewer origins say how one cut went, not how forecasts go.
const ENOUGH_ORIGINS: u32 = 3;

impl Holdout {
    /// One history and one number of purchases a customer, for a holdout of that length.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers, and for a holdout without a length.
    pub fn new(rows: impl IntoIterator<Item = (History, u32)>, horizon: Horizon) -> Result<Self, Error> {
        let (customers, actual): (Vec<History>, Vec<u32>) = rows.into_iter().unzip();
        let calibration = customers.iter().copied().collect();
        Holdout::checked(Holdout { customers, actual, calibration, horizon })
    }

    /// Everybody who bought before the cut of a ledger; remembers its unit of time.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Error::RecencyWithoutRepeat`] where the rules keep orders of
    /// one day apart.
    pub fn from_split<K, A: Amount>(split: &Split<K, A>) -> Result<Self, Error> {
        let horizon = Horizon::new(split.holdout_length())?;
        let calibration = Histories::from_summaries(split.calibration())?;
        let rows: Result<Vec<_>, Error> = split
            .outcomes()
            .map(|outcome| Ok((History::from_summary(&outcome.calibration)?, outcome.purchases)))
            .collect();
        let (customers, actual) = rows?.into_iter().unzip();
        Holdout::checked(Holdout { customers, actual, calibration, horizon })
    }

    /// Several cuts of one ledger, each followed by a holdout of `length` days and `step` days
    /// apart, the earliest first; the last holdout ends with the observation.
    ///
    /// One cut may have met a good or a bad season; rolling origins show how forecasts go from any
    /// day on.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than three origins, and for a length or a step of no day;
    /// [`Error::History`] where a cut cannot be made; as [`new`](Self::new) where nobody had bought
    /// before it.
    pub fn rolling<K: Debug + Sync + Send, A: Amount>(
        ledger: &Ledger<K, A>,
        observation: &Observation,
        origins: u32,
        length: u32,
        step: u32,
    ) -> Result<Vec<Self>, Error> {
        check::range("number of origins", origins, ENOUGH_ORIGINS..=10_000)?;
        let length = check::range("days of a holdout", length, 1..=100_000)? as i32;
        let step = check::range("days between origins", step, 1..=100_000)? as i32;
        (0..origins as i32)
            .rev()
            .map(|later| {
                let end = observation.end().saturating_add(-later.saturating_mul(step));
                let mut until = Observation::until(end).with_rules(*observation.rules());
                if let Some(start) = observation.start() {
                    until = until.with_start(start)?;
                }
                let split = ledger.split(&until, end.saturating_add(-length))?;
                Holdout::from_split(&split)
            })
            .collect()
    }

    fn checked(self) -> Result<Self, Error> {
        check::not_empty("customers", &self.customers)?;
        check::range("length of the holdout", self.horizon.get(), check::above(0.0))?;
        Ok(self)
    }

    /// Returns the history of each customer at the cut.
    #[must_use]
    pub fn customers(&self) -> &[History] {
        &self.customers
    }

    /// Returns the number of purchases of each customer after the cut.
    #[must_use]
    pub fn actual(&self) -> &[u32] {
        &self.actual
    }

    /// Returns the histories that models are fitted to.
    #[must_use]
    pub fn calibration(&self) -> &Histories {
        &self.calibration
    }

    /// Returns the length of the holdout.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// The unit of time, where the holdout comes from a ledger.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.calibration.unit()
    }

    /// Mean prediction and mean purchases by the number of repeat purchases before the cut; the
    /// last group holds those with `most` and more.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is a prediction for everybody.
    pub fn by_frequency(&self, predicted: &[f64], most: u32) -> Result<Vec<FrequencyGroup>, Error> {
        self.check_length(predicted.len())?;
        let mut groups = std::collections::BTreeMap::<u32, (u64, f64, f64)>::new();
        for ((history, &predicted), &actual) in self.customers.iter().zip(predicted).zip(&self.actual) {
            let group = groups.entry(history.frequency().min(most)).or_default();
            group.0 += 1;
            group.1 += predicted;
            group.2 += f64::from(actual);
        }
        let group = |(frequency, (customers, predicted, actual)): (u32, (u64, f64, f64))| {
            let n = customers as f64;
            FrequencyGroup { frequency, customers, predicted: predicted / n, actual: actual / n }
        };
        Ok(groups.into_iter().map(group).collect())
    }

    /// Counts the customers whose purchases lie within their predictive intervals; customers
    /// without an interval are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is a place for everybody.
    pub fn coverage(&self, intervals: &[Option<CountInterval>]) -> Result<Coverage, Error> {
        self.check_length(intervals.len())?;
        let mut coverage = Coverage { customers: 0, below: 0, within: 0, above: 0 };
        for (interval, &actual) in intervals.iter().zip(&self.actual) {
            let Some(interval) = interval else { continue };
            coverage.customers += 1;
            match actual {
                n if n < interval.lower => coverage.below += 1,
                n if n > interval.upper => coverage.above += 1,
                _ => coverage.within += 1,
            }
        }
        Ok(coverage)
    }

    fn check_length(&self, predicted: usize) -> Result<(), Error> {
        Ok(check::length("predictions", predicted, self.actual.len())?)
    }
}

/// Share of outcomes within their intervals.
///
/// Counts are whole numbers, so that honest intervals at 90 % hold 90 % *or more* of the customers:
/// for someone who will hardly come back, 0 to 0 already does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Coverage {
    /// Customers with an interval.
    pub customers: u64,
    /// Those who bought less than the interval says.
    pub below: u64,
    /// Those whose purchases lie within.
    pub within: u64,
    /// Those who bought more.
    pub above: u64,
}

impl Coverage {
    /// Share of the customers within; `None` without customers.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.within as f64 / self.customers as f64)
    }
}

#[cfg(test)]
mod tests {
    use crm_history::{NaiveDate, SummaryRules};

    use super::*;

    #[test]
    fn a_holdout_needs_customers_and_a_length() {
        let history = History::new(1, 2.0, 5.0).unwrap();
        let nobody = Holdout::new([], Horizon::new(1.0).unwrap()).unwrap_err().to_string();
        assert!(nobody.starts_with("customers must not be empty"), "{nobody}");
        let short = Holdout::new([(history, 1)], Horizon::new(0.0).unwrap()).unwrap_err().to_string();
        assert!(short.starts_with("length of the holdout must be greater than 0"), "{short}");
    }

    #[test]
    fn groups_by_frequency_hold_everybody() {
        let history = |x: u32| History::new(x, f64::from(x), 9.0).unwrap();
        let rows = [(history(0), 0), (history(0), 1), (history(2), 2), (history(5), 4)];
        let holdout = Holdout::new(rows, Horizon::new(9.0).unwrap()).unwrap();
        let groups = holdout.by_frequency(&[0.5, 0.5, 1.0, 4.0], 2).unwrap();
        let flat: Vec<_> = groups.iter().map(|g| (g.frequency, g.customers, g.predicted, g.actual)).collect();
        assert_eq!(flat, [(0, 2, 0.5, 0.5), (2, 2, 2.5, 3.0)]);
        assert!(holdout.by_frequency(&[0.5], 2).is_err());
    }

    #[test]
    fn origins_roll_to_the_end_and_no_holdout_reaches_beyond_it() {
        let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
        let rows = (1..=12).map(|m| ("ada", day(m, 10), 1.0));
        let ledger = Ledger::from_rows(rows).unwrap();
        let rules = SummaryRules::default().with_unit(TimeUnit::Week);
        let observation = Observation::until(day(12, 31)).with_rules(rules);
        let holdouts = Holdout::rolling(&ledger, &observation, 3, 91, 91).unwrap();
        // Three quarters of 13 weeks with three purchases each; the calibration grows.
        let seen: Vec<_> = holdouts.iter().map(|h| (h.customers()[0].frequency(), h.actual()[0])).collect();
        assert_eq!(seen, [(2, 3), (5, 3), (8, 3)]);
        assert_eq!((holdouts[0].horizon().get(), holdouts[0].unit()), (13.0, Some(TimeUnit::Week)));

        let few = Holdout::rolling(&ledger, &observation, 2, 91, 91).unwrap_err().to_string();
        assert_eq!(few, "number of origins must be between 3 and 10000, got 2");
        let early = Holdout::rolling(&ledger, &observation, 9, 91, 91).unwrap_err().to_string();
        assert!(early.starts_with("customers must not be empty"), "{early}");
    }
}

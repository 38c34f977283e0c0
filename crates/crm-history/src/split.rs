//! Calibration and holdout.

use std::fmt::{self, Debug};

use crm_numbers::text::Plain;

use crate::account::periods_between;
use crate::{Amount, Customer, Day, Error, Ledger, Observation, Summaries, Summary};

/// A history cut in two: the calibration, from which a model learns, and the holdout, by which it
/// is judged.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate, Observation};
///
/// let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
/// let ledger = Ledger::from_rows([
///     ("ada", day(1, 5), 10.0),
///     ("ada", day(2, 9), 12.0),
///     ("bob", day(1, 7), 8.0),
///     ("eve", day(3, 1), 9.0), // first purchase in the holdout: set aside
/// ])?;
/// let split = ledger.split(&Observation::until(day(3, 31)), day(1, 31))?;
/// let purchases: Vec<_> = split.outcomes().map(|outcome| (*outcome.id, outcome.purchases)).collect();
/// assert_eq!(purchases, [("ada", 1), ("bob", 0)]);
/// assert_eq!(split.born_in_holdout(), 1);
/// assert_eq!(split.holdout_length(), 60.0); // days of February and March 2024
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Split<K, A: Amount> {
    calibration: Summaries<K, A>,
    holdout: Summaries<K, A>,
}

/// The holdout purchases of a customer of the calibration.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct HoldoutOutcome<'a, K, A> {
    /// The customer.
    pub customer: Customer,
    /// Id of the customer.
    pub id: &'a K,
    /// Summary at the end of the calibration.
    pub calibration: Summary<A>,
    /// Number of purchases in the holdout; the first of them is a repeat purchase already.
    pub purchases: u32,
    /// Spend in the holdout; refunds count against purchases of the calibration too.
    pub spend: A,
}

impl<K: Debug, A: Amount> Debug for HoldoutOutcome<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoldoutOutcome")
            .field("customer", &self.customer)
            .field("id", &self.id)
            .field("calibration", &self.calibration)
            .field("purchases", &self.purchases)
            .field("spend", &Plain(&self.spend))
            .finish()
    }
}

impl<K: Debug + Sync + Send, A: Amount> Ledger<K, A> {
    /// Cuts an observation after `calibration_end`: a calibration up to that day, a holdout from
    /// the next day to the end of the observation.
    ///
    /// # Errors
    ///
    /// [`Error::CalibrationEnd`] unless the cut is before the end; [`Error::CutInsidePeriod`] if
    /// purchases of a week or month count as one and the cut would split one; [`Error::Overflow`].
    pub fn split(
        &self,
        observation: &Observation,
        calibration_end: impl Into<Day>,
    ) -> Result<Split<K, A>, Error> {
        let (calibration_end, end) = (calibration_end.into(), observation.end());
        if calibration_end >= end {
            return Err(Error::CalibrationEnd { calibration_end, end });
        }
        observation.check_cut(calibration_end)?;
        let mut calibration = Observation::until(calibration_end).with_rules(*observation.rules());
        if let Some(start) = observation.start() {
            calibration = calibration.with_start(start)?;
        }
        let holdout = observation.with_start(calibration_end.saturating_add(1))?;
        Ok(Split { calibration: self.summarize(&calibration)?, holdout: self.summarize(&holdout)? })
    }
}

impl<K, A: Amount> Split<K, A> {
    /// Returns the summaries up to the cut.
    #[must_use]
    pub fn calibration(&self) -> &Summaries<K, A> {
        &self.calibration
    }

    /// Returns the summaries after the cut, as if every history began there.
    #[must_use]
    pub fn holdout(&self) -> &Summaries<K, A> {
        &self.holdout
    }

    /// Returns the length of the holdout in the unit of the rules.
    #[must_use]
    pub fn holdout_length(&self) -> f64 {
        let rules = self.holdout.observation().rules();
        let from = self.calibration.observation().end().since_epoch();
        let to = self.holdout.observation().end().since_epoch();
        f64::from(periods_between(from, to, rules.period())) * rules.units_per_period()
    }

    /// Iterates over the customers with a purchase before the cut, with their purchases after it.
    pub fn outcomes(&self) -> impl Iterator<Item = HoldoutOutcome<'_, K, A>> + '_ {
        self.calibration.buyers().map(|(customer, id, calibration)| HoldoutOutcome {
            customer,
            id,
            calibration,
            purchases: self.holdout.purchases(customer),
            spend: self.holdout.spend(customer),
        })
    }

    /// Returns the number of customers whose first purchase is in the holdout; they are in no
    /// outcome.
    #[must_use]
    pub fn born_in_holdout(&self) -> usize {
        self.holdout.buyers().filter(|&(customer, ..)| self.calibration.purchases(customer) == 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SamePeriod, SummaryRules, TimeUnit};

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    fn ledger() -> Ledger<&'static str, i64> {
        let days = [10, 20, 30, 40].map(day);
        Ledger::from_columns(&["ada", "ada", "ada", "bob"], &days, &[100, 200, -50, 70]).unwrap()
    }

    #[test]
    fn a_cut_at_or_after_the_end_is_refused() {
        let error = ledger().split(&Observation::until(day(30)), day(30)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "calibration ends on 1970-01-31, not before the end of the observation 1970-01-31"
        );
    }

    #[test]
    fn a_cut_before_every_order_leaves_nobody_to_judge() {
        let split = ledger().split(&Observation::until(day(50)), day(5)).unwrap();
        assert_eq!((split.outcomes().count(), split.born_in_holdout()), (0, 2));
    }

    #[test]
    fn a_refund_in_the_holdout_is_no_purchase_and_reduces_the_spend() {
        let split = ledger().split(&Observation::until(day(50)), day(15)).unwrap();
        let ada = split.outcomes().next().unwrap();
        assert_eq!((ada.purchases, ada.spend), (1, 150));
        let split = ledger().split(&Observation::until(day(50)), day(25)).unwrap();
        let ada = split.outcomes().next().unwrap();
        assert_eq!((ada.purchases, ada.spend), (0, -50));
    }

    #[test]
    fn weeks_are_not_split() {
        let weeks = SummaryRules::default()
            .with_unit(TimeUnit::Week)
            .with_same_period(SamePeriod::Merged(TimeUnit::Week));
        let observation = Observation::until(day(45)).with_rules(weeks);
        let error = ledger().split(&observation, day(15)).unwrap_err().to_string();
        assert_eq!(
            error,
            "cut at 1970-01-16 is inside the period 1970-01-12; cut at its last day 1970-01-18"
        );
        assert_eq!(
            ledger().split(&observation, day(17)).unwrap().holdout_length().to_bits(),
            4.0_f64.to_bits()
        );
    }
}

//! Purchases over time.

use std::fmt::Debug;

use crm_numbers::check;

use crate::account::walk;
use crate::summary::overflow;
use crate::{Amount, Day, Error, Ledger, Observation};

/// Number of purchases in one step of a grid of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TrackingPoint {
    /// Last day of the step.
    pub end: Day,
    /// Number of first purchases.
    pub first_purchases: u64,
    /// Number of repeat purchases.
    pub repeat_purchases: u64,
}

impl<K: Debug, A: Amount> Ledger<K, A> {
    /// Counts purchases over time by the rules of a summary, for comparison with the forecast of a
    /// model.
    ///
    /// The grid begins on the first day with an order (or on the start of the observation) and has
    /// steps of `days_per_step` days until the end of the observation, where the last step may be
    /// shorter. A merged purchase counts on the day of its first order.
    ///
    /// # Errors
    ///
    /// [`Error::NoOrders`] for a ledger without orders, [`Error::Input`] for steps of 0 days,
    /// [`Error::TooManySteps`] for more than a million steps, [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::{Ledger, NaiveDate, Observation};
    ///
    /// let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).unwrap();
    /// let ledger = Ledger::from_rows([("ada", day(1), 5_i64), ("ada", day(9), 5), ("bob", day(10), 5)])?;
    /// let weeks = ledger.purchases_over_time(&Observation::until(day(14)), 7)?;
    /// let counts: Vec<_> = weeks.iter().map(|week| (week.first_purchases, week.repeat_purchases)).collect();
    /// assert_eq!(counts, [(1, 0), (1, 1)]);
    /// # Ok::<(), crm_history::Error>(())
    /// ```
    pub fn purchases_over_time(
        &self,
        observation: &Observation,
        days_per_step: u32,
    ) -> Result<Vec<TrackingPoint>, Error> {
        check::range("days per step", days_per_step, 1..)?;
        let end = observation.end();
        let first = observation.start().or(self.first_day()).filter(|first| *first <= end);
        let first = first.ok_or(Error::NoOrders)?;
        /// Daily steps of more than 2 700 years are no grid to look at.
        const MAX_STEPS: u64 = 1_000_000;
        let step_of = |day: i32| (i64::from(day) - i64::from(first.since_epoch())) / i64::from(days_per_step);
        let count = step_of(end.since_epoch()).unsigned_abs() + 1;
        if count > MAX_STEPS {
            let (last, limit) = (end, MAX_STEPS);
            return Err(Error::TooManySteps { days_per_step, steps: count, first, last, limit });
        }
        let mut steps: Vec<TrackingPoint> = (0..=step_of(end.since_epoch()))
            .map(|step| {
                let last = i64::from(first.since_epoch()) + (step + 1) * i64::from(days_per_step) - 1;
                let last = i32::try_from(last).map_or(end, Day::saturating_new);
                TrackingPoint { end: last.min(end), first_purchases: 0, repeat_purchases: 0 }
            })
            .collect();
        for (customer, id) in self.ids().iter().enumerate() {
            let (days, amounts) = self.observed(self.place(customer), observation);
            let mut bought = false;
            walk(days, amounts, observation.rules(), |event| {
                let step = event.days.and_then(|(day, _)| steps.get_mut(step_of(day) as usize));
                if let Some(step) = step {
                    *if bought { &mut step.repeat_purchases } else { &mut step.first_purchases } += 1;
                    bought = true;
                }
                Ok(())
            })
            .map_err(|what| overflow(id, what))?;
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    #[test]
    fn a_step_longer_than_the_calendar_holds_everything() {
        let ledger = Ledger::from_columns(&[1_u32, 1], &[3, 17].map(day), &[1_i64, 1]).unwrap();
        let steps = ledger.purchases_over_time(&Observation::until(day(20)), u32::MAX).unwrap();
        assert_eq!(steps, [TrackingPoint { end: day(20), first_purchases: 1, repeat_purchases: 1 }]);
    }

    #[test]
    fn steps_cover_the_observation_and_no_more() {
        let ledger = Ledger::from_columns(&[1_u32, 1, 2], &[3, 17, 9].map(day), &[1_i64, 1, 1]).unwrap();
        let ends = |end| -> Vec<i32> {
            let steps = ledger.purchases_over_time(&Observation::until(day(end)), 7).unwrap();
            steps.iter().map(|step| step.end.since_epoch()).collect()
        };
        assert_eq!(ends(9), [9]);
        assert_eq!(ends(10), [9, 10]);
        assert_eq!(ends(20), [9, 16, 20]);
    }

    #[test]
    fn an_empty_grid_and_a_step_of_nothing_are_errors() {
        let ledger = Ledger::from_columns(&[1_u32], &[day(3)], &[1_i64]).unwrap();
        assert_eq!(ledger.purchases_over_time(&Observation::until(day(2)), 7), Err(Error::NoOrders));
        let error = ledger.purchases_over_time(&Observation::until(day(9)), 0).unwrap_err();
        assert_eq!(error.to_string(), "days per step must be at least 1, got 0");
        let ages = Ledger::from_columns(&[1_u32, 1], &[Day::MIN, day(3)], &[1_i64, 1]).unwrap();
        let error = ages.purchases_over_time(&Observation::until(Day::MAX), 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 days per step give 191491529 steps from -262143-01-01 to +262142-12-31, more than 1000000"
        );
    }

    #[test]
    fn purchases_are_those_of_the_summary() {
        let days = [3, 3, 10, 10, 25, 40].map(day);
        let ledger = Ledger::from_columns(&[1_u32, 1, 1, 2, 2, 3], &days, &[1_i64, 2, 3, 4, -5, 6]).unwrap();
        let observation = Observation::until(day(30));
        let steps = ledger.purchases_over_time(&observation, 5).unwrap();
        let summaries = ledger.summarize(&observation).unwrap();
        let repeat: u32 = summaries.buyers().map(|(.., summary)| summary.frequency).sum();
        assert_eq!(steps.iter().map(|step| step.repeat_purchases).sum::<u64>(), u64::from(repeat));
        assert_eq!(steps.iter().map(|step| step.first_purchases).sum::<u64>(), 2);
    }
}

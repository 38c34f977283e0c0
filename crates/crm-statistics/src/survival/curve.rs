//! The survival curve of Kaplan and Meier.

use super::Lifetimes;
use crm_numbers::{Interval, Level, check};

use crate::Error;

/// Confidence limits of a survival curve.
///
/// # Formula
///
/// With S the estimate, z of the level and G the sum of `d / (n (n - d))` over the losses so far, d
/// of n customers each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Limits {
    /// `S -+ z S sqrt(G)`, cut at 0 and 1: the textbook interval, too short in small samples.
    Greenwood,
    /// `S^exp(-+ z sqrt(G) / ln S)`: symmetric in ln(-ln S), never outside 0 and 1. The default.
    #[default]
    LogLog,
}

crm_numbers::names! {
    Limits, "kind of limits" {
        Greenwood = "greenwood",
        LogLog = "log_log",
    }
}

/// A step of a survival curve: a time at which customers were lost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SurvivalStep {
    /// Time since the start of the relationship.
    pub time: f64,
    /// Number of customers at risk just before `time`.
    pub at_risk: u64,
    /// Number of customers lost at `time`.
    pub losses: u64,
    /// Share of customers who stay longer: `S(t)`.
    pub survival: f64,
    /// Greenwood's sum of `d / (n (n - d))` up to `time`; the sum before the last loss if no
    /// customer is left.
    pub greenwood: f64,
}

/// The time by which a share of customers is lost, with confidence limits; `None` where the curve
/// does not come down that far.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct QuantileRange {
    /// Time at which the lower limit of the curve comes down to the share that stays.
    pub lower: Option<f64>,
    /// Time at which the curve comes down to that share.
    pub estimate: Option<f64>,
    /// Time at which the upper limit of the curve comes down to that share.
    pub upper: Option<f64>,
}

/// A survival curve: the Kaplan-Meier estimate of the share of customers who stay longer than t.
///
/// # Formula
///
/// `S(t) = product over losses up to t of (1 - d / n)`, with d customers lost of n at risk at each
/// time of a loss.
///
/// # References
///
/// Kaplan, E. L. and Meier, P. (1958), "Nonparametric Estimation from Incomplete Observations",
/// JASA 53, 457-481; Greenwood, M. (1926) for the variance `S^2 G`.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    steps: Vec<SurvivalStep>,
    last: f64,
}

/// Largest difference that counts as rounding where a curve comes down to a share.
const ROUNDING: f64 = 1e-12;

impl Lifetimes {
    /// Returns the Kaplan-Meier estimate of the share of customers who stay longer than t.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_statistics::survival::Lifetimes;
    ///
    /// // Of 4 customers one is lost at 1; of the 2 still observed at 3 another one.
    /// let curve = Lifetimes::new(&[1, 2, 3, 4], &[true, false, true, false])?.kaplan_meier();
    /// assert_eq!([0.5, 1.0, 3.0].map(|time| curve.at(time)), [1.0, 0.75, 0.375]);
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    #[must_use]
    pub fn kaplan_meier(&self) -> Curve {
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let mut steps = Vec::with_capacity(self.times_of_losses().count());
        for (at_risk, exit) in self.risks() {
            if exit.losses == 0 {
                continue;
            }
            let (n, stay) = (at_risk as f64, (at_risk - exit.losses) as f64);
            survival *= stay / n;
            if stay > 0.0 {
                greenwood += exit.losses as f64 / (n * stay);
            }
            steps.push(SurvivalStep { time: exit.time, at_risk, losses: exit.losses, survival, greenwood });
        }
        Curve { steps, last: self.last() }
    }
}

impl Curve {
    /// Returns the steps of the curve, one per time of a loss, in ascending order.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// Returns the longest time that any customer was observed; beyond it the curve is constant.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.last
    }

    /// Returns the share of customers who stay longer than `time`.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        self.step(time).map_or(1.0, |step| step.survival)
    }

    /// Returns Greenwood's standard error of that share, `S sqrt(G)`; 0 where the share is 0 or 1.
    #[must_use]
    pub fn standard_error(&self, time: f64) -> f64 {
        self.step(time).map_or(0.0, |step| step.survival * step.greenwood.sqrt())
    }

    /// Returns the share of customers who stay longer than `time`, with pointwise confidence
    /// limits.
    ///
    /// If every customer observed is lost, neither formula applies; the lower limit is then 0 and
    /// the upper one that of the last step before.
    #[must_use]
    pub fn interval(&self, time: f64, limits: Limits, level: Level) -> Interval {
        let after = self.steps.partition_point(|step| step.time <= time);
        let estimate = self.at(time);
        let (lower, upper) = self.limits(after, limits, level.z());
        Interval::new(lower, estimate, upper, level)
    }

    /// Returns the time by which half of the customers are lost; `None` if more than half stay.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.first_at_most(0.5)
    }

    /// Returns the time by which a share of customers is lost, with confidence limits: the smallest
    /// t with `S(t) <= 1 - share`.
    ///
    /// The limits are the times at which the limits of the curve come down to that share.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `0 < share < 1`.
    ///
    /// # References
    ///
    /// Brookmeyer, R. and Crowley, J. (1982), "A Confidence Interval for the Median Survival Time",
    /// Biometrics 38, 29-41.
    pub fn quantile(&self, share: f64, limits: Limits, level: Level) -> Result<QuantileRange, Error> {
        check::range("share", share, check::strictly_between(0.0, 1.0))?;
        let (stays, z) = (1.0 - share, level.z());
        let first = |limit: fn((f64, f64)) -> f64| {
            let mut steps = self.steps.iter().enumerate();
            let reached = |after: usize| limit(self.limits(after + 1, limits, z)) <= stays + ROUNDING;
            steps.find(|(at, _)| reached(*at)).map(|(_, step)| step.time)
        };
        Ok(QuantileRange {
            lower: first(|(lower, _)| lower),
            estimate: self.first_at_most(stays),
            upper: first(|(_, upper)| upper),
        })
    }

    /// Returns the mean time that customers stay, up to `horizon`: the area under the curve.
    ///
    /// # Formula
    ///
    /// `mean = integral of S from 0 to horizon`; its variance is the sum over losses of `A^2 d / (n
    /// (n - d))` with A the area from that loss to the horizon; the limits are `mean -+ z
    /// sqrt(variance)`, cut at 0 and the horizon.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `0 < horizon`, and, while customers are left, at most
    /// [`last`](Self::last).
    ///
    /// # References
    ///
    /// Klein, J. P. and Moeschberger, M. L. (2003), "Survival Analysis", second edition, equations
    /// 4.5.1 and 4.5.2.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::Level;
    /// use crm_statistics::survival::Lifetimes;
    ///
    /// let curve = Lifetimes::new(&[1, 2, 3, 4], &[true, false, true, false])?.kaplan_meier();
    /// // 1 x 1 + 2 x 0.75 + 1 x 0.375
    /// assert_eq!(curve.restricted_mean(4.0, Level::default())?.estimate, 2.875);
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    pub fn restricted_mean(&self, horizon: f64, level: Level) -> Result<Interval, Error> {
        let ended = self.steps.last().is_some_and(|step| step.survival <= 0.0);
        // Where customers are left, nothing is known of the time after the longest one observed.
        let longest = if ended { f64::MAX } else { self.last };
        check::range("horizon", horizon, check::above_to(0.0, longest))?;
        // From the horizon backwards, so that the area behind each loss is at hand.
        let within = self.steps.partition_point(|step| step.time < horizon);
        let (mut end, mut area, mut variance) = (horizon, 0.0, 0.0);
        for step in self.steps.iter().take(within).rev() {
            area += step.survival * (end - step.time);
            end = step.time;
            let (n, stay) = (step.at_risk as f64, (step.at_risk - step.losses) as f64);
            if stay > 0.0 {
                variance += area * area * step.losses as f64 / (n * stay);
            }
        }
        let mean = area + end;
        let half = level.z() * variance.sqrt();
        Ok(Interval::new((mean - half).max(0.0), mean, (mean + half).min(horizon), level))
    }

    fn step(&self, time: f64) -> Option<&SurvivalStep> {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).and_then(|at| self.steps.get(at))
    }

    fn first_at_most(&self, stays: f64) -> Option<f64> {
        let first = self.steps.partition_point(|step| step.survival > stays + ROUNDING);
        self.steps.get(first).map(|step| step.time)
    }

    /// The limits after a number of steps.
    fn limits(&self, steps: usize, limits: Limits, z: f64) -> (f64, f64) {
        let Some(step) = steps.checked_sub(1).and_then(|at| self.steps.get(at)) else { return (1.0, 1.0) };
        let (survival, error) = (step.survival, step.greenwood.sqrt());
        if survival <= 0.0 {
            let before = self.steps.partition_point(|step| step.survival > 0.0);
            return (0.0, self.limits(before, limits, z).1);
        }
        match limits {
            Limits::Greenwood => {
                let half = z * survival * error;
                ((survival - half).max(0.0), (survival + half).min(1.0))
            }
            Limits::LogLog => {
                let ln = survival.ln();
                let spread = (z * error / ln).abs();
                ((ln * spread.exp()).exp(), (ln * (-spread).exp()).exp())
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn everybody_lost_leaves_a_limit_above() {
        let curve = Lifetimes::new(&[1, 2], &[true, true]).unwrap().kaplan_meier();
        for limits in [Limits::Greenwood, Limits::LogLog] {
            let before = curve.interval(1.0, limits, Level::default());
            let after = curve.interval(2.0, limits, Level::default());
            assert_eq!((after.lower, after.estimate, after.upper), (0.0, 0.0, before.upper));
        }
        assert_eq!(curve.standard_error(2.0), 0.0);
        // Nobody is left, so that any horizon has an answer.
        assert_eq!(curve.restricted_mean(100.0, Level::default()).unwrap().estimate, 1.5);
        // A lone customer: all that is known is the time.
        let lone = Lifetimes::new(&[3.5], &[true]).unwrap().kaplan_meier();
        let interval = lone.interval(4.0, Limits::LogLog, Level::default());
        assert_eq!((interval.lower, interval.upper), (0.0, 1.0));
    }

    #[test]
    fn nobody_lost_is_a_flat_curve() {
        let curve = Lifetimes::new(&[1, 2], &[false, false]).unwrap().kaplan_meier();
        assert_eq!((curve.at(9.0), curve.median(), curve.steps().len()), (1.0, None, 0));
        let interval = curve.interval(1.0, Limits::LogLog, Level::default());
        assert_eq!((interval.lower, interval.upper), (1.0, 1.0));
        let mean = curve.restricted_mean(2.0, Level::default()).unwrap();
        assert_eq!((mean.lower, mean.estimate, mean.upper), (2.0, 2.0, 2.0));
    }

    #[test]
    fn a_half_reached_by_rounding_is_a_half() {
        // 9/10 x 8/9 x 7/8 x 6/7 x 5/6 is not 0.5 in doubles.
        let days: Vec<i64> = (1..=10).collect();
        let curve = Lifetimes::new(&days, &[true; 10]).unwrap().kaplan_meier();
        assert_eq!(curve.median(), Some(5.0));
    }

    #[test]
    fn errors_name_field_and_value() {
        let curve = Lifetimes::new(&[1, 5], &[true, false]).unwrap().kaplan_meier();
        assert_eq!(
            curve.restricted_mean(6.0, Level::default()).unwrap_err().to_string(),
            "horizon must be greater than 0 and at most 5, got 6"
        );
        assert_eq!(
            curve.quantile(1.0, Limits::LogLog, Level::default()).unwrap_err().to_string(),
            "share must be greater than 0 and less than 1, got 1"
        );
    }
}

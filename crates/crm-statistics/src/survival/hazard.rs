//! The cumulative hazard of Nelson and Aalen.

use super::Lifetimes;
use crm_numbers::{Interval, Level};

/// The cumulative hazard of losing a customer: the Nelson-Aalen estimate.
///
/// The gradient between two times is the rate of loss per unit of time: a curve that flattens shows
/// that the risk is highest in the first months.
///
/// # Formula
///
/// `H(t) = sum over losses up to t of d / n`, with variance `sum of d / n^2`; d customers are lost
/// of n at risk.
///
/// # References
///
/// Aalen, O. (1978), "Nonparametric Inference for a Family of Counting Processes", Annals of
/// Statistics 6, 701-726.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct HazardStep {
    /// Time since the start of the relationship.
    pub time: f64,
    /// Cumulative hazard `H(t)`, the sum of d / n.
    pub hazard: f64,
    /// Variance of the cumulative hazard, the sum of d / n^2.
    pub variance: f64,
}

/// How dangerous the time until t was: the cumulative hazard by Nelson and Aalen.
///
/// `H(t) = sum over losses up to t of d / n`, with variance `sum of d / n^2`; d customers are lost
/// of n at risk. The slope between two times is the rate of loss per unit of time there: a curve
/// that bends down says that the first months are the dangerous ones.
///
/// Source: Aalen, O. (1978), "Nonparametric Inference for a Family of Counting Processes", Annals
/// of Statistics 6, 701-726.
#[derive(Debug, Clone, PartialEq)]
pub struct Hazard {
    steps: Vec<HazardStep>,
}

impl Lifetimes {
    /// Returns the Nelson-Aalen estimate of the cumulative hazard.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_statistics::survival::Lifetimes;
    ///
    /// let hazard = Lifetimes::new(&[1, 2, 3, 4], &[true, false, true, false])?.nelson_aalen();
    /// // 1/4 at the first loss, 1/2 at the second.
    /// assert_eq!(hazard.at(3.0), 0.75);
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    #[must_use]
    pub fn nelson_aalen(&self) -> Hazard {
        let (mut hazard, mut variance) = (0.0, 0.0);
        let mut steps = Vec::with_capacity(self.times_of_losses().count());
        for (at_risk, exit) in self.risks().filter(|(_, exit)| exit.losses > 0) {
            let n = at_risk as f64;
            let share = exit.losses as f64 / n;
            hazard += share;
            variance += share / n;
            steps.push(HazardStep { time: exit.time, hazard, variance });
        }
        Hazard { steps }
    }
}

impl Hazard {
    /// Returns the steps, one per time of a loss, in ascending order.
    #[must_use]
    pub fn steps(&self) -> &[HazardStep] {
        &self.steps
    }

    /// Returns the hazard accumulated by `time`.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        self.step(time).map_or(0.0, |step| step.hazard)
    }

    /// Returns the hazard accumulated by `time` with the limits `H exp(-+ z sqrt(variance) / H)`; 0
    /// to 0 before the first loss.
    #[must_use]
    pub fn interval(&self, time: f64, level: Level) -> Interval {
        let Some(step) = self.step(time) else { return Interval::new(0.0, 0.0, 0.0, level) };
        let factor = (level.z() * step.variance.sqrt() / step.hazard).exp();
        Interval::new(step.hazard / factor, step.hazard, (step.hazard * factor).min(f64::MAX), level)
    }

    fn step(&self, time: f64) -> Option<&HazardStep> {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).and_then(|at| self.steps.get(at))
    }
}

use super::forecasts::check_pairs;
use crate::error::Error;
use crm_numbers::{RangeError, check};

/// Misclassification costs: of a warning about a customer who would have stayed, and of no warning
/// about a customer who is lost.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::warning::Costs;
///
/// // A needless call costs 5, a customer lost without one 45: call from 10 % on.
/// let costs = Costs::new(5.0, 45.0)?;
/// assert_eq!(costs.threshold(), 0.1);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Costs {
    false_alarm: f64,
    miss: f64,
}

crm_numbers::gate!(Costs, Costs::checked);

/// A threshold with its outcomes and costs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct WarningCutoff {
    /// Minimum probability of a warning; above 1 if no customer is warned about.
    pub threshold: f64,
    /// Total cost of the misclassifications, in the unit of the costs.
    pub cost: f64,
    /// Number of customers with a warning who were lost.
    pub hits: u64,
    /// Number of customers with a warning who stayed.
    pub false_alarms: u64,
    /// Number of customers without a warning who were lost.
    pub misses: u64,
    /// Number of customers without a warning who stayed.
    pub quiet: u64,
}

impl Costs {
    /// Creates costs of a false alarm and of a miss, in the same unit.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless both lie in 0..=1e15; [`Error::NoCost`] if both are 0.
    pub fn new(false_alarm: f64, miss: f64) -> Result<Self, Error> {
        Self { false_alarm, miss }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("cost of a false alarm", self.false_alarm, 0.0..=1e15)?;
        check::range("cost of a miss", self.miss, 0.0..=1e15)?;
        if self.false_alarm + self.miss > 0.0 { Ok(self) } else { Err(Error::NoCost) }
    }

    /// Returns the cost of a false alarm.
    #[must_use]
    pub fn false_alarm(&self) -> f64 {
        self.false_alarm
    }

    /// Returns the cost of a miss.
    #[must_use]
    pub fn miss(&self) -> f64 {
        self.miss
    }

    /// Returns the probability from which a warning pays, if the probabilities are calibrated.
    ///
    /// # Formula
    ///
    /// `false alarm / (false alarm + miss)`, with the costs of both. At this probability p the
    /// expected costs are equal: `(1 - p) false alarm = p miss`.
    ///
    /// # References
    ///
    /// Elkan, C. (2001), "The Foundations of Cost-Sensitive Learning", Proceedings of IJCAI,
    /// 973-978, equation 2.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.false_alarm / (self.false_alarm + self.miss)
    }

    /// Returns the outcomes and costs of a threshold: customers of at least that probability are
    /// warned about.
    ///
    /// # Errors
    ///
    /// Fails like [`Forecasts::new`](super::Forecasts::new), and with [`Error::Input`] for a
    /// threshold that is not a number.
    pub fn cutoff_at(
        &self,
        threshold: f64,
        probabilities: &[f64],
        outcomes: &[bool],
    ) -> Result<WarningCutoff, Error> {
        check_pairs(probabilities, outcomes)?;
        if threshold.is_nan() {
            return Err(RangeError::new::<f64>("threshold", threshold, ..).into());
        }
        let mut counts = [0_u64; 4];
        for (p, lost) in probabilities.iter().zip(outcomes) {
            let place = 2 * usize::from(*p >= threshold) + usize::from(*lost);
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        Ok(self.cut(threshold, counts))
    }

    /// Returns the threshold of minimum cost; among equally good ones the highest, which warns
    /// about the fewest customers.
    ///
    /// It is one of the probabilities, or above 1 if no warning at all is best. If it lies far from
    /// [`threshold`](Self::threshold), the probabilities are not calibrated, or the customers are
    /// few.
    ///
    /// # Errors
    ///
    /// Fails like [`Forecasts::new`](super::Forecasts::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::warning::Costs;
    ///
    /// let best = Costs::new(1.0, 3.0)?.best(&[0.9, 0.6, 0.4, 0.1], &[true, false, true, false])?;
    /// // From 0.4 on: both who were lost, and one false alarm.
    /// assert_eq!((best.threshold, best.hits, best.cost), (0.4, 2, 1.0));
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn best(&self, probabilities: &[f64], outcomes: &[bool]) -> Result<WarningCutoff, Error> {
        check_pairs(probabilities, outcomes)?;
        let mut ranked: Vec<(f64, bool)> =
            probabilities.iter().copied().zip(outcomes.iter().copied()).collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let lost = outcomes.iter().filter(|lost| **lost).count() as u64;
        // Customers who stayed and who were lost, first without a warning, then with one.
        let mut counts = [outcomes.len() as u64 - lost, lost, 0, 0];
        let mut best = self.cut(f64::INFINITY, counts);
        for run in ranked.chunk_by(|a, b| a.0 >= b.0 && b.0 >= a.0) {
            let [quiet, missed, alarms, hits] = counts;
            let (all, lost) = (run.len() as u64, run.iter().filter(|row| row.1).count() as u64);
            let kept = all - lost;
            counts = [quiet - kept, missed - lost, alarms + kept, hits + lost];
            let cut = self.cut(run.first().map_or(f64::INFINITY, |row| row.0), counts);
            if cut.cost < best.cost {
                best = cut;
            }
        }
        Ok(best)
    }

    fn cut(&self, threshold: f64, [quiet, misses, false_alarms, hits]: [u64; 4]) -> WarningCutoff {
        let cost = self.false_alarm * false_alarms as f64 + self.miss * misses as f64;
        WarningCutoff { threshold, cost, hits, false_alarms, misses, quiet }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let text = |alarm, miss| Costs::new(alarm, miss).unwrap_err().to_string();
        assert_eq!(text(-1.0, 2.0), "cost of a false alarm must be between 0 and 1000000000000000, got -1");
        assert_eq!(text(1.0, f64::NAN), "cost of a miss must be between 0 and 1000000000000000, got NaN");
        assert_eq!(text(0.0, 0.0), "at least one misclassification cost must be positive");
        let costs = Costs::new(1.0, 1.0).unwrap();
        let text = costs.cutoff_at(f64::NAN, &[0.5], &[true]).unwrap_err().to_string();
        assert_eq!(text, "threshold must be finite, got NaN");
    }

    #[test]
    fn warning_nobody_may_be_best() {
        let best = Costs::new(10.0, 1.0).unwrap().best(&[0.9, 0.1], &[true, false]);
        assert!(best.unwrap().threshold <= 0.9);
        let best = Costs::new(10.0, 1.0).unwrap().best(&[0.1, 0.9], &[true, false]).unwrap();
        assert!(best.threshold.is_infinite() && best.misses == 1);
    }
}

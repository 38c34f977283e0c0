use std::fmt;

use crm_numbers::{Interval, Level};
use crm_statistics::distribution::{StudentT, normal_two_sided};

/// The difference of two figures, with its interval and a test.
///
/// Compares two waves of a survey, or two groups, with different respondents. Test and interval are
/// made for small samples: if a handful of answers cannot show a difference, the p-value is large
/// and the interval includes 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Change {
    /// Difference with its interval.
    pub difference: Interval,
    /// Two-sided p-value: the probability of a difference at least as large if there is no true
    /// one.
    pub p_value: f64,
}

/// An estimate with everything that a test of it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    /// Standard error; 0 if all answers are equal.
    pub(crate) error: f64,
    /// Effective number of answers.
    pub(crate) answers: f64,
    /// Ends of the scale, if the answers have one.
    pub(crate) ends: Option<(f64, f64)>,
}

impl Estimate {
    /// Returns whether there are enough answers for a standard error.
    pub(crate) fn is_enough(&self) -> bool {
        // Effective numbers of equal weights may miss 2 by rounding.
        const LEAST: f64 = 2.0 - 1e-9;
        self.answers >= LEAST && self.value.is_finite() && self.error.is_finite()
    }

    fn freedom(&self) -> f64 {
        (self.answers - 1.0).max(1.0)
    }

    /// Returns whether all answers are equal, up to rounding.
    fn is_constant(&self) -> bool {
        const ROUNDING: f64 = 1e-13;
        self.error <= ROUNDING * self.value.abs()
    }

    /// Returns Student's interval, cut at the ends of the scale; `None` for fewer than two answers.
    ///
    /// Answers that are all equal have no sample variance. Then at most a share
    /// `q = z^2 / (n + z^2)` of the population (Wilson's upper limit for 0 of n) answers
    /// differently, at most an end of the scale.
    pub(crate) fn interval(&self, level: Level) -> Option<Interval> {
        if !self.is_enough() {
            return None;
        }
        let (lower, upper) = match self.ends {
            Some((min, max)) if self.is_constant() => {
                let q = level.z().powi(2) / (self.answers + level.z().powi(2));
                (self.value - q * (self.value - min), self.value + q * (max - self.value))
            }
            ends => {
                let half = StudentT::new(self.freedom()).ok()?.two_sided_quantile(level) * self.error;
                let (min, max) = ends.unwrap_or((f64::MIN, f64::MAX));
                ((self.value - half).max(min), (self.value + half).min(max))
            }
        };
        Some(Interval::new(lower, self.value, upper, level))
    }
}

impl Change {
    /// Returns Welch's test of two means; `None` if one has fewer than two answers.
    ///
    /// If the answers of one sample are all equal, its variance is unknown, not 0: the variance of
    /// the other counts for both, on its degrees of freedom. If those of both are, the p-value is
    /// that of a permutation: only the observed division and its mirror image separate the answers.
    pub(crate) fn welch(now: Estimate, before: Estimate, level: Level) -> Option<Self> {
        let (one, other) = (now.interval(level)?, before.interval(level)?);
        let mut difference = now.value - before.value;
        if difference.abs() <= 1e-13 * now.value.abs().max(before.value.abs()) {
            difference = 0.0;
        }
        let (n1, n2) = (now.answers, before.answers);
        let (error, freedom) = match (now.is_constant(), before.is_constant()) {
            (true, true) => {
                let p_value = if difference.abs() > 0.0 { separation(n1, n2) } else { 1.0 };
                return Some(Self::new(one.minus(other), p_value));
            }
            (false, false) => {
                // Shares of the variance, because squares of tiny errors underflow.
                let error = now.error.hypot(before.error);
                let (s1, s2) = ((now.error / error).powi(4), (before.error / error).powi(4));
                (error, 1.0 / (s1 / now.freedom() + s2 / before.freedom()))
            }
            (constant, _) => {
                let (varied, n) = if constant { (before, n2) } else { (now, n1) };
                (varied.error * (n * (1.0 / n1 + 1.0 / n2)).sqrt(), varied.freedom())
            }
        };
        // At least the smaller of both freedoms, up to rounding.
        let student = StudentT::new(freedom.max(1.0)).ok()?;
        let half = student.two_sided_quantile(level) * error;
        let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
        let interval = Interval::new(finite(difference - half), difference, finite(difference + half), level);
        Some(Self::new(interval, student.two_sided(difference / error)))
    }

    /// Creates a difference with its p-value; the interval is extended to 0 unless the test
    /// rejects.
    pub(crate) fn new(difference: Interval, p_value: f64) -> Self {
        let Interval { lower, estimate, upper, level, .. } = difference;
        let difference = if p_value > 1.0 - level.get() {
            Interval::new(lower.min(0.0), estimate, upper.max(0.0), level)
        } else {
            difference
        };
        Self { difference, p_value }
    }

    /// Returns whether the difference is significant at the level `alpha`, such as 0.05.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value <= alpha
    }
}

/// Returns the p-value of a difference with its standard error, by the normal distribution.
pub(crate) fn normal_p_value(difference: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        normal_two_sided(difference / standard_error)
    } else if difference.abs() > 0.0 {
        0.0
    } else {
        1.0
    }
}

/// Returns the probability that a random division of the answers separates two constant samples:
/// `2 / choose(n1 + n2, n1)`.
fn separation(n1: f64, n2: f64) -> f64 {
    let (small, all) = (n1.min(n2).floor(), n1.floor() + n2.floor());
    let mut divisions = 1.0;
    // all! / (small! (all - small)!), until the probability is negligible.
    for at in 0..1_000_u32 {
        let at = f64::from(at);
        if at >= small || divisions > 1e300 {
            break;
        }
        divisions *= (all - at) / (at + 1.0);
    }
    (2.0 / divisions).min(1.0)
}

/// Writes the difference as [`Interval`] does, then the p-value.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(4);
        write!(f, "{:.places$}, p = {:.4}", self.difference, self.p_value)
    }
}

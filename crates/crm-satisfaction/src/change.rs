use std::fmt;

use crm_numbers::{Interval, Level};

use crate::probability::{normal_two_sided, student_quantile, student_two_sided};

/// The difference of two figures, its interval, and the p-value of the hypothesis that there is none.
///
/// Compares two waves of a survey, or two groups, whose respondents are different people. Both parts are made for the
/// sample at hand: where a handful of answers cannot show a difference, the p-value is large and the interval holds 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Change {
    /// Difference with its interval.
    pub difference: Interval,
    /// Probability of a difference at least as large between samples without a true one; two-sided.
    pub p_value: f64,
}

/// An estimate with all that a test of it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    /// Standard error; 0 where all answers are equal.
    pub(crate) error: f64,
    /// Answers, or how many of equal weight they are worth.
    pub(crate) answers: f64,
    /// The ends of the scale, where the answers have one.
    pub(crate) ends: Option<(f64, f64)>,
}

impl Estimate {
    /// Whether there are enough answers for a standard error; equal weights may miss 2 by rounding.
    pub(crate) fn is_enough(&self) -> bool {
        const LEAST: f64 = 2.0 - 1e-9;
        self.answers >= LEAST && self.value.is_finite() && self.error.is_finite()
    }

    fn freedom(&self) -> f64 {
        (self.answers - 1.0).max(1.0)
    }

    /// Whether all answers are equal, up to rounding.
    fn is_constant(&self) -> bool {
        const ROUNDING: f64 = 1e-13;
        self.error <= ROUNDING * self.value.abs()
    }

    /// Student's interval, cut at the ends of the scale; `None` for fewer than two answers.
    ///
    /// Answers that are all equal have no spread to go by. At most a share `q = z^2 / (n + z^2)` of the people behind them
    /// would say something else (the upper limit of Wilson for none of n), at most an end of the scale.
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
                let half = student_quantile(level.get(), self.freedom()) * self.error;
                let (min, max) = ends.unwrap_or((f64::MIN, f64::MAX));
                ((self.value - half).max(min), (self.value + half).min(max))
            }
        };
        Some(Interval::new(lower, self.value, upper, level))
    }
}

impl Change {
    /// Welch's test of two means; `None` where one has fewer than two answers.
    ///
    /// Where the answers of one are all equal, their spread is unknown, not 0: that of the other counts for both, on its
    /// degrees of freedom. Where those of both are, the p-value is that of a permutation: only the given division of all answers, and its
    /// mirror image, set them apart like that.
    pub(crate) fn welch(now: Estimate, before: Estimate, level: Level) -> Option<Self> {
        let (one, other) = (now.interval(level)?, before.interval(level)?);
        let mut difference = now.value - before.value;
        if difference.abs() <= 1e-13 * now.value.abs().max(before.value.abs()) {
            difference = 0.0;
        }
        let (n1, n2) = (now.answers, before.answers);
        let (error, freedom) = match (now.is_constant(), before.is_constant()) {
            (true, true) => {
                let p_value = if difference.abs() > 0.0 { apart(n1, n2) } else { 1.0 };
                return Some(Self::of(one.minus(other), p_value));
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
        let half = student_quantile(level.get(), freedom) * error;
        let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
        let interval = Interval::new(finite(difference - half), difference, finite(difference + half), level);
        Some(Self::of(interval, student_two_sided(difference / error, freedom)))
    }

    /// A difference with its p-value; the interval reaches 0 where the p-value does not speak against it.
    pub(crate) fn of(difference: Interval, p_value: f64) -> Self {
        let Interval { lower, estimate, upper, level, .. } = difference;
        let difference = if p_value > 1.0 - level.get() {
            Interval::new(lower.min(0.0), estimate, upper.max(0.0), level)
        } else {
            difference
        };
        Self { difference, p_value }
    }

    /// Returns whether the difference is more than chance explains at a level of significance such as 0.05.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value <= alpha
    }
}

/// The p-value of a difference with its standard error, by the normal distribution.
pub(crate) fn normal_p_value(difference: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        normal_two_sided(difference / standard_error)
    } else if difference.abs() > 0.0 {
        0.0
    } else {
        1.0
    }
}

/// How often two samples, each of equal answers, come to stand apart when they are divided at random.
fn apart(n1: f64, n2: f64) -> f64 {
    let (small, all) = (n1.min(n2).floor(), n1.floor() + n2.floor());
    let mut divisions = 1.0;
    // all! / (small! (all - small)!), until it is so large that nobody asks any more.
    for at in 0..1_000_u32 {
        let at = f64::from(at);
        if at >= small || divisions > 1e300 {
            break;
        }
        divisions *= (all - at) / (at + 1.0);
    }
    (2.0 / divisions).min(1.0)
}

/// The difference with its interval as [`Interval`] prints it, then the p-value.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(4);
        write!(f, "{:.places$}, p = {:.4}", self.difference, self.p_value)
    }
}

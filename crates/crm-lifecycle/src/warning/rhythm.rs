use std::fmt;
use std::ops::Bound;

use special::Beta as _;

use crate::error::Error;
use crm_numbers::{EmptyError, RangeError, check};

/// The law by which a customer's next gap is predicted from their gaps so far.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum Law {
    /// Ranks alone: the next gap is as likely to be the longest as any of those before it.
    ///
    /// `p = (1 + number of gaps at least as long as the idle time) / (gaps + 1)`. Valid for any
    /// rhythm whose gaps are exchangeable, and slow to warn: at 5 % it takes 19 gaps.
    Ranks,
    /// A gamma law of the gaps with this shape (1: purchases at random; 2, 3, ...: ever more
    /// regular ones), whose unknown mean is estimated from the gaps alone.
    ///
    /// `p = I(S / (S + idle); n k, k)` with n gaps of sum S, shape k and the regularized incomplete
    /// beta function I; for shape 1 it is `(1 + idle / S)^-n`. Exact for any number of gaps; the
    /// fewer gaps, the more slowly it warns.
    Gamma {
        /// Shape k, in 0.1..=100.
        shape: f64,
    },
}

/// A rule for unusual silence: a test of the idle time against the customer's own gaps.
///
/// The p-value is the probability that a customer with an unchanged rhythm is silent for as long
/// between two purchases.
///
/// # References
///
/// Vovk, V., Gammerman, A. and Shafer, G. (2005), "Algorithmic Learning in a Random World", chapter
/// 2, for the ranks; Aitchison, J. and Dunsmore, I. R. (1975), "Statistical Prediction Analysis",
/// chapter 4, for the ratio of gamma variables, which follows a beta law of the second kind.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::warning::{Law, RhythmRule, Verdict};
///
/// // Purchases come at random; five gaps of 10 days.
/// let rule = RhythmRule::new(Law::Gamma { shape: 1.0 }, 0.05)?;
/// let days = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0];
/// // Silent for 50 days: (1 + 50 / 50)^-5 = 1 / 32.
/// let Verdict::Overdue { p_value, .. } = rule.verdict(&days, 100.0)? else { unreachable!() };
/// assert!((p_value - 1.0 / 32.0).abs() < 1e-12);
/// // Two gaps are too few to say.
/// assert_eq!(rule.verdict(&days[..3], 100.0)?, Verdict::TooFewGaps { gaps: 2, needed: 3 });
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RhythmRule {
    law: Law,
    alpha: f64,
}

crm_numbers::gate!(RhythmRule, RhythmRule::checked);

/// The verdict of a rhythm rule on a silence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Verdict {
    /// Too few gaps for any silence to count as unusual.
    TooFewGaps {
        /// Number of gaps.
        gaps: usize,
        /// Number of gaps that the rule needs.
        needed: usize,
    },
    /// A silence within the customer's rhythm.
    InRhythm {
        /// Probability of a silence at least as long.
        p_value: f64,
        /// Time since the last purchase.
        idle: f64,
        /// Mean of the customer's gaps.
        mean_gap: f64,
    },
    /// A silence that is unusual for the customer: a warning.
    Overdue {
        /// Probability of a silence at least as long.
        p_value: f64,
        /// Time since the last purchase.
        idle: f64,
        /// Mean of the customer's gaps.
        mean_gap: f64,
    },
}

/// Minimum number of gaps of the gamma law: with fewer its p-values are still exact, but the shape
/// has little support.
const LEAST_GAPS: usize = 3;

impl RhythmRule {
    /// Creates a rule that warns if the p-value is at most `alpha`, which is the share of false
    /// alarms among customers with an unchanged rhythm.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless alpha lies in 1e-6..=0.5 and a shape in 0.1..=100.
    pub fn new(law: Law, alpha: f64) -> Result<Self, Error> {
        Self { law, alpha }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("alpha", self.alpha, 1e-6..=0.5)?;
        if let Law::Gamma { shape } = self.law {
            check::range("shape", shape, 0.1..=100.0)?;
        }
        Ok(self)
    }

    /// Returns the law.
    #[must_use]
    pub fn law(&self) -> Law {
        self.law
    }

    /// Returns the p-value up to which the rule warns.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns the number of gaps that the rule needs.
    ///
    /// With ranks the minimum p-value is `1 / (gaps + 1)`.
    #[must_use]
    pub fn needed(&self) -> usize {
        match self.law {
            Law::Gamma { .. } => LEAST_GAPS,
            // 1 / 0.05 is not 20 in doubles everywhere; the nearest integer is meant.
            Law::Ranks => ((1.0 / self.alpha - 1.0) - 1e-9).ceil().max(1.0) as usize,
        }
    }

    /// Returns whether a customer's silence is unusual for them, given the times of their purchases
    /// and the time now.
    ///
    /// Purchases at the same time count as one.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a purchase, or for times that are not finite, do not ascend or lie
    /// after `now`.
    pub fn verdict(&self, times: &[f64], now: f64) -> Result<Verdict, Error> {
        check_times(times, now)?;
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return Err(EmptyError::new("times").into());
        };
        let pairs = times.iter().zip(times.iter().skip(1));
        let gaps: Vec<f64> = pairs.map(|(before, after)| after - before).filter(|gap| *gap > 0.0).collect();
        let needed = self.needed();
        if gaps.len() < needed {
            return Ok(Verdict::TooFewGaps { gaps: gaps.len(), needed });
        }
        let (idle, sum, count) = (now - last, last - first, gaps.len() as f64);
        let p_value = match self.law {
            Law::Ranks => (1.0 + gaps.iter().filter(|gap| **gap >= idle).count() as f64) / (count + 1.0),
            Law::Gamma { shape } => {
                let (a, b) = (count * shape, shape);
                (sum / (sum + idle)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
            }
        };
        let mean_gap = sum / count;
        if p_value <= self.alpha * (1.0 + 1e-12) {
            Ok(Verdict::Overdue { p_value, idle, mean_gap })
        } else {
            Ok(Verdict::InRhythm { p_value, idle, mean_gap })
        }
    }
}

impl Verdict {
    /// Returns whether the verdict is a warning.
    #[must_use]
    pub fn warns(&self) -> bool {
        matches!(self, Self::Overdue { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewGaps { gaps, needed } => write!(f, "too few gaps to say: {gaps} of {needed}"),
            Self::InRhythm { p_value, idle, mean_gap } => {
                write!(f, "in rhythm: idle for {idle:.1}, gaps of {mean_gap:.1} on average, p {p_value:.3}")
            }
            Self::Overdue { p_value, idle, mean_gap } => {
                write!(f, "overdue: idle for {idle:.1}, gaps of {mean_gap:.1} on average, p {p_value:.3}")
            }
        }
    }
}

/// Checks that the times ascend up to `now`.
pub(super) fn check_times(times: &[f64], now: f64) -> Result<(), Error> {
    check::range("now", now, f64::MIN / 4.0..=f64::MAX / 4.0)?;
    let mut before = f64::MIN / 4.0;
    for (at, &time) in times.iter().enumerate() {
        if !(before..=now).contains(&time) {
            let bounds =
                (if at == 0 { Bound::Unbounded } else { Bound::Included(before) }, Bound::Included(now));
            return Err(RangeError::new("times", time, bounds).at(at).into());
        }
        before = time;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_need_as_many_gaps_as_their_level_asks_for() {
        for (alpha, needed) in [(0.5, 1), (0.1, 9), (0.05, 19), (0.01, 99)] {
            assert_eq!(RhythmRule::new(Law::Ranks, alpha).unwrap().needed(), needed);
        }
        let rule = RhythmRule::new(Law::Ranks, 0.1).unwrap();
        let days: Vec<f64> = (0..10).map(|n| 7.0 * f64::from(n)).collect();
        // Nine gaps of a week, and eight days: longer than all of them, one in ten.
        assert!(rule.verdict(&days, 71.0).unwrap().warns());
        let same = rule.verdict(&days, 70.0).unwrap();
        assert_eq!(same.to_string(), "in rhythm: idle for 7.0, gaps of 7.0 on average, p 1.000");
        let few = rule.verdict(&days[..9], 500.0).unwrap();
        assert_eq!(few.to_string(), "too few gaps to say: 8 of 9");
        // Two purchases on one day are one.
        assert_eq!(rule.verdict(&[0.0, 0.0, 0.0], 9.0).unwrap(), Verdict::TooFewGaps { gaps: 0, needed: 9 });
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |law, alpha| RhythmRule::new(law, alpha).unwrap_err().to_string();
        assert_eq!(text(Law::Ranks, 0.6), "alpha must be between 1e-6 and 0.5, got 0.6");
        assert_eq!(text(Law::Gamma { shape: f64::NAN }, 0.05), "shape must be between 0.1 and 100, got NaN");
        let rule = RhythmRule::new(Law::Ranks, 0.5).unwrap();
        let text = |times: &[f64], now| rule.verdict(times, now).unwrap_err().to_string();
        assert_eq!(text(&[], 1.0), "times must not be empty");
        assert_eq!(text(&[2.0, 1.0], 3.0), "times[1] must be between 2 and 3, got 1");
        assert_eq!(text(&[2.0], 1.0), "times[0] must be at most 1, got 2");
        assert!(text(&[f64::NAN], 1.0).ends_with("got NaN"));
    }
}

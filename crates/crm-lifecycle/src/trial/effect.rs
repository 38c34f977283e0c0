use std::fmt;

use crm_statistics::{Amount, Interval, Level, Proportion, ProportionMethod};
use special::Beta;

use crate::error::Error;

/// What a promotion changed: a rate, or the mean spend of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Effect {
    /// The rate or mean of those who got it.
    pub treated: f64,
    /// The rate or mean of those who did not.
    pub control: f64,
    /// By how much the first exceeds the second.
    pub difference: Interval,
    /// The difference as a share of the control; `None` where that is not above zero.
    pub relative: Option<f64>,
    /// How often a difference at least as large, either way, would come from a promotion without any effect.
    pub p_value: f64,
}

impl Effect {
    fn new(treated: f64, control: f64, difference: Interval, p_value: f64) -> Self {
        let relative = Some(difference.estimate / control).filter(|share| control > 0.0 && share.is_finite());
        Self { treated, control, difference, relative, p_value }
    }
}

/// The effect on a rate, such as the share of customers who ordered.
///
/// The interval is Newcombe's from Wilson limits (see [`Proportion::difference`]); the p-value that of the test of two
/// rates by the normal distribution, `z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))` with p the rate of both arms
/// together.
///
/// Source: Fleiss, J. L., Levin, B. and Paik, M. C. (2003), "Statistical Methods for Rates and Proportions", third
/// edition, section 3.1 (without its correction for continuity).
///
/// ```
/// use crm_lifecycle::trial::rates;
/// use crm_statistics::{Level, Proportion};
///
/// let effect = rates(Proportion::new(56, 70)?, Proportion::new(48, 80)?, Level::default());
/// assert!((effect.relative.unwrap() - 1.0 / 3.0).abs() < 1e-12); // 0.8 against 0.6
/// // p = 104/150; z = 0.2 / sqrt(0.6933 x 0.3067 x (1/70 + 1/80)) = 2.65
/// assert!((effect.p_value - 0.00805).abs() < 1e-5);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[must_use]
pub fn rates(treated: Proportion, control: Proportion, level: Level) -> Effect {
    let difference = treated.difference(control, ProportionMethod::Wilson, level);
    let p_value = p_value_of_rates(treated, control);
    Effect::new(treated.estimate(), control.estimate(), difference, p_value)
}

/// The effect on a mean, such as what a customer spent (buyers and others alike).
///
/// With means m, variances s^2 (over n - 1) and `v = s^2 / n` in each arm: the interval is
/// `m1 - m2 -+ t sqrt(v1 + v2)`, with Student's t of `(v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1))` degrees of
/// freedom.
///
/// Source: Welch, B. L. (1947), "The Generalization of 'Student's' Problem when Several Different Population Variances
/// are Involved", Biometrika 34, 28-35.
///
/// ```
/// use crm_lifecycle::trial::spend;
/// use crm_statistics::Level;
///
/// // Means 6 and 4, variances 4 and 4 of three customers each: t = 2 / sqrt(8/3) with 4 degrees of freedom.
/// let effect = spend(&[4, 6, 8], &[2, 4, 6], Level::default())?;
/// assert_eq!((effect.treated, effect.control, effect.relative), (6.0, 4.0, Some(0.5)));
/// assert!((effect.difference.upper - (2.0 + 2.776445 * (8.0_f64 / 3.0).sqrt())).abs() < 1e-5);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for less than two customers in an arm, and for amounts beyond 1e100.
pub fn spend<T: Amount>(treated: &[T], control: &[T], level: Level) -> Result<Effect, Error> {
    let (treated, control) = (Arm::of("treated customers", treated)?, Arm::of("control customers", control)?);
    let (a, b) = (treated.variance_of_mean, control.variance_of_mean);
    let (difference, error) = (treated.mean - control.mean, (a + b).sqrt());
    if error <= 0.0 {
        let interval = Interval::new(difference, difference, difference, level);
        let p_value = if difference.abs() > 0.0 { 0.0 } else { 1.0 };
        return Ok(Effect::new(treated.mean, control.mean, interval, p_value));
    }
    // As shares of the larger one, so that their squares stay in range.
    let (a, b) = (a / a.max(b), b / a.max(b));
    let freedom = (a + b) * (a + b) / (a * a / (treated.size - 1.0) + b * b / (control.size - 1.0));
    let half = student_quantile(level, freedom) * error;
    let interval = Interval::new(difference - half, difference, difference + half, level);
    let p_value = student_two_sided(difference / error, freedom);
    Ok(Effect::new(treated.mean, control.mean, interval, p_value))
}

/// What is needed of one arm.
struct Arm {
    size: f64,
    mean: f64,
    variance_of_mean: f64,
}

impl Arm {
    fn of<T: Amount>(field: &'static str, amounts: &[T]) -> Result<Self, Error> {
        const LARGEST: f64 = 1e100;
        if amounts.len() < 2 {
            return Err(Error::range(field, "be at least 2", amounts.len()));
        }
        let values = || amounts.iter().map(|amount| amount.to_f64());
        if let Some(odd) = values().find(|value| value.is_nan() || value.abs() > LARGEST) {
            return Err(Error::range("spend", "lie in -1e100..=1e100", odd));
        }
        let size = amounts.len() as f64;
        let mean = values().sum::<f64>() / size;
        let squares: f64 = values().map(|value| (value - mean) * (value - mean)).sum();
        Ok(Self { size, mean, variance_of_mean: squares / (size - 1.0) / size })
    }
}

/// The p-value of two rates, two-sided; 1 where both arms are all or nothing alike.
pub(crate) fn p_value_of_rates(first: Proportion, second: Proportion) -> f64 {
    let (n1, n2) = (first.trials() as f64, second.trials() as f64);
    let both = (first.successes() as f64 + second.successes() as f64) / (n1 + n2);
    let error = (both * (1.0 - both) * (1.0 / n1 + 1.0 / n2)).sqrt();
    let difference = (first.estimate() - second.estimate()).abs();
    if error > 0.0 { libm::erfc(difference / error / std::f64::consts::SQRT_2) } else { 1.0 }
}

/// How often Student's t lies at least as far from 0 as `t`, on either side.
fn student_two_sided(t: f64, freedom: f64) -> f64 {
    let (a, b) = (freedom / 2.0, 0.5);
    (freedom / (freedom + t * t)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
}

/// The value that Student's t stays within, on both sides, with the probability of the level.
fn student_quantile(level: Level, freedom: f64) -> f64 {
    let outside = 1.0 - level.get();
    let (mut low, mut high) = (0.0, level.z().max(1.0));
    while student_two_sided(high, freedom) > outside && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    // Halving ends at two neighbouring doubles.
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if student_two_sided(middle, freedom) > outside { low = middle } else { high = middle }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} against {:.4}: {}", self.treated, self.control, self.difference)?;
        if let Some(relative) = self.relative {
            write!(f, ", {:+.1} %", relative * 100.0)?;
        }
        write!(f, ", p = {:.4}", self.p_value)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    /// Tables of Student's distribution, two-sided.
    #[test]
    fn points_of_published_tables() {
        let level = |level| Level::new(level).unwrap();
        let table = [
            (0.95, 1.0, 12.706_204_736),
            (0.95, 10.0, 2.228_138_852),
            (0.99, 10.0, 3.169_272_673),
            (0.90, 30.0, 1.697_260_887),
            (0.95, 1e7, 1.959_964_2),
        ];
        for (p, freedom, t) in table {
            let got = student_quantile(level(p), freedom);
            assert!((got - t).abs() < 1e-6 * t, "{p}, {freedom}: {got}, not {t}");
        }
    }

    #[test]
    fn arms_without_spread_have_an_answer() {
        let same = spend(&[5, 5], &[5, 5], Level::default()).unwrap();
        assert_eq!((same.p_value, same.difference.lower, same.difference.upper), (1.0, 0.0, 0.0));
        let sure = spend(&[6, 6], &[5, 5], Level::default()).unwrap();
        assert_eq!((sure.p_value, sure.difference.lower), (0.0, 1.0));
        let none = rates(Proportion::new(0, 9).unwrap(), Proportion::new(0, 4).unwrap(), Level::default());
        assert_eq!((none.p_value, none.relative), (1.0, None));
        // Free goods bring no share of anything.
        assert_eq!(spend(&[1, 2], &[0, 0], Level::default()).unwrap().relative, None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |a: &[f64], b: &[f64]| spend(a, b, Level::default()).unwrap_err().to_string();
        assert_eq!(text(&[1.0], &[1.0, 2.0]), "treated customers must be at least 2, got 1");
        assert_eq!(text(&[1.0, 2.0], &[]), "control customers must be at least 2, got 0");
        assert_eq!(text(&[1.0, 2.0], &[1.0, f64::NAN]), "spend must lie in -1e100..=1e100, got NaN");
    }
}

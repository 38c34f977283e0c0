use std::fmt;

use crm_numbers::check;
use crm_numbers::{Amount, Interval, Level};
use crm_statistics::{Proportion, ProportionMethod};
use special::Beta;

use crate::error::Error;

/// The effect of a promotion on a rate or on the mean spend per customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct TrialEffect {
    /// Rate or mean of the treated customers.
    pub treated: f64,
    /// Rate or mean of the control customers.
    pub control: f64,
    /// Treated rate or mean less that of the control.
    pub difference: Interval,
    /// Difference as a share of the control; `None` if the control is not positive.
    pub relative: Option<f64>,
    /// Probability of a difference at least as large, in either direction, if the promotion had no
    /// effect.
    pub p_value: f64,
}

impl TrialEffect {
    fn new(treated: f64, control: f64, difference: Interval, p_value: f64) -> Self {
        let relative = Some(difference.estimate / control).filter(|share| control > 0.0 && share.is_finite());
        Self { treated, control, difference, relative, p_value }
    }
}

/// Returns the effect on a rate, such as the share of customers who ordered.
///
/// The interval is Newcombe's from Wilson limits (see [`Proportion::difference`]). The p-value is
/// that of the test of two rates by the normal distribution. If an arm has fewer than 10 customers,
/// or the expected number of buyers (or of others) in it is below one, it is that of Fisher's exact
/// test: the probability, with the number of buyers given, of all outcomes that are not likelier
/// than the observed one. The normal distribution would take chance for an effect there: among two
/// customers in each arm who buy with probability 0.5, in 12 % of all tests at 5 %.
///
/// # Formula
///
/// `z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))`, where `p1` and `p2` are the rates of the arms,
/// `n1` and `n2` their numbers of customers, and `p` is the rate of both arms together.
///
/// # References
///
/// Fleiss, J. L., Levin, B. and Paik, M. C. (2003), "Statistical Methods for Rates and
/// Proportions", third edition, section 3.1 (without its correction for continuity); Irwin, J. O.
/// (1935), "Tests of Significance for Differences Between Percentages Based on Small Numbers",
/// Metron 12, 83-94; Campbell, I. (2007), "Chi-Squared and Fisher-Irwin Tests of Two-by-Two Tables
/// with Small Sample Recommendations", Statistics in Medicine 26, 3661-3675, for the expected count
/// of one.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::trial::rates;
/// use crm_numbers::Level;
/// use crm_statistics::Proportion;
///
/// let effect = rates(Proportion::new(56, 70)?, Proportion::new(48, 80)?, Level::default());
/// assert!((effect.relative.unwrap() - 1.0 / 3.0).abs() < 1e-12); // 0.8 against 0.6
/// // p = 104/150; z = 0.2 / sqrt(0.6933 x 0.3067 x (1/70 + 1/80)) = 2.65
/// assert!((effect.p_value - 0.00805).abs() < 1e-5);
/// // Two of two against none of two: two of the six ways to draw two buyers from four customers.
/// let effect = rates(Proportion::new(2, 2)?, Proportion::new(0, 2)?, Level::default());
/// assert!((effect.p_value - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[must_use]
pub fn rates(treated: Proportion, control: Proportion, level: Level) -> TrialEffect {
    let difference = treated.difference(control, ProportionMethod::Wilson, level);
    let p_value = p_value_of_rates(treated, control);
    TrialEffect::new(treated.estimate(), control.estimate(), difference, p_value)
}

/// Returns the effect on a mean, such as the spend per customer (buyers and others alike).
///
/// # Formula
///
/// Interval: `m1 - m2 -+ t sqrt(v1 + v2)` with `v = s^2 / n`.
///
/// Degrees of freedom of Student's t: `(v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1))`.
///
/// `m` is the mean, `s^2` the variance (over n - 1) and `n` the number of customers of each arm.
///
/// # Errors
///
/// [`Error::Input`] for fewer than two customers in an arm, or for amounts beyond 1e100;
/// [`Error::NoVariation`] if the amounts do not differ within either arm (up to rounding): without
/// a spread an effect cannot be distinguished from chance.
///
/// # References
///
/// Welch, B. L. (1947), "The Generalization of 'Student's' Problem when Several Different
/// Population Variances are Involved", Biometrika 34, 28-35.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::trial::spend;
/// use crm_numbers::Level;
///
/// // Means 6 and 4, variances 4 and 4 of three customers each: t = 2 / sqrt(8/3) with 4 degrees of freedom.
/// let effect = spend(&[4, 6, 8], &[2, 4, 6], Level::default())?;
/// assert_eq!((effect.treated, effect.control, effect.relative), (6.0, 4.0, Some(0.5)));
/// assert!((effect.difference.upper - (2.0 + 2.776445 * (8.0_f64 / 3.0).sqrt())).abs() < 1e-5);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn spend<T: Amount>(treated: &[T], control: &[T], level: Level) -> Result<TrialEffect, Error> {
    let (treated, control) =
        (Arm::of("number of treated customers", treated)?, Arm::of("number of control customers", control)?);
    let Some(welch) = Welch::of(&treated, &control) else {
        return Err(Error::NoVariation { name: "spend in either arm" });
    };
    Ok(TrialEffect::new(treated.mean, control.mean, welch.interval(level), welch.p_value()))
}

/// The sample mean of one arm, with the inputs of its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arm {
    pub(crate) size: f64,
    pub(crate) mean: f64,
    /// Sample variance over the size.
    variance_of_mean: f64,
}

impl Arm {
    fn of<T: Amount>(field: &'static str, amounts: &[T]) -> Result<Self, Error> {
        check::range(field, amounts.len(), 2..)?;
        let values: Vec<f64> = amounts.iter().map(|amount| amount.to_f64()).collect();
        check::range_of_all("spend", &values, -1e100..=1e100)?;
        Ok(Self::of_values(&values))
    }

    /// Creates an arm from finite values, at least one.
    pub(crate) fn of_values(values: &[f64]) -> Self {
        // Amounts that are equal up to the rounding of a sum have no spread.
        const ROUNDING: f64 = 1e-13;
        let size = values.len() as f64;
        let mean = values.iter().sum::<f64>() / size;
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let variance = squares / (size - 1.0).max(1.0);
        let spread = variance.sqrt() > ROUNDING * largest;
        Self { size, mean, variance_of_mean: if spread { variance / size } else { 0.0 } }
    }

    /// Returns the mean with the limits of Student's t; `None` for fewer than two values, or values
    /// without a spread.
    pub(crate) fn interval(&self, level: Level) -> Option<Interval> {
        let error = self.variance_of_mean.sqrt();
        let known = self.size >= 2.0 && error > 0.0;
        known.then(|| {
            let half = student_quantile(level, self.size - 1.0) * error;
            Interval::new(self.mean - half, self.mean, self.mean + half, level)
        })
    }
}

/// The difference between two means, by Welch's method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Welch {
    difference: f64,
    error: f64,
    freedom: f64,
}

impl Welch {
    /// Returns the first mean less the second; `None` for an arm of one, or two arms without a
    /// spread.
    pub(crate) fn of(first: &Arm, second: &Arm) -> Option<Self> {
        let (a, b) = (first.variance_of_mean, second.variance_of_mean);
        let error = (a + b).sqrt();
        if first.size < 2.0 || second.size < 2.0 || error <= 0.0 {
            return None;
        }
        // As shares of the larger one, so that their squares stay in range.
        let (a, b) = (a / a.max(b), b / a.max(b));
        let freedom = (a + b) * (a + b) / (a * a / (first.size - 1.0) + b * b / (second.size - 1.0));
        Some(Self { difference: first.mean - second.mean, error, freedom })
    }

    pub(crate) fn interval(&self, level: Level) -> Interval {
        let half = student_quantile(level, self.freedom) * self.error;
        Interval::new(self.difference - half, self.difference, self.difference + half, level)
    }

    fn p_value(&self) -> f64 {
        student_two_sided(self.difference / self.error, self.freedom)
    }
}

/// Returns the two-sided p-value of two rates; 1 if both arms are all or nothing alike.
pub(crate) fn p_value_of_rates(first: Proportion, second: Proportion) -> f64 {
    /// Minimum number of customers in an arm, and minimum expected number on one side; below them
    /// the normal distribution misleads.
    const LEAST: (f64, f64) = (10.0, 1.0);
    let (n1, n2) = (first.trials() as f64, second.trials() as f64);
    let (successes, all) = (first.successes() as f64 + second.successes() as f64, n1 + n2);
    let expected = n1.min(n2) * (successes.min(all - successes) / all);
    if n1.min(n2) < LEAST.0 || expected < LEAST.1 {
        return exact_p_value(first, second);
    }
    let both = successes / all;
    let error = (both * (1.0 - both) * (1.0 / n1 + 1.0 / n2)).sqrt();
    let difference = (first.estimate() - second.estimate()).abs();
    if error > 0.0 { libm::erfc(difference / error / std::f64::consts::SQRT_2) } else { 1.0 }
}

/// Returns the p-value of Fisher's exact test, two-sided by Irwin's rule: the probability of all
/// tables with these margins that are not likelier than the observed one.
fn exact_p_value(first: Proportion, second: Proportion) -> f64 {
    // Equally likely tables differ by rounding.
    const ROUNDING: f64 = 1e-7;
    let (small, large) = if first.trials() <= second.trials() { (first, second) } else { (second, first) };
    let count = |a: u64, b: u64| u128::from(a) + u128::from(b);
    let successes = count(small.successes(), large.successes());
    let failures = count(small.trials(), large.trials()) - successes;
    // The rarer outcome in the smaller arm is counted: from 0 on, and a small number whenever this
    // test is used.
    let (seen, rare) = match successes <= failures {
        true => (small.successes(), successes as f64),
        false => (small.trials() - small.successes(), failures as f64),
    };
    let (arm, others) = (small.trials() as f64, large.trials() as f64 - rare);
    // Weights of the tables up to where they vanish, as shares of the largest.
    let mut weights: Vec<f64> = Vec::new();
    let (mut x, mut weight) = (0.0, 1.0);
    let mut total = 0.0;
    while x <= arm.min(rare) && weight > total * f64::MIN_POSITIVE {
        weights.push(weight);
        total += weight;
        weight *= (arm - x) * (rare - x) / ((x + 1.0) * (others + x + 1.0));
        x += 1.0;
    }
    let seen = usize::try_from(seen).ok().and_then(|seen| weights.get(seen)).copied().unwrap_or(0.0);
    // From the smallest to the largest, so that no digit is lost.
    weights.sort_by(f64::total_cmp);
    let total: f64 = weights.iter().sum();
    let as_rare = weights.iter().filter(|weight| **weight <= seen * (1.0 + ROUNDING));
    (as_rare.sum::<f64>() / total).min(1.0)
}

/// Returns the probability that Student's t lies at least as far from 0 as `t`, on either side.
fn student_two_sided(t: f64, freedom: f64) -> f64 {
    // The series of the beta function has as many terms as there are customers.
    const MANY: f64 = 1e4;
    if freedom > MANY { student_of_many(t, freedom) } else { student_by_beta(t, freedom) }
}

fn student_by_beta(t: f64, freedom: f64) -> f64 {
    let (a, b) = (freedom / 2.0, 0.5);
    (freedom / (freedom + t * t)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
}

/// Returns the probability by the normal distribution of a transformed t, exact to the last digits
/// for thousands of degrees of freedom.
///
/// # References
///
/// Hill, G. W. (1970), "Algorithm 395: Student's t-Distribution", Communications of the ACM 13,
/// 617-619.
fn student_of_many(t: f64, freedom: f64) -> f64 {
    let a = freedom - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * (t / freedom)).ln_1p();
    // Beyond the smallest double.
    if y > 3e3 {
        return 0.0;
    }
    let inner = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b);
    let z = ((inner + y + 3.0) / b + 1.0) * y.sqrt();
    libm::erfc(z / std::f64::consts::SQRT_2).clamp(0.0, 1.0)
}

/// Returns the value that Student's t stays within, on both sides, with the probability of the
/// level.
fn student_quantile(level: Level, freedom: f64) -> f64 {
    let outside = 1.0 - level.get();
    let (mut low, mut high) = (0.0, level.z().max(1.0));
    while student_two_sided(high, freedom) > outside && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    // Bisection ends at two neighboring doubles.
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if student_two_sided(middle, freedom) > outside { low = middle } else { high = middle }
    }
}

impl fmt::Display for TrialEffect {
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

    /// Compares with tables of Student's distribution, two-sided.
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
    fn both_ways_to_student_agree_where_they_meet() {
        for freedom in [5e3, 1e4, 2e4] {
            for t in [0.0, 0.1, 0.7, 1.96, 3.0, 5.0, 8.0] {
                let (many, beta) = (student_of_many(t, freedom), student_by_beta(t, freedom));
                assert!((many - beta).abs() <= 1e-10 * beta, "{t}, {freedom}: {many}, not {beta}");
            }
        }
        assert_eq!((student_two_sided(1e200, 1e9), student_two_sided(f64::MAX, 2e4)), (0.0, 0.0));
    }

    fn p_value(first: (u64, u64), second: (u64, u64)) -> f64 {
        let rate = |(successes, trials)| Proportion::new(successes, trials).unwrap();
        rates(rate(first), rate(second), Level::default()).p_value
    }

    /// One of one against none of one had p = 0.157 by the normal distribution, two of two against
    /// none of two 0.0455.
    #[test]
    fn a_handful_of_customers_is_no_effect() {
        assert_eq!(p_value((1, 1), (0, 1)), 1.0);
        for ((first, second), exact) in [
            (((2, 2), (0, 2)), 1.0 / 3.0),
            (((3, 3), (0, 3)), 0.1),
            // The lady tasting tea: 34 of 70 ways.
            (((3, 4), (1, 4)), 34.0 / 70.0),
            (((1, 9), (11, 12)), 0.000_370_836_593_7),
            // The first of a thousand and ten customers is one of the ten.
            (((1, 10), (0, 1_000)), 10.0 / 1_010.0),
            // No loss of digits if an arm is a whole country.
            (((2, 2), (0, 1_000_000_000)), 2.0 / (1_000_000_002.0 * 1_000_000_001.0)),
        ] {
            let got = p_value(first, second);
            assert!((got - exact).abs() < 1e-6 * exact, "{first:?} against {second:?}: {got}, not {exact}");
        }
        assert_eq!(p_value((u64::MAX, u64::MAX), (0, 1)), 1.0 / 2.0_f64.powi(64));
    }

    /// Every outcome of small arms: without any effect, at most 5 % of tests show one.
    #[test]
    fn small_arms_keep_their_level() {
        for (n1, n2) in (1..=6).flat_map(|n1| (n1..=6).map(move |n2| (n1, n2))) {
            let outcomes = (0..=n1).flat_map(|a| (0..=n2).map(move |b| (a, b)));
            let called: Vec<(u64, u64)> =
                outcomes.filter(|(a, b)| p_value((*a, n1), (*b, n2)) <= 0.05).collect();
            let choose = |n: u64, k: u64| (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product::<f64>();
            for p in (1..20).map(|step| f64::from(step) / 20.0) {
                let likely =
                    |n: u64, k: u64| choose(n, k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32);
                let size: f64 = called.iter().map(|(a, b)| likely(n1, *a) * likely(n2, *b)).sum();
                assert!(size <= 0.05, "{n1} against {n2} at {p}: {size}");
            }
        }
    }

    #[test]
    fn rounding_is_no_spread_and_no_effect() {
        // Sums of the same coins in another order: 0.30000000000000004 and 0.3 once had p = 0.0000
        // from 0.3.
        let sums = [0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, 0.3];
        assert!(spend(&sums, &[0.3; 4], Level::default()).is_err());
        let real = spend(&[0.1 + 0.2, 0.3, 0.4], &[0.3, 0.2, 0.3], Level::default()).unwrap();
        assert!(real.p_value > 0.1);
        // One arm without a spread is no obstacle.
        let effect = spend(&[5, 5], &[4, 6], Level::default()).unwrap();
        assert_eq!((effect.difference.estimate, effect.p_value), (0.0, 1.0));
    }

    #[test]
    fn arms_without_spread_are_refused() {
        let text = |a: &[i64], b: &[i64]| spend(a, b, Level::default()).unwrap_err().to_string();
        // Two amounts against two others, once reported as certain (p = 0, limits 1 to 1), are a
        // matter of chance in one of three.
        assert_eq!(text(&[6, 6], &[5, 5]), "spend in either arm must vary from customer to customer");
        assert!(
            text(&[0, 0], &[0, 0]).starts_with("spend in either arm must vary from customer to customer")
        );
        let none = rates(Proportion::new(0, 9).unwrap(), Proportion::new(0, 4).unwrap(), Level::default());
        assert_eq!((none.p_value, none.relative), (1.0, None));
        // Free goods have no relative effect.
        assert_eq!(spend(&[1, 2], &[0, 0], Level::default()).unwrap().relative, None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |a: &[f64], b: &[f64]| spend(a, b, Level::default()).unwrap_err().to_string();
        assert_eq!(text(&[1.0], &[1.0, 2.0]), "number of treated customers must be at least 2, got 1");
        assert_eq!(text(&[1.0, 2.0], &[]), "number of control customers must be at least 2, got 0");
        assert_eq!(text(&[1.0, 2.0], &[1.0, f64::NAN]), "spend[1] must be between -1e100 and 1e100, got NaN");
    }
}

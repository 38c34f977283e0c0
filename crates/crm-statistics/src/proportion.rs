//! Proportions and their confidence limits: conversion, churn, response.

use std::fmt;

use crm_numbers::{Interval, Level, check, text};

use crate::Error;

/// Method of the confidence limits of a proportion.
///
/// # Formula
///
/// With p = successes / trials, n trials and z of the level:
///
/// | method | limits |
/// |---|---|
/// | Wald | `p -+ z sqrt(p (1 - p) / n)` |
/// | Wilson | the roots of `abs(p - t) = z sqrt(t (1 - t) / n)` |
/// | Wilson, corrected | the same with `abs(p - t) - 1/(2n)` on the left |
/// | Agresti-Coull | Wald, after adding z^2/2 successes and z^2/2 failures |
///
/// Limits are cut at 0 and 1.
///
/// # References
///
/// Wilson, E. B. (1927), JASA 22, 209-212; Agresti, A. and Coull, B. A. (1998), The American
/// Statistician 52, 119-126; Newcombe, R. G. (1998), "Two-sided confidence intervals for the single
/// proportion", Statistics in Medicine 17, 857-872 (methods 1, 3 and 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProportionMethod {
    /// The textbook interval: too short for small samples, and of no width at 0 and 1.
    Wald,
    /// The score interval: close to its level even for small samples. The default.
    #[default]
    Wilson,
    /// The score interval with a continuity correction: wider, rarely below its level, close to the
    /// exact (Clopper-Pearson) one.
    WilsonCorrected,
    /// A simple interval nearly as good as Wilson's, and slightly wider.
    AgrestiCoull,
}

crm_numbers::names! {
    ProportionMethod, "proportion method" {
        Wald = "wald",
        Wilson = "wilson",
        WilsonCorrected = "wilson_corrected",
        AgrestiCoull = "agresti_coull",
    }
}

/// The number of successes among a number of trials: 81 of 263 visitors bought.
///
/// # Examples
///
/// ```
/// use crm_numbers::Level;
/// use crm_statistics::{Proportion, ProportionMethod};
///
/// // Newcombe (1998), table I: 81/263 gives 0.2553 to 0.3662.
/// let bought = Proportion::new(81, 263)?;
/// let interval = bought.interval(ProportionMethod::Wilson, Level::default());
/// assert_eq!(interval.to_string(), "0.3080 (0.2553 to 0.3662, 95 %)");
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

crm_numbers::gate!(Proportion, Proportion::checked);

impl Proportion {
    /// Creates the proportion of `successes` among `trials`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for no trials, or more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Self, Error> {
        Self { successes, trials }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("trials", self.trials, 1..)?;
        check::range("successes", self.successes, ..=self.trials)?;
        Ok(self)
    }

    /// Returns the number of successes.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// Returns the number of trials.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// Returns successes / trials.
    #[must_use]
    pub fn estimate(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Returns the estimate with its confidence limits.
    #[must_use]
    pub fn interval(self, method: ProportionMethod, level: Level) -> Interval {
        let estimate = self.estimate();
        let (lower, upper) = self.limits(method, level);
        Interval::new(lower.max(0.0), estimate, upper.min(1.0), level)
    }

    /// Returns the difference of two independent proportions with its confidence limits.
    ///
    /// # Formula
    ///
    /// With limits l, u of each proportion p by `method`, and d = p1 - p2: from `d - sqrt((p1 -
    /// l1)^2 + (u2 - p2)^2)` to `d + sqrt((u1 - p1)^2 + (p2 - l2)^2)`, cut at -1 and 1. With
    /// [`Wilson`](ProportionMethod::Wilson) and
    /// [`WilsonCorrected`](ProportionMethod::WilsonCorrected) these are Newcombe's methods 10 and
    /// 11, with [`Wald`](ProportionMethod::Wald) the textbook interval.
    ///
    /// # References
    ///
    /// Newcombe, R. G. (1998), "Interval estimation for the difference between independent
    /// proportions: comparison of eleven methods", Statistics in Medicine 17, 873-890.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::Level;
    /// use crm_statistics::{Proportion, ProportionMethod};
    ///
    /// // Newcombe (1998), table II (a): 56/70 - 48/80 gives 0.0524 to 0.3339.
    /// let (new, old) = (Proportion::new(56, 70)?, Proportion::new(48, 80)?);
    /// let gain = new.difference(old, ProportionMethod::Wilson, Level::default());
    /// assert_eq!(gain.to_string(), "0.2000 (0.0524 to 0.3339, 95 %)");
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    #[must_use]
    pub fn difference(self, other: Self, method: ProportionMethod, level: Level) -> Interval {
        let (p1, p2) = (self.estimate(), other.estimate());
        let (l1, u1) = self.limits(method, level);
        let (l2, u2) = other.limits(method, level);
        let estimate = p1 - p2;
        let lower = estimate - (p1 - l1).hypot(u2 - p2);
        let upper = estimate + (u1 - p1).hypot(p2 - l2);
        Interval::new(lower.max(-1.0), estimate, upper.min(1.0), level)
    }

    /// Both limits, on either side of the estimate and not yet cut at 0 and 1.
    fn limits(self, method: ProportionMethod, level: Level) -> (f64, f64) {
        let (n, p, z) = (self.trials as f64, self.estimate(), level.z());
        let z2 = z * z;
        let (lower, upper) = match method {
            ProportionMethod::Wald => {
                let half = z * (p * (1.0 - p) / n).sqrt();
                (p - half, p + half)
            }
            ProportionMethod::Wilson => {
                let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
                let half = z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
                self.within_ends(centre - half, centre + half)
            }
            ProportionMethod::WilsonCorrected => {
                let q = 1.0 - p;
                let low_root = (z2 - 2.0 - 1.0 / n + 4.0 * p * (n * q + 1.0)).max(0.0).sqrt();
                let high_root = (z2 + 2.0 - 1.0 / n + 4.0 * q * (n * p + 1.0) - 4.0).max(0.0).sqrt();
                let (middle, scale) = (2.0 * n * p + z2, 2.0 * (n + z2));
                self.within_ends(
                    (middle - 1.0 - z * low_root) / scale,
                    (middle + 1.0 + z * high_root) / scale,
                )
            }
            ProportionMethod::AgrestiCoull => {
                let total = n + z2;
                let centre = (self.successes as f64 + z2 / 2.0) / total;
                let half = z * (centre * (1.0 - centre) / total).sqrt();
                (centre - half, centre + half)
            }
        };
        (lower.min(p), upper.max(p))
    }

    /// By definition of the methods, the lower limit is 0 without a success and the upper one is 1
    /// without a failure.
    fn within_ends(self, lower: f64, upper: f64) -> (f64, f64) {
        let lower = if self.successes == 0 { 0.0 } else { lower };
        let upper = if self.successes == self.trials { 1.0 } else { upper };
        (lower, upper)
    }
}

/// Returns Wilson's interval of a share that does not come from whole counts, such as one of a
/// survey with weights.
///
/// # Formula
///
/// The roots of `abs(p - t) = z sqrt(t (1 - t) / n)` in t, where p is the share (0 to 1) and n the
/// effective number of observations; for weighted respondents Kish's `sum(w)^2 / sum(w^2)`.
///
/// # Errors
///
/// [`Error::Input`] unless the share is in 0..=1 and the observations are positive and finite.
///
/// # References
///
/// Wilson, E. B. (1927), JASA 22, 209-212; Korn, E. L. and Graubard, B. I. (1998), "Confidence
/// intervals for proportions with small expected number of positive counts estimated from survey
/// data", Survey Methodology 24, 193-201, for the effective number of observations.
///
/// # Examples
///
/// ```
/// use crm_numbers::Level;
/// use crm_statistics::{Proportion, ProportionMethod, share_interval};
///
/// let (level, counts) = (Level::default(), Proportion::new(12, 20)?);
/// let by_share = share_interval(0.6, 20.0, level)?;
/// assert!((by_share.lower - counts.interval(ProportionMethod::Wilson, level).lower).abs() < 1e-12);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn share_interval(share: f64, observations: f64, level: Level) -> Result<Interval, Error> {
    check::range("share", share, 0.0..=1.0)?;
    check::range("observations", observations, check::above(0.0))?;
    let (n, z) = (observations, level.z());
    // Over n + z^2 instead of 1 + z^2 / n, which overflows for next to no observations.
    let total = n + z * z;
    let centre = (n * share + z * z / 2.0) / total;
    let half = z / total * (n * share * (1.0 - share) + z * z / 4.0).sqrt();
    let lower = if share <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let upper = if share >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Ok(Interval::new(lower, share, upper, level))
}

impl fmt::Display for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::pad(f, &format!("{} of {}", self.successes, self.trials))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use ProportionMethod::*;

    /// Published figures have four decimals.
    const PUBLISHED: f64 = 5.1e-5;

    fn assert_limits(got: Interval, (lower, upper): (f64, f64), what: &str) {
        let near = |a: f64, b: f64| (a - b).abs() <= PUBLISHED;
        assert!(near(got.lower, lower) && near(got.upper, upper), "{what}: {got}, not {lower} to {upper}");
    }

    /// Newcombe (1998), table I; Agresti-Coull computed from its definition, cut at 0.
    #[test]
    fn published_limits_of_one_proportion() {
        let table = [
            (81, 263, Wald, (0.2522, 0.3638)),
            (81, 263, Wilson, (0.2553, 0.3662)),
            (81, 263, WilsonCorrected, (0.2535, 0.3682)),
            (81, 263, AgrestiCoull, (0.2552, 0.3663)),
            (15, 148, Wald, (0.0527, 0.1500)),
            (15, 148, Wilson, (0.0624, 0.1605)),
            (15, 148, WilsonCorrected, (0.0598, 0.1644)),
            (15, 148, AgrestiCoull, (0.0614, 0.1615)),
            (0, 20, Wald, (0.0, 0.0)),
            (0, 20, Wilson, (0.0, 0.1611)),
            (0, 20, WilsonCorrected, (0.0, 0.2005)),
            (0, 20, AgrestiCoull, (0.0, 0.1898)),
            (1, 29, Wald, (0.0, 0.1009)),
            (1, 29, Wilson, (0.0061, 0.1718)),
            (1, 29, WilsonCorrected, (0.0018, 0.1963)),
            (1, 29, AgrestiCoull, (0.0, 0.1863)),
        ];
        for (successes, trials, method, limits) in table {
            let proportion = Proportion::new(successes, trials).unwrap();
            let got = proportion.interval(method, Level::default());
            assert_limits(got, limits, &format!("{proportion} {method:?}"));
        }
    }

    /// Newcombe (1998), table II: methods 10 and 11.
    #[test]
    fn published_limits_of_a_difference() {
        let table = [
            ((56, 70), (48, 80), (0.0524, 0.3339), (0.0428, 0.3422)),
            ((9, 10), (3, 10), (0.1705, 0.8090), (0.1013, 0.8387)),
            ((6, 7), (2, 7), (0.0582, 0.8062), (-0.0290, 0.8423)),
            ((5, 56), (0, 29), (-0.0381, 0.1926), (-0.0667, 0.2037)),
            ((0, 10), (0, 20), (-0.1611, 0.2775), (-0.2005, 0.3445)),
            ((0, 10), (0, 10), (-0.2775, 0.2775), (-0.3445, 0.3445)),
            ((10, 10), (0, 20), (0.6791, 1.0), (0.6014, 1.0)),
            ((10, 10), (0, 10), (0.6075, 1.0), (0.5128, 1.0)),
        ];
        for (first, second, plain, corrected) in table {
            let first = Proportion::new(first.0, first.1).unwrap();
            let second = Proportion::new(second.0, second.1).unwrap();
            let difference = |method| first.difference(second, method, Level::default());
            assert_limits(difference(Wilson), plain, &format!("{first} - {second}"));
            assert_limits(difference(WilsonCorrected), corrected, &format!("{first} - {second}, corrected"));
        }
    }

    #[test]
    fn the_difference_by_wald_is_the_textbook_interval() {
        let (a, b) = (Proportion::new(56, 70).unwrap(), Proportion::new(48, 80).unwrap());
        let half = 1.959_963_984_540_054 * (0.8 * 0.2 / 70.0 + 0.6 * 0.4 / 80.0_f64).sqrt();
        assert_limits(a.difference(b, Wald, Level::default()), (0.2 - half, 0.2 + half), "Wald");
    }

    #[test]
    fn impossible_counts_are_refused() {
        assert_eq!(Proportion::new(0, 0).unwrap_err().to_string(), "trials must be at least 1, got 0");
        assert_eq!(Proportion::new(3, 2).unwrap_err().to_string(), "successes must be at most 2, got 3");
    }
}

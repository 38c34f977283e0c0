use std::fmt;

use special::Error as _;

use crate::Error;

/// How sure an interval is to be: 0.95 by default.
///
/// ```
/// use crm_statistics::Level;
///
/// // The 97.5 % point of the standard normal distribution, 1.96 in every table.
/// assert!((Level::default().z() - 1.959_963_984_540_054).abs() < 1e-15);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Level(f64);

impl Level {
    /// A confidence level strictly between 0 and 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the level.
    pub fn new(level: f64) -> Result<Self, Error> {
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            let allowed = "lie strictly between 0 and 1".to_owned();
            Err(Error::OutOfRange { field: "level", allowed, value: level.to_string() })
        }
    }

    /// The level as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The two-sided normal quantile: a standard normal variable lies within -z..=z with this probability.
    ///
    /// `z = sqrt(2) erfinv(level)`, positive and finite for every level.
    #[must_use]
    pub fn z(self) -> f64 {
        std::f64::consts::SQRT_2 * self.0.inv_error()
    }
}

impl Default for Level {
    fn default() -> Self {
        Self(0.95)
    }
}

impl TryFrom<f64> for Level {
    type Error = Error;

    fn try_from(level: f64) -> Result<Self, Error> {
        Self::new(level)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// An estimate with the range that the truth lies in, at a level of confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Interval {
    /// The lower limit.
    pub lower: f64,
    /// The estimate, never outside the limits.
    pub estimate: f64,
    /// The upper limit.
    pub upper: f64,
    /// The level of confidence.
    pub level: Level,
}

impl Interval {
    /// An interval from its parts, for estimates made elsewhere; limits that leave the estimate out are moved to it.
    ///
    /// ```
    /// use crm_statistics::{Interval, Level};
    ///
    /// assert_eq!(Interval::new(0.2, 0.3, 0.5, Level::default()).to_string(), "0.3000 (0.2000 to 0.5000, 95 %)");
    /// ```
    #[must_use]
    pub fn new(lower: f64, estimate: f64, upper: f64, level: Level) -> Self {
        Self { lower: lower.min(estimate), estimate, upper: upper.max(estimate), level }
    }

    /// Returns the interval of the difference of two independent estimates, from the intervals of both.
    ///
    /// # Formula
    /// `d = x1 - x2`, from `d - sqrt((x1 - l1)^2 + (u2 - x2)^2)` to `d + sqrt((u1 - x1)^2 + (x2 - l2)^2)`, where
    /// `l`, `x` and `u` are lower limit, estimate and upper limit. Both intervals have one level; the result has that of
    /// `self`.
    ///
    /// # References
    /// Zou, G. Y. and Donner, A. (2008), "Construction of confidence limits about effect measures: A general approach",
    /// Statistics in Medicine 27, 1693-1702; for shares, method 10 of Newcombe (1998).
    ///
    /// # Examples
    /// ```
    /// use crm_statistics::{Interval, Level};
    ///
    /// let level = Level::default();
    /// let (now, before) = (Interval::new(2.0, 5.0, 9.0, level), Interval::new(0.0, 4.0, 8.0, level));
    /// // 1 - sqrt(3^2 + 4^2) to 1 + sqrt(4^2 + 4^2).
    /// assert_eq!(format!("{:.2}", now.minus(before)), "1.00 (-4.00 to 6.66, 95 %)");
    /// ```
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
        let estimate = finite(self.estimate - other.estimate);
        let below = (self.estimate - self.lower).hypot(other.upper - other.estimate);
        let above = (self.upper - self.estimate).hypot(other.estimate - other.lower);
        Self::new(finite(estimate - below), estimate, finite(estimate + above), self.level)
    }
}

/// Four decimal places unless a precision is asked for; a width pads the whole.
///
/// ```
/// use crm_statistics::{Interval, Level};
///
/// let share = Interval::new(0.2, 0.3, 0.5, Level::new(0.57)?);
/// assert_eq!(format!("{share:.2}"), "0.30 (0.20 to 0.50, 57 %)");
/// # Ok::<(), crm_statistics::Error>(())
/// ```
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lower, estimate, upper, level } = self;
        let places = f.precision().unwrap_or(4);
        let text = format!("{estimate:.places$} ({lower:.places$} to {upper:.places$}, {level})");
        crate::text::pad(f, &text)
    }
}

/// In percent, without the digits that only binary fractions have: `57 %`, not `56.99999999999999 %`.
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        let text = match f.precision() {
            Some(places) => format!("{percent:.places$} %"),
            None => {
                /// A percentage below 100 keeps 14 significant digits.
                const PLACES: usize = 12;
                let rounded = format!("{percent:.PLACES$}");
                let short = rounded.trim_end_matches('0').trim_end_matches('.');
                // A level that is next to 0 or 100 % must not be printed as one that there is not.
                if short == "0" || short == "100" { format!("{percent} %") } else { format!("{short} %") }
            }
        };
        crate::text::pad(f, &text)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-14;

    /// 40-digit references from mpmath: sqrt(2) erfinv(level).
    #[test]
    fn normal_quantiles_of_any_level() {
        let published = [
            (0.5, 0.674_489_750_196_081_7),
            (0.8, 1.281_551_565_544_600_4),
            (0.9, 1.644_853_626_951_472_7),
            (0.95, 1.959_963_984_540_054_2),
            (0.99, 2.575_829_303_548_901),
            (0.999, 3.290_526_731_491_894_6),
            (1e-12, 1.253_314_137_315_500_1e-12),
            (1.0 - f64::EPSILON / 2.0, 8.292_361_075_813_597),
        ];
        for (level, z) in published {
            let got = Level::new(level).unwrap().z();
            assert!((got - z).abs() <= RELATIVE * z, "{level}: {got}, not {z}");
        }
    }

    #[test]
    fn no_level_at_or_beyond_the_ends() {
        for level in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
            assert!(Level::new(level).is_err(), "{level}");
        }
        assert_eq!(
            Level::new(95.0).unwrap_err().to_string(),
            "level must lie strictly between 0 and 1, got 95"
        );
    }

    #[test]
    fn reads_as_people_write_it() {
        let interval = Interval { lower: 0.25, estimate: 0.3, upper: 0.36, level: Level::default() };
        assert_eq!(interval.to_string(), "0.3000 (0.2500 to 0.3600, 95 %)");
        assert_eq!(format!("{interval:.1}"), "0.3 (0.2 to 0.4, 95 %)");
        assert_eq!(format!("{interval:>36}|"), "     0.3000 (0.2500 to 0.3600, 95 %)|");
        let level = |level: f64| Level::new(level).unwrap().to_string();
        assert_eq!([0.57, 0.95, 0.999, 0.29].map(level), ["57 %", "95 %", "99.9 %", "29 %"]);
        assert_eq!(level(1.0 / 3.0), "33.333333333333 %");
        assert_eq!(level(1.0 - f64::EPSILON / 2.0), "99.99999999999999 %");
        assert_eq!(format!("{:.1}", Level::new(0.57).unwrap()), "57.0 %");
    }
}

//! Confidence levels.

use std::fmt;
use std::str::FromStr;

use special::Error as _;

use crate::{InputError, check, text};

/// A confidence level, greater than 0 and less than 1; 0.95 by default.
///
/// # Examples
///
/// ```
/// use crm_numbers::Level;
///
/// // The 97.5 % point of the standard normal distribution, 1.96 in every table.
/// assert!((Level::default().z() - 1.959_963_984_540_054).abs() < 1e-15);
/// assert_eq!("90 %".parse::<Level>()?, Level::new(0.9)?);
/// # Ok::<(), crm_numbers::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Level(f64);

impl Level {
    /// Creates a confidence level between 0 and 1, both excluded.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] names the level.
    pub fn new(level: f64) -> Result<Self, InputError> {
        check::range("level", level, check::strictly_between(0.0, 1.0)).map(Self)
    }

    /// Returns the level as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// Returns the two-sided normal quantile: a standard normal variable lies within -z..=z with
    /// this probability.
    ///
    /// # Formula
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
    type Error = InputError;

    fn try_from(level: f64) -> Result<Self, InputError> {
        Self::new(level)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// Reads `0.95` and `95 %`.
impl FromStr for Level {
    type Err = InputError;

    fn from_str(level: &str) -> Result<Self, InputError> {
        let number = text::read_share("level", level)?;
        Self::new(number.to_string().parse().unwrap_or(f64::NAN))
    }
}

/// In percent, without the digits that only binary fractions have: `57 %`, not `56.99999999999999
/// %`.
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
        text::pad(f, &text)
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
            "level must be greater than 0 and less than 1, got 95"
        );
    }

    #[test]
    fn reads_as_people_write_it() {
        let level = |level: f64| Level::new(level).unwrap().to_string();
        assert_eq!([0.57, 0.95, 0.999, 0.29].map(level), ["57 %", "95 %", "99.9 %", "29 %"]);
        assert_eq!(level(1.0 / 3.0), "33.333333333333 %");
        assert_eq!(level(1.0 - f64::EPSILON / 2.0), "99.99999999999999 %");
        assert_eq!(format!("{:.1}", Level::new(0.57).unwrap()), "57.0 %");
    }
}

//! Estimates with confidence limits.

use std::fmt;

use crate::{Level, text};

/// An estimate with its confidence limits.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[non_exhaustive]
pub struct Interval {
    /// Lower confidence limit.
    pub lower: f64,
    /// Estimate, never outside the limits.
    pub estimate: f64,
    /// Upper confidence limit.
    pub upper: f64,
    /// Confidence level.
    pub level: Level,
}

crate::gate!(Interval, Interval::checked);

impl Interval {
    /// Creates an interval from its parts; limits that leave the estimate out are moved to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::{Interval, Level};
    ///
    /// assert_eq!(Interval::new(0.2, 0.3, 0.5, Level::default()).to_string(), "0.3000 (0.2000 to 0.5000, 95 %)");
    /// ```
    #[must_use]
    pub fn new(lower: f64, estimate: f64, upper: f64, level: Level) -> Self {
        Self { lower: lower.min(estimate), estimate, upper: upper.max(estimate), level }
    }

    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, crate::InputError> {
        crate::check::range("estimate", self.estimate, self.lower..=self.upper)?;
        Ok(self)
    }

    /// Returns the interval of the difference of two independent estimates, from the intervals of
    /// both.
    ///
    /// # Formula
    ///
    /// `d = x1 - x2`, from `d - sqrt((x1 - l1)^2 + (u2 - x2)^2)` to `d + sqrt((u1 - x1)^2 + (x2 -
    /// l2)^2)`, where `l`, `x` and `u` are lower limit, estimate and upper limit. Both intervals
    /// have one level; the result has that of `self`.
    ///
    /// # References
    ///
    /// Zou, G. Y. and Donner, A. (2008), "Construction of confidence limits about effect measures:
    /// A general approach", Statistics in Medicine 27, 1693-1702; for shares, method 10 of Newcombe
    /// (1998).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::{Interval, Level};
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
/// use crm_numbers::{Interval, Level};
///
/// let share = Interval::new(0.2, 0.3, 0.5, Level::new(0.57)?);
/// assert_eq!(format!("{share:.2}"), "0.30 (0.20 to 0.50, 57 %)");
/// # Ok::<(), crm_numbers::InputError>(())
/// ```
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lower, estimate, upper, level } = self;
        let places = f.precision().unwrap_or(4);
        let text = format!("{estimate:.places$} ({lower:.places$} to {upper:.places$}, {level})");
        text::pad(f, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_people_write_it() {
        let interval = Interval { lower: 0.25, estimate: 0.3, upper: 0.36, level: Level::default() };
        assert_eq!(interval.to_string(), "0.3000 (0.2500 to 0.3600, 95 %)");
        assert_eq!(format!("{interval:.1}"), "0.3 (0.2 to 0.4, 95 %)");
        assert_eq!(format!("{interval:>36}|"), "     0.3000 (0.2500 to 0.3600, 95 %)|");
    }
}

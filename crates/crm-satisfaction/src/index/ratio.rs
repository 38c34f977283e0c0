use std::fmt;

use crm_numbers::{InputError, check};

use crate::Error;

/// The degree to which one expectation was met: C = b / a (客户满意度), with the gap b - a.
///
/// `b` is the perception, at least 0; `a` the expectation, greater than 0; both on one scale that
/// begins at 0. C is 0 if nothing was delivered and 1 if the expectation was met exactly; it
/// increases with `b` and decreases with `a`.
///
/// The value of one person is noisy; see [`Pairs`](crate::index::Pairs) for the value of a group.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::index::Index;
///
/// let index = Index::new(9.0, 10.0)?;
/// assert_eq!((index.ratio(), index.gap()), (0.9, -1.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Index {
    perceived: f64,
    expected: f64,
}

crm_numbers::gate!(Index, Index::checked);

impl Index {
    /// Creates the index of a perception over an expectation.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] unless the perception is at least 0, the expectation greater than 0
    /// and large enough for a finite ratio, and both finite.
    pub fn new(perceived: f64, expected: f64) -> Result<Self, Error> {
        Ok(Self { perceived, expected }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        let perceived = check::range("perceived", self.perceived, 0.0..)?;
        check::range("expected", self.expected, check::above(0.0))?;
        if !self.ratio().is_finite() {
            return Err(InputError::range("expected", self.expected, check::above(perceived / f64::MAX)));
        }
        Ok(self)
    }

    /// Returns the perception.
    #[must_use]
    pub fn perceived(self) -> f64 {
        self.perceived
    }

    /// Returns the expectation.
    #[must_use]
    pub fn expected(self) -> f64 {
        self.expected
    }

    /// Returns C = perceived / expected.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.perceived / self.expected
    }

    /// Returns the gap, perceived - expected.
    #[must_use]
    pub fn gap(self) -> f64 {
        self.perceived - self.expected
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({} of {})", self.ratio(), self.perceived, self.expected)
    }
}

/// The name of the band around a ratio of 1, on which the literature differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MiddleBand {
    /// Expectations were met, so the customer is about satisfied. The default.
    #[default]
    AboutSatisfied,
    /// There was nothing to please or to annoy the customer: neutral.
    Neutral,
}

crm_numbers::names! {
    MiddleBand, "middle band" {
        AboutSatisfied = "about_satisfied",
        Neutral = "neutral",
    }
}

/// A satisfaction index in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Nothing was delivered: C = 0.
    Unmet,
    /// Less than expected.
    Dissatisfied,
    /// About as expected, called neutral.
    Neutral,
    /// About as expected, called satisfied.
    AboutSatisfied,
    /// More than expected.
    Delighted,
}

crm_numbers::names! {
    Band, "satisfaction band" {
        Unmet = "unmet",
        Dissatisfied = "dissatisfied",
        Neutral = "neutral",
        AboutSatisfied = "about_satisfied",
        Delighted = "delighted",
    }
}

/// The bands of a satisfaction index, with a tolerance around 1.
///
/// | C | band |
/// |---|---|
/// | 0 | unmet |
/// | less than 1 - tolerance | dissatisfied |
/// | from 1 - tolerance to 1 + tolerance | about satisfied, or neutral: [`MiddleBand`] |
/// | greater than 1 + tolerance | delighted |
///
/// # Examples
///
/// ```
/// use crm_satisfaction::index::{Band, IndexBands, MiddleBand};
///
/// let bands = IndexBands::new(0.1, MiddleBand::Neutral)?;
/// assert_eq!([0.0, 0.89, 0.9, 1.1, 1.11].map(|c| bands.band(c)),
///     [Band::Unmet, Band::Dissatisfied, Band::Neutral, Band::Neutral, Band::Delighted]);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct IndexBands {
    tolerance: f64,
    middle: MiddleBand,
}

crm_numbers::gate!(IndexBands, IndexBands::checked);

impl IndexBands {
    /// Creates bands from the tolerance on either side of 1 and the name of the band in the middle.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] unless the tolerance is at least 0 and less than 1.
    pub fn new(tolerance: f64, middle: MiddleBand) -> Result<Self, Error> {
        Ok(Self { tolerance, middle }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::range("tolerance", self.tolerance, 0.0..1.0)?;
        Ok(self)
    }

    /// Returns the tolerance on either side of 1.
    #[must_use]
    pub fn tolerance(self) -> f64 {
        self.tolerance
    }

    /// Returns the name of the band in the middle.
    #[must_use]
    pub fn middle(self) -> MiddleBand {
        self.middle
    }

    /// Returns the band of a ratio.
    #[must_use]
    pub fn band(self, ratio: f64) -> Band {
        if ratio <= 0.0 {
            Band::Unmet
        } else if ratio < 1.0 - self.tolerance {
            Band::Dissatisfied
        } else if ratio <= 1.0 + self.tolerance {
            match self.middle {
                MiddleBand::AboutSatisfied => Band::AboutSatisfied,
                MiddleBand::Neutral => Band::Neutral,
            }
        } else {
            Band::Delighted
        }
    }
}

/// A tolerance of 5 %, about satisfied in the middle.
impl Default for IndexBands {
    fn default() -> Self {
        Self { tolerance: 0.05, middle: MiddleBand::AboutSatisfied }
    }
}

/// A gap in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapBand {
    /// Less than expected.
    FallsShort,
    /// As expected.
    Meets,
    /// More than expected.
    Exceeds,
}

crm_numbers::names! {
    GapBand, "gap band" {
        FallsShort = "falls_short",
        Meets = "meets",
        Exceeds = "exceeds",
    }
}

/// The bands of a gap, with a tolerance around 0 in points of the scale.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::index::{GapBand, GapBands};
///
/// let bands = GapBands::new(0.25)?;
/// assert_eq!([-0.3, 0.2, 0.3].map(|gap| bands.band(gap)), [GapBand::FallsShort, GapBand::Meets, GapBand::Exceeds]);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct GapBands {
    tolerance: f64,
}

crm_numbers::gate!(GapBands, GapBands::checked);

impl GapBands {
    /// Creates bands from a tolerance in points of the scale.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] unless the tolerance is at least 0 and finite.
    pub fn new(tolerance: f64) -> Result<Self, Error> {
        Ok(Self { tolerance }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::range("tolerance", self.tolerance, 0.0..)?;
        Ok(self)
    }

    /// Returns the tolerance in points of the scale.
    #[must_use]
    pub fn tolerance(self) -> f64 {
        self.tolerance
    }

    /// Returns the band of a gap.
    #[must_use]
    pub fn band(self, gap: f64) -> GapBand {
        if gap < -self.tolerance {
            GapBand::FallsShort
        } else if gap <= self.tolerance {
            GapBand::Meets
        } else {
            GapBand::Exceeds
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn nothing_delivered_is_zero_and_as_expected_is_one() {
        assert_eq!(Index::new(0.0, 5.0).unwrap().ratio(), 0.0);
        assert_eq!(Index::new(5.0, 5.0).unwrap().ratio(), 1.0);
        assert_eq!(Index::new(5.0, 5.0).unwrap().gap(), 0.0);
        assert_eq!(Index::new(6.0, 8.0).unwrap().to_string(), "0.750 (6 of 8)");
    }

    #[test]
    fn an_expectation_of_nothing_or_next_to_nothing_is_refused() {
        let text = |b, a| Index::new(b, a).unwrap_err().to_string();
        assert_eq!(text(1.0, 0.0), "expected must be greater than 0, got 0");
        assert_eq!(text(1.0, -2.0), "expected must be greater than 0, got -2");
        assert_eq!(text(1.0, f64::NAN), "expected must be greater than 0 and finite, got NaN");
        assert_eq!(text(-1.0, 2.0), "perceived must be at least 0, got -1");
        assert_eq!(text(f64::INFINITY, 2.0), "perceived must be at least 0 and finite, got inf");
        assert!(text(10.0, 1e-308 / 1e10).starts_with("expected must be greater than 5.56"));
        // A tiny expectation that can be divided by is none of our business.
        assert_eq!(Index::new(1e-9, 1e-9).unwrap().ratio(), 1.0);
    }

    #[test]
    fn tolerances_that_make_no_band_are_refused() {
        let text = |tolerance| IndexBands::new(tolerance, MiddleBand::Neutral).unwrap_err().to_string();
        assert_eq!(text(1.0), "tolerance must be at least 0 and less than 1, got 1");
        assert_eq!(text(f64::NAN), "tolerance must be at least 0 and less than 1, got NaN");
        assert_eq!(GapBands::new(-0.1).unwrap_err().to_string(), "tolerance must be at least 0, got -0.1");
        assert_eq!(IndexBands::default().band(1.05), Band::AboutSatisfied);
    }
}

use std::fmt;

use crate::Error;
use crate::error::out_of_range;

/// How far one expectation was met: C = b / a (客户满意度), with the gap b - a beside it.
///
/// b is what was perceived, at least 0; a what was expected, above 0; both on one scale that begins at 0. C is 0 where
/// nothing was delivered and 1 where exactly what was expected was; it rises with b and falls with a.
///
/// One person's value says little: see [`Pairs`](crate::index::Pairs) for a group's.
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
#[cfg_attr(feature = "serde", serde(try_from = "[f64; 2]", into = "[f64; 2]"))]
pub struct Index {
    perceived: f64,
    expected: f64,
}

impl Index {
    /// The index of what was perceived over what was expected.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a perception below 0, an expectation that is not above 0 (nothing can be divided by an
    /// expectation of nothing), values that are not finite, and an expectation so small that the ratio overflows.
    pub fn new(perceived: f64, expected: f64) -> Result<Self, Error> {
        if !(perceived.is_finite() && perceived >= 0.0) {
            return Err(out_of_range("perceived", "be at least 0 and finite", perceived));
        }
        if !(expected.is_finite() && expected > 0.0) {
            return Err(out_of_range("expected", "be above 0", expected));
        }
        if !(perceived / expected).is_finite() {
            let allowed = format!("be large enough to divide {perceived}");
            return Err(out_of_range("expected", allowed, expected));
        }
        Ok(Self { perceived, expected })
    }

    /// What was perceived.
    #[must_use]
    pub fn perceived(self) -> f64 {
        self.perceived
    }

    /// What was expected.
    #[must_use]
    pub fn expected(self) -> f64 {
        self.expected
    }

    /// C = perceived / expected.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.perceived / self.expected
    }

    /// Perceived - expected.
    #[must_use]
    pub fn gap(self) -> f64 {
        self.perceived - self.expected
    }
}

impl TryFrom<[f64; 2]> for Index {
    type Error = Error;

    fn try_from([perceived, expected]: [f64; 2]) -> Result<Self, Error> {
        Self::new(perceived, expected)
    }
}

impl From<Index> for [f64; 2] {
    fn from(index: Index) -> Self {
        [index.perceived, index.expected]
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({} of {})", self.ratio(), self.perceived, self.expected)
    }
}

/// What a ratio near 1 is called: the literature has it both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AtOne {
    /// Expectations were met, so the customer is about satisfied. The default.
    #[default]
    AboutSatisfied,
    /// Nothing happened that would please or annoy: neutral.
    Neutral,
}

/// What a ratio means in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unmet => "unmet",
            Self::Dissatisfied => "dissatisfied",
            Self::Neutral => "neutral",
            Self::AboutSatisfied => "about satisfied",
            Self::Delighted => "delighted",
        })
    }
}

/// Where a ratio counts as 1: within a tolerance, because no survey hits 1 exactly.
///
/// | C | band |
/// |---|---|
/// | 0 | unmet |
/// | below 1 - tolerance | dissatisfied |
/// | from 1 - tolerance to 1 + tolerance | about satisfied, or neutral: [`AtOne`] |
/// | above | delighted |
///
/// ```
/// use crm_satisfaction::index::{AtOne, Band, Bands};
///
/// let bands = Bands::new(0.1, AtOne::Neutral)?;
/// assert_eq!([0.0, 0.89, 0.9, 1.1, 1.11].map(|c| bands.band(c)),
///     [Band::Unmet, Band::Dissatisfied, Band::Neutral, Band::Neutral, Band::Delighted]);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(f64, AtOne)", into = "(f64, AtOne)"))]
pub struct Bands {
    tolerance: f64,
    at_one: AtOne,
}

impl Bands {
    /// A tolerance on either side of 1, and what the band in the middle is called.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the tolerance is at least 0 and below 1.
    pub fn new(tolerance: f64, at_one: AtOne) -> Result<Self, Error> {
        if (0.0..1.0).contains(&tolerance) {
            Ok(Self { tolerance, at_one })
        } else {
            Err(out_of_range("tolerance", "be at least 0 and below 1", tolerance))
        }
    }

    /// The band of a ratio.
    #[must_use]
    pub fn band(self, ratio: f64) -> Band {
        if ratio <= 0.0 {
            Band::Unmet
        } else if ratio < 1.0 - self.tolerance {
            Band::Dissatisfied
        } else if ratio <= 1.0 + self.tolerance {
            match self.at_one {
                AtOne::AboutSatisfied => Band::AboutSatisfied,
                AtOne::Neutral => Band::Neutral,
            }
        } else {
            Band::Delighted
        }
    }
}

/// Within 5 % of 1, about satisfied.
impl Default for Bands {
    fn default() -> Self {
        Self { tolerance: 0.05, at_one: AtOne::AboutSatisfied }
    }
}

impl TryFrom<(f64, AtOne)> for Bands {
    type Error = Error;

    fn try_from((tolerance, at_one): (f64, AtOne)) -> Result<Self, Error> {
        Self::new(tolerance, at_one)
    }
}

impl From<Bands> for (f64, AtOne) {
    fn from(bands: Bands) -> Self {
        (bands.tolerance, bands.at_one)
    }
}

/// What a gap means in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum GapBand {
    /// Less than expected.
    FallsShort,
    /// As expected.
    Meets,
    /// More than expected.
    Exceeds,
}

impl fmt::Display for GapBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FallsShort => "falls short",
            Self::Meets => "meets",
            Self::Exceeds => "exceeds",
        })
    }
}

/// Where a gap counts as none: within so many points of the scale.
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
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct GapBands(f64);

impl GapBands {
    /// A tolerance in points of the scale.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it is at least 0 and finite.
    pub fn new(tolerance: f64) -> Result<Self, Error> {
        if tolerance >= 0.0 && tolerance.is_finite() {
            Ok(Self(tolerance))
        } else {
            Err(out_of_range("tolerance", "be at least 0 and finite", tolerance))
        }
    }

    /// The band of a gap.
    #[must_use]
    pub fn band(self, gap: f64) -> GapBand {
        if gap < -self.0 {
            GapBand::FallsShort
        } else if gap <= self.0 {
            GapBand::Meets
        } else {
            GapBand::Exceeds
        }
    }
}

impl TryFrom<f64> for GapBands {
    type Error = Error;

    fn try_from(tolerance: f64) -> Result<Self, Error> {
        Self::new(tolerance)
    }
}

impl From<GapBands> for f64 {
    fn from(bands: GapBands) -> Self {
        bands.0
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
        assert_eq!(text(1.0, 0.0), "expected must be above 0, got 0");
        assert_eq!(text(1.0, -2.0), "expected must be above 0, got -2");
        assert_eq!(text(1.0, f64::NAN), "expected must be above 0, got NaN");
        assert_eq!(text(-1.0, 2.0), "perceived must be at least 0 and finite, got -1");
        assert_eq!(text(f64::INFINITY, 2.0), "perceived must be at least 0 and finite, got inf");
        assert!(text(10.0, 1e-308 / 1e10).starts_with("expected must be large enough to divide 10, got"));
        // A tiny expectation that can be divided by is none of our business.
        assert_eq!(Index::new(1e-9, 1e-9).unwrap().ratio(), 1.0);
    }

    #[test]
    fn tolerances_that_make_no_band_are_refused() {
        let text = |tolerance| Bands::new(tolerance, AtOne::Neutral).unwrap_err().to_string();
        assert_eq!(text(1.0), "tolerance must be at least 0 and below 1, got 1");
        assert_eq!(text(f64::NAN), "tolerance must be at least 0 and below 1, got NaN");
        assert_eq!(
            GapBands::new(-0.1).unwrap_err().to_string(),
            "tolerance must be at least 0 and finite, got -0.1"
        );
        assert_eq!(Bands::default().band(1.05), Band::AboutSatisfied);
    }
}

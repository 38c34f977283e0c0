//! Sample quantiles: the nine definitions of Hyndman and Fan (1996).

use crm_numbers::{EmptyError, InputError, RangeError, check};

use crate::Error;
use crate::order::place;

/// Definition of a sample quantile: one of the nine types of Hyndman and Fan.
///
/// # Formula
///
/// With the values in ascending order `x_1 <= ... <= x_n`, a probability p and a position h, types
/// 4 to 9 interpolate: `x_j + (h - j) (x_(j+1) - x_j)`, `j = floor(h)`. Types 1 to 3 return an
/// observed value (type 2: or the mean of two).
///
/// | type | name | position h |
/// |---|---|---|
/// | 1 | [`InvertedCdf`](Self::InvertedCdf) | `n p`, rounded up |
/// | 2 | [`AveragedInvertedCdf`](Self::AveragedInvertedCdf) | as type 1; the mean of the neighbors where `n p` is whole |
/// | 3 | [`ClosestObservation`](Self::ClosestObservation) | `n p`, to the nearest; a tie goes to the even index |
/// | 4 | [`InterpolatedInvertedCdf`](Self::InterpolatedInvertedCdf) | `n p` |
/// | 5 | [`Hazen`](Self::Hazen) | `n p + 1/2` |
/// | 6 | [`Weibull`](Self::Weibull) | `(n + 1) p` |
/// | 7 | [`Linear`](Self::Linear) | `(n - 1) p + 1` |
/// | 8 | [`MedianUnbiased`](Self::MedianUnbiased) | `(n + 1/3) p + 1/3` |
/// | 9 | [`NormalUnbiased`](Self::NormalUnbiased) | `(n + 1/4) p + 3/8` |
///
/// A position within a few units in the last place of a whole number counts as that number: `0.07 x
/// 100` is 7, although `f64` says 7.000000000000001.
///
/// # References
///
/// Hyndman, R. J. and Fan, Y. (1996), "Sample Quantiles in Statistical Packages", The American
/// Statistician 50 (4), 361-365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QuantileMethod {
    /// Type 1: the smallest observed value with at least a share p at or below it.
    InvertedCdf,
    /// Type 2: as type 1, and the mean of two values where the share is met exactly.
    AveragedInvertedCdf,
    /// Type 3: the observed value whose rank is nearest to `n p`.
    ClosestObservation,
    /// Type 4: linear interpolation of the distribution function.
    InterpolatedInvertedCdf,
    /// Type 5: piecewise linear, with knots midway through the steps; common in hydrology.
    Hazen,
    /// Type 6: the expected position of a value in a uniform sample.
    Weibull,
    /// Type 7: the default here, in most spreadsheets and in NumPy, pandas and R.
    #[default]
    Linear,
    /// Type 8: about median-unbiased for any distribution; the recommendation of Hyndman and Fan.
    MedianUnbiased,
    /// Type 9: about unbiased for the expected order statistics of a normal sample.
    NormalUnbiased,
}

crm_numbers::names! {
    QuantileMethod, "quantile method" {
        InvertedCdf = "inverted_cdf",
        AveragedInvertedCdf = "averaged_inverted_cdf",
        ClosestObservation = "closest_observation",
        InterpolatedInvertedCdf = "interpolated_inverted_cdf",
        Hazen = "hazen",
        Weibull = "weibull",
        Linear = "linear",
        MedianUnbiased = "median_unbiased",
        NormalUnbiased = "normal_unbiased",
    }
}

/// Returns the value below which a share `p` of the values lies, for values in any order.
///
/// Takes O(n): the one or two values it needs are selected on a copy.
///
/// # Errors
///
/// [`Error::Input`] without values, for NaN or an infinity, and for a probability outside 0..=1.
///
/// # Examples
///
/// ```
/// use crm_statistics::{QuantileMethod, quantile};
///
/// let spend = [5.0, 1.0, 4.0, 2.0];
/// assert_eq!(quantile(&spend, 0.5, QuantileMethod::Linear)?, 3.0);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn quantile(values: &[f64], p: f64, method: QuantileMethod) -> Result<f64, Error> {
    let found = quantiles(values, &[p], method)?;
    found.first().copied().ok_or_else(no_values)
}

/// Returns several quantiles of values in any order, in the order of `probabilities`.
///
/// Takes O(n log k) for k probabilities: the values needed are selected together on one copy.
///
/// # Errors
///
/// As [`quantile`].
///
/// # Examples
///
/// ```
/// use crm_statistics::{QuantileMethod, quantiles};
///
/// let spend = [5.0, 1.0, 4.0, 2.0, 3.0];
/// assert_eq!(quantiles(&spend, &[0.25, 0.5, 0.75], QuantileMethod::Linear)?, [2.0, 3.0, 4.0]);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn quantiles(values: &[f64], probabilities: &[f64], method: QuantileMethod) -> Result<Vec<f64>, Error> {
    check(values)?;
    let positions: Vec<Position> =
        probabilities.iter().map(|&p| Position::new(values.len(), p, method)).collect::<Result<_, _>>()?;
    let mut places: Vec<usize> = positions.iter().flat_map(|at| [at.below, at.above]).collect();
    places.sort_unstable();
    places.dedup();
    let mut copy = values.to_vec();
    place(&mut copy, 0, &places);
    positions.iter().map(|at| at.read(&copy)).collect()
}

/// Finite values in ascending order, of which each quantile takes O(1).
///
/// # Examples
///
/// ```
/// use crm_statistics::{QuantileMethod, Sorted};
///
/// let gaps = [1.0, 2.0, 4.0, 8.0];
/// let sorted = Sorted::new(&gaps)?;
/// assert_eq!(sorted.quantile(0.5, QuantileMethod::Linear)?, 3.0);
/// assert_eq!(sorted.quantile(1.0, QuantileMethod::Hazen)?, 8.0);
///
/// let refused = Sorted::new(&[2.0, 1.0]).unwrap_err();
/// assert_eq!(refused.to_string(), "values[1] must be at least 2, got 1");
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sorted<'a>(&'a [f64]);

impl<'a> Sorted<'a> {
    /// Wraps values that are finite and ascend; equal neighbors are fine.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without values, for NaN or an infinity, and for the first value that is
    /// less than the one before it.
    pub fn new(values: &'a [f64]) -> Result<Self, Error> {
        check(values)?;
        let pairs = values.iter().zip(values.iter().skip(1)).zip(1..);
        for ((&previous, &value), index) in pairs {
            if value < previous {
                return Err(InputError::from(RangeError::new("values", value, previous..).at(index)).into());
            }
        }
        Ok(Self(values))
    }

    /// Returns the value below which a share `p` of the values lies.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a probability outside 0..=1.
    pub fn quantile(self, p: f64, method: QuantileMethod) -> Result<f64, Error> {
        Position::new(self.0.len(), p, method)?.read(self.0)
    }

    /// Returns the values.
    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.0
    }
}

fn check(values: &[f64]) -> Result<(), Error> {
    check::not_empty("values", values)?;
    Ok(check::finite("values", values)?)
}

fn no_values() -> Error {
    InputError::from(EmptyError::new("values")).into()
}

/// Two neighboring indices, from 0, and the weight of the upper one.
struct Position {
    below: usize,
    above: usize,
    weight: f64,
}

impl Position {
    fn new(n: usize, p: f64, method: QuantileMethod) -> Result<Self, Error> {
        check::range("probability", p, 0.0..=1.0)?;
        let count = n as f64;
        let h = match method {
            QuantileMethod::InvertedCdf
            | QuantileMethod::AveragedInvertedCdf
            | QuantileMethod::InterpolatedInvertedCdf => count * p,
            QuantileMethod::ClosestObservation => count * p - 0.5,
            QuantileMethod::Hazen => count * p + 0.5,
            QuantileMethod::Weibull => (count + 1.0) * p,
            QuantileMethod::Linear => (count - 1.0) * p + 1.0,
            QuantileMethod::MedianUnbiased => (count + 1.0 / 3.0) * p + 1.0 / 3.0,
            QuantileMethod::NormalUnbiased => (count + 0.25) * p + 0.375,
        };
        let nearest = h.round();
        let whole = (h - nearest).abs() <= 4.0 * f64::EPSILON * count.max(1.0);
        let (place, rest) = if whole { (nearest, 0.0) } else { (h.floor(), h - h.floor()) };
        let weight = match method {
            QuantileMethod::InvertedCdf => f64::from(!whole),
            QuantileMethod::AveragedInvertedCdf if whole => 0.5,
            QuantileMethod::AveragedInvertedCdf => 1.0,
            QuantileMethod::ClosestObservation => f64::from(!whole || place % 2.0 != 0.0),
            _ => rest,
        };
        // Places count from 1 here; those before the first and after the last are the first and the
        // last.
        let clamp = |place: f64| place.clamp(1.0, count) as usize - 1;
        Ok(Self { below: clamp(place), above: clamp(place + 1.0), weight })
    }

    fn read(&self, ordered: &[f64]) -> Result<f64, Error> {
        let (Some(&low), Some(&high)) = (ordered.get(self.below), ordered.get(self.above)) else {
            return Err(no_values());
        };
        let span = high - low;
        let value = if span.is_finite() {
            low + self.weight * span
        } else {
            low * (1.0 - self.weight) + high * self.weight
        };
        Ok(value.clamp(low, high))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use QuantileMethod::*;

    const RELATIVE: f64 = 1e-14;
    const METHODS: [QuantileMethod; 9] = [
        InvertedCdf,
        AveragedInvertedCdf,
        ClosestObservation,
        InterpolatedInvertedCdf,
        Hazen,
        Weibull,
        Linear,
        MedianUnbiased,
        NormalUnbiased,
    ];

    /// Worked by hand from the table of positions for 1, 4, 9, 16, 25.
    #[test]
    fn every_type_by_hand() {
        let values = [16.0, 4.0, 25.0, 1.0, 9.0];
        let expected: [(f64, [f64; 9]); 4] = [
            // n p = 1
            (0.2, [1.0, 2.5, 1.0, 1.0, 2.5, 1.6, 3.4, 2.2, 2.275]),
            // n p = 1.5
            (0.3, [4.0, 4.0, 4.0, 2.5, 4.0, 3.4, 5.0, 3.8, 3.85]),
            // n p = 2.5: places 2 and 3 are equally near, and 2 is even
            (0.5, [9.0, 9.0, 4.0, 6.5, 9.0, 9.0, 9.0, 9.0, 9.0]),
            // n p = 4.5
            (0.9, [25.0, 25.0, 16.0, 20.5, 25.0, 25.0, 21.4, 25.0, 25.0]),
        ];
        for (p, row) in expected {
            for (method, wanted) in METHODS.into_iter().zip(row) {
                let got = quantile(&values, p, method).unwrap();
                assert!((got - wanted).abs() <= RELATIVE * wanted, "{method:?} at {p}: {got}, not {wanted}");
            }
        }
    }

    #[test]
    fn the_ends_are_the_smallest_and_the_largest() {
        for method in METHODS {
            assert_eq!(quantiles(&[3.0, 1.0, 2.0], &[1.0, 0.0], method).unwrap(), [3.0, 1.0], "{method:?}");
            assert_eq!(quantile(&[7.0], 0.4, method).unwrap(), 7.0);
        }
    }

    #[test]
    fn a_share_that_is_whole_on_paper_is_whole() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let sorted = Sorted::new(&values).unwrap();
        // As f64, 0.07 x 100 is 7.000000000000001.
        assert_eq!(sorted.quantile(0.07, InvertedCdf).unwrap(), 7.0);
        assert_eq!(sorted.quantile(0.07, AveragedInvertedCdf).unwrap(), 7.5);
        assert_eq!(sorted.quantile(0.57, InvertedCdf).unwrap(), 57.0);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let values = [-f64::MAX, f64::MAX];
        assert_eq!(quantile(&values, 0.5, Linear).unwrap(), 0.0);
        assert_eq!(quantile(&[f64::MAX; 3], 0.3, Linear).unwrap(), f64::MAX);
    }

    #[test]
    fn errors_name_field_and_value() {
        assert_eq!(quantile(&[], 0.5, Linear).unwrap_err().to_string(), "values must not be empty");
        assert_eq!(
            quantile(&[1.0], 1.2, Linear).unwrap_err().to_string(),
            "probability must be between 0 and 1, got 1.2"
        );
        assert!(quantile(&[1.0], f64::NAN, Linear).is_err());
        assert!(Sorted::new(&[1.0, f64::NAN]).is_err());
        assert_eq!(quantiles(&[1.0], &[], Linear).unwrap(), [0.0; 0]);
    }
}

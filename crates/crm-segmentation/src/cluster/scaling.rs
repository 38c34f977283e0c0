#![allow(clippy::indexing_slicing, reason = "the number of quantiles was checked")]

use crate::Error;
use crate::column::{check_finite, check_not_descending};
use crm_numbers::{EmptyError, check};

/// The scaling that makes features of different units comparable; each scaled feature varies by
/// about 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scaling {
    /// Money ([`ClusterFeatures::with_money`](super::ClusterFeatures::with_money)) as
    /// [`Scaling::Quantiles`], all else as [`Scaling::Standardized`]. The default.
    #[default]
    ByKind,
    /// `(x - mean) / standard deviation`. A few giants pull a cluster of their own.
    Standardized,
    /// `sqrt(12) x` the share of customers below, ties in the middle of theirs: giants are just the
    /// last percent. Distances between customers become numbers of customers between them, so that
    /// empty stretches disappear.
    Quantiles,
}

crm_numbers::names! {
    Scaling, "scaling" {
        ByKind = "by_kind",
        Standardized = "standardized",
        Quantiles = "quantiles",
    }
}

/// Quantiles that are kept: every per cent.
const POINTS: usize = 101;
/// Beyond this, squares of distances would not be numbers.
const FAR: f64 = 1e150;

/// One feature on its scale.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields))]
pub(super) enum Scaler {
    /// `x / deviation - shift`.
    Standardized { deviation: f64, shift: f64 },
    /// The values at every per cent, ascending.
    Quantiles(Vec<f64>),
}

crm_numbers::gate!(Scaler, Scaler::checked);

impl Scaler {
    /// A scale from the values of a column.
    pub(super) fn of(name: &str, values: &[f64], scaling: Scaling, money: bool) -> Result<Self, Error> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (Some(&value), Some(lowest), Some(highest)) = (values.first(), sorted.first(), sorted.last())
        else {
            return Err(EmptyError::new("customers").into());
        };
        let constant = || Error::ConstantFeature { name: name.to_owned(), value };
        // A negative and a positive zero are the same.
        if highest <= lowest {
            return Err(constant());
        }
        let ranked = match scaling {
            Scaling::ByKind => money,
            Scaling::Standardized => false,
            Scaling::Quantiles => true,
        };
        match ranked {
            false => {
                // Shrunk first, so that squares of large numbers are numbers; summed in order of
                // size, so that the order of customers does not matter.
                let (size, n) = (lowest.abs().max(highest.abs()), values.len() as f64);
                let mean = sorted.iter().map(|x| x / size).sum::<f64>() / n;
                let variance = sorted.iter().map(|x| (x / size - mean).powi(2)).sum::<f64>() / n;
                let deviation = variance.sqrt() * size;
                let shift = mean / variance.sqrt();
                if deviation > 0.0 && shift.is_finite() {
                    Ok(Self::Standardized { deviation, shift })
                } else {
                    Err(constant())
                }
            }
            true => {
                let last = sorted.len() - 1;
                let at = |point: usize| sorted.get((point * last).div_ceil(POINTS - 1)).copied();
                Ok(Self::Quantiles((0..POINTS).filter_map(at).collect()))
            }
        }
    }

    pub(super) fn scale(&self, x: f64) -> f64 {
        match self {
            Self::Standardized { deviation, shift } => (x / deviation - shift).clamp(-FAR, FAR),
            // The deviation of shares without ties is the root of 1/12.
            Self::Quantiles(points) => 12_f64.sqrt() * share_below(points, x),
        }
    }

    /// Checks that a fit could have made the scale.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        match &self {
            Self::Standardized { deviation, shift } => {
                check::range("deviation", *deviation, check::above(0.0))?;
                check::range("shift", *shift, ..)?;
            }
            Self::Quantiles(points) => {
                check::length("quantiles", points.len(), POINTS)?;
                check_finite("quantiles", points)?;
                check_not_descending("quantiles", points)?;
                check::range("last quantile", points[POINTS - 1], check::above(points[0]))?;
            }
        }
        Ok(self)
    }
}

/// The place of a value among ascending points, 0 to 1: straight lines between them, the middle of
/// those it is equal to.
fn share_below(points: &[f64], x: f64) -> f64 {
    let steps = points.len().saturating_sub(1).max(1) as f64;
    let below = points.partition_point(|point| *point < x);
    let not_above = points.partition_point(|point| *point <= x);
    if not_above > below {
        return (below + not_above - 1) as f64 / 2.0 / steps;
    }
    match (below.checked_sub(1).and_then(|place| points.get(place)), points.get(below)) {
        (Some(low), Some(high)) => {
            // Halves, because the difference of two numbers may not be one.
            let part = (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
            ((below - 1) as f64 + part.clamp(0.0, 1.0)) / steps
        }
        (None, _) => 0.0,
        (_, None) => 1.0,
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn standardized_columns_have_mean_zero_and_variance_one() {
        let values = [1.0, 2.0, 3.0, 6.0];
        let scaler = Scaler::of("x", &values, Scaling::ByKind, false).unwrap();
        // Mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5.
        for (x, z) in values.iter().zip([-2.0, -1.0, 0.0, 3.0]) {
            assert!((scaler.scale(*x) - z / 3.5_f64.sqrt()).abs() < 1e-14);
        }
    }

    #[test]
    fn quantiles_are_shares_and_ties_stand_in_the_middle() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let scaler = Scaler::of("x", &values, Scaling::ByKind, true).unwrap();
        let unit = 12_f64.sqrt();
        assert_eq!(
            [-1.0, 0.0, 25.0, 25.5, 100.0, 1e300].map(|x| scaler.scale(x)),
            [0.0, 0.0, 0.25, 0.255, 1.0, 1.0].map(|share| share * unit)
        );
        // Half of the customers bought once.
        let values: Vec<f64> = (0..=100).map(|i| if i <= 50 { 1.0 } else { f64::from(i) }).collect();
        let scaler = Scaler::of("x", &values, Scaling::Quantiles, false).unwrap();
        assert_eq!((scaler.scale(1.0), scaler.scale(75.0)), (0.25 * unit, 0.75 * unit));
    }

    #[test]
    fn extremes_stay_numbers_and_constants_are_named() {
        for scaling in [Scaling::Standardized, Scaling::Quantiles] {
            let scaler = Scaler::of("x", &[-f64::MAX, 0.0, f64::MAX], scaling, false).unwrap();
            let scaled = [-f64::MAX, 1.0, f64::MAX].map(|x| scaler.scale(x));
            assert!(scaled.iter().all(|z| z.is_finite()) && scaled.is_sorted(), "{scaled:?}");
            let tiny = Scaler::of("x", &[0.0, f64::MIN_POSITIVE], scaling, false).unwrap();
            assert!(tiny.scale(f64::MAX).is_finite());
            assert_eq!(
                Scaler::of("age", &[7.0, 7.0], scaling, false).unwrap_err().to_string(),
                r#"feature "age" must vary from customer to customer, got 7 for all"#
            );
        }
    }
}

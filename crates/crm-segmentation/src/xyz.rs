//! XYZ: who buys steadily, and whose demand is hard to forecast.
//!
//! The class follows from the coefficient of variation of a customer's (or an item's) demand over
//! equal periods. Crossed with [`abc`](crate::abc) it shows where value is at stake and where it
//! can be planned:
//!
//! # Examples
//!
//! ```
//! use crm_segmentation::{abc, xyz};
//!
//! // Four customers, four quarters each.
//! let demand = [
//!     25_i64, 25, 25, 25, // mean 25, no variation: X
//!     5, 15, 5, 15, // mean 10, deviation 5: 0.5, still X
//!     0, 0, 0, 40, // mean 10, deviation 17.3: Z
//!     0, 0, 0, 0, // nothing to forecast
//! ];
//! let scheme = xyz::XyzScheme::default();
//! let steadiness = scheme.assign(&demand, 4)?;
//! assert_eq!(steadiness.to_string(), "X: 2, Y: 0, Z: 1, no demand: 1");
//! assert_eq!(scheme.coefficient(&[5, 15, 5, 15]), Some(0.5));
//!
//! let yearly = [100_i64, 40, 40, 0];
//! let classes = abc::AbcScheme::default().fit(&yearly)?.assign(&yearly)?;
//! let table = classes.cross_table(&steadiness, &yearly)?;
//! assert_eq!(table.get("A", "Z").unwrap().customers, 1);
//! # Ok::<(), crm_segmentation::Error>(())
//! ```

use crm_numbers::{Amount, check};

use crate::column::{check_finite, codes};
use crate::{Assignments, Error};

/// The name of the class of customers whose mean demand is zero or less: there is no variation
/// relative to it.
pub const NO_DEMAND: &str = "no demand";

/// The divisor of the squared deviations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StandardDeviation {
    /// By n: the periods are all there is. The default.
    #[default]
    Population,
    /// By n - 1: the periods are a sample of how the customer buys.
    Sample,
}

crm_numbers::names! {
    StandardDeviation, "standard deviation" {
        Population = "population",
        Sample = "sample",
    }
}

/// Limits of the classes, as coefficients of variation: X up to the first, Y up to the second, Z
/// above.
///
/// A coefficient equal to a limit belongs to the steadier class.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct XyzScheme {
    x_up_to: f64,
    y_up_to: f64,
    deviation: StandardDeviation,
}

crm_numbers::gate!(XyzScheme, XyzScheme::checked);

impl XyzScheme {
    /// Limits of the classes X and Y, with [`StandardDeviation::Population`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `0 <= x_up_to < y_up_to`, both finite.
    pub fn new(x_up_to: f64, y_up_to: f64) -> Result<Self, Error> {
        Self { x_up_to, y_up_to, deviation: StandardDeviation::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("x_up_to", self.x_up_to, 0.0..)?;
        check::range("y_up_to", self.y_up_to, check::above(self.x_up_to))?;
        Ok(self)
    }

    /// Sets the definition of the standard deviation.
    #[must_use]
    pub fn with_deviation(self, deviation: StandardDeviation) -> Self {
        Self { deviation, ..self }
    }

    /// Returns the largest coefficient of class X.
    #[must_use]
    pub fn x_up_to(&self) -> f64 {
        self.x_up_to
    }

    /// Returns the largest coefficient of class Y.
    #[must_use]
    pub fn y_up_to(&self) -> f64 {
        self.y_up_to
    }

    /// Returns the definition of the deviation.
    #[must_use]
    pub fn deviation(&self) -> StandardDeviation {
        self.deviation
    }

    /// Computes the coefficient of variation of a customer's demand, standard deviation over mean,
    /// which decides the class.
    ///
    /// `None` for a mean of zero or less, and for a [`StandardDeviation::Sample`] of fewer than two
    /// periods.
    #[must_use]
    pub fn coefficient<T: Amount>(&self, demand: &[T]) -> Option<f64> {
        let n = demand.len() as f64;
        let divisor = match self.deviation {
            StandardDeviation::Population => n,
            StandardDeviation::Sample => n - 1.0,
        };
        // Relative to the largest, so that no sum of large amounts overflows.
        let largest = demand.iter().map(|period| period.to_f64().abs()).fold(0.0, f64::max);
        let relative = || demand.iter().map(|period| period.to_f64() / largest);
        let mean = relative().sum::<f64>() / n;
        let squares: f64 = relative().map(|period| (period / mean - 1.0).powi(2)).sum();
        (mean > 0.0 && divisor > 0.0).then(|| (squares / divisor).sqrt().min(f64::MAX))
    }

    /// Assigns every customer to a class from demand per period: `periods` values of the first
    /// customer, then those of the second, and so on.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than two periods or a column that they do not divide; for amounts
    /// that are not finite.
    pub fn assign<T: Amount>(&self, demand: &[T], periods: usize) -> Result<Assignments, Error> {
        check::range("number of periods", periods, 2..)?;
        let whole = demand.len().div_ceil(periods).saturating_mul(periods);
        check::length("values of demand", demand.len(), whole)?;
        check_finite("demand", demand)?;
        let class = |demand: &[T]| match self.coefficient(demand) {
            None => 3,
            Some(coefficient) if coefficient <= self.x_up_to => 0,
            Some(coefficient) if coefficient <= self.y_up_to => 1,
            Some(_) => 2,
        };
        let codes: Vec<u32> = codes(demand.len() / periods, |range, codes| {
            let rows = demand.chunks_exact(periods).skip(range.start);
            for (code, row) in codes.iter_mut().zip(rows) {
                *code = class(row);
            }
        });
        let (x, y) = (self.x_up_to, self.y_up_to);
        let reasons = [
            format!("variation up to {x}"),
            format!("variation above {x}, up to {y}"),
            format!("variation above {y}"),
            "no demand".to_owned(),
        ];
        Ok(Assignments::trusted(["X", "Y", "Z", NO_DEMAND], codes).because(reasons))
    }
}

/// X up to 0.5, Y up to 1, [`StandardDeviation::Population`].
impl Default for XyzScheme {
    fn default() -> Self {
        Self { x_up_to: 0.5, y_up_to: 1.0, deviation: StandardDeviation::Population }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn limits_belong_to_the_steadier_class() {
        let scheme = XyzScheme::default();
        // 1, 3: mean 2, deviation 1. 0, 2: mean 1, deviation 1. 0, 0, 3: mean 1, deviation sqrt(2).
        assert_eq!(scheme.assign(&[1, 3, 0, 2], 2).unwrap().codes(), [0, 1]);
        assert_eq!(scheme.assign(&[0, 0, 3], 3).unwrap().codes(), [2]);
    }

    #[test]
    fn a_sample_deviates_more() {
        let sample = XyzScheme::default().with_deviation(StandardDeviation::Sample);
        let coefficient = sample.coefficient(&[1, 3]).unwrap();
        assert!((coefficient - 0.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(sample.assign(&[1, 3], 2).unwrap().codes(), [1]);
        assert_eq!(sample.coefficient(&[3]), None);
    }

    #[test]
    fn without_demand_there_is_no_coefficient() {
        let scheme = XyzScheme::default();
        for demand in [[0, 0], [-5, 5], [-5, 0]] {
            assert_eq!(scheme.coefficient(&demand), None);
            assert_eq!(scheme.assign(&demand, 2).unwrap().name(0), Some(NO_DEMAND));
        }
        assert_eq!(scheme.coefficient::<i64>(&[]), None);
    }

    #[test]
    fn extremes_stay_finite() {
        let scheme = XyzScheme::default();
        assert_eq!(scheme.coefficient(&[f64::MAX; 3]), Some(0.0));
        assert!(scheme.coefficient(&[f64::MAX, -f64::MAX, 1.0]).is_some_and(f64::is_finite));
        assert_eq!(scheme.coefficient(&[Decimal::MAX, Decimal::ZERO]), Some(1.0));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<XyzScheme, Error>| result.unwrap_err().to_string();
        assert_eq!(text(XyzScheme::new(-0.1, 1.0)), "x_up_to must be at least 0, got -0.1");
        assert_eq!(text(XyzScheme::new(0.5, 0.5)), "y_up_to must be greater than 0.5, got 0.5");
        let text = |result: Result<Assignments, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(XyzScheme::default().assign(&[1, 2, 3], 1)),
            "number of periods must be at least 2, got 1"
        );
        assert_eq!(text(XyzScheme::default().assign(&[1, 2, 3], 2)), "expected 4 values of demand, got 3");
    }
}

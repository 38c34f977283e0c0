use std::borrow::Cow;

use crm_numbers::{Amount, EmptyError, check};

use super::RfmFit;
use super::fitted::check_columns;
use crate::{Cuts, Error};

/// Weights of the three dimensions in the combined score.
///
/// Only their proportions matter: 1, 1, 2 is the same as 25, 25, 50.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RfmWeights {
    recency: f64,
    frequency: f64,
    monetary: f64,
}

crm_numbers::gate!(RfmWeights, RfmWeights::checked);

impl RfmWeights {
    /// Creates the weights of recency, frequency and monetary.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a weight that is negative or not finite, or when their sum is not
    /// positive and finite.
    pub fn new(recency: f64, frequency: f64, monetary: f64) -> Result<Self, Error> {
        Self { recency, frequency, monetary }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range_of_all("weights", &self.get(), 0.0..)?;
        check::range("sum of weights", self.get().iter().sum::<f64>(), check::above(0.0))?;
        Ok(self)
    }

    /// Returns the weights of recency, frequency and monetary, as given.
    #[must_use]
    pub fn get(self) -> [f64; 3] {
        [self.recency, self.frequency, self.monetary]
    }

    /// The weighted mean of three scores.
    pub(crate) fn mean(self, scores: [u8; 3]) -> f64 {
        let weights = self.get();
        let total: f64 = weights.iter().sum();
        let weighted = || weights.iter().zip(scores).map(|(weight, score)| (weight, f64::from(score)));
        let sum: f64 = weighted().map(|(weight, score)| weight * score).sum();
        if sum.is_finite() {
            return sum / total;
        }
        // Near the largest `f64` only their proportions can be multiplied.
        weighted().map(|(weight, score)| weight / total * score).sum()
    }
}

/// The three dimensions count alike.
impl Default for RfmWeights {
    fn default() -> Self {
        Self { recency: 1.0, frequency: 1.0, monetary: 1.0 }
    }
}

/// Settings of an RFM analysis: the number of scores, and the weights of the dimensions in the
/// combined score.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::{RfmScheme, RfmWeights};
///
/// let scheme = RfmScheme::new(4)?.with_weights(RfmWeights::new(3.0, 2.0, 1.0)?);
/// assert_eq!(scheme.bins(), 4);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RfmScheme {
    bins: u8,
    weights: RfmWeights,
}

crm_numbers::gate!(RfmScheme, RfmScheme::checked);

impl RfmScheme {
    /// Scores from 1 to `bins`, with equal weights.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there are 2 to 9 scores, one digit of a cell code.
    pub fn new(bins: u8) -> Result<Self, Error> {
        Self { bins, weights: RfmWeights::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check_bins(self.bins)?;
        Ok(self)
    }

    /// Sets the weights of the combined score.
    #[must_use]
    pub fn with_weights(self, weights: RfmWeights) -> Self {
        Self { weights, ..self }
    }

    /// Returns the best score, which is the number of scores.
    #[must_use]
    pub fn bins(self) -> u8 {
        self.bins
    }

    /// Returns the weights of the combined score.
    #[must_use]
    pub fn weights(self) -> RfmWeights {
        self.weights
    }

    /// Finds the cut points: quantiles of idle days, orders and spend over the customers who have
    /// ordered.
    ///
    /// Columns hold one row a person: days since the last order, number of orders (0: none yet),
    /// and spend.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, if no customer has an order, for negative
    /// idle days of a customer, for amounts that are not finite.
    pub fn fit<M: Amount>(self, idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<RfmFit<M>, Error> {
        check_columns(idle, frequency, monetary)?;
        let bins = usize::from(self.bins);
        let idle = of_buyers(idle, frequency);
        if idle.is_empty() {
            return Err(EmptyError::new("customers with an order").into());
        }
        RfmFit::new(
            self,
            Cuts::quantile(&idle, bins)?,
            Cuts::quantile(&of_buyers(frequency, frequency), bins)?,
            Cuts::quantile(&of_buyers(monetary, frequency), bins)?,
        )
    }
}

/// Five scores, equal weights.
impl Default for RfmScheme {
    fn default() -> Self {
        Self { bins: 5, weights: RfmWeights::default() }
    }
}

pub(crate) fn check_bins(bins: u8) -> Result<(), Error> {
    check::range("number of score levels", u32::from(bins), 2..=9)?;
    Ok(())
}

/// Returns the rows of customers with an order; the column itself if all have one.
pub(super) fn of_buyers<'a, T: Copy>(column: &'a [T], frequency: &[u32]) -> Cow<'a, [T]> {
    if frequency.contains(&0) {
        column.iter().zip(frequency).filter(|(_, orders)| **orders > 0).map(|(row, _)| *row).collect()
    } else {
        Cow::Borrowed(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_make_no_scheme_are_refused_by_value() {
        let text = |bins| RfmScheme::new(bins).unwrap_err().to_string();
        assert_eq!(text(1), "number of score levels must be between 2 and 9, got 1");
        assert_eq!(text(10), "number of score levels must be between 2 and 9, got 10");
        let text = |r, f, m| RfmWeights::new(r, f, m).unwrap_err().to_string();
        assert_eq!(text(1.0, -1.0, 1.0), "weights[1] must be at least 0, got -1");
        assert_eq!(text(f64::NAN, 1.0, 1.0), "weights[0] must be at least 0 and finite, got NaN");
        assert_eq!(text(0.0, 0.0, 0.0), "sum of weights must be greater than 0, got 0");
        assert_eq!(
            text(f64::MAX, f64::MAX, 0.0),
            "sum of weights must be greater than 0 and finite, got inf"
        );
    }

    #[test]
    fn the_largest_weights_give_a_mean() {
        let mean = |[r, f, m]: [f64; 3]| RfmWeights::new(r, f, m).unwrap().mean([5, 3, 1]);
        assert!((mean([f64::MAX, 0.0, 0.0]) - 5.0).abs() < 1e-12);
        assert!((mean([f64::MAX / 4.0; 3]) - 3.0).abs() < 1e-12);
        assert!((mean([5e-324, 0.0, 5e-324]) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn without_an_order_idle_days_mean_nothing() {
        let (idle, orders) = ([-1, 3, 5], [0, 1, 2]);
        let fitted = RfmScheme::new(2).unwrap().fit(&idle, &orders, &[-9, 10, 20]).unwrap();
        assert_eq!((fitted.idle().points(), fitted.monetary().points()), ([3].as_slice(), [10].as_slice()));
        let scores = fitted.score(&idle, &orders, &[-9, 10, 20]).unwrap();
        assert_eq!((scores.recency(), scores.monetary()), ([0, 2, 1].as_slice(), [0, 1, 2].as_slice()));
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        let text = |idle: &[i32], frequency: &[u32], monetary: &[f64]| {
            RfmScheme::default().fit(idle, frequency, monetary).unwrap_err().to_string()
        };
        assert_eq!(text(&[1], &[1, 2], &[1.0]), "expected 1 values of frequency, got 2");
        assert_eq!(text(&[1], &[1], &[]), "expected 1 values of monetary, got 0");
        assert_eq!(text(&[1], &[0], &[0.0]), "customers with an order must not be empty");
        assert_eq!(text(&[3, -1], &[1, 1], &[1.0, 1.0]), "idle[1] must be at least 0, got -1");
        assert_eq!(text(&[3], &[1], &[f64::INFINITY]), "monetary[0] must be finite, got inf");
    }
}

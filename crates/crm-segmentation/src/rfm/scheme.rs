use std::borrow::Cow;

use crm_numbers::Amount;

use super::Fitted;
use super::fitted::check_columns;
use crate::{Cuts, Error};

/// How much each dimension counts in the combined score.
///
/// Only their proportions matter: 1, 1, 2 is the same as 25, 25, 50.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "[f64; 3]", into = "[f64; 3]"))]
pub struct Weights([f64; 3]);

impl Weights {
    /// Weights of recency, frequency and monetary.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a weight that is negative or not finite, or when their sum is not positive and finite.
    pub fn new(recency: f64, frequency: f64, monetary: f64) -> Result<Self, Error> {
        let weights = [recency, frequency, monetary];
        let sum: f64 = weights.iter().sum();
        if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            let allowed = "be at least 0 and finite".to_owned();
            return Err(Error::OutOfRange { field: "weight", allowed, value: weight.to_string() });
        }
        if sum <= 0.0 || !sum.is_finite() {
            let allowed = "be positive and finite".to_owned();
            return Err(Error::OutOfRange { field: "sum of weights", allowed, value: sum.to_string() });
        }
        Ok(Self(weights))
    }

    /// Weights of recency, frequency and monetary, as given.
    #[must_use]
    pub fn get(self) -> [f64; 3] {
        self.0
    }

    /// The weighted mean of three scores.
    pub(crate) fn mean(self, scores: [u8; 3]) -> f64 {
        let total: f64 = self.0.iter().sum();
        let weighted = || self.0.iter().zip(scores).map(|(weight, score)| (weight, f64::from(score)));
        let sum: f64 = weighted().map(|(weight, score)| weight * score).sum();
        if sum.is_finite() {
            return sum / total;
        }
        // Near the largest `f64` only their proportions can be multiplied.
        weighted().map(|(weight, score)| weight / total * score).sum()
    }
}

/// The three dimensions count alike.
impl Default for Weights {
    fn default() -> Self {
        Self([1.0; 3])
    }
}

impl TryFrom<[f64; 3]> for Weights {
    type Error = Error;

    fn try_from([recency, frequency, monetary]: [f64; 3]) -> Result<Self, Error> {
        Self::new(recency, frequency, monetary)
    }
}

impl From<Weights> for [f64; 3] {
    fn from(weights: Weights) -> Self {
        weights.0
    }
}

/// How customers are scored: how many scores, and how the dimensions weigh in the combined one.
///
/// ```
/// use crm_segmentation::rfm::{Scheme, Weights};
///
/// let scheme = Scheme::new(4)?.with_weights(Weights::new(3.0, 2.0, 1.0)?);
/// assert_eq!(scheme.bins(), 4);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scheme {
    bins: u8,
    weights: Weights,
}

impl Scheme {
    /// Scores from 1 to `bins`, with equal weights.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 2 to 9 scores, one digit of a cell code.
    pub fn new(bins: u8) -> Result<Self, Error> {
        check_bins(bins)?;
        Ok(Self { bins, weights: Weights::default() })
    }

    /// The same scores with other weights.
    #[must_use]
    pub fn with_weights(self, weights: Weights) -> Self {
        Self { weights, ..self }
    }

    /// The best score.
    #[must_use]
    pub fn bins(self) -> u8 {
        self.bins
    }

    /// The weights of the combined score.
    #[must_use]
    pub fn weights(self) -> Weights {
        self.weights
    }

    /// Finds the cut points: quantiles of idle days, orders and spend over the customers who have ordered.
    ///
    /// Columns hold one row a person: days since the last order, number of orders (0: none yet), and spend.
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different length, [`Error::Empty`] when nobody has ordered, [`Error::OutOfRange`]
    /// for negative idle days of a customer, [`Error::NotFinite`].
    pub fn fit<M: Amount>(self, idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<Fitted<M>, Error> {
        check_columns(idle, frequency, monetary)?;
        let bins = usize::from(self.bins);
        let idle = of_buyers(idle, frequency);
        if idle.is_empty() {
            return Err(Error::Empty { field: "customers with an order" });
        }
        Fitted::new(
            self,
            Cuts::quantile(&idle, bins)?,
            Cuts::quantile(&of_buyers(frequency, frequency), bins)?,
            Cuts::quantile(&of_buyers(monetary, frequency), bins)?,
        )
    }
}

/// Five scores, equal weights.
impl Default for Scheme {
    fn default() -> Self {
        Self { bins: 5, weights: Weights::default() }
    }
}

pub(crate) fn check_bins(bins: u8) -> Result<(), Error> {
    if (2..=9).contains(&bins) {
        Ok(())
    } else {
        Err(Error::OutOfRange { field: "bins", allowed: "lie in 2..=9".to_owned(), value: bins.to_string() })
    }
}

/// The rows of people who have ordered; the column itself where all have.
pub(super) fn of_buyers<'a, T: Copy>(column: &'a [T], frequency: &[u32]) -> Cow<'a, [T]> {
    if frequency.contains(&0) {
        column.iter().zip(frequency).filter(|(_, orders)| **orders > 0).map(|(row, _)| *row).collect()
    } else {
        Cow::Borrowed(column)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    bins: u8,
    weights: Weights,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scheme {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Ok(Self::new(stored.bins)?.with_weights(stored.weights))
    }
}

#[cfg(feature = "serde")]
impl From<Scheme> for Stored {
    fn from(scheme: Scheme) -> Self {
        Self { bins: scheme.bins, weights: scheme.weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_make_no_scheme_are_refused_by_value() {
        let text = |bins| Scheme::new(bins).unwrap_err().to_string();
        assert_eq!(text(1), "bins must lie in 2..=9, got 1");
        assert_eq!(text(10), "bins must lie in 2..=9, got 10");
        let text = |r, f, m| Weights::new(r, f, m).unwrap_err().to_string();
        assert_eq!(text(1.0, -1.0, 1.0), "weight must be at least 0 and finite, got -1");
        assert_eq!(text(f64::NAN, 1.0, 1.0), "weight must be at least 0 and finite, got NaN");
        assert_eq!(text(0.0, 0.0, 0.0), "sum of weights must be positive and finite, got 0");
        assert_eq!(text(f64::MAX, f64::MAX, 0.0), "sum of weights must be positive and finite, got inf");
    }

    #[test]
    fn the_largest_weights_give_a_mean() {
        let mean = |weights: [f64; 3]| Weights::try_from(weights).unwrap().mean([5, 3, 1]);
        assert!((mean([f64::MAX, 0.0, 0.0]) - 5.0).abs() < 1e-12);
        assert!((mean([f64::MAX / 4.0; 3]) - 3.0).abs() < 1e-12);
        assert!((mean([5e-324, 0.0, 5e-324]) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn without_an_order_idle_days_mean_nothing() {
        let (idle, orders) = ([-1, 3, 5], [0, 1, 2]);
        let fitted = Scheme::new(2).unwrap().fit(&idle, &orders, &[-9, 10, 20]).unwrap();
        assert_eq!((fitted.idle().points(), fitted.monetary().points()), ([3].as_slice(), [10].as_slice()));
        let scores = fitted.score(&idle, &orders, &[-9, 10, 20]).unwrap();
        assert_eq!((scores.recency(), scores.monetary()), ([0, 2, 1].as_slice(), [0, 1, 2].as_slice()));
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        let text = |idle: &[i32], frequency: &[u32], monetary: &[f64]| {
            Scheme::default().fit(idle, frequency, monetary).unwrap_err().to_string()
        };
        assert_eq!(text(&[1], &[1, 2], &[1.0]), "frequency must be as many as idle (1), got 2");
        assert_eq!(text(&[1], &[1], &[]), "monetary must be as many as idle (1), got 0");
        assert_eq!(text(&[1], &[0], &[0.0]), "customers with an order must hold at least one value, got 0");
        assert_eq!(text(&[3, -1], &[1, 1], &[1.0, 1.0]), "idle must be at least 0 days in row 1, got -1");
        assert_eq!(text(&[3], &[1], &[f64::INFINITY]), "monetary must be finite, got inf at position 0");
    }
}

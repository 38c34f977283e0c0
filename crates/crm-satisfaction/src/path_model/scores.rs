#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use super::PathModelFit;
use super::model::Latent;
use crate::error::unknown;
use crate::{Error, Scale};

/// Returns the index from 0 (all answers are the worst) to 100 (all answers are the best) from
/// weights and means of items.
///
/// # Formula
///
/// `index = 100 sum(w (mean - min)) / sum(w (max - min))`, `w` the weights of the items as answered
/// (not standardized). An item with a negative weight is worded in the opposite direction: its best
/// answer is the smallest, and it counts as `abs(w) (max - mean)` of `abs(w) (max - min)`.
///
/// # Errors
///
/// [`InputError::Length`] unless there are as many means and scales as weights,
/// [`InputError::Range`] for figures that are not finite, for a mean so large that the index
/// overflows, and if all weights are 0.
///
/// # References
///
/// Fornell, C., Johnson, M. D., Anderson, E. W., Cha, J. and Bryant, B. E. (1996), "The American
/// Customer Satisfaction Index: Nature, Purpose, and Findings", Journal of Marketing 60 (4), 7-18,
/// appendix.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Scale;
/// use crm_satisfaction::path_model::index_of_means;
///
/// // Three questions on 1 to 10 with the weights that a state government publishes for its ACSI score:
/// // ((8 - 1) x 0.3885 + (7 - 1) x 0.3190 + (6 - 1) x 0.2925) / 9 x 100 = 67.7333
/// let ten = Scale::new(1, 10)?;
/// let scales = [ten.clone(), ten.clone(), ten];
/// let index = index_of_means(&[0.3885, 0.3190, 0.2925], &[8.0, 7.0, 6.0], &scales)?;
/// assert!((index - 67.733_333).abs() < 1e-6);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn index_of_means(weights: &[f64], means: &[f64], scales: &[Scale]) -> Result<f64, Error> {
    check::length("means", means.len(), weights.len())?;
    check::length("scales", scales.len(), weights.len())?;
    check::finite("weights", weights)?;
    check::finite("means", means)?;
    // Only proportions matter, and no product of a large weight overflows.
    let largest = weights.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    check::range("largest weight in size", largest, check::above(0.0))?;
    let (mut above, mut whole) = (0.0, 0.0);
    for ((weight, mean), scale) in weights.iter().zip(means).zip(scales) {
        let share = weight / largest;
        let (min, max) = scale.ends();
        above += share * (mean - if share < 0.0 { max } else { min });
        whole += share.abs() * (max - min);
    }
    Ok(check::range("index", 100.0 * above / whole, ..)?)
}

impl PathModelFit {
    /// Returns the standardized scores of respondents, one row per respondent with one score per
    /// latent variable; over the respondents of the fit, means are 0 and variances 1.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] for an incomplete row, [`InputError::Range`] for answers that are not
    /// finite.
    #[allow(clippy::indexing_slicing, reason = "blocks are ranges of items, of which a row has all")]
    pub fn scores(&self, rows: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let width = self.model.items.len();
        check::length(format!("answers in rows of {width}"), rows.len(), rows.len().div_ceil(width) * width)?;
        check::finite("answers", rows)?;
        let of_row = |row: &[f64]| -> Vec<f64> {
            let terms: Vec<f64> = row
                .iter()
                .zip(&self.means)
                .zip(&self.deviations)
                .zip(&self.estimate.weights)
                .map(|(((value, mean), deviation), weight)| weight * (value - mean) / deviation)
                .collect();
            let score = |latent: &Latent| terms[latent.block()].iter().sum();
            self.model.latents.iter().map(score).collect()
        };
        Ok(rows.chunks_exact(width).map(of_row).collect())
    }

    /// Returns the index from 0 to 100 of a latent variable over all respondents of the fit; see
    /// [`index_of_means`].
    ///
    /// `scales` are those of the items in the order of the model.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for an unknown latent variable, and the errors of
    /// [`index_of_means`].
    pub fn index(&self, latent: &str, scales: &[Scale]) -> Result<f64, Error> {
        self.index_for(latent, &self.means, scales)
    }

    /// Returns the index from 0 to 100 of a latent variable for other means of the items, such as
    /// those of one group or the answers of one respondent.
    ///
    /// # Errors
    ///
    /// The errors of [`index`](Self::index).
    #[allow(clippy::indexing_slicing, reason = "blocks are ranges of items, of which there are `width`")]
    pub fn index_for(&self, latent: &str, means: &[f64], scales: &[Scale]) -> Result<f64, Error> {
        let width = self.model.items.len();
        check::length("means", means.len(), width)?;
        check::length("scales", scales.len(), width)?;
        let found = self.model.latents.iter().find(|block| block.name == latent);
        let Some(block) = found.map(Latent::block) else {
            return Err(unknown("latent variable", latent, self.model.latents()));
        };
        let both = self.estimate.weights.iter().zip(&self.deviations);
        let weights: Vec<f64> = both.map(|(weight, deviation)| weight / deviation).collect();
        index_of_means(&weights[block.clone()], &means[block.clone()], &scales[block])
    }
}

use super::Fitted;
use crate::error::{check_finite, check_length, out_of_range};
use crate::{Error, Scale};

/// The index from 0 to 100 from weights and means: 0 if everybody gave the worst answer, 100 if everybody gave the best.
///
/// `index = 100 sum(w (mean - min)) / sum(w (max - min))`, w the weights of the items as answered (not standardised). An item
/// with a weight below 0 is worded the other way round: its best answer is the smallest, and it counts as
/// `abs(w) (max - mean)` of `abs(w) (max - min)`.
///
/// Source: Fornell, C., Johnson, M. D., Anderson, E. W., Cha, J. and Bryant, B. E. (1996), "The American Customer
/// Satisfaction Index: Nature, Purpose, and Findings", Journal of Marketing 60 (4), 7-18, appendix.
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
///
/// # Errors
/// [`Error::Length`], [`Error::NotFinite`], and [`Error::OutOfRange`] where all weights are 0, so that there is no best
/// answer.
pub fn index_of_means(weights: &[f64], means: &[f64], scales: &[Scale]) -> Result<f64, Error> {
    check_length("means", "weights", weights.len(), means.len())?;
    check_length("scales", "weights", weights.len(), scales.len())?;
    check_finite("weights", weights)?;
    check_finite("means", means)?;
    // Only proportions matter, and no product of a large weight overflows.
    let largest = weights.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let (mut above, mut whole) = (0.0, 0.0);
    for ((weight, mean), scale) in weights.iter().zip(means).zip(scales) {
        let share = weight / largest;
        let (min, max) = (f64::from(scale.min()), f64::from(scale.max()));
        above += share * (mean - if share < 0.0 { max } else { min });
        whole += share.abs() * (max - min);
    }
    let index = 100.0 * above / whole;
    if whole > 0.0 && index.is_finite() {
        Ok(index)
    } else {
        Err(out_of_range("sum of the sizes of weights", "be above 0", whole))
    }
}

impl Fitted {
    /// The standardised score of every respondent on every latent variable, row by row; mean 0 and variance 1 over the
    /// respondents of the fit.
    ///
    /// # Errors
    /// [`Error::Length`] for rows that are not whole, [`Error::NotFinite`].
    pub fn scores(&self, rows: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let width = self.model.items.len();
        check_length("answers", "items x respondents", rows.len() / width * width, rows.len())?;
        check_finite("answers", rows)?;
        let of_row = |row: &[f64]| -> Vec<f64> {
            let terms: Vec<f64> = row
                .iter()
                .zip(&self.means)
                .zip(&self.deviations)
                .zip(&self.estimate.weights)
                .map(|(((value, mean), deviation), weight)| weight * (value - mean) / deviation)
                .collect();
            let score = |latent: &super::model::Latent| {
                terms.get(latent.first..latent.last).unwrap_or_default().iter().sum()
            };
            self.model.latents.iter().map(score).collect()
        };
        Ok(rows.chunks_exact(width).map(of_row).collect())
    }

    /// The index from 0 to 100 of a latent variable for everybody the model was fitted to; see [`index_of_means`].
    ///
    /// `scales` are those of the items in the order of the model.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a latent variable that there is not, and those of [`index_of_means`].
    pub fn index(&self, latent: &str, scales: &[Scale]) -> Result<f64, Error> {
        self.index_for(latent, &self.means, scales)
    }

    /// The same for other means of the items, such as those of one group or of one respondent.
    ///
    /// # Errors
    /// As [`index`](Self::index).
    pub fn index_for(&self, latent: &str, means: &[f64], scales: &[Scale]) -> Result<f64, Error> {
        let width = self.model.items.len();
        check_length("means", "items", width, means.len())?;
        check_length("scales", "items", width, scales.len())?;
        let Some(block) = self.model.latents.iter().find(|block| block.name == latent) else {
            let known = self.model.latents().collect::<Vec<_>>().join(", ");
            return Err(Error::Unknown { what: "latent variable", wanted: latent.to_owned(), known });
        };
        let range = block.first..block.last;
        let both = self.estimate.weights.iter().zip(&self.deviations);
        let weights: Vec<f64> = both.map(|(weight, deviation)| weight / deviation).collect();
        index_of_means(
            weights.get(range.clone()).unwrap_or_default(),
            means.get(range.clone()).unwrap_or_default(),
            scales.get(range).unwrap_or_default(),
        )
    }
}

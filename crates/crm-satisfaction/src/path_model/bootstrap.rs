use crm_numbers::{Interval, Level};
use crm_statistics::{QuantileMethod, Sorted};

use super::Fitted;
use super::estimate::Estimate;
use crate::Error;
use crate::error::{check_finite, check_length, out_of_range};
use crate::linear::Symmetric;
use crate::parallel::map;
use crate::random::Random;

/// How far a path model can be trusted: percentile intervals from samples drawn again out of the respondents.
///
/// Each interval stands in the order of what it belongs to: [`Fitted::paths`], [`Fitted::loadings`] (twice) and
/// [`Fitted::latents`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Bootstrap {
    /// Path coefficients.
    pub paths: Vec<Interval>,
    /// Loadings.
    pub loadings: Vec<Interval>,
    /// Weights.
    pub weights: Vec<Interval>,
    /// R2, where a path leads to the latent variable.
    pub r_squared: Vec<Option<Interval>>,
    /// Resamples that gave an estimate.
    pub resamples: usize,
    /// Resamples in which an item did not vary, or the weights did not settle; they are in no interval.
    pub failed: usize,
}

impl Fitted {
    /// Draws as many respondents as there are, with replacement, `resamples` times, and fits each sample.
    ///
    /// Give the rows that the model was fitted to. Only the correlations of a resample are computed from its rows, by how
    /// often each was drawn; the rest costs the same for ten respondents as for ten thousand. Every resample has a random
    /// stream of its own, so that the answer has the same bits for any number of threads, and without the feature `rayon`.
    ///
    /// The direction of a score is a convention. Each resample is turned to the side of the sample, so that the inner
    /// product of both loadings of a block is above 0; without that, a block of items worded in both directions would come
    /// out this way round and that.
    ///
    /// Sources: Efron, B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, chapter 13; Tenenhaus, M. and
    /// others (2005), section 5, for the turning.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for fewer than 100 resamples, or where fewer than half of them gave an estimate;
    /// [`Error::Length`] and [`Error::NotFinite`] for rows that are not those fitted.
    pub fn bootstrap(
        &self,
        rows: &[f64],
        resamples: usize,
        seed: u64,
        level: Level,
    ) -> Result<Bootstrap, Error> {
        let width = self.model.items.len();
        check_length("answers", "items x respondents", width * self.respondents(), rows.len())?;
        check_finite("answers", rows)?;
        if resamples < 100 {
            return Err(out_of_range("resamples", "be at least 100", resamples));
        }
        let drawn: Vec<Estimate> =
            map(resamples, |number| self.resample(rows, seed, number)).into_iter().flatten().collect();
        if drawn.len() * 2 < resamples {
            let allowed = format!("be at least half of {resamples}");
            return Err(out_of_range("resamples with an estimate", allowed, drawn.len()));
        }
        let interval = |pick: &dyn Fn(&Estimate) -> Option<f64>| {
            let estimate = pick(&self.estimate)?;
            let mut values: Vec<f64> = drawn.iter().filter_map(pick).collect();
            values.sort_by(f64::total_cmp);
            let sorted = Sorted::new(&values).ok()?;
            let tail = (1.0 - level.get()) / 2.0;
            let limit = |share| sorted.quantile(share, QuantileMethod::Linear).ok();
            Some(Interval::new(limit(tail)?, estimate, limit(1.0 - tail)?, level))
        };
        let each = |count: usize, column: fn(&Estimate) -> &[f64]| -> Vec<Interval> {
            (0..count).filter_map(|place| interval(&|e: &Estimate| column(e).get(place).copied())).collect()
        };
        Ok(Bootstrap {
            paths: each(self.paths().len(), |estimate| &estimate.paths),
            loadings: each(width, |estimate| &estimate.loadings),
            weights: each(width, |estimate| &estimate.weights),
            r_squared: (0..self.latents().len())
                .map(|place| interval(&|e: &Estimate| e.r_squared.get(place).copied().flatten()))
                .collect(),
            failed: resamples - drawn.len(),
            resamples: drawn.len(),
        })
    }

    fn resample(&self, rows: &[f64], seed: u64, number: usize) -> Option<Estimate> {
        let mut random = Random::stream(seed, number as u64);
        let n = self.respondents();
        let mut counts = vec![0_u32; n];
        for _ in 0..n {
            if let Some(count) = counts.get_mut(random.below(n as u64) as usize) {
                *count += 1;
            }
        }
        let (means, covariance) = Symmetric::covariance(rows, self.model.items.len(), Some(&counts));
        let mut estimate = self.model.estimate(&means, &covariance).ok()?;
        estimate.align(&self.model, &self.estimate);
        Some(estimate)
    }
}

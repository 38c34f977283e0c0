#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::{Interval, Level, check, parallel};

use super::PathModelFit;
use super::estimate::Estimate;
use crate::Error;
use crate::error::check_resamples;
use crate::linear::Symmetric;
use crate::percentile::percentile_interval;
use crate::random;

/// Percentile bootstrap intervals of a path model.
///
/// Intervals are in the order of [`PathModelFit::paths`], [`PathModelFit::loadings`] (loadings and
/// weights) and [`PathModelFit::latents`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PathModelBootstrap {
    /// Path coefficients.
    pub paths: Vec<Interval>,
    /// Loadings.
    pub loadings: Vec<Interval>,
    /// Weights.
    pub weights: Vec<Interval>,
    /// R2; `None` for a latent variable without a path to it.
    pub r_squared: Vec<Option<Interval>>,
    /// Number of resamples with an estimate.
    pub resamples: usize,
    /// Number of resamples in which an item did not vary or the weights did not converge; the
    /// intervals do not include them.
    pub failed: usize,
}

impl PathModelFit {
    /// Draws as many respondents as there are, with replacement, `resamples` times, and fits each
    /// sample.
    ///
    /// `rows` are the rows that the model was fitted to. Each resample has its own random stream,
    /// so that the result has the same bits for any number of threads.
    ///
    /// The sign of a score is arbitrary. Each resample is oriented like the sample, so that the
    /// inner product of their loadings is positive for each block.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for fewer than 100 resamples, if fewer than half of them gave an
    /// estimate, and for answers that are not finite; [`InputError::Length`] for another number of
    /// answers than that of the fit.
    ///
    /// # References
    ///
    /// Efron, B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, chapter 13;
    /// Tenenhaus, M. and others (2005), section 5, for the signs.
    #[allow(clippy::indexing_slicing, reason = "estimates of one model have one shape")]
    pub fn bootstrap(
        &self,
        rows: &[f64],
        resamples: usize,
        seed: u64,
        level: Level,
    ) -> Result<PathModelBootstrap, Error> {
        /// Resamples of one task.
        const TASK: usize = 16;
        let width = self.model.items.len();
        check::length("answers", rows.len(), width * self.respondents())?;
        check::finite("answers", rows)?;
        check_resamples(resamples)?;
        let resample = |number| self.resample(rows, seed, number);
        let drawn: Vec<Estimate> =
            parallel::map_indices(resamples, TASK, resample).into_iter().flatten().collect();
        check::range("resamples with an estimate", drawn.len(), resamples.div_ceil(2)..)?;
        let interval = |pick: &dyn Fn(&Estimate) -> Option<f64>| {
            let estimate = pick(&self.estimate)?;
            percentile_interval(drawn.iter().filter_map(pick).collect(), estimate, level)
        };
        let each = |count: usize, column: fn(&Estimate) -> &[f64]| -> Vec<Interval> {
            (0..count).filter_map(|index| interval(&|e: &Estimate| Some(column(e)[index]))).collect()
        };
        Ok(PathModelBootstrap {
            paths: each(self.paths().len(), |estimate| &estimate.paths),
            loadings: each(width, |estimate| &estimate.loadings),
            weights: each(width, |estimate| &estimate.weights),
            r_squared: (0..self.latents().len())
                .map(|index| interval(&|e: &Estimate| e.r_squared[index]))
                .collect(),
            failed: resamples - drawn.len(),
            resamples: drawn.len(),
        })
    }

    #[allow(clippy::indexing_slicing, reason = "a random number below n is an index of n counts")]
    fn resample(&self, rows: &[f64], seed: u64, number: usize) -> Option<Estimate> {
        let mut random = random::stream(seed, number as u64);
        let n = self.respondents();
        let mut counts = vec![0_u32; n];
        for _ in 0..n {
            counts[random.below(n)] += 1;
        }
        let (means, covariance) = Symmetric::covariance(rows, self.model.items.len(), Some(&counts));
        let mut estimate = self.model.estimate(&means, &covariance).ok()?;
        estimate.align(&self.model, &self.estimate);
        Some(estimate)
    }
}

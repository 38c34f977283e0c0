//! The iteration, on correlations or covariances alone.
#![allow(
    clippy::indexing_slicing,
    reason = "indices come from the model that the matrices were made for, and the loops are hot"
)]

use super::{Metric, PathModel, Weighting};
use crate::Error;
use crate::linear::Symmetric;

/// Largest change of a weight in the last iteration.
const CONVERGED: f64 = 1e-12;
const MAX_ITERATIONS: usize = 1_000;

/// The estimates of a model from one sample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimate {
    /// Weights of the standardized items, such that scores have variance 1.
    pub(super) weights: Vec<f64>,
    /// Correlation of each item with the score of its own block.
    pub(super) loadings: Vec<f64>,
    /// Coefficients in the order of the paths of the model.
    pub(super) paths: Vec<f64>,
    /// R2 of each latent variable with a path to it.
    pub(super) r_squared: Vec<Option<f64>>,
    /// Correlations of the scores.
    pub(super) scores: Symmetric,
    pub(super) iterations: usize,
}

impl PathModel {
    /// Estimates the model from the means and covariances of the items of a sample.
    pub(super) fn estimate(&self, means: &[f64], covariance: &Symmetric) -> Result<Estimate, Error> {
        let correlation = covariance.correlation(means, &self.items)?;
        match self.metric {
            Metric::Standardized => self.iterate(&correlation),
            Metric::AsAnswered => self.iterate(covariance),
        }
    }

    fn iterate(&self, items: &Symmetric) -> Result<Estimate, Error> {
        let deviations: Vec<f64> = (0..items.order()).map(|j| items.get(j, j).sqrt()).collect();
        let mut weights = vec![1.0; self.items.len()];
        self.normalize(items, &mut weights)?;
        let (mut iterations, mut change) = (0, f64::INFINITY);
        while change > CONVERGED {
            if iterations == MAX_ITERATIONS {
                return Err(Error::NotConverged { max_iterations: MAX_ITERATIONS, change });
            }
            iterations += 1;
            let covariances = self.covariances(items, &weights);
            let scores = self.score_correlations(&covariances, &weights);
            let inner = self.inner_weights(&scores)?;
            let mut next = vec![0.0; weights.len()];
            for (q, latent) in self.latents.iter().enumerate() {
                for j in latent.block() {
                    next[j] = inner[q]
                        .iter()
                        .map(|&(e, weight)| covariances[j * self.latents.len() + e] * weight)
                        .sum();
                }
            }
            self.normalize(items, &mut next)?;
            change = next.iter().zip(&weights).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
            weights = next;
        }
        self.orient(items, &mut weights);
        let covariances = self.covariances(items, &weights);
        let scores = self.score_correlations(&covariances, &weights);
        let loadings = self
            .latents
            .iter()
            .enumerate()
            .flat_map(|(q, latent)| latent.block().map(move |j| (q, j)))
            .map(|(q, j)| (covariances[j * self.latents.len() + q] / deviations[j]).clamp(-1.0, 1.0))
            .collect();
        let (paths, r_squared) = self.regressions(&scores)?;
        weights.iter_mut().zip(&deviations).for_each(|(weight, deviation)| *weight *= deviation);
        Ok(Estimate { weights, loadings, paths, r_squared, scores, iterations })
    }

    /// Returns the covariances of items with scores, one row per item.
    fn covariances(&self, items: &Symmetric, weights: &[f64]) -> Vec<f64> {
        let mut covariances = Vec::with_capacity(items.order() * self.latents.len());
        for j in 0..items.order() {
            let row = items.row(j);
            for latent in &self.latents {
                let block = latent.block();
                covariances.push(row[block.clone()].iter().zip(&weights[block]).map(|(r, w)| r * w).sum());
            }
        }
        covariances
    }

    fn score_correlations(&self, covariances: &[f64], weights: &[f64]) -> Symmetric {
        let count = self.latents.len();
        let mut scores = Symmetric::zero(count);
        for (q, latent) in self.latents.iter().enumerate() {
            scores.set(q, q, 1.0);
            for e in 0..q {
                let sum: f64 = latent.block().map(|j| weights[j] * covariances[j * count + e]).sum();
                scores.set(q, e, sum.clamp(-1.0, 1.0));
            }
        }
        scores
    }

    /// Returns the neighbors of each latent variable with their inner weights.
    fn inner_weights(&self, scores: &Symmetric) -> Result<Vec<Vec<(usize, f64)>>, Error> {
        let mut inner = vec![Vec::new(); self.latents.len()];
        for (q, own) in inner.iter_mut().enumerate() {
            let before = self.predecessors(q);
            match self.weighting {
                Weighting::Path if !before.is_empty() => {
                    own.extend(before.iter().copied().zip(self.regression(scores, q, &before)?));
                }
                Weighting::Path => {}
                Weighting::Centroid => own.extend(before.iter().map(|&e| (e, sign(scores.get(q, e))))),
                Weighting::Factorial => own.extend(before.iter().map(|&e| (e, scores.get(q, e)))),
            }
            for &(_, e) in self.paths.iter().filter(|(from, _)| *from == q) {
                let r = scores.get(q, e);
                own.push((e, if self.weighting == Weighting::Centroid { sign(r) } else { r }));
            }
        }
        Ok(inner)
    }

    fn regression(&self, scores: &Symmetric, latent: usize, before: &[usize]) -> Result<Vec<f64>, Error> {
        let names: Vec<&str> = before.iter().map(|&e| self.latents[e].name.as_str()).collect();
        let right: Vec<f64> = before.iter().map(|&e| scores.get(latent, e)).collect();
        Ok(scores.part(before).cholesky(&names)?.solve(&right))
    }

    fn regressions(&self, scores: &Symmetric) -> Result<(Vec<f64>, Vec<Option<f64>>), Error> {
        let mut paths = vec![0.0; self.paths.len()];
        let mut r_squared = vec![None; self.latents.len()];
        for (q, explained) in r_squared.iter_mut().enumerate() {
            let before = self.predecessors(q);
            if before.is_empty() {
                continue;
            }
            let coefficients = self.regression(scores, q, &before)?;
            let sum: f64 = before.iter().zip(&coefficients).map(|(&e, b)| b * scores.get(q, e)).sum();
            *explained = Some(sum.clamp(0.0, 1.0));
            for (e, coefficient) in before.iter().zip(coefficients) {
                if let Some(index) = self.paths.iter().position(|path| *path == (*e, q)) {
                    paths[index] = coefficient;
                }
            }
        }
        Ok((paths, r_squared))
    }

    /// Scales the weights of each block such that its score has variance 1.
    fn normalize(&self, items: &Symmetric, weights: &mut [f64]) -> Result<(), Error> {
        for latent in &self.latents {
            let block = latent.block();
            let mut variance = 0.0;
            for j in block.clone() {
                let row = &items.row(j)[block.clone()];
                variance +=
                    weights[j] * row.iter().zip(&weights[block.clone()]).map(|(r, w)| r * w).sum::<f64>();
            }
            // Items that cancel each other, or are uncorrelated with every neighbor.
            if variance.is_nan() || variance <= 1e-24 {
                return Err(Error::Constant { name: format!("the score of {}", latent.name), value: 0.0 });
            }
            for weight in &mut weights[block] {
                *weight /= variance.sqrt();
            }
        }
        Ok(())
    }

    /// Orients scores such that the sum of the loadings of each block is positive; if they cancel
    /// (as many items are worded in one direction as in the other), the loading of its first item.
    fn orient(&self, items: &Symmetric, weights: &mut [f64]) {
        /// Loadings cancel if their sum is below this share of the sum of their sizes.
        const CANCELLED: f64 = 0.1;
        let covariances = self.covariances(items, weights);
        for (q, latent) in self.latents.iter().enumerate() {
            let block = latent.block();
            let loading = |j: usize| {
                covariances[j * self.latents.len() + q] / items.get(j, j).max(f64::MIN_POSITIVE).sqrt()
            };
            let sum: f64 = block.clone().map(loading).sum();
            let size: f64 = block.clone().map(|j| loading(j).abs()).sum();
            let side = if sum.abs() > CANCELLED * size { sum } else { loading(latent.first) };
            if side < 0.0 {
                weights[block].iter_mut().for_each(|weight| *weight = -*weight);
            }
        }
    }
}

impl Estimate {
    /// Orients each score like that of another estimate of the model: the inner product of both
    /// loadings of its block is positive.
    ///
    /// The sign of a score is arbitrary, and a resample must follow its sample.
    pub(super) fn align(&mut self, model: &PathModel, sample: &Self) {
        let mut turned = vec![false; model.latents.len()];
        for (latent, turned) in model.latents.iter().zip(&mut turned) {
            let block = latent.block();
            let both = self.loadings[block.clone()].iter().zip(&sample.loadings[block.clone()]);
            *turned = both.map(|(one, other)| one * other).sum::<f64>() < 0.0;
            if *turned {
                let own = self.weights[block.clone()].iter_mut().chain(&mut self.loadings[block]);
                own.for_each(|value| *value = -*value);
            }
        }
        for (value, &(from, to)) in self.paths.iter_mut().zip(&model.paths) {
            if turned[from] != turned[to] {
                *value = -*value;
            }
        }
        for q in 0..turned.len() {
            for e in 0..q {
                if turned[q] != turned[e] {
                    self.scores.set(q, e, -self.scores.get(q, e));
                }
            }
        }
    }
}

/// Returns the sign, 0 for 0, unlike `signum`.
fn sign(r: f64) -> f64 {
    if r > 0.0 {
        1.0
    } else if r < 0.0 {
        -1.0
    } else {
        0.0
    }
}

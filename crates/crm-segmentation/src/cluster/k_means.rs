//! Centres by k-means, from linfa, and the nearest of them.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::Error;

const TOLERANCE: f64 = 1e-6;
const MOST_STEPS: u64 = 300;

/// Rows of scaled features, one customer after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Points<'a> {
    pub(super) values: &'a [f64],
    pub(super) features: usize,
}

impl<'a> Points<'a> {
    pub(super) fn rows(self) -> std::slice::ChunksExact<'a, f64> {
        self.values.chunks_exact(self.features.max(1))
    }

    pub(super) fn len(self) -> usize {
        self.values.len() / self.features.max(1)
    }
}

/// The centres of k clusters, one after the other: the best of so many starts by k-means++ (Arthur and Vassilvitskii 2007).
pub(super) fn centres(points: Points<'_>, k: usize, starts: u32, seed: u64) -> Result<Vec<f64>, Error> {
    let failed = |why: &dyn std::fmt::Display| Error::OutOfRange {
        field: "clusters",
        allowed: format!("be found ({why})"),
        value: k.to_string(),
    };
    let rows = ArrayView2::from_shape((points.len(), points.features), points.values)
        .map_err(|error| failed(&error))?;
    let model = KMeans::params_with_rng(k, Xoshiro256Plus::seed_from_u64(seed))
        .init_method(KMeansInit::KMeansPlusPlus)
        .n_runs(starts as usize)
        .max_n_iterations(MOST_STEPS)
        .tolerance(TOLERANCE)
        .fit(&DatasetBase::from(rows))
        .map_err(|error| failed(&error))?;
    Ok(model.centroids().iter().copied().collect())
}

/// The place of the nearest centre, the first of equally near ones, and the square of its distance.
pub(super) fn nearest(centres: Points<'_>, row: &[f64]) -> (usize, f64) {
    let distances = centres.rows().map(|centre| square(centre, row)).enumerate();
    distances.fold(
        (0, f64::INFINITY),
        |best, (place, square)| if square < best.1 { (place, square) } else { best },
    )
}

/// The square of the distance.
pub(super) fn square(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The sum of the squares of the distances to the nearest centres.
pub(super) fn within(points: Points<'_>, centres: Points<'_>) -> f64 {
    points.rows().map(|row| nearest(centres, row).1).sum()
}

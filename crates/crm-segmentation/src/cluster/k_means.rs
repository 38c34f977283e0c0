//! Centers by k-means, from linfa, and the nearest of them.

#![allow(clippy::indexing_slicing, reason = "indices of points and centers come from their numbers")]

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::Error;
use crm_statistics::random::RandomStream;

const TOLERANCE: f64 = 1e-6;
const MAX_ITERATIONS: u64 = 300;

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

    /// The mean of every feature.
    pub(super) fn mean(self) -> Vec<f64> {
        let n = self.len().max(1) as f64;
        let mut mean = vec![0.0; self.features];
        for row in self.rows() {
            mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / n);
        }
        mean
    }

    pub(super) fn len(self) -> usize {
        self.values.len() / self.features.max(1)
    }
}

/// The centers of k clusters, one after the other: the best of so many starts by k-means++ (Arthur
/// and Vassilvitskii 2007).
pub(super) fn centers(points: Points<'_>, k: usize, starts: u32, seed: u64) -> Result<Vec<f64>, Error> {
    if k == 1 {
        return Ok(points.mean());
    }
    let failed = |why: &dyn std::fmt::Display| Error::NoClusters { clusters: k, reason: why.to_string() };
    let rows = ArrayView2::from_shape((points.len(), points.features), points.values)
        .map_err(|error| failed(&error))?;
    let model = KMeans::params_with_rng(k, Xoshiro256Plus::seed_from_u64(seed))
        .init_method(KMeansInit::KMeansPlusPlus)
        .n_runs(starts as usize)
        .max_n_iterations(MAX_ITERATIONS)
        .tolerance(TOLERANCE)
        .fit(&DatasetBase::from(rows))
        .map_err(|error| failed(&error))?;
    Ok(model.centroids().iter().copied().collect())
}

/// The place of the nearest center, the first of equally near ones, and the square of its distance.
pub(super) fn nearest(centers: Points<'_>, row: &[f64]) -> (usize, f64) {
    let distances = centers.rows().map(|center| square(center, row)).enumerate();
    distances.fold(
        (0, f64::INFINITY),
        |best, (place, square)| if square < best.1 { (place, square) } else { best },
    )
}

/// The square of the distance.
pub(super) fn square(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The centers of k clusters for comparisons: the same method, written out for small samples, of
/// which hundreds are clustered to tell a number of clusters from noise.
pub(super) fn quick_centers(points: Points<'_>, k: usize, starts: u32, seed: u64) -> Vec<f64> {
    if k == 1 {
        return points.mean();
    }
    let mut best = (f64::INFINITY, Vec::new());
    for start in 0..starts {
        let found = lloyd(points, seeds(points, k, RandomStream::replicate(seed, u64::from(start))));
        if found.0 < best.0 || best.1.is_empty() {
            best = found;
        }
    }
    best.1
}

/// k rows, each drawn with a probability that grows with the square of its distance to those before
/// it.
fn seeds(points: Points<'_>, k: usize, mut stream: RandomStream) -> Vec<f64> {
    debug_assert!(points.len() > 0, "centers are drawn among points");
    let row = |place: usize| &points.values[place * points.features..][..points.features];
    let mut centers = row(stream.below(points.len())).to_vec();
    let mut away = vec![f64::INFINITY; points.len()];
    for drawn in 1..k {
        let last = centers[(drawn - 1) * points.features..].to_vec();
        for (away, row) in away.iter_mut().zip(points.rows()) {
            *away = away.min(square(row, &last));
        }
        let whole: f64 = away.iter().sum();
        let mut left = whole * stream.unit();
        let passed = |away: &f64| {
            left -= away;
            left < 0.0
        };
        let place = away.iter().position(passed).unwrap_or(points.len() - 1);
        centers.extend_from_slice(row(place));
    }
    centers
}

/// Means of the nearest rows in turn with nearest means, until no row changes sides; and the sum of
/// squares within.
fn lloyd(points: Points<'_>, mut centers: Vec<f64>) -> (f64, Vec<f64>) {
    let (features, k) = (points.features.max(1), centers.len() / points.features.max(1));
    debug_assert_eq!(centers.len(), k * features, "whole centers");
    let mut labels = vec![usize::MAX; points.len()];
    let mut within = f64::INFINITY;
    for _ in 0..MAX_ITERATIONS {
        let mut moved = false;
        let mut sums = vec![0.0; centers.len()];
        let mut sizes = vec![0.0; k];
        within = 0.0;
        for (label, row) in labels.iter_mut().zip(points.rows()) {
            let (place, distance) = nearest(Points { values: &centers, features }, row);
            moved |= *label != place;
            *label = place;
            within += distance;
            sums[place * features..][..features].iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            sizes[place] += 1.0;
        }
        if !moved {
            break;
        }
        // The center of an empty cluster stays.
        let filled = centers.chunks_exact_mut(features).zip(sums.chunks_exact(features)).zip(&sizes);
        for ((center, sum), size) in filled.filter(|(_, size)| **size > 0.0) {
            center.iter_mut().zip(sum).for_each(|(x, sum)| *x = sum / size);
        }
    }
    (within, centers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three clumps on a line: the means, whatever the seed.
    #[test]
    fn clumps_are_found_by_both_routes() {
        let values: Vec<f64> = (0..90).map(|i| f64::from(i % 3 * 10) + f64::from(i / 3 % 5)).collect();
        let points = Points { values: &values, features: 1 };
        for seed in 0..20 {
            let mut quick = quick_centers(points, 3, 5, seed);
            quick.sort_by(f64::total_cmp);
            assert!(quick.iter().zip([2.0, 12.0, 22.0]).all(|(x, y)| (x - y).abs() < 1e-12), "{quick:?}");
            let mut linfa = centers(points, 3, 5, seed).unwrap();
            linfa.sort_by(f64::total_cmp);
            assert!(linfa.iter().zip(&quick).all(|(x, y)| (x - y).abs() < 1e-3), "{linfa:?}");
        }
        // More centers than different rows.
        let same = Points { values: &[1.0; 6], features: 1 };
        assert_eq!(quick_centers(same, 4, 2, 1), [1.0; 4]);
    }
}

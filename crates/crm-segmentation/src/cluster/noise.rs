//! Customers without clusters, to hold those found against.

#![allow(clippy::indexing_slicing, reason = "rows and columns are those of a square matrix")]

use super::k_means::Points;
use crm_statistics::random::RandomStream;

/// A box around points, along the axes of their principal components: features that go together are
/// one long direction, not two.
#[derive(Debug)]
pub(super) struct Reference {
    /// For each component its direction and the range of the points along it.
    axes: Vec<(Vec<f64>, f64, f64)>,
}

impl Reference {
    pub(super) fn around(points: Points<'_>) -> Self {
        let range = |axis: &[f64]| {
            let along = points.rows().map(|row| row.iter().zip(axis).map(|(x, a)| x * a).sum::<f64>());
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
        };
        let axes = principal_axes(&covariance(points)).into_iter().map(|axis| {
            let (low, high) = range(&axis);
            (axis, low, high)
        });
        Self { axes: axes.collect() }
    }

    /// Draws rows spread evenly over the box; each round has its own random stream.
    pub(super) fn draw(&self, rows: usize, seed: u64, round: u64) -> Vec<f64> {
        let mut stream = RandomStream::replicate(seed, round);
        let features = self.axes.len();
        let mut values = vec![0.0; rows * features];
        for row in values.chunks_exact_mut(features.max(1)) {
            for (axis, low, high) in &self.axes {
                let along = low + (high - low) * stream.unit();
                row.iter_mut().zip(axis).for_each(|(x, a)| *x += along * a);
            }
        }
        values
    }
}

/// Covariances, divided by the largest variance so that they are numbers of ordinary size.
fn covariance(points: Points<'_>) -> Vec<Vec<f64>> {
    let (features, mean) = (points.features, points.mean());
    let mut sums = vec![vec![0.0; features]; features];
    for row in points.rows() {
        let away: Vec<f64> = row.iter().zip(&mean).map(|(x, mean)| x - mean).collect();
        for (sums, one) in sums.iter_mut().zip(&away) {
            sums.iter_mut().zip(&away).for_each(|(sum, other)| *sum += one * other / points.len() as f64);
        }
    }
    let largest = sums.iter().enumerate().filter_map(|(i, row)| row.get(i)).copied().fold(0.0, f64::max);
    if largest > 0.0 {
        sums.iter_mut().flatten().for_each(|sum| *sum /= largest);
    }
    sums
}

/// The eigenvectors of a symmetric matrix, by the rotations of Jacobi (1846), each as a row.
fn principal_axes(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    /// Sweeps converge quadratically; a handful suffices.
    const SWEEPS: usize = 60;
    let n = matrix.len();
    let mut a: Vec<f64> = matrix.concat();
    let mut axes: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    debug_assert_eq!(a.len(), n * n, "a square matrix");
    let at = |a: &[f64], i: usize, j: usize| a[i * n + j];
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let (app, aqq, apq) = (at(&a, p, p), at(&a, q, q), at(&a, p, q));
                if apq.abs() <= 1e-15 * (app.abs() * aqq.abs()).sqrt() || apq == 0.0 {
                    continue;
                }
                turned = true;
                let theta = (aqq - app) / (2.0 * apq);
                let t = if theta >= 0.0 { 1.0 } else { -1.0 } / (theta.abs() + theta.hypot(1.0));
                let cosine = 1.0 / t.hypot(1.0);
                let sine = t * cosine;
                (a[p * n + p], a[q * n + q]) = (app - t * apq, aqq + t * apq);
                (a[p * n + q], a[q * n + p]) = (0.0, 0.0);
                for k in (0..n).filter(|k| *k != p && *k != q) {
                    let (akp, akq) = (at(&a, k, p), at(&a, k, q));
                    let turned = [(p, cosine * akp - sine * akq), (q, sine * akp + cosine * akq)];
                    for (column, value) in turned {
                        (a[k * n + column], a[column * n + k]) = (value, value);
                    }
                }
                // p is before q.
                let (before, after) = axes.split_at_mut(q);
                for (one, other) in before[p].iter_mut().zip(&mut after[0]) {
                    (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
                }
            }
        }
        if !turned {
            break;
        }
    }
    axes
}

/// The largest mean silhouettes of 2 to 10 clusters in thousands of customers spread evenly over
/// one, two, three, four, and five or more features, rounded up.
const EVEN: [f64; 5] = [0.64, 0.425, 0.305, 0.25, 0.20];

/// The silhouette that noise stays below where no even spread was drawn: a constant for the number
/// of features, and more for few customers. With 30 to 1 000 customers the largest of up to 60
/// spreads was at least 0.03 below it.
pub(super) fn constant_for_noise(features: usize, customers: usize) -> f64 {
    let constant = EVEN[features.clamp(1, EVEN.len()) - 1];
    constant + 1.0 / (customers.max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The eigenvectors of [[2, 1, 0], [1, 2, 0], [0, 0, 3]] are (1, -1, 0), (1, 1, 0) and (0, 0,
    /// 1).
    #[test]
    fn axes_are_eigenvectors_of_length_one() {
        let matrix = vec![vec![2.0, 1.0, 0.0], vec![1.0, 2.0, 0.0], vec![0.0, 0.0, 3.0]];
        let axes = principal_axes(&matrix);
        for axis in &axes {
            let image: Vec<f64> =
                matrix.iter().map(|row| row.iter().zip(axis).map(|(m, x)| m * x).sum()).collect();
            let value: f64 = image.iter().zip(axis).map(|(y, x)| y * x).sum();
            assert!(image.iter().zip(axis).all(|(y, x)| (y - value * x).abs() < 1e-12), "{axes:?}");
            assert!((axis.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let product: f64 = axes[0].iter().zip(&axes[1]).map(|(x, y)| x * y).sum();
        assert!(product.abs() < 1e-12);
    }

    /// Five dimensions, against the definition.
    #[test]
    fn larger_matrices_are_turned_to_their_axes() {
        let entry = |i: usize, j: usize| 1.0 / (1.0 + i as f64 + j as f64) + f64::from(u8::from(i == j));
        let matrix: Vec<Vec<f64>> = (0..5).map(|i| (0..5).map(|j| entry(i, j)).collect()).collect();
        for axis in principal_axes(&matrix) {
            let image: Vec<f64> =
                matrix.iter().map(|row| row.iter().zip(&axis).map(|(m, x)| m * x).sum()).collect();
            let value: f64 = image.iter().zip(&axis).map(|(y, x)| y * x).sum();
            assert!(image.iter().zip(&axis).all(|(y, x)| (y - value * x).abs() < 1e-12));
        }
    }

    /// Points on a line at 45 degrees: even spreads lie on it, too, and do not fill a square.
    #[test]
    fn an_even_spread_follows_features_that_go_together() {
        let values: Vec<f64> = (0..50).flat_map(|i| [f64::from(i), f64::from(i)]).collect();
        let even = Reference::around(Points { values: &values, features: 2 });
        let drawn = even.draw(200, 1, 0);
        assert!(drawn.chunks_exact(2).all(|row| (row[0] - row[1]).abs() < 1e-9));
        let (low, high) = drawn.iter().fold((50.0, 0.0), |(l, h): (f64, f64), x| (l.min(*x), h.max(*x)));
        assert!((-1e-9..3.0).contains(&low) && (46.0..49.0 + 1e-9).contains(&high));
    }
}

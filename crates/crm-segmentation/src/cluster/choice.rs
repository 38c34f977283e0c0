#![allow(
    clippy::indexing_slicing,
    reason = "labels are below the number of clusters, and every spread is measured for every number"
)]

use crate::column::BATCH;
use crm_numbers::{Level, parallel};
use crm_statistics::distribution::StudentT;

use super::k_means::{Points, nearest, quick_centers, square};
use super::noise::{Reference, constant_for_noise};

/// A number of clusters with the evidence for it.
///
/// k-means finds k groups in any data. What it finds in customers is therefore held against what it
/// finds, with the same number of starts, in customers without clusters: as many, spread evenly
/// over the same ranges.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ClusterCandidate {
    /// Number of clusters, k.
    pub clusters: usize,
    /// Share of the differences between customers that is between clusters, 0 to 1: `1 - within /
    /// total sum of squares`.
    pub explained: f64,
    /// Mean silhouette, -1 to 1: `(b - a) / max(a, b)` for each customer, where a is the mean
    /// distance to the others of their cluster and b the mean distance to the nearest other
    /// cluster; 0 for the only customer of a cluster, `None` for one cluster. Source: Rousseeuw, P.
    /// J. (1987), Silhouettes, Journal of Computational and Applied Mathematics 20, 53-65.
    pub silhouette: Option<f64>,
    /// Mean silhouette that k clusters must exceed to be more than noise: `m + t s sqrt(1 + 1 /
    /// B)`, with mean m and standard deviation s over B even spreads and t the quantile of
    /// Student's distribution with B - 1 degrees of freedom that all candidates together exceed
    /// with a probability of 0.05 %. Without even spreads a constant for the number of features.
    /// `None` for one cluster.
    pub silhouette_of_noise: Option<f64>,
    /// Gap: how much smaller the logarithm of the sum of squares within clusters is than in even
    /// spreads; `None` without spreads, and where clusters have no extent at all. Source:
    /// Tibshirani, R., Walther, G., Hastie, T. (2001), Estimating the number of clusters in a data
    /// set via the gap statistic, Journal of the Royal Statistical Society B 63(2), 411-423.
    pub gap: Option<f64>,
    /// Standard error of the gap, s_k there.
    pub gap_error: Option<f64>,
    /// Gap that k clusters must exceed to be more than noise: the gap of one cluster and t standard
    /// errors of the difference, as for the silhouette. `None` without even spreads, and for one
    /// cluster.
    pub gap_of_noise: Option<f64>,
}

impl ClusterCandidate {
    /// Returns whether the silhouette exceeds that of noise.
    fn stands_apart(&self) -> bool {
        self.silhouette.zip(self.silhouette_of_noise).is_some_and(|(found, noise)| found > noise)
    }

    /// Returns whether the gap exceeds that of noise, as it always does for clusters without
    /// extent.
    fn leaves_a_gap(&self) -> bool {
        self.has_no_extent() || self.gap.zip(self.gap_of_noise).is_some_and(|(found, noise)| found > noise)
    }

    fn has_no_extent(&self) -> bool {
        self.gap.is_none() && self.explained >= 1.0
    }
}

/// Probability that noise passes for any number of clusters.
const FALSE_ALARM: f64 = 0.0005;

/// Statistics of a k-means clustering.
#[derive(Debug, Clone, Copy)]
struct Found {
    ln_within: f64,
    explained: f64,
    silhouette: Option<f64>,
}

/// Measures numbers of clusters on a sample of the customers, and on as many even spreads as
/// `references` says.
pub(super) fn candidates(
    points: Points<'_>,
    numbers: &[usize],
    (starts, references): (u32, u32),
    seed: u64,
) -> Vec<ClusterCandidate> {
    let measure = |points: Points<'_>, seed: u64| -> Vec<Found> {
        numbers.iter().map(|clusters| found(points, *clusters, starts, seed)).collect()
    };
    let data = measure(points, seed);
    let even = Reference::around(points);
    let spread = |round: usize| {
        let values = even.draw(points.len(), seed, round as u64);
        measure(Points { values: &values, features: points.features }, seed ^ round as u64)
    };
    let spreads: Vec<Vec<Found>> = parallel::batches(references as usize, BATCH, spread).collect();
    let tested = numbers.iter().filter(|clusters| **clusters > 1).count();
    let t = student_quantile(FALSE_ALARM / tested.max(1) as f64, references);
    let one = numbers.iter().position(|clusters| *clusters == 1);
    let constant = constant_for_noise(points.features, points.len());
    let candidate = |(place, (clusters, found)): (usize, (&usize, &Found))| {
        let of = |place: usize, what: fn(&Found) -> f64| -> Vec<f64> {
            spreads.iter().map(|spread| what(&spread[place])).collect()
        };
        let logs = of(place, |found| found.ln_within);
        let gap = moments(&logs).map(|(mean, deviation)| (mean - found.ln_within, deviation));
        let gap = gap.filter(|(gap, _)| gap.is_finite());
        let n = f64::from(references);
        let widened = (1.0 + 1.0 / n.max(1.0)).sqrt();
        let silhouettes = of(place, |found| found.silhouette.unwrap_or(0.0));
        let noise = moments(&silhouettes)
            .zip(t)
            .map_or(constant, |((mean, deviation), t)| mean + t * deviation * widened);
        // The difference between k clusters and one, in every spread: what they share cancels.
        let first = one.filter(|one| *one != place).map(|one| (of(one, |found| found.ln_within), &data[one]));
        let gap_of_noise = first.and_then(|(ones, found)| {
            let steps: Vec<f64> = logs.iter().zip(&ones).map(|(log, one)| log - one).collect();
            let gap_of_one = moments(&ones)?.0 - found.ln_within;
            Some(gap_of_one + t? * moments(&steps)?.1 * widened)
        });
        ClusterCandidate {
            clusters: *clusters,
            explained: found.explained,
            silhouette: found.silhouette,
            silhouette_of_noise: found.silhouette.map(|_| noise),
            gap: gap.map(|(gap, _)| gap),
            // Tibshirani divides by n, not by n - 1.
            gap_error: gap.map(|(_, deviation)| deviation * ((n - 1.0) / n).sqrt() * widened),
            gap_of_noise: gap_of_noise.filter(|gap| gap.is_finite()),
        }
    };
    numbers.iter().zip(&data).enumerate().map(candidate).collect()
}

/// The number whose silhouette is highest among those that are more than noise; one cluster where
/// none is.
pub(super) fn by_silhouette(candidates: &[ClusterCandidate]) -> usize {
    let silhouette = |candidate: &&ClusterCandidate| candidate.silhouette.unwrap_or(0.0);
    let apart = candidates.iter().rev().filter(|candidate| candidate.stands_apart());
    // The last of equals in reversed order: the smallest number.
    let best = apart.max_by(|one, other| silhouette(one).total_cmp(&silhouette(other)));
    best.map_or(1, |best| best.clusters)
}

/// Returns the smallest number of clusters whose gap exceeds noise and is not exceeded by that of
/// the next number by more than its standard error; 1 if there is none.
pub(super) fn by_gap(candidates: &[ClusterCandidate]) -> usize {
    let apart: Vec<&ClusterCandidate> =
        candidates.iter().filter(|candidate| candidate.leaves_a_gap()).collect();
    let holds =
        |(one, next): &(&&ClusterCandidate, &&ClusterCandidate)| match (one.gap, next.gap, next.gap_error) {
            (Some(gap), Some(next), Some(error)) => gap >= next - error,
            _ => one.has_no_extent(),
        };
    let found = apart.iter().zip(apart.iter().skip(1)).find(holds).map(|(one, _)| one.clusters);
    found.or_else(|| apart.last().map(|last| last.clusters)).unwrap_or(1)
}

fn found(points: Points<'_>, clusters: usize, starts: u32, seed: u64) -> Found {
    let found = quick_centers(points, clusters, starts, seed);
    let found = Points { values: &found, features: points.features };
    let (labels, squares): (Vec<usize>, Vec<f64>) = points.rows().map(|row| nearest(found, row)).unzip();
    let inside: f64 = squares.iter().sum();
    let mean = points.mean();
    let total: f64 = points.rows().map(|row| square(row, &mean)).sum();
    Found {
        ln_within: inside.ln(),
        explained: if total > 0.0 { (1.0 - inside / total).clamp(0.0, 1.0) } else { 0.0 },
        silhouette: (clusters > 1).then(|| silhouette(points, &labels, clusters)),
    }
}

/// Mean and standard deviation (by n - 1); `None` for fewer than two values.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (values.len() > 1 && mean.is_finite()).then(|| (mean, variance.sqrt()))
}

/// Returns the value that Student's variable with `references - 1` degrees of freedom exceeds with
/// a probability; `None` for fewer than two even spreads, which leave no degree of freedom.
fn student_quantile(probability: f64, references: u32) -> Option<f64> {
    let student = StudentT::new(f64::from(references) - 1.0).ok()?;
    Some(student.two_sided_quantile(Level::new(1.0 - 2.0 * probability).ok()?))
}

/// The mean silhouette of all points.
fn silhouette(points: Points<'_>, labels: &[usize], clusters: usize) -> f64 {
    let mut sizes = vec![0_usize; clusters];
    debug_assert_eq!(labels.len(), points.len(), "one label per point");
    for label in labels {
        sizes[*label] += 1;
    }
    let of = |place: usize| {
        let own = labels[place];
        let row = &points.values[place * points.features..][..points.features];
        let mut sums = vec![0.0; clusters];
        for (other, label) in points.rows().zip(labels) {
            sums[*label] += square(row, other).sqrt();
        }
        let mut inside = None;
        let mut outside = f64::INFINITY;
        for (label, (sum, size)) in sums.iter().zip(&sizes).enumerate() {
            match (label == own, *size) {
                (true, 2..) => inside = Some(sum / (size - 1) as f64),
                (false, 1..) => outside = outside.min(sum / *size as f64),
                _ => {}
            }
        }
        match inside {
            Some(inside) if outside.is_finite() && inside.max(outside) > 0.0 => {
                (outside - inside) / inside.max(outside)
            }
            _ => 0.0,
        }
    };
    parallel::batches(points.len(), BATCH, of).sum::<f64>() / points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pairs on a line, by hand: 0, 1 and 10, 12.
    #[test]
    fn the_silhouette_is_that_of_the_definition() {
        let points = Points { values: &[0.0, 1.0, 10.0, 12.0], features: 1 };
        let hand = [(11.0 - 1.0) / 11.0, (10.0 - 1.0) / 10.0, (9.5 - 2.0) / 9.5, (11.5 - 2.0) / 11.5];
        let mean = hand.iter().sum::<f64>() / 4.0;
        assert!((silhouette(points, &[0, 0, 1, 1], 2) - mean).abs() < 1e-15);
        // Alone in a cluster, and an empty cluster.
        let alone = silhouette(Points { values: &[0.0, 1.0, 5.0], features: 1 }, &[0, 0, 2], 3);
        assert!((alone - (4.0 / 5.0 + 3.0 / 4.0) / 3.0).abs() < 1e-15);
    }

    fn with(clusters: usize, silhouette: f64, gap: Option<f64>, noise: f64) -> ClusterCandidate {
        ClusterCandidate {
            clusters,
            explained: 0.5,
            silhouette: Some(silhouette),
            silhouette_of_noise: Some(noise),
            gap,
            gap_error: Some(0.1),
            gap_of_noise: Some(noise),
        }
    }

    #[test]
    fn the_rule_of_the_gap_takes_the_first_that_is_not_beaten() {
        let of = |clusters, gap| with(clusters, 0.5, Some(gap), 0.05);
        let rising = [of(2, 0.1), of(3, 0.5), of(4, 0.55), of(5, 0.9)];
        // 0.5 >= 0.55 - 0.1.
        assert_eq!(by_gap(&rising), 3);
        assert_eq!(by_gap(&[of(2, 0.1), of(3, 0.5)]), 3);
        // Noise is one cluster, whatever the gaps among the others.
        assert_eq!((by_gap(&[of(2, 0.01), of(3, 0.04)]), by_gap(&[])), (1, 1));
        // Clusters without extent cannot be improved on.
        let points = ClusterCandidate { explained: 1.0, gap: None, ..of(3, 0.0) };
        assert_eq!(by_gap(&[of(2, 0.1), points, of(4, 0.9)]), 3);
    }

    #[test]
    fn the_best_silhouette_above_noise_wins_and_the_smallest_of_equals() {
        let of = |clusters, silhouette, noise| with(clusters, silhouette, None, noise);
        assert_eq!(by_silhouette(&[of(2, 0.6, 0.7), of(3, 0.5, 0.4), of(4, 0.5, 0.4)]), 3);
        assert_eq!(by_silhouette(&[of(2, 0.6, 0.6), of(3, 0.3, 0.4)]), 1);
    }

    /// Table values to three decimals; without degrees of freedom there is no quantile.
    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        for (probability, degrees, wanted) in [
            (0.001, 9, 4.297),
            (0.001, 19, 3.579),
            (0.0005, 19, 3.883),
            (0.005, 49, 2.680),
            (0.001, 99, 3.175),
        ] {
            let found = student_quantile(probability, degrees + 1).unwrap();
            assert!((found - wanted).abs() <= 0.0005, "{degrees}: {found}, not {wanted}");
        }
        assert_eq!((student_quantile(0.001, 0), student_quantile(0.001, 1)), (None, None));
    }
}

use super::k_means::{Points, centres, nearest, square, within};
use crate::Error;
use crate::parallel::replicates;
use crate::random::Stream;

/// What speaks for a number of clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Candidate {
    /// The number of clusters, k.
    pub clusters: usize,
    /// The share of the differences between customers that is between clusters, 0 to 1: `1 - within / total sum of squares`.
    pub explained: f64,
    /// The mean silhouette, -1 to 1: `(b - a) / max(a, b)` of every customer, where a is the mean distance to the others of
    /// their cluster and b the mean distance to the nearest other cluster; 0 for a customer alone. Above 0.5 reasonable,
    /// below 0.25 no structure. Source: Rousseeuw, P. J. (1987), Silhouettes, Journal of Computational and Applied
    /// Mathematics 20, 53-65.
    pub silhouette: f64,
    /// The gap: how much smaller the logarithm of the sum of squares within clusters is than in data spread evenly over the
    /// same ranges; `None` without references, and where clusters have no spread at all. Source: Tibshirani, R., Walther, G.,
    /// Hastie, T. (2001), Estimating the number of clusters in a data set via the gap statistic, Journal of the Royal
    /// Statistical Society B 63(2), 411-423.
    pub gap: Option<f64>,
    /// The standard error of the gap, s_k there.
    pub gap_error: Option<f64>,
}

/// Measures one number of clusters on a sample of the customers.
pub(super) fn candidate(
    points: Points<'_>,
    clusters: usize,
    (starts, references): (u32, u32),
    seed: u64,
) -> Result<Candidate, Error> {
    let found = centres(points, clusters, starts, seed)?;
    let found = Points { values: &found, features: points.features };
    let (labels, squares): (Vec<usize>, Vec<f64>) = points.rows().map(|row| nearest(found, row)).unzip();
    let inside: f64 = squares.iter().sum();
    let mean: Vec<f64> = (0..points.features)
        .map(|feature| points.rows().filter_map(|row| row.get(feature)).sum::<f64>() / points.len() as f64)
        .collect();
    let total: f64 = points.rows().map(|row| square(row, &mean)).sum();
    let gap = gap(points, clusters, inside, references, seed)?;
    Ok(Candidate {
        clusters,
        explained: if total > 0.0 { (1.0 - inside / total).clamp(0.0, 1.0) } else { 0.0 },
        silhouette: silhouette(points, &labels, clusters),
        gap: gap.map(|gap| gap.0),
        gap_error: gap.map(|gap| gap.1),
    })
}

/// The smallest k whose gap is not beaten by that of k + 1 by more than its standard error; else the last.
pub(super) fn by_gap(candidates: &[Candidate]) -> Option<usize> {
    let holds = |(one, next): &(&Candidate, &Candidate)| match (one.gap, next.gap, next.gap_error) {
        (Some(gap), Some(next), Some(error)) => gap >= next - error,
        _ => false,
    };
    let found = candidates.iter().zip(candidates.iter().skip(1)).find(holds).map(|(one, _)| one.clusters);
    found.or_else(|| candidates.last().map(|last| last.clusters))
}

/// The mean silhouette of all points.
fn silhouette(points: Points<'_>, labels: &[usize], clusters: usize) -> f64 {
    let mut sizes = vec![0_usize; clusters];
    for label in labels {
        if let Some(size) = sizes.get_mut(*label) {
            *size += 1;
        }
    }
    let of = |place: usize| {
        let own = labels.get(place).copied().unwrap_or(0);
        let Some(row) = points.rows().nth(place) else { return 0.0 };
        let mut sums = vec![0.0; clusters];
        for (other, label) in points.rows().zip(labels) {
            if let Some(sum) = sums.get_mut(*label) {
                *sum += square(row, other).sqrt();
            }
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
    replicates(points.len(), of).sum::<f64>() / points.len().max(1) as f64
}

/// The gap and its standard error.
fn gap(
    points: Points<'_>,
    clusters: usize,
    inside: f64,
    references: u32,
    seed: u64,
) -> Result<Option<(f64, f64)>, Error> {
    if references == 0 || inside <= 0.0 {
        return Ok(None);
    }
    let ranges: Vec<(f64, f64)> = (0..points.features)
        .map(|feature| {
            let column = points.rows().filter_map(|row| row.get(feature));
            column.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)))
        })
        .collect();
    let reference = |round: usize| {
        let mut stream = Stream::new(seed, round as u64);
        let even: Vec<f64> = (0..points.len())
            .flat_map(|_| ranges.iter())
            .map(|(low, high)| low + (high - low) * (stream.next() >> 11) as f64 / (1_u64 << 53) as f64)
            .collect();
        let even = Points { values: &even, features: points.features };
        let found = centres(even, clusters, 1, seed ^ round as u64)?;
        Ok::<f64, Error>(within(even, Points { values: &found, features: points.features }))
    };
    let logs = replicates(references as usize, reference)
        .map(|within| within.map(f64::ln))
        .collect::<Result<Vec<f64>, Error>>()?;
    let n = f64::from(references);
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n;
    let (gap, error) = (mean - inside.ln(), (variance * (1.0 + 1.0 / n)).sqrt());
    Ok((gap.is_finite() && error.is_finite()).then_some((gap, error)))
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
        // Alone in a cluster, and a cluster that nobody is in.
        let alone = silhouette(Points { values: &[0.0, 1.0, 5.0], features: 1 }, &[0, 0, 2], 3);
        assert!((alone - (4.0 / 5.0 + 3.0 / 4.0) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_rule_of_the_gap_takes_the_first_that_is_not_beaten() {
        let of = |clusters, gap: f64| Candidate {
            clusters,
            explained: 0.5,
            silhouette: 0.5,
            gap: Some(gap),
            gap_error: Some(0.1),
        };
        let rising = [of(2, 0.1), of(3, 0.5), of(4, 0.55), of(5, 0.9)];
        // 0.5 >= 0.55 - 0.1.
        assert_eq!(by_gap(&rising), Some(3));
        assert_eq!(by_gap(&[of(2, 0.1), of(3, 0.5)]), Some(3));
        assert_eq!(by_gap(&[]), None);
    }
}

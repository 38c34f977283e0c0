//! Bins with round edges for a histogram.

use crate::ticks::{Step, Ticks, differ};

/// Most bins that are computed, but for one or two that rounding the edges adds.
const MOST: f64 = 40.0;
/// Edges are numbers that a chart accepts.
const LARGEST_POWER: f64 = 300.0;

/// The spacing of the bins and of the horizontal axis of a [`Histogram`](crate::Histogram).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spacing {
    /// Equal differences.
    Linear,
    /// Equal ratios, for positive values with a heavy tail such as customer value.
    Logarithmic,
}

/// Computes the edges of the bins of a set of numbers.
pub(crate) fn edges(sorted: &[f64], spacing: Spacing) -> Vec<f64> {
    match spacing {
        Spacing::Linear => linear(sorted),
        Spacing::Logarithmic => {
            // The logarithm of the libm crate has the same bits on every machine.
            let logarithms: Vec<f64> = sorted.iter().map(|&value| libm::log10(value)).collect();
            let power = |edge: f64| power_of_ten(edge.clamp(-LARGEST_POWER, LARGEST_POWER));
            let mut edges: Vec<f64> = linear(&logarithms).into_iter().map(power).collect();
            edges.dedup_by(|next, one| *next <= *one);
            edges
        }
    }
}

/// Counts the sorted numbers in each bin. A number on an edge belongs to the bin above it, the
/// largest edge to the last bin.
pub(crate) fn counts(sorted: &[f64], edges: &[f64]) -> Vec<u64> {
    let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or(&[]);
    let below = inner.iter().map(|edge| sorted.partition_point(|value| value < edge));
    let ends: Vec<usize> = below.chain([sorted.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, &end)| (end - start) as u64).collect()
}

/// Returns the `part` quantile of sorted numbers, linear between them (type 7 of Hyndman and Fan,
/// 1996).
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * sorted.len().saturating_sub(1) as f64;
    let at = |index: f64| sorted.get(index as usize).or(sorted.last()).copied().unwrap_or(0.0);
    let (low, high) = (at(place.floor()), at(place.ceil()));
    low + (place - place.floor()) * (high - low)
}

fn linear(sorted: &[f64]) -> Vec<f64> {
    let (low, high) = (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0));
    if !differ(low, high) {
        return around(low, high);
    }
    let span = high - low;
    let spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    let width = 2.0 * spread / libm::cbrt(sorted.len() as f64);
    let width = if width > 0.0 { width } else { span / 10.0 };
    Ticks::covering_by(low, high, Step::at_least(width.clamp(span / MOST, span))).values().collect()
}

/// One bin around numbers that are all alike.
fn around(low: f64, high: f64) -> Vec<f64> {
    let size = low.abs().max(high.abs());
    let half = if size < 1e-290 { 0.5 } else { size / 20.0 };
    vec![low - half, high + half]
}

/// Ten to a power, exactly where the power is whole.
fn power_of_ten(power: f64) -> f64 {
    let nearest = power.round();
    if (power - nearest).abs() < 1e-9 {
        format!("1e{nearest:.0}").parse().unwrap_or(1.0)
    } else {
        libm::exp10(power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges from decimal text and powers of ten against the literal.
    const RELATIVE: f64 = 1e-12;

    #[track_caller]
    fn assert_edges(values: &[f64], spacing: Spacing, expected: &[f64]) {
        let edges = edges(values, spacing);
        let close = |(one, other): (&f64, &f64)| (one - other).abs() <= RELATIVE * other.abs();
        assert!(edges.len() == expected.len() && edges.iter().zip(expected).all(close), "{edges:?}");
    }

    #[test]
    fn the_width_is_the_rule_of_freedman_and_diaconis_rounded_up() {
        // 1000 numbers from 0 to 99.9: the quartiles are 49.95 apart, so the width is 2 · 49.95 /
        // 10 = 9.99.
        let values: Vec<f64> = (0..1000).map(|index| f64::from(index) / 10.0).collect();
        assert_edges(
            &values,
            Spacing::Linear,
            &[0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0],
        );
    }

    #[test]
    fn a_heavy_tail_is_capped_and_evened_out_by_logarithms() {
        let values: Vec<f64> = (1..=10_000).map(|rank| 1e6 / f64::from(rank)).rev().collect();
        let bins = edges(&values, Spacing::Linear).len() - 1;
        assert!(bins <= 42, "{bins}");
        let fine = edges(&values, Spacing::Logarithmic);
        assert!(fine.len() > 10 && fine.first() == Some(&100.0) && fine.last() == Some(&1e6), "{fine:?}");
    }

    #[test]
    fn alike_and_extreme_numbers_have_bins() {
        assert_edges(&[40.0, 40.0], Spacing::Linear, &[38.0, 42.0]);
        assert_edges(&[0.0, 0.0], Spacing::Linear, &[-0.5, 0.5]);
        assert_edges(&[0.0, 1.0], Spacing::Linear, &[0.0, 1.0]);
        for spacing in [Spacing::Linear, Spacing::Logarithmic] {
            for values in [[1e-300, 1e300], [1e-300, 1e-300], [1e300, 1e300], [7.0, 7.000_001]] {
                let edges = edges(&values, spacing);
                assert!(
                    edges.len() >= 2 && edges.windows(2).all(|pair| pair[0] < pair[1]),
                    "{values:?} {edges:?}"
                );
                assert_eq!(counts(&values, &edges).iter().sum::<u64>(), 2);
            }
        }
    }

    #[test]
    fn a_number_on_an_edge_is_in_the_bin_above_it() {
        let counted = counts(&[0.0, 1.0, 1.0, 1.5, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(counted, [1, 3, 2]);
        assert_eq!(counts(&[5.0], &[0.0, 10.0]), [1]);
    }

    #[test]
    fn quantiles_lie_on_the_line_between_two_numbers() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for (part, expected) in [(0.0, 1.0), (0.5, 3.0), (0.75, 5.0), (1.0, 8.0)] {
            assert!((quantile(&values, part) - expected).abs() < 1e-12, "{part}");
        }
    }
}

use super::Features;
use crm_numbers::parallel;

/// The mean and the deviation that standardize a column, and the observed range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) deviation: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

impl Moments {
    /// Returns the moments of every column, over customers with a weight; `all` is the sum of the
    /// weights.
    pub(super) fn of(features: &Features<'_>, weights: Option<&[f64]>, all: f64) -> Vec<Self> {
        let columns = features.columns();
        let one = |range: std::ops::Range<usize>| {
            columns.get(range.start).map(|column| match weights {
                None => Self::of_column(column, all),
                Some(weights) => Self::weighted(column, weights, all),
            })
        };
        parallel::map_ranges(columns.len(), 1, one).into_iter().flatten().collect()
    }

    fn of_column(column: &[f64], all: f64) -> Self {
        let mean = sum(column, |value| value) / all;
        let deviation = (sum(column, |value| (value - mean) * (value - mean)) / all).sqrt();
        let (lowest, highest) = range(column);
        Self { mean, deviation, lowest, highest }
    }

    fn weighted(column: &[f64], weights: &[f64], all: f64) -> Self {
        let rows = || column.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        let mean = rows().map(|(value, weight)| value * weight).sum::<f64>() / all;
        let squares: f64 = rows().map(|(value, weight)| weight * (value - mean) * (value - mean)).sum();
        let lowest = rows().map(|(value, _)| *value).fold(f64::INFINITY, f64::min);
        let highest = rows().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
        Self { mean, deviation: (squares / all).sqrt(), lowest, highest }
    }

    /// Returns whether the column is constant, up to rounding.
    pub(super) fn constant(&self) -> bool {
        let size = self.lowest.abs().max(self.highest.abs());
        self.lowest >= self.highest || self.deviation <= 1e-12 * size || self.deviation < 1e-100
    }
}

/// Returns a sum in eight lanes, so that additions do not wait for each other.
fn sum(column: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let chunks = column.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|value| f(*value)).sum();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane += f(*value));
    }
    lanes.iter().sum::<f64>() + rest
}

/// Returns the smallest and the largest number, in lanes as well.
fn range(column: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    let chunks = column.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for ((low, high), &value) in low.iter_mut().zip(&mut high).zip(chunk) {
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }
    let lowest = low.iter().chain(rest).fold(f64::INFINITY, |low, value| low.min(*value));
    (lowest, high.iter().chain(rest).fold(f64::NEG_INFINITY, |high, value| high.max(*value)))
}

use crm_numbers::{Interval, Level};
use crm_statistics::{QuantileMethod, Sorted};

/// Returns the percentile bootstrap interval of an estimate from its resampled values; `None`
/// without values, and if one is not finite.
///
/// # References
///
/// Efron, B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, chapter 13.
pub(crate) fn percentile_interval(mut values: Vec<f64>, estimate: f64, level: Level) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let sorted = Sorted::new(&values).ok()?;
    let tail = (1.0 - level.get()) / 2.0;
    let limit = |share| sorted.quantile(share, QuantileMethod::Linear).ok();
    Some(Interval::new(limit(tail)?, estimate, limit(1.0 - tail)?, level))
}

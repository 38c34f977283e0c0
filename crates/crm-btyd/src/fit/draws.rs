//! What parameters drawn at random need: a source of their own each, and intervals.

use crm_numbers::{Interval, Level};
use crm_statistics::{QuantileMethod, Sorted};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

/// The source of the draws of one number; streams differ by a whole mix of their seeds.
pub(super) fn random(seed: u64, number: u32) -> Xoshiro256PlusPlus {
    let stream = seed ^ u64::from(number).wrapping_add(1).wrapping_mul(0xd134_2543_de82_ef95);
    Xoshiro256PlusPlus::seed_from_u64(stream)
}

/// An estimate between the quantiles of what the draws say. `None` for fewer than two, or where it
/// is no number for one of them.
pub(super) fn interval(mut values: Vec<f64>, estimate: f64, level: Level) -> Option<Interval> {
    if values.len() < 2 || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let sorted = Sorted::new(&values).ok()?;
    let at = |share: f64| sorted.quantile(share, QuantileMethod::default()).ok();
    let (lower, upper) = (at(0.5 * (1.0 - level.get()))?, at(0.5 * (1.0 + level.get()))?);
    Some(Interval::new(lower, estimate, upper, level))
}

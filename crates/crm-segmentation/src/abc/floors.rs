use crm_numbers::{Amount, Share, SumUnit};

use super::Crossing;
use crate::column::{Buckets, collect, extent, tally};

/// Returns the smallest amount within each threshold; `None` for a class without customers.
///
/// Amounts are summed by bucket; only the bucket in which a sum passes the threshold is sorted.
pub(crate) fn floors<T: Amount>(
    amounts: &[T],
    unit: SumUnit<T>,
    thresholds: &[Share],
    crossing: Crossing,
) -> Vec<Option<T>> {
    let Some((smallest, largest)) = extent(amounts, |amount| amount > T::ZERO) else {
        return vec![None; thresholds.len()];
    };
    let buckets = Buckets::between(smallest, largest);
    let units = |amount| if amount > T::ZERO { unit.count(amount) } else { 0 };
    let sums = tally(amounts, |amount| buckets.of(amount), units);
    let whole: i128 = sums.iter().sum();
    let limits: Vec<i128> = thresholds.iter().map(|&threshold| limit(threshold, crossing, whole)).collect();
    let starts: Vec<Option<Start>> = limits.iter().map(|&limit| start(&sums, limit)).collect();
    let mut wanted: Vec<usize> = starts.iter().flatten().map(|start| start.bucket).collect();
    wanted.dedup();
    let mut members = collect(amounts, buckets, &wanted);
    for members in &mut members {
        // Zeros and losses share the first bucket with the smallest gains; there may be many of
        // them to sort.
        members.retain(|amount| *amount > T::ZERO);
        members.sort_unstable_by(|a, b| b.compare(a));
    }
    let floor = |(start, limit): (Option<Start>, i128)| {
        // No bucket passes the limit: all customers are within it.
        let Some(Start { bucket, before }) = start else { return Some(smallest) };
        let place = wanted.iter().position(|&known| known == bucket)?;
        let inside = last_within(members.get(place)?, unit, crossing, before, limit);
        inside.or_else(|| {
            extent(amounts, |amount| amount > T::ZERO && buckets.of(amount) > bucket).map(|(low, _)| low)
        })
    };
    starts.into_iter().zip(limits).map(floor).collect()
}

/// Returns the largest sum that is within the threshold: of the amounts before a customer, or of
/// those up to and including it.
fn limit(threshold: Share, crossing: Crossing, whole: i128) -> i128 {
    let whole = whole.unsigned_abs();
    match crossing {
        // The sum before must be less than the share.
        Crossing::Better => threshold.ceil_of(whole) as i128 - 1,
        Crossing::Worse => threshold.floor_of(whole) as i128,
    }
}

#[derive(Debug, Clone, Copy)]
struct Start {
    bucket: usize,
    /// The sum of all larger buckets.
    before: i128,
}

/// The bucket in which the running sum, from the largest, passes the limit.
fn start(sums: &[i128], limit: i128) -> Option<Start> {
    let mut before = 0;
    for (bucket, sum) in sums.iter().enumerate().rev() {
        if before + sum > limit {
            return Some(Start { bucket, before });
        }
        before += sum;
    }
    None
}

/// The smallest of the amounts, which fall, that is still within the limit; equal ones are taken
/// together.
fn last_within<T: Amount>(
    falling: &[T],
    unit: SumUnit<T>,
    crossing: Crossing,
    mut before: i128,
    limit: i128,
) -> Option<T> {
    let mut last = None;
    for tied in falling.chunk_by(|a, b| a == b) {
        let sum: i128 = tied.iter().map(|&amount| unit.count(amount)).sum();
        let judged = match crossing {
            Crossing::Better => before,
            Crossing::Worse => before + sum,
        };
        if judged > limit {
            break;
        }
        before += sum;
        last = tied.first().copied();
    }
    last
}

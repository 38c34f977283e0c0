//! Long columns of amounts: extent, counts and sums by bucket, order statistics, without a full
//! sort.

#![allow(
    clippy::indexing_slicing,
    reason = "ranges of rows lie within their columns, and masked numbers below the number of buckets"
)]

use std::ops::{AddAssign, Range};

use crm_numbers::{Amount, Decimal, InputError, RangeError, Share, SumUnit, check, parallel};
use crm_statistics::order_statistics;

/// Rows looked at by one task, whatever the number of threads.
pub(crate) const CHUNK: usize = 1 << 18;

/// Replicates held at once, so that memory stays small.
pub(crate) const BATCH: usize = 16;

/// Columns up to this length are copied and selected from directly.
const SHORT: usize = 1 << 12;

/// Number of buckets: their counts fit the cache.
const BUCKETS: usize = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 14;

/// Refuses NaN and infinities, naming the column and the first place.
pub(crate) fn check_finite<T: Amount>(field: &'static str, amounts: &[T]) -> Result<(), InputError> {
    let first = parallel::map_ranges(amounts.len(), CHUNK, |range| {
        let start = range.start;
        let offset = amounts[range].iter().position(|amount| !amount.is_finite())?;
        Some(start + offset)
    });
    match first.into_iter().flatten().next() {
        None => Ok(()),
        Some(index) => Err(RangeError::new::<f64>(field, amounts[index].to_f64(), ..).at(index).into()),
    }
}

/// Refuses a list of which a value is not greater than the one before it.
pub(crate) fn check_ascending(field: &'static str, values: &[Decimal]) -> Result<(), InputError> {
    match values.windows(2).position(|pair| pair[1] <= pair[0]) {
        None => Ok(()),
        Some(index) => {
            let (previous, value) = (values[index], values[index + 1]);
            Err(RangeError::new(field, value, check::above(previous)).at(index + 1).into())
        }
    }
}

/// Refuses a list of which a value is less than the one before it.
pub(crate) fn check_not_descending<T: Amount>(field: &'static str, values: &[T]) -> Result<(), InputError> {
    match values.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(index) => {
            let (previous, value) = (values[index].to_f64(), values[index + 1].to_f64());
            Err(RangeError::new(field, value, previous..).at(index + 1).into())
        }
    }
}

/// A column of codes, filled range by range.
pub(crate) fn codes<C: Clone + Default + Send>(
    rows: usize,
    f: impl Fn(Range<usize>, &mut [C]) + Sync + Send,
) -> Vec<C> {
    let mut codes = vec![C::default(); rows];
    parallel::for_each_piece(&mut codes, CHUNK, f);
    codes
}

/// The smallest and the largest amount of those kept.
pub(crate) fn extent<T: Amount>(amounts: &[T], keep: impl Fn(T) -> bool + Sync + Send) -> Option<(T, T)> {
    let wider = |seen: Option<(T, T)>, (low, high): (T, T)| {
        let (lowest, highest) = seen.unwrap_or((low, high));
        Some((if low < lowest { low } else { lowest }, if high > highest { high } else { highest }))
    };
    let of_part = |range: Range<usize>| {
        let kept = amounts[range].iter().copied().filter(|&amount| keep(amount));
        kept.map(|amount| (amount, amount)).fold(None, wider)
    };
    parallel::map_ranges(amounts.len(), CHUNK, of_part).into_iter().flatten().fold(None, wider)
}

/// Buckets in the order of amounts.
///
/// From the smallest to the largest in even steps of the bits of the `f64`, which is about even
/// steps of the logarithm: money spreads well over them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buckets {
    lowest: u64,
    shift: u32,
}

impl Buckets {
    pub(crate) fn between<T: Amount>(smallest: T, largest: T) -> Self {
        let lowest = ordered_bits(smallest);
        let span = ordered_bits(largest).saturating_sub(lowest);
        Self { lowest, shift: (u64::BITS - span.leading_zeros()).saturating_sub(BUCKET_BITS) }
    }

    /// Never falls as the amount grows; amounts below the smallest are in the first bucket.
    #[inline]
    pub(crate) fn of<T: Amount>(self, amount: T) -> usize {
        (ordered_bits(amount).saturating_sub(self.lowest) >> self.shift) as usize
    }
}

/// Bits in the order of the amounts, as unsigned numbers.
#[inline]
fn ordered_bits<T: Amount>(amount: T) -> u64 {
    // Adding zero turns -0 into 0.
    let bits = (amount.to_f64() + 0.0).to_bits();
    let sign = (bits as i64 >> 63) as u64;
    bits ^ (sign | 1 << 63)
}

/// Sums the weights of the amounts in each bucket.
pub(crate) fn tally<T: Amount, W: AddAssign + Copy + Default + Send>(
    amounts: &[T],
    bucket: impl Fn(T) -> usize + Sync + Send,
    weight: impl Fn(T) -> W + Sync + Send,
) -> Vec<W> {
    let of_part = |range| {
        let mut weights = vec![W::default(); BUCKETS];
        for &amount in &amounts[range] {
            weights[bucket(amount) & (BUCKETS - 1)] += weight(amount);
        }
        weights
    };
    let mut all = vec![W::default(); BUCKETS];
    for weights in parallel::map_ranges(amounts.len(), CHUNK, of_part) {
        for (sum, weight) in all.iter_mut().zip(weights) {
            *sum += weight;
        }
    }
    all
}

/// The amounts in each of a few buckets.
pub(crate) fn collect<T: Amount>(amounts: &[T], buckets: Buckets, wanted: &[usize]) -> Vec<Vec<T>> {
    let mut slots = vec![u8::MAX; BUCKETS];
    debug_assert!(wanted.len() <= usize::from(u8::MAX), "{} buckets for one byte", wanted.len());
    for (slot, bucket) in (0..u8::MAX).zip(wanted) {
        slots[bucket & (BUCKETS - 1)] = slot;
    }
    let of_part = |range| {
        let mut found = vec![Vec::new(); wanted.len()];
        for &amount in &amounts[range] {
            let slot = slots[buckets.of(amount) & (BUCKETS - 1)];
            if slot != u8::MAX {
                found[usize::from(slot)].push(amount);
            }
        }
        found
    };
    let mut all = vec![Vec::new(); wanted.len()];
    for found in parallel::map_ranges(amounts.len(), CHUNK, of_part) {
        for (members, mut more) in all.iter_mut().zip(found) {
            members.append(&mut more);
        }
    }
    all
}

/// The amounts at given places, from 0 and not descending, of a finite column in ascending order.
pub(crate) fn at_places<T: Amount>(amounts: &[T], places: &[usize]) -> Vec<T> {
    let select =
        |mut amounts: Vec<T>, places: &[usize]| order_statistics(&mut amounts, places).unwrap_or_default();
    let (Some((smallest, largest)), SHORT..) = (extent(amounts, |_| true), amounts.len()) else {
        return select(amounts.to_vec(), places);
    };
    if let Some(unit) = unit_of_few(smallest, largest) {
        let lowest = unit.count(smallest);
        let counts = tally(amounts, |amount| (unit.count(amount) - lowest) as usize, |_| 1_usize);
        let found = by_bucket(&counts, places).into_iter();
        return found
            .flat_map(|(bucket, inside)| vec![unit.amount(lowest + bucket as i128); inside.len()])
            .collect();
    }
    let buckets = Buckets::between(smallest, largest);
    let wanted = by_bucket(&tally(amounts, |amount| buckets.of(amount), |_| 1_usize), places);
    let numbers: Vec<usize> = wanted.iter().map(|(bucket, _)| *bucket).collect();
    let members = collect(amounts, buckets, &numbers);
    wanted.iter().zip(members).flat_map(|((_, inside), members)| select(members, inside)).collect()
}

/// Returns the smallest amount of the top share, the rule for every "top 20 %" of this crate: the
/// number of customers is rounded up, and all customers tied with the last one belong to the top.
/// `None` for an empty top.
pub(crate) fn top_floor<T: Amount>(amounts: &[T], top: Share) -> Option<T> {
    let size = top.ceil_of(amounts.len() as u128) as usize;
    let place = amounts.len().checked_sub(size).filter(|_| size > 0)?;
    at_places(amounts, &[place]).first().copied()
}

/// The unit of whole numbers that are few enough for a bucket each.
fn unit_of_few<T: Amount>(smallest: T, largest: T) -> Option<SumUnit<T>> {
    let unit = SumUnit::of("amounts", &[smallest, largest]).ok().filter(|_| T::WHOLE)?;
    (unit.count(largest) - unit.count(smallest) < BUCKETS as i128).then_some(unit)
}

/// The buckets that hold the places, each with its places counted from its own start.
fn by_bucket(counts: &[usize], places: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut wanted = Vec::new();
    let (mut before, mut places) = (0, places);
    for (bucket, count) in counts.iter().enumerate() {
        let (inside, later) = places.split_at(places.partition_point(|&place| place < before + count));
        if !inside.is_empty() {
            wanted.push((bucket, inside.iter().map(|place| place - before).collect()));
        }
        (before, places) = (before + count, later);
    }
    wanted
}

/// Few enough amounts to stay in the first cache while they are compared with every point.
const BLOCK: usize = 2048;

/// Codes of groups: how many of the points, 255 at most, lie below each amount. Counted in bytes,
/// then widened.
pub(crate) fn codes_below<T: Amount>(codes: &mut [u32], amounts: &[T], points: &[T]) {
    let mut narrow = [0_u8; BLOCK];
    for (codes, amounts) in codes.chunks_mut(BLOCK).zip(amounts.chunks(BLOCK)) {
        let counts = &mut narrow[..amounts.len()];
        count_below(counts, amounts, points);
        codes.iter_mut().zip(counts).for_each(|(code, count)| *code = u32::from(*count));
    }
}

/// Counts the points, 255 at most, that lie below each amount.
pub(crate) fn count_below<T: Amount>(codes: &mut [u8], amounts: &[T], points: &[T]) {
    for (codes, amounts) in codes.chunks_mut(BLOCK).zip(amounts.chunks(BLOCK)) {
        codes.fill(0);
        for point in points {
            for (code, amount) in codes.iter_mut().zip(amounts) {
                *code += u8::from(amount > point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    /// Every 97th place of a column, by selection and by a full sort.
    fn assert_like_sorted<T: Amount>(amounts: &[T]) {
        assert!(amounts.len() > SHORT);
        let places: Vec<usize> = (0..amounts.len()).step_by(97).collect();
        let mut sorted = amounts.to_vec();
        sorted.sort_by(T::compare);
        let found = at_places(amounts, &places);
        assert_eq!(found.len(), places.len());
        for (place, found) in places.into_iter().zip(found) {
            assert_eq!(found.compare(&sorted[place]), std::cmp::Ordering::Equal, "place {place}");
        }
    }

    /// Well mixed numbers without a pattern that a bucket could follow.
    fn mixed(n: i64) -> i64 {
        n.wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(29).wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    #[test]
    fn extremes_of_every_type() {
        let numbers = || (0..6_000).map(mixed);
        assert_like_sorted(&numbers().chain([i64::MIN, i64::MAX, 0, -1]).collect::<Vec<_>>());
        assert_like_sorted(&numbers().map(|n| n as i32).chain([i32::MIN, i32::MAX]).collect::<Vec<_>>());
        assert_like_sorted(&numbers().map(|n| n as u32).chain([0, u32::MAX]).collect::<Vec<_>>());
        let bits = numbers().map(|n| f64::from_bits(n as u64)).filter(|value| value.is_finite());
        assert_like_sorted(
            &bits.chain([0.0, -0.0, f64::MAX, f64::MIN, f64::from_bits(1)]).collect::<Vec<_>>(),
        );
        let decimal = |n: i64| Decimal::new(n, (n % 29).unsigned_abs() as u32);
        assert_like_sorted(&numbers().map(decimal).chain([Decimal::MIN, Decimal::MAX]).collect::<Vec<_>>());
    }

    #[test]
    fn columns_with_few_values() {
        assert_like_sorted(&vec![7_i64; 5_000]);
        assert_like_sorted(&vec![Decimal::new(70, 1); 5_000]);
        let few = || (0..5_000).map(|n| mixed(n) % 3);
        assert_like_sorted(&few().collect::<Vec<_>>());
        assert_like_sorted(&few().map(|n| n as f64 / 3.0).collect::<Vec<_>>());
        // Whole numbers far from zero and close together, where f64 cannot tell neighbors apart.
        assert_like_sorted(&(0..5_000).map(|n| i64::MAX - (mixed(n) % 5_000).abs()).collect::<Vec<_>>());
        assert_like_sorted(&(0..5_000).map(|n| i64::MAX - (mixed(n) % 500_000).abs()).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_number_that_is_none_is_named() {
        let mut column = vec![1.0; 600_000];
        column[300_000] = f64::NEG_INFINITY;
        column[599_999] = f64::NAN;
        let refused = check_finite("spend", &column).unwrap_err();
        assert_eq!(refused.to_string(), "spend[300000] must be finite, got -inf");
    }
}

//! Work on all cores where the feature `rayon` is on, with the same answers in the same order
//! either way.
//!
//! Pieces are cut by the size of the data alone, so that results do not depend on the number of
//! threads, not even in their last bit.
//!
//! # Examples
//!
//! ```
//! use crm_numbers::parallel;
//!
//! let sums = parallel::map_ranges(10, 4, |range| range.sum::<usize>());
//! assert_eq!(sums, [0 + 1 + 2 + 3, 4 + 5 + 6 + 7, 8 + 9]);
//! ```

use std::ops::Range;

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// Iterates in parallel where the feature is on.
#[cfg(feature = "rayon")]
macro_rules! tasks {
    ($parallel:ident | $serial:ident, $items:expr $(, $argument:expr)?) => {
        $items.$parallel($($argument)?)
    };
}
#[cfg(not(feature = "rayon"))]
macro_rules! tasks {
    ($parallel:ident | $serial:ident, $items:expr $(, $argument:expr)?) => {
        $items.$serial($($argument)?)
    };
}

/// Returns the function of each item, in order.
pub fn map<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    tasks!(into_par_iter | into_iter, items).map(f).collect()
}

/// Returns the function of 0, 1, ..., `len` - 1, in order: `size` calls per task.
pub fn map_indices<R: Send>(len: usize, size: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    let tasks = tasks!(into_par_iter | into_iter, 0..len);
    #[cfg(feature = "rayon")]
    let tasks = tasks.with_min_len(size);
    #[cfg(not(feature = "rayon"))]
    let _ = size;
    tasks.map(f).collect()
}

/// Returns the function of 0, 1, ..., `len` - 1, or `None` if it fails for any of them.
pub fn try_map_indices<R: Default + Send>(
    len: usize,
    size: usize,
    f: impl Fn(usize) -> Option<R> + Sync + Send,
) -> Option<Vec<R>> {
    use std::sync::atomic::{AtomicBool, Ordering};

    // Results go straight to their places; collecting options would gather them in pieces first.
    let failed = AtomicBool::new(false);
    let results = map_indices(len, size, |index| {
        f(index).unwrap_or_else(|| {
            failed.store(true, Ordering::Relaxed);
            R::default()
        })
    });
    (!failed.load(Ordering::Relaxed)).then_some(results)
}

/// Returns the function of consecutive ranges of `size` indices below `len`, in order; the last
/// range may be shorter.
pub fn map_ranges<R: Send>(len: usize, size: usize, f: impl Fn(Range<usize>) -> R + Sync + Send) -> Vec<R> {
    let range = |task: usize| task * size..len.min((task + 1) * size);
    tasks!(into_par_iter | into_iter, 0..len.div_ceil(size)).map(|task| f(range(task))).collect()
}

/// Calls the function with every item and its index, in place.
pub fn for_each<T: Send>(items: &mut [T], f: impl Fn(usize, &mut T) + Sync + Send) {
    tasks!(par_iter_mut | iter_mut, items).enumerate().for_each(|(index, item)| f(index, item));
}

/// Calls the function with consecutive pieces of `size` items and their range, in place; the last
/// piece may be shorter.
pub fn for_each_piece<T: Send>(
    items: &mut [T],
    size: usize,
    f: impl Fn(Range<usize>, &mut [T]) + Sync + Send,
) {
    tasks!(par_chunks_mut | chunks_mut, items, size).enumerate().for_each(|(task, piece)| {
        let start = task * size;
        f(start..start + piece.len(), piece);
    });
}

/// Calls the function with consecutive pieces of `size` items of two lists of one length, the second
/// in place; the last pieces may be shorter.
pub fn for_each_pair<A: Sync, B: Send>(
    from: &[A],
    into: &mut [B],
    size: usize,
    f: impl Fn(&[A], &mut [B]) + Sync + Send,
) {
    let from = tasks!(par_chunks | chunks, from, size);
    from.zip(tasks!(par_chunks_mut | chunks_mut, into, size)).for_each(|(from, into)| f(from, into));
}

/// Returns the function of 0, 1, ..., `len` - 1, in order, `size` at a time, so that no more than
/// that many results are held at once.
pub fn batches<R: Send>(len: usize, size: usize, f: impl Fn(usize) -> R + Sync) -> impl Iterator<Item = R> {
    (0..len.div_ceil(size)).flat_map(move |batch| {
        let indices = batch * size..len.min((batch + 1) * size);
        tasks!(into_par_iter | into_iter, indices).map(&f).collect::<Vec<R>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_worked_on_once_and_in_order() {
        for len in [0, 1, 7, 16, 100] {
            let expected: Vec<usize> = (0..len).collect();
            assert_eq!(map(expected.clone(), |item| item), expected);
            assert_eq!(map_ranges(len, 7, |range| range.collect::<Vec<_>>()).concat(), expected);
            assert_eq!(batches(len, 16, |index| index).collect::<Vec<_>>(), expected);
            assert_eq!(map_indices(len, 3, |index| index), expected);
            assert_eq!(try_map_indices(len, 3, Some), Some(expected.clone()));
            let mut items = vec![0; len];
            for_each(&mut items, |index, item| *item = index);
            assert_eq!(items, expected);
            let mut items = vec![0; len];
            for_each_piece(&mut items, 7, |range, piece| {
                range.zip(piece).for_each(|(index, item)| *item = index);
            });
            assert_eq!(items, expected);
            let mut copy = vec![0; len];
            for_each_pair(&items, &mut copy, 7, |from, into| into.copy_from_slice(from));
            assert_eq!(copy, expected);
        }
    }

    #[test]
    fn one_failure_fails_all() {
        assert_eq!(try_map_indices(100, 4, |index| (index != 57).then_some(index)), None);
    }
}

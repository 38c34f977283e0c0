//! Work on columns in chunks of a fixed size: on all cores where the feature `rayon` is on, in order either way.

use std::ops::Range;

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// Rows looked at by one task, whatever the number of threads.
const CHUNK: usize = 1 << 18;

fn chunk(rows: usize, task: usize) -> Range<usize> {
    task * CHUNK..rows.min((task + 1) * CHUNK)
}

/// The function of every range of rows, in order.
pub(crate) fn map<R: Send>(rows: usize, f: impl Fn(Range<usize>) -> R + Sync + Send) -> Vec<R> {
    let tasks = 0..rows.div_ceil(CHUNK);
    #[cfg(feature = "rayon")]
    let tasks = tasks.into_par_iter();
    tasks.map(|task| f(chunk(rows, task))).collect()
}

/// A column of codes, filled range by range.
pub(crate) fn codes<C: Clone + Default + Send>(
    rows: usize,
    f: impl Fn(Range<usize>, &mut [C]) + Sync + Send,
) -> Vec<C> {
    let mut codes = vec![C::default(); rows];
    #[cfg(feature = "rayon")]
    let chunks = codes.par_chunks_mut(CHUNK);
    #[cfg(not(feature = "rayon"))]
    let chunks = codes.chunks_mut(CHUNK);
    chunks.enumerate().for_each(|(task, codes)| f(chunk(rows, task), codes));
    codes
}

/// The function of every number below `count`, in order: a batch of fixed size at a time, so that memory stays small.
pub(crate) fn replicates<R: Send>(count: usize, f: impl Fn(usize) -> R + Sync) -> impl Iterator<Item = R> {
    const BATCH: usize = 16;
    (0..count.div_ceil(BATCH)).flat_map(move |batch| {
        let numbers = batch * BATCH..count.min((batch + 1) * BATCH);
        #[cfg(feature = "rayon")]
        let numbers = numbers.into_par_iter();
        numbers.map(&f).collect::<Vec<R>>()
    })
}

/// The rows of a range, none where the column is shorter.
pub(crate) fn part<T>(column: &[T], range: Range<usize>) -> &[T] {
    column.get(range).unwrap_or_default()
}

//! Work in chunks of a fixed size: on all cores where the feature `rayon` is on, in order either way.

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// Resamples of one task, whatever the number of threads.
const CHUNK: usize = 16;

/// The function of every number below `count`, in order.
pub(crate) fn map<R: Send>(count: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    let tasks = 0..count.div_ceil(CHUNK);
    #[cfg(feature = "rayon")]
    let tasks = tasks.into_par_iter();
    let chunk = |task: usize| (task * CHUNK..count.min((task + 1) * CHUNK)).map(&f).collect::<Vec<R>>();
    let chunks: Vec<Vec<R>> = tasks.map(chunk).collect();
    chunks.into_iter().flatten().collect()
}

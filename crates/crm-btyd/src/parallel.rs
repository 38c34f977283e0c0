//! Work on all cores where the feature `rayon` is on; pieces are cut and put together alike with any number of threads.

/// The function of each item, in order.
#[cfg(feature = "rayon")]
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;

    items.into_par_iter().map(f).collect()
}

/// The function of each item, in order.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map<T, R>(items: Vec<T>, f: impl Fn(T) -> R) -> Vec<R> {
    items.into_iter().map(f).collect()
}

/// Calls the function on pieces of two slices of one length.
#[cfg(feature = "rayon")]
pub(crate) fn for_each_pair<A: Sync, B: Send>(
    from: &[A],
    into: &mut [B],
    size: usize,
    f: impl Fn(&[A], &mut [B]) + Sync + Send,
) {
    use rayon::prelude::*;

    from.par_chunks(size).zip(into.par_chunks_mut(size)).for_each(|(from, into)| f(from, into));
}

/// Calls the function on pieces of two slices of one length.
#[cfg(not(feature = "rayon"))]
pub(crate) fn for_each_pair<A, B>(from: &[A], into: &mut [B], size: usize, f: impl Fn(&[A], &mut [B])) {
    from.chunks(size).zip(into.chunks_mut(size)).for_each(|(from, into)| f(from, into));
}

//! Work on all cores where the feature `rayon` is on, in order either way.

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

/// The function of 0, 1, ..., n - 1; `None` where it fails for any of them.
#[cfg(feature = "rayon")]
pub(crate) fn map_range<R: Default + Send>(
    n: usize,
    f: impl Fn(usize) -> Option<R> + Sync + Send,
) -> Option<Vec<R>> {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rayon::prelude::*;

    /// Fewer items than this are not worth another thread.
    const AT_LEAST: usize = 4096;
    // Results go straight to their places; collecting options would gather them in pieces first.
    let failed = AtomicBool::new(false);
    let or_note = |at| {
        f(at).unwrap_or_else(|| {
            failed.store(true, Ordering::Relaxed);
            R::default()
        })
    };
    let results = (0..n).into_par_iter().with_min_len(AT_LEAST).map(or_note).collect();
    (!failed.load(Ordering::Relaxed)).then_some(results)
}

/// The function of 0, 1, ..., n - 1; `None` where it fails for any of them.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map_range<R>(n: usize, f: impl Fn(usize) -> Option<R>) -> Option<Vec<R>> {
    (0..n).map(f).collect()
}

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

/// The function of 0, 1, ..., n - 1, or the first error with its number.
pub(crate) fn try_map_range<R: Send, E: Send>(
    n: usize,
    f: impl Fn(usize) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, (usize, E)> {
    let numbered = |at| f(at).map_err(|error| (at, error));
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;

        /// Fewer items than this are not worth another thread.
        const AT_LEAST: usize = 4096;
        let all: Result<Vec<R>, _> = (0..n).into_par_iter().with_min_len(AT_LEAST).map(&numbered).collect();
        if let Ok(all) = all {
            return Ok(all);
        }
        // Which of several errors comes first must not depend on the threads.
    }
    (0..n).map(numbered).collect()
}

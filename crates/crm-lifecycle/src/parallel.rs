//! Work on customers in chunks of a fixed size: on all cores where the feature `rayon` is on, in order either way.

use std::ops::Range;

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// The function of every range of `size` customers, in order.
pub(crate) fn map<R: Send>(
    customers: usize,
    size: usize,
    f: impl Fn(Range<usize>) -> R + Sync + Send,
) -> Vec<R> {
    let tasks = 0..customers.div_ceil(size);
    #[cfg(feature = "rayon")]
    let tasks = tasks.into_par_iter();
    tasks.map(|task| f(task * size..customers.min((task + 1) * size))).collect()
}

/// Lets a function work on every item in place, with its number.
pub(crate) fn each<T: Send>(items: &mut [T], f: impl Fn(usize, &mut T) + Sync + Send) {
    #[cfg(feature = "rayon")]
    items.par_iter_mut().enumerate().for_each(|(number, item)| f(number, item));
    #[cfg(not(feature = "rayon"))]
    items.iter_mut().enumerate().for_each(|(number, item)| f(number, item));
}

//! A count of evaluations, with which tests limit the cost of every query without a clock.

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts evaluations of an integrand or terms of a sum, in tests only.
#[inline]
pub(crate) fn done(evaluations: usize) {
    #[cfg(test)]
    DONE.with(|done| done.set(done.get() + evaluations as u64));
    #[cfg(not(test))]
    let _ = evaluations;
}

/// Returns the result and the number of evaluations that it took on this thread.
#[cfg(test)]
pub(crate) fn counted<R>(question: impl FnOnce() -> R) -> (R, u64) {
    let before = DONE.with(std::cell::Cell::get);
    let answer = question();
    (answer, DONE.with(std::cell::Cell::get) - before)
}

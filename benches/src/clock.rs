use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Bencher;

/// How long the work takes; its output is checked, and given back to the allocator, when the clock has stopped.
pub fn timed<T>(work: impl FnOnce() -> T, check: impl FnOnce(&T)) -> Duration {
    let start = Instant::now();
    let output = black_box(work());
    let time = start.elapsed();
    check(&output);
    time
}

/// Times work over and over by [`timed`].
pub fn checked<T>(bencher: &mut Bencher<'_>, work: impl Fn() -> T, check: impl Fn(&T)) {
    bencher.iter_custom(|iterations| (0..iterations).map(|_| timed(&work, &check)).sum());
}

/// Times work that fills a buffer of its caller's; all of the buffer is overwritten with nonsense in between.
pub fn checked_into(
    bencher: &mut Bencher<'_>,
    into: &mut [f64],
    work: impl Fn(&mut [f64]),
    check: impl Fn(&[f64]),
) {
    bencher.iter_custom(|iterations| {
        let mut time = Duration::ZERO;
        for _ in 0..iterations {
            into.fill(f64::NAN);
            let start = Instant::now();
            work(black_box(into));
            time += start.elapsed();
            check(into);
        }
        time
    });
}

/// Stops unless a number is what it was, within a relative tolerance.
///
/// # Panics
///
/// Where the two are farther apart, or one of them is no number.
pub fn assert_close(value: f64, expected: f64, relative: f64, what: &str) {
    let near = (value - expected).abs() <= relative * expected.abs();
    assert!(near, "{what}: expected {expected:?}, got {value:?}");
}

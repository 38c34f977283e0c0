//! Roots of decreasing functions.

use super::LARGEST_SHAPE;

/// Returns the root of a decreasing function, by Newton's method within limits.
pub(super) fn root_of(near: f64, (mut low, mut high): (f64, f64), f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut x = near.clamp(low, high);
    if f(low).0 <= 0.0 {
        return low;
    }
    for _ in 0..100 {
        let (value, derivative) = f(x);
        if value > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / derivative;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= 1e-12 || high - low <= 1e-13 {
            return next;
        }
        x = next;
    }
    x
}

/// Returns the shape at which a derivative falls through zero, within the limits of shapes,
/// searched for around a shape near the result.
pub(super) fn root_near(near: f64, least_shape: f64, slope: impl Fn(f64) -> f64) -> f64 {
    let (least, most) = (least_shape.ln(), LARGEST_SHAPE.ln());
    let f = |ln: f64| slope(ln.exp());
    let start = near.ln().clamp(least, most);
    let at_start = f(start);
    if at_start == 0.0 {
        return start.exp();
    }
    // A bracket: the function is positive at its low end and not positive at its high end.
    let (mut low, mut high) = ((start, at_start), (start, at_start));
    let mut width = 0.01;
    while low.1 <= 0.0 {
        if low.0 <= least {
            return least_shape;
        }
        high = low;
        let x = (low.0 - width).max(least);
        low = (x, f(x));
        width *= 4.0;
    }
    while high.1 > 0.0 {
        if high.0 >= most {
            return LARGEST_SHAPE;
        }
        low = high;
        let x = (high.0 + width).min(most);
        high = (x, f(x));
        width *= 4.0;
    }
    illinois(low, high, (1e-12, 0.0), f).0.exp()
}

/// Returns the root of a function that falls from `low` to `high`, by the false position method
/// with the Illinois modification. The result is the end of the last bracket at which the function
/// is not positive.
pub(in crate::hmm) fn illinois(
    mut low: (f64, f64),
    mut high: (f64, f64),
    (width, exact): (f64, f64),
    f: impl Fn(f64) -> f64,
) -> (f64, f64) {
    let (mut low_weight, mut high_weight) = (low.1, high.1);
    let mut last_was_low = None;
    for step in 0..200 {
        if high.0 - low.0 <= width * high.0.abs() || high.1 >= -exact {
            break;
        }
        let between = low.0 + (high.0 - low.0) * (low_weight / (low_weight - high_weight));
        let inside = between > low.0 && between < high.0 && step % 8 != 7;
        let x = if inside { between } else { 0.5 * (low.0 + high.0) };
        let value = f(x);
        if value > 0.0 {
            low = (x, value);
            low_weight = value;
            if last_was_low == Some(true) {
                high_weight *= 0.5;
            }
        } else {
            high = (x, value);
            high_weight = value;
            if last_was_low == Some(false) {
                low_weight *= 0.5;
            }
        }
        last_was_low = Some(value > 0.0);
    }
    high
}

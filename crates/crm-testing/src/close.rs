//! Comparisons of numbers.

/// Checks that a number is within `relative` of the expected one, in relation to the larger of
/// `expected` and 1.
///
/// # Panics
///
/// If it is not, with both numbers and what they are.
#[track_caller]
pub fn assert_close(got: f64, expected: f64, relative: f64, what: &str) {
    let limit = relative * expected.abs().max(1.0);
    let near = got.to_bits() == expected.to_bits() || (got - expected).abs() <= limit;
    assert!(near, "{what}: expected {expected}, got {got}, which is {:e} off", (got - expected).abs());
}

/// Checks that a number is the published one: within half a unit of its last digit.
///
/// # Panics
///
/// If it is not, with both numbers and what they are.
#[track_caller]
pub fn assert_published(got: f64, published: &str, what: &str) {
    let decimals = published.split('.').nth(1).map_or(0, str::len);
    let expected: f64 = published.parse().expect("a published number");
    // A little more than a half, for numbers that end on a 5.
    let limit = 0.500_001 / 10_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    assert!((got - expected).abs() <= limit, "{what}: expected {published}, got {got}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_the_limit_pass() {
        assert_close(1e9 + 1.0, 1e9, 1e-8, "large");
        assert_close(1e-12, 0.0, 1e-11, "small");
        assert_close(f64::INFINITY, f64::INFINITY, 0.0, "infinite");
        assert_published(0.1249, "0.12", "rounded");
    }

    #[test]
    #[should_panic(expected = "share: expected 0.5, got NaN")]
    fn nan_is_close_to_nothing() {
        assert_close(f64::NAN, 0.5, 1.0, "share");
    }

    #[test]
    #[should_panic(expected = "rounded: expected 0.12, got 0.126")]
    fn a_digit_off_fails() {
        assert_published(0.126, "0.12", "rounded");
    }
}

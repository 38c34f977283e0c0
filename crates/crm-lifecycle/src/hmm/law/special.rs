//! Rising factorials and the remainder of Stirling's formula.

use libm::lgamma;
use special::Gamma as _;

/// Returns the derivative of the log-probability by the shape.
pub(super) fn shape_score(n: u32, mean: f64, shape: f64) -> f64 {
    let count = f64::from(n);
    rising_slope(shape, n) - (mean / shape).ln_1p() + (mean - count) / (shape + mean)
}

/// Returns ln (r (r + 1) ... (r + n - 1)).
pub(super) fn ln_rising(r: f64, n: u32) -> f64 {
    if n < 32 {
        // One logarithm of a product that stays within range.
        let (product, ln) = (0..n).fold((1.0_f64, 0.0), |(product, ln), k| {
            let next = product * (r + f64::from(k));
            if (1e-200..1e200).contains(&next) { (next, ln) } else { (1.0, ln + next.ln()) }
        });
        ln + product.ln()
    } else if r < LARGE {
        lgamma(r + f64::from(n)) - lgamma(r)
    } else {
        // Stirling's formula for both, so that nothing large cancels.
        let n = f64::from(n);
        (r - 0.5) * (n / r).ln_1p() + n * (r + n).ln() - n + (1.0 / (r + n) - 1.0 / r) / 12.0
    }
}

/// Number from which two terms of Stirling's series are exact.
const LARGE: f64 = 1e4;

/// Returns s ln s - s - ln Gamma(s).
pub(super) fn stirling_rest(s: f64) -> f64 {
    if s < LARGE {
        s * s.ln() - s - lgamma(s)
    } else {
        0.5 * (s / std::f64::consts::TAU).ln() - 1.0 / (12.0 * s)
    }
}

/// Returns the derivative of [`ln_rising`] by r, 1/r + 1/(r + 1) + ... + 1/(r + n - 1).
fn rising_slope(r: f64, n: u32) -> f64 {
    if n < 32 {
        (0..n).map(|k| 1.0 / (r + f64::from(k))).sum()
    } else {
        (r + f64::from(n)).digamma() - r.digamma()
    }
}

//! Special functions without a suitable implementation elsewhere: differences of log-gammas without
//! cancellation, the Gauss function on a log scale, integrals over the line.

pub(crate) mod beta;
pub(crate) mod chebyshev;
pub(crate) mod coin;
pub(crate) mod gamma;
pub(crate) mod hyp2f1;
pub(crate) mod line;
pub(crate) mod quadrature;
pub(crate) mod sums;
pub(crate) mod vector;
pub(crate) mod walk;
pub(crate) mod work;

/// Returns ln(1 + e^s) without overflow.
pub(crate) fn softplus(s: f64) -> f64 {
    s.max(0.0) + (-s.abs()).exp().ln_1p()
}

/// Returns ln(1 + e^s) to a few units in the last place, for many s.
#[inline]
pub(crate) fn quick_softplus(s: f64) -> f64 {
    s.max(0.0) + vector::ln_1p(vector::exp(-s.abs()))
}

/// Returns 1 / (1 + e^s) without overflow.
pub(crate) fn one_over_one_plus_exp(s: f64) -> f64 {
    let small = (-s.abs()).exp();
    if s > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

/// Returns a factor below 1 that shrinks indefinitely, flushed to 0 before it becomes subnormal,
/// because processors take a hundred times as long for subnormal numbers.
#[inline]
pub(crate) fn normal(value: f64) -> f64 {
    if value < f64::MIN_POSITIVE { 0.0 } else { value }
}

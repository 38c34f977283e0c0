//! Log-gamma and its derivatives for positive arguments, and their differences.

use std::f64::consts::TAU;

/// From here on the asymptotic series have full precision.
const ASYMPTOTIC: f64 = 16.0;

/// Integer differences up to this are computed step by step.
const FEW_STEPS: f64 = 8.0;

/// Returns z, z + 1, ... below z + d, if these are few.
fn few_steps(z: f64, d: f64) -> Option<impl Iterator<Item = f64>> {
    let steps = d as u32;
    (d <= FEW_STEPS && f64::from(steps).to_bits() == d.to_bits())
        .then(|| (0..steps).map(move |step| z + f64::from(step)))
}

/// Returns ln Γ(z).
pub(crate) fn ln_gamma(z: f64) -> f64 {
    libm::lgamma(z)
}

/// Returns ψ'(z), the second derivative of ln Γ.
pub(crate) fn trigamma(z: f64) -> f64 {
    let (mut z, mut sum) = (z, 0.0);
    while z < ASYMPTOTIC {
        sum += 1.0 / (z * z);
        z += 1.0;
    }
    sum + 1.0 / z + 0.5 / (z * z) + trigamma_tail(z)
}

/// Returns ln Γ(z + d) - ln Γ(z) for d >= 0, without cancellation: the logarithm of the Pochhammer
/// symbol for integer d.
pub(crate) fn ln_gamma_ratio(z: f64, d: f64) -> f64 {
    if let Some(steps) = few_steps(z, d) {
        return steps.product::<f64>().ln();
    }
    let (mut z, mut product) = (z, 1.0);
    while z < ASYMPTOTIC {
        // Γ(z + d) / Γ(z) = z / (z + d) Γ(z + 1 + d) / Γ(z + 1); the product stays between 0 and 1
        // and far from 0.
        product *= z / (z + d);
        z += 1.0;
    }
    let shift = (z - 0.5) * (d / z).ln_1p() + d * ((z + d).ln() - 1.0);
    product.ln() + shift + (stirling(z + d) - stirling(z))
}

/// Returns ψ(z + d) - ψ(z) for d >= 0.
pub(crate) fn digamma_difference(z: f64, d: f64) -> f64 {
    if let Some(steps) = few_steps(z, d) {
        return steps.map(f64::recip).sum();
    }
    let (mut z, mut sum) = (z, 0.0);
    while z < ASYMPTOTIC {
        // In this order, no d is too large.
        sum += d / (z + d) / z;
        z += 1.0;
    }
    sum + (d / z).ln_1p() + 0.5 * d / (z + d) / z + (digamma_tail(z + d) - digamma_tail(z))
}

/// Returns ψ'(z + d) - ψ'(z) for d >= 0; never positive.
pub(crate) fn trigamma_difference(z: f64, d: f64) -> f64 {
    if let Some(steps) = few_steps(z, d) {
        return -steps.map(|z| (z * z).recip()).sum::<f64>();
    }
    let (mut z, mut sum) = (z, 0.0);
    // In this order, no d is too large.
    let squares = |z: f64| d / (z + d) * ((2.0 * z + d) / (z + d)) / (z * z);
    while z < ASYMPTOTIC {
        sum -= squares(z);
        z += 1.0;
    }
    sum - d / (z + d) / z - 0.5 * squares(z) + (trigamma_tail(z + d) - trigamma_tail(z))
}

/// Returns ln B(a, b).
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (a, b) = (a.min(b), a.max(b));
    if a < ASYMPTOTIC {
        return ln_gamma(a) - ln_gamma_ratio(b, a);
    }
    // Stirling's formula for all three, with the large parts canceled analytically.
    let share = (a - 0.5) * (a / (a + b)).ln() - b * (a / b).ln_1p();
    0.5 * (TAU / b).ln() + share + stirling(a) + stirling(b) - stirling(a + b)
}

/// Returns the logarithm of the maximum density of the logarithm of a gamma variable: z^z e^-z /
/// Γ(z).
pub(crate) fn ln_gamma_peak(z: f64) -> f64 {
    if z < ASYMPTOTIC { z * (z.ln() - 1.0) - ln_gamma(z) } else { 0.5 * (z / TAU).ln() - stirling(z) }
}

/// Returns the logarithm of the maximum density of the log-odds of a beta variable: (a / (a + b))^a
/// (b / (a + b))^b / B(a, b).
pub(crate) fn ln_beta_peak(a: f64, b: f64) -> f64 {
    let (a, b) = (a.min(b), a.max(b));
    if a < ASYMPTOTIC {
        return a * (a / (a + b)).ln() - b * (a / b).ln_1p() - ln_beta(a, b);
    }
    0.5 * ((a / TAU).ln() - (a / b).ln_1p()) - stirling(a) - stirling(b) + stirling(a + b)
}

/// Returns ln Γ(z) - ((z - 1/2) ln z - z + ln(2π) / 2) for large z.
fn stirling(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    let series = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    inverse * horner(square, series)
}

/// Returns ψ(z) - ln z + 1 / (2 z) for large z.
fn digamma_tail(z: f64) -> f64 {
    let square = 1.0 / (z * z);
    let series =
        [-1.0 / 12.0, 1.0 / 120.0, -1.0 / 252.0, 1.0 / 240.0, -1.0 / 132.0, 691.0 / 32_760.0, -1.0 / 12.0];
    square * horner(square, series)
}

/// Returns ψ'(z) - 1 / z - 1 / (2 z^2) for large z.
fn trigamma_tail(z: f64) -> f64 {
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    let series = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    inverse * square * horner(square, series)
}

fn horner<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative tolerance against direct values, which lose no precision at moderate size.
    const RELATIVE: f64 = 2e-14;

    fn assert_close(left: f64, right: f64, scale: f64, what: &str) {
        assert!((left - right).abs() <= RELATIVE * scale.max(right.abs()), "{what}: {left} against {right}");
    }

    /// Returns ψ(z), the first derivative of ln Γ.
    fn digamma(z: f64) -> f64 {
        special::Gamma::digamma(z)
    }

    fn grid() -> impl Iterator<Item = f64> {
        (-60..=60).map(|n| 10f64.powf(f64::from(n) / 10.0))
    }

    #[test]
    fn trigamma_meets_known_values_and_its_recurrence() {
        assert_close(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0, 0.0, "trigamma(1)");
        assert_close(trigamma(0.5), std::f64::consts::PI.powi(2) / 2.0, 0.0, "trigamma(1/2)");
        for z in grid() {
            assert_close(trigamma(z), trigamma(z + 1.0) + 1.0 / (z * z), 0.0, "recurrence");
        }
    }

    #[test]
    fn trigamma_is_the_slope_of_digamma() {
        for z in grid().filter(|z| (0.1..1e3).contains(z)) {
            let step = z * 1e-3;
            // Five points: the error is of the order of step^4.
            let slope = (8.0 * (digamma(z + step) - digamma(z - step))
                - (digamma(z + 2.0 * step) - digamma(z - 2.0 * step)))
                / (12.0 * step);
            assert!((slope / trigamma(z) - 1.0).abs() < 1e-9, "{z}");
        }
    }

    #[test]
    fn differences_agree_with_the_functions_where_these_do_not_cancel() {
        for z in grid().filter(|&z| z < 100.0) {
            for d in grid().filter(|&d| d < 100.0) {
                let scale = ln_gamma(z).abs().max(ln_gamma(z + d).abs()).max(1.0);
                assert_close(ln_gamma_ratio(z, d), ln_gamma(z + d) - ln_gamma(z), scale, "ln gamma");
                let scale = digamma(z).abs().max(digamma(z + d).abs()).max(1.0);
                assert_close(digamma_difference(z, d), digamma(z + d) - digamma(z), 10.0 * scale, "digamma");
                assert_close(
                    trigamma_difference(z, d),
                    trigamma(z + d) - trigamma(z),
                    trigamma(z),
                    "trigamma",
                );
            }
        }
    }

    #[test]
    fn whole_differences_are_sums_and_products_even_for_huge_arguments() {
        for z in grid() {
            for n in [1_u32, 2, 7, 40] {
                let steps = || (0..n).map(|j| z + f64::from(j));
                let d = f64::from(n);
                assert_close(ln_gamma_ratio(z, d), steps().map(f64::ln).sum(), f64::from(n), "pochhammer");
                assert_close(digamma_difference(z, d), steps().map(f64::recip).sum(), 0.0, "harmonic");
                assert_close(
                    trigamma_difference(z, d),
                    -steps().map(|z| (z * z).recip()).sum::<f64>(),
                    0.0,
                    "squares",
                );
            }
        }
    }

    #[test]
    fn beta_is_symmetric_and_follows_its_recurrence_at_any_size() {
        for a in grid() {
            for b in grid() {
                assert_close(ln_beta(a, b), ln_beta(b, a), 0.0, "symmetry");
                // B(a + 1, b) = B(a, b) a / (a + b)
                let step = -(b / a).ln_1p();
                let scale = ln_beta(a, b).abs().max(1.0) * 4.0;
                assert_close(ln_beta(a + 1.0, b), ln_beta(a, b) + step, scale, "recurrence");
            }
        }
        assert_close(ln_beta(2.0, 3.0), (1.0_f64 / 12.0).ln(), 0.0, "B(2, 3) = 1/12");
    }
}

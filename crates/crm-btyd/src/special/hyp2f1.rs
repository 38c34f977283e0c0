//! Gauss hypergeometric function of positive parameters, on a log scale.

use super::gamma::ln_beta;
use super::line::{LN_ROUNDING, Peak, Tail};
use super::work::done;

/// Maximum number of terms of the series; beyond, an integral takes fewer steps.
const FEW_TERMS: f64 = 1_000.0;

/// Returns ln F(a, b; c; z) for a, b, c > 0 and 0 <= z < 1, given as `1 - z` if that is known more
/// precisely.
///
/// All terms of the series (Abramowitz and Stegun 15.1.1) are positive, so that no terms cancel.
/// Near z = 1, or with large parameters, it needs too many of them; there Euler's integral (15.3.1)
///
/// F = 1 / B(b, c - b) ∫ t^(b-1) (1-t)^(c-b-1) (1 - z t)^(-a) dt
///
/// on the scale w = ln(t / (1 - t)) has a single smooth maximum. It needs c > b; if c is below both
/// a and b, a contiguous relation (15.2.12) leads up to such c with positive terms.
pub(crate) fn ln_hyp2f1(a: f64, b: f64, c: f64, z: Argument) -> f64 {
    let (a, b) = (a.max(b), a.min(b));
    if z.value <= 0.0 {
        return 0.0;
    }
    // Euler's transformation turns growing terms into shrinking ones.
    if c < a + b && c > a && c > b {
        return (c - a - b) * z.ln_complement() + ln_positive(c - a, c - b, c, z);
    }
    ln_positive(a, b, c, z)
}

/// An argument in [0, 1) with its distance to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Argument {
    value: f64,
    complement: f64,
}

impl Argument {
    /// Returns z = part / (part + rest), for part >= 0 and rest > 0.
    pub(crate) fn ratio(part: f64, rest: f64) -> Self {
        Argument { value: part / (part + rest), complement: rest / (part + rest) }
    }

    #[cfg(test)]
    pub(crate) fn new(value: f64) -> Self {
        Argument { value, complement: 1.0 - value }
    }

    fn ln_complement(self) -> f64 {
        if self.value < 0.5 { (-self.value).ln_1p() } else { self.complement.ln() }
    }
}

fn ln_positive(a: f64, b: f64, c: f64, z: Argument) -> f64 {
    let (a, b) = (a.max(b), a.min(b));
    if terms(a, b, c, z) < FEW_TERMS {
        ln_series(a, b, c, z.value)
    } else if c > b {
        ln_integral(a, b, c, z)
    } else {
        ln_from_above(a, b, c, z)
    }
}

/// Returns the approximate number of terms of the series: up to the largest, and then until they
/// vanish.
fn terms(a: f64, b: f64, c: f64, z: Argument) -> f64 {
    // The term ratio (a + n)(b + n) z / ((c + n)(1 + n)) is 1 at the largest root of a quadratic.
    let half = 0.5 * ((a + b) * z.value - c - 1.0);
    let discriminant = half * half + z.complement * (a * b * z.value - c);
    let largest =
        if discriminant > 0.0 { ((half + discriminant.sqrt()) / z.complement).max(0.0) } else { 0.0 };
    largest + 8.0 * largest.sqrt() / z.complement.sqrt() + 37.0 / z.complement
}

/// Sums the series, rescaled before it overflows.
fn ln_series(a: f64, b: f64, c: f64, z: f64) -> f64 {
    const LARGE: f64 = 1e280;
    let (mut term, mut sum, mut ln_scale) = (1.0, 1.0, 0.0);
    let mut n = 0.0;
    loop {
        let ratio = (a + n) * (b + n) * z / ((c + n) * (1.0 + n));
        term *= ratio;
        sum += term;
        n += 1.0;
        // Once the terms shrink, each is at most `ratio` (or z, if the ratio still rises to it)
        // times the previous one.
        let bound = ratio.max(z);
        if bound < 1.0 && term * bound <= 1e-17 * sum * (1.0 - bound) {
            done(n as usize);
            return sum.ln() + ln_scale;
        }
        if sum > LARGE {
            sum /= LARGE;
            term /= LARGE;
            ln_scale += LARGE.ln();
        }
    }
}

/// Computes Euler's integral for c > b, over w = ln(t / (1 - t)).
fn ln_integral(a: f64, b: f64, c: f64, z: Argument) -> f64 {
    let ln_complement = z.ln_complement();
    // Away from w = 0 and w = -ln(1 - z), where the logarithm has its curvature, it approaches its
    // asymptotes like this times exp(-|w|).
    let bends = (c - a).abs() + a;
    let peak = Peak {
        ln: |w: f64| b * w - (c - a) * super::softplus(w) - a * super::softplus(w + ln_complement),
        slope: |w: f64| {
            b - (c - a) * super::one_over_one_plus_exp(-w)
                - a * super::one_over_one_plus_exp(-w - ln_complement)
        },
        left: Tail { rate: b, from: LN_ROUNDING - bends.ln() },
        right: Tail { rate: c - b, from: bends.ln() - ln_complement - LN_ROUNDING },
    };
    peak.ln_integral((b / (c - b)).ln()) - ln_beta(b, c - b)
}

/// Computes F(c) from F(c + 1) and F(c + 2), for c below both parameters.
fn ln_from_above(a: f64, b: f64, c: f64, z: Argument) -> f64 {
    let steps = (b - c).floor() + 1.0;
    let mut c = c + steps;
    let (mut ln_above, mut ln_here) = (ln_positive(a, b, c + 1.0, z), ln_positive(a, b, c, z));
    done(steps as usize);
    for _ in 0..steps as u64 {
        c -= 1.0;
        let here = (c + 1.0) * (c * z.complement + (a + b - c - 1.0) * z.value);
        let above = (c + 1.0 - a) * (c + 1.0 - b) * z.value * (ln_above - ln_here).exp();
        let ln_below = ln_here + ((here + above) / ((c + 1.0) * c * z.complement)).ln();
        (ln_above, ln_here) = (ln_here, ln_below);
    }
    ln_here
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{LOG, rows};

    fn check(file: &str) {
        let mut count = 0;
        for row in rows(file) {
            let [a, b, c, z, expected] = ["a", "b", "c", "z", "ln_2f1"].map(|name| row.number(name));
            LOG.check(ln_hyp2f1(a, b, c, Argument::new(z)), expected, &row);
            count += 1;
        }
        assert!(count >= 60, "{count} rows in {file}");
    }

    #[test]
    fn agrees_with_the_reference_values() {
        check("ln_hyp2f1.csv");
    }

    #[test]
    fn agrees_with_the_reference_values_near_one() {
        check("ln_hyp2f1_near_one.csv");
    }

    #[test]
    fn known_cases() {
        // F(1, 1; 2; z) = -ln(1 - z) / z, F(a, b; b; z) = (1 - z)^-a.
        for z in [1e-9, 0.3, 0.9, 0.999, 1.0 - 1e-9, 1.0 - f64::EPSILON] {
            let argument = Argument::new(z);
            let expected = (-(-z).ln_1p() / z).ln();
            assert!((ln_hyp2f1(1.0, 1.0, 2.0, argument) - expected).abs() < 1e-12, "{z}");
            for (a, b) in [(0.7, 3.0), (40.0, 2.5), (1e4, 1e-3)] {
                let expected = -a * (-z).ln_1p();
                let error = ln_hyp2f1(a, b, b, argument) - expected;
                assert!(error.abs() < 1e-11 * expected.abs().max(1.0), "{a} {b} {z}: {error}");
            }
        }
        assert!(ln_hyp2f1(2.0, 3.0, 4.0, Argument::new(0.0)).abs() < f64::MIN_POSITIVE);
    }

    /// Computes the same number by both methods wherever both are feasible.
    #[test]
    fn series_integral_and_relation_agree() {
        let values = [0.02, 0.7, 3.0, 45.0, 600.0];
        for z in [0.05, 0.6, 0.95, 0.995] {
            let argument = Argument::new(z);
            for a in values {
                for b in values.into_iter().filter(|&b| b <= a) {
                    for c in values.map(|c| c * 1.1) {
                        let series = ln_series(a, b, c, z);
                        let other = if c > b {
                            ln_integral(a, b, c, argument)
                        } else {
                            ln_from_above(a, b, c, argument)
                        };
                        let error = (series - other).abs();
                        assert!(error < 2e-11 * series.abs().max(1.0), "{a} {b} {c} {z}: {series} {other}");
                    }
                }
            }
        }
    }
}

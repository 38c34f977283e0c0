//! The regularized incomplete beta function.

use super::gamma::{ln_beta, ln_beta_peak};
use super::line::{LN_ROUNDING, outwards};
use super::softplus;
use super::work::done;

/// Parameters beyond which the continued fraction takes more steps than an integral.
const LARGE: f64 = 3e3;

/// Returns I_x(a, b) for a, b > 0 and x = part / (part + rest), by its continued fraction
/// (Abramowitz and Stegun 26.5.8), evaluated by the modified Lentz method; for large parameters by
/// an integral over the log-odds.
pub(crate) fn incomplete_beta(a: f64, b: f64, part: f64, rest: f64) -> f64 {
    let (x, y) = (part / (part + rest), rest / (part + rest));
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if a.max(b) > LARGE {
        // Relative to the maximum, where x is the mean.
        let end = (part / rest).ln() - (a / b).ln();
        let end = if end.abs() < 0.5 { (part * b / (rest * a) - 1.0).ln_1p() } else { end };
        return if end <= 0.0 { below(a, b, end) } else { 1.0 - below(b, a, -end) };
    }
    // The fraction converges fast on the near side of the mean.
    if x * (a + b + 2.0) < a + 1.0 { lower(a, b, x, y) } else { 1.0 - lower(b, a, y, x) }
}

/// Returns the probability that the log-odds of a beta variable are below those of its mean by
/// `-end` or more.
///
/// Around the mean p, with u the difference of the log-odds, the density is its maximum times exp(a
/// u - (a + b) ln(1 + p (e^u - 1))).
fn below(a: f64, b: f64, end: f64) -> f64 {
    /// Terms below this share of the sum are omitted.
    const NEGLIGIBLE: f64 = 1e-17;
    let ln = |u: f64| ln_of_odds((a, b), u);
    // To the left of this the density is e^(a u) to within rounding.
    let reach = end - (LN_ROUNDING - (a + b + 1.0).ln() - (a / b).ln());
    let (first, mut sum) = (((a + b) / (a * b)).sqrt(), 0.0);
    let last = outwards(ln, (end, -1.0), first, reach, |panel| {
        sum += panel.nodes().map(|(_, weight)| weight).sum::<f64>();
        panel.last * (panel.left + 1.0 / a) > NEGLIGIBLE * sum
    });
    (ln_beta_peak(a, b).exp() * (sum + last / a)).clamp(0.0, 1.0)
}

/// Returns a u - (a + b) ln(1 + p (e^u - 1)), p = a / (a + b), without cancellation near u = 0 and
/// without overflow.
pub(crate) fn ln_of_odds((a, b): (f64, f64), u: f64) -> f64 {
    /// From here on the logarithms of both sides do not cancel.
    const FAR: f64 = 30.0;
    if u.abs() > FAR {
        let top = (a / b).ln();
        return a * u - (a + b) * (softplus(u + top) - softplus(top));
    }
    // Computed from the other side, whose share is the smaller one.
    if a <= b {
        a * u - (a + b) * (a / (a + b) * u.exp_m1()).ln_1p()
    } else {
        -b * u - (a + b) * (b / (a + b) * (-u).exp_m1()).ln_1p()
    }
}

fn lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let ln_front = a * x.ln() + b * if x < 0.5 { (-x).ln_1p() } else { y.ln() } - ln_beta(a, b) - a.ln();
    let safe = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    // About as many steps as the square root of the larger parameter, on the near side of the mean.
    let most = 1_000.0 + 20.0 * a.max(b).sqrt();
    let mut m = 1.0;
    while m < most {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / safe(1.0 + even * d);
        c = safe(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / safe(1.0 + odd * d);
        c = safe(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
        m += 1.0;
    }
    done(m as usize);
    (ln_front.exp() * fraction).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for x in [0.0, 0.1, 0.5, 0.97] {
            // I_x(a, 1) = x^a, I_x(1, b) = 1 - (1 - x)^b.
            for p in [0.2, 1.0, 7.5, 300.0_f64] {
                assert!((incomplete_beta(p, 1.0, x, 1.0 - x) - x.powf(p)).abs() < 1e-14, "{x} {p}");
                assert!(
                    (incomplete_beta(1.0, p, x, 1.0 - x) - (1.0 - (1.0 - x).powf(p))).abs() < 1e-14,
                    "{x} {p}"
                );
            }
        }
        assert!((incomplete_beta(0.5, 0.5, 0.5, 0.5) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn is_the_tail_of_a_binomial_count_of_any_size() {
        // P(at least k of n) with probability 0.3, summed by hand.
        for (n, k) in [(10, 4), (60, 10), (400, 150)] {
            let mut term: f64 = 0.7_f64.powi(n);
            let mut tail = if k == 0 { term } else { 0.0 };
            for j in 1..=n {
                term *= f64::from(n - j + 1) / f64::from(j) * 0.3 / 0.7;
                if j >= k {
                    tail += term;
                }
            }
            let value = incomplete_beta(f64::from(k), f64::from(n - k + 1), 0.3, 0.7);
            assert!((value / tail - 1.0).abs() < 1e-11, "{n} {k}: {value} {tail}");
        }
        // Half of the mass lies above the median of a symmetric distribution.
        assert!((incomplete_beta(1e6, 1e6, 0.5, 0.5) - 0.5).abs() < 1e-10);
    }

    /// Compares the fraction with the integral where both are feasible.
    #[test]
    fn fraction_and_integral_agree() {
        for a in [1e-6, 0.4, 3.0, 60.0, 2_500.0, 9e4] {
            for b in [80.0, 2_800.0, 1e5] {
                for distance in [-30.0, -2.0, -0.1, -1e-3, 1e-7, 0.02, 0.7, 12.0_f64] {
                    let odds = a / b * distance.exp();
                    let (x, y) = (odds / (1.0 + odds), 1.0 / (1.0 + odds));
                    let fraction =
                        if x * (a + b + 2.0) < a + 1.0 { lower(a, b, x, y) } else { 1.0 - lower(b, a, y, x) };
                    let end = (odds * b / a).ln();
                    let integral = if end <= 0.0 { below(a, b, end) } else { 1.0 - below(b, a, -end) };
                    let error = (fraction - integral).abs();
                    assert!(error < 1e-11, "{a} {b} {distance}: {fraction} {integral}");
                }
            }
        }
    }
}

//! The regularised incomplete beta function.

use super::gamma::ln_beta;

/// I_x(a, b) for a, b > 0 and x = part / (part + rest), by its continued fraction (Abramowitz and Stegun 26.5.8), evaluated by
/// the modified method of Lentz.
pub(crate) fn incomplete_beta(a: f64, b: f64, part: f64, rest: f64) -> f64 {
    let (x, y) = (part / (part + rest), rest / (part + rest));
    if x <= 0.0 {
        return 0.0;
    }
    // The fraction converges fast on the near side of the mean.
    if x * (a + b + 2.0) < a + 1.0 { lower(a, b, x, y) } else { 1.0 - lower(b, a, y, x) }
}

fn lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let ln_front = a * x.ln() + b * if x < 0.5 { (-x).ln_1p() } else { y.ln() } - ln_beta(a, b) - a.ln();
    let safe = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    // About the square root of the larger parameter many steps, on the near side of the mean.
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
        // Half of the mass lies above the median of a symmetric one.
        assert!((incomplete_beta(1e6, 1e6, 0.5, 0.5) - 0.5).abs() < 1e-10);
    }
}

//! Sums of many smooth positive terms, most of them by an integral.

use super::line::outwards;
use super::work::done;

/// Number of terms added individually, from the first.
const ONE_BY_ONE: u32 = 512;
/// Terms below this share of the sum are omitted.
const NEGLIGIBLE: f64 = 1e-18;

/// Returns Σ over n = 1, 2, ... up to `most` (which may be infinite) of terms given by their
/// logarithm, which must be smooth in `stretch` ln n.
///
/// After the first 512 terms the sum is an integral between half-integers, less (f'(end) -
/// f'(start)) / 24 (Euler and Maclaurin): f is so smooth there that the next term of that series is
/// below 1e-12 of the sum.
pub(crate) fn sum_of_terms(ln: impl Fn(f64) -> f64, most: f64, stretch: f64) -> f64 {
    let mut sum = 0.0;
    for n in (1..=ONE_BY_ONE).map(f64::from).take_while(|n| *n <= most) {
        sum += ln(n).exp();
    }
    done(ONE_BY_ONE as usize);
    let (start, end) = (f64::from(ONE_BY_ONE) + 0.5, most + 0.5);
    if end <= start {
        return sum;
    }
    let of_place = |v: f64| {
        let x = start * (v / stretch).exp();
        ln(x) + x.ln()
    };
    let mut rest = 0.0;
    outwards(of_place, (0.0, 1.0), 0.1, stretch * (end / start).ln(), |panel| {
        rest += panel.nodes().map(|(_, weight)| weight / stretch).sum::<f64>();
        panel.last * panel.left.min(100.0) > NEGLIGIBLE * (sum + rest)
    });
    let slope = |x: f64| if x < f64::MAX { ln(x).exp() * (ln(x + 0.5) - ln(x - 0.5)) } else { 0.0 };
    sum + rest - (slope(end) - slope(start)) / 24.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_are_met() {
        for (rate, power) in [(0.0_f64, 0.3), (1e-6, 0.0), (1e-3, 1.5), (2.0, 0.5)] {
            let ln = |x: f64| -rate * x - power * x.ln();
            for most in [3_u32, 512, 513, 40_000, 2_000_000] {
                let expected: f64 = (1..=most).rev().map(|n| ln(f64::from(n)).exp()).sum();
                let sum = sum_of_terms(ln, most.into(), 1.0);
                assert!((sum / expected - 1.0).abs() < 1e-11, "{rate} {power} {most}: {sum} {expected}");
            }
        }
        // An infinite geometric series.
        let (rate, ends) = (1e-7_f64, f64::INFINITY);
        let sum = sum_of_terms(|x| -rate * x, ends, 1.0);
        assert!((sum * rate.exp_m1() - 1.0).abs() < 1e-12, "{sum}");
    }
}

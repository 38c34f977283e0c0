//! Terms of the log-likelihood that models share whose customers have coins of their own, spread by
//! a beta distribution.
//!
//! With a and b the parameters of that distribution, x coins in a row keep the customer with
//! probability B(a, b + x) / B(a, b), and the last one did not with odds a / (b + x - 1).

use crate::purchase_rate::{Rates, alpha_for};
use crate::special::gamma::{digamma_difference, ln_gamma_ratio, trigamma_difference};
use crate::{Histories, models::Derivatives};

/// Numbers of the parameters a and b.
const A: usize = 2;
const B: usize = 3;

/// Starting points of a fit in r, alpha, a and b: few or many drop out, all with one probability or
/// each with one of their own, and those who stay buy as often as they were seen to, or more often.
pub(crate) fn starts(data: &Histories) -> Vec<[f64; 4]> {
    let rates = Rates::of(data);
    let mut starts = vec![[1.0; 4]];
    for mean in [0.03, 0.25, 0.85] {
        for size in [0.2, 3.0, 25.0] {
            for r in [0.3, 3.0] {
                let start = |rate: f64| [r, alpha_for(r, rate), mean * size, (1.0 - mean) * size];
                starts.extend([rates.middle(), rates.active].map(start));
            }
        }
    }
    starts
}

/// ln of the probability that the coin after the first purchase keeps the customer: b / (a + b).
pub(crate) fn ln_first_toss(a: f64, b: f64) -> f64 {
    -(a / b).ln_1p()
}

/// Adds it for so many customers.
pub(crate) fn add_first_toss(customers: u64, (a, b): (f64, f64), sums: &mut Derivatives) {
    let n = customers as f64;
    let (kept, both) = (1.0 / b, 1.0 / (a + b));
    sums.ln_likelihood += n * ln_first_toss(a, b);
    sums.add_gradient(A, -n * both);
    sums.add_gradient(B, n * (kept - both));
    sums.add_hessian(A, A, n * both * both);
    sums.add_hessian(A, B, n * both * both);
    sums.add_hessian(B, B, n * (both * both - kept * kept));
}

/// ln of the probability that x coins keep the customer: B(a, b + x) / B(a, b).
pub(crate) fn ln_of_coins((a, b): (f64, f64), x: f64) -> f64 {
    ln_gamma_ratio(b, x) - ln_gamma_ratio(a + b, x)
}

/// Adds it for `n` customers.
pub(crate) fn add_coins(n: f64, (a, b): (f64, f64), x: f64, sums: &mut Derivatives) {
    let both = a + b;
    let (first, second) = (digamma_difference(both, x), trigamma_difference(both, x));
    sums.ln_likelihood += n * ln_of_coins((a, b), x);
    sums.add_gradient(A, -n * first);
    sums.add_gradient(B, n * (digamma_difference(b, x) - first));
    sums.add_hessian(A, A, -n * second);
    sums.add_hessian(A, B, -n * second);
    sums.add_hessian(B, B, n * (trigamma_difference(b, x) - second));
}

/// ln(a / (b + x - 1)).
pub(crate) fn ln_last_coin((a, b): (f64, f64), x: f64) -> f64 {
    (a / (b + x - 1.0)).ln()
}

//! The log-likelihood of many customers with its derivatives, in r, alpha, s and beta.
//!
//! With x, t, T the history and w the number of customers that have it,
//!
//! ln L = Σ w (ln (r)_x + r ln alpha - (r + x) ln(alpha + T) + s ln(beta / (beta + T)) + ln(1 +
//! O)), O = s ∫_t^T ((alpha + T) / (alpha + τ))^(r + x) ((beta + T) / (beta + τ))^s dτ / (beta +
//! τ),
//!
//! O the odds that the customer is dead. Derivatives go under the integral, where those of the
//! logarithm of the integrand are elementary: value, gradient and Hessian of ln O are moments of a
//! few functions of τ under the weights of one and the same quadrature.

use super::kernel::Kernel;
use super::moments::Moments;
use crate::purchase_rate::{Rates, add_counts, add_waits, alpha_for};
use crate::race::Race;
use crate::row_sums::{RowSums, Seen, add_rows, sum_rows};
use crate::special::softplus;
use crate::{Histories, models::Derivatives};

/// Rows summed by one task.
const ROWS_PER_TASK: usize = 1 << 8;

/// Numbers of the parameters.
const R: usize = 0;
const ALPHA: usize = 1;
const S: usize = 2;
const BETA: usize = 3;

/// Starting points of a fit: lives of which half are over early or late, alike or unlike, and
/// customers who buy as often as they were seen to while they live, or more often.
pub(super) fn starts(data: &Histories) -> Vec<[f64; 4]> {
    let time = data.mean_age().clamp(1e-6, 1e6);
    let rates = Rates::of(data);
    let mut starts = vec![[1.0; 4]];
    for s in [0.15, 1.0, 10.0_f64] {
        // P(longer than u) = (beta / (beta + u))^s is one half at u = beta (2^(1/s) - 1).
        let per_half_life = 1.0 / (std::f64::consts::LN_2 / s).exp_m1();
        for half_life in [0.01, 0.15, 1.5] {
            let beta = (half_life * time * per_half_life).clamp(1e-6, 1e6);
            for r in [0.3, 3.0] {
                let start = |rate: f64| [r, alpha_for(r, rate), s, beta];
                starts.extend([rates.middle(), rates.active].map(start));
            }
        }
    }
    starts
}

/// The log-likelihood alone: one integral per row instead of its moments.
pub(super) fn value(kernel: &Kernel, data: &Histories) -> f64 {
    let kernel = Kernel { precision: data.precision(), ..*kernel };
    sum_rows(data, ROWS_PER_TASK, |history| kernel.ln_likelihood(history))
}

pub(super) fn derivatives(kernel: &Kernel, data: &Histories) -> Derivatives {
    let kernel = &Kernel { precision: data.precision(), ..*kernel };
    let mut sums = Derivatives::zero(4);
    add_waits(data, (R, ALPHA), (kernel.r, kernel.alpha), true, &mut sums);
    add_counts(data, (R, ALPHA), kernel.r, &mut sums);
    add_waits(data, (S, BETA), (kernel.s, kernel.beta), false, &mut sums);
    add_rows(data, ROWS_PER_TASK, &mut sums, |sums: &mut RowSums<4>, row| {
        // Whoever bought at the end of the observation is alive.
        if row.recency < row.age {
            add_odds(kernel, row, sums);
        }
    });
    sums
}

/// Adds ln(1 + O) of a row and its derivatives.
#[allow(clippy::indexing_slicing, reason = "i and j run below the number of parameters")]
fn add_odds(kernel: &Kernel, row: &Seen, sums: &mut RowSums<4>) {
    let Seen { x, recency, age, customers } = *row;
    let s = kernel.s;
    let race = kernel.race(x, recency);
    let Race { first: death, other: purchase } = race;
    let silence = age - recency;
    let (ln_purchase, ln_death) = ((silence / purchase.rate).ln_1p(), (silence / death.rate).ln_1p());
    let death_is_near = death.rate <= purchase.rate;
    let moments = Moments::of(
        &race.integrand().to(kernel.precision),
        if death_is_near { ln_death } else { ln_purchase },
    );
    let ln_odds = (race.factor() * moments.sum).ln() + purchase.shape * ln_purchase + death.shape * ln_death;
    let small = (-ln_odds.abs()).exp();
    let p = if ln_odds > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };

    let (mean, covariance) = moments.in_order(if death_is_near { [2, 3, 0, 1] } else { [0, 1, 2, 3] });
    let [mean_u, mean_a, mean_v, mean_b] = mean;
    let (by_a, by_b) = (1.0 / purchase.rate, 1.0 / death.rate);
    let (share_a, share_b) = (silence / (purchase.rate + silence), silence / (death.rate + silence));
    // What the shares at the end exceed their means by, and the same of their squares.
    let (over_a, over_b) = (share_a - mean_a, share_b - mean_b);
    let over_squares = |share: f64, i: usize| share * share - mean[i] * mean[i] - covariance[i][i];
    let slope = [
        ln_purchase - mean_u,
        -purchase.shape * by_a * over_a,
        1.0 / s + ln_death - mean_v,
        -by_b * (s * over_b + 1.0 - mean_b),
    ];
    // How the slopes of the logarithm of the integrand vary with τ, in units of the four functions.
    let varies = [-1.0, purchase.shape * by_a, -1.0, (s + 1.0) * by_b];
    // Means of its second derivatives.
    let mut bend = [[0.0; 4]; 4];
    bend[R][ALPHA] = -by_a * over_a;
    bend[ALPHA][ALPHA] = purchase.shape * by_a * by_a * (2.0 * over_a - over_squares(share_a, 1));
    bend[S][S] = -1.0 / (s * s);
    bend[S][BETA] = -by_b * over_b;
    let rest_squared = (1.0 - mean_b) * (1.0 - mean_b) + covariance[3][3];
    bend[BETA][BETA] = by_b * by_b * (s * (2.0 * over_b - over_squares(share_b, 3)) + rest_squared);

    sums.value += customers * softplus(ln_odds);
    let (np, nq) = (customers * p, customers * small / ((1.0 + small) * (1.0 + small)));
    for i in 0..4 {
        sums.gradient[i] += np * slope[i];
        for j in i..4 {
            let of_odds = bend[i][j] + varies[i] * varies[j] * covariance[i][j];
            sums.hessian[i][j] += np * of_odds + nq * slope[i] * slope[j];
        }
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::derivative_check::{check, ln_gamma};
    use crate::{Histories, History, ParetoNbd, PurchaseModel};

    /// F(a, b; c; z) by its series.
    fn hyp2f1(a: HyperDual64, b: HyperDual64, c: HyperDual64, z: HyperDual64) -> HyperDual64 {
        let (mut term, mut sum) = (HyperDual64::from(1.0), HyperDual64::from(1.0));
        for n in 0..4_000 {
            let n = f64::from(n);
            term = term * (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
            sum += term;
        }
        sum
    }

    /// The likelihood as the literature writes it, with the Gauss function.
    fn as_published(theta: &[HyperDual64], rows: &[(History, u32)]) -> HyperDual64 {
        let [r, alpha, s, beta] = <[HyperDual64; 4]>::try_from(theta).unwrap();
        let mut sum = HyperDual64::from(0.0);
        for (history, customers) in rows {
            let x = f64::from(history.frequency());
            let all = r + s + x;
            let part = |time: f64| {
                let (z, b, near) = if alpha.re >= beta.re {
                    ((alpha - beta) / (alpha + time), s + 1.0, alpha)
                } else {
                    ((beta - alpha) / (beta + time), r + x, beta)
                };
                hyp2f1(all, b, all + 1.0, z) * (-all * (near + time).ln()).exp()
            };
            let dead = s / all * (part(history.recency()) - part(history.age()));
            let alive = (-(r + x) * (alpha + history.age()).ln() - s * (beta + history.age()).ln()).exp();
            let rate = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
            sum += (rate + (alive + dead).ln()) * f64::from(*customers);
        }
        sum
    }

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        let history = |x, t, age| History::new(x, t, age).unwrap();
        let rows = [
            (history(0, 0.0, 30.0), 70),
            (history(0, 0.0, 38.86), 3),
            (history(1, 5.0, 38.86), 20),
            (history(2, 30.43, 38.86), 1),
            (history(7, 29.43, 38.86), 5),
            (history(40, 30.0, 30.0), 2),
        ];
        let data = Histories::weighted(rows);
        for (r, alpha, s, beta) in [
            (0.553, 10.578, 0.606, 11.669),
            (2.0, 3.0, 0.05, 9.0),
            (0.1, 30.0, 12.0, 20.0),
            (3.0, 25.0, 1.0, 25.0),
        ] {
            let model = ParetoNbd::new(r, alpha, s, beta).unwrap();
            check(&model, &data, |theta| as_published(theta, &rows));
        }
    }

    #[test]
    fn a_weighted_sum_equals_the_rows_one_by_one() {
        let model = ParetoNbd::new(0.5, 6.0, 0.9, 16.0).unwrap();
        let histories: Vec<History> = (0..600)
            .map(|n| {
                let x = n % 7;
                History::new(x, if x == 0 { 0.0 } else { 3.0 + f64::from(n % 11) }, 15.0 + f64::from(n % 3))
                    .unwrap()
            })
            .collect();
        let data: Histories = histories.iter().copied().collect();
        assert!(data.distinct() < 300);
        let one_by_one: f64 = histories.iter().map(|history| model.ln_likelihood_of(history)).sum();
        for together in [model.ln_likelihood(&data), model.derivatives(&data).ln_likelihood] {
            assert!((together / one_by_one - 1.0).abs() < 1e-13);
        }
    }
}

//! The log-likelihood of many customers with its derivatives, in r, alpha, s, beta and b.
//!
//! With x, t, T the history, w the number of customers that have it and B(τ) = beta + e^(b τ) - 1,
//!
//! ln L = Σ w (ln (r)_x + r ln alpha - (r + x) ln(alpha + T) + s ln(beta / B(T)) + ln(1 + O)),
//! O = ∫_t^T s b e^(b τ) / B(τ) ((alpha + T) / (alpha + τ))^(r + x) (B(T) / B(τ))^s dτ,
//!
//! O the odds that the customer is dead. Derivatives go under the integral, where those of the
//! logarithm h of the integrand are elementary:
//!
//! h_r = ln(alpha + T) - ln(alpha + τ), h_alpha = (r + x) (1 / (alpha + T) - 1 / (alpha + τ)),
//! h_s = 1 / s + ln B(T) - ln B, h_beta = s / B(T) - (s + 1) / B,
//! h_b = 1 / b + τ + s T e^(b T) / B(T) - (s + 1) τ e^(b τ) / B,
//!
//! so that value, gradient and Hessian of ln O are moments of six functions of τ under one
//! quadrature.

use super::kernel::Kernel;
use super::life::Integrand;
use super::moments::{Means, Moments};
use crate::purchase_rate::{Rates, add_counts, add_waits, alpha_for};
use crate::row_sums::{RowSums, Seen, add_rows, sum_rows};
use crate::special::softplus;
use crate::{Histories, models::Derivatives};

/// Rows summed by one task.
const ROWS_PER_TASK: usize = 1 << 8;

/// Number of parameters, and their numbers.
const PARAMETERS: usize = 5;
const R: usize = 0;
const ALPHA: usize = 1;
const S: usize = 2;
const BETA: usize = 3;
const B: usize = 4;

/// Starting points of a fit beside the optima of the Pareto/NBD: lives of which half are over early
/// or late, alike or unlike, of customers who age slowly or fast.
pub(super) fn starts(data: &Histories) -> Vec<[f64; PARAMETERS]> {
    let time = data.mean_age().clamp(1e-6, 1e6);
    let rates = Rates::of(data);
    let mut starts = vec![[1.0; PARAMETERS]];
    for s in [0.3, 10.0_f64] {
        // P(longer than u) = (beta / (beta + e^(b u) - 1))^s is one half at e^(b u) = 1 + beta
        // (2^(1/s) - 1).
        let per_half_life = 1.0 / (std::f64::consts::LN_2 / s).exp_m1();
        for pace in [0.5, 5.0, 25.0] {
            let b = (pace / time).clamp(1e-6, 1e6);
            for half_life in [0.01, 0.15, 0.7_f64] {
                let beta = ((pace * half_life).exp_m1() * per_half_life).clamp(1e-6, 1e6);
                let start = |r: f64| [r, alpha_for(r, rates.middle()), s, beta, b];
                starts.extend([0.3, 2.0].map(start));
            }
        }
    }
    // Few buy at all, and half of them leave late, about together.
    let pace = 25.0_f64;
    let (b, late) = ((pace / time).clamp(1e-6, 1e6), (0.7 * pace).exp_m1());
    starts.extend([(0.3, 0.11), (3.0, 4.0)].map(|(s, per_half_life)| {
        [0.05, alpha_for(0.05, rates.middle()), s, (late * per_half_life).clamp(1e-6, 1e6), b]
    }));
    // A steady risk s b, before which some leave at once (small beta) or nobody leaves for a while
    // (large).
    for risk in [0.2, 2.0] {
        for pace in [15.0, 120.0] {
            for beta in [1e-5, 1.0, 1e5] {
                let b = (pace / time).clamp(1e-6, 1e6);
                let start = |r: f64| [r, alpha_for(r, rates.middle()), risk / pace, beta, b];
                starts.extend([0.3, 2.0].map(start));
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
    let mut sums = Derivatives::zero(PARAMETERS);
    add_waits(data, (R, ALPHA), (kernel.r, kernel.alpha), true, &mut sums);
    add_counts(data, (R, ALPHA), kernel.r, &mut sums);
    add_lives(kernel, data, &mut sums);
    add_rows(data, ROWS_PER_TASK, &mut sums, |sums: &mut RowSums<PARAMETERS>, row| {
        // Whoever bought at the end of the observation is alive.
        if row.recency < row.age {
            add_odds(kernel, row, sums);
        }
    });
    sums
}

/// What the likelihood needs of B at one time: 1 / B and τ e^(b τ) / B.
fn at(kernel: &Kernel, time: f64) -> (f64, f64) {
    let pace = kernel.life.pace(time);
    ((-kernel.life.b * time).exp() * pace, time * pace)
}

/// Adds s ln(beta / B(T)) of all customers, one visit per distinct age.
fn add_lives(kernel: &Kernel, data: &Histories, sums: &mut Derivatives) {
    let (s, beta) = (kernel.life.s, kernel.life.beta);
    for (age, weight) in data.ages().iter().zip(data.age_weights()) {
        let n = weight.customers;
        let (inverse, paced) = at(kernel, *age);
        let grown = kernel.life.grown(*age);
        sums.ln_likelihood -= n * s * grown;
        sums.add_gradient(S, -n * grown);
        sums.add_gradient(BETA, -n * s * (inverse - 1.0 / beta));
        sums.add_gradient(B, -n * s * paced);
        sums.add_hessian(S, BETA, -n * (inverse - 1.0 / beta));
        sums.add_hessian(S, B, -n * paced);
        sums.add_hessian(BETA, BETA, n * s * (inverse * inverse - 1.0 / (beta * beta)));
        sums.add_hessian(BETA, B, n * s * inverse * paced);
        sums.add_hessian(B, B, -n * s * (beta - 1.0) * age * inverse * paced);
    }
}

/// Adds ln(1 + O) of a row and its derivatives.
#[allow(clippy::indexing_slicing, reason = "i and j run below the number of parameters or functions")]
fn add_odds(kernel: &Kernel, row: &Seen, sums: &mut RowSums<PARAMETERS>) {
    let Seen { x, recency, age, customers } = *row;
    let (s, b, silence) = (kernel.life.s, kernel.life.b, age - recency);
    let (life, purchase) = kernel.race(x, recency);
    let integrand = Integrand::death_first(life, purchase).to(kernel.precision);
    let moments = Moments::of(&integrand, silence, recency, purchase.rate, life.beta);
    let ln_purchase = (silence / purchase.rate).ln_1p();
    let grown = life.grown(silence);
    let ln_odds = (integrand.factor() * moments.sum).ln() + purchase.shape * ln_purchase + s * grown;
    let small = (-ln_odds.abs()).exp();
    let p = if ln_odds > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };

    let Means { mean, covariance, third } = moments.means();
    // 1 / (alpha + t_x) and 1 / B(t_x), the units of two of the functions, and the functions at the
    // end.
    let (by_a, (by_b, _)) = (1.0 / purchase.rate, at(kernel, recency));
    let (last_a, (last_b, last_paced)) = (1.0 / (kernel.alpha + age), at(kernel, age));
    let square = |i: usize, j: usize| mean[i] * mean[j] + covariance[i][j];
    let slope = [
        ln_purchase - mean[0],
        purchase.shape * (last_a - by_a * mean[1]),
        1.0 / s + grown - mean[2],
        s * last_b - (s + 1.0) * by_b * mean[3],
        1.0 / b + mean[5] + s * last_paced - (s + 1.0) * mean[4],
    ];
    // How the slopes of h vary with τ, in units of the functions: each with one of them, but for
    // that by b, which also has the last.
    let varies = [-1.0, -purchase.shape * by_a, -1.0, -(s + 1.0) * by_b, -(s + 1.0)];
    // Means of the second derivatives of h.
    let mut bend = [[0.0; PARAMETERS]; PARAMETERS];
    bend[R][ALPHA] = last_a - by_a * mean[1];
    bend[ALPHA][ALPHA] = -purchase.shape * (last_a * last_a - by_a * by_a * square(1, 1));
    bend[S][S] = -1.0 / (s * s);
    bend[S][BETA] = last_b - by_b * mean[3];
    bend[S][B] = last_paced - mean[4];
    bend[BETA][BETA] = -s * last_b * last_b + (s + 1.0) * by_b * by_b * square(3, 3);
    bend[BETA][B] = -s * last_b * last_paced + (s + 1.0) * by_b * square(3, 4);
    bend[B][B] = -1.0 / (b * b)
        + (kernel.life.beta - 1.0) * (s * age * last_b * last_paced - (s + 1.0) * by_b * third);

    sums.value += customers * softplus(ln_odds);
    let (np, nq) = (customers * p, customers * small / ((1.0 + small) * (1.0 + small)));
    for i in 0..PARAMETERS {
        sums.gradient[i] += np * slope[i];
        for j in i..PARAMETERS {
            let mut together = varies[i] * varies[j] * covariance[i][j];
            if j == B {
                together += varies[i] * covariance[i][5];
            }
            if i == B {
                together += varies[j] * covariance[j][5] + covariance[5][5];
            }
            let of_odds = bend[i][j] + together;
            sums.hessian[i][j] += np * of_odds + nq * slope[i] * slope[j];
        }
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::derivative_check::{check, ln_gamma};
    use crate::special::quadrature::LONG;
    use crate::{GompertzNbd, Histories, History, PurchaseModel};

    /// The likelihood as the paper writes it, with its integral over the time of death in many
    /// small pieces.
    fn as_published(theta: &[HyperDual64], rows: &[(History, u32)]) -> HyperDual64 {
        const PIECES: u32 = 120;
        let [r, alpha, s, beta, b] = <[HyperDual64; 5]>::try_from(theta).unwrap();
        let mut sum = HyperDual64::from(0.0);
        for (history, customers) in rows {
            let (x, recency, age) = (f64::from(history.frequency()), history.recency(), history.age());
            let ln_b = |time: f64| (beta + (b * time).exp_m1()).ln();
            let ln_last = (r + x) * (alpha + age).ln() + s * ln_b(age);
            // In units of what the customer would have contributed alive.
            let mut odds = HyperDual64::from(0.0);
            let length = (age - recency) / f64::from(PIECES);
            for piece in 0..PIECES {
                for (place, weight) in LONG.places.iter().zip(&LONG.weights) {
                    let time = recency + length * (f64::from(piece) + place);
                    let ln = (s * b).ln() + b * time - (s + 1.0) * ln_b(time) - (r + x) * (alpha + time).ln();
                    odds += (ln + ln_last).exp() * (weight * length);
                }
            }
            let rate = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
            sum += (rate - ln_last + (odds + 1.0).ln()) * f64::from(*customers);
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
        for (r, alpha, s, beta, b) in [
            (0.553, 10.578, 0.606, 0.3, 0.02),
            (2.0, 3.0, 0.05, 90.0, 0.2),
            (0.1, 30.0, 12.0, 20.0, 0.01),
            (3.0, 25.0, 1.0, 1.0, 0.1),
            (0.6, 9.0, 0.6, 1e-3, 1e-4),
        ] {
            let model = GompertzNbd::new(r, alpha, s, beta, b).unwrap();
            check(&model, &data, |theta| as_published(theta, &rows));
        }
    }

    #[test]
    fn a_weighted_sum_equals_the_rows_one_by_one() {
        let model = GompertzNbd::new(0.5, 6.0, 0.9, 16.0, 0.1).unwrap();
        let histories: Vec<History> = (0..600)
            .map(|n| {
                let x = n % 7;
                History::new(x, if x == 0 { 0.0 } else { 3.0 + f64::from(n % 11) }, 15.0 + f64::from(n % 3))
                    .unwrap()
            })
            .collect();
        let data: Histories = histories.iter().copied().collect();
        let one_by_one: f64 = histories.iter().map(|history| model.ln_likelihood_of(history)).sum();
        for together in [model.ln_likelihood(&data), model.derivatives(&data).ln_likelihood] {
            assert!((together / one_by_one - 1.0).abs() < 1e-13);
        }
    }
}

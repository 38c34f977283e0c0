//! The log-likelihood of many customers with its derivatives, in r, alpha, a and b of the kernel.
//!
//! With x, t, T the history, w the number of customers that have it and R = r + k x,
//!
//! ln L = Σ w (C(x) + r ln alpha - R ln(alpha + T) + ln A + ln(1 + e^s)),
//! C(x) = ln (r)_{k x} + ln (b)_x - ln (a + b)_x - x ln (k - 1)!,
//! A = Σ_{j < k} (R)_j / j! z^j, z = (T - t) / (alpha + T),
//! s = ln(a / (b + x - 1)) + R ln((alpha + T) / (alpha + t)) - ln A.
//!
//! Derivatives of ln A are moments under the probabilities of j elapsed stages, which are in
//! proportion to its terms.

use super::kernel::Kernel;
use crate::drop_out::{add_coins, ln_last_coin, ln_of_coins};
use crate::histories::Group;
use crate::row_sums::{RowSums, Seen, add_rows, map_rows};
use crate::special::gamma::{digamma_difference, ln_gamma, ln_gamma_ratio, trigamma_difference};
use crate::special::{quick_softplus, vector};
use crate::{Histories, models::Derivatives};

/// Rows summed by one task.
const ROWS_PER_TASK: usize = 1 << 10;

/// Numbers of the parameters.
const R: usize = 0;
const ALPHA: usize = 1;
const A: usize = 2;
const B: usize = 3;

/// The log-likelihood alone.
pub(super) fn value(kernel: &Kernel, data: &Histories) -> f64 {
    let (k, coins) = (f64::from(kernel.k), (kernel.a, kernel.b));
    let ln_gaps = data.ln_gap_sum().map_or(0.0, |ln_gaps| (k - 1.0) * ln_gaps);
    let of_frequency = |group: &Group| {
        let x = group.frequency;
        group.customers * (ln_gamma_ratio(kernel.r, k * x) - x * ln_gamma(k) + ln_of_coins(coins, x))
    };
    let ln_alpha = kernel.alpha.ln();
    let repeated = data.groups().iter().filter(|group| group.frequency > 0.0);
    let frequencies: f64 = repeated.map(of_frequency).sum();
    let parts = map_rows(data, ROWS_PER_TASK, |row| {
        let Seen { x, recency, age, customers } = *row;
        let (shape, silence) = (kernel.shape(x), age - recency);
        let (now, last) = (kernel.alpha + age, kernel.alpha + recency);
        let grown = vector::ln_1p(age / kernel.alpha);
        let (mut term, mut sum) = (1.0, 0.0);
        for j in (0..kernel.k).map(f64::from) {
            sum += term;
            term *= (shape + j) / (j + 1.0) * silence / now;
        }
        let ln_inner = sum.ln();
        let waits = shape * grown + (shape - kernel.r) * ln_alpha;
        let dead = if x > 0.0 || kernel.tossed {
            let ln_silence = vector::ln_1p(silence / last);
            quick_softplus(ln_last_coin(coins, x) + shape * ln_silence - ln_inner)
        } else {
            0.0
        };
        customers * (ln_inner - waits + dead)
    });
    ln_gaps + frequencies + parts
}

pub(super) fn derivatives(kernel: &Kernel, data: &Histories) -> Derivatives {
    let mut sums = Derivatives::zero(4);
    if let Some(ln_gaps) = data.ln_gap_sum() {
        sums.ln_likelihood += f64::from(kernel.k - 1) * ln_gaps;
    }
    for group in data.groups() {
        add_frequency(kernel, group, &mut sums);
    }
    add_rows(data, ROWS_PER_TASK, &mut sums, |sums: &mut RowSums<4>, row| add_row(kernel, row, sums));
    sums
}

/// C(x), for all customers of one frequency.
fn add_frequency(kernel: &Kernel, group: &Group, sums: &mut Derivatives) {
    let (n, x, k) = (group.customers, group.frequency, f64::from(kernel.k));
    if x <= 0.0 {
        return;
    }
    let stages = k * x;
    sums.ln_likelihood += n * (ln_gamma_ratio(kernel.r, stages) - x * ln_gamma(k));
    sums.add_gradient(R, n * digamma_difference(kernel.r, stages));
    sums.add_hessian(R, R, n * trigamma_difference(kernel.r, stages));
    add_coins(n, (kernel.a, kernel.b), x, sums);
}

/// The rest of the logarithm, for the customers of one history.
#[allow(clippy::indexing_slicing, reason = "i and j run below the number of parameters")]
fn add_row(kernel: &Kernel, row: &Seen, sums: &mut RowSums<4>) {
    let Seen { x, recency, age, customers: n } = *row;
    let shape = kernel.shape(x);
    let (last, now) = (1.0 / (kernel.alpha + recency), 1.0 / (kernel.alpha + age));
    let ln_silence = ((age - recency) * last).ln_1p();
    let inner = Inner::of(kernel, shape, (age - recency) * now, now);

    sums.value -= n * (kernel.r * (age / kernel.alpha).ln_1p() + (shape - kernel.r) * -now.ln());
    sums.gradient[R] += -n * (age / kernel.alpha).ln_1p();
    sums.gradient[ALPHA] += n * (kernel.r / kernel.alpha - shape * now);
    sums.hessian[R][ALPHA] += n * (1.0 / kernel.alpha - now);
    sums.hessian[ALPHA][ALPHA] += n * (shape * now * now - kernel.r / (kernel.alpha * kernel.alpha));

    sums.value += n * inner.ln;
    sums.gradient[R] += n * inner.by_r;
    sums.gradient[ALPHA] += n * inner.by_alpha;
    sums.hessian[R][R] += n * inner.by_r_r;
    sums.hessian[R][ALPHA] += n * inner.by_r_alpha;
    sums.hessian[ALPHA][ALPHA] += n * inner.by_alpha_alpha;
    if x <= 0.0 && !kernel.tossed {
        return;
    }

    let s = ln_last_coin((kernel.a, kernel.b), x) + shape * ln_silence - inner.ln;
    let small = (-s.abs()).exp();
    let p = if s > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    let (np, nq) = (n * p, n * small / ((1.0 + small) * (1.0 + small)));
    let v = now - last;
    let by_b = -1.0 / (kernel.b + x - 1.0);
    let slope = [ln_silence - inner.by_r, shape * v - inner.by_alpha, 1.0 / kernel.a, by_b];
    sums.value += n * (s.max(0.0) + small.ln_1p());
    for i in 0..4 {
        sums.gradient[i] += np * slope[i];
        for j in i..4 {
            sums.hessian[i][j] += nq * slope[i] * slope[j];
        }
    }
    sums.hessian[R][R] += -np * inner.by_r_r;
    sums.hessian[R][ALPHA] += np * (v - inner.by_r_alpha);
    sums.hessian[ALPHA][ALPHA] += -np * (shape * v * (now + last) + inner.by_alpha_alpha);
    sums.hessian[A][A] += -np / (kernel.a * kernel.a);
    sums.hessian[B][B] += np * by_b * by_b;
}

/// ln A and its derivatives.
#[derive(Debug, Clone, Copy, Default)]
struct Inner {
    ln: f64,
    by_r: f64,
    by_alpha: f64,
    by_r_r: f64,
    by_r_alpha: f64,
    by_alpha_alpha: f64,
}

impl Inner {
    /// Of (R, z); `now` is 1 / (alpha + T).
    fn of(kernel: &Kernel, shape: f64, z: f64, now: f64) -> Self {
        // With j elapsed stages, the derivative of the logarithm of the term by r, minus that of
        // it, and j.
        let (mut term, mut slope, mut bend) = (1.0, 0.0, 0.0);
        let (mut sum, mut d, mut dd, mut elapsed, mut pairs, mut both) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for j in (0..kernel.k).map(f64::from) {
            sum += term;
            d += term * slope;
            dd += term * (slope * slope - bend);
            elapsed += term * j;
            pairs += term * j * (j + 1.0);
            both += term * j * slope;
            term *= (shape + j) / (j + 1.0) * z;
            slope += 1.0 / (shape + j);
            bend += 1.0 / ((shape + j) * (shape + j));
        }
        let (by_r, by_alpha) = (d / sum, -now * elapsed / sum);
        Inner {
            ln: sum.ln(),
            by_r,
            by_alpha,
            by_r_r: dd / sum - by_r * by_r,
            by_r_alpha: -now * both / sum - by_r * by_alpha,
            by_alpha_alpha: now * now * pairs / sum - by_alpha * by_alpha,
        }
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::derivative_check::{check, ln_gamma};
    use crate::{Histories, History, models::CondensedBetaGeometric};

    /// The likelihood as the paper writes it, term by term, with beta functions and powers.
    fn as_published(theta: &[HyperDual64], k: u32, tossed: bool, rows: &[(History, u32)]) -> HyperDual64 {
        let [r, alpha, a, b] = <[HyperDual64; 4]>::try_from(theta).unwrap();
        let ln_beta = |a: HyperDual64, b: HyperDual64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let ln_factorial = |n: u32| (1..=n).map(|i| f64::from(i).ln()).sum::<f64>();
        let mut sum = HyperDual64::from(0.0);
        for (history, customers) in rows {
            let x = f64::from(history.frequency());
            let stages = f64::from(k) * x;
            let coins = if tossed { x + 1.0 } else { x };
            let front = r * alpha.ln() - ln_gamma(r) - x * ln_factorial(k - 1);
            // In units of the first term, far from the ends of what a double can hold.
            let mut terms: Vec<HyperDual64> = Vec::new();
            for j in 0..k {
                let (silence, n) = (history.age() - history.recency(), f64::from(j));
                if silence <= 0.0 && j > 0 {
                    continue;
                }
                let power = if j > 0 { n * silence.ln() } else { 0.0 };
                let alive = ln_beta(a, b + coins) - ln_beta(a, b) + front + ln_gamma(r + stages + n)
                    - (r + stages + n) * (alpha + history.age()).ln()
                    + (power - ln_factorial(j));
                terms.push(alive);
            }
            if coins > 0.0 {
                let dead = ln_beta(a + 1.0, b + coins - 1.0) - ln_beta(a, b) + front + ln_gamma(r + stages)
                    - (r + stages) * (alpha + history.recency()).ln();
                terms.push(dead);
            }
            let likelihood: HyperDual64 = terms.iter().map(|term| (*term - terms[0]).exp()).sum();
            sum += (likelihood.ln() + terms[0]) * f64::from(*customers);
        }
        sum
    }

    fn rows() -> [(History, u32); 6] {
        let history = |x, t, age| History::new(x, t, age).unwrap();
        [
            (history(0, 0.0, 30.0), 70),
            (history(0, 0.0, 38.86), 3),
            (history(1, 5.0, 38.86), 20),
            (history(2, 30.43, 38.86), 1),
            (history(7, 29.43, 38.86), 5),
            (history(40, 30.0, 30.0), 2),
        ]
    }

    fn agree<const TOSSED: bool, const K: u32>() {
        let data = Histories::weighted(rows());
        for (r, alpha, a, b) in [
            (0.243, 4.414, 0.793, 2.426),
            (2.0, 0.3, 0.05, 9.0),
            (0.01, 300.0, 12.0, 0.2),
            (30.0, 25.0, 1.0, 1.0),
        ] {
            let model = CondensedBetaGeometric::<TOSSED>::new(K, r, alpha, a, b).unwrap();
            check(&model, &data, |theta| as_published(theta, K, TOSSED, &rows()));
        }
    }

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        agree::<false, 1>();
        agree::<true, 1>();
        agree::<false, 2>();
        agree::<true, 3>();
        agree::<false, 12>();
        agree::<true, 12>();
    }

    #[test]
    fn a_weighted_sum_equals_the_rows_one_by_one_and_the_gaps() {
        use crate::PurchaseModel;

        let model = CondensedBetaGeometric::<true>::new(3, 0.5, 6.0, 0.9, 1.6).unwrap();
        let data = Histories::weighted(rows());
        let one_by_one: f64 = rows()
            .iter()
            .map(|(history, customers)| f64::from(*customers) * model.ln_likelihood_of(history))
            .sum();
        assert!((model.ln_likelihood(&data) / one_by_one - 1.0).abs() < 1e-13);
        let with_gaps = data.with_ln_gap_sum(-17.0).unwrap();
        assert!((model.ln_likelihood(&with_gaps) - one_by_one + 2.0 * 17.0).abs() < 1e-9);
    }
}

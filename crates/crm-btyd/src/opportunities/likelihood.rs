//! The log-likelihood of many customers with its derivatives, in alpha, beta, gamma and delta.
//!
//! A customer with x purchases up to opportunity t, of n, may have died after each of the
//! opportunities t, t + 1, ... n - 1, or be alive. With i counting the silent opportunities lived
//! through, m = n - t of them at most, the likelihood is e^C Σ_i T_i,
//!
//! e^C = (alpha)_x (beta)_(t-x) / (alpha + beta)_t (delta)_t / (gamma + delta)_t, T_i = Π_(j<i)
//! (beta + t - x + j) / (alpha + beta + t + j) (delta + t + j) / (gamma + delta + t + j) D_i,
//!
//! D_i = gamma / (gamma + delta + t + i) for i < m and D_m = 1. All terms are positive.

use super::histories::{DiscreteHistories, DiscreteHistory};
use super::kernel::Kernel;
use crate::models::Derivatives;
use crate::special::gamma::{digamma_difference, ln_gamma_ratio, trigamma_difference};
use crm_numbers::parallel;

/// Numbers of the parameters.
const ALPHA: usize = 0;
const BETA: usize = 1;
const GAMMA: usize = 2;
const DELTA: usize = 3;

/// Rows summed by one task.
const ROWS_PER_TASK: usize = 1 << 6;

/// Starting points of a fit: few or many die at an opportunity, all with one probability or each
/// with one of their own, and those alive buy as often as they were seen to, or more often.
pub(super) fn starts(data: &DiscreteHistories) -> Vec<[f64; 4]> {
    let (all, active) = data.mean_shares();
    let mut starts = vec![[1.0; 4]];
    for mean in [0.03, 0.25, 0.8] {
        for size in [0.2, 3.0, 100.0] {
            for share in [(all * active).sqrt(), active] {
                let share = share.clamp(0.005, 0.98);
                let start =
                    |buys: f64| [buys * share, buys * (1.0 - share), size * mean, size * (1.0 - mean)];
                starts.extend([0.5, 10.0].map(start));
            }
        }
    }
    starts
}

pub(super) fn derivatives(kernel: &Kernel, data: &DiscreteHistories) -> Derivatives {
    let rows: Vec<(DiscreteHistory, u64)> = data.iter().collect();
    let parts = parallel::map(rows.chunks(ROWS_PER_TASK).collect(), |rows| {
        let mut sums = Derivatives::zero(4);
        for (history, customers) in rows {
            add_row(kernel, history, *customers as f64, &mut sums);
        }
        sums
    });
    let mut sums = Derivatives::zero(4);
    for part in parts {
        sums.ln_likelihood += part.ln_likelihood;
        for (i, (slope, row)) in part.gradient.into_iter().zip(part.hessian).enumerate() {
            sums.add_gradient(i, slope);
            for (j, curvature) in row.into_iter().enumerate().skip(i) {
                sums.add_hessian(i, j, curvature);
            }
        }
    }
    sums
}

/// e^C: ln of the probability of what happened up to the last purchase, with its derivatives.
fn add_common(kernel: &Kernel, x: f64, t: f64, customers: f64, sums: &mut Derivatives) {
    // ln (z)_d, with z the sum of these parameters.
    let mut add = |sign: f64, z: f64, d: f64, parameters: &[usize]| {
        sums.ln_likelihood += sign * customers * ln_gamma_ratio(z, d);
        let (first, second) = (digamma_difference(z, d), trigamma_difference(z, d));
        for (place, &i) in parameters.iter().enumerate() {
            sums.add_gradient(i, sign * customers * first);
            for &j in parameters.iter().skip(place) {
                sums.add_hessian(i, j, sign * customers * second);
            }
        }
    };
    add(1.0, kernel.alpha, x, &[ALPHA]);
    add(1.0, kernel.beta, t - x, &[BETA]);
    add(-1.0, kernel.alpha + kernel.beta, t, &[ALPHA, BETA]);
    add(1.0, kernel.delta, t, &[DELTA]);
    add(-1.0, kernel.gamma + kernel.delta, t, &[GAMMA, DELTA]);
}

/// Sums of 1 / (z + j) and of its square over the silent opportunities so far.
#[derive(Debug, Clone, Copy, Default)]
struct Inverse {
    first: f64,
    second: f64,
}

impl Inverse {
    fn add(&mut self, z: f64) {
        let inverse = 1.0 / z;
        self.first += inverse;
        self.second += inverse * inverse;
    }
}

#[allow(clippy::indexing_slicing, reason = "i and j run below the number of parameters")]
fn add_row(kernel: &Kernel, history: &DiscreteHistory, customers: f64, sums: &mut Derivatives) {
    let (x, t) = (f64::from(history.frequency()), f64::from(history.recency()));
    add_common(kernel, x, t, customers, sums);
    let silent = history.opportunities() - history.recency();
    let (not, any) = (kernel.beta + t - x, kernel.alpha + kernel.beta + t);
    let (lives, all) = (kernel.delta + t, kernel.gamma + kernel.delta + t);

    // Sums over i of T_i, and of its logarithm's slopes, their products, and its second
    // derivatives, each times T_i.
    let (mut whole, mut slopes, mut products) = (0.0, [0.0; 4], [[0.0; 4]; 4]);
    let [mut of_not, mut of_any, mut of_lives, mut of_all] = [Inverse::default(); 4];
    let mut lived = 1.0;
    for i in 0..=silent {
        let j = f64::from(i);
        let dies = i < silent;
        let mut all_here = of_all;
        let (mut in_gamma, mut in_gamma_twice) = (0.0, 0.0);
        let mut term = lived;
        if dies {
            term *= kernel.gamma / (all + j);
            all_here.add(all + j);
            in_gamma = 1.0 / kernel.gamma;
            in_gamma_twice = -in_gamma * in_gamma;
        }
        let slope = [
            -of_any.first,
            of_not.first - of_any.first,
            in_gamma - all_here.first,
            of_lives.first - all_here.first,
        ];
        let mut bend = [[0.0; 4]; 4];
        bend[ALPHA][ALPHA] = of_any.second;
        bend[ALPHA][BETA] = of_any.second;
        bend[BETA][BETA] = of_any.second - of_not.second;
        bend[GAMMA][GAMMA] = in_gamma_twice + all_here.second;
        bend[GAMMA][DELTA] = all_here.second;
        bend[DELTA][DELTA] = all_here.second - of_lives.second;
        whole += term;
        for i in 0..4 {
            slopes[i] += term * slope[i];
            for j in i..4 {
                products[i][j] += term * (bend[i][j] + slope[i] * slope[j]);
            }
        }
        if term < 1e-300 {
            break;
        }
        of_not.add(not + j);
        of_any.add(any + j);
        of_lives.add(lives + j);
        of_all.add(all + j);
        lived *= (not + j) / (any + j) * ((lives + j) / (all + j));
    }
    sums.ln_likelihood += customers * whole.ln();
    for i in 0..4 {
        let slope = slopes[i] / whole;
        sums.add_gradient(i, customers * slope);
        for j in i..4 {
            let curvature = products[i][j] / whole - slope * slopes[j] / whole;
            sums.add_hessian(i, j, customers * curvature);
        }
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::derivative_check::{check, ln_gamma};
    use crate::opportunities::{BgBb, DiscreteHistories, DiscreteHistory};

    /// The likelihood as the paper writes it, with beta functions.
    fn as_published(theta: &[HyperDual64], rows: &[(DiscreteHistory, u32)]) -> HyperDual64 {
        let [alpha, beta, gamma, delta] = <[HyperDual64; 4]>::try_from(theta).unwrap();
        let ln_beta = |a: HyperDual64, b: HyperDual64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let mut sum = HyperDual64::from(0.0);
        for (history, customers) in rows {
            let (x, n) = (f64::from(history.frequency()), f64::from(history.opportunities()));
            let all = ln_beta(alpha, beta) + ln_beta(gamma, delta);
            let mut likelihood = (ln_beta(alpha + x, beta + n - x) + ln_beta(gamma, delta + n) - all).exp();
            for i in history.recency()..history.opportunities() {
                let i = f64::from(i);
                likelihood +=
                    (ln_beta(alpha + x, beta + i - x) + ln_beta(gamma + 1.0, delta + i) - all).exp();
            }
            sum += likelihood.ln() * f64::from(*customers);
        }
        sum
    }

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        let history = |x, t, n| DiscreteHistory::new(x, t, n).unwrap();
        let rows = [
            (history(0, 0, 6), 70),
            (history(1, 1, 6), 9),
            (history(3, 4, 6), 20),
            (history(6, 6, 6), 5),
            (history(2, 40, 90), 2),
        ];
        let data = DiscreteHistories::weighted(rows);
        for (alpha, beta, gamma, delta) in
            [(1.204, 0.75, 0.657, 2.783), (0.05, 3.0, 12.0, 0.3), (20.0, 9.0, 1.0, 1.0)]
        {
            let model = BgBb::new(alpha, beta, gamma, delta).unwrap();
            check(&model, &data, |theta| as_published(theta, &rows));
        }
    }
}

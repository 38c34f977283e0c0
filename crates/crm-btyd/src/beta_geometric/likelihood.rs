//! The log-likelihood of many customers with its derivatives, in r, alpha, a and b of the kernel.
//!
//! With x, t, T the history and w the number of customers that have it,
//!
//! ln L = Σ w (C(x) + r ln alpha - (r + x) ln(alpha + T) + ln(1 + e^s)),
//! C(x) = ln (r)_x + ln (b)_x - ln (a + b)_x,
//! s = ln(a / (b + x - 1)) + (r + x) ln((alpha + T) / (alpha + t)).
//!
//! The first three terms need one visit a distinct frequency or age. The last has a visit a row,
//! but its logarithms are those of distinct times, looked up; the derivatives of s by a and b are
//! the same for all rows of one frequency.

use super::kernel::Kernel;
use crate::drop_out::{add_coins, ln_last_coin, ln_of_coins};
use crate::histories::{Group, Row};
use crate::purchase_rate::{add_counts, add_waits, ln_purchases};
use crate::special::vector;
use crate::{Histories, models::Derivatives};
use crm_numbers::parallel;

/// Rows summed by one task.
const ROWS_PER_TASK: usize = 1 << 12;

/// Rows summed side by side, so that their logarithms and exponentials are vector instructions.
const LANES: usize = 8;

/// Numbers of the parameters.
const R: usize = 0;
const ALPHA: usize = 1;
const A: usize = 2;
const B: usize = 3;
const PURCHASE: (usize, usize) = (R, ALPHA);

/// The log-likelihood alone.
#[allow(clippy::indexing_slicing, reason = "a row's times are numbers in the lists of its histories")]
pub(super) fn value(kernel: &Kernel, data: &Histories) -> f64 {
    // ln((alpha + t) / alpha).
    let ln = |times: &[f64]| times.iter().map(|time| vector::ln_1p(time / kernel.alpha)).collect::<Vec<_>>();
    let (ages, recencies) = (ln(data.ages()), ln(data.recencies()));
    let coins = (kernel.a, kernel.b);
    let repeated = data.groups().iter().filter(|group| group.frequency > 0.0);
    let kept: f64 = repeated.map(|group| group.customers * ln_of_coins(coins, group.frequency)).sum();
    let pieces = data.pieces(ROWS_PER_TASK).filter(|(group, _)| group.frequency > 0.0 || kernel.tossed);
    let dead = parallel::map(pieces.collect(), |(group, rows): (&Group, &[Row])| {
        let (ln_coin, shape) = (ln_last_coin(coins, group.frequency), kernel.r + group.frequency);
        let mut sum = 0.0;
        for rows in rows.chunks(LANES) {
            let mut values = [0.0; LANES];
            for (row, value) in rows.iter().zip(&mut values) {
                *value = ln_coin + shape * (ages[row.age as usize] - recencies[row.recency as usize]);
            }
            vector::softplus(&mut values);
            sum += rows.iter().zip(&values).map(|(row, value)| row.customers * value).sum::<f64>();
        }
        sum
    });
    ln_purchases(data, (kernel.r, kernel.alpha)) + kept + dead.into_iter().sum::<f64>()
}

pub(super) fn derivatives(kernel: &Kernel, data: &Histories) -> Derivatives {
    let mut sums = Derivatives::zero(4);
    add_waits(data, PURCHASE, (kernel.r, kernel.alpha), true, &mut sums);
    add_counts(data, PURCHASE, kernel.r, &mut sums);
    let times = Times {
        ages: data.ages().iter().map(|age| Time::new(kernel.alpha, *age)).collect(),
        recencies: data.recencies().iter().map(|recency| Time::new(kernel.alpha, *recency)).collect(),
    };
    for group in data.groups().iter().filter(|group| group.frequency > 0.0) {
        add_coins(group.customers, (kernel.a, kernel.b), group.frequency, &mut sums);
    }
    let tasks: Vec<(&Group, &[Row])> =
        data.pieces(ROWS_PER_TASK).filter(|(group, _)| group.frequency > 0.0 || kernel.tossed).collect();
    let groups: Vec<&Group> = tasks.iter().map(|task| task.0).collect();
    let dead = parallel::map(tasks, |(group, rows)| DeadSums::of(kernel, group.frequency, rows, &times));
    for (group, dead) in groups.into_iter().zip(dead) {
        dead.add_to(&mut sums, kernel, group.frequency);
    }
    sums
}

/// Terms of the likelihood at one point in time.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// ln((alpha + t) / alpha).
    ln: f64,
    inverse: f64,
}

impl Time {
    fn new(alpha: f64, time: f64) -> Self {
        Time { ln: vector::ln_1p(time / alpha), inverse: 1.0 / (alpha + time) }
    }
}

struct Times {
    ages: Vec<Time>,
    recencies: Vec<Time>,
}

/// Sums of ln(1 + e^s) and of what its derivatives are made of. With `p` the probability that a
/// customer has dropped out, `q = p (1 - p)`, `u` the derivative of s by r and `v` that by alpha
/// over (r + x):
#[derive(Debug, Clone, Copy, Default)]
struct DeadSums {
    value: f64,
    p: f64,
    pu: f64,
    pv: f64,
    /// p times the second derivative of s by alpha, over -(r + x).
    pvv: f64,
    q: f64,
    qu: f64,
    qv: f64,
    quu: f64,
    quv: f64,
    qvv: f64,
}

impl DeadSums {
    #[allow(clippy::indexing_slicing, reason = "a row's times are numbers in the lists of its histories")]
    fn of(kernel: &Kernel, x: f64, rows: &[Row], times: &Times) -> Self {
        let (ln_coin, shape) = (ln_last_coin((kernel.a, kernel.b), x), kernel.r + x);
        let mut sums = DeadSums::default();
        for rows in rows.chunks(LANES) {
            let mut values = [0.0; LANES];
            for (row, s) in rows.iter().zip(&mut values) {
                let (age, recency) = (times.ages[row.age as usize], times.recencies[row.recency as usize]);
                *s = ln_coin + shape * (age.ln - recency.ln);
            }
            let signs = values;
            let smalls = vector::softplus(&mut values);
            for (((row, small), value), s) in rows.iter().zip(&smalls).zip(&values).zip(&signs) {
                let (age, recency) = (times.ages[row.age as usize], times.recencies[row.recency as usize]);
                let u = age.ln - recency.ln;
                let v = age.inverse - recency.inverse;
                let vv = v * (age.inverse + recency.inverse);
                let inverse = 1.0 / (1.0 + small);
                let p = if *s > 0.0 { inverse } else { small * inverse };
                let (n, np) = (row.customers, row.customers * p);
                let nq = n * small * inverse * inverse;
                sums.value += n * value;
                sums.p += np;
                sums.pu += np * u;
                sums.pv += np * v;
                sums.pvv += np * vv;
                sums.q += nq;
                sums.qu += nq * u;
                sums.qv += nq * v;
                sums.quu += nq * u * u;
                sums.quv += nq * u * v;
                sums.qvv += nq * v * v;
            }
        }
        sums
    }

    fn add_to(&self, sums: &mut Derivatives, kernel: &Kernel, x: f64) {
        let shape = kernel.r + x;
        // Derivatives of s by a and by b.
        let (by_a, by_b) = (1.0 / kernel.a, -1.0 / (kernel.b + x - 1.0));
        sums.ln_likelihood += self.value;
        sums.add_gradient(R, self.pu);
        sums.add_gradient(ALPHA, shape * self.pv);
        sums.add_gradient(A, self.p * by_a);
        sums.add_gradient(B, self.p * by_b);
        sums.add_hessian(R, R, self.quu);
        sums.add_hessian(R, ALPHA, shape * self.quv + self.pv);
        sums.add_hessian(R, A, self.qu * by_a);
        sums.add_hessian(R, B, self.qu * by_b);
        sums.add_hessian(ALPHA, ALPHA, shape * (shape * self.qvv - self.pvv));
        sums.add_hessian(ALPHA, A, shape * self.qv * by_a);
        sums.add_hessian(ALPHA, B, shape * self.qv * by_b);
        sums.add_hessian(A, A, (self.q - self.p) * by_a * by_a);
        sums.add_hessian(A, B, self.q * by_a * by_b);
        sums.add_hessian(B, B, (self.q + self.p) * by_b * by_b);
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::derivative_check::{check, ln_gamma};
    use crate::{Histories, History, models::BetaGeometric};

    /// The likelihood as the papers write it, with beta functions and powers.
    fn as_published(theta: &[HyperDual64], tossed: bool, rows: &[(History, u32)]) -> HyperDual64 {
        let [r, alpha, a, b] = <[HyperDual64; 4]>::try_from(theta).unwrap();
        let ln_beta = |a: HyperDual64, b: HyperDual64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let mut sum = HyperDual64::from(0.0);
        for (history, customers) in rows {
            let x = f64::from(history.frequency());
            let rate = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln();
            // Coins that kept the customer: one a repeat purchase, and one for the first where it
            // is tossed.
            let coins = if tossed { x + 1.0 } else { x };
            let alive = ln_beta(a, b + coins) - ln_beta(a, b) + rate - (r + x) * (alpha + history.age()).ln();
            let mut likelihood = alive.exp();
            if coins > 0.0 {
                let dead = ln_beta(a + 1.0, b + coins - 1.0) - ln_beta(a, b) + rate
                    - (r + x) * (alpha + history.recency()).ln();
                likelihood += dead.exp();
            }
            sum += likelihood.ln() * f64::from(*customers);
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
        for (r, alpha, a, b) in [
            (0.243, 4.414, 0.793, 2.426),
            (2.0, 0.3, 0.05, 9.0),
            (0.01, 300.0, 12.0, 0.2),
            (30.0, 25.0, 1.0, 1.0),
        ] {
            let bg = BetaGeometric::<false>::new(r, alpha, a, b).unwrap();
            check(&bg, &data, |theta| as_published(theta, false, &rows));
            let mbg = BetaGeometric::<true>::new(r, alpha, a, b).unwrap();
            check(&mbg, &data, |theta| as_published(theta, true, &rows));
        }
    }

    #[test]
    fn a_weighted_sum_equals_the_rows_one_by_one() {
        use crate::PurchaseModel;

        let model = BetaGeometric::<true>::new(0.5, 6.0, 0.9, 1.6).unwrap();
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
        assert!((model.ln_likelihood(&data) / one_by_one - 1.0).abs() < 1e-13);
    }
}

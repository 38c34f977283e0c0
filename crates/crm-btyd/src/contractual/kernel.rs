//! Survival under a contract, S(t) = B(alpha, beta + t^c) / B(alpha, beta), with derivatives.

use super::renewals::Renewals;
use crate::models::Derivatives;
use crate::special::gamma::{digamma_difference, ln_gamma_ratio, trigamma, trigamma_difference};
use crate::special::quadrature::LONG;
use crate::special::sums::sum_of_terms;

/// alpha, beta and c.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) c: f64,
}

impl Kernel {
    /// t^c.
    fn exposure(&self, renewals: u32) -> f64 {
        f64::from(renewals).powf(self.c).min(f64::MAX)
    }

    /// ln S(t).
    pub(super) fn ln_survival(&self, renewals: u32) -> f64 {
        self.ln_kept(self.beta, self.exposure(renewals))
    }

    /// Σ over the renewals to come, up to `most` of them (which may be infinite), of the
    /// probability that a customer who has renewed `renewed` times makes each, less by a factor
    /// e^-rate for each one later than the next.
    pub(super) fn renewals_to_come(&self, renewed: u32, most: f64, rate: f64) -> f64 {
        let so_far = self.ln_survival(renewed);
        let ln_term = |later: f64| {
            let exposure = (f64::from(renewed) + later).powf(self.c).min(f64::MAX);
            (self.ln_kept(self.beta, exposure) - so_far).min(0.0) - rate * (later - 1.0)
        };
        sum_of_terms(ln_term, most, self.c.max(1.0))
    }

    /// ln of the probability to live through a further exposure, where beta has become `beta`:
    /// Γ(beta + d) / Γ(beta) over the same with alpha + beta. The two differences of ln Γ may be
    /// taken either way round; that with the shorter ones cancels less.
    fn ln_kept(&self, beta: f64, d: f64) -> f64 {
        if self.alpha < d {
            ln_gamma_ratio(beta, self.alpha) - ln_gamma_ratio(beta + d, self.alpha)
        } else {
            ln_gamma_ratio(beta, d) - ln_gamma_ratio(beta + self.alpha, d)
        }
    }

    /// The same where it may be as small as alpha or the exposure: -∫ (ψ(beta + v + more) - ψ(beta
    /// + v)) dv over 0 ..= less, the one and the other.
    fn ln_kept_precisely(&self, beta: f64, d: f64) -> f64 {
        let (less, more) = (self.alpha.min(d), self.alpha.max(d));
        if less > beta {
            // Neither is small beside beta, and no digit is lost.
            return self.ln_kept(beta, d);
        }
        -less * LONG.sum(|share| digamma_difference(beta + less * share, more))
    }

    /// Derivative by beta of ln of the probability to live through a further exposure, of which the
    /// same holds.
    fn kept_by_beta(&self, beta: f64, d: f64) -> f64 {
        let (less, more) = (self.alpha.min(d), self.alpha.max(d));
        if less > beta {
            return digamma_difference(beta, d) - digamma_difference(beta + self.alpha, d);
        }
        -less * LONG.sum(|share| trigamma_difference(beta + less * share, more))
    }

    /// ln of the share that stays at a renewal, from 1 on.
    pub(super) fn ln_retention(&self, renewal: u32) -> f64 {
        let before = renewal.saturating_sub(1);
        if before == 0 {
            return self.ln_kept_precisely(self.beta, self.exposure(renewal));
        }
        self.ln_kept_precisely(self.beta + self.exposure(before), self.further(before))
    }

    /// How far the exposure grows from one renewal to the next: (t + 1)^c - t^c.
    fn further(&self, before: u32) -> f64 {
        let share = if before == 0 { 1.0 } else { (self.c * (1.0 / f64::from(before)).ln_1p()).exp_m1() };
        (self.exposure(before).max(f64::from(u8::from(before == 0))) * share).min(f64::MAX)
    }

    /// Derivatives of -ln of the share that stays at the renewal after `before`: differences of
    /// those of ln S(t), as far as possible without their cancellation where hardly anybody leaves.
    #[allow(clippy::indexing_slicing, reason = "indices are those of three parameters")]
    fn fall(&self, before: u32) -> Survival {
        let Kernel { alpha, beta, .. } = *self;
        let (start, d) = (if before == 0 { 0.0 } else { self.exposure(before) }, self.further(before));
        let of_both = digamma_difference(alpha + beta + start, d);
        let (of_both_twice, of_beta_twice) =
            (trigamma_difference(alpha + beta + start, d), trigamma_difference(beta + start, d));
        let (here, there) = (self.survival(before), self.survival(before + 1));
        let change = |i: usize, j: usize| here.hessian[i][j] - there.hessian[i][j];
        let by_c = here.gradient[2] - there.gradient[2];
        Survival {
            gradient: [of_both, -self.kept_by_beta(beta + start, d), by_c],
            hessian: [
                [of_both_twice, of_both_twice, change(0, 2)],
                [0.0, of_both_twice - of_beta_twice, change(1, 2)],
                [0.0, 0.0, change(2, 2)],
            ],
        }
    }

    /// ln S(t) with its derivatives by alpha, beta and c.
    fn survival(&self, renewals: u32) -> Survival {
        let Kernel { alpha, beta, .. } = *self;
        if renewals == 0 {
            return Survival::default();
        }
        let (t, ln_t) = (self.exposure(renewals), f64::from(renewals).ln());
        let of_both = digamma_difference(alpha + beta, t);
        let (of_both_twice, of_beta_twice) =
            (trigamma_difference(alpha + beta, t), trigamma_difference(beta, t));
        // By the exposure t^c, whose derivatives by c are t^c ln t and t^c (ln t)^2.
        let by_t = -digamma_difference(beta + t, alpha);
        let by_t_twice = -trigamma_difference(beta + t, alpha);
        let (slope, bend) = (t * ln_t, t * ln_t * ln_t);
        Survival {
            gradient: [-of_both, self.kept_by_beta(beta, t), by_t * slope],
            hessian: [
                [-of_both_twice, -of_both_twice, -trigamma(alpha + beta + t) * slope],
                [0.0, of_beta_twice - of_both_twice, by_t_twice * slope],
                [0.0, 0.0, by_t_twice * slope * slope + by_t * bend],
            ],
        }
    }

    /// ln of the likelihood: S(t) of who was kept, S(t - 1) - S(t) of who was lost.
    pub(super) fn ln_likelihood(&self, data: &Renewals) -> f64 {
        (0..)
            .zip(data.periods())
            .map(|(renewal, period)| {
                let mut sum = 0.0;
                if period.kept > 0 {
                    sum += period.kept as f64 * self.ln_survival(renewal);
                }
                if period.lost > 0 {
                    let ln_lost = (-self.ln_retention(renewal).exp_m1()).ln();
                    sum += period.lost as f64 * (self.ln_survival(renewal - 1) + ln_lost);
                }
                sum
            })
            .sum()
    }

    /// The same with derivatives by as many of alpha, beta and c as the model has.
    #[allow(clippy::indexing_slicing, reason = "i and j run below the number of parameters, 3 at most")]
    pub(super) fn derivatives(&self, data: &Renewals, parameters: usize) -> Derivatives {
        let mut sums = Derivatives::zero(parameters);
        sums.ln_likelihood = self.ln_likelihood(data);
        let mut before = Survival::default();
        for (renewal, period) in (0..).zip(data.periods()) {
            let here = self.survival(renewal);
            let (lost, kept) = (period.lost as f64, period.kept as f64);
            // ln(S0 - S1) = ln S0 + ln(1 - e^-D), D = ln S0 - ln S1; the slope of the latter by D
            // is k, and that of k is -k (1 + k).
            let k = if renewal > 0 { 1.0 / (-self.ln_retention(renewal)).exp_m1() } else { 0.0 };
            let falls = if renewal > 0 { self.fall(renewal - 1) } else { Survival::default() };
            for i in 0..parameters {
                let fall = falls.gradient[i];
                sums.add_gradient(i, kept * here.gradient[i] + lost * (before.gradient[i] + k * fall));
                for j in i..parameters {
                    let (other, bend) = (falls.gradient[j], falls.hessian[i][j]);
                    let of_lost = before.hessian[i][j] + k * bend - k * (1.0 + k) * fall * other;
                    sums.add_hessian(i, j, kept * here.hessian[i][j] + lost * of_lost);
                }
            }
            before = here;
        }
        sums
    }
}

/// Derivatives of ln S(t); of the Hessian what is on the diagonal and above.
#[derive(Debug, Clone, Copy, Default)]
struct Survival {
    gradient: [f64; 3],
    hessian: [[f64; 3]; 3],
}

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use crate::contractual::{BetaDiscreteWeibull, Renewals, ShiftedBetaGeometric};
    use crate::derivative_check::{check, ln_gamma};

    const COHORTS: [&[u32]; 3] = [&[1_000, 631, 468, 382, 326], &[500, 320, 320], &[70]];

    /// ln of the likelihood from survival as the papers write it.
    fn as_published(alpha: HyperDual64, beta: HyperDual64, c: HyperDual64) -> HyperDual64 {
        let ln_beta = |a: HyperDual64, b: HyperDual64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let survival = |renewal: usize| {
            if renewal == 0 {
                return HyperDual64::from(1.0);
            }
            let exposure = (c * (renewal as f64).ln()).exp();
            (ln_beta(alpha, beta + exposure) - ln_beta(alpha, beta)).exp()
        };
        let mut sum = HyperDual64::from(0.0);
        for cohort in COHORTS {
            for (renewal, pair) in cohort.windows(2).enumerate().filter(|(_, pair)| pair[0] > pair[1]) {
                sum += (survival(renewal) - survival(renewal + 1)).ln() * f64::from(pair[0] - pair[1]);
            }
            sum += survival(cohort.len() - 1).ln() * f64::from(*cohort.last().unwrap());
        }
        sum
    }

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        let data = Renewals::from_cohorts(&COHORTS).unwrap();
        for (alpha, beta) in [(0.7, 1.2), (0.05, 9.0), (40.0, 60.0)] {
            let sbg = ShiftedBetaGeometric::new(alpha, beta).unwrap();
            check(&sbg, &data, |theta| as_published(theta[0], theta[1], HyperDual64::from(1.0)));
            for c in [0.6, 1.0, 1.7] {
                let bdw = BetaDiscreteWeibull::new(alpha, beta, c).unwrap();
                check(&bdw, &data, |theta| as_published(theta[0], theta[1], theta[2]));
            }
        }
    }
}

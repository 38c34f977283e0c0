use super::histories::DiscreteHistory;
use crate::special::gamma::ln_gamma_ratio;
use crate::special::hyp2f1::{Argument, ln_hyp2f1};
use crate::special::sums::sum_of_terms;

/// Opportunities up to which sums are taken step by step.
const FEW: u32 = 2_000;

/// The four parameters, for one history at a time; or, after a history, of a customer who is alive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) delta: f64,
}

impl Kernel {
    /// ln of the probability of one history with its purchases in one given order, and the
    /// probability that a customer who has it was alive at the last opportunity.
    pub(super) fn ln_likelihood_and_alive(&self, history: &DiscreteHistory) -> (f64, f64) {
        let (x, t) = (f64::from(history.frequency()), f64::from(history.recency()));
        let common = ln_gamma_ratio(self.alpha, x) + ln_gamma_ratio(self.beta, t - x)
            - ln_gamma_ratio(self.alpha + self.beta, t)
            + ln_gamma_ratio(self.delta, t)
            - ln_gamma_ratio(self.gamma + self.delta, t);
        let (not, any) = (self.beta + t - x, self.alpha + self.beta + t);
        let (lives, all) = (self.delta + t, self.gamma + self.delta + t);
        let (mut lived, mut died) = (1.0, 0.0);
        for j in 0..history.opportunities() - history.recency() {
            let j = f64::from(j);
            died += lived * self.gamma / (all + j);
            lived *= (not + j) / (any + j) * ((lives + j) / (all + j));
        }
        (common + (lived + died).ln(), lived / (lived + died))
    }

    /// The belief about both probabilities if the customer was alive at the last opportunity.
    pub(super) fn posterior(&self, history: &DiscreteHistory) -> Kernel {
        let (x, n) = (f64::from(history.frequency()), f64::from(history.opportunities()));
        Kernel { alpha: self.alpha + x, beta: self.beta + n - x, gamma: self.gamma, delta: self.delta + n }
    }

    /// Probability to be alive at the `count`-th opportunity from now: (delta)_count / (gamma +
    /// delta)_count.
    pub(super) fn survival(&self, count: u32) -> f64 {
        let count = f64::from(count);
        (ln_gamma_ratio(self.delta, count) - ln_gamma_ratio(self.gamma + self.delta, count)).exp()
    }

    /// Mean probability to buy when alive.
    pub(super) fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Expected purchases at so many opportunities, each worth the factor e^-rate of the one
    /// before: the first is worth that.
    pub(super) fn purchases(&self, count: u32, rate: f64) -> f64 {
        if count > FEW {
            let all = self.gamma + self.delta;
            let ln_worth = |j: f64| ln_gamma_ratio(self.delta, j) - ln_gamma_ratio(all, j) - rate * j;
            return self.mean() * sum_of_terms(ln_worth, count.into(), 1.0);
        }
        let kept = (-rate).exp();
        let (mut worth, mut sum) = (1.0, 0.0);
        for j in 0..count {
            let j = f64::from(j);
            worth *= kept * (self.delta + j) / (self.gamma + self.delta + j);
            sum += worth;
            // A discounted term is at most `kept` times the one before it.
            if kept < 1.0 && worth * kept <= 1e-17 * sum * (1.0 - kept) {
                break;
            }
        }
        self.mean() * sum
    }

    /// The same without end: Σ_(j >= 1) kept^j (delta)_j / (gamma + delta)_j, where a period costs
    /// the factor e^-rate.
    pub(super) fn purchases_for_ever(&self, rate: f64) -> f64 {
        let all = self.gamma + self.delta;
        let ln_f = ln_hyp2f1(1.0, self.delta + 1.0, all + 1.0, Argument::ratio(1.0, rate.exp_m1()));
        self.mean() * (ln_f - rate).exp() * self.delta / all
    }

    /// Probability of exactly k purchases at so many opportunities: k of all of them, or k of those
    /// before death.
    pub(super) fn pmf(&self, count: u32, k: u32) -> f64 {
        if k > count {
            return 0.0;
        }
        let (both, all, k_) = (self.alpha + self.beta, self.gamma + self.delta, f64::from(k));
        // ln of the probability of k purchases at k opportunities, and to live through them.
        let mut ln_bought = ln_gamma_ratio(self.alpha, k_) - ln_gamma_ratio(both, k_);
        let mut ln_lived = ln_gamma_ratio(self.delta, k_) - ln_gamma_ratio(all, k_);
        let mut sum = 0.0;
        for i in k..count {
            let j = f64::from(i);
            sum += (ln_bought + ln_lived).exp() * self.gamma / (all + j);
            ln_bought += ((j + 1.0) / (j + 1.0 - k_) * (self.beta + j - k_) / (both + j)).ln();
            ln_lived -= (self.gamma / (self.delta + j)).ln_1p();
        }
        (sum + (ln_bought + ln_lived).exp()).min(1.0)
    }

    /// Probability of a purchase at one of so many opportunities at least: Σ of the probabilities
    /// that the first comes at each.
    pub(super) fn p_any(&self, count: u32) -> f64 {
        let (both, all) = (self.alpha + self.beta, self.gamma + self.delta);
        if count > FEW {
            let ln_first = |j: f64| {
                let silent = ln_gamma_ratio(self.beta, j - 1.0) - ln_gamma_ratio(both, j - 1.0);
                let alive = ln_gamma_ratio(self.delta, j) - ln_gamma_ratio(all, j);
                silent + alive + (self.alpha / (both + j - 1.0)).ln()
            };
            return sum_of_terms(ln_first, count.into(), 1.0).min(1.0);
        }
        // Alive and nothing bought so far.
        let (mut silent, mut sum) = (1.0, 0.0);
        for j in 0..count {
            let j = f64::from(j);
            let alive = silent * (self.delta + j) / (all + j);
            sum += alive * self.alpha / (both + j);
            silent = alive * (self.beta + j) / (both + j);
        }
        sum.min(1.0)
    }
}

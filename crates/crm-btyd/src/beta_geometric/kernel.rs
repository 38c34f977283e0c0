use super::posterior::Posterior;
use crate::History;
use crate::drop_out::{ln_last_coin, ln_of_coins};
use crate::special::gamma::ln_gamma_ratio;
use crate::special::{one_over_one_plus_exp, softplus};

/// A BG/NBD whose term for customers who have dropped out is on for everyone (`tossed`), or for repeat buyers only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) tossed: bool,
}

impl Kernel {
    /// ln of the odds that the customer has dropped out: a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x).
    pub(super) fn ln_odds_dead(&self, history: &History) -> f64 {
        if history.frequency() == 0 && !self.tossed {
            return f64::NEG_INFINITY;
        }
        let x = f64::from(history.frequency());
        let silence = (history.age() - history.recency()) / (self.alpha + history.recency());
        ln_last_coin((self.a, self.b), x) + (self.r + x) * silence.ln_1p()
    }

    pub(super) fn p_alive(&self, history: &History) -> f64 {
        one_over_one_plus_exp(self.ln_odds_dead(history))
    }

    pub(super) fn p_dead(&self, history: &History) -> f64 {
        one_over_one_plus_exp(-self.ln_odds_dead(history))
    }

    /// The likelihood without the toss after the first purchase.
    pub(super) fn ln_likelihood(&self, history: &History) -> f64 {
        let x = f64::from(history.frequency());
        ln_gamma_ratio(self.r, x) + ln_of_coins((self.a, self.b), x)
            - self.r * (history.age() / self.alpha).ln_1p()
            - x * (self.alpha + history.age()).ln()
            + softplus(self.ln_odds_dead(history))
    }

    /// What is known of rate and coin if the customer is alive.
    pub(super) fn posterior(&self, history: &History) -> Posterior {
        self.posterior_at(f64::from(history.frequency()), history.age())
    }

    /// The same by frequency and age: when the purchases came no longer matters.
    pub(super) fn posterior_at(&self, x: f64, age: f64) -> Posterior {
        Posterior { shape: self.r + x, rate: self.alpha + age, a: self.a, b: self.b + x }
    }
}

use super::batch;
use super::posterior::Posterior;
use crate::History;
use crate::drop_out::{ln_last_coin, ln_of_coins};
use crate::special::gamma::ln_gamma_ratio;
use crate::special::softplus;
use crate::story::{self, Kernel as _};

/// A BG/NBD whose term for customers who have dropped out is on for everyone (`tossed`), or for
/// repeat buyers only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) tossed: bool,
}

impl Kernel {
    /// The likelihood without the toss after the first purchase.
    pub(super) fn ln_likelihood(&self, history: &History) -> f64 {
        let x = f64::from(history.frequency());
        ln_gamma_ratio(self.r, x) + ln_of_coins((self.a, self.b), x)
            - self.r * (history.age() / self.alpha).ln_1p()
            - x * (self.alpha + history.age()).ln()
            + softplus(self.ln_odds_dead(history))
    }

    /// The belief by frequency and age: the times of the purchases no longer matter.
    pub(super) fn posterior_at(&self, x: f64, age: f64) -> Posterior {
        Posterior { shape: self.r + x, rate: self.alpha + age, a: self.a, b: self.b + x }
    }
}

impl story::Kernel for Kernel {
    type Belief = Posterior;

    /// ln of the odds that the customer has dropped out: a / (b + x - 1) ((alpha + T) / (alpha +
    /// t_x))^(r + x).
    fn ln_odds_dead(&self, history: &History) -> f64 {
        if history.frequency() == 0 && !self.tossed {
            return f64::NEG_INFINITY;
        }
        let x = f64::from(history.frequency());
        let silence = (history.age() - history.recency()) / (self.alpha + history.recency());
        ln_last_coin((self.a, self.b), x) + (self.r + x) * silence.ln_1p()
    }

    /// The belief about rate and coin of an active customer.
    fn belief(&self, history: &History) -> Posterior {
        self.posterior_at(f64::from(history.frequency()), history.age())
    }

    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) {
        batch::p_alive(self, histories, into);
    }

    fn p_alive_times(
        &self,
        histories: &[History],
        into: &mut [f64],
        purchases: impl Fn(&Posterior) -> f64 + Sync + Send,
    ) {
        batch::p_alive_times(self, histories, into, purchases);
    }
}

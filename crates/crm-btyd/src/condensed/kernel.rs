use super::posterior::Posterior;
use super::wait::{Elapsed, STAGES, Wait};
use crate::History;
use crate::drop_out::{ln_last_coin, ln_of_coins};
use crate::special::gamma::{ln_gamma, ln_gamma_ratio};
use crate::special::softplus;
use crate::story::{self, Kernel as _};

/// A BG/CNBD-k whose term for customers who have dropped out is on for everyone (`tossed`), or for
/// repeat buyers only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    /// Stages between two purchases, at most as many as [`STAGES`].
    pub(super) k: u32,
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) tossed: bool,
}

impl Kernel {
    pub(super) const MOST_STAGES: u32 = STAGES as u32;

    /// The wait for the purchase after the last one seen, at its end so far.
    pub(super) fn wait(&self, history: &History) -> Wait {
        Wait {
            k: self.k,
            shape: self.shape(f64::from(history.frequency())),
            rate: self.alpha + history.recency(),
            silence: history.age() - history.recency(),
        }
    }

    /// Shape of the rate after x purchases, each of k stages.
    pub(super) fn shape(&self, x: f64) -> f64 {
        self.r + f64::from(self.k) * x
    }

    /// The likelihood without the toss after the first purchase, and without the gaps between
    /// purchases.
    pub(super) fn ln_likelihood(&self, history: &History) -> f64 {
        let x = f64::from(history.frequency());
        let stages = f64::from(self.k) * x;
        ln_gamma_ratio(self.r, stages) + ln_of_coins((self.a, self.b), x)
            - x * ln_gamma(f64::from(self.k))
            - self.r * (history.recency() / self.alpha).ln_1p()
            - stages * (self.alpha + history.recency()).ln()
            + self.wait(history).ln_silent()
            + softplus(self.ln_odds_dead(history))
    }
}

impl story::Kernel for Kernel {
    type Belief = Posterior;

    /// ln of the odds that the customer has dropped out: the last coin's, over the probability of
    /// such a silence of a living one.
    fn ln_odds_dead(&self, history: &History) -> f64 {
        if history.frequency() == 0 && !self.tossed {
            return f64::NEG_INFINITY;
        }
        ln_last_coin((self.a, self.b), f64::from(history.frequency())) - self.wait(history).ln_silent()
    }

    /// The belief about rate, coin and elapsed stages of an active customer.
    fn belief(&self, history: &History) -> Posterior {
        let wait = self.wait(history);
        let x = f64::from(history.frequency());
        let Elapsed { weights, .. } = wait.elapsed();
        Posterior { wait, weights, rate: self.alpha + history.age(), a: self.a, b: self.b + x }
    }
}

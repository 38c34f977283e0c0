use super::batch;
use super::posterior::Posterior;
use crate::History;
use crate::race::{Lomax, Race};
use crate::special::gamma::ln_gamma_ratio;
use crate::special::softplus;
use crate::special::walk::Precision;
use crate::story::{self, Kernel as _};

/// The four parameters, for one history at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) s: f64,
    pub(super) beta: f64,
    /// That of the odds.
    pub(super) precision: Precision,
}

impl Kernel {
    /// From the last purchase on, death and the next purchase are in a race. Silence says that the
    /// purchase has not come: either death came first, or neither came yet.
    pub(super) fn race(&self, x: f64, recency: f64) -> Race {
        Race {
            first: Lomax { shape: self.s, rate: self.beta + recency },
            other: Lomax { shape: self.r + x, rate: self.alpha + recency },
        }
    }

    pub(super) fn ln_likelihood(&self, history: &History) -> f64 {
        let (x, age) = (f64::from(history.frequency()), history.age());
        ln_gamma_ratio(self.r, x)
            - self.r * (age / self.alpha).ln_1p()
            - x * (self.alpha + age).ln()
            - self.s * (age / self.beta).ln_1p()
            + softplus(self.ln_odds_dead(history))
    }

    /// The belief by frequency and age: the times of the purchases no longer matter.
    pub(super) fn posterior_at(&self, x: f64, age: f64) -> Posterior {
        Posterior {
            purchase: Lomax { shape: self.r + x, rate: self.alpha + age },
            death: Lomax { shape: self.s, rate: self.beta + age },
        }
    }
}

impl story::Kernel for Kernel {
    type Belief = Posterior;

    /// ln of the odds that the customer is dead: P(death came first) / P(neither came).
    fn ln_odds_dead(&self, history: &History) -> f64 {
        let silence = history.age() - history.recency();
        if silence <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let race = self.race(f64::from(history.frequency()), history.recency());
        race.p_first_to(self.precision, silence).ln()
            + race.first.ln_over(silence)
            + race.other.ln_over(silence)
    }

    /// The belief about both rates of an active customer.
    fn belief(&self, history: &History) -> Posterior {
        self.posterior_at(f64::from(history.frequency()), history.age())
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

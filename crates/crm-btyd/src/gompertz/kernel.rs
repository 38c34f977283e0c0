use super::batch;
use super::life::{Integrand, Life};
use super::posterior::Posterior;
use crate::History;
use crate::race::Lomax;
use crate::special::gamma::ln_gamma_ratio;
use crate::special::walk::Precision;
use crate::story::{self};

/// The five parameters, for one history at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) life: Life,
    /// That of the odds.
    pub(super) precision: Precision,
}

impl Kernel {
    /// From the last purchase on, death and the next purchase are in a race.
    pub(super) fn race(&self, x: f64, recency: f64) -> (Life, Lomax) {
        (self.life.aged(recency), Lomax { shape: self.r + x, rate: self.alpha + recency })
    }

    /// ln P(death came first) and ln P(neither came) in the silence.
    fn ln_silences(&self, history: &History) -> (f64, f64) {
        let silence = history.age() - history.recency();
        if silence <= 0.0 {
            return (f64::NEG_INFINITY, 0.0);
        }
        let (life, purchase) = self.race(f64::from(history.frequency()), history.recency());
        let died = Integrand::death_first(life, purchase).to(self.precision).integral(silence);
        (died.ln().min(0.0), -life.ln_over(silence) - purchase.ln_over(silence))
    }

    /// The purchases up to the last one, of somebody alive then, and the silence since.
    pub(super) fn ln_likelihood(&self, history: &History) -> f64 {
        let (x, recency) = (f64::from(history.frequency()), history.recency());
        let (ln_died, ln_neither) = self.ln_silences(history);
        let (more, less) = (ln_died.max(ln_neither), ln_died.min(ln_neither));
        ln_gamma_ratio(self.r, x)
            - self.r * (recency / self.alpha).ln_1p()
            - x * (self.alpha + recency).ln()
            - self.life.ln_over(recency)
            + more
            + (less - more).exp().ln_1p()
    }
}

impl story::Kernel for Kernel {
    type Belief = Posterior;

    fn ln_odds_dead(&self, history: &History) -> f64 {
        let (ln_died, ln_neither) = self.ln_silences(history);
        ln_died - ln_neither
    }

    /// The belief about both rates of an active customer.
    fn belief(&self, history: &History) -> Posterior {
        let purchase =
            Lomax { shape: self.r + f64::from(history.frequency()), rate: self.alpha + history.age() };
        Posterior { purchase, life: self.life.aged(history.age()) }
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

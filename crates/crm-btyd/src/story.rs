//! The story of a model of repeat purchases: everything that a prediction needs, stated once per
//! model.
//!
//! A model has a [`Kernel`], its parameters in the form in which they are computed with. The kernel
//! says how likely a customer with a history has dropped out, and what is believed about a customer
//! who has not: a [`Belief`], from which every answer follows.

use std::fmt::Debug;

use crate::next_purchase::Wait;
use crate::special::one_over_one_plus_exp;
use crate::{History, memory};

/// A model that tells the story of one customer.
pub(crate) trait Story: Copy + Debug + PartialEq + Send + Sync {
    type Kernel: Kernel;

    fn kernel(&self) -> Self::Kernel;
}

/// The parameters of a model, ready for computation.
pub(crate) trait Kernel: Copy + Send + Sync {
    type Belief: Belief;

    /// ln of the odds that the customer has dropped out.
    fn ln_odds_dead(&self, history: &History) -> f64;

    /// The belief about the customer, given that they are active.
    fn belief(&self, history: &History) -> Self::Belief;

    fn p_alive(&self, history: &History) -> f64 {
        one_over_one_plus_exp(self.ln_odds_dead(history))
    }

    /// The probabilities to be active and to have dropped out.
    fn fate(&self, history: &History) -> (f64, f64) {
        let ln_odds = self.ln_odds_dead(history);
        (one_over_one_plus_exp(ln_odds), one_over_one_plus_exp(-ln_odds))
    }

    /// P(alive) of many customers.
    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) {
        memory::fill(histories, into, |history| self.p_alive(history));
    }

    /// P(alive) of many customers, times a number of purchases of an active one.
    fn p_alive_times(
        &self,
        histories: &[History],
        into: &mut [f64],
        purchases: impl Fn(&Self::Belief) -> f64 + Sync + Send,
    ) {
        memory::fill(histories, into, |history| self.p_alive(history) * purchases(&self.belief(history)));
    }
}

/// The belief about an active customer; `t` is a time from now on.
pub(crate) trait Belief: Copy + Send + Sync {
    /// Probability to be active after a time.
    fn survival(&self, t: f64) -> f64;

    /// Expected purchases within a time.
    fn purchases(&self, t: f64) -> f64;

    /// Probability of exactly n purchases within a time.
    fn pmf(&self, t: f64, n: u32) -> f64;

    /// Probability of at least n purchases within a time.
    fn p_at_least(&self, t: f64, n: u32) -> f64;

    /// E\[N\] and E\[N (N - 1)\] of the number of purchases within a time; `None` where it takes
    /// too many steps.
    fn moments(&self, t: f64) -> Option<(f64, f64)>;

    /// Expected purchases within a time, each weighted by exp(-rate t).
    fn discounted(&self, t: f64, rate: f64) -> f64;

    /// Expected purchases over all time, each weighted by exp(-rate t).
    fn for_ever(&self, rate: f64) -> f64;

    /// The wait for the next purchase.
    fn wait(&self) -> Wait;
}

//! Predictions for many customers.

use super::kernel::Kernel;
use super::posterior::Posterior;
use crate::special::chebyshev::Chebyshev;
use crate::story::Kernel as _;
use crate::{History, memory};

/// P(alive) times a number of purchases, which is in proportion to the rate of purchases, and of
/// which the rest depends on the age alone.
pub(super) fn p_alive_times(
    kernel: &Kernel,
    histories: &[History],
    into: &mut [f64],
    purchases: impl Fn(&Posterior) -> f64 + Sync + Send,
) {
    let quantity = |belief: &Posterior| purchases(belief) / belief.mean_rate();
    let curve = Curve::over(kernel, histories, &quantity);
    memory::fill(histories, into, |history| {
        let belief = kernel.belief(history);
        let of_age = curve.value(&belief).unwrap_or_else(|| quantity(&belief));
        kernel.p_alive(history) * belief.mean_rate() * of_age
    });
}

/// The logarithm of a quantity over ln beta of the aged life, where there are enough customers to
/// pay for it.
struct Curve(Option<Chebyshev>);

impl Curve {
    fn over(kernel: &Kernel, histories: &[History], quantity: &impl Fn(&Posterior) -> f64) -> Self {
        let (mut youngest, mut oldest) = (f64::INFINITY, 0.0_f64);
        for history in histories {
            youngest = youngest.min(history.age());
            oldest = oldest.max(history.age());
        }
        if histories.is_empty() {
            return Curve(None);
        }
        // The rate of purchases is not part of the quantity.
        let new = kernel.belief(&History::NEW);
        let beta = |age: f64| kernel.life.aged(age).beta;
        let ln_quantity = |v: f64| {
            let mut posterior = new;
            posterior.life.beta = v.exp();
            quantity(&posterior).ln()
        };
        let ends = (beta(youngest).ln(), beta(oldest).ln());
        Curve(Chebyshev::through(ln_quantity, ends, histories.len() / 2))
    }

    fn value(&self, posterior: &Posterior) -> Option<f64> {
        Some(self.0.as_ref()?.value(posterior.life.beta.ln()).exp())
    }
}

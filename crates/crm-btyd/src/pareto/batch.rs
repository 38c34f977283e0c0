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
        let of_age = curve.value(history.age()).unwrap_or_else(|| quantity(&belief));
        kernel.p_alive(history) * belief.mean_rate() * of_age
    });
}

/// The logarithm of a quantity over ln(beta + T), where there are enough customers to pay for it.
struct Curve {
    beta: f64,
    curve: Option<Chebyshev>,
}

impl Curve {
    fn over(kernel: &Kernel, histories: &[History], quantity: &impl Fn(&Posterior) -> f64) -> Self {
        let (mut youngest, mut oldest) = (f64::INFINITY, 0.0_f64);
        for history in histories {
            youngest = youngest.min(history.age());
            oldest = oldest.max(history.age());
        }
        let beta = kernel.beta;
        let ln_quantity = |v: f64| {
            let age = (v.exp() - beta).clamp(youngest, oldest);
            quantity(&kernel.posterior_at(0.0, age)).ln()
        };
        let ends = ((beta + youngest).ln(), (beta + oldest).ln());
        let curve =
            (!histories.is_empty()).then(|| Chebyshev::through(ln_quantity, ends, histories.len() / 2));
        Curve { beta, curve: curve.flatten() }
    }

    fn value(&self, age: f64) -> Option<f64> {
        Some(self.curve.as_ref()?.value((self.beta + age).ln()).exp())
    }
}

//! Predictions for many customers.

use std::collections::BTreeMap;

use super::kernel::Kernel;
use super::posterior::Posterior;
use crate::special::chebyshev::Chebyshev;
use crate::special::one_over_one_plus_exp;
use crate::{History, parallel};

/// Customers worked off by one task.
const PER_TASK: usize = 1 << 12;

pub(super) fn p_alive(kernel: &Kernel, histories: &[History], into: &mut [f64]) {
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        for (slot, history) in into.iter_mut().zip(histories) {
            *slot = one_over_one_plus_exp(kernel.ln_odds_dead(history));
        }
    });
}

/// P(alive) times a quantity that a living customer's frequency and age decide.
///
/// Frequencies repeat, and over ages such a quantity is smooth: where there are many customers of one frequency it is interpolated from few ages.
pub(super) fn p_alive_times(
    kernel: &Kernel,
    histories: &[History],
    into: &mut [f64],
    quantity: impl Fn(&Posterior) -> f64 + Sync,
) {
    let curves = Curves::over(kernel, histories, &quantity);
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        for (slot, history) in into.iter_mut().zip(histories) {
            let alive = kernel.p_alive(history);
            *slot = alive * curves.value(history).unwrap_or_else(|| quantity(&kernel.posterior(history)));
        }
    });
}

/// For frequencies that many customers share, the logarithm of a quantity over ln(alpha + T).
struct Curves {
    alpha: f64,
    by_frequency: Vec<Option<Chebyshev>>,
}

/// Frequencies from here on are too rare for a curve each.
const FREQUENCIES: usize = 1 << 12;

/// The ages of the customers of one frequency.
#[derive(Debug, Clone, Copy)]
struct Ages {
    customers: usize,
    youngest: f64,
    oldest: f64,
}

impl Curves {
    fn over(kernel: &Kernel, histories: &[History], quantity: &(impl Fn(&Posterior) -> f64 + Sync)) -> Self {
        let mut ages: BTreeMap<usize, Ages> = BTreeMap::new();
        for history in histories {
            let (frequency, age) = (history.frequency() as usize, history.age());
            if frequency < FREQUENCIES {
                let none = Ages { customers: 0, youngest: age, oldest: age };
                let ages = ages.entry(frequency).or_insert(none);
                ages.customers += 1;
                ages.youngest = ages.youngest.min(age);
                ages.oldest = ages.oldest.max(age);
            }
        }
        let found = parallel::map(ages.into_iter().collect(), |(frequency, ages)| {
            let x = frequency as f64;
            let ln_quantity = |v: f64| {
                let age = (v.exp() - kernel.alpha).clamp(ages.youngest, ages.oldest);
                quantity(&kernel.posterior_at(x, age)).ln()
            };
            let ends = ((kernel.alpha + ages.youngest).ln(), (kernel.alpha + ages.oldest).ln());
            // A curve of n points pays for more than n customers.
            let curve = Chebyshev::through(ln_quantity, ends, ages.customers / 2);
            (frequency, curve)
        });
        let mut by_frequency = vec![None; found.last().map_or(0, |(frequency, _)| frequency + 1)];
        for (frequency, curve) in found {
            if let Some(slot) = by_frequency.get_mut(frequency) {
                *slot = curve;
            }
        }
        Curves { alpha: kernel.alpha, by_frequency }
    }

    fn value(&self, history: &History) -> Option<f64> {
        let curve = self.by_frequency.get(history.frequency() as usize)?.as_ref()?;
        Some(curve.value((self.alpha + history.age()).ln()).exp())
    }
}

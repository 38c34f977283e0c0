//! Predictions for many customers.

use super::kernel::Kernel;
use super::posterior::Posterior;
use crate::memory::Memory;
use crate::{History, parallel};

/// Customers worked off by one task.
const PER_TASK: usize = 1 << 16;

pub(super) fn p_alive(kernel: &Kernel, histories: &[History], into: &mut [f64]) {
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        for (slot, history) in into.iter_mut().zip(histories) {
            *slot = kernel.p_alive(history);
        }
    });
}

/// P(alive) times a quantity of a living customer: what was computed for one serves the next with the same history.
pub(super) fn p_alive_times(
    kernel: &Kernel,
    histories: &[History],
    into: &mut [f64],
    quantity: impl Fn(&Posterior) -> f64 + Sync,
) {
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        let mut memory = Memory::for_customers(histories.len());
        for (slot, history) in into.iter_mut().zip(histories) {
            *slot = memory.recall(history, || kernel.p_alive(history) * quantity(&kernel.posterior(history)));
        }
    });
}

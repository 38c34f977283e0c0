//! The same recursions in logarithms, several times slower: for customers with a period so improbable in some state that
//! probabilities would leave the range of doubles.
#![allow(clippy::indexing_slicing, reason = "loops over arrays whose length is the bound")]

use super::emission::Emissions;
use super::kernel::Chain;
use super::sequences::Sequence;

/// Logarithms of the forward probabilities and of the emissions, by period.
#[derive(Debug, Clone, Default)]
pub(super) struct Logarithms<const K: usize> {
    forward: Vec<[f64; K]>,
    rows: Vec<[f64; K]>,
    total: f64,
}

impl<const K: usize> Logarithms<K> {
    /// The log-likelihood; tells the filtered probabilities of every period.
    pub(super) fn forward(
        &mut self,
        chain: &Chain<K>,
        emissions: &Emissions<K>,
        sequence: &Sequence<'_>,
        mut filtered: impl FnMut([f64; K]),
    ) -> f64 {
        self.forward.clear();
        self.rows.clear();
        let steps = chain.transition.map(|row| row.map(f64::ln));
        let mut predicted = chain.initial.map(f64::ln);
        for at in 0..sequence.periods() {
            let row = emissions.ln_row(sequence, at);
            let joint: [f64; K] = std::array::from_fn(|k| predicted[k] + row[k]);
            self.total = ln_sum(&joint);
            filtered(joint.map(|ln| (ln - self.total).exp()));
            self.forward.push(joint);
            self.rows.push(row);
            predicted = std::array::from_fn(|j| {
                let into: [f64; K] = std::array::from_fn(|i| joint[i] + steps[i][j]);
                ln_sum(&into)
            });
        }
        self.total
    }

    /// As [`backward`](super::kernel::backward).
    pub(super) fn backward(
        &self,
        chain: &Chain<K>,
        pairs: &mut [[f64; K]; K],
        mut smoothed: impl FnMut(usize, [f64; K]),
    ) {
        let steps = chain.transition.map(|row| row.map(f64::ln));
        let mut after = [0.0; K];
        for at in (0..self.forward.len()).rev() {
            let forward = &self.forward[at];
            smoothed(at, std::array::from_fn(|k| (forward[k] + after[k] - self.total).exp()));
            let Some(before) = at.checked_sub(1).map(|before| &self.forward[before]) else { return };
            let weight: [f64; K] = std::array::from_fn(|k| self.rows[at][k] + after[k]);
            for i in 0..K {
                let through: [f64; K] = std::array::from_fn(|j| steps[i][j] + weight[j]);
                for j in (0..K).filter(|&j| chain.transition[i][j] > 0.0) {
                    pairs[i][j] += (before[i] + through[j] - self.total).exp() / chain.transition[i][j];
                }
                after[i] = ln_sum(&through);
            }
        }
    }
}

/// ln (e^a + e^b + ...).
fn ln_sum<const K: usize>(values: &[f64; K]) -> f64 {
    let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if peak.is_infinite() {
        return peak;
    }
    peak + values.iter().map(|value| (value - peak).exp()).sum::<f64>().ln()
}

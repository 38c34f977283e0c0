//! The recursions of the kernel in logarithms, several times slower: for customers whose
//! probabilities would leave the range of doubles.
#![allow(clippy::indexing_slicing, reason = "loops over arrays whose length is the bound")]

use super::emission::Emissions;
use super::kernel::Chain;
use super::sequences::Sequence;

/// Logarithms of the filtered probabilities, of the emissions and of the scales, by period.
#[derive(Debug, Clone, Default)]
pub(super) struct Logarithms<const K: usize> {
    filtered: Vec<[f64; K]>,
    rows: Vec<[f64; K]>,
    scales: Vec<f64>,
}

impl<const K: usize> Logarithms<K> {
    /// Returns the log-likelihood; fills in the filtered probabilities of every period.
    pub(super) fn forward(
        &mut self,
        chain: &Chain<K>,
        emissions: &Emissions<K>,
        sequence: &Sequence<'_>,
        mut filtered: impl FnMut([f64; K]),
    ) -> f64 {
        self.filtered.clear();
        self.rows.clear();
        self.scales.clear();
        let steps = chain.transition.map(|row| row.map(f64::ln));
        let mut predicted = chain.initial.map(f64::ln);
        let mut total = 0.0;
        for at in 0..sequence.periods() {
            let row = emissions.ln_row(sequence, at);
            let joint: [f64; K] = std::array::from_fn(|k| predicted[k] + row[k]);
            let scale = ln_sum(&joint);
            total += scale;
            // Scaled in every period, so that no digit is lost to the size of the sum.
            let now = joint.map(|ln| ln - scale);
            filtered(shares(&now));
            self.filtered.push(now);
            self.rows.push(row);
            self.scales.push(scale);
            predicted = std::array::from_fn(|j| {
                let into: [f64; K] = std::array::from_fn(|i| now[i] + steps[i][j]);
                ln_sum(&into)
            });
        }
        total
    }

    /// Walks back from the last period; see [`backward`](super::kernel::backward).
    pub(super) fn backward(
        &self,
        chain: &Chain<K>,
        weight: f64,
        pairs: &mut [[f64; K]; K],
        mut smoothed: impl FnMut(usize, [f64; K]),
    ) {
        let steps = chain.transition.map(|row| row.map(f64::ln));
        let mut after = [0.0; K];
        for at in (0..self.filtered.len()).rev() {
            let filtered = &self.filtered[at];
            let joint = std::array::from_fn(|k| filtered[k] + after[k]);
            smoothed(at, shares(&joint).map(|p| p * weight));
            let Some(before) = at.checked_sub(1).map(|before| &self.filtered[before]) else { return };
            let evidence: [f64; K] = std::array::from_fn(|k| self.rows[at][k] + after[k] - self.scales[at]);
            for i in 0..K {
                let through: [f64; K] = std::array::from_fn(|j| steps[i][j] + evidence[j]);
                for j in (0..K).filter(|&j| chain.transition[i][j] > 0.0) {
                    pairs[i][j] += weight * (before[i] + through[j]).exp() / chain.transition[i][j];
                }
                after[i] = ln_sum(&through);
            }
        }
    }
}

/// Returns probabilities from logarithms whose exponentials sum to nearly 1.
fn shares<const K: usize>(ln: &[f64; K]) -> [f64; K] {
    let all = ln_sum(ln);
    ln.map(|ln| (ln - all).exp())
}

/// Returns ln (e^a + e^b + ...).
fn ln_sum<const K: usize>(values: &[f64; K]) -> f64 {
    let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if peak.is_infinite() {
        return peak;
    }
    peak + values.iter().map(|value| (value - peak).exp()).sum::<f64>().ln()
}

//! Emission probabilities of a period in each state: tabulated by distinct count and exposure, so
//! that no logarithm is left in the recursions.
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::law::{CountLaw, SpendLaw};
use super::sequences::{MISSING, Seen, Sequence};

/// The probability of a period in each state, over that in the most probable one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<const K: usize> {
    pub(super) shares: [f64; K],
    /// Logarithm of the largest probability.
    pub(super) peak: f64,
}

/// The tables of a model for the observed counts.
#[derive(Debug, Clone)]
pub(super) struct Emissions<const K: usize> {
    /// Probabilities by distinct count.
    rows: Vec<Row<K>>,
    ln_rows: Vec<[f64; K]>,
    spend: Option<SpendTable<K>>,
}

#[derive(Debug, Clone)]
struct SpendTable<const K: usize> {
    laws: [SpendLaw; K],
    counts: Vec<f64>,
    /// Terms by distinct count that do not depend on the total.
    fronts: Vec<[f64; K]>,
}

impl<const K: usize> Emissions<K> {
    pub(super) fn new(counts: &[CountLaw; K], spend: Option<&[SpendLaw; K]>, distinct: &[Seen]) -> Self {
        let ln_rows: Vec<[f64; K]> =
            distinct.iter().map(|&seen| counts.map(|law| law.ln_probability_of(seen))).collect();
        let spend = spend.map(|laws| SpendTable {
            laws: *laws,
            counts: distinct.iter().map(|seen| f64::from(seen.count)).collect(),
            fronts: distinct.iter().map(|seen| laws.map(|law| law.ln_front(seen.count.max(1)))).collect(),
        });
        Self { rows: ln_rows.iter().map(freed).collect(), ln_rows, spend }
    }

    /// Returns the probabilities of a period in each state.
    #[inline]
    pub(super) fn row(&self, sequence: &Sequence<'_>, at: usize) -> Row<K> {
        let code = sequence.codes[at];
        if code == MISSING {
            return Row { shares: [1.0; K], peak: 0.0 };
        }
        if self.spend.is_some() && sequence.spend.get(at).is_some_and(|spend| spend.known()) {
            return freed(&self.ln_row(sequence, at));
        }
        self.rows[code as usize]
    }

    /// Returns the logarithms of the probabilities of a period.
    pub(super) fn ln_row(&self, sequence: &Sequence<'_>, at: usize) -> [f64; K] {
        let code = sequence.codes[at];
        if code == MISSING {
            return [0.0; K];
        }
        let mut ln = self.ln_rows[code as usize];
        if let (Some(table), Some(spend)) =
            (&self.spend, sequence.spend.get(at).filter(|spend| spend.known()))
        {
            let (count, fronts) = (table.counts[code as usize], &table.fronts[code as usize]);
            for k in 0..K {
                ln[k] += fronts[k] + table.laws[k].ln_rest(count, spend.amount, spend.ln);
            }
        }
        ln
    }
}

fn freed<const K: usize>(ln: &[f64; K]) -> Row<K> {
    let peak = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Row { shares: ln.map(|ln| (ln - peak).exp()), peak }
}

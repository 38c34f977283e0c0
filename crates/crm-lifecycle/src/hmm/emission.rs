//! How probable a period is in each state: tabulated by distinct count, so that no logarithm is left in the recursions.
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::law::{CountLaw, SpendLaw};
use super::sequences::{MISSING, Sequence};

/// A state that is less probable than this is taken as one that cannot be reached, where the others are out of range.
const REACHED: f64 = 1e-290;

/// The tables of a model for the counts that occur.
#[derive(Debug, Clone)]
pub(super) struct Emissions<const K: usize> {
    /// By distinct count: probabilities over the largest of them, and its logarithm.
    rows: Vec<([f64; K], f64)>,
    ln_rows: Vec<[f64; K]>,
    spend: Option<SpendTable<K>>,
}

#[derive(Debug, Clone)]
struct SpendTable<const K: usize> {
    laws: [SpendLaw; K],
    counts: Vec<f64>,
    /// By distinct count: what does not depend on the total.
    fronts: Vec<[f64; K]>,
}

impl<const K: usize> Emissions<K> {
    pub(super) fn new(counts: &[CountLaw; K], spend: Option<&[SpendLaw; K]>, distinct: &[u32]) -> Self {
        let ln_rows: Vec<[f64; K]> =
            distinct.iter().map(|&n| counts.map(|law| law.ln_probability(n))).collect();
        let spend = spend.map(|laws| SpendTable {
            laws: *laws,
            counts: distinct.iter().map(|&n| f64::from(n)).collect(),
            fronts: distinct.iter().map(|&n| laws.map(|law| law.ln_front(n.max(1)))).collect(),
        });
        Self { rows: ln_rows.iter().map(freed).collect(), ln_rows, spend }
    }

    /// The probabilities of a period over the largest of them, and the logarithm of that one.
    #[inline]
    pub(super) fn row(&self, sequence: &Sequence<'_>, at: usize) -> ([f64; K], f64) {
        let code = sequence.codes[at];
        if code == MISSING {
            return ([1.0; K], 0.0);
        }
        if self.spend.is_some() && sequence.spend.get(at).is_some_and(|spend| spend.known()) {
            return freed(&self.ln_row(sequence, at));
        }
        self.rows[code as usize]
    }

    /// The same over the largest of the states that can be reached; the others are 0.
    #[cold]
    pub(super) fn reachable_row(
        &self,
        sequence: &Sequence<'_>,
        at: usize,
        predicted: &[f64; K],
    ) -> ([f64; K], f64) {
        let mut ln = self.ln_row(sequence, at);
        for k in 0..K {
            if predicted[k] < REACHED {
                ln[k] = f64::NEG_INFINITY;
            }
        }
        freed(&ln)
    }

    /// The logarithms of the probabilities of a period.
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

fn freed<const K: usize>(ln: &[f64; K]) -> ([f64; K], f64) {
    let peak = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (ln.map(|ln| (ln - peak).exp()), peak)
}

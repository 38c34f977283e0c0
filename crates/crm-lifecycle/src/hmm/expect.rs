//! The expectation half of Baum-Welch: what the hidden stages did, given the model and what was seen.
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::Model;
use super::kernel::{Scratch, backward, forward};
use super::law::{CountLaw, SpendLaw, SpendSeen};
use super::sequences::{MISSING, Sequences};
use crate::parallel;

/// Customers looked at by one task, whatever the number of threads.
pub(super) const CHUNK: usize = 64;

/// Runs a piece of code with the number of states as a constant.
macro_rules! with_states {
    ($states:expr, $k:ident => $body:expr) => {
        match $states {
            1 => {
                const $k: usize = 1;
                $body
            }
            2 => {
                const $k: usize = 2;
                $body
            }
            3 => {
                const $k: usize = 3;
                $body
            }
            4 => {
                const $k: usize = 4;
                $body
            }
            5 => {
                const $k: usize = 5;
                $body
            }
            6 => {
                const $k: usize = 6;
                $body
            }
            7 => {
                const $k: usize = 7;
                $body
            }
            _ => {
                const $k: usize = 8;
                $body
            }
        }
    };
}
pub(super) use with_states;

/// Expected numbers of everything that the parameters are shares or means of.
#[derive(Debug, Clone)]
struct Expected<const K: usize> {
    ln_likelihood: f64,
    initial: [f64; K],
    pairs: [[f64; K]; K],
    /// Periods by distinct count and state.
    by_count: Vec<[f64; K]>,
    /// The same for periods with known spend.
    by_count_with_spend: Vec<[f64; K]>,
    spend: [SpendSeen; K],
}

/// The log-likelihood under a model, and the model that is better: one step of Baum-Welch.
pub(super) fn improved(model: &Model, data: &Sequences) -> (f64, Model) {
    with_states!(model.states(), K => step::<K>(model, data))
}

/// The log-likelihood of every customer, in order.
pub(super) fn ln_likelihoods(model: &Model, data: &Sequences) -> Vec<f64> {
    with_states!(model.states(), K => {
        let (chain, emissions) = model.typed::<K>(data.distinct());
        let chunks = parallel::map(data.customers(), CHUNK, |range| {
            let mut scratch = Scratch::default();
            let one = |sequence| forward(&chain, &emissions, &sequence, &mut scratch);
            range.filter_map(|customer| data.get(customer)).map(one).collect::<Vec<f64>>()
        });
        chunks.concat()
    })
}

fn step<const K: usize>(model: &Model, data: &Sequences) -> (f64, Model) {
    let (chain, emissions) = model.typed::<K>(data.distinct());
    let (counts, spend_laws) = model.laws::<K>();
    let spend = spend_laws.is_some() && data.has_spend();
    let empty = || Expected {
        ln_likelihood: 0.0,
        initial: [0.0; K],
        pairs: [[0.0; K]; K],
        by_count: vec![[0.0; K]; data.distinct().len()],
        by_count_with_spend: if spend { vec![[0.0; K]; data.distinct().len()] } else { Vec::new() },
        spend: [SpendSeen::default(); K],
    };
    let chunks = parallel::map(data.customers(), CHUNK, |range| {
        let (mut expected, mut scratch) = (empty(), Scratch::default());
        for sequence in range.filter_map(|customer| data.get(customer)) {
            expected.ln_likelihood += forward(&chain, &emissions, &sequence, &mut scratch);
            let Expected { initial, pairs, by_count, by_count_with_spend, spend: seen, .. } = &mut expected;
            backward(&chain, &scratch, pairs, |at, smoothed| {
                let code = sequence.codes[at];
                if code != MISSING {
                    add(&mut by_count[code as usize], &smoothed);
                    if spend && let Some(spend) = sequence.spend.get(at).filter(|spend| spend.known()) {
                        add(&mut by_count_with_spend[code as usize], &smoothed);
                        let count = f64::from(data.distinct()[code as usize]);
                        for (seen, p) in seen.iter_mut().zip(smoothed) {
                            seen.total += p * spend.amount;
                            seen.ln_totals += p * count * spend.ln;
                        }
                    }
                }
                if at == 0 {
                    add(initial, &smoothed);
                }
            });
        }
        expected
    });
    let total = chunks.into_iter().fold(empty(), Expected::plus);
    let ln_likelihood = total.ln_likelihood;
    (
        ln_likelihood,
        total.maximised(model, data, &chain.transition, &counts, spend_laws.as_ref().filter(|_| spend)),
    )
}

fn add<const K: usize>(to: &mut [f64; K], values: &[f64; K]) {
    for k in 0..K {
        to[k] += values[k];
    }
}

impl<const K: usize> Expected<K> {
    fn plus(mut self, other: Self) -> Self {
        self.ln_likelihood += other.ln_likelihood;
        add(&mut self.initial, &other.initial);
        for (to, values) in self.pairs.iter_mut().zip(&other.pairs) {
            add(to, values);
        }
        for (to, values) in self.by_count.iter_mut().zip(&other.by_count) {
            add(to, values);
        }
        for (to, values) in self.by_count_with_spend.iter_mut().zip(&other.by_count_with_spend) {
            add(to, values);
        }
        for (to, values) in self.spend.iter_mut().zip(&other.spend) {
            to.total += values.total;
            to.ln_totals += values.ln_totals;
        }
        self
    }

    /// The maximisation half: shares of expected steps, and the laws of highest likelihood.
    fn maximised(
        &self,
        model: &Model,
        data: &Sequences,
        transition: &[[f64; K]; K],
        counts: &[CountLaw; K],
        spend: Option<&[SpendLaw; K]>,
    ) -> Model {
        let starts: f64 = self.initial.iter().sum();
        let initial = self.initial.iter().map(|p| p / starts).collect();
        let mut steps = Vec::with_capacity(K * K);
        for (row, pairs) in transition.iter().zip(&self.pairs) {
            let expected: Vec<f64> = row.iter().zip(pairs).map(|(p, pair)| p * pair).collect();
            let sum: f64 = expected.iter().sum();
            // A state that nobody left keeps its steps.
            let known = sum > f64::MIN_POSITIVE;
            steps.extend(expected.iter().zip(row).map(|(value, old)| if known { value / sum } else { *old }));
        }
        let weighted = |table: &[[f64; K]], k: usize| -> Vec<(u32, f64)> {
            let rows = data.distinct().iter().zip(table).map(|(&n, row)| (n, row[k]));
            rows.filter(|(_, weight)| *weight > 0.0).collect()
        };
        let counts =
            counts.iter().enumerate().map(|(k, law)| law.learnt(&weighted(&self.by_count, k))).collect();
        let spend = match spend {
            None => model.spend().map(<[SpendLaw]>::to_vec),
            Some(laws) => {
                let learn = |(k, law): (usize, &SpendLaw)| {
                    law.learnt(&self.spend[k], &weighted(&self.by_count_with_spend, k))
                };
                Some(laws.iter().enumerate().map(learn).collect())
            }
        };
        model.replaced(initial, steps, counts, spend)
    }
}

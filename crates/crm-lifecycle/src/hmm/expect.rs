//! The expectation step of the Baum-Welch algorithm: expected numbers of periods and transitions,
//! given a model.
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::HmmModel;
use super::kernel::{Chain, Scratch, backward, forward};
use super::law::{SpendSeen, Tally};
use super::sequences::{MISSING, Sequences};
use crm_numbers::parallel;

/// Number of customers per task, whatever the number of threads.
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

/// Expected numbers of which the parameters are shares or means.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) ln_likelihood: f64,
    /// Expected number of starts by state.
    pub(super) initial: Vec<f64>,
    /// Expected number of transitions by state before, then state after.
    pub(super) steps: Vec<f64>,
    /// Expected periods by state and distinct count.
    pub(super) tallies: Vec<Tally>,
    /// Expected periods with known spend, by state; empty for a model without spend.
    pub(super) spend: Vec<(SpendSeen, Vec<(u32, f64)>)>,
}

/// Sums over customers, in arrays.
#[derive(Debug, Clone)]
struct Sums<const K: usize> {
    ln_likelihood: f64,
    initial: [f64; K],
    pairs: [[f64; K]; K],
    /// Expected periods by distinct count and state.
    by_count: Vec<[f64; K]>,
    /// Expected periods with known spend, by distinct count and state.
    by_count_with_spend: Vec<[f64; K]>,
    spend: [SpendSeen; K],
}

/// Runs the expectation step of the Baum-Welch algorithm.
pub(super) fn expected(model: &HmmModel, data: &Sequences) -> Expected {
    with_states!(model.states(), K => expect::<K>(model, data))
}

/// Returns the log-likelihood of every customer, in order.
pub(super) fn ln_likelihoods(model: &HmmModel, data: &Sequences) -> Vec<f64> {
    with_states!(model.states(), K => {
        let (chain, emissions) = model.typed::<K>(data.distinct());
        let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
            let mut scratch = Scratch::default();
            let one = |sequence| forward(&chain, &emissions, &sequence, &mut scratch);
            range.filter_map(|customer| data.get(customer)).map(one).collect::<Vec<f64>>()
        });
        chunks.concat()
    })
}

/// Returns the expected number of customers who were ever in each state.
///
/// The probability that a customer was never in a state is the probability of the purchases by
/// paths without the state, over that by all paths.
pub(super) fn ever(model: &HmmModel, data: &Sequences) -> Vec<f64> {
    with_states!(model.states(), K => {
        let (chain, emissions) = model.typed::<K>(data.distinct());
        let without: [Chain<K>; K] = std::array::from_fn(|state| {
            let mut chain = chain;
            chain.initial[state] = 0.0;
            chain.transition.iter_mut().for_each(|row| row[state] = 0.0);
            chain
        });
        let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
            let (mut ever, mut scratch) = ([0.0; K], Scratch::default());
            for (customer, sequence) in range.filter_map(|customer| Some((customer, data.get(customer)?))) {
                let all = forward(&chain, &emissions, &sequence, &mut scratch);
                for (ever, without) in ever.iter_mut().zip(&without) {
                    let never = (forward(without, &emissions, &sequence, &mut scratch) - all).exp();
                    // NaN if every path passes through the state.
                    *ever += data.weight(customer) * if never > 0.0 { 1.0 - never.min(1.0) } else { 1.0 };
                }
            }
            ever
        });
        let mut sum = [0.0; K];
        chunks.iter().for_each(|ever| add(&mut sum, ever));
        sum.to_vec()
    })
}

fn expect<const K: usize>(model: &HmmModel, data: &Sequences) -> Expected {
    let (chain, emissions) = model.typed::<K>(data.distinct());
    let spend = model.spend().is_some() && data.has_spend();
    let empty = || Sums {
        ln_likelihood: 0.0,
        initial: [0.0; K],
        pairs: [[0.0; K]; K],
        by_count: vec![[0.0; K]; data.distinct().len()],
        by_count_with_spend: if spend { vec![[0.0; K]; data.distinct().len()] } else { Vec::new() },
        spend: [SpendSeen::default(); K],
    };
    let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
        let (mut sums, mut scratch) = (empty(), Scratch::default());
        for (customer, sequence) in range.filter_map(|customer| Some((customer, data.get(customer)?))) {
            let weight = data.weight(customer);
            sums.ln_likelihood += weight * forward(&chain, &emissions, &sequence, &mut scratch);
            let Sums { initial, pairs, by_count, by_count_with_spend, spend: seen, .. } = &mut sums;
            backward(&chain, &scratch, weight, pairs, |at, smoothed| {
                let code = sequence.codes[at];
                if code != MISSING {
                    add(&mut by_count[code as usize], &smoothed);
                    if spend && let Some(spend) = sequence.spend.get(at).filter(|spend| spend.known()) {
                        add(&mut by_count_with_spend[code as usize], &smoothed);
                        let count = f64::from(data.distinct()[code as usize].count);
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
        sums
    });
    chunks.into_iter().fold(empty(), Sums::plus).expected(data, &chain.transition)
}

fn add<const K: usize>(to: &mut [f64; K], values: &[f64; K]) {
    for k in 0..K {
        to[k] += values[k];
    }
}

impl<const K: usize> Sums<K> {
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

    fn expected(self, data: &Sequences, transition: &[[f64; K]; K]) -> Expected {
        let step = |(p, pair): (&f64, &f64)| if *p > 0.0 { p * pair } else { 0.0 };
        let steps = transition.iter().zip(&self.pairs);
        let tally = |k: usize| {
            Tally::new(data.distinct().iter().zip(&self.by_count).map(|(seen, row)| (*seen, row[k])))
        };
        let spend = |k: usize| {
            let rows = data.distinct().iter().zip(&self.by_count_with_spend);
            let weighted = rows.map(|(seen, row)| (seen.count, row[k]));
            (self.spend[k], weighted.filter(|(_, weight)| *weight > 0.0).collect())
        };
        let with_spend = if self.by_count_with_spend.is_empty() { 0 } else { K };
        Expected {
            ln_likelihood: self.ln_likelihood,
            initial: self.initial.to_vec(),
            steps: steps.flat_map(|(row, pairs)| row.iter().zip(pairs).map(step)).collect(),
            tallies: (0..K).map(tally).collect(),
            spend: (0..with_spend).map(spend).collect(),
        }
    }
}

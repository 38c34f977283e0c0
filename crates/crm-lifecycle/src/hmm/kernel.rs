//! The recursions over one customer's periods, for a number of states that the compiler knows.
//!
//! Forward probabilities are scaled to add up to 1 in every period; emission probabilities are freed of the largest of
//! their row, so that neither long nor busy histories leave the range of doubles. Customers with a period that some state
//! makes less probable than another one by a factor of 1e-100 are left to the recursions in logarithms (Rabiner, L. R. (1989), "A Tutorial on
//! Hidden Markov Models", Proceedings of the IEEE 77, 257-286, equations 19-25, 32-37 and 90-97).
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::emission::{Emissions, Row};
use super::log_kernel::Logarithms;
use super::sequences::Sequence;

/// Initial probabilities and steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain<const K: usize> {
    pub(super) initial: [f64; K],
    pub(super) transition: [[f64; K]; K],
}

/// Space for the forward pass of one customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch<const K: usize> {
    /// Probability of each state given the periods up to this one.
    pub(super) filtered: Vec<[f64; K]>,
    /// Emission probabilities over the scale of the period.
    scaled: Vec<[f64; K]>,
    /// Used for a customer with a wide row.
    logarithms: Option<Logarithms<K>>,
    wide: bool,
}

/// The log-likelihood; what each period says about the state stays in the scratch.
pub(super) fn forward<const K: usize>(
    chain: &Chain<K>,
    emissions: &Emissions<K>,
    sequence: &Sequence<'_>,
    scratch: &mut Scratch<K>,
) -> f64 {
    let periods = sequence.periods();
    scratch.filtered.clear();
    scratch.scaled.clear();
    scratch.filtered.reserve(periods);
    scratch.scaled.reserve(periods);
    scratch.wide = false;
    let (mut ln, mut product) = (0.0, 1.0_f64);
    let mut predicted = chain.initial;
    for at in 0..periods {
        let Row { shares, peak, wide } = emissions.row(sequence, at);
        if wide {
            return forward_wide(chain, emissions, sequence, scratch);
        }
        let joint = times(&predicted, &shares);
        let scale = sum(&joint);
        let inverse = 1.0 / scale;
        let filtered = joint.map(|p| p * inverse);
        scratch.filtered.push(filtered);
        scratch.scaled.push(shares.map(|p| p * inverse));
        ln += peak;
        // Logarithms are slow: one for many periods. A scale is never below 1e-101.
        product *= scale;
        if product < 1e-150 {
            ln += product.ln();
            product = 1.0;
        }
        predicted = step(&filtered, &chain.transition);
    }
    ln + product.ln()
}

#[cold]
fn forward_wide<const K: usize>(
    chain: &Chain<K>,
    emissions: &Emissions<K>,
    sequence: &Sequence<'_>,
    scratch: &mut Scratch<K>,
) -> f64 {
    let Scratch { filtered, logarithms, wide, .. } = scratch;
    filtered.clear();
    *wide = true;
    let logarithms = logarithms.get_or_insert_default();
    logarithms.forward(chain, emissions, sequence, |row| {
        // Logarithms of some thousands have lost a few digits.
        let all = sum(&row);
        filtered.push(row.map(|p| p / all));
    })
}

/// Walks back from the last period; tells the probability of each state of a period given everything (`smoothed`), and
/// adds up the outer products of filtered probabilities and what came after them, which, times the steps, are expected
/// numbers of steps.
pub(super) fn backward<const K: usize>(
    chain: &Chain<K>,
    scratch: &Scratch<K>,
    pairs: &mut [[f64; K]; K],
    mut smoothed: impl FnMut(usize, [f64; K]),
) {
    if let Some(logarithms) = scratch.logarithms.as_ref().filter(|_| scratch.wide) {
        return logarithms.backward(chain, pairs, smoothed);
    }
    let mut after = [1.0; K];
    let rows = scratch.filtered.iter().zip(&scratch.scaled).enumerate().rev();
    let mut rows = rows.peekable();
    while let Some((at, (filtered, scaled))) = rows.next() {
        smoothed(at, times(filtered, &after));
        if let Some((_, (before, _))) = rows.peek() {
            let weight = times(scaled, &after);
            for i in 0..K {
                let mut sum = 0.0;
                for j in 0..K {
                    pairs[i][j] += before[i] * weight[j];
                    sum += chain.transition[i][j] * weight[j];
                }
                after[i] = sum;
            }
        }
    }
}

/// The most probable path and the logarithm of its probability together with the counts. Of equal paths the one with the
/// lower state at its last difference.
pub(super) fn viterbi<const K: usize>(
    chain: &Chain<K>,
    emissions: &Emissions<K>,
    sequence: &Sequence<'_>,
    back: &mut Vec<[u8; K]>,
    path: &mut [u8],
) -> f64 {
    let ln_steps = chain.transition.map(|row| row.map(f64::ln));
    back.clear();
    let mut best = chain.initial.map(f64::ln);
    for at in 0..sequence.periods() {
        if at > 0 {
            let (mut next, mut from) = ([f64::NEG_INFINITY; K], [0_u8; K]);
            for j in 0..K {
                for i in 0..K {
                    let value = best[i] + ln_steps[i][j];
                    if value > next[j] {
                        next[j] = value;
                        from[j] = i as u8;
                    }
                }
            }
            back.push(from);
            best = next;
        }
        let row = emissions.ln_row(sequence, at);
        for k in 0..K {
            best[k] += row[k];
        }
    }
    let mut state = 0;
    for k in 1..K {
        if best[k] > best[state] {
            state = k;
        }
    }
    let ln = best[state];
    for (at, slot) in path.iter_mut().enumerate().rev() {
        *slot = state as u8;
        if at > 0 {
            state = usize::from(back[at - 1][state]);
        }
    }
    ln
}

fn times<const K: usize>(a: &[f64; K], b: &[f64; K]) -> [f64; K] {
    let mut product = *a;
    for k in 0..K {
        product[k] *= b[k];
    }
    product
}

fn sum<const K: usize>(values: &[f64; K]) -> f64 {
    // Two halves, so that one addition need not wait for the other.
    let (mut even, mut odd) = (0.0, 0.0);
    for (k, value) in values.iter().enumerate() {
        if k % 2 == 0 {
            even += value;
        } else {
            odd += value;
        }
    }
    even + odd
}

fn step<const K: usize>(from: &[f64; K], transition: &[[f64; K]; K]) -> [f64; K] {
    let mut to = [0.0; K];
    for i in 0..K {
        for j in 0..K {
            to[j] += from[i] * transition[i][j];
        }
    }
    to
}

//! The recursions over one customer's periods, for a number of states that is a compile-time
//! constant.
//!
//! Forward probabilities are scaled to sum to 1 in every period, and emission probabilities are
//! divided by the largest of their row. Every scale is then the probability of a period given the
//! ones before it, over its probability in the best state. The loss of a state to underflow is at
//! most 1e-320 of the sum, and no later period can raise it by more than the inverse of the product
//! of all scales: if this product is above 1e-200, the loss is below 1e-120 in every probability,
//! forward and backward. All other customers are left to the recursions in logarithms: a state that
//! looked impossible for most of their history may be the one that explains its end.
//!
//! # References
//!
//! Rabiner, L. R. (1989), "A Tutorial on Hidden Markov Models", Proceedings of the IEEE 77,
//! 257-286, equations 19-25, 32-37 and 90-97.
#![allow(clippy::indexing_slicing, reason = "hot loops over arrays whose length is the bound")]

use super::emission::{Emissions, Row};
use super::log_kernel::Logarithms;
use super::sequences::Sequence;

/// Initial probabilities and transition probabilities.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain<const K: usize> {
    pub(super) initial: [f64; K],
    pub(super) transition: [[f64; K]; K],
}

/// Workspace for the forward pass of one customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch<const K: usize> {
    /// Probability of each state given the periods up to this one.
    pub(super) filtered: Vec<[f64; K]>,
    /// Emission probabilities over the scale of the period.
    scaled: Vec<[f64; K]>,
    /// Workspace for a customer whose probabilities leave the range of doubles.
    logarithms: Option<Logarithms<K>>,
    wide: bool,
}

/// Logarithm of a product of scales below which a state may have been lost: 1e-200.
const LOST: f64 = -460.0;

/// Returns the log-likelihood; the filtered probabilities of each period stay in the scratch.
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
    let (mut peaks, mut scales, mut product) = (0.0, 0.0, 1.0_f64);
    let mut predicted = chain.initial;
    for at in 0..periods {
        let Row { shares, peak } = emissions.row(sequence, at);
        let joint = times(&predicted, &shares);
        let scale = sum(&joint);
        let inverse = 1.0 / scale;
        let filtered = joint.map(|p| p * inverse);
        scratch.filtered.push(filtered);
        scratch.scaled.push(shares.map(|p| p * inverse));
        peaks += peak;
        // Logarithms are slow: one for many periods.
        product *= scale;
        if product < 1e-150 {
            scales += product.ln();
            product = 1.0;
        }
        predicted = step(&filtered, &chain.transition);
    }
    scales += product.ln();
    // NaN if a scale was 0.
    if scales > LOST { peaks + scales } else { forward_wide(chain, emissions, sequence, scratch) }
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
        filtered.push(row);
    })
}

/// Walks back from the last period, for a sequence that represents `weight` customers. Reports the
/// probability of each state of a period given all periods (`smoothed`), and adds up the outer
/// products of filtered probabilities and the evidence after them, which, times the transition
/// probabilities, are expected numbers of transitions; both times the weight.
pub(super) fn backward<const K: usize>(
    chain: &Chain<K>,
    scratch: &Scratch<K>,
    weight: f64,
    pairs: &mut [[f64; K]; K],
    mut smoothed: impl FnMut(usize, [f64; K]),
) {
    if let Some(logarithms) = scratch.logarithms.as_ref().filter(|_| scratch.wide) {
        return logarithms.backward(chain, weight, pairs, smoothed);
    }
    let mut after = [weight; K];
    let rows = scratch.filtered.iter().zip(&scratch.scaled).enumerate().rev();
    let mut rows = rows.peekable();
    while let Some((at, (filtered, scaled))) = rows.next() {
        smoothed(at, times(filtered, &after));
        if let Some((_, (before, _))) = rows.peek() {
            let evidence = times(scaled, &after);
            for i in 0..K {
                let mut sum = 0.0;
                for j in 0..K {
                    pairs[i][j] += before[i] * evidence[j];
                    sum += chain.transition[i][j] * evidence[j];
                }
                after[i] = sum;
            }
        }
    }
}

/// Returns the most probable path and the logarithm of its joint probability with the counts. Of
/// equal paths it is the one with the lower state at the last difference.
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

//! One pass over the customers: log-likelihood, gradient and information of some coefficients.
//!
//! Rows are taken in blocks that fit the first cache; a block is standardised into a workspace, so that columns are
//! read as they are and nothing is allocated after the first pass. Blocks belong to chunks whose number depends on the
//! number of rows alone, and chunks are added up in order: the same bits on any number of threads.
#![allow(clippy::indexing_slicing, reason = "hot loops over blocks whose length is the bound")]

use crate::parallel;

/// Rows of a block.
const BLOCK: usize = 128;
type Block = [f64; BLOCK];
/// Rows of a chunk at least.
const LEAST_CHUNK: usize = 16 * BLOCK;
/// Chunks at most, so that the workspace stays small.
const MOST_CHUNKS: usize = 64;

/// A column, and what standardises it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standard<'a> {
    pub(super) column: &'a [f64],
    pub(super) mean: f64,
    /// One over the standard deviation.
    pub(super) scale: f64,
}

/// The customers: columns, who had the outcome, and how much each counts (1 where there are no weights).
#[derive(Debug, Clone)]
pub(super) struct Data<'a> {
    pub(super) columns: Vec<Standard<'a>>,
    pub(super) outcomes: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
}

/// What a pass finds. Coefficients begin with the intercept.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub(super) ln_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    /// The lower half of X'WX counts, row by row of the full square.
    pub(super) information: Vec<f64>,
    /// The smallest and the largest logit, each with the sign of its outcome: above 0 where the outcome was foretold.
    pub(super) margins: (f64, f64),
}

/// Space for all passes of one fit.
#[derive(Debug)]
pub(super) struct Workspace {
    rows: usize,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone)]
struct Chunk {
    /// Ones, and the standardised columns.
    columns: Vec<Block>,
    logits: Block,
    /// Outcome less probability.
    residuals: Block,
    /// p (1 - p).
    weights: Block,
    /// Two columns times weights.
    weighted: [Block; 2],
    sums: Sums,
}

impl Workspace {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        let chunk = rows.div_ceil(MOST_CHUNKS).next_multiple_of(BLOCK).max(LEAST_CHUNK);
        let space = Chunk {
            columns: vec![[1.0; BLOCK]; columns + 1],
            logits: [0.0; BLOCK],
            residuals: [0.0; BLOCK],
            weights: [0.0; BLOCK],
            weighted: [[0.0; BLOCK]; 2],
            sums: Sums::default(),
        };
        Self { rows: chunk, chunks: vec![space; rows.div_ceil(chunk)] }
    }

    /// The sums over all customers at these coefficients.
    pub(super) fn pass(&mut self, data: &Data<'_>, coefficients: &[f64], into: &mut Sums) {
        let (all, rows) = (data.outcomes.len(), self.rows);
        parallel::each(&mut self.chunks, |number, chunk| {
            chunk.sums.clear(coefficients.len());
            let end = all.min((number + 1) * rows);
            for start in (number * rows..end).step_by(BLOCK) {
                chunk.standardise(data, coefficients, start, end.min(start + BLOCK));
                chunk.look(data, start, end.min(start + BLOCK));
                chunk.inform();
            }
        });
        into.clear(coefficients.len());
        for chunk in &self.chunks {
            into.add(&chunk.sums);
        }
    }
}

impl Sums {
    fn clear(&mut self, order: usize) {
        self.ln_likelihood = 0.0;
        self.margins = (f64::INFINITY, f64::NEG_INFINITY);
        self.gradient.clear();
        self.gradient.resize(order, 0.0);
        self.information.clear();
        self.information.resize(order * order, 0.0);
    }

    fn add(&mut self, other: &Self) {
        self.ln_likelihood += other.ln_likelihood;
        self.margins = (self.margins.0.min(other.margins.0), self.margins.1.max(other.margins.1));
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(sum, value)| *sum += value);
        self.information.iter_mut().zip(&other.information).for_each(|(sum, value)| *sum += value);
    }
}

impl Chunk {
    /// Fills the columns and the logits of a block.
    fn standardise(&mut self, data: &Data<'_>, coefficients: &[f64], start: usize, end: usize) {
        let Some((intercept, slopes)) = coefficients.split_first() else { return };
        let logits = &mut self.logits[..end - start];
        logits.fill(*intercept);
        for ((standard, slope), block) in data.columns.iter().zip(slopes).zip(&mut self.columns[1..]) {
            let &Standard { column, mean, scale } = standard;
            for ((value, slot), logit) in column[start..end].iter().zip(block).zip(&mut *logits) {
                *slot = (value - mean) * scale;
                *logit += slope * *slot;
            }
        }
    }

    /// Compares the logits of a block with what happened.
    fn look(&mut self, data: &Data<'_>, start: usize, end: usize) {
        let rows = end - start;
        // One plus exp(-|logit|) is at most 2, so that a block's product stays within doubles: one logarithm for all.
        let (mut gained, mut product) = (0.0, 1.0_f64);
        let (mut least, mut most) = self.sums.margins;
        for (row, &outcome) in data.outcomes[start..end].iter().enumerate() {
            let logit = self.logits[row];
            let small = (-logit.abs()).exp();
            let inverse = 1.0 / (1.0 + small);
            let p = if logit < 0.0 { small * inverse } else { inverse };
            let y = f64::from(u8::from(outcome));
            let margin = if outcome { logit } else { -logit };
            let weight = data.weights.map_or(1.0, |weights| weights[start + row]);
            self.residuals[row] = weight * (y - p);
            self.weights[row] = weight * small * inverse * inverse;
            if weight > 0.0 {
                least = least.min(margin);
                most = most.max(margin);
            }
            if data.weights.is_some() {
                gained += weight * (margin.min(0.0) - small.ln_1p());
            } else {
                gained += margin.min(0.0);
                product *= 1.0 + small;
            }
        }
        self.sums.margins = (least, most);
        self.sums.ln_likelihood += gained - product.ln();
        // What an earlier block left behind the end of a short one counts nothing.
        self.residuals[rows..].fill(0.0);
        self.weights[rows..].fill(0.0);
    }

    /// Adds a block to gradient and information.
    fn inform(&mut self) {
        let Self { columns, residuals, weights, weighted, sums, .. } = self;
        let order = columns.len();
        for (sum, column) in sums.gradient.iter_mut().zip(&*columns) {
            let [[product]] = products([residuals], [column]);
            *sum += product;
        }
        for row in (0..order).step_by(2) {
            // Of an odd number of rows the last is computed twice and kept once.
            let pair = [row, (row + 1).min(order - 1)];
            for (into, place) in weighted.iter_mut().zip(pair) {
                for ((slot, x), weight) in into.iter_mut().zip(&columns[place]).zip(&*weights) {
                    *slot = x * weight;
                }
            }
            let left = [&weighted[0], &weighted[1]];
            for first in (0..=pair[1]).step_by(TILE) {
                let right: [&Block; TILE] = std::array::from_fn(|at| &columns[(first + at).min(order - 1)]);
                let found = products(left, right);
                for (column, at) in (first..=pair[1]).zip(0..TILE) {
                    sums.information[row * order + column] += found[0][at];
                    if pair[1] > row {
                        sums.information[pair[1] * order + column] += found[1][at];
                    }
                }
            }
        }
    }
}

/// Columns that two weighted ones are multiplied with at a time.
const TILE: usize = 4;

/// Sums of products of every left block with every right one, in two lanes.
#[inline]
fn products<const A: usize, const B: usize>(left: [&Block; A], right: [&Block; B]) -> [[f64; B]; A] {
    let mut sums = [[[0.0_f64; 2]; B]; A];
    for at in (0..BLOCK).step_by(2) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                sum[0] += left[at] * right[at];
                sum[1] += left[at + 1] * right[at + 1];
            }
        }
    }
    sums.map(|sums| sums.map(|[even, odd]| even + odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-12;

    /// The sums by their definitions, row by row.
    #[test]
    fn a_pass_is_what_its_definition_says() {
        for (rows, order) in [(1, 1), (7, 2), (128, 3), (300, 5), (5_000, 6)] {
            let made = |seed: usize| -> Vec<f64> {
                (0..rows).map(|row| ((row * (2 * seed + 3) + seed) % 17) as f64 - 5.0).collect()
            };
            let columns: Vec<Vec<f64>> = (1..order).map(made).collect();
            let outcomes: Vec<bool> = (0..rows).map(|row| row % 3 == 1).collect();
            let weights: Vec<f64> = (0..rows).map(|row| (row % 4) as f64 * 0.5).collect();
            let coefficients: Vec<f64> = (0..order).map(|at| 0.3 - 0.2 * at as f64).collect();
            for weights in [None, Some(&weights[..])] {
                let standard =
                    |column: &'_ Vec<f64>| Standard { column: column.clone().leak(), mean: 1.5, scale: 0.25 };
                let data =
                    Data { columns: columns.iter().map(standard).collect(), outcomes: &outcomes, weights };
                let mut got = Sums::default();
                Workspace::new(rows, order - 1).pass(&data, &coefficients, &mut got);
                let (mut ln, mut gradient, mut information) =
                    (0.0, vec![0.0; order], vec![0.0; order * order]);
                for row in 0..rows {
                    let x: Vec<f64> = std::iter::once(1.0)
                        .chain(columns.iter().map(|column| (column[row] - 1.5) * 0.25))
                        .collect();
                    let logit: f64 = x.iter().zip(&coefficients).map(|(x, b)| x * b).sum();
                    let p = 1.0 / (1.0 + (-logit).exp());
                    let weight = weights.map_or(1.0, |weights| weights[row]);
                    ln += weight * if outcomes[row] { p.ln() } else { (1.0 - p).ln() };
                    for i in 0..order {
                        gradient[i] += weight * x[i] * (f64::from(u8::from(outcomes[row])) - p);
                        for j in 0..order {
                            information[i * order + j] += weight * x[i] * x[j] * p * (1.0 - p);
                        }
                    }
                }
                let near = |a: f64, b: f64| (a - b).abs() <= RELATIVE * b.abs().max(1.0) * rows as f64;
                assert!(near(got.ln_likelihood, ln), "{} {ln}", got.ln_likelihood);
                assert!(got.gradient.iter().zip(&gradient).all(|(a, b)| near(*a, *b)));
                for i in 0..order {
                    for j in 0..=i {
                        assert!(near(got.information[i * order + j], information[i * order + j]));
                    }
                }
            }
        }
    }
}

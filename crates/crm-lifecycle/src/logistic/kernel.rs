//! One pass over the customers: log-likelihood, gradient and information at given coefficients.
//!
//! Rows are taken in blocks that fit the first cache; some blocks at a time are standardized into a
//! workspace, so that columns are read as they are, a page in a row, and nothing is allocated after
//! the first pass. Blocks belong to chunks whose number depends on the number of rows alone, and
//! chunks are added up in order: the result is the same, bit for bit, on any number of threads.
#![allow(clippy::indexing_slicing, reason = "hot loops over blocks whose length is the bound")]

use super::exponential::exp;
use crm_numbers::parallel;

/// Number of rows per block.
pub(super) const BLOCK: usize = 128;
type Block = [f64; BLOCK];
/// Number of blocks that are read at a time.
const GROUP: usize = 4;
/// Minimum number of rows per chunk.
const LEAST_CHUNK: usize = 4 * GROUP * BLOCK;
/// Maximum number of chunks, so that the workspace stays small.
const MOST_CHUNKS: usize = 32;
/// Number of columns that are multiplied with as many others at a time.
const TILE: usize = 3;
/// Sums of products of some columns with others, in two lanes.
type Tile<const A: usize> = [[[f64; 2]; TILE]; A];

/// A column, with the values that standardize it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standard<'a> {
    pub(super) column: &'a [f64],
    pub(super) mean: f64,
    /// Reciprocal of the standard deviation.
    pub(super) scale: f64,
}

/// The customers: columns, outcomes and weights (1 without weights).
#[derive(Debug, Clone)]
pub(super) struct Data<'a> {
    pub(super) columns: Vec<Standard<'a>>,
    pub(super) outcomes: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
}

/// The blocks and the results of a pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Stride of the blocks: one block out of this number is read.
    pub(super) every: usize,
    /// Whether to compute the information, which takes most of the time.
    pub(super) information: bool,
}

/// The results of a pass. Coefficients begin with the intercept.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sums {
    pub(super) ln_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    /// Lower half of X'WX, row by row of the full square; all 0 if it was not computed.
    pub(super) information: Vec<f64>,
    /// Smallest and largest logit, each with the sign of its outcome: positive if the outcome was
    /// predicted.
    pub(super) margins: (f64, f64),
}

/// Workspace of all passes of one fit.
#[derive(Debug)]
pub(super) struct Workspace {
    rows: usize,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone)]
struct Chunk {
    /// Ones, the standardized columns, and zeros up to a whole tile, block by block.
    columns: Vec<[Block; TILE]>,
    logits: Block,
    /// Weight of every row; 0 behind the end of a short block.
    counts: Block,
    /// Outcome less probability.
    residuals: [Block; 1],
    /// p (1 - p).
    weights: Block,
    /// Some columns times weights.
    weighted: [Block; TILE],
    gradient: Vec<Tile<1>>,
    /// Lower half of the information, row by row.
    information: Vec<Tile<TILE>>,
    sums: Sums,
}

impl Workspace {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        let chunk = rows.div_ceil(MOST_CHUNKS).next_multiple_of(GROUP * BLOCK).max(LEAST_CHUNK);
        let tiles = (columns + 1).div_ceil(TILE);
        let mut block = vec![[[0.0; BLOCK]; TILE]; tiles];
        block[0][0] = [1.0; BLOCK];
        let space = Chunk {
            columns: block.repeat(GROUP),
            logits: [0.0; BLOCK],
            counts: [0.0; BLOCK],
            residuals: [[0.0; BLOCK]],
            weights: [0.0; BLOCK],
            weighted: [[0.0; BLOCK]; TILE],
            gradient: vec![Tile::default(); tiles],
            information: vec![Tile::default(); tiles * (tiles + 1) / 2],
            sums: Sums::default(),
        };
        Self { rows: chunk, chunks: vec![space; rows.div_ceil(chunk)] }
    }

    /// Computes the sums over the customers at these coefficients.
    pub(super) fn pass(&mut self, data: &Data<'_>, coefficients: &[f64], look: Look, into: &mut Sums) {
        let (all, rows) = (data.outcomes.len(), self.rows);
        parallel::for_each(&mut self.chunks, |number, chunk| {
            chunk.clear(coefficients.len());
            let blocks = if look.every > 1 { 1 } else { GROUP };
            let end = all.min((number + 1) * rows);
            let first = (number * rows).next_multiple_of(look.every * BLOCK);
            for start in (first..end).step_by(look.every.max(blocks) * BLOCK) {
                chunk.standardise(data, start, end.min(start + blocks * BLOCK));
                for (block, start) in (start..end).step_by(BLOCK).take(blocks).enumerate() {
                    chunk.predict(coefficients, block);
                    chunk.compare(data, start, end.min(start + BLOCK));
                    chunk.add(block, look.information);
                }
            }
            chunk.finish();
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
    fn clear(&mut self, order: usize) {
        self.sums.clear(order);
        self.gradient.fill(Tile::default());
        self.information.fill(Tile::default());
    }

    /// Fills the columns of some blocks.
    fn standardise(&mut self, data: &Data<'_>, start: usize, end: usize) {
        let width = TILE * self.gradient.len();
        for (place, &Standard { column, mean, scale }) in (1..).zip(&data.columns) {
            let blocks = self.columns.as_flattened_mut().iter_mut().skip(place).step_by(width);
            for (values, block) in column[start..end].chunks(BLOCK).zip(blocks) {
                for (slot, value) in block.iter_mut().zip(values) {
                    *slot = (value - mean) * scale;
                }
            }
        }
    }

    /// Computes the logits of a block.
    fn predict(&mut self, coefficients: &[f64], block: usize) {
        let tiles = self.gradient.len();
        self.logits.fill(0.0);
        for (columns, slopes) in self.columns[block * tiles..].iter().zip(coefficients.chunks(TILE)) {
            let slopes: [f64; TILE] = std::array::from_fn(|at| slopes.get(at).copied().unwrap_or(0.0));
            for (row, logit) in self.logits.iter_mut().enumerate() {
                let parts: [f64; TILE] = std::array::from_fn(|at| slopes[at] * columns[at][row]);
                *logit += parts.iter().sum::<f64>();
            }
        }
    }

    /// Compares the logits of a block with the outcomes.
    fn compare(&mut self, data: &Data<'_>, start: usize, end: usize) {
        let Self { logits, counts, residuals: [residuals], weights, sums, .. } = self;
        let rows = end - start;
        match data.weights {
            Some(weights) => counts[..rows].copy_from_slice(&weights[start..end]),
            None => counts[..rows].fill(1.0),
        }
        // Rows that an earlier block left behind the end of a short one have weight 0.
        counts[rows..].fill(0.0);
        let mut signs = [1.0; BLOCK];
        for (sign, outcome) in signs.iter_mut().zip(&data.outcomes[start..end]) {
            *sign = if *outcome { 1.0 } else { -1.0 };
        }
        let mut margins = [0.0; BLOCK];
        let mut smalls = [0.0; BLOCK];
        for row in 0..BLOCK {
            margins[row] = signs[row] * logits[row];
            smalls[row] = exp(-logits[row].abs());
        }
        for row in 0..BLOCK {
            let inverse = 1.0 / (1.0 + smalls[row]);
            let missed = if margins[row] < 0.0 { inverse } else { smalls[row] * inverse };
            residuals[row] = counts[row] * (signs[row] * missed);
            weights[row] = counts[row] * (smalls[row] * inverse * inverse);
        }
        let mut found = [Lane { gained: 0.0, product: 1.0, margins: sums.margins }; LANES];
        for first in (0..BLOCK).step_by(LANES) {
            for (lane, row) in found.iter_mut().zip(first..first + LANES) {
                lane.add(margins[row], smalls[row], counts[row]);
            }
        }
        let mut product = 1.0;
        for lane in found {
            sums.ln_likelihood += lane.gained;
            product *= lane.product;
            sums.margins = (sums.margins.0.min(lane.margins.0), sums.margins.1.max(lane.margins.1));
        }
        sums.ln_likelihood -= match data.weights {
            None => f64::ln(product),
            Some(_) => smalls.iter().zip(&*counts).map(|(small, count)| count * small.ln_1p()).sum::<f64>(),
        };
    }

    /// Adds a block to the gradient, and to the information if it is requested.
    fn add(&mut self, block: usize, information: bool) {
        let tiles = self.gradient.len();
        let columns = &self.columns[block * tiles..(block + 1) * tiles];
        for (right, sums) in columns.iter().zip(&mut self.gradient) {
            multiply(&self.residuals, right, sums);
        }
        if !information {
            return;
        }
        let mut sums = self.information.iter_mut();
        for (row, left) in columns.iter().enumerate() {
            for (into, column) in self.weighted.iter_mut().zip(left) {
                for ((slot, x), weight) in into.iter_mut().zip(column).zip(&self.weights) {
                    *slot = x * weight;
                }
            }
            for (right, sums) in columns[..=row].iter().zip(&mut sums) {
                multiply(&self.weighted, right, sums);
            }
        }
    }

    /// Copies the sums of the tiles to their places.
    fn finish(&mut self) {
        let Self { gradient, information, sums, .. } = self;
        let order = sums.gradient.len();
        for (sum, lanes) in sums.gradient.iter_mut().zip(gradient.as_flattened().as_flattened()) {
            *sum = lanes.iter().sum();
        }
        let tiles = (0..gradient.len()).flat_map(|row| (0..=row).map(move |column| (row, column)));
        for ((row, column), tile) in tiles.zip(information) {
            for (i, lanes) in (row * TILE..order).zip(tile) {
                for (j, lanes) in (column * TILE..=i).zip(lanes) {
                    sums.information[i * order + j] = lanes.iter().sum();
                }
            }
        }
    }
}

/// Number of rows that are compared at a time.
const LANES: usize = 4;

/// Partial results of every fourth row of a block.
#[derive(Debug, Clone, Copy)]
struct Lane {
    gained: f64,
    /// One plus exp(-|logit|) is at most 2, so that a block's product stays within doubles: one
    /// logarithm for all.
    product: f64,
    margins: (f64, f64),
}

impl Lane {
    #[inline]
    fn add(&mut self, margin: f64, small: f64, count: f64) {
        self.gained += count * if margin < 0.0 { margin } else { 0.0 };
        self.product *= if count > 0.0 { 1.0 + small } else { 1.0 };
        let low = if count > 0.0 { margin } else { f64::INFINITY };
        let high = if count > 0.0 { margin } else { f64::NEG_INFINITY };
        self.margins.0 = if low < self.margins.0 { low } else { self.margins.0 };
        self.margins.1 = if high > self.margins.1 { high } else { self.margins.1 };
    }
}

/// Adds the products of every left block with every right one.
#[inline]
fn multiply<const A: usize>(left: &[Block; A], right: &[Block; TILE], into: &mut Tile<A>) {
    let mut sums = *into;
    for pair in 0..BLOCK / 2 {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                sum[0] += left[2 * pair] * right[2 * pair];
                sum[1] += left[2 * pair + 1] * right[2 * pair + 1];
            }
        }
    }
    *into = sums;
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-12;

    /// Compares the sums with their definitions, row by row, over all rows and over one block of
    /// eight.
    #[test]
    fn a_pass_is_what_its_definition_says() {
        for (rows, order, every) in
            [(1, 1, 1), (7, 2, 1), (128, 3, 1), (300, 5, 1), (5_000, 6, 1), (5_000, 6, 8)]
        {
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
                let mut space = Workspace::new(rows, order - 1);
                space.pass(&data, &coefficients, Look { every, information: true }, &mut got);
                let mut wanted = Sums::default();
                wanted.clear(order);
                for row in (0..rows).filter(|row| (row / BLOCK).is_multiple_of(every)) {
                    let x: Vec<f64> = std::iter::once(1.0)
                        .chain(columns.iter().map(|column| (column[row] - 1.5) * 0.25))
                        .collect();
                    let logit: f64 = x.iter().zip(&coefficients).map(|(x, b)| x * b).sum();
                    let p = 1.0 / (1.0 + (-logit).exp());
                    let weight = weights.map_or(1.0, |weights| weights[row]);
                    wanted.ln_likelihood += weight * if outcomes[row] { p.ln() } else { (1.0 - p).ln() };
                    if weight > 0.0 {
                        let margin = if outcomes[row] { logit } else { -logit };
                        wanted.margins = (wanted.margins.0.min(margin), wanted.margins.1.max(margin));
                    }
                    for i in 0..order {
                        wanted.gradient[i] += weight * x[i] * (f64::from(u8::from(outcomes[row])) - p);
                        for j in 0..order {
                            wanted.information[i * order + j] += weight * x[i] * x[j] * p * (1.0 - p);
                        }
                    }
                }
                // Without customers the margins are infinite.
                let near = |a: f64, b: f64| {
                    a.total_cmp(&b).is_eq() || (a - b).abs() <= RELATIVE * b.abs().max(1.0) * rows as f64
                };
                assert!(near(got.ln_likelihood, wanted.ln_likelihood), "{got:?} {wanted:?}");
                assert!(near(got.margins.0, wanted.margins.0) && near(got.margins.1, wanted.margins.1));
                assert!(got.gradient.iter().zip(&wanted.gradient).all(|(a, b)| near(*a, *b)));
                for i in 0..order {
                    for j in 0..=i {
                        assert!(near(got.information[i * order + j], wanted.information[i * order + j]));
                    }
                }
                let mut slope = Sums::default();
                space.pass(&data, &coefficients, Look { every, information: false }, &mut slope);
                got.information.fill(0.0);
                assert_eq!(slope, got);
            }
        }
    }
}

//! Standard errors of the fitted parameters.
//!
//! By Fisher's identity the gradient of a customer's log-likelihood is the expected gradient of the
//! likelihood with the stages known, so that the recursions give it exactly. The information is the
//! sum of the outer products of these gradients over customers (Berndt, Hall, Hall and Hausman
//! 1974), with rates, shapes and spends through their logarithms and the transition probabilities
//! of a state through log-odds; the delta method leads back.
#![allow(clippy::indexing_slicing, reason = "loops over arrays whose length is the bound")]

use super::emission::Emissions;
use super::expect::{CHUNK, with_states};
use super::kernel::{Chain, Scratch, backward, forward};
use super::sequences::{MISSING, Seen, Sequence, Sequences};
use super::{CountLaw, HmmModel, SpendLaw};
use crate::error::Error;
use crm_numbers::{check, parallel};

/// Standard errors of the parameters; `None` if a parameter is fixed, lies at a bound of its range,
/// or cannot be estimated from so few customers.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct StandardErrors {
    /// Standard error of the mean purchases per period, by state.
    pub mean: Vec<Option<f64>>,
    /// Standard error of the shape of a negative binomial law, by state.
    pub shape: Vec<Option<f64>>,
    /// Standard error of the mean spend per purchase, by state.
    pub spend_mean: Vec<Option<f64>>,
    /// Standard error of the shape of the spend, by state.
    pub spend_shape: Vec<Option<f64>>,
    /// Standard error of the initial probabilities, by state.
    pub initial: Vec<Option<f64>>,
    /// Standard error of the transition probabilities, row by row.
    pub transition: Vec<Option<f64>>,
}

impl StandardErrors {
    /// Checks that the lists are those of a model with `states` states.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    pub(super) fn check(&self, states: usize) -> Result<(), Error> {
        let lists = [&self.mean, &self.shape, &self.spend_mean, &self.spend_shape, &self.initial];
        for list in lists {
            check::length("standard errors", list.len(), states)?;
        }
        check::length("standard errors of steps", self.transition.len(), states * states)?;
        for errors in lists.into_iter().chain([&self.transition]) {
            for error in errors.iter().flatten() {
                check::range("standard error", *error, 0.0..)?;
            }
        }
        Ok(())
    }
}

/// Probability of a transition or an initial state below which it counts as at the bound and is
/// taken as fixed.
const EDGE: f64 = 1e-6;
/// Shape above which a law counts as Poisson; the likelihood is flat there.
const FLAT: f64 = 1e4;

/// A free parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Free {
    Mean(usize),
    Shape(usize),
    SpendMean(usize),
    SpendShape(usize),
    Initial(usize),
    Step(usize, usize),
}

pub(super) fn standard_errors(model: &HmmModel, data: &Sequences) -> StandardErrors {
    let free = free(model, data);
    let size = free.len();
    let information = with_states!(model.states(), K => information::<K>(model, data, &free));
    let covariance = if data.customers() > size { inverse(information, size) } else { None };
    let covariance = covariance.as_deref();
    let at = |parameter: Free| free.iter().position(|other| *other == parameter);
    let cell = |a: usize, b: usize| covariance.and_then(|matrix| matrix.get(a * size + b)).copied();
    let of_ln = |parameter: Free, value: f64| {
        let place = at(parameter)?;
        Some(cell(place, place)?.sqrt() * value)
    };
    // Shares p of a set: dp_j / dx_l = p_j ((j = l) - p_l) over the free log-odds x.
    let of_shares = |shares: &[f64], name: &dyn Fn(usize) -> Free| -> Vec<Option<f64>> {
        let known: Vec<(usize, usize, f64)> =
            shares.iter().enumerate().filter_map(|(j, p)| Some((j, at(name(j))?, *p))).collect();
        let error = |(j, &p): (usize, &f64)| {
            if known.is_empty() || p < EDGE {
                return None;
            }
            let slope = |l: usize, share: f64| p * (if l == j { 1.0 } else { 0.0 } - share);
            let mut variance = 0.0;
            for &(l, row, share) in &known {
                for &(m, column, other) in &known {
                    variance += slope(l, share) * slope(m, other) * cell(row, column)?;
                }
            }
            Some(variance.max(0.0).sqrt())
        };
        shares.iter().enumerate().map(error).collect()
    };
    let states = 0..model.states();
    let count = |k: usize| model.counts().get(k);
    let spend = |k: usize| model.spend().and_then(|laws| laws.get(k));
    StandardErrors {
        mean: states.clone().map(|k| of_ln(Free::Mean(k), count(k)?.mean())).collect(),
        shape: states.clone().map(|k| of_ln(Free::Shape(k), count(k)?.shape()?)).collect(),
        spend_mean: states.clone().map(|k| of_ln(Free::SpendMean(k), spend(k)?.mean())).collect(),
        spend_shape: states.map(|k| of_ln(Free::SpendShape(k), spend(k)?.shape())).collect(),
        initial: of_shares(model.initial(), &Free::Initial),
        transition: model
            .transition()
            .chunks(model.states())
            .enumerate()
            .flat_map(|(from, row)| of_shares(row, &|to| Free::Step(from, to)))
            .collect(),
    }
}

/// Returns the parameters that are free and not at a bound; of shares that sum to 1 the largest is
/// the reference.
fn free(model: &HmmModel, data: &Sequences) -> Vec<Free> {
    let mut free = Vec::new();
    for (k, law) in model.counts().iter().enumerate() {
        if law.mean() > 1e-8 {
            free.push(Free::Mean(k));
        }
        if law.shape().is_some_and(|shape| shape < FLAT) {
            free.push(Free::Shape(k));
        }
    }
    for (k, law) in model.spend().unwrap_or_default().iter().enumerate().filter(|_| data.has_spend()) {
        free.push(Free::SpendMean(k));
        if law.shape() < FLAT {
            free.push(Free::SpendShape(k));
        }
    }
    let mut shares = |shares: &[f64], name: &dyn Fn(usize) -> Free| {
        let largest = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at);
        let others = shares.iter().enumerate().filter(|(at, p)| Some(*at) != largest && **p >= EDGE);
        free.extend(others.map(|(at, _)| name(at)));
    };
    shares(model.initial(), &Free::Initial);
    for (from, row) in model.transition().chunks(model.states()).enumerate() {
        shares(row, &|to| Free::Step(from, to));
    }
    free
}

/// Returns the sum over customers of the outer products of their gradients.
fn information<const K: usize>(model: &HmmModel, data: &Sequences, free: &[Free]) -> Vec<f64> {
    let size = free.len();
    let (chain, emissions) = model.typed::<K>(data.distinct());
    let slopes = Slopes::<K>::new(model, data);
    let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
        let (mut scratch, mut sum) = (Scratch::default(), vec![0.0; size * size]);
        for sequence in range.filter_map(|customer| data.get(customer)) {
            let score = slopes.of(&chain, &emissions, &sequence, &mut scratch, free);
            for (row, a) in sum.chunks_mut(size.max(1)).zip(&score) {
                for (cell, b) in row.iter_mut().zip(&score) {
                    *cell += a * b;
                }
            }
        }
        sum
    });
    chunks.into_iter().fold(vec![0.0; size * size], |mut total, chunk| {
        total.iter_mut().zip(chunk).for_each(|(total, cell)| *total += cell);
        total
    })
}

/// Gradients of the log-probabilities of one period, tabulated by distinct count.
struct Slopes<'a, const K: usize> {
    distinct: &'a [Seen],
    by_count: Vec<[(f64, f64); K]>,
    spend: Option<[SpendLaw; K]>,
}

impl<'a, const K: usize> Slopes<'a, K> {
    fn new(model: &HmmModel, data: &'a Sequences) -> Self {
        let (counts, spend) = model.laws::<K>();
        let row = |&seen: &Seen| counts.map(|law: CountLaw| law.score(seen));
        Self { distinct: data.distinct(), by_count: data.distinct().iter().map(row).collect(), spend }
    }

    /// Returns the gradient of one customer's log-likelihood by every free parameter.
    fn of(
        &self,
        chain: &Chain<K>,
        emissions: &Emissions<K>,
        sequence: &Sequence<'_>,
        scratch: &mut Scratch<K>,
        free: &[Free],
    ) -> Vec<f64> {
        forward(chain, emissions, sequence, scratch);
        let mut pairs = [[0.0; K]; K];
        let (mut initial, mut counts, mut spends) = ([0.0; K], [(0.0, 0.0); K], [(0.0, 0.0); K]);
        backward(chain, scratch, 1.0, &mut pairs, |at, smoothed| {
            let code = sequence.codes[at];
            if code != MISSING {
                for k in 0..K {
                    let (mean, shape) = self.by_count[code as usize][k];
                    counts[k].0 += smoothed[k] * mean;
                    counts[k].1 += smoothed[k] * shape;
                }
                let spend = sequence.spend.get(at).filter(|spend| spend.known());
                if let (Some(laws), Some(spend)) = (&self.spend, spend) {
                    for k in 0..K {
                        let (mean, shape) =
                            laws[k].score(self.distinct[code as usize].count, spend.amount, spend.ln);
                        spends[k].0 += smoothed[k] * mean;
                        spends[k].1 += smoothed[k] * shape;
                    }
                }
            }
            if at == 0 {
                initial = smoothed;
            }
        });
        let steps: [[f64; K]; K] = std::array::from_fn(|i| {
            std::array::from_fn(|j| match chain.transition[i][j] {
                p if p > 0.0 => pairs[i][j] * p,
                _ => 0.0,
            })
        });
        let left = steps.map(|row| row.iter().sum::<f64>());
        let slope = |parameter: &Free| match *parameter {
            Free::Mean(k) => counts[k].0,
            Free::Shape(k) => counts[k].1,
            Free::SpendMean(k) => spends[k].0,
            Free::SpendShape(k) => spends[k].1,
            Free::Initial(k) => initial[k] - chain.initial[k],
            Free::Step(i, j) => steps[i][j] - left[i] * chain.transition[i][j],
        };
        free.iter().map(slope).collect()
    }
}

/// Returns the inverse of a positive-definite matrix by elimination; `None` for a matrix that is
/// not positive definite.
fn inverse(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    const RELATIVE: f64 = 1e-12;
    let mut result = vec![0.0; size * size];
    for k in 0..size {
        result[k * size + k] = 1.0;
    }
    let diagonal: Vec<f64> = (0..size).map(|k| matrix[k * size + k]).collect();
    for k in 0..size {
        let pivot = matrix[k * size + k];
        if pivot.is_nan() || pivot <= RELATIVE * diagonal[k] {
            return None;
        }
        for column in 0..size {
            matrix[k * size + column] /= pivot;
            result[k * size + column] /= pivot;
        }
        for row in (0..size).filter(|row| *row != k) {
            let factor = matrix[row * size + k];
            for column in 0..size {
                matrix[row * size + column] -= factor * matrix[k * size + column];
                result[row * size + column] -= factor * result[k * size + column];
            }
        }
    }
    (0..size).all(|k| result[k * size + k] > 0.0).then_some(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hmm::starts::{StartKind, start};
    use crate::hmm::{Design, Topology};

    fn data() -> Sequences {
        let mut data = Sequences::default();
        for customer in 0..7_u32 {
            let counts: Vec<Option<u32>> =
                (0..20 + customer).map(|t| (t % 9 != 5).then_some((t * 7 + customer * 3) % 5)).collect();
            let exposure: Vec<f64> = (0..20 + customer).map(|t| if t == 0 { 0.3 } else { 1.0 }).collect();
            let spend: Vec<Option<f64>> =
                counts.iter().map(|n| n.map(|n| f64::from(n) * 11.0 + 0.5)).collect();
            data.push_with_exposure(&counts, &spend, &exposure).unwrap();
        }
        data
    }

    /// Compares the exact gradient with differences of the log-likelihood, customer by customer.
    #[test]
    fn scores_are_slopes_of_the_likelihood() {
        let data = data();
        let design =
            Design::new(Topology::default()).with_counts(crate::hmm::Counts::NegativeBinomial).with_spend();
        let model = start(&design, &Topology::default(), &data, 5, (3, StartKind::Usual)).unwrap();
        let free = free(&model, &data);
        let (chain, emissions) = model.typed::<4>(data.distinct());
        let slopes = Slopes::<4>::new(&model, &data);
        let scores: Vec<Vec<f64>> = data
            .iter()
            .map(|sequence| slopes.of(&chain, &emissions, &sequence, &mut Scratch::default(), &free))
            .collect();
        let step = 1e-5;
        for (place, parameter) in free.iter().enumerate() {
            let up = super::super::expect::ln_likelihoods(&moved(&model, *parameter, step), &data);
            let down = super::super::expect::ln_likelihoods(&moved(&model, *parameter, -step), &data);
            for ((up, down), score) in up.iter().zip(down).zip(&scores) {
                let slope = (up - down) / (2.0 * step);
                assert!((slope - score[place]).abs() < 1e-5 * slope.abs().max(1.0), "{parameter:?}");
            }
        }
    }

    /// Returns the model with one parameter moved on its own scale: a logarithm or log-odds.
    fn moved(model: &HmmModel, parameter: Free, step: f64) -> HmmModel {
        let factor = step.exp();
        let (mut initial, mut transition) = (model.initial().to_vec(), model.transition().to_vec());
        let (mut counts, mut spend) = (model.counts().to_vec(), model.spend().unwrap().to_vec());
        let share = |row: &mut [f64], at: usize| {
            row[at] *= factor;
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= sum);
        };
        match parameter {
            Free::Mean(k) => {
                let law = counts[k];
                counts[k] = CountLaw::negative_binomial(law.mean() * factor, law.shape().unwrap()).unwrap();
            }
            Free::Shape(k) => {
                let law = counts[k];
                counts[k] = CountLaw::negative_binomial(law.mean(), law.shape().unwrap() * factor).unwrap();
            }
            Free::SpendMean(k) => {
                spend[k] = SpendLaw::gamma(spend[k].mean() * factor, spend[k].shape()).unwrap()
            }
            Free::SpendShape(k) => {
                spend[k] = SpendLaw::gamma(spend[k].mean(), spend[k].shape() * factor).unwrap()
            }
            Free::Initial(k) => share(&mut initial, k),
            Free::Step(i, j) => share(&mut transition[i * 4..i * 4 + 4], j),
        }
        model.replaced(initial, transition, counts, Some(spend))
    }

    #[test]
    fn an_inverse_is_one_and_a_singular_matrix_has_none() {
        let matrix = vec![4.0, 1.0, 0.5, 1.0, 3.0, 0.2, 0.5, 0.2, 2.0];
        let found = inverse(matrix.clone(), 3).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| matrix[i * 3 + k] * found[k * 3 + j]).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-12);
            }
        }
        assert_eq!(inverse(vec![1.0, 1.0, 1.0, 1.0], 2), None);
    }
}

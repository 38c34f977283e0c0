//! Newton's method on the penalised log-likelihood.

use super::fit::{FitOptions, Stop};
use super::kernel::{Data, Sums, Workspace};
use super::solve::Factor;

/// Coefficients on their way, with the sums at them; the first is the intercept.
#[derive(Debug)]
pub(super) struct Search<'a> {
    data: Data<'a>,
    ridge: f64,
    coefficients: Vec<f64>,
    sums: Sums,
    space: Workspace,
}

/// Where a search ended.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) coefficients: Vec<f64>,
    /// The inverse of information plus ridge.
    pub(super) covariance: Vec<f64>,
    pub(super) ln_likelihood: f64,
    pub(super) steps: usize,
    pub(super) stop: Stop,
    /// Whether the coefficients foretell every outcome.
    pub(super) separated: bool,
}

/// A step is the last one when it moves no coefficient by more than this part: what is left is about its square.
const SHORT: f64 = 1e-6;
/// A step so short that the sums before it are those after it.
const NOTHING: f64 = 1e-10;
/// Rounding that a sum of log-likelihoods may show.
const ROUNDING: f64 = 1e-12;
/// Less than this share of its own: an information that cannot be inverted.
const SINGULAR: f64 = 1e-14;

impl<'a> Search<'a> {
    /// Starts at equal odds for everybody.
    pub(super) fn new(data: Data<'a>, ridge: f64, intercept: f64) -> Self {
        let mut coefficients = vec![0.0; data.columns.len() + 1];
        if let Some(first) = coefficients.first_mut() {
            *first = intercept;
        }
        let mut space = Workspace::new(data.outcomes.len(), data.columns.len());
        let mut sums = Sums::default();
        space.pass(&data, &coefficients, &mut sums);
        Self { data, ridge, coefficients, sums, space }
    }

    /// The log-likelihood without the ridge.
    pub(super) fn ln_likelihood(&self) -> f64 {
        self.sums.ln_likelihood
    }

    /// Columns, from 0, that follow from those before them.
    pub(super) fn dependent(&self, own_share: f64) -> Vec<usize> {
        let factored = Factor::of(&self.sums.information, self.coefficients.len(), own_share);
        factored.err().unwrap_or_default().into_iter().filter_map(|row| row.checked_sub(1)).collect()
    }

    /// Climbs to the top, or tells the column, from 0, that separates the outcomes.
    pub(super) fn climb(mut self, options: &FitOptions) -> Result<Found, usize> {
        let (mut trial, mut next) = (Sums::default(), self.coefficients.clone());
        let (mut steps, mut stop) = (0, Stop::MostSteps);
        while steps < options.most_steps() {
            let direction = self.factor()?.solve(&self.slope());
            if self.ridge <= 0.0 && self.separates(&direction, steps, &mut trial) {
                return Err(largest(&direction));
            }
            steps += 1;
            let reach = self.coefficients.iter().fold(1.0_f64, |most, b| most.max(b.abs()));
            let longest = direction.iter().fold(0.0_f64, |most, step| most.max(step.abs()));
            if longest <= SHORT * reach {
                self.coefficients.iter_mut().zip(&direction).for_each(|(b, step)| *b += step);
                if longest > NOTHING * reach {
                    self.space.pass(&self.data, &self.coefficients, &mut self.sums);
                }
                stop = Stop::Converged;
                break;
            }
            let (before, mut part) = (self.objective(&self.coefficients, &self.sums), 1.0);
            let accepted = loop {
                for ((next, b), step) in next.iter_mut().zip(&self.coefficients).zip(&direction) {
                    *next = b + part * step;
                }
                self.space.pass(&self.data, &next, &mut trial);
                if self.objective(&next, &trial) >= before - ROUNDING * before.abs() {
                    break true;
                }
                part /= 2.0;
                if part < 1e-9 {
                    break false;
                }
            };
            if !accepted {
                break;
            }
            std::mem::swap(&mut self.sums, &mut trial);
            std::mem::swap(&mut self.coefficients, &mut next);
        }
        let covariance = self.factor()?.inverse();
        let separated = self.sums.margins.0 > 0.0;
        let (ln_likelihood, coefficients) = (self.sums.ln_likelihood, self.coefficients);
        Ok(Found { coefficients, covariance, ln_likelihood, steps, stop, separated })
    }

    fn objective(&self, coefficients: &[f64], sums: &Sums) -> f64 {
        let squares: f64 = coefficients.iter().skip(1).map(|b| b * b).sum();
        sums.ln_likelihood - 0.5 * self.ridge * squares
    }

    /// The gradient of the objective.
    fn slope(&self) -> Vec<f64> {
        let mut slope = self.sums.gradient.clone();
        for (slope, b) in slope.iter_mut().zip(&self.coefficients).skip(1) {
            *slope -= self.ridge * b;
        }
        slope
    }

    fn factor(&self) -> Result<Factor, usize> {
        let order = self.coefficients.len();
        let mut matrix = self.sums.information.clone();
        for cell in matrix.iter_mut().step_by(order + 1).skip(1) {
            *cell += self.ridge;
        }
        Factor::of(&matrix, order, SINGULAR).map_err(|_| largest(&self.coefficients))
    }

    /// Whether the outcomes are told apart without a mistake: by the coefficients, or at last by a direction in which
    /// the likelihood can rise for ever, because no customer is on its wrong side.
    fn separates(&mut self, direction: &[f64], steps: usize, trial: &mut Sums) -> bool {
        /// Newton's steps have become short by then, unless there is such a direction.
        const ENOUGH: usize = 15;
        /// What the other directions still add to it.
        const NOISE: f64 = 1e-4;
        if self.sums.margins.0 > 0.0 {
            return true;
        }
        if steps < ENOUGH {
            return false;
        }
        self.space.pass(&self.data, direction, trial);
        let (least, most) = trial.margins;
        most > 0.0 && least >= -NOISE * most
    }
}

/// The column, from 0, of the largest coefficient.
fn largest(coefficients: &[f64]) -> usize {
    let slopes = coefficients.iter().skip(1).enumerate();
    slopes.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0))).map_or(0, |(column, _)| column)
}

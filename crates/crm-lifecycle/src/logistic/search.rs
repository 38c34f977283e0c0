//! Newton's method on the penalized log-likelihood.
//!
//! The information takes most of the time of a pass. Therefore the neighborhood of the maximum is
//! first found on a fixed part of the customers; and near the maximum further steps use the
//! information of the step before, as long as each is much shorter than the last.

use super::fit::LogisticOptions;
use super::kernel::{Data, Look, Sums, Workspace};
use super::solve::Factor;
use crm_statistics::Termination;

/// The coefficients during the search, with the sums at them; the first is the intercept.
#[derive(Debug)]
pub(super) struct Search<'a> {
    data: Data<'a>,
    ridge: f64,
    coefficients: Vec<f64>,
    sums: Sums,
    space: Workspace,
    /// Stride of the blocks: one block out of this number is read.
    every: usize,
    rate: Rate,
}

/// The start of the search: the same odds for all customers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// Logarithm of the odds.
    pub(super) logit: f64,
    pub(super) ln_likelihood: f64,
    /// Information of a standardized column at these odds.
    pub(super) information: f64,
}

/// The result of a search.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) coefficients: Vec<f64>,
    /// Inverse of information plus ridge.
    pub(super) covariance: Vec<f64>,
    pub(super) ln_likelihood: f64,
    pub(super) steps: usize,
    pub(super) termination: Termination,
    /// Whether the coefficients predict every outcome.
    pub(super) separated: bool,
}

/// Relative length below which a step is the last one: the remaining error is about its square.
const SHORT: f64 = 1e-6;
/// Length of a step below which the sums do not change.
const NOTHING: f64 = 1e-10;
/// Length of a step below which the information hardly changes. The maximum of a part is as near to
/// that of all customers.
const NEAR: f64 = 0.1;
/// Factor by which a step with the same information must be shorter than the last.
const SHORTER: f64 = 0.125;
/// Number of further steps that take as long as a new information.
const FEW: i32 = 4;
/// Rounding error of a sum of log-likelihoods.
const ROUNDING: f64 = 1e-12;
/// Share of its own below which an information cannot be inverted.
const SINGULAR: f64 = 1e-14;
/// Factor by which a part is smaller than the next one.
const PART: usize = 8;
/// Number of customers per coefficient in the smallest part.
const ENOUGH_CUSTOMERS: usize = 50;

impl<'a> Search<'a> {
    /// Starts at equal odds for all customers.
    pub(super) fn new(data: Data<'a>, ridge: f64, rate: Rate) -> Self {
        let space = Workspace::new(data.outcomes.len(), data.columns.len());
        let sums = Sums::default();
        let mut search = Self { data, ridge, coefficients: Vec::new(), sums, space, every: 1, rate };
        search.start(search.smallest());
        search
    }

    /// Sets equal odds, and computes the sums over a part at them.
    fn start(&mut self, every: usize) {
        self.every = every;
        self.coefficients.clear();
        self.coefficients.resize(self.data.columns.len() + 1, 0.0);
        if let Some(intercept) = self.coefficients.first_mut() {
            *intercept = self.rate.logit;
        }
        self.look();
    }

    /// Returns the stride of the smallest useful part.
    fn smallest(&self) -> usize {
        let needed = ENOUGH_CUSTOMERS * (self.data.columns.len() + 1);
        let enough = |every: &usize| self.data.outcomes.len() / every >= needed;
        [PART * PART, PART].into_iter().find(enough).unwrap_or(1)
    }

    /// Returns the indices of columns that follow from those before them.
    pub(super) fn dependent(&mut self, own_share: f64) -> Vec<usize> {
        let order = self.coefficients.len();
        if self.every > 1 {
            // The share of its own of a column is no smaller among all customers than in a part.
            let least = 10.0 * own_share * self.rate.information;
            if Factor::of(&self.sums.information, order, own_share, least).is_ok() {
                return Vec::new();
            }
            self.start(1);
        }
        let factored = Factor::of(&self.sums.information, order, own_share, 0.0);
        let smallest = self.smallest();
        if smallest > 1 {
            self.start(smallest);
        }
        factored.err().unwrap_or_default().into_iter().filter_map(|row| row.checked_sub(1)).collect()
    }

    /// Runs to the maximum; returns the index of the column that separates the outcomes as the
    /// error.
    pub(super) fn climb(mut self, options: &LogisticOptions) -> Result<Found, usize> {
        let mut trial = Sums::default();
        let (mut steps, mut turns, mut termination) = (0, 0, Termination::MaxIterations);
        if self.every > 1 {
            if let Some(factor) = self.climb_parts(&mut trial) {
                self.pass(false);
                self.go_on(&factor, None, (&mut steps, options.max_iterations()));
            }
            self.look();
            if self.factor().is_err()
                || self.objective(&self.coefficients, &self.sums) < self.rate.ln_likelihood
            {
                self.start(1);
            }
        }
        while steps < options.max_iterations() {
            let factor = self.factor()?;
            let direction = factor.solve(&self.slope());
            if self.ridge <= 0.0 && self.separates(&direction, turns, &mut trial) {
                return Err(largest(&direction));
            }
            (steps, turns) = (steps + 1, turns + 1);
            let length = self.length(&direction);
            if length <= SHORT {
                self.walk(&direction);
                if length > NOTHING {
                    self.look();
                }
                termination = Termination::Converged;
                break;
            }
            if length > NEAR {
                if !self.advance(&direction, true, &mut trial) {
                    termination = Termination::NoProgress;
                    break;
                }
            } else {
                if !self.advance(&direction, false, &mut trial) {
                    termination = Termination::NoProgress;
                    break;
                }
                self.go_on(&factor, Some(length), (&mut steps, options.max_iterations()));
                self.look();
            }
        }
        let covariance = self.factor()?.inverse();
        let separated = self.sums.margins.0 > 0.0;
        let (ln_likelihood, coefficients) = (self.sums.ln_likelihood, self.coefficients);
        Ok(Found { coefficients, covariance, ln_likelihood, steps, termination, separated })
    }

    /// Runs part by part, each larger than the last, and changes to all customers. The result is
    /// the last part's estimate of the information of all.
    fn climb_parts(&mut self, trial: &mut Sums) -> Option<Factor> {
        self.approach(trial);
        while self.every > PART {
            self.every /= PART;
            self.look();
            self.approach(trial);
        }
        self.look();
        self.sums.information.iter_mut().for_each(|cell| *cell *= PART as f64);
        self.every = 1;
        self.factor().ok()
    }

    /// Runs to the neighborhood of the maximum of a part.
    fn approach(&mut self, trial: &mut Sums) {
        /// Newton's steps are usually short by then. A start need not be good.
        const MOST: usize = 10;
        for _ in 0..MOST {
            let Ok(factor) = self.factor() else { return };
            let direction = factor.solve(&self.slope());
            if self.length(&direction) <= NEAR {
                self.walk(&direction);
                return;
            }
            if !self.advance(&direction, true, trial) {
                return;
            }
        }
    }

    /// Takes steps with an information that is not exactly that of the current coefficients, while
    /// each is much shorter than the one before. The sums at the last coefficients are not
    /// computed.
    fn go_on(&mut self, factor: &Factor, mut before: Option<f64>, (steps, most): (&mut usize, usize)) {
        while *steps < most {
            let direction = factor.solve(&self.slope());
            let length = self.length(&direction);
            let shorter = before.map(|before| length / before);
            if length > NEAR || shorter.is_some_and(|shorter| shorter > SHORTER) {
                break;
            }
            *steps += 1;
            self.walk(&direction);
            // Further steps shorten by the same factor.
            let enough = |by: f64| length * by <= 0.1 * NOTHING || length * by.powi(FEW) > NOTHING;
            if shorter.is_some_and(enough) {
                break;
            }
            before = Some(length);
            self.pass(false);
        }
    }

    fn walk(&mut self, step: &[f64]) {
        self.coefficients.iter_mut().zip(step).for_each(|(b, step)| *b += step);
    }

    /// Takes a step, or the part of it that gains something; returns false if no part does.
    fn advance(&mut self, direction: &[f64], information: bool, trial: &mut Sums) -> bool {
        let before = self.objective(&self.coefficients, &self.sums);
        let mut part = 1.0;
        while part >= 1e-9 {
            let along = self.coefficients.iter().zip(direction).map(|(b, step)| b + part * step);
            let next: Vec<f64> = along.collect();
            self.space.pass(&self.data, &next, Look { every: self.every, information }, trial);
            if self.objective(&next, trial) >= before - ROUNDING * before.abs() {
                std::mem::swap(&mut self.sums, trial);
                self.coefficients = next;
                return true;
            }
            part /= 2.0;
        }
        false
    }

    /// Computes the sums at the coefficients, with information.
    fn look(&mut self) {
        self.pass(true);
    }

    fn pass(&mut self, information: bool) {
        let look = Look { every: self.every, information };
        self.space.pass(&self.data, &self.coefficients, look, &mut self.sums);
    }

    /// Returns the length of a step, as a share of the largest coefficient if that is above 1.
    fn length(&self, step: &[f64]) -> f64 {
        let reach = self.coefficients.iter().fold(1.0_f64, |most, b| most.max(b.abs()));
        step.iter().fold(0.0_f64, |most, step| most.max(step.abs())) / reach
    }

    /// Returns the ridge penalty for a part of the customers; there it is at least that of one
    /// customer, so that rare values in the part cannot give an extreme coefficient.
    fn ridge(&self) -> f64 {
        if self.every > 1 { (self.ridge / self.every as f64).max(1.0) } else { self.ridge }
    }

    fn objective(&self, coefficients: &[f64], sums: &Sums) -> f64 {
        let squares: f64 = coefficients.iter().skip(1).map(|b| b * b).sum();
        sums.ln_likelihood - 0.5 * self.ridge() * squares
    }

    /// Returns the gradient of the objective.
    fn slope(&self) -> Vec<f64> {
        let mut slope = self.sums.gradient.clone();
        for (slope, b) in slope.iter_mut().zip(&self.coefficients).skip(1) {
            *slope -= self.ridge() * b;
        }
        slope
    }

    fn factor(&self) -> Result<Factor, usize> {
        let order = self.coefficients.len();
        let mut matrix = self.sums.information.clone();
        for cell in matrix.iter_mut().step_by(order + 1).skip(1) {
            *cell += self.ridge();
        }
        Factor::of(&matrix, order, SINGULAR, 0.0).map_err(|_| largest(&self.coefficients))
    }

    /// Returns whether the outcomes are separated without an error: by the coefficients, or else by
    /// a direction in which the likelihood can rise forever, because no customer is on its wrong
    /// side.
    fn separates(&mut self, direction: &[f64], turns: usize, trial: &mut Sums) -> bool {
        /// Number of iterations after which Newton's steps are short, unless there is such a
        /// direction.
        const ENOUGH: usize = 15;
        /// Tolerance for the contribution of the other directions.
        const NOISE: f64 = 1e-4;
        if self.sums.margins.0 > 0.0 {
            return true;
        }
        if turns < ENOUGH {
            return false;
        }
        self.space.pass(&self.data, direction, Look { every: 1, information: false }, trial);
        let (least, most) = trial.margins;
        most > 0.0 && least >= -NOISE * most
    }
}

/// Returns the index of the column with the largest coefficient.
fn largest(coefficients: &[f64]) -> usize {
    let slopes = coefficients.iter().skip(1).enumerate();
    slopes.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0))).map_or(0, |(column, _)| column)
}

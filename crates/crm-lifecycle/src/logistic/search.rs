//! Newton's method on the penalised log-likelihood.
//!
//! Adding up the information takes most of the time of a pass. So the neighbourhood of the top is sought on a part of the
//! customers, a fixed one; and near the top further steps use the information of the step before, while each is much
//! shorter than the last.

use super::fit::LogisticOptions;
use super::kernel::{Data, Look, Sums, Workspace};
use super::solve::Factor;
use crm_statistics::Termination;

/// Coefficients on their way, with the sums at them; the first is the intercept.
#[derive(Debug)]
pub(super) struct Search<'a> {
    data: Data<'a>,
    ridge: f64,
    coefficients: Vec<f64>,
    sums: Sums,
    space: Workspace,
    /// The part of the customers that is looked at: one block of so many.
    every: usize,
    rate: Rate,
}

/// What is known before the search: the same odds for everybody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// The logarithm of the odds.
    pub(super) logit: f64,
    pub(super) ln_likelihood: f64,
    /// The information of a standardised column at these odds.
    pub(super) information: f64,
}

/// Where a search ended.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) coefficients: Vec<f64>,
    /// The inverse of information plus ridge.
    pub(super) covariance: Vec<f64>,
    pub(super) ln_likelihood: f64,
    pub(super) steps: usize,
    pub(super) termination: Termination,
    /// Whether the coefficients foretell every outcome.
    pub(super) separated: bool,
}

/// A step is the last one when it moves no coefficient by more than this part: what is left is about its square.
const SHORT: f64 = 1e-6;
/// A step so short that the sums before it are those after it.
const NOTHING: f64 = 1e-10;
/// A step after which the information hardly changes. The top of a part is as near to that of all.
const NEAR: f64 = 0.1;
/// How much shorter than the last a step with the same information must be.
const SHORTER: f64 = 0.125;
/// So many further steps take as long as adding up the information anew.
const FEW: i32 = 4;
/// Rounding that a sum of log-likelihoods may show.
const ROUNDING: f64 = 1e-12;
/// Less than this share of its own: an information that cannot be inverted.
const SINGULAR: f64 = 1e-14;
/// A part is this much smaller than the next one.
const PART: usize = 8;
/// Customers a coefficient, in the smallest part.
const ENOUGH_CUSTOMERS: usize = 50;

impl<'a> Search<'a> {
    /// Starts at equal odds for everybody.
    pub(super) fn new(data: Data<'a>, ridge: f64, rate: Rate) -> Self {
        let space = Workspace::new(data.outcomes.len(), data.columns.len());
        let sums = Sums::default();
        let mut search = Self { data, ridge, coefficients: Vec::new(), sums, space, every: 1, rate };
        search.start(search.smallest());
        search
    }

    /// Equal odds, and the sums over a part at them.
    fn start(&mut self, every: usize) {
        self.every = every;
        self.coefficients.clear();
        self.coefficients.resize(self.data.columns.len() + 1, 0.0);
        if let Some(intercept) = self.coefficients.first_mut() {
            *intercept = self.rate.logit;
        }
        self.look();
    }

    /// The smallest part that is worth a look.
    fn smallest(&self) -> usize {
        let needed = ENOUGH_CUSTOMERS * (self.data.columns.len() + 1);
        let enough = |every: &usize| self.data.outcomes.len() / every >= needed;
        [PART * PART, PART].into_iter().find(enough).unwrap_or(1)
    }

    /// Columns, from 0, that follow from those before them.
    pub(super) fn dependent(&mut self, own_share: f64) -> Vec<usize> {
        let order = self.coefficients.len();
        if self.every > 1 {
            // What is a column's own among all customers is no less than what is its own in a part.
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

    /// Climbs to the top, or tells the column, from 0, that separates the outcomes.
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

    /// Climbs part by part, each larger than the last, and goes over to all customers. The answer is what the last part
    /// says of the information of all.
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

    /// Climbs to the neighbourhood of the top of a part.
    fn approach(&mut self, trial: &mut Sums) {
        /// Newton's steps are short by then, as a rule. A start need not be good.
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

    /// Steps with an information that is not quite that of the place, while each is much shorter than the one before.
    /// The sums of the last place are not found any more.
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
            // The next steps will be shorter by as much again.
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

    /// Takes a step, or as much of it as gains something; false where no part does.
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

    /// The sums at the coefficients, with information.
    fn look(&mut self) {
        self.pass(true);
    }

    fn pass(&mut self, information: bool) {
        let look = Look { every: self.every, information };
        self.space.pass(&self.data, &self.coefficients, look, &mut self.sums);
    }

    /// How far a step goes, as a share of the largest coefficient where that is above 1.
    fn length(&self, step: &[f64]) -> f64 {
        let reach = self.coefficients.iter().fold(1.0_f64, |most, b| most.max(b.abs()));
        step.iter().fold(0.0_f64, |most, step| most.max(step.abs())) / reach
    }

    /// The ridge as it weighs on a part of the customers; there at least that of one customer, so that what is rare among
    /// them cannot send a coefficient far away.
    fn ridge(&self) -> f64 {
        if self.every > 1 { (self.ridge / self.every as f64).max(1.0) } else { self.ridge }
    }

    fn objective(&self, coefficients: &[f64], sums: &Sums) -> f64 {
        let squares: f64 = coefficients.iter().skip(1).map(|b| b * b).sum();
        sums.ln_likelihood - 0.5 * self.ridge() * squares
    }

    /// The gradient of the objective.
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

    /// Whether the outcomes are told apart without a mistake: by the coefficients, or at last by a direction in which
    /// the likelihood can rise for ever, because no customer is on its wrong side.
    fn separates(&mut self, direction: &[f64], turns: usize, trial: &mut Sums) -> bool {
        /// Newton's steps have become short by then, unless there is such a direction.
        const ENOUGH: usize = 15;
        /// What the other directions still add to it.
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

/// The column, from 0, of the largest coefficient.
fn largest(coefficients: &[f64]) -> usize {
    let slopes = coefficients.iter().skip(1).enumerate();
    slopes.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0))).map_or(0, |(column, _)| column)
}

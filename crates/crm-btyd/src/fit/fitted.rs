use std::fmt;

use crm_history::TimeUnit;
use crm_statistics::{Interval, Level};

use super::diagnosis::{Diagnosis, Direction};
use super::newton::{Cholesky, EDGES, Point, Search};
use crate::{Error, Model, Sample};

/// A model with the parameters under which the data are most likely, and what is known about their uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted<M> {
    model: M,
    ln_likelihood: f64,
    customers: u64,
    unit: Option<TimeUnit>,
    iterations: u32,
    stop: Stop,
    /// Of the logarithms of the parameters; `None` in rows and columns of parameters at the edge.
    ln_covariance: Vec<Vec<Option<f64>>>,
    diagnosis: Vec<Diagnosis>,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Stop {
    /// No step promises a gain any more.
    Converged,
    /// No step gains, though one should.
    NoProgress,
    /// The steps allowed were used up.
    IterationLimit,
}

/// A parameter this uncertain (standard error of its logarithm) and this far out is at the edge: nothing holds it.
const UNHELD: f64 = 3.0;
const FAR_OUT: (f64, f64) = (1e-3, 1e3);

impl<M: Model> Fitted<M> {
    pub(super) fn new(search: Search, scales: &[f64], data: &M::Data) -> Result<Self, Error> {
        let Search { top, iterations, stop } = search;
        let theta = M::Theta::try_from(&super::scaled(&top.theta, scales))
            .map_err(|_| Error::NoStart { model: M::NAME })?;
        let model = M::from_theta(theta)?;
        let mut diagnosis = data.diagnose();
        if stop != Stop::Converged {
            diagnosis.push(Diagnosis::NotConverged { iterations });
        }
        let ln_covariance = uncertainty::<M>(&top, scales, &mut diagnosis);
        diagnosis.extend(model.diagnose(data));
        Ok(Fitted {
            model,
            ln_likelihood: top.ln_likelihood,
            customers: data.customers(),
            unit: data.unit(),
            iterations,
            stop,
            ln_covariance,
            diagnosis,
        })
    }

    /// The law itself, for predictions.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// ln of the likelihood at the top.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Number of customers fitted to.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The unit of time of parameters and predictions, where the data knew it.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Steps taken.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Why the search ended.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// Everything that makes the fit doubtful; empty where nothing does.
    #[must_use]
    pub fn diagnosis(&self) -> &[Diagnosis] {
        &self.diagnosis
    }

    /// Akaike's criterion, 2 k - 2 ln L; the smaller the better, between models of the same data.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * M::PARAMETERS.len() as f64 - 2.0 * self.ln_likelihood
    }

    /// Schwarz's criterion, k ln n - 2 ln L.
    #[must_use]
    pub fn bic(&self) -> f64 {
        M::PARAMETERS.len() as f64 * (self.customers as f64).ln() - 2.0 * self.ln_likelihood
    }

    /// Names, values and standard errors of the parameters; no standard error where the likelihood has no top in that direction.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, f64, Option<f64>)> {
        let theta = self.model.theta().as_ref().to_vec();
        let errors: Vec<Option<f64>> = theta
            .iter()
            .enumerate()
            .map(|(i, theta)| Some(theta * self.ln_covariance.get(i)?.get(i).copied()??.sqrt()))
            .collect();
        M::PARAMETERS.iter().zip(theta).zip(errors).map(|((&name, theta), error)| (name, theta, error))
    }

    /// All of it as plain values.
    #[must_use]
    pub fn report(&self) -> FitReport {
        FitReport {
            model: M::NAME,
            customers: self.customers,
            what: M::Data::WHAT,
            unit: self.unit,
            parameters: self.parameters().collect(),
            ln_likelihood: self.ln_likelihood,
            aic: self.aic(),
            bic: self.bic(),
            diagnosis: self.diagnosis.clone(),
        }
    }

    /// Covariance of two parameters, by their numbers: from the inverse of minus the Hessian of ln L.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        let theta = self.model.theta();
        let entry = self.ln_covariance.get(i)?.get(j).copied()??;
        Some(entry * theta.as_ref().get(i)? * theta.as_ref().get(j)?)
    }

    /// The same of their logarithms.
    pub(super) fn ln_covariance_of(&self, i: usize, j: usize) -> Option<f64> {
        self.ln_covariance.get(i)?.get(j).copied()?
    }

    /// An interval for a parameter, by its logarithm; `None` without a standard error.
    #[must_use]
    pub fn parameter_interval(&self, i: usize, level: Level) -> Option<Interval> {
        let estimate = *self.model.theta().as_ref().get(i)?;
        let variance = self.ln_covariance.get(i)?.get(i).copied()??;
        Some(around(estimate, variance, level))
    }

    /// An interval for any positive number that the parameters decide, such as an expectation, by the delta method on its logarithm; `None`
    /// where a parameter has no standard error.
    ///
    /// It is for the *expectation*: a single customer's count scatters around that far more widely.
    pub fn expectation_interval(&self, level: Level, expectation: impl Fn(&M) -> f64) -> Option<Interval> {
        let variance = self.ln_variance_of(&expectation)?;
        Some(around(expectation(&self.model), variance, level))
    }

    /// Variance of the logarithm of a positive number that the parameters decide, by the delta method.
    pub(super) fn ln_variance_of(&self, expectation: impl Fn(&M) -> f64) -> Option<f64> {
        /// Step in logarithms for the difference quotient.
        const STEP: f64 = 1e-4;
        let theta = self.model.theta().as_ref().to_vec();
        let moved = |i: usize, step: f64| {
            let mut moved = theta.clone();
            *moved.get_mut(i)? *= step.exp();
            let model = M::from_theta(M::Theta::try_from(&moved).ok()?).ok()?;
            Some(expectation(&model).ln()).filter(|ln| ln.is_finite())
        };
        let slopes: Option<Vec<f64>> =
            (0..theta.len()).map(|i| Some((moved(i, STEP)? - moved(i, -STEP)?) / (2.0 * STEP))).collect();
        let slopes = slopes?;
        let mut variance = 0.0;
        for (row, by_i) in self.ln_covariance.iter().zip(&slopes) {
            for (entry, by_j) in row.iter().zip(&slopes) {
                variance += (*entry)? * by_i * by_j;
            }
        }
        Some(variance.max(0.0))
    }
}

/// What is told of any fit, whatever its model: for tables and files.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FitReport {
    /// The model.
    pub model: &'static str,
    /// Number of customers fitted to.
    pub customers: u64,
    /// What there is one of for each, in plural: `customers`.
    pub what: &'static str,
    /// The unit of time, where the data knew it.
    pub unit: Option<TimeUnit>,
    /// Name, value and standard error of each parameter.
    pub parameters: Vec<(&'static str, f64, Option<f64>)>,
    /// ln of the likelihood.
    pub ln_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Everything that makes the fit doubtful.
    pub diagnosis: Vec<Diagnosis>,
}

/// An interval around an estimate whose logarithm has that variance.
fn around(estimate: f64, variance: f64, level: Level) -> Interval {
    let factor = (level.z() * variance.sqrt()).exp();
    Interval::new(estimate / factor, estimate, estimate * factor, level)
}

/// The covariance of the logarithms, without the parameters that nothing holds; says which those are.
fn uncertainty<M: Model>(
    top: &Point,
    scales: &[f64],
    diagnosis: &mut Vec<Diagnosis>,
) -> Vec<Vec<Option<f64>>> {
    let n = top.theta.len();
    let mut held: Vec<usize> = (0..n).collect();
    loop {
        let information: Vec<Vec<f64>> = held
            .iter()
            .map(|&i| {
                held.iter().map(|&j| -top.hessian.get(i).and_then(|row| row.get(j)).unwrap_or(&0.0)).collect()
            })
            .collect();
        let inverse = Cholesky::of(&information).map(|root| root.inverse());
        // The least held of all, if it is not held well enough: at an edge, or far out and uncertain.
        let worst = held
            .iter()
            .enumerate()
            .filter_map(|(place, &i)| {
                let theta = *top.theta.get(i)?;
                let variance = inverse.as_ref().map_or(f64::INFINITY, |inverse| {
                    inverse
                        .get(place)
                        .and_then(|row| row.get(place))
                        .map_or(f64::INFINITY, |variance| *variance)
                });
                let at_edge = theta <= EDGES.0 || theta >= EDGES.1;
                let far_out = !(FAR_OUT.0..=FAR_OUT.1).contains(&theta) && variance.sqrt() > UNHELD;
                (at_edge || far_out).then_some((i, theta, if at_edge { f64::INFINITY } else { variance }))
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        match (worst, inverse) {
            (Some((i, theta, _)), _) => {
                let direction = if theta < 1.0 { Direction::Zero } else { Direction::Infinity };
                let parameter = M::PARAMETERS.get(i).copied().unwrap_or_default();
                let value = theta * scales.get(i).copied().unwrap_or(1.0);
                diagnosis.push(Diagnosis::Boundary { parameter, direction, value });
                held.retain(|&other| other != i);
            }
            (None, None) => {
                let parameters = held.iter().filter_map(|&i| M::PARAMETERS.get(i).copied()).collect();
                diagnosis.push(Diagnosis::NotIdentified { parameters });
                return vec![vec![None; n]; n];
            }
            (None, Some(inverse)) => {
                let mut covariance = vec![vec![None; n]; n];
                for (&i, row) in held.iter().zip(&inverse) {
                    for (&j, entry) in held.iter().zip(row) {
                        if let Some(slot) = covariance.get_mut(i).and_then(|row| row.get_mut(j)) {
                            *slot = Some(*entry);
                        }
                    }
                }
                return covariance;
            }
        }
    }
}

/// A table as papers print it: parameters with standard errors, the likelihood, and what is doubtful.
impl<M: Model> fmt::Display for Fitted<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}

/// A table as papers print it.
impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fitted to {} {}", self.model, self.customers, self.what)?;
        if let Some(unit) = self.unit {
            write!(f, ", time in {unit}s")?;
        }
        write!(f, "\n{:>12} {:>14} {:>14}", "parameter", "estimate", "std. error")?;
        for (name, theta, error) in &self.parameters {
            let error = error.map_or_else(|| "-".to_owned(), significant);
            write!(f, "\n{name:>12} {:>14} {error:>14}", significant(*theta))?;
        }
        write!(f, "\nln L {:.4}, AIC {:.2}, BIC {:.2}", self.ln_likelihood, self.aic, self.bic)?;
        for doubt in &self.diagnosis {
            write!(f, "\ndoubtful: {doubt}")?;
        }
        Ok(())
    }
}

/// Six significant digits.
fn significant(value: f64) -> String {
    let digits = 5 - value.abs().max(1e-300).log10().floor() as i32;
    match usize::try_from(digits) {
        Ok(decimals) if decimals <= 10 => format!("{value:.decimals$}"),
        _ => format!("{value:.5e}"),
    }
}

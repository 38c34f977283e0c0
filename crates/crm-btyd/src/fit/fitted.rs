use std::fmt;

use crm_numbers::{Interval, Level, TimeUnit};
use crm_statistics::Termination;

use super::diagnosis::{FitDiagnosis, Optimum, ParameterBound};
use super::newton::{Cholesky, EDGES, Point, Search};
use super::report::{FitReport, ParameterEstimate};
use super::search::AGREEMENT;
use super::terms::{ParameterRole, Terms};
use crate::{
    Error, PurchaseModel,
    models::{Sample, Simpler},
};

/// A model with the parameters under which the data are most likely, and what is known about their
/// uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseFit<M> {
    model: M,
    ln_likelihood: f64,
    ln_prior: f64,
    roles: Vec<ParameterRole>,
    customers: u64,
    unit: Option<TimeUnit>,
    iterations: u32,
    termination: Termination,
    /// Of the logarithms of the parameters; `None` in rows and columns of parameters at the edge.
    ln_covariance: Vec<Vec<Option<f64>>>,
    diagnosis: Vec<FitDiagnosis>,
}

/// Step in logarithms for difference quotients.
const STEP: f64 = 1e-4;

/// A larger model this little below the simpler one is no worse, in ln L.
const HAIR: f64 = 0.01;

/// Relative rounding of a log-likelihood. Where a bound keeps a larger model this little below the
/// simpler one that it contains in the limit, the two are one model.
const ROUNDING: f64 = 1e-8;

/// A parameter this uncertain (standard error of its logarithm) and this far out is at the edge:
/// nothing holds it.
const UNHELD: f64 = 3.0;
const FAR_OUT: (f64, f64) = (1e-3, 1e3);

/// The log-likelihood of a model, or that of the simpler one that it contains if only rounding
/// tells them apart: no comparison of the two is then decided by rounding.
fn shared<M: PurchaseModel>(ln_likelihood: f64, simpler: Option<&Simpler<M>>) -> f64 {
    let contained = simpler.filter(|simpler| simpler.parameters < M::PARAMETERS.len());
    let of_simpler = contained.map_or(f64::NEG_INFINITY, |simpler| simpler.ln_likelihood);
    let below = of_simpler - ln_likelihood;
    if below > 0.0 && below <= ROUNDING * of_simpler.abs() { of_simpler } else { ln_likelihood }
}

impl<M: PurchaseModel> PurchaseFit<M> {
    #[allow(clippy::indexing_slicing, reason = "there is a scale for whatever is searched for")]
    /// `others` are lower maxima that the search has found, the highest first.
    pub(super) fn new(
        search: Search,
        others: &[Search],
        terms: &Terms<M>,
        simpler: Option<&Simpler<M>>,
        data: &M::Data,
    ) -> Result<Self, Error> {
        let Search { top, iterations, termination } = search;
        let model = terms.model(&top.theta)?;
        let ln_prior = terms.ln_prior(model.theta().as_ref());
        let ln_likelihood = shared(top.ln_likelihood - ln_prior, simpler.filter(|_| terms.is_plain()));
        let mut diagnosis = data.diagnose();
        if termination != Termination::Converged {
            diagnosis.push(FitDiagnosis::NotConverged { iterations });
        }
        // The simpler model is compared below, and is no explanation of its own.
        let simplest = simpler.map_or(f64::NEG_INFINITY, |simpler| simpler.ln_likelihood + AGREEMENT);
        let explains = |other: &&Search| {
            other.termination == Termination::Converged && other.top.ln_likelihood > simplest
        };
        if let Some(other) = others.iter().find(explains) {
            let other_model = terms.model(&other.top.theta)?;
            diagnosis.push(FitDiagnosis::StartsDisagree {
                taken: Optimum::of(&model, top.ln_likelihood, data),
                other: Optimum::of(&other_model, other.top.ln_likelihood, data),
            });
        }
        let ln_covariance =
            terms.expanded(&uncertainty(&top, |i| terms.name(i), |i| terms.scales[i], &mut diagnosis));
        diagnosis.extend(model.diagnose(data));
        if let Some(simpler) = simpler.filter(|_| terms.is_plain()) {
            let (gain, more) = (
                ln_likelihood - simpler.ln_likelihood,
                M::PARAMETERS.len().saturating_sub(simpler.parameters),
            );
            // By Akaike's criterion the simpler model is as good.
            if gain <= more as f64 {
                // A search ends a rounding error below the maximum, and the bound of a parameter
                // may keep the larger model a little away from the simpler one; where it keeps it
                // far away, the simpler one is the likelier.
                let gain = if more > 0 && gain > -HAIR { gain.max(0.0) } else { gain };
                diagnosis.push(FitDiagnosis::Collapsed { into: simpler.model.into(), gain });
            }
        }
        Ok(PurchaseFit {
            model,
            ln_likelihood,
            ln_prior,
            roles: terms.roles(),
            customers: data.customers(),
            unit: data.unit(),
            iterations,
            termination,
            ln_covariance,
            diagnosis,
        })
    }

    /// Returns the model, which predicts.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Returns the model for customers whose times are in a unit.
    ///
    /// Parameters are times: those of weeks tell nothing of days. Where the data of the fit knew no
    /// unit, the caller answers for it.
    ///
    /// # Errors
    ///
    /// [`Error::Unit`] where the fit is in another unit.
    pub fn model_in(&self, unit: TimeUnit) -> Result<&M, Error> {
        match self.unit {
            Some(fitted) if fitted != unit => Err(Error::Unit { fitted, asked: unit }),
            _ => Ok(&self.model),
        }
    }

    /// Returns the maximum of the log-likelihood.
    ///
    /// Some models contain a simpler one in the limit only, such as the GGompertz/NBD at b = 0.
    /// Where the bound of the parameters keeps the maximum below that of the simpler model, but by
    /// no more than 1e-8 of it, this is the maximum of the simpler model, so that rounding decides
    /// no comparison of the two.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Returns the log-density of the priors at the maximum; 0 without priors.
    #[must_use]
    pub fn ln_prior(&self) -> f64 {
        self.ln_prior
    }

    /// The objective of the fit: ln of likelihood times priors.
    pub(super) fn height(&self) -> f64 {
        self.ln_likelihood + self.ln_prior
    }

    /// Returns the role of each parameter in the fit.
    #[must_use]
    pub fn roles(&self) -> &[ParameterRole] {
        &self.roles
    }

    /// Parameters that were fitted.
    fn free(&self) -> usize {
        self.roles.iter().filter(|role| **role == ParameterRole::Free).count()
    }

    /// Returns the number of customers that the model was fitted to.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Returns the unit of time of parameters and predictions, if the data had one.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Returns the number of iterations.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Returns why the search ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Returns whatever makes the fit doubtful; empty if nothing does.
    #[must_use]
    pub fn diagnosis(&self) -> &[FitDiagnosis] {
        &self.diagnosis
    }

    /// Akaike's criterion, 2 k - 2 ln L; the smaller the better, between models of the same data.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.free() as f64 - 2.0 * self.ln_likelihood
    }

    /// Schwarz's criterion, k ln n - 2 ln L.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.free() as f64 * (self.customers as f64).ln() - 2.0 * self.ln_likelihood
    }

    /// Names, values and standard errors of the parameters; no standard error where the likelihood
    /// has no top in that direction.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, f64, Option<f64>)> {
        let theta = self.model.theta().as_ref().to_vec();
        let errors: Vec<Option<f64>> =
            theta.iter().enumerate().map(|(i, theta)| Some(theta * self.ln_variance(i)?.sqrt())).collect();
        M::PARAMETERS.iter().zip(theta).zip(errors).map(|((&name, theta), error)| (name, theta, error))
    }

    /// Returns the fit as plain values.
    #[must_use]
    pub fn report(&self) -> FitReport {
        FitReport {
            model: self.model.name().into(),
            customers: self.customers,
            what: M::Data::WHAT.into(),
            unit: self.unit,
            parameters: self
                .parameters()
                .zip(&self.roles)
                .map(|((name, value, standard_error), role)| ParameterEstimate {
                    name: name.into(),
                    value,
                    standard_error,
                    role: role.clone(),
                })
                .collect(),
            ln_likelihood: self.ln_likelihood,
            ln_prior: self.ln_prior,
            aic: self.aic(),
            bic: self.bic(),
            diagnosis: self.diagnosis.clone(),
        }
    }

    /// Covariance of two parameters, by their numbers: from the inverse of minus the Hessian of ln
    /// L.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        let theta = self.model.theta();
        let entry = self.ln_covariance.get(i)?.get(j).copied()??;
        Some(entry * theta.as_ref().get(i)? * theta.as_ref().get(j)?)
    }

    /// Variance of the logarithm of a parameter, where it was fitted and is known.
    fn ln_variance(&self, i: usize) -> Option<f64> {
        self.ln_covariance_of(i, i).filter(|_| self.roles.get(i) != Some(&ParameterRole::Fixed))
    }

    /// Covariance of the logarithms of two parameters.
    pub(super) fn ln_covariance_of(&self, i: usize, j: usize) -> Option<f64> {
        self.ln_covariance.get(i)?.get(j).copied()?
    }

    /// An interval for a parameter, by its logarithm; `None` without a standard error.
    #[must_use]
    pub fn parameter_interval(&self, i: usize, level: Level) -> Option<Interval> {
        let estimate = *self.model.theta().as_ref().get(i)?;
        let variance = self.ln_variance(i)?;
        Some(around(estimate, variance, level))
    }

    /// An interval for any positive number that the parameters decide, such as an expectation, by
    /// the delta method on its logarithm; `None` where a parameter has no standard error.
    ///
    /// It is for the *expectation*: a single customer's count scatters around that far more widely.
    pub fn expectation_interval(&self, level: Level, expectation: impl Fn(&M) -> f64) -> Option<Interval> {
        let variance = self.ln_variance_of(&expectation)?;
        Some(around(expectation(&self.model), variance, level))
    }

    /// Returns an interval for a probability that the parameters determine, by the delta method
    /// on ln(p / (1 - p)): both bounds are probabilities. `None` where a parameter has no standard
    /// error, and for a probability of 0 or 1.
    pub fn probability_interval(&self, level: Level, probability: impl Fn(&M) -> f64) -> Option<Interval> {
        let odds = |model: &M| {
            let p = probability(model);
            p / (1.0 - p)
        };
        let interval = self.expectation_interval(level, odds)?;
        let p = |odds: f64| odds / (1.0 + odds);
        Some(Interval::new(p(interval.lower), p(interval.estimate), p(interval.upper), level))
    }

    /// [`expectation_interval`](Self::expectation_interval) of many numbers at once, such as the
    /// expectations of all customers, each as `fill` writes them into a buffer: two calls a
    /// parameter, whatever their number. `None` where a number is 0.
    ///
    /// # Errors
    ///
    /// Those of `fill`.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, Histories, History, Horizon, Level, MbgNbd, Repeat, fit};
    ///
    /// let customers = [History::new(0, 0.0, 39.0)?, History::new(4, 36.0, 39.0)?];
    /// # let histories = Histories::weighted([(customers[0], 900), (History::new(1, 3.0, 39.0)?, 150),
    /// #     (History::new(1, 25.0, 39.0)?, 120), (customers[1], 80), (History::new(9, 38.0, 39.0)?, 20)]);
    /// let fitted = fit::<MbgNbd>(&histories, &PurchaseOptions::default())?;
    /// let half_year = Horizon::new(26.0)?;
    /// let intervals = fitted.expectation_intervals(Level::default(), customers.len(), |model, into| {
    ///     model.expected_purchases_all(&customers, half_year, into)
    /// })?;
    /// let second = fitted.expectation_interval(Level::default(), |model| model.expected_purchases(&customers[1], half_year));
    /// assert!((intervals[1].unwrap().lower / second.unwrap().lower - 1.0).abs() < 1e-6);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    pub fn expectation_intervals(
        &self,
        level: Level,
        numbers: usize,
        fill: impl Fn(&M, &mut [f64]) -> Result<(), Error>,
    ) -> Result<Vec<Option<Interval>>, Error> {
        let values = |model: &M| {
            let mut into = vec![0.0; numbers];
            fill(model, &mut into).map(|()| into)
        };
        let here = values(&self.model)?;
        let theta = self.model.theta().as_ref().to_vec();
        let mut slopes = Vec::with_capacity(theta.len());
        for i in 0..theta.len() {
            let moved = |step: f64| self.moved(&theta, i, step);
            slopes.push(match (moved(STEP), moved(-STEP)) {
                (Some(up), Some(down)) => Some((values(&up)?, values(&down)?)),
                _ => None,
            });
        }
        let interval = |(n, estimate): (usize, &f64)| {
            let at = |values: &[f64]| values.get(n).map(|value| value.ln()).filter(|ln| ln.is_finite());
            let slope = |pair: &Option<(Vec<f64>, Vec<f64>)>| {
                let (up, down) = pair.as_ref()?;
                Some((at(up)? - at(down)?) / (2.0 * STEP))
            };
            let slopes: Vec<f64> = slopes.iter().map(slope).collect::<Option<_>>()?;
            Some(around(*estimate, self.variance_along(&slopes)?, level))
        };
        Ok(here.iter().enumerate().map(interval).collect())
    }

    #[allow(clippy::indexing_slicing, reason = "the caller has a parameter")]
    /// The model with one parameter moved in logarithms.
    fn moved(&self, theta: &[f64], i: usize, step: f64) -> Option<M> {
        let mut moved = theta.to_vec();
        moved[i] *= step.exp();
        self.model.with_theta(M::Theta::try_from(&moved).ok()?).ok()
    }

    /// Variance of something with these slopes by the logarithms of the parameters.
    fn variance_along(&self, slopes: &[f64]) -> Option<f64> {
        let mut variance = 0.0;
        for (row, by_i) in self.ln_covariance.iter().zip(slopes) {
            for (entry, by_j) in row.iter().zip(slopes) {
                variance += (*entry)? * by_i * by_j;
            }
        }
        Some(variance.max(0.0))
    }

    /// Variance of the logarithm of a positive number that the parameters decide, by the delta
    /// method.
    pub(super) fn ln_variance_of(&self, expectation: impl Fn(&M) -> f64) -> Option<f64> {
        let theta = self.model.theta().as_ref().to_vec();
        let ln = |i: usize, step: f64| {
            Some(expectation(&self.moved(&theta, i, step)?).ln()).filter(|ln| ln.is_finite())
        };
        let slopes: Option<Vec<f64>> =
            (0..theta.len()).map(|i| Some((ln(i, STEP)? - ln(i, -STEP)?) / (2.0 * STEP))).collect();
        self.variance_along(&slopes?)
    }
}

/// An interval around an estimate whose logarithm has that variance.
fn around(estimate: f64, variance: f64, level: Level) -> Interval {
    let factor = (level.z() * variance.sqrt()).exp();
    Interval::new(estimate / factor, estimate, estimate * factor, level)
}

/// The covariance of the logarithms of what was searched for, without what nothing holds; says what
/// that is.
#[allow(clippy::indexing_slicing, reason = "indices are those of what was searched for")]
pub(super) fn uncertainty(
    top: &Point,
    name: impl Fn(usize) -> &'static str,
    scale: impl Fn(usize) -> f64,
    diagnosis: &mut Vec<FitDiagnosis>,
) -> Vec<Vec<Option<f64>>> {
    let n = top.theta.len();
    let mut held: Vec<usize> = (0..n).collect();
    loop {
        let information: Vec<Vec<f64>> =
            held.iter().map(|&i| held.iter().map(|&j| -top.hessian[i][j]).collect()).collect();
        let inverse = Cholesky::of(&information).map(|root| root.inverse());
        // The least held of all, if it is not held well enough: at an edge, or far out and
        // uncertain.
        let worst = held
            .iter()
            .enumerate()
            .filter_map(|(place, &i)| {
                let theta = top.theta[i];
                let variance = inverse.as_ref().map_or(f64::INFINITY, |inverse| inverse[place][place]);
                let at_edge = theta <= EDGES.0 || theta >= EDGES.1;
                let far_out = !(FAR_OUT.0..=FAR_OUT.1).contains(&theta) && variance.sqrt() > UNHELD;
                (at_edge || far_out).then_some((i, theta, if at_edge { f64::INFINITY } else { variance }))
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        match (worst, inverse) {
            (Some((i, theta, _)), _) => {
                let bound = if theta < 1.0 { ParameterBound::Zero } else { ParameterBound::Infinity };
                let parameter = name(i).into();
                let value = theta * scale(i);
                diagnosis.push(FitDiagnosis::Boundary { parameter, bound, value });
                held.retain(|&other| other != i);
            }
            (None, None) => {
                let parameters = held.iter().map(|&i| name(i).into()).collect();
                diagnosis.push(FitDiagnosis::NotIdentified { parameters });
                return vec![vec![None; n]; n];
            }
            (None, Some(inverse)) => {
                let mut covariance = vec![vec![None; n]; n];
                for (&i, row) in held.iter().zip(&inverse) {
                    for (&j, entry) in held.iter().zip(row) {
                        covariance[i][j] = Some(*entry);
                    }
                }
                return covariance;
            }
        }
    }
}

/// A table as papers print it: parameters with standard errors, the likelihood, and what is
/// doubtful.
impl<M: PurchaseModel> fmt::Display for PurchaseFit<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}

//! Models whose purchase rate and drop-out depend on what is known of a customer.

use std::fmt;

use crm_numbers::{check, parallel};
use crm_statistics::Termination;
use hashbrown::HashMap;

use super::diagnosis::FitDiagnosis;
use super::fitted::uncertainty;
use super::newton::{self, Point, Search};
use super::prior::Prior;
use super::terms::{Terms, in_logarithms};
use super::{PurchaseOptions, search};
use crate::{
    Error, Histories, History, PurchaseModel,
    models::{Derivatives, Sample},
};

/// A model that knows where a customer's covariates act.
///
/// A covariate z multiplies the purchase rate by e^(γ z), and the drop-out by e^(δ z); each is the
/// same as a multiple of the logarithm of a parameter.
pub trait WithCovariates: PurchaseModel<Data = Histories> {
    /// Number of a parameter, and by which multiple of γ z its logarithm moves.
    const PURCHASE: (usize, f64);
    /// The same of δ z.
    const DROP_OUT: (usize, f64);
}

/// Customers with covariates that do not change: channel, region, age at the first purchase.
///
/// Covariates are numbers; a kind is 0 or 1, and of n kinds n - 1 are told. A covariate may act on
/// purchases, on drop-out, or on both.
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, covariates::CovariateHistories};
///
/// // Whether the customer came by an advertisement, and the distance to the shop in km.
/// let mut data = CovariateHistories::new(&["advertisement", "distance"], &["advertisement"]);
/// data.push(History::new(2, 30.0, 39.0)?, &[1.0, 4.5], &[1.0])?;
/// let error = data.push(History::new(0, 0.0, 39.0)?, &[1.0], &[1.0]).unwrap_err();
/// assert_eq!(error.to_string(), "expected 2 covariates of purchases, got 1");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateHistories {
    purchase: Vec<String>,
    drop_out: Vec<String>,
    /// By the bits of the covariates, in the order of their first customer.
    groups: HashMap<Vec<u64>, usize>,
    customers: Vec<(Vec<f64>, Vec<History>)>,
}

/// Largest size of a covariate.
const LARGEST: f64 = 1e9;

impl CovariateHistories {
    /// Nobody yet, with the names of the covariates that act on purchases and on drop-out.
    #[must_use]
    pub fn new(purchase: &[&str], drop_out: &[&str]) -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        CovariateHistories {
            purchase: names(purchase),
            drop_out: names(drop_out),
            groups: HashMap::new(),
            customers: Vec::new(),
        }
    }

    /// One more customer, with the values of the covariates in the order of their names.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one of each; [`Error::Input`] for one outside -1e9 ..= 1e9.
    #[allow(clippy::indexing_slicing, reason = "groups are numbered as they come")]
    pub fn push(&mut self, history: History, purchase: &[f64], drop_out: &[f64]) -> Result<(), Error> {
        let covariates = self.checked(purchase, drop_out)?;
        // One zero: the two have different bits.
        let key = covariates.iter().map(|value| (value + 0.0).to_bits()).collect();
        let next = self.customers.len();
        let group = *self.groups.entry(key).or_insert(next);
        if group == next {
            self.customers.push((covariates, Vec::new()));
        }
        self.customers[group].1.push(history);
        Ok(())
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers.iter().map(|(_, histories)| histories.len() as u64).sum()
    }

    fn checked(&self, purchase: &[f64], drop_out: &[f64]) -> Result<Vec<f64>, Error> {
        check::length("covariates of purchases", purchase.len(), self.purchase.len())?;
        check::length("covariates of drop-out", drop_out.len(), self.drop_out.len())?;
        let both: Vec<f64> = purchase.iter().chain(drop_out).copied().collect();
        check::range_of_all("covariates", &both, -LARGEST..=LARGEST)?;
        Ok(both)
    }
}

/// A model fitted together with the effects of covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateFit<M> {
    base: M,
    effects: Vec<CovariateEffect>,
    parameters: Vec<(&'static str, f64, Option<f64>)>,
    ln_likelihood: f64,
    /// Number of what was fitted.
    free: usize,
    customers: u64,
    termination: Termination,
    diagnosis: Vec<FitDiagnosis>,
    names: CovariateHistories,
}

/// Effect of a covariate.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CovariateEffect {
    /// The covariate.
    pub name: String,
    /// Set if the covariate acts on drop-out instead of purchases.
    pub on_drop_out: bool,
    /// γ or δ: one more of the covariate multiplies the rate by its exponential.
    pub coefficient: f64,
    /// Its standard error; `None` where the data do not tell it.
    pub standard_error: Option<f64>,
}

/// Fits a model whose purchase rate and drop-out depend on covariates.
///
/// Pareto/NBD: alpha e^(-γ z) and beta e^(-δ z) in the place of alpha and beta, so that rates of
/// purchase and of death are multiplied by e^(γ z) and e^(δ z). BG/NBD and MBG/NBD: alpha e^(-γ z)
/// and a e^(δ z), so that the rate of purchases and the mean odds of dropping out are. Fader and
/// Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models",
/// note 019 on brucehardie.com; of their two effects on the coin, that on b is left out. The
/// parameters told are those of a customer whose covariates are all 0.
///
/// The likelihood of the larger model is never below the plain one's: compare by AIC whether the
/// covariates tell anything. With [`PurchaseOptions::with_effect_spread`] many covariates can be
/// tried on few customers: effects that the data hardly tell stay near 0. Terms on parameters are
/// those of a customer whose covariates are all 0.
///
/// # Errors
///
/// As [`fit`](crate::fit()); [`Error::Input`] for a spread of effects outside 1e-8 ..= 1e8.
///
/// # Examples
///
/// ```
/// use crm_btyd::{PurchaseOptions, History, ParetoNbd, Repeat, covariates::{CovariateHistories, fit_with_covariates}};
///
/// // Customers of the second shop come back more often.
/// let mut data = CovariateHistories::new(&["second shop"], &[]);
/// for n in 0..400_u32 {
///     let second = f64::from(n % 2);
///     let x = if n % 5 < 2 { 0 } else { (1 + n % 2 * 2) * (1 + n % 3) };
///     let recency = if x > 0 { 10.0 + f64::from(n % 29) } else { 0.0 };
///     data.push(History::new(x, recency, 39.0)?, &[second], &[])?;
/// }
/// let fitted = fit_with_covariates::<ParetoNbd>(&data, &PurchaseOptions::default())?;
/// let effect = &fitted.effects()[0];
/// assert!(effect.coefficient > 3.0 * effect.standard_error.unwrap());
/// // The model for a customer of that shop answers every question.
/// let (first, second) = (fitted.model_for(&[0.0], &[])?, fitted.model_for(&[1.0], &[])?);
/// assert!((first.alpha() / second.alpha()).ln() - effect.coefficient < 1e-9);
/// assert!(second.p_alive(&History::new(1, 20.0, 39.0)?) < first.p_alive(&History::new(1, 20.0, 39.0)?));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub fn fit_with_covariates<M: WithCovariates>(
    data: &CovariateHistories,
    options: &PurchaseOptions,
) -> Result<CovariateFit<M>, Error> {
    let all: Histories = data.customers.iter().flat_map(|(_, histories)| histories.iter().copied()).collect();
    // Without effects the maxima are near: the search begins there, and at places of the model's
    // own.
    let terms = search::checked_terms(&M::kind(&all, options)?, &all, options)?;
    let plain = search::everywhere::<M>(&all, options, &terms, terms.kind().simpler(&all).as_ref())?;
    let on_effects = options.effect_spread.map(|spread| Prior::log_normal(1.0, spread)).transpose()?;
    let problem = Problem::<M>::of(data, &terms, on_effects);
    let free = terms.free();
    let from = |start: Vec<f64>| -> Vec<f64> {
        let base = start.into_iter().map(|theta| theta.clamp(1e-3, 1e3));
        base.chain(problem.units.iter().map(|_| 1.0)).collect()
    };
    let own = search::promising::<M>(&search::grid::<M>(&all, &terms), &terms, &all, 3);
    let starts = plain.iter().map(|found| found.top.theta.clone()).chain(own).map(from);
    let searches = starts
        .into_iter()
        .filter_map(|start| newton::search(&start, options.max_iterations, |place| problem.point(place)));
    let search = searches
        .reduce(|best: Search, next| {
            let arrives =
                next.termination == Termination::Converged && best.termination != Termination::Converged;
            if arrives || next.top.ln_likelihood > best.top.ln_likelihood + 1e-6 { next } else { best }
        })
        .ok_or(Error::NoStart { model: M::NAME })?;
    let Search { top, iterations, termination } = search;
    let mut diagnosis = all.diagnose();
    if termination != Termination::Converged {
        diagnosis.push(FitDiagnosis::NotConverged { iterations });
    }
    let name = |i: usize| match i.checked_sub(free) {
        None => terms.name(i),
        Some(effect) if effect < data.purchase.len() => "an effect on purchases",
        Some(_) => "an effect on drop-out",
    };
    let scale = |i: usize| terms.scales.get(i).copied().unwrap_or(1.0); // effects have no scale
    let covariance = uncertainty(&top, name, scale, &mut diagnosis);
    let error_of =
        |covariance: &[Vec<Option<f64>>], i: usize| covariance.get(i)?.get(i).copied()?.map(f64::sqrt);
    let of_parameters = terms.expanded(&covariance);
    let theta = terms.theta(&top.theta);
    let ln_prior = terms.ln_prior(&theta) + problem.ln_prior(&top.theta);
    let named = data.purchase.iter().map(|name| (name, false));
    let named = named.chain(data.drop_out.iter().map(|name| (name, true)));
    let effects = named.zip(&problem.units).zip(top.theta.iter().skip(free)).enumerate();
    let effects = effects.map(|(j, (((name, on_drop_out), unit), relative))| CovariateEffect {
        name: name.clone(),
        on_drop_out,
        coefficient: relative.ln() / unit,
        standard_error: error_of(&covariance, free + j).map(|error| error / unit),
    });
    let parameters = M::PARAMETERS.iter().zip(&theta).enumerate();
    Ok(CovariateFit {
        base: terms.model(&top.theta)?,
        effects: effects.collect(),
        parameters: parameters
            .map(|(i, (name, theta))| (*name, *theta, error_of(&of_parameters, i).map(|error| theta * error)))
            .collect(),
        ln_likelihood: top.ln_likelihood - ln_prior,
        free: free + problem.units.len(),
        customers: data.customers(),
        termination,
        diagnosis,
        names: CovariateHistories::new(&strs(&data.purchase), &strs(&data.drop_out)),
    })
}

fn strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

impl<M: WithCovariates> CovariateFit<M> {
    /// Returns the model of a customer whose covariates are all 0.
    #[must_use]
    pub fn base(&self) -> &M {
        &self.base
    }

    /// Returns the model of a customer with these covariates.
    ///
    /// # Errors
    ///
    /// [`Error::Input`]; [`Error::Parameter`] for covariates so far from those of the fit that
    /// their law is none.
    #[allow(clippy::indexing_slicing, reason = "a model states the indices of its own parameters")]
    pub fn model_for(&self, purchase: &[f64], drop_out: &[f64]) -> Result<M, Error> {
        let covariates = self.names.checked(purchase, drop_out)?;
        let mut theta = self.base.theta().as_ref().to_vec();
        for (effect, value) in self.effects.iter().zip(&covariates) {
            let (i, multiple) = if effect.on_drop_out { M::DROP_OUT } else { M::PURCHASE };
            theta[i] *= (multiple * effect.coefficient * value).exp();
        }
        self.base.with_theta(M::Theta::try_from(&theta).map_err(|_| Error::NoStart { model: M::NAME })?)
    }

    /// Returns the effect of each covariate, those on purchases first.
    #[must_use]
    pub fn effects(&self) -> &[CovariateEffect] {
        &self.effects
    }

    /// Names, values and standard errors of the parameters of a customer whose covariates are all
    /// 0.
    #[must_use]
    pub fn parameters(&self) -> &[(&'static str, f64, Option<f64>)] {
        &self.parameters
    }

    /// ln of the likelihood.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Why the search ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Akaike's criterion; effects count as parameters, and what was known does not.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.free as f64 - 2.0 * self.ln_likelihood
    }

    /// Returns whatever makes the fit doubtful.
    #[must_use]
    pub fn diagnosis(&self) -> &[FitDiagnosis] {
        &self.diagnosis
    }
}

impl<M: WithCovariates> fmt::Display for CovariateFit<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with covariates fitted to {} customers", M::NAME, self.customers)?;
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.6}"));
        write!(f, "\n{:>32} {:>14} {:>14}", "parameter", "estimate", "std. error")?;
        for (name, theta, error) in &self.parameters {
            write!(f, "\n{name:>32} {theta:>14.6} {:>14}", number(*error))?;
        }
        for effect in &self.effects {
            let on = if effect.on_drop_out { "drop-out" } else { "purchases" };
            let name = format!("{} on {on}", effect.name);
            write!(f, "\n{name:>32} {:>14.6} {:>14}", effect.coefficient, number(effect.standard_error))?;
        }
        write!(f, "\nln L {:.4}, AIC {:.2}", self.ln_likelihood, self.aic())?;
        self.diagnosis.iter().try_for_each(|doubt| write!(f, "\ndoubtful: {doubt}"))
    }
}

/// The likelihood of all groups of customers with equal covariates.
struct Problem<'a, M> {
    /// Covariates, in units of their sizes, with the parameter that each moves and by how much; and
    /// who has them.
    groups: Vec<(Vec<(usize, f64)>, Histories)>,
    terms: &'a Terms<M>,
    /// The size of each covariate: effects are looked for in its units.
    units: Vec<f64>,
    /// Of the exponential of each effect, in these units.
    on_effects: Option<Prior>,
    model: std::marker::PhantomData<M>,
}

#[allow(clippy::indexing_slicing, reason = "indices are those of parameters and effects")]
impl<'a, M: WithCovariates> Problem<'a, M> {
    fn of(data: &CovariateHistories, terms: &'a Terms<M>, on_effects: Option<Prior>) -> Self {
        let covariates = data.purchase.len() + data.drop_out.len();
        let n = (data.customers() as f64).max(1.0);
        let size = |j: usize| {
            let squares = data
                .customers
                .iter()
                .map(|(covariates, histories)| covariates[j] * covariates[j] * histories.len() as f64);
            (squares.sum::<f64>() / n).sqrt()
        };
        let units: Vec<f64> =
            (0..covariates).map(|j| Some(size(j)).filter(|size| *size > 0.0).unwrap_or(1.0)).collect();
        let group = |(covariates, histories): &(Vec<f64>, Vec<History>)| {
            let moves = covariates.iter().zip(&units).enumerate().map(|(j, (value, unit))| {
                let (i, multiple) = if j < data.purchase.len() { M::PURCHASE } else { M::DROP_OUT };
                (i, multiple * value / unit)
            });
            (moves.collect(), histories.iter().copied().collect())
        };
        Problem {
            groups: data.customers.iter().map(group).collect(),
            terms,
            units,
            on_effects,
            model: std::marker::PhantomData,
        }
    }

    /// ln of what was known of the effects.
    fn ln_prior(&self, place: &[f64]) -> f64 {
        let effects = place.iter().skip(self.terms.free());
        self.on_effects.map_or(0.0, |prior| effects.map(|effect| prior.ln_density(*effect)).sum())
    }

    /// At what is searched for, in units of its scales, and at the exponentials of effects in units
    /// of their covariates.
    fn point(&self, place: &[f64]) -> Option<Point> {
        let base = self.terms.theta(place);
        let (n, free) = (base.len(), self.terms.free());
        let parts = parallel::map(self.groups.iter().collect(), |group: &(Vec<(usize, f64)>, Histories)| {
            let (moves, histories) = group;
            let mut theta = base.clone();
            for ((i, by), relative) in moves.iter().zip(place.iter().skip(free)) {
                theta[*i] *= (by * relative.ln()).exp();
            }
            let model = self.terms.kind().with_theta(M::Theta::try_from(&theta).ok()?).ok()?;
            Some((moves, in_logarithms(model.derivatives(histories), &theta)))
        });
        let mut sums = Derivatives::zero(n + self.units.len());
        for part in parts {
            let (moves, part) = part?;
            // Each parameter of the group moves with its own logarithm, and with the effects of
            // covariates.
            let movers = |i: usize| {
                let effects = moves.iter().enumerate().filter(move |(_, (moved, _))| *moved == i);
                std::iter::once((i, 1.0)).chain(effects.map(move |(j, (_, by))| (n + j, *by)))
            };
            sums.ln_likelihood += part.ln_likelihood;
            for (i, (slope, row)) in part.gradient.iter().zip(&part.hessian).enumerate() {
                for (a, by_a) in movers(i) {
                    sums.add_gradient(a, slope * by_a);
                    for (j, bend) in row.iter().enumerate() {
                        for (b, by_b) in movers(j) {
                            sums.hessian[a][b] += bend * by_a * by_b;
                        }
                    }
                }
            }
        }
        if let Some(prior) = &self.on_effects {
            for (j, effect) in place.iter().skip(free).enumerate() {
                let (ln, slope, bend) = prior.with_slopes(*effect);
                sums.ln_likelihood += ln;
                sums.add_gradient(n + j, slope);
                sums.add_hessian(n + j, n + j, bend);
            }
        }
        self.terms.weighed(place, &base, sums)
    }
}

//! Maximum likelihood, once for all models.
//!
//! Parameters are positive, so the search runs over their logarithms: no bound gets in the way, and a
//! change of the unit of time only shifts it. It begins in every basin that a model names, climbs by
//! Newton's method in a trust region, and keeps the highest maximum; there the same second derivatives
//! give the standard errors. What is known of parameters, which of them are one, and priors are
//! [`Terms`] around the likelihood that no model knows of.

#[cfg(feature = "rand")]
mod bootstrap;
mod covariates;
mod diagnosis;
#[cfg(feature = "rand")]
mod draws;
mod fitted;
mod newton;
mod options;
#[cfg(feature = "posterior")]
mod posterior;
mod predictive;
mod prior;
mod profile;
mod report;
mod search;
mod terms;

#[cfg(feature = "rand")]
pub use self::bootstrap::Bootstrap;
pub use self::covariates::{CovariateFit, CovariateHistories, Effect, WithCovariates, fit_with_covariates};
pub use self::diagnosis::{Diagnosis, Direction, Implication, Optimum};
pub use self::fitted::{Fitted, Stop};
pub use self::options::FitOptions;
#[cfg(feature = "posterior")]
pub use self::posterior::{Posterior, PosteriorOptions, PosteriorParameter};
pub use self::predictive::CountInterval;
pub use self::prior::Prior;
pub use self::profile::ProfileInterval;
pub use self::report::FitReport;
pub use self::terms::Role;
use crate::{Error, Model};

/// Fits a model by maximum likelihood: finds the parameters under which the data are most likely.
///
/// The likelihood may have several local maxima. The search begins in every basin that the model names
/// ([`Model::starts`]), at the optima of the simpler model that it contains ([`Model::simpler`]), and at
/// the starts of the options; it returns the highest maximum that it finds. Where it finds others,
/// [`Diagnosis::StartsDisagree`] names the next highest and what it implies. A maximum at a bound of the
/// parameters (nobody drops out, say) is an answer with a [`Diagnosis`], not an error.
///
/// ```
/// use crm_btyd::{BgNbd, FitOptions, Histories, History, fit};
///
/// // A toy: two kinds of customers, twenty of each.
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 30.0)?, 20),
///     (History::new(5, 25.0, 30.0)?, 20),
/// ]);
/// let fitted = fit::<BgNbd>(&histories, &FitOptions::default())?;
/// assert!(!fitted.diagnosis().is_empty()); // forty customers are too few to be trusted
/// # Ok::<(), crm_btyd::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::NoData`] without a customer; [`Error::NoStart`] where the likelihood is finite at no starting
/// point; [`Error::NoParameter`], [`Error::FixedTwice`], [`Error::Start`] and [`Error::Parameter`] for
/// terms that the model cannot have.
pub fn fit<M: Model>(data: &M::Data, options: &FitOptions) -> Result<Fitted<M>, Error> {
    let terms = search::checked_terms::<M>(data, options)?;
    let simpler = M::simpler(data);
    let maxima = search::everywhere::<M>(data, options, &terms, simpler.as_ref())?;
    let (best, others) = maxima.split().ok_or(Error::NoStart { model: M::NAME })?;
    Fitted::new(best, &others, &terms, simpler.as_ref(), data)
}

/// The models at all maxima that a plain fit finds, the highest first, and its log-likelihood.
pub(crate) fn maxima<M: Model>(data: &M::Data) -> Option<(Vec<M>, f64)> {
    let options = FitOptions::default();
    let terms = search::checked_terms::<M>(data, &options).ok()?;
    let maxima = search::everywhere::<M>(data, &options, &terms, M::simpler(data).as_ref()).ok()?;
    let height = maxima.best()?.top.ln_likelihood;
    Some((maxima.iter().filter_map(|found| terms.model(&found.top.theta).ok()).collect(), height))
}

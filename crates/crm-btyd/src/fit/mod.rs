//! Maximum likelihood, once for all models.
//!
//! Parameters are positive, so the search runs over their logarithms: no bound gets in the way, and
//! a change of the unit of time only shifts it. It begins in every basin that a model names, climbs
//! by Newton's method in a trust region, and keeps the highest maximum; there the same second
//! derivatives give the standard errors. What is known of parameters, which of them are one, and
//! priors are `Terms` around the likelihood that no model knows of.

#[cfg(feature = "rand")]
mod bootstrap;
pub mod covariates;
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
mod stored_fit;
mod terms;

#[cfg(feature = "rand")]
pub use self::bootstrap::Bootstrap;
pub use self::diagnosis::{FitDiagnosis, Implication, Optimum, ParameterBound, ParameterValue};
pub use self::fitted::PurchaseFit;
pub use self::options::PurchaseOptions;
#[cfg(feature = "posterior")]
pub use self::posterior::{ParameterPosterior, PosteriorOptions, PosteriorParameter};
pub use self::predictive::CountInterval;
pub use self::prior::Prior;
pub use self::profile::ProfileInterval;
pub use self::report::{FitReport, ParameterEstimate};
pub use self::stored_fit::StoredFit;
pub use self::terms::ParameterRole;
use crate::{Error, PurchaseModel};
pub use crm_statistics::Termination;

/// Fits a model by maximum likelihood: finds the parameters under which the data are most likely.
///
/// The likelihood may have several local maxima. The search begins in every basin that the model
/// names ([`PurchaseModel::starts`]), at the optima of the simpler model that it contains
/// ([`PurchaseModel::simpler`]), and at the starts of the options; it returns the highest maximum
/// that it finds. Where it finds others, [`FitDiagnosis::StartsDisagree`] names the next highest
/// and what it implies. A maximum at a bound of the parameters (nobody drops out, say) is an answer
/// with a [`FitDiagnosis`], not an error.
///
/// # Errors
///
/// [`Error::Input`] without a customer; [`Error::NoStart`] where the likelihood is finite at no
/// starting point; [`Error::Input`], [`Error::FixedTwice`], [`Error::Input`] and
/// [`Error::Parameter`] for terms that the model cannot have.
///
/// # Examples
///
/// ```
/// use crm_btyd::{BgNbd, PurchaseOptions, Histories, History, fit};
///
/// // A toy: two kinds of customers, twenty of each.
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 30.0)?, 20),
///     (History::new(5, 25.0, 30.0)?, 20),
/// ]);
/// let fitted = fit::<BgNbd>(&histories, &PurchaseOptions::default())?;
/// assert!(!fitted.diagnosis().is_empty()); // forty customers are too few to be trusted
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub fn fit<M: PurchaseModel>(data: &M::Data, options: &PurchaseOptions) -> Result<PurchaseFit<M>, Error> {
    fit_like(&M::kind(data, options)?, data, options)
}

/// Fits a model of the same kind as a given one; see [`fit`].
///
/// A CNBD model keeps its k; of other models the type says all.
///
/// # Errors
///
/// As [`fit`].
pub fn fit_like<M: PurchaseModel>(
    kind: &M,
    data: &M::Data,
    options: &PurchaseOptions,
) -> Result<PurchaseFit<M>, Error> {
    let terms = search::checked_terms(kind, data, options)?;
    let simpler = kind.simpler(data);
    let maxima = search::everywhere::<M>(data, options, &terms, simpler.as_ref())?;
    let (best, others) = maxima.split().ok_or(Error::NoStart { model: M::NAME })?;
    PurchaseFit::new(best, &others, &terms, simpler.as_ref(), data)
}

/// The models at all maxima that a plain fit finds, the highest first, and its log-likelihood.
pub(crate) fn maxima<M: PurchaseModel>(data: &M::Data) -> Option<(Vec<M>, f64)> {
    let options = PurchaseOptions::default();
    let kind = M::kind(data, &options).ok()?;
    let terms = search::checked_terms(&kind, data, &options).ok()?;
    let maxima = search::everywhere::<M>(data, &options, &terms, kind.simpler(data).as_ref()).ok()?;
    let height = maxima.best()?.top.ln_likelihood;
    Some((maxima.iter().filter_map(|found| terms.model(&found.top.theta).ok()).collect(), height))
}

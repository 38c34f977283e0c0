//! Maximum likelihood, once for all models.
//!
//! Parameters are positive, so the search runs over their logarithms: no bound gets in the way, and a change of the unit of time only shifts it.
//! Steps are Newton's, damped until they gain what they promise; at the top the same second derivatives give the standard errors. What is
//! known of parameters, which of them are one, and priors are [`Terms`] around the likelihood that no model knows of.

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
mod terms;

#[cfg(feature = "rand")]
pub use self::bootstrap::Bootstrap;
pub use self::covariates::{CovariateFit, CovariateHistories, Effect, WithCovariates, fit_with_covariates};
pub use self::diagnosis::{Diagnosis, Direction};
pub use self::fitted::{Fitted, Stop};
use self::newton::Search;
pub use self::options::FitOptions;
#[cfg(feature = "posterior")]
pub use self::posterior::{Posterior, PosteriorOptions, PosteriorParameter};
pub use self::predictive::CountInterval;
pub use self::prior::Prior;
pub use self::profile::ProfileInterval;
pub use self::report::FitReport;
pub use self::terms::Role;
use self::terms::Terms;
use crate::{Error, Model, Sample};

/// The parameters under which the data are most likely, with what can be said about their uncertainty.
///
/// A top that lies at the edge of the possible (nobody drops out, say) is an answer with a [`Diagnosis`], not an error.
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
/// [`Error::NoData`] without a customer; [`Error::NoStart`] where the likelihood is finite nowhere the search may begin;
/// [`Error::NoParameter`], [`Error::FixedTwice`], [`Error::Start`] and [`Error::Parameter`] for terms that the model cannot have.
pub fn fit<M: Model>(data: &M::Data, options: &FitOptions) -> Result<Fitted<M>, Error> {
    let (search, terms, lowest) = climb::<M>(data, options)?;
    Fitted::new(search, &terms, lowest, data)
}

/// ln of the likelihood at the top, and nothing else of a fit.
pub(crate) fn ln_likelihood_at_top<M: Model>(data: &M::Data, start: Option<&M>) -> Option<f64> {
    let start = start.map(|model| model.theta().as_ref().to_vec());
    let (search, ..) = climb::<M>(data, &FitOptions { start, ..FitOptions::default() }).ok()?;
    Some(search.top.ln_likelihood)
}

/// The search that counts, its terms, and the lowest top that a start has reached.
fn climb<M: Model>(data: &M::Data, options: &FitOptions) -> Result<(Search, Terms, f64), Error> {
    if data.customers() == 0 {
        return Err(Error::NoData { model: M::NAME, what: M::Data::WHAT });
    }
    let terms = Terms::of::<M>(options, data)?;
    if let Some(start) = &options.start
        && (start.len() != M::PARAMETERS.len()
            || start.iter().any(|theta| !theta.is_finite() || *theta <= 0.0))
    {
        return Err(Error::Start { model: M::NAME, start: start.clone() });
    }
    // A model may search for its starts: it is asked when the caller's own has not arrived.
    let of_model = std::iter::once_with(|| M::starts(data)).flatten();
    let of_model = of_model.map(|start| terms.relative(start.theta().as_ref()));
    let mut starts = options.start.iter().map(|start| terms.relative(start)).chain(of_model).peekable();
    // Terms that the model cannot have are told, and not searched around.
    if let Some(start) = starts.peek() {
        terms.model::<M>(start)?;
    }
    let mut best: Option<Search> = None;
    let mut lowest = f64::INFINITY;
    for start in starts {
        let search = newton::search(&start, options.max_iterations, |theta| terms.point::<M>(theta, data));
        let Some(search) = search else { continue };
        let arrived = search.stop == Stop::Converged;
        if arrived {
            lowest = lowest.min(search.top.ln_likelihood);
        }
        // One start that arrives is enough; the others are for when it does not.
        let higher = |best: &Search| {
            let stays = options.all_starts && best.stop == Stop::Converged;
            search.top.ln_likelihood > best.top.ln_likelihood || (arrived && !stays)
        };
        if best.as_ref().is_none_or(higher) {
            best = Some(search);
        }
        if arrived && !options.all_starts {
            break;
        }
    }
    let search = best.ok_or(Error::NoStart { model: M::NAME })?;
    Ok((search, terms, lowest))
}

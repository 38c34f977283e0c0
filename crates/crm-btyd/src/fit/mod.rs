//! Maximum likelihood, once for all models.
//!
//! Parameters are positive, so the search runs over their logarithms: no bound gets in the way, and a change of the unit of time only shifts it.
//! Steps are Newton's, damped until they gain what they promise; at the top the same second derivatives give the standard errors.

mod diagnosis;
mod fitted;
mod newton;
mod predictive;

pub use self::diagnosis::{Diagnosis, Direction};
pub use self::fitted::{FitReport, Fitted, Stop};
use self::newton::{Point, Search};
pub use self::predictive::CountInterval;
use crate::{Derivatives, Error, Model, Sample};

/// How a fit is searched for.
///
/// ```
/// use crm_btyd::FitOptions;
///
/// assert_eq!(FitOptions::default().with_max_iterations(50).max_iterations, 50);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FitOptions {
    /// Steps after which a search ends without an answer, for each start.
    pub max_iterations: u32,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions { max_iterations: 200 }
    }
}

impl FitOptions {
    /// The same with another number of steps.
    #[must_use]
    pub fn with_max_iterations(mut self, steps: u32) -> Self {
        self.max_iterations = steps;
        self
    }
}

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
/// [`Error::NoData`] without a customer; [`Error::NoStart`] where the likelihood is finite nowhere the search may begin.
pub fn fit<M: Model>(data: &M::Data, options: &FitOptions) -> Result<Fitted<M>, Error> {
    if data.customers() == 0 {
        return Err(Error::NoData { model: M::NAME, what: M::Data::WHAT });
    }
    let scales = M::scales(data);
    let mut best: Option<Search> = None;
    for start in M::starts(data) {
        let start: Vec<f64> =
            start.theta().as_ref().iter().zip(&scales).map(|(theta, scale)| theta / scale).collect();
        let search = newton::search(&start, options.max_iterations, |theta| point::<M>(theta, &scales, data));
        let Some(search) = search else { continue };
        // One start that arrives is enough; the others are for when it does not.
        let arrived = search.stop == Stop::Converged;
        if best.as_ref().is_none_or(|best| search.top.ln_likelihood > best.top.ln_likelihood || arrived) {
            best = Some(search);
        }
        if arrived {
            break;
        }
    }
    let search = best.ok_or(Error::NoStart { model: M::NAME })?;
    Fitted::new(search, &scales, data)
}

/// The likelihood at a point, in units of the scales, with its derivatives by the logarithms of the parameters; `None` where it is
/// not finite.
fn point<M: Model>(relative: &[f64], scales: &[f64], data: &M::Data) -> Option<Point> {
    let theta = scaled(relative, scales);
    let model = M::from_theta(M::Theta::try_from(&theta).ok()?).ok()?;
    let Derivatives { ln_likelihood, mut gradient, mut hessian } = model.derivatives(data);
    for (i, row) in hessian.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            let (by_i, by_j) = (theta.get(i)?, theta.get(j)?);
            *entry *= by_i * by_j;
            if i == j {
                *entry += gradient.get(i)? * by_i;
            }
        }
    }
    gradient.iter_mut().zip(&theta).for_each(|(slope, theta)| *slope *= theta);
    let finite =
        ln_likelihood.is_finite() && gradient.iter().chain(hessian.iter().flatten()).all(|d| d.is_finite());
    finite.then(|| Point { theta: relative.to_vec(), ln_likelihood, gradient, hessian })
}

fn scaled(relative: &[f64], scales: &[f64]) -> Vec<f64> {
    relative.iter().zip(scales).map(|(theta, scale)| theta * scale).collect()
}

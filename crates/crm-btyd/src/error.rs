use std::ops::RangeInclusive;

use crm_numbers::{InputError, RangeError, TimeUnit, check};

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_btyd::{Error, History, MbgNbd};
///
/// let refused = History::new(2, 39.0, 38.86).unwrap_err();
/// assert_eq!(refused.to_string(), "recency 39 exceeds age 38.86");
///
/// let refused = MbgNbd::new(0.525, 6.183, 0.0, 1.614).unwrap_err();
/// assert_eq!(refused.to_string(), "MBG/NBD: a must be between 1e-8 and 100000000, got 0");
/// assert!(matches!(refused, Error::Parameter { model: "MBG/NBD", range } if range.name() == "a"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input that is out of its range, empty, of the wrong length or unknown by its name.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A ledger that cannot be cut or summarized as asked.
    #[error(transparent)]
    History(#[from] crm_history::Error),
    /// A parameter outside the range in which the answers of its model are known to be accurate.
    #[error("{model}: {range}")]
    Parameter {
        /// Name of the model.
        model: &'static str,
        /// Name, value and range of the parameter.
        range: RangeError,
    },
    /// Stored parameters of another model.
    #[error("expected parameters of {expected}, got those of {got}")]
    WrongModel {
        /// Model that was asked for.
        expected: &'static str,
        /// Model that was stored.
        got: String,
    },
    /// A last purchase after the end of the observation.
    #[error("recency {recency} exceeds age {age}")]
    RecencyBeyondAge {
        /// Time from the first to the last purchase.
        recency: f64,
        /// Time from the first purchase to the end of the observation.
        age: f64,
    },
    /// A recency of 0 with a repeat purchase, or a positive one without: recency is the time from
    /// the first to the last purchase.
    #[error(
        "recency must be 0 exactly where frequency is 0, got frequency {frequency} and recency {recency}; \
         recency counts from the first purchase, and orders of one day are one purchase"
    )]
    RecencyWithoutRepeat {
        /// Number of repeat purchases.
        frequency: u32,
        /// Recency that contradicts it.
        recency: f64,
    },
    /// Purchases that do not fit into the opportunities to buy.
    #[error("frequency {frequency} and recency {recency} do not fit into {opportunities} opportunities")]
    DiscreteHistory {
        /// Number of opportunities with a purchase.
        frequency: u32,
        /// Number of the last of them, from 1.
        recency: u32,
        /// Number of opportunities.
        opportunities: u32,
    },
    /// A cohort with more customers after a renewal than before it.
    #[error("cohort grows from {before} to {after} customers at renewal {renewal}")]
    CohortGrows {
        /// Number of the renewal, from 1.
        renewal: usize,
        /// Customers before it.
        before: u32,
        /// Customers after it.
        after: u32,
    },
    /// A parameter that is fixed to two different values.
    #[error("{model}: {name} is fixed to both {one} and {other}")]
    FixedTwice {
        /// Name of the model.
        model: &'static str,
        /// Name of the parameter, or of one that is equal to it.
        name: String,
        /// First value.
        one: f64,
        /// Second value.
        other: f64,
    },
    /// A parameter of which a profile is asked, although it was fixed in the fit.
    #[error("{model}: {name} was fixed in the fit and has no profile")]
    FixedParameter {
        /// Name of the model.
        model: &'static str,
        /// Name of the parameter.
        name: String,
    },
    /// Parameters that belong to another unit of time.
    #[error("the model was fitted to times in {fitted}s, got times in {asked}s")]
    Unit {
        /// Unit of the fit.
        fitted: TimeUnit,
        /// Unit asked for.
        asked: TimeUnit,
    },
    /// A parameter that neither the data nor a prior determine.
    #[error("{model}: the data do not determine {name}; give it a prior to sample its posterior")]
    NeedsPrior {
        /// Name of the model.
        model: &'static str,
        /// Name of the parameter.
        name: &'static str,
    },
    /// A posterior that cannot be sampled.
    #[error("{model}: sampling the posterior failed: {text}")]
    Sampling {
        /// Name of the model.
        model: &'static str,
        /// Reason given by the sampler.
        text: String,
    },
    /// No starting point with a finite likelihood.
    #[error("{model}: the likelihood is not finite at any starting point")]
    NoStart {
        /// Name of the model.
        model: &'static str,
    },
    /// Histories without the times between purchases, where these decide.
    #[error(
        "the regularity of purchases needs the times between them; \
         create the histories from summaries, or state the sum of their logarithms"
    )]
    NoGaps,
    /// A mean that does not exist.
    #[error("{model}: {what} has no mean because {name} is {value}, not above {bound}; use the median")]
    NoMean {
        /// Name of the model.
        model: &'static str,
        /// Quantity without a mean.
        what: &'static str,
        /// Parameter, or sum of parameters, that decides.
        name: &'static str,
        /// Its value.
        value: f64,
        /// Value that it would have to exceed.
        bound: f64,
    },
}

/// Range of every parameter of every model.
const PARAMETERS: RangeInclusive<f64> = 1e-8..=1e8;

/// Checks that all parameters of a model are within the range in which its answers are known to be
/// accurate.
pub(crate) fn check_parameters(
    model: &'static str,
    names: &'static [&'static str],
    values: &[f64],
) -> Result<(), Error> {
    names.iter().zip(values).try_for_each(|(name, &value)| check_parameter(model, name, value, PARAMETERS))
}

/// Checks a parameter that has a range of its own.
pub(crate) fn check_parameter(
    model: &'static str,
    name: &'static str,
    value: f64,
    range: RangeInclusive<f64>,
) -> Result<(), Error> {
    match check::range(name, value, range) {
        Err(InputError::Range(range)) => Err(Error::Parameter { model, range }),
        other => Ok(other.map(|_| ())?),
    }
}

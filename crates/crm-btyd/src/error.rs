use crm_numbers::TimeUnit;

/// What this crate refuses, with the name and the value of what was wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model's parameter outside the range in which its numbers are known to hold.
    #[error("{model}: {name} must lie in {low:e} ..= {high:e}, got {value}")]
    Parameter {
        /// The model.
        model: &'static str,
        /// The parameter.
        name: &'static str,
        /// The offending value.
        value: f64,
        /// Smallest value accepted.
        low: f64,
        /// Largest value accepted.
        high: f64,
    },
    /// Stored parameters of another model.
    #[error("these are parameters of {got}, not of {expected}")]
    WrongModel {
        /// The model that was asked for.
        expected: &'static str,
        /// The model that was stored.
        got: String,
    },
    /// A number outside its range.
    #[error("{name} must lie in {low} ..= {high}, got {value}")]
    Range {
        /// What it is.
        name: &'static str,
        /// The offending value.
        value: f64,
        /// Smallest value accepted.
        low: f64,
        /// Largest value accepted.
        high: f64,
    },
    /// A discount rate that is none, or most likely a percentage: 10 for 10 %.
    #[error("{name} must be at least 0 and at most 1 (0.1 for 10 %), got {value}")]
    DiscountRate {
        /// What it is.
        name: &'static str,
        /// The offending value.
        value: f64,
    },
    /// The last purchase cannot come after the end of the observation.
    #[error("recency must be at most the age {age}, got {recency}")]
    RecencyBeyondAge {
        /// The offending recency.
        recency: f64,
        /// The age.
        age: f64,
    },
    /// Recency is the time from the first to the last purchase: 0 without a repeat purchase, and above 0 with one.
    #[error(
        "recency must be 0 exactly where frequency is 0, got frequency {frequency} and recency {recency}; \
         recency counts from the first purchase, and orders of one day are one purchase"
    )]
    RecencyWithoutRepeat {
        /// Repeat purchases.
        frequency: u32,
        /// The recency that does not go with them.
        recency: f64,
    },
    /// Purchases that do not fit into so many opportunities.
    #[error(
        "nobody can have bought at {frequency} of {opportunities} opportunities with number {recency} as the last of them"
    )]
    DiscreteHistory {
        /// Opportunities at which something was bought.
        frequency: u32,
        /// Number of the last of them.
        recency: u32,
        /// Opportunities in all.
        opportunities: u32,
    },
    /// A cohort that has more customers after a renewal than before it.
    #[error("a cohort cannot grow from {before} to {after} customers at renewal {renewal}")]
    CohortGrows {
        /// Number of the renewal.
        renewal: usize,
        /// Customers before it.
        before: u32,
        /// Customers after it.
        after: u32,
    },
    /// The end of a window before its start.
    #[error("window must not end before it starts: from {from}, to {to}")]
    Window {
        /// Start.
        from: f64,
        /// End.
        to: f64,
    },
    /// A prediction and an outcome belong to each customer.
    #[error("there are {predicted} predictions and {actual} outcomes")]
    Lengths {
        /// Number of predictions.
        predicted: usize,
        /// Number of outcomes.
        actual: usize,
    },
    /// A parameter that the model does not have.
    #[error("{model} has no parameter {name:?}; it has {parameters}")]
    NoParameter {
        /// The model.
        model: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        parameters: String,
    },
    /// A parameter that is known to be two things.
    #[error("{model}: {name} cannot be fixed to {one} and to {other}")]
    FixedTwice {
        /// The model.
        model: &'static str,
        /// The parameter, or one that is equal to it.
        name: String,
        /// One value.
        one: f64,
        /// The other.
        other: f64,
    },
    /// A start that is not one positive number a parameter.
    #[error("{model}: a start must hold one positive number for each parameter, got {start:?}")]
    Start {
        /// The model.
        model: &'static str,
        /// The start.
        start: Vec<f64>,
    },
    /// A customer with more or fewer covariates than there are names.
    #[error(
        "a customer needs {purchase} covariates on purchases and {drop_out} on drop-out, got {got_purchase} and {got_drop_out}"
    )]
    Covariates {
        /// Number of covariates on purchases.
        purchase: usize,
        /// Number of covariates on drop-out.
        drop_out: usize,
        /// Number given of the first.
        got_purchase: usize,
        /// Number given of the second.
        got_drop_out: usize,
    },
    /// Parameters that belong to another unit of time.
    #[error("the model was fitted in {fitted}s and is asked about {asked}s")]
    Unit {
        /// The unit of the fit.
        fitted: TimeUnit,
        /// The unit asked about.
        asked: TimeUnit,
    },
    /// A parameter that neither the data nor a prior hold.
    #[error("{model}: the data do not hold {name}; its posterior needs a prior")]
    NeedsPrior {
        /// The model.
        model: &'static str,
        /// The parameter.
        name: &'static str,
    },
    /// A posterior that cannot be sampled.
    #[error("{model}: sampling the posterior failed: {text}")]
    Sampling {
        /// The model.
        model: &'static str,
        /// Why.
        text: String,
    },
    /// Nobody to learn from.
    #[error("there are no {what} to fit {model} to")]
    NoData {
        /// The model.
        model: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// No parameters were found at which the likelihood can be computed.
    #[error("{model}: the likelihood is not finite at any start")]
    NoStart {
        /// The model.
        model: &'static str,
    },
    /// Histories of which only the numbers and the ends are known, where the gaps between purchases decide.
    #[error(
        "the gaps between purchases decide how regular they are, and their sum of logarithms is not known: \
         take the histories from summaries, or state it"
    )]
    NoGaps,
    /// A mean that does not exist.
    #[error("{model}: {what} has no mean, because {name} is {value}, not above {bound}; its median exists")]
    NoMean {
        /// The model.
        model: &'static str,
        /// Whose mean.
        what: &'static str,
        /// The parameter or the sum that decides.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it would have to exceed.
        bound: f64,
    },
    /// A figure by which nothing can be ranked.
    #[error("the criteria are bias, MAE, RMSE, MSLE, AUC and top decile, not {name:?}")]
    UnknownCriterion {
        /// What was asked for.
        name: String,
    },
    /// A history that cannot be cut or summarised like that.
    #[error("{text}")]
    History {
        /// Why, in the words of `crm-history`.
        text: String,
    },
    /// A buffer of another length than the histories it is for.
    #[error("buffer holds {buffer} values, there are {histories} histories")]
    BufferLength {
        /// Length of the buffer.
        buffer: usize,
        /// Number of histories.
        histories: usize,
    },
}

/// An error unless `value` lies in a range; refuses NaN too.
pub(crate) fn check_range(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64, Error> {
    if (low..=high).contains(&value) { Ok(value) } else { Err(Error::Range { name, value, low, high }) }
}

/// Range of every parameter of every model.
const SMALLEST: f64 = 1e-8;
const LARGEST: f64 = 1e8;

/// An error unless all parameters of a model lie in the range in which its numbers are known to hold.
pub(crate) fn check_parameters(
    model: &'static str,
    names: &'static [&'static str],
    values: &[f64],
) -> Result<(), Error> {
    for (name, &value) in names.iter().zip(values) {
        check_parameter(model, name, value, (SMALLEST, LARGEST))?;
    }
    Ok(())
}

/// The same for a parameter with a range of its own.
pub(crate) fn check_parameter(
    model: &'static str,
    name: &'static str,
    value: f64,
    (low, high): (f64, f64),
) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Error::Parameter { model, name, value, low, high })
    }
}

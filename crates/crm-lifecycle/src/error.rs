use crm_numbers::InputError;

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::{Error, hmm::CountLaw};
///
/// let refused = CountLaw::poisson(-1.0).unwrap_err();
/// assert_eq!(refused.to_string(), "rate must be between 1e-9 and 1000000000, got -1");
/// assert!(matches!(refused, Error::Input(_)));
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty, repeated or unknown, or a sum
    /// that its type cannot hold.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Order lines that cannot be summarized.
    #[error(transparent)]
    History(#[from] crm_history::Error),
    /// A statistic that does not exist.
    #[error(transparent)]
    Statistics(crm_statistics::Error),
    /// Probabilities that do not sum to 1.
    #[error("{name} must sum to 1, got {sum}")]
    Probabilities {
        /// Name of the probabilities.
        name: String,
        /// Their sum.
        sum: f64,
    },
    /// A positive probability of a transition that the topology does not allow.
    #[error("the step from {from} to {to} is not allowed, so its probability must be 0, got {value}")]
    Step {
        /// Name of the state before the transition.
        from: String,
        /// Name of the state after the transition.
        to: String,
        /// Offending probability.
        value: f64,
    },
    /// A state without a transition to itself.
    #[error("staying in state {state:?} must be allowed")]
    NoStay {
        /// Name of the state.
        state: String,
    },
    /// Two states whose exchange leaves the allowed transitions unchanged, so that no data can
    /// distinguish them.
    #[error("states {first:?} and {second:?} have the same allowed steps; let them differ in one")]
    NotIdentified {
        /// Name of the first state.
        first: String,
        /// Name of the second state.
        second: String,
    },
    /// A missing column that the model needs.
    #[error("the features have no column {name:?}")]
    MissingColumn {
        /// Name of the column.
        name: String,
    },
    /// Outcomes that are all true or all false, from which nothing can be learned.
    #[error("{name} must include both true and false, got {positives} true of {items}")]
    OneOutcome {
        /// Name of the outcomes.
        name: &'static str,
        /// Number of outcomes that are true.
        positives: u64,
        /// Number of outcomes.
        items: u64,
    },
    /// A column that separates the outcomes without an error, alone or with others, so that the
    /// odds have no upper limit.
    #[error("outcomes are perfectly separated by column {name:?}; increase the ridge penalty")]
    Separated {
        /// Name of the column whose coefficient grew most.
        name: String,
    },
    /// Values that are all equal.
    #[error("{name} must vary from customer to customer")]
    NoVariation {
        /// Name of the values.
        name: &'static str,
    },
    /// Two equal rates, which no test can distinguish.
    #[error("the rates to tell apart are both {rate}")]
    NoDifference {
        /// Rate of both arms.
        rate: f64,
    },
    /// Misclassification costs that are both 0.
    #[error("at least one misclassification cost must be positive")]
    NoCost,
    /// A deal that is marked as lost although it reached the last stage.
    #[error("a deal that reached the last stage cannot be lost")]
    LostDeal,
    /// Two funnels with different stages.
    #[error("expected the stages {}, got {}", expected.join(", "), got.join(", "))]
    Stages {
        /// Stages of the first funnel.
        expected: Vec<String>,
        /// Stages of the second funnel.
        got: Vec<String>,
    },
    /// Stored parts that contradict each other.
    #[error("the parts of a stored {kind} contradict each other")]
    Inconsistent {
        /// Kind of the stored value.
        kind: &'static str,
    },
}

macro_rules! from_input {
    ($($error:ident),*) => {$(
        impl From<crm_numbers::$error> for Error {
            fn from(error: crm_numbers::$error) -> Self {
                Self::Input(error.into())
            }
        }
    )*};
}

from_input!(EmptyError, IndexError, OverflowError, RangeError, UnknownNameError);

impl From<crm_statistics::Error> for Error {
    fn from(error: crm_statistics::Error) -> Self {
        match error {
            crm_statistics::Error::Input(error) => Self::Input(error),
            other => Self::Statistics(other),
        }
    }
}

/// Maximum number of groups or periods in a result.
pub(crate) const LARGEST_TABLE: usize = 1_000_000;

/// Checks that probabilities sum to 1, up to rounding.
pub(crate) fn check_sum(name: impl FnOnce() -> String, values: &[f64]) -> Result<(), Error> {
    const ROUNDING: f64 = 1e-9;
    let sum: f64 = values.iter().sum();
    if (sum - 1.0).abs() <= ROUNDING { Ok(()) } else { Err(Error::Probabilities { name: name(), sum }) }
}

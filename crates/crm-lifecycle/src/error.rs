/// Why an input was refused: every variant names the field and the offending value.
///
/// ```
/// use crm_lifecycle::hmm::CountLaw;
///
/// let refused = CountLaw::poisson(-1.0).unwrap_err();
/// assert_eq!(refused.to_string(), "rate must lie in 1e-9..=1e9, got -1");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A column or list without a single value.
    #[error("{field} must hold at least one value, got 0")]
    Empty {
        /// The input that was empty.
        field: &'static str,
    },
    /// A number outside its range.
    #[error("{field} must {allowed}, got {value}")]
    OutOfRange {
        /// The number.
        field: &'static str,
        /// What it has to do, as a half sentence: `lie in 0..=1`.
        allowed: String,
        /// The offending value.
        value: String,
    },
    /// Two columns that belong together differ in length.
    #[error("{field} must be as many as {other} ({expected}), got {got}")]
    Length {
        /// The column that was checked.
        field: &'static str,
        /// The column it was compared with.
        other: &'static str,
        /// The length of the other column.
        expected: usize,
        /// The length found.
        got: usize,
    },
    /// Probabilities that do not add up to 1.
    #[error("{field} must add up to 1, got {sum}")]
    Probabilities {
        /// Which probabilities.
        field: String,
        /// Their sum.
        sum: f64,
    },
    /// A step that the topology does not allow, with a probability above 0.
    #[error("the step from {from} to {to} is not allowed and must have probability 0, got {value}")]
    Step {
        /// The stage left.
        from: String,
        /// The stage entered.
        to: String,
        /// The offending probability.
        value: f64,
    },
    /// Two stages that could change places without any change to the allowed steps, so that no data can tell which is
    /// which.
    #[error("{first} and {second} have the same place in the topology, so that nothing can tell them apart")]
    NotIdentified {
        /// One of them.
        first: String,
        /// The other one.
        second: String,
    },
    /// An amount below zero where only amounts of zero or more make sense.
    #[error("{field} must not be negative, got {value} at position {position}")]
    Negative {
        /// The column.
        field: &'static str,
        /// The offending value.
        value: String,
        /// Its place in the column, from 0.
        position: usize,
    },
    /// A sum or product that its type cannot hold exactly.
    #[error("{field} must fit its type, got {value}")]
    Overflow {
        /// What was computed.
        field: &'static str,
        /// The numbers that did not go together.
        value: String,
    },
    /// A number that a table does not have: a customer, a stage.
    #[error("{field} must be below {limit}, got {value}")]
    NoSuch {
        /// What was asked for.
        field: &'static str,
        /// How many there are.
        limit: usize,
        /// The number asked for.
        value: usize,
    },
    /// Two columns of the same name.
    #[error("names of columns must differ, got {name} twice")]
    Name {
        /// The name.
        name: String,
    },
    /// A column that is shorter or longer than the others.
    #[error("column {name} must be as long as the others ({expected}), got {got}")]
    ColumnLength {
        /// The column.
        name: String,
        /// The length of the others.
        expected: usize,
        /// Its length.
        got: usize,
    },
    /// A value of a column that cannot be computed with.
    #[error("column {name} must hold finite numbers up to 1e100 in size, got {value} in row {row}")]
    Value {
        /// The column.
        name: String,
        /// Its row, from 0.
        row: usize,
        /// The offending value.
        value: f64,
    },
    /// A column that a model needs.
    #[error("there must be a column {name}")]
    Missing {
        /// The column.
        name: String,
    },
    /// Nothing can be learnt where everybody, or nobody, had the outcome.
    #[error("{field} must hold both true and false, got {positives} true of {items}")]
    OneOutcome {
        /// The column of outcomes.
        field: &'static str,
        /// How many were true.
        positives: u64,
        /// How many there were.
        items: u64,
    },
    /// A feature (alone or with others) that tells the outcomes apart without a mistake, so that the odds have no limit.
    #[error(
        "outcomes must not be told apart without a mistake, got {name} (alone or with others), which does; \
         a larger ridge keeps the odds finite"
    )]
    Separated {
        /// The feature that grew most.
        name: String,
    },
}

impl Error {
    pub(crate) fn range(field: &'static str, allowed: impl Into<String>, value: impl ToString) -> Self {
        Self::OutOfRange { field, allowed: allowed.into(), value: value.to_string() }
    }
}

/// A probability: between 0 and 1.
pub(crate) fn check_probability(field: &'static str, value: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(Error::range(field, "lie in 0..=1", value)) }
}

/// A number of groups or periods that an answer is given for: few enough to be stored, whatever the
/// data.
pub(crate) fn check_number(field: &'static str, number: usize) -> Result<(), Error> {
    const MOST: usize = 1_000_000;
    if number <= MOST { Ok(()) } else { Err(Error::range(field, format!("be at most {MOST}"), number)) }
}

/// Probabilities that add up to 1 but for rounding.
pub(crate) fn check_sum(field: impl FnOnce() -> String, values: &[f64]) -> Result<(), Error> {
    const ROUNDING: f64 = 1e-9;
    let sum: f64 = values.iter().sum();
    if (sum - 1.0).abs() <= ROUNDING { Ok(()) } else { Err(Error::Probabilities { field: field(), sum }) }
}

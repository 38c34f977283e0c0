use crm_numbers::{InputError, TimeUnit};

/// An input that is refused, or a result that cannot be represented.
///
/// Every variant names the term and the offending value.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Error, ExtraSales, NonNegative};
///
/// let sales = ExtraSales {
///     base: 100.into(),
///     elasticity: 1.into(),
///     easing: Decimal::ONE,
///     capacity: 99.into(),
/// };
/// let refused = sales.sales().unwrap_err();
/// assert!(matches!(refused, Error::Input(_)));
/// assert_eq!(refused.to_string(), "capacity must be at least 100, got 99");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty, repeated or unknown.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A result beyond the 28 digits of a [`Decimal`](crate::Decimal).
    #[error("{term} exceeds 7.9e28: {operation}")]
    Overflow {
        /// Term that was computed.
        term: &'static str,
        /// Operation and its numbers, `7e28 / 0.1`, or the result of several operations, `1.58e29`.
        operation: String,
    },
    /// A division by zero.
    #[error("{term} is undefined: {dividend} / 0")]
    DivisionByZero {
        /// Term that was computed.
        term: &'static str,
        /// Number above the line.
        dividend: String,
    },
    /// An amount finer than the unit in which it is counted.
    #[error("{name} {value} is not a multiple of {unit}")]
    NotWhole {
        /// Name of the amount.
        name: &'static str,
        /// Unit, such as `0.01`.
        unit: String,
        /// Offending amount.
        value: String,
    },
    /// Weights that add up to nothing, so that nothing can be shared out by them.
    #[error("the sum of {name} must be greater than 0")]
    NoTotal {
        /// Name of the weights.
        name: &'static str,
    },
    /// Two rates that count in different units of time.
    #[error("{name} must be per {expected}, got a rate per {got}")]
    TimeUnit {
        /// Name of the rate that was checked.
        name: &'static str,
        /// Unit of time of the rate that it goes with.
        expected: TimeUnit,
        /// Unit of time found.
        got: TimeUnit,
    },
    /// A sum without an end that does not converge.
    #[error(
        "retention x (1 + growth) is {kept} and must be less than 1 + discount, which is {discounted}; set a horizon"
    )]
    Diverges {
        /// retention x (1 + growth).
        kept: String,
        /// 1 + discount.
        discounted: String,
    },
    /// A referral that occurs twice.
    #[error("referral {referrer} -> {referred} is repeated")]
    RepeatedReferral {
        /// Name of the person who recommended.
        referrer: String,
        /// Name of the person who came.
        referred: String,
    },
    /// Referrals that form a circle.
    #[error("referrals form a circle: {}", circle(.people))]
    Cycle {
        /// People of the circle, each before the person they referred; the first is also the last.
        people: Vec<String>,
    },
    /// An error in one row of a column.
    #[error("row {row} (from 0): {cause}")]
    Row {
        /// Index of the row, from 0.
        row: usize,
        /// Error in that row.
        cause: Box<Error>,
    },
}

impl Error {
    /// Returns the error with the index of its row.
    #[cold]
    pub(crate) fn in_row(self, row: usize) -> Self {
        Self::Row { row, cause: Box::new(self) }
    }
}

/// The names in order; of a long circle the first ones and the number of people.
fn circle(people: &[String]) -> String {
    const SHOWN: usize = 12;
    match people.get(..SHOWN).filter(|_| people.len() > SHOWN + 1) {
        None => people.join(" -> "),
        Some(first) => format!("{} -> ... ({} people)", first.join(" -> "), people.len() - 1),
    }
}

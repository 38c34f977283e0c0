use crate::Period;

/// Why an input was refused or a result cannot be shown: every variant names the term and the offending value.
///
/// ```
/// use crm_value::{Decimal, Share};
///
/// let refused = Share::new(Decimal::new(12, 1)).unwrap_err();
/// assert_eq!(refused.to_string(), "share must lie in 0..=1 (0.3 for 30 %), got 1.2");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A value outside its range.
    #[error("{field} must {allowed}, got {value}")]
    OutOfRange {
        /// The value's name.
        field: &'static str,
        /// The condition that it breaks, as a half sentence: `lie in 0..=1 (0.3 for 30 %)`.
        allowed: &'static str,
        /// The offending value.
        value: String,
    },
    /// A result beyond the 28 digits of a [`Decimal`](crate::Decimal).
    #[error("{term} must stay below 7.9e28, got {operation}")]
    Overflow {
        /// The term that was computed.
        term: &'static str,
        /// The operation and its numbers, `7e28 x 2`, or the result of several operations,
        /// `1.58e29`.
        operation: String,
    },
    /// A division by zero.
    #[error("{term} must not be divided by zero, got {dividend} / 0")]
    DivisionByZero {
        /// The term that was computed.
        term: &'static str,
        /// The number above the line.
        dividend: String,
    },
    /// A list or column without a single value.
    #[error("{field} must hold at least one value, got 0")]
    Empty {
        /// The input that was empty.
        field: &'static str,
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
    /// An amount finer than the unit that it is to be counted in.
    #[error("{field} must be whole in units of {unit}, got {value}")]
    NotWhole {
        /// The amount's name.
        field: &'static str,
        /// The unit: `0.01`.
        unit: String,
        /// The offending amount.
        value: String,
    },
    /// Weights that add up to nothing, so that nothing can be shared out by them.
    #[error("{field} must add up to more than 0, got {value}")]
    NoTotal {
        /// The weights.
        field: &'static str,
        /// What they add up to.
        value: String,
    },
    /// Two rates that count in different periods.
    #[error("{field} must be per {expected}, got a rate per {got}")]
    Period {
        /// The rate that was checked.
        field: &'static str,
        /// The period of the rate it was to go with.
        expected: Period,
        /// The period found.
        got: Period,
    },
    /// A sum without an end that does not converge.
    #[error(
        "retention x (1 + growth) must stay below 1 + discount where there is no horizon, got {kept} against {discounted}"
    )]
    Diverges {
        /// retention x (1 + growth).
        kept: String,
        /// 1 + discount.
        discounted: String,
    },
    /// People who referred one another in a circle.
    #[error("referrals must not form a circle, got {}", circle(.people))]
    Cycle {
        /// The circle, referrer first; the first one stands at the end again.
        people: Vec<String>,
    },
    /// A name that belongs to nobody.
    #[error("{field} must be among the people, got {name}")]
    Unknown {
        /// Whose name.
        field: &'static str,
        /// The name.
        name: String,
    },
    /// The same thing said twice.
    #[error("{field} must be distinct, got {value} twice")]
    Twice {
        /// What there should be once.
        field: &'static str,
        /// What came again.
        value: String,
    },
    /// What went wrong in one row of a column.
    #[error("row {row} (from 0): {cause}")]
    Row {
        /// The row, from 0.
        row: usize,
        /// What went wrong there.
        cause: Box<Error>,
    },
}

impl Error {
    pub(crate) fn out_of_range(
        field: &'static str,
        allowed: &'static str,
        value: impl std::fmt::Display,
    ) -> Self {
        Self::OutOfRange { field, allowed, value: value.to_string() }
    }

    /// The same error, in that row.
    #[cold]
    pub(crate) fn in_row(self, row: usize) -> Self {
        Self::Row { row, cause: Box::new(self) }
    }
}

/// The names in order; of a long circle the first ones and how many there are.
fn circle(people: &[String]) -> String {
    const SHOWN: usize = 12;
    match people.get(..SHOWN).filter(|_| people.len() > SHOWN + 1) {
        None => people.join(" -> "),
        Some(first) => format!("{} -> ... ({} people)", first.join(" -> "), people.len() - 1),
    }
}

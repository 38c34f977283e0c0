use crate::rfm::Faults;

/// Why an input was refused: every variant names the field and the offending value.
///
/// ```
/// use crm_segmentation::Cuts;
///
/// let refused = Cuts::new(&[20, 10]).unwrap_err();
/// assert_eq!(refused.to_string(), "points must not descend, got 10 after 20 at position 1");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty, repeated or unknown.
    #[error(transparent)]
    Input(#[from] crm_numbers::InputError),
    /// Amounts of which there is no ranking or share.
    #[error(transparent)]
    Statistics(crm_statistics::Error),
    /// A column or list without a single value.
    #[error("{field} must hold at least one value, got 0")]
    Empty {
        /// The input that was empty.
        field: &'static str,
    },
    /// NaN or an infinity.
    #[error("{field} must be finite, got {value} at position {position}")]
    NotFinite {
        /// The column.
        field: &'static str,
        /// The offending value.
        value: f64,
        /// Its place in the column, from 0.
        position: usize,
    },
    /// A value outside its range.
    #[error("{field} must {allowed}, got {value}")]
    OutOfRange {
        /// The value's name.
        field: &'static str,
        /// What it has to do, as a half sentence: `lie in 2..=9`.
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
    /// A list of cut points or thresholds that is out of order.
    #[error("{field} must {order}, got {value} after {previous} at position {position}")]
    Order {
        /// The list.
        field: &'static str,
        /// The order that it must have: `not descend`, `ascend`.
        order: &'static str,
        /// The offending value.
        value: String,
        /// The value before it.
        previous: String,
        /// The place of the offending value, from 0.
        position: usize,
    },
    /// A name that is empty or taken.
    #[error("{field} must be distinct and not empty, got {value:?} at position {position}")]
    Name {
        /// Whose names.
        field: &'static str,
        /// The offending name.
        value: String,
        /// Its place, from 0.
        position: usize,
    },
    /// Drift of cuts that do not know what they were made from.
    #[error("reference must be counted before drift is measured, got cuts at {points} without it")]
    NoReference {
        /// The cut points.
        points: String,
    },
    /// A rule set that does not put every cell, and the people without an order, into exactly one group.
    #[error("rules must cover every cell exactly once: {0}")]
    Rules(Faults),
    /// A sum that its type cannot hold.
    #[error("the sum of {field} must fit its type, got {value}")]
    Overflow {
        /// The column.
        field: &'static str,
        /// The sum.
        value: String,
    },
}

impl From<crm_statistics::Error> for Error {
    fn from(error: crm_statistics::Error) -> Self {
        match error {
            crm_statistics::Error::Input(error) => Self::Input(error),
            other => Self::Statistics(other),
        }
    }
}

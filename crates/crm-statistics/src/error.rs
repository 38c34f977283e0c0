/// Why an input was refused: every variant names the field and the offending value.
///
/// ```
/// use crm_statistics::Level;
///
/// let refused = Level::new(1.0).unwrap_err();
/// assert_eq!(refused.to_string(), "level must lie strictly between 0 and 1, got 1");
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
    /// A value below zero where only amounts of zero or more make sense.
    #[error("{field} must not be negative, got {value} at position {position}")]
    Negative {
        /// The column.
        field: &'static str,
        /// The offending value.
        value: String,
        /// Its place in the column, from 0.
        position: usize,
    },
    /// A number outside its range.
    #[error("{field} must {allowed}, got {value}")]
    OutOfRange {
        /// The number.
        field: &'static str,
        /// What it has to do, as a half sentence: `lie strictly between 0 and 1`.
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
    /// Values that were said to be in ascending order and are not.
    #[error("{field} must ascend, got {value} after {previous} at position {position}")]
    Unsorted {
        /// The column.
        field: &'static str,
        /// The offending value.
        value: f64,
        /// The larger value before it.
        previous: f64,
        /// The place of the offending value, from 0.
        position: usize,
    },
    /// A ranking cannot be judged when everybody, or nobody, had the outcome.
    #[error("{field} must hold both true and false, got {positives} true of {items}")]
    OneOutcome {
        /// The column of outcomes.
        field: &'static str,
        /// How many were true.
        positives: u64,
        /// How many there were.
        items: u64,
    },
    /// Shares of a total that is zero do not exist.
    #[error("{field} must add up to more than 0, got {value}")]
    NoTotal {
        /// The column.
        field: &'static str,
        /// The sum found.
        value: String,
    },
    /// A sum that its type cannot hold.
    #[error("the sum of {field} must fit its type, got {value}")]
    Overflow {
        /// The column.
        field: &'static str,
        /// The sum.
        value: String,
    },
}

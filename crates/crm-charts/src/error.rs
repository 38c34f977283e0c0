//! The errors of charts.

/// An input that a chart refuses. Every variant names the field and the refused value.
///
/// ```
/// use crm_charts::{BarChart, Error};
///
/// let refused = BarChart::new(&["loyal", "lost"], &[12.0, -3.0]);
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("values[1] must be at least 0, got -3.0".to_owned()),
/// );
/// assert!(matches!(BarChart::new(&["loyal"], &[]), Err(Error::Length { expected: 1, got: 0, .. })));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to draw.
    #[error("{field} must not be empty")]
    Empty {
        /// The name of the argument.
        field: String,
    },
    /// Two arguments that belong together have different lengths.
    #[error("expected {expected} items in {field}, got {got}")]
    Length {
        /// The name of the argument.
        field: String,
        /// Expected number of items.
        expected: usize,
        /// Number of items given.
        got: usize,
    },
    /// There are more items than a reader can tell apart.
    #[error("expected at most {limit} items in {field}, got {got}")]
    TooMany {
        /// The name of the argument.
        field: String,
        /// Maximum number of items.
        limit: usize,
        /// Number of items given.
        got: usize,
    },
    /// A number is infinite or not a number at all.
    #[error("{field} must be finite, got {value:?}")]
    NotFinite {
        /// The name of the argument, with its index in a slice.
        field: String,
        /// The refused number.
        value: f64,
    },
    /// A number lies outside the range that has a meaning in this chart.
    #[error("{field} must be {requirement}, got {value:?}")]
    OutOfRange {
        /// The name of the argument, with its index in a slice.
        field: String,
        /// The range, in words.
        requirement: String,
        /// The refused number.
        value: f64,
    },
    /// A number is smaller than the one before it, where the numbers can only grow.
    #[error("{field} must be {requirement} the number before it, {previous:?}, got {value:?}")]
    Decreasing {
        /// The name of the argument, with its index in the slice.
        field: String,
        /// `at least` or `more than`.
        requirement: &'static str,
        /// The number before.
        previous: f64,
        /// The refused number.
        value: f64,
    },
    /// An item that may occur once is given twice.
    #[error("{field} must occur once, got {value} a second time")]
    Duplicate {
        /// The name of the argument, with its index in the slice.
        field: String,
        /// The repeated item.
        value: String,
    },
    /// An id prefix is not a name that may stand in an `id` attribute.
    #[error(
        "id must start with a letter or `_` and hold only ASCII letters, digits, `-` and `_`, got {value:?}"
    )]
    Id {
        /// The refused prefix.
        value: String,
    },
}

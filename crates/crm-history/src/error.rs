use crm_numbers::{InputError, Number};

use crate::{Day, Observation, Period};

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_history::{Day, Ledger};
///
/// let refused = Ledger::from_columns(&["ada"], &[Day::new(3)?, Day::new(4)?], &[1_i64]).unwrap_err();
/// assert_eq!(refused.to_string(), "expected 1 days, got 2");
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input that is out of its range or of the wrong length.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A file that cannot be read as a table.
    #[cfg(feature = "csv")]
    #[error(transparent)]
    Table(#[from] crm_tables::Error),
    /// An amount that is not a number, is infinite, or is too large to be summed safely.
    #[error("amount in row {row} must be finite and less than 1e290 in size, got {}", Number::from(*value))]
    Amount {
        /// Row number, from 1.
        row: u64,
        /// Offending amount.
        value: f64,
    },
    /// A sum of the amounts of one customer that their type cannot hold without loss.
    #[error("{what} of customer {customer} does not fit its type without loss")]
    Overflow {
        /// Name of the sum.
        what: &'static str,
        /// Id of the customer.
        customer: String,
    },
    /// A sum over all customers that the type of the amounts cannot hold without loss.
    #[error("{what} of all customers together does not fit its type without loss")]
    TotalOverflow {
        /// Name of the sum.
        what: &'static str,
    },
    /// More rows than a ledger holds.
    #[error("a ledger holds at most {limit} rows")]
    TooManyRows {
        /// Largest number.
        limit: usize,
    },
    /// An observation that ends before it starts.
    #[error("observation ends on {end}, before its start {start}")]
    EmptyObservation {
        /// First day.
        start: Day,
        /// Last day.
        end: Day,
    },
    /// A calibration that does not end before the observation.
    #[error("calibration ends on {calibration_end}, not before the end of the observation {end}")]
    CalibrationEnd {
        /// Last day of the calibration.
        calibration_end: Day,
        /// Last day of the observation.
        end: Day,
    },
    /// A cut inside a period, although purchases of one period count as one.
    #[error("cut at {cut} is inside the period {period}; cut at its last day {last}")]
    CutInsidePeriod {
        /// The cut, a last day.
        cut: Day,
        /// The period that it splits.
        period: Period,
        /// The last day of that period.
        last: Day,
    },
    /// Summaries that were made under different rules.
    #[error("summaries were made under different rules: {left} and {right}")]
    RulesDiffer {
        /// Rules of the left summary.
        left: String,
        /// Rules of the right summary.
        right: String,
    },
    /// A customer in two summaries of the same days.
    #[error(
        "customer {customer} is in both parts, each {}; parts of the same days must hold different customers",
        span(observation)
    )]
    CustomerInBoth {
        /// Id of the customer.
        customer: String,
        /// The observation of both parts.
        observation: Observation,
    },
    /// Two summaries that start on the same day and end on different days.
    #[error(
        "the parts end on different days: one {}, the other {}; parts with different customers must cover the same days, and the later of two successive parts must start on {}",
        span(left),
        span(right),
        left.end().min(right.end()).saturating_add(1)
    )]
    EndsDiffer {
        /// The observation of the left summary.
        left: Observation,
        /// The observation of the right summary.
        right: Observation,
    },
    /// Two summaries that share some of their days, but not all.
    #[error(
        "the parts overlap: one {}, the other {}; the later part must start on the day after the earlier part ends",
        span(left),
        span(right)
    )]
    SpansOverlap {
        /// The observation of the left summary.
        left: Observation,
        /// The observation of the right summary.
        right: Observation,
    },
    /// Two summaries with days between them.
    #[error(
        "the parts leave a gap: one {}, the other {}; the later part must start on {}",
        span(left),
        span(right),
        left.end().min(right.end()).saturating_add(1)
    )]
    SpansGap {
        /// The observation of the left summary.
        left: Observation,
        /// The observation of the right summary.
        right: Observation,
    },
    /// One of two successive summaries left out order lines that the other does not hold.
    #[error(
        "the part {} left out {rows} order lines {}, but the part {} knows {held}; make both parts from the same ledger, or each from a ledger of its own lines",
        span(part),
        if part.end() < other.end() { "after its end" } else { "before its start" },
        span(other)
    )]
    RowsLost {
        /// The observation of the part that left out order lines.
        part: Observation,
        /// The observation of the other part.
        other: Observation,
        /// Order lines that the part left out on the other part's side.
        rows: u64,
        /// Order lines that the other part knows there.
        held: u64,
    },
    /// A ledger without orders.
    #[error("the ledger has no orders")]
    NoOrders,
    /// A time grid of too many steps.
    #[error("{days_per_step} days per step give {steps} steps from {first} to {last}, more than {limit}")]
    TooManySteps {
        /// Length of a step in days.
        days_per_step: u32,
        /// Number of steps.
        steps: u64,
        /// First day of the grid.
        first: Day,
        /// Last day of the grid.
        last: Day,
        /// Largest number.
        limit: u64,
    },
    /// Amounts that seem to have a decimal comma, although none was declared.
    #[error(
        "column {column:?} seems to hold decimal commas: {comma:?} in line {comma_line}, so that {grouped:?} in line {grouped_line} may be a number of thousands; declare the decimal comma"
    )]
    DecimalComma {
        /// Header of the amount column.
        column: String,
        /// The first amount with a decimal comma.
        comma: String,
        /// Its line.
        comma_line: u64,
        /// The first amount whose point may stand between thousands.
        grouped: String,
        /// Its line.
        grouped_line: u64,
    },
}

/// The days of an observation in words.
fn span(observation: &Observation) -> String {
    match observation.start() {
        Some(start) => format!("from {start} to {}", observation.end()),
        None => format!("until {}", observation.end()),
    }
}

use crm_numbers::Number;

use crate::{Day, Observation, Period};

/// What this crate refuses, with the name and the value of what was wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Columns of one table must have one length.
    #[error("columns differ in length: {ids} ids, {days} days, {amounts} amounts")]
    ColumnLengths {
        /// Length of the id column.
        ids: usize,
        /// Length of the day column.
        days: usize,
        /// Length of the amount column.
        amounts: usize,
    },
    /// An amount that is not a number, is infinite, or is too large to be summed safely.
    #[error("amount in row {row} must be finite and less than 1e290 in size, got {}", Number::from(*value))]
    Amount {
        /// Row number, from 1.
        row: u64,
        /// Offending amount.
        value: f64,
    },
    /// A sum of amounts that its type cannot hold without loss.
    #[error("{what} of customer {customer} does not fit its type without loss")]
    Overflow {
        /// Which sum.
        what: &'static str,
        /// The customer's id.
        customer: String,
    },
    /// A sum over all customers that its type cannot hold without loss.
    #[error("{what} of all customers together does not fit its type without loss")]
    TotalOverflow {
        /// Which sum.
        what: &'static str,
    },
    /// A number of days since 1970-01-01 outside the calendar.
    #[error("day must lie between {min} and {max} days from 1970-01-01, got {value}")]
    Day {
        /// The offending day number.
        value: i32,
        /// Smallest day number accepted.
        min: i32,
        /// Largest day number accepted.
        max: i32,
    },
    /// A ledger holds at most this many rows.
    #[error("a ledger holds at most {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// An observation must not end before it starts.
    #[error("observation must not end before it starts: start {start}, end {end}")]
    EmptyObservation {
        /// First day.
        start: Day,
        /// Last day.
        end: Day,
    },
    /// A cut has to lie inside the observation.
    #[error("calibration end must be before the end of observation {end}, got {calibration_end}")]
    CalibrationEnd {
        /// Last day of the calibration.
        calibration_end: Day,
        /// Last day of the observation.
        end: Day,
    },
    /// Where purchases of one period count as one, a cut inside a period would count it twice.
    #[error("cut at {cut} falls inside the period {period}; it must be that period's last day {last}")]
    CutInsidePeriod {
        /// The cut, a last day.
        cut: Day,
        /// The period that it splits.
        period: Period,
        /// The last day of that period.
        last: Day,
    },
    /// Summaries made under different rules do not add up.
    #[error("summaries were made under different rules: {left} and {right}")]
    RulesDiffer {
        /// Rules of the left summary.
        left: String,
        /// Rules of the right summary.
        right: String,
    },
    /// Two summaries of the same days both know a customer.
    #[error(
        "customer {customer} is in both parts, each {}; parts of the same days must hold different customers",
        span(observation)
    )]
    CustomerInBoth {
        /// The customer's id.
        customer: String,
        /// The observation of both parts.
        observation: Observation,
    },
    /// Two summaries that begin alike end on different days.
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
    /// Two summaries share some of their days, but not all.
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
    /// There are days between two summaries.
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
    /// One of two successive summaries left out lines that the other does not hold.
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
    /// A ledger without any order.
    #[error("there is no order in the ledger")]
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
        /// The limit.
        limit: u64,
    },
    /// A step of a time grid must be at least one day long.
    #[error("days per step must be at least 1, got {value}")]
    Step {
        /// The offending length.
        value: u32,
    },
    /// A file without a single byte.
    #[error("the file is empty")]
    EmptyFile,
    /// A file that is no text.
    #[error("the file is not UTF-8 text: {why} at byte {offset}")]
    NotText {
        /// What gives it away.
        why: &'static str,
        /// Where.
        offset: usize,
    },
    /// No column of a file is the one that is needed.
    #[error("no {what} column {wanted}; the columns are {columns}")]
    MissingColumn {
        /// What the column is for.
        what: &'static str,
        /// What was looked for.
        wanted: String,
        /// The names of the columns there are.
        columns: String,
    },
    /// One column cannot be two things.
    #[error("column {column:?} cannot be both the {first} and the {second}")]
    SameColumn {
        /// One thing.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// The column's name.
        column: String,
    },
    /// A quotation mark that is opened and never closed swallows the rest of a file.
    #[error(
        "the record that starts in line {line} runs to the end of the file in line {last}: a quotation mark is opened and not closed"
    )]
    OpenQuote {
        /// Line where the record starts.
        line: u64,
        /// Last line of the file.
        last: u64,
    },
    /// A header that runs over many lines: a quotation mark is out of place.
    #[error(
        "the header runs from line {line} to line {last}, over more than {limit} lines; a quotation mark may be out of place"
    )]
    HeaderLines {
        /// Line where the header starts.
        line: u64,
        /// Line where the header ends.
        last: u64,
        /// Largest number of lines of a record.
        limit: u64,
    },
    /// Amounts with a decimal comma in a file that was said to have decimal points.
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
    /// A date format that is none.
    #[error("date format must name a year, a month and a day, such as %d/%m/%Y, got {format:?}")]
    DateFormat {
        /// The offending format.
        format: String,
    },
    /// A record too long to be one.
    #[error(
        "the record that starts in line {line} is longer than {limit} bytes; a quotation mark may be open"
    )]
    RecordTooLong {
        /// Line where the record starts.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// The operating system or the decompressor gave up.
    #[error("reading failed after line {line}: {why}")]
    Read {
        /// The last line read.
        line: u64,
        /// What it said.
        why: String,
    },
    /// A file that cannot be opened.
    #[error("cannot open {path}: {why}")]
    Open {
        /// Which file.
        path: String,
        /// What the operating system said.
        why: String,
    },
}

/// The days of an observation in words.
fn span(observation: &Observation) -> String {
    match observation.start() {
        Some(start) => format!("from {start} to {}", observation.end()),
        None => format!("until {}", observation.end()),
    }
}

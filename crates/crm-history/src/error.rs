use crate::{Day, Period};

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
    #[error("amount must be a finite number below {limit:e} in size, got {value} in row {row}")]
    Amount {
        /// Row number, from 1.
        row: u64,
        /// The amount as text.
        value: String,
        /// The bound.
        limit: f64,
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
    /// Two summaries both hold purchases of a customer in the same or in interleaved periods.
    #[error(
        "customer {customer} has purchases until {left_last} on the left and from {right_first} on the right; spans must follow each other and be cut at a period bound"
    )]
    SpansOverlap {
        /// The customer's id.
        customer: String,
        /// Last purchase in the earlier summary.
        left_last: Day,
        /// First purchase in the later summary.
        right_first: Day,
    },
    /// Two summaries that end on one day both hold lines of a customer, so that their order in time is unknown.
    #[error(
        "customer {customer} has lines in both summaries, and both end on {end}; spans must follow each other"
    )]
    SpansEndTogether {
        /// The customer's id.
        customer: String,
        /// Where both end.
        end: Day,
    },
    /// A ledger without any order.
    #[error("there is no order in the ledger")]
    NoOrders,
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

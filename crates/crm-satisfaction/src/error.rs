/// Why an input was refused: every variant names the field and the offending value.
///
/// ```
/// use crm_satisfaction::index::Index;
///
/// let refused = Index::new(4.0, 0.0).unwrap_err();
/// assert_eq!(refused.to_string(), "expected must be above 0, got 0");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A column or list without a single value that could be used.
    #[error("{field} must hold at least one value, got 0")]
    Empty {
        /// The input that was empty.
        field: String,
    },
    /// NaN or an infinity.
    #[error("{field} must be finite, got {value} at position {position}")]
    NotFinite {
        /// The column.
        field: String,
        /// The offending value.
        value: f64,
        /// Its place in the column, from 0.
        position: usize,
    },
    /// A value outside its range.
    #[error("{field} must {allowed}, got {value}")]
    OutOfRange {
        /// The value's name.
        field: String,
        /// What it has to do, as a half sentence: `lie in 1..=5`.
        allowed: String,
        /// The offending value.
        value: String,
    },
    /// Two columns that belong together differ in length.
    #[error("{field} must be as many as {other} ({expected}), got {got}")]
    Length {
        /// The column that was checked.
        field: String,
        /// The column it was compared with.
        other: String,
        /// The length of the other column.
        expected: usize,
        /// The length found.
        got: usize,
    },
    /// A name that is empty or taken.
    #[error("{field} must be distinct and not empty, got {value:?} at position {position}")]
    Name {
        /// Whose names.
        field: String,
        /// The offending name.
        value: String,
        /// Its place, from 0.
        position: usize,
    },
    /// A name that nothing has.
    #[error("no {what} {wanted:?}; there are {known}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        wanted: String,
        /// The names there are.
        known: String,
    },
    /// A column that does not vary, where only differences say something.
    #[error("{field} must vary, got {value} everywhere")]
    Constant {
        /// The column.
        field: String,
        /// Its one value.
        value: f64,
    },
    /// A column that the ones before it already determine.
    #[error("{field} must not follow from the columns before it, got {value} of its variance left")]
    Collinear {
        /// The column.
        field: String,
        /// The share of its variance that is its own.
        value: f64,
    },
    /// Paths that lead back to where they started.
    #[error("paths must not form a circle, got {path}")]
    Circle {
        /// The latent variables along the circle.
        path: String,
    },
    /// An iteration that did not come to rest.
    #[error("weights must settle within {limit} steps, got a change of {change:e} in the last one")]
    NotConverged {
        /// The limit.
        limit: usize,
        /// The largest change of a weight in the last step.
        change: f64,
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
    /// The operating system gave up.
    #[error("reading failed after line {line}: {why}")]
    Read {
        /// The last line read.
        line: u64,
        /// What it said.
        why: String,
    },
}

pub(crate) fn out_of_range(
    field: impl Into<String>,
    allowed: impl Into<String>,
    value: impl ToString,
) -> Error {
    Error::OutOfRange { field: field.into(), allowed: allowed.into(), value: value.to_string() }
}

pub(crate) fn check_finite(field: &str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(position) => {
            let value = values.get(position).copied().unwrap_or(f64::NAN);
            Err(Error::NotFinite { field: field.to_owned(), value, position })
        }
    }
}

/// Values whose squares can be summed: at most 1e100 in size.
pub(crate) fn check_size(field: &str, values: &[f64]) -> Result<(), Error> {
    const LARGEST: f64 = 1e100;
    match values.iter().find(|value| value.abs() > LARGEST) {
        None => Ok(()),
        Some(value) => Err(out_of_range(field, "be at most 1e100 in size", format!("{value:e}"))),
    }
}

pub(crate) fn check_length(field: &str, other: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Length { field: field.to_owned(), other: other.to_owned(), expected, got })
    }
}

/// Names that are distinct and not empty.
pub(crate) fn check_names(field: &str, names: &[impl AsRef<str>]) -> Result<(), Error> {
    for (position, name) in names.iter().enumerate() {
        let name = name.as_ref();
        let taken = names.iter().take(position).any(|earlier| earlier.as_ref() == name);
        if name.is_empty() || taken {
            return Err(Error::Name { field: field.to_owned(), value: name.to_owned(), position });
        }
    }
    Ok(())
}

/// Weights of respondents: finite, none below 0, not all 0.
pub(crate) fn check_weights(weights: &[f64]) -> Result<(), Error> {
    check_finite("weight", weights)?;
    if let Some(weight) = weights.iter().find(|weight| **weight < 0.0) {
        return Err(out_of_range("weight", "be at least 0", weight));
    }
    let sum: f64 = weights.iter().sum();
    if weights.is_empty() || (sum > 0.0 && sum.is_finite()) {
        Ok(())
    } else {
        Err(out_of_range("sum of weights", "be positive and finite", sum))
    }
}

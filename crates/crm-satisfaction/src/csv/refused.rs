use std::borrow::Cow;
use std::fmt;

use crm_tables::{CellError, Column, Row};

/// A row that was not taken, with its line and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RefusedAnswer {
    /// Line of the file where the row starts.
    pub line: u64,
    /// Reason of the refusal.
    pub reason: AnswerRefusal,
    /// The offending text, shortened to 80 characters.
    pub value: String,
}

/// The reason why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AnswerRefusal {
    /// The id is empty.
    MissingId,
    /// The id, or the id with this feature, had a row before.
    Repeated,
    /// An answer that is not a whole number.
    NotWhole {
        /// The question.
        column: String,
    },
    /// An answer that the scale does not have.
    OffScale {
        /// The question.
        column: String,
        /// The smallest answer of its scale.
        min: i32,
        /// The largest.
        max: i32,
    },
    /// A weight that is not a number of at least 0.
    Weight,
    /// A question that was not declared.
    Question,
    /// A date that does not read as YYYY-MM-DD.
    Date {
        /// The column.
        column: String,
    },
    /// Days in the wrong order.
    Order {
        /// What is wrong with them.
        what: String,
    },
    /// A word that is none of those allowed.
    Word {
        /// The column.
        column: String,
        /// The words it may hold.
        allowed: String,
    },
    /// The row has more or fewer fields than the header.
    Fields {
        /// Fields of the header.
        expected: u64,
        /// Fields of the row.
        got: u64,
    },
    /// The row, or its id, runs over too many lines: a quotation mark is out of place.
    Lines {
        /// Line of the file where the row ends.
        last: u64,
    },
    /// A cell is not text in the encoding of the file.
    NotText,
}

impl fmt::Display for AnswerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingId => f.write_str("id is missing"),
            Self::Repeated => f.write_str("id had a row before"),
            Self::NotWhole { column } => write!(f, "{column} is not a whole number"),
            Self::OffScale { column, min, max } => write!(f, "{column} is not on its scale, {min} to {max}"),
            Self::Weight => f.write_str("weight is not a number of at least 0"),
            Self::Question => f.write_str("question was not declared"),
            Self::Date { column } => write!(f, "{column} does not read as YYYY-MM-DD"),
            Self::Order { what } => f.write_str(what),
            Self::Word { column, allowed } => write!(f, "{column} is none of {allowed}"),
            Self::Fields { expected, got } => write!(f, "row has {got} fields, the header has {expected}"),
            Self::Lines { last } => {
                write!(f, "row runs on to line {last}; a quotation mark may be out of place")
            }
            Self::NotText => f.write_str("cell is not text in the encoding of the file"),
        }
    }
}

impl fmt::Display for RefusedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {:?}", self.line, self.reason, self.value)
    }
}

/// A row that cannot be taken, and the text that shows why.
pub(super) struct Refusal {
    reason: AnswerRefusal,
    value: String,
}

impl Refusal {
    pub(super) fn new(reason: AnswerRefusal, value: &str) -> Self {
        Self { reason, value: crm_tables::shortened(value) }
    }

    pub(super) fn at(self, line: u64) -> RefusedAnswer {
        RefusedAnswer { line, reason: self.reason, value: self.value }
    }
}

impl From<CellError> for Refusal {
    fn from(error: CellError) -> Self {
        match error {
            CellError::Fields { expected, got, text } => {
                Self::new(AnswerRefusal::Fields { expected, got }, &text)
            }
            CellError::Lines { last, text } => Self::new(AnswerRefusal::Lines { last }, &text),
            CellError::NotText { text, .. } => Self::new(AnswerRefusal::NotText, &text),
            other => Self::new(AnswerRefusal::NotText, &other.to_string()),
        }
    }
}

/// Returns the id of a row, which must not be empty.
pub(super) fn id_of<'r>(row: &Row<'r>, column: Column) -> Result<Cow<'r, str>, Refusal> {
    let id = row.id(column)?;
    if id.is_empty() { Err(Refusal::new(AnswerRefusal::MissingId, "")) } else { Ok(id) }
}

use std::fmt;

/// A row that was not taken, with its place and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RefusedAnswer {
    /// Line of the file where the row starts.
    pub line: u64,
    /// Why.
    pub reason: AnswerRefusal,
    /// The offending text, shortened to 80 characters.
    pub value: String,
}

/// Why a row was refused.
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
    /// The row runs over more than 20 lines: a quotation mark is out of place.
    Lines {
        /// Line of the file where the row ends.
        last: u64,
    },
    /// The row is not UTF-8 text.
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
            Self::NotText => f.write_str("row is not UTF-8 text"),
        }
    }
}

impl fmt::Display for RefusedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {:?}", self.line, self.reason, self.value)
    }
}

use std::fmt;

use crate::Day;

/// A doubt about rows that are in the ledger: what may have been read as something that it is not.
///
/// Counts of single odd rows are [`DataFinding`](crate::DataFinding)s; a warning is about a whole
/// column or about values that stand apart from all others. Warnings about columns and ids come
/// from files only.
///
/// ```
/// use crm_history::{Ledger, NaiveDate, QualityWarning};
///
/// let day = |m, d| NaiveDate::from_ymd_opt(2025, m, d).unwrap();
/// let none = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
/// let ledger = Ledger::from_rows([("ada", day(1, 15), 20_i64), ("bob", none, 30), ("ada", day(2, 25), 20)])?;
/// let [warning] = ledger.quality().warnings.as_slice() else { panic!() };
/// assert!(matches!(warning, QualityWarning::EarlyDates { rows: 1, line: 2, .. }));
/// assert_eq!(
///     warning.to_string(),
///     "1 date is not after 1970-01-01, the first is 1970-01-01 in line 2; it may stand for \"no date\""
/// );
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum QualityWarning {
    /// Dates on or before 1970-01-01, which programs write where there is no date.
    EarlyDates {
        /// Number of rows.
        rows: u64,
        /// Line of the first one, or its row number from 1 where rows came from memory.
        line: u64,
        /// The date in that line.
        day: Day,
    },
    /// A few dates with more than five years between them and all others: at most one row in a
    /// hundred, or one row.
    DistantDates {
        /// Number of rows.
        rows: u64,
        /// Line of the first one, or its row number from 1 where rows came from memory.
        line: u64,
        /// The date in that line.
        day: Day,
        /// The first of all other dates.
        first: Day,
        /// The last of all other dates.
        last: Day,
    },
    /// A column with a status of orders, which nothing looks at.
    StatusColumn {
        /// Header of the column.
        column: String,
        /// Its first values in order of appearance, at most twelve.
        values: Vec<String>,
        /// Whether there are more values.
        more: bool,
    },
    /// A column with more than one currency.
    CurrencyColumn {
        /// Header of the column.
        column: String,
        /// Its first values in order of appearance, at most twelve.
        values: Vec<String>,
        /// Whether there are more values.
        more: bool,
    },
    /// The amount is a price, and there is a quantity beside it.
    UnitPrice {
        /// Header of the amount column.
        amount: String,
        /// Header of the quantity column.
        quantity: String,
    },
    /// Refused amounts that read with a decimal comma.
    DecimalCommas {
        /// Header of the amount column.
        column: String,
        /// Number of rows.
        rows: u64,
        /// Line of the first one.
        line: u64,
        /// The amount in that line.
        value: String,
    },
    /// Cells that are not UTF-8, in a file that begins as UTF-8, and were read in another encoding.
    OtherEncoding {
        /// Name of the encoding in which they were read.
        encoding: String,
        /// Number of cells.
        cells: u64,
        /// Line of the first one.
        line: u64,
    },
    /// An id column in which no value comes twice.
    UnrepeatedIds {
        /// Header of the id column.
        column: String,
        /// Number of rows.
        rows: u64,
    },
    /// Ids that differ in upper and lower case only.
    IdsDifferInCase {
        /// Header of the id column.
        column: String,
        /// Number of such ids.
        ids: u64,
        /// Number of ids if case did not matter.
        groups: u64,
        /// One of the ids.
        example: String,
        /// Another spelling of it.
        spelling: String,
    },
    /// An id with far more rows than any customer has.
    FrequentId {
        /// Header of the id column.
        column: String,
        /// The id.
        id: String,
        /// Its rows.
        rows: u64,
        /// Rows of all ids.
        of: u64,
    },
}

impl fmt::Display for QualityWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[String], more: bool| {
            let (few, rest) = (values.join(", "), if more { " and more" } else { "" });
            format!("{}{} values ({few}{rest})", if more { "more than " } else { "" }, values.len())
        };
        match self {
            QualityWarning::EarlyDates { rows, line, day } => {
                let (dates, it) = if *rows == 1 { ("date is", "it") } else { ("dates are", "they") };
                write!(
                    f,
                    "{rows} {dates} not after 1970-01-01, the first is {day} in line {line}; {it} may stand for \"no date\""
                )
            }
            QualityWarning::DistantDates { rows, line, day, first, last } => {
                let dates = if *rows == 1 { "date lies" } else { "dates lie" };
                write!(
                    f,
                    "{rows} {dates} more than five years from all others ({first} to {last}), the first is {day} in line {line}"
                )
            }
            QualityWarning::StatusColumn { column, values, more } => write!(
                f,
                "column {column:?} has {}; every order counts, whatever its status",
                list(values, *more)
            ),
            QualityWarning::CurrencyColumn { column, values, more } => write!(
                f,
                "column {column:?} has {}; amounts are added up as if they were in one currency",
                list(values, *more)
            ),
            QualityWarning::UnitPrice { amount, quantity } => write!(
                f,
                "the amount is column {amount:?}, and there is a column {quantity:?}; a price per unit is not the amount of a row"
            ),
            QualityWarning::DecimalCommas { column, rows, line, value } => {
                let seem = if *rows == 1 { "amount seems" } else { "amounts seem" };
                write!(
                    f,
                    "{rows} refused {seem} to have a decimal comma, the first is {value:?} in line {line} of column {column:?}"
                )
            }
            QualityWarning::OtherEncoding { encoding, cells, line } => {
                let are = if *cells == 1 { "cell is" } else { "cells are" };
                write!(
                    f,
                    "{cells} {are} not UTF-8, the first in line {line}, and read as {encoding}; declare the encoding of the file"
                )
            }
            QualityWarning::UnrepeatedIds { column, rows } => write!(
                f,
                "no value of column {column:?} comes twice in {rows} rows, so that no customer has come back; it may number orders, not customers"
            ),
            QualityWarning::IdsDifferInCase { column, ids, groups, example, spelling } => {
                let group = if *groups == 1 { "group" } else { "groups" };
                write!(
                    f,
                    "{ids} ids of column {column:?} fall into {groups} {group} that differ in case only, such as {example:?} and {spelling:?}; each spelling counts as a customer"
                )
            }
            QualityWarning::FrequentId { column, id, rows, of } => {
                let percent = *rows as f64 / (*of).max(1) as f64 * 100.0;
                write!(
                    f,
                    "id {id:?} of column {column:?} has {rows} of {of} rows ({percent:.0} %); it may stand for everybody without an account"
                )
            }
        }
    }
}

//! The report on the data of a ledger.

use std::fmt;

use crm_numbers::ReadAmountError;

use crate::QualityWarning;

/// The number of rows with one peculiarity, and the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DataFinding {
    /// Number of rows.
    pub count: u64,
    /// First line: the line of the file, or the number of the row, from 1, if the rows came from
    /// memory.
    pub first_line: Option<u64>,
}

impl DataFinding {
    pub(crate) fn add(&mut self, line: u64) {
        self.count = self.count.saturating_add(1);
        self.first_line = Some(self.first_line.map_or(line, |first| first.min(line)));
    }

    /// The findings of two sources; the first line is the left one's where it has any.
    pub(crate) fn and(self, other: DataFinding) -> DataFinding {
        DataFinding {
            count: self.count.saturating_add(other.count),
            first_line: self.first_line.or(other.first_line),
        }
    }
}

/// A report on the data of a ledger: rows read, rows refused, unusual rows.
///
/// Rows left out by a rule of the caller and refused rows are not in the ledger: missing ids,
/// unreadable dates and amounts, malformed rows. All other findings concern rows that *are* in the ledger, because a rule of the caller decides
/// about them. Warnings name columns and values that may have been misread.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate};
///
/// let day = NaiveDate::from_ymd_opt(2024, 3, 15).unwrap();
/// let ledger = Ledger::from_rows([("ada", day, 1_000_i64), ("ada", day, 1_000), ("bob", day, -250)])?;
/// let quality = ledger.quality();
/// assert_eq!((quality.rows, quality.duplicates.count, quality.refunds.count), (3, 1, 1));
/// assert_eq!(quality.duplicates.first_line, Some(2));
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct DataQuality {
    /// Number of order rows, including the refused ones.
    pub rows: u64,
    /// Number of rows in the ledger.
    pub accepted: u64,
    /// Rows that a filter of the caller left out.
    pub filtered: DataFinding,
    /// Rows left out because their id stands for nobody, as the caller said.
    pub nobody: DataFinding,
    /// Refused rows without a customer id.
    pub missing_ids: DataFinding,
    /// Refused rows without a date, or with one that does not match the date format.
    pub unreadable_dates: DataFinding,
    /// Refused rows without an amount, or with one that is not a finite number.
    pub unreadable_amounts: DataFinding,
    /// Refused rows with a wrong number of fields, too many lines, or bytes that are not text.
    pub malformed_rows: DataFinding,
    /// Rows with the customer, day and amount of an earlier row.
    pub duplicates: DataFinding,
    /// Rows with a negative amount.
    pub refunds: DataFinding,
    /// Rows with an amount of zero.
    pub zero_amounts: DataFinding,
    /// Rows with a date after the day that the builder was told is today.
    pub future_dates: DataFinding,
    /// Rows whose date is another valid date if day and month change places.
    pub ambiguous_dates: DataFinding,
    /// Doubts about dates, ids and columns.
    #[cfg_attr(feature = "serde", serde(default))]
    pub warnings: Vec<QualityWarning>,
}

crm_numbers::gate!(DataQuality, DataQuality::checked);

impl DataQuality {
    /// Rows are refused or accepted, and no finding concerns more rows than there are.
    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, crm_numbers::InputError> {
        let left_out = self.filtered.count.saturating_add(self.nobody.count);
        crm_numbers::check::range("rows left out", left_out, ..=self.rows)?;
        crm_numbers::check::range("accepted", self.accepted, ..=self.rows - left_out)?;
        let refused = [self.missing_ids, self.unreadable_dates, self.unreadable_amounts, self.malformed_rows];
        for finding in refused {
            crm_numbers::check::range("refused rows", finding.count, ..=self.refused())?;
        }
        let unusual =
            [self.duplicates, self.refunds, self.zero_amounts, self.future_dates, self.ambiguous_dates];
        for finding in unusual {
            crm_numbers::check::range("unusual rows", finding.count, ..=self.accepted)?;
        }
        Ok(self)
    }

    /// Returns the number of refused rows.
    #[must_use]
    pub fn refused(&self) -> u64 {
        let left_out = self.filtered.count.saturating_add(self.nobody.count);
        self.rows.saturating_sub(self.accepted).saturating_sub(left_out)
    }

    /// The findings of both.
    pub(crate) fn and(self, other: DataQuality) -> DataQuality {
        let mut warnings = self.warnings;
        for warning in other.warnings {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        DataQuality {
            warnings,
            rows: self.rows.saturating_add(other.rows),
            accepted: self.accepted.saturating_add(other.accepted),
            filtered: self.filtered.and(other.filtered),
            nobody: self.nobody.and(other.nobody),
            missing_ids: self.missing_ids.and(other.missing_ids),
            unreadable_dates: self.unreadable_dates.and(other.unreadable_dates),
            unreadable_amounts: self.unreadable_amounts.and(other.unreadable_amounts),
            malformed_rows: self.malformed_rows.and(other.malformed_rows),
            duplicates: self.duplicates.and(other.duplicates),
            refunds: self.refunds.and(other.refunds),
            zero_amounts: self.zero_amounts.and(other.zero_amounts),
            future_dates: self.future_dates.and(other.future_dates),
            ambiguous_dates: self.ambiguous_dates.and(other.ambiguous_dates),
        }
    }
}

/// One line per finding that is not zero, and one per warning.
impl fmt::Display for DataQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows read, {} accepted, {} refused", self.rows, self.accepted, self.refused())?;
        let findings = [
            ("left out by a filter", self.filtered),
            ("left out: the id stands for nobody", self.nobody),
            ("refused: no customer id", self.missing_ids),
            ("refused: unreadable date", self.unreadable_dates),
            ("refused: unreadable amount", self.unreadable_amounts),
            ("refused: malformed row", self.malformed_rows),
            ("same customer, day and amount as an earlier row", self.duplicates),
            ("refunds (amount below zero)", self.refunds),
            ("amounts of zero", self.zero_amounts),
            ("dates in the future", self.future_dates),
            ("dates that read day-first and month-first", self.ambiguous_dates),
        ];
        for (what, finding) in findings {
            if finding.count == 0 {
                continue;
            }
            write!(f, "\n{:>10}  {what}", finding.count)?;
            if let Some(line) = finding.first_line {
                write!(f, ", first in line {line}")?;
            }
        }
        self.warnings.iter().try_for_each(|warning| write!(f, "\n   warning  {warning}"))
    }
}

/// A row that is not in the ledger, with its line and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RefusedRow {
    /// Line of the file where the row starts.
    pub line: u64,
    /// Reason of the refusal.
    pub reason: RefusalReason,
    /// Offending text, shortened to 80 characters.
    pub value: String,
}

/// The reason why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum RefusalReason {
    /// The id is empty.
    MissingId,
    /// The date does not match the date format.
    Date {
        /// The date format, as the user would write it.
        format: String,
    },
    /// The amount is not a number that its type holds exactly.
    Amount(ReadAmountError),
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
    /// The row is not UTF-8 text.
    NotText,
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefusalReason::MissingId => f.write_str("customer id is missing"),
            RefusalReason::Date { format } => write!(f, "date does not read as {format}"),
            RefusalReason::Amount(error) => error.fmt(f),
            RefusalReason::Fields { expected, got } => {
                write!(f, "row has {got} fields, the header has {expected}")
            }
            RefusalReason::Lines { last } => {
                write!(f, "row runs on to line {last}; a quotation mark may be out of place")
            }
            RefusalReason::NotText => f.write_str("row is not UTF-8 text"),
        }
    }
}

impl fmt::Display for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {:?}", self.line, self.reason, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_counts_and_first_lines_and_leaves_out_zeros() {
        let mut quality = DataQuality { rows: 12, accepted: 11, ..DataQuality::default() };
        quality.missing_ids.add(7);
        quality.refunds.add(9);
        quality.refunds.add(4);
        assert_eq!(
            quality.to_string(),
            "12 rows read, 11 accepted, 1 refused\n\
             \x20        1  refused: no customer id, first in line 7\n\
             \x20        2  refunds (amount below zero), first in line 4"
        );
    }

    #[test]
    fn counts_that_contradict_each_other_are_printed_all_the_same() {
        let mut quality = DataQuality { rows: 3, accepted: 5, ..DataQuality::default() };
        assert_eq!(quality.refused(), 0);
        quality.duplicates = DataFinding { count: u64::MAX, first_line: None };
        quality.refunds = DataFinding { count: 0, first_line: Some(4) };
        let twice = quality.clone().and(DataQuality { rows: u64::MAX, ..quality.clone() });
        assert_eq!((twice.rows, twice.duplicates.count), (u64::MAX, u64::MAX));
        assert_eq!(
            quality.to_string(),
            "3 rows read, 5 accepted, 0 refused\n18446744073709551615  same customer, day and amount as an earlier row"
        );
    }

    #[test]
    fn a_refused_row_says_where_why_and_what() {
        let refused = RefusedRow {
            line: 3,
            reason: RefusalReason::Date { format: "YYYY-MM-DD".into() },
            value: "08/03/2014".into(),
        };
        assert_eq!(refused.to_string(), "line 3: date does not read as YYYY-MM-DD: \"08/03/2014\"");
    }
}

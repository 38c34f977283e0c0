use std::borrow::Cow;
use std::io::Read;

use chrono::NaiveDate;
use crm_tables::{Column, Encoding, Row, Table, TableOptions};

use super::refused::{Refusal, id_of};
use super::{AnswerRefusal, RefusedAnswer};
use crate::Error;
use crate::feedback::{Case, CaseKind, CaseOutcome, Cases};

/// Reads feedback: one row per case, with the columns customer_id and opened, and any of kind,
/// closed, outcome, product, cause, region, agent and department.
///
/// Dates read as YYYY-MM-DD; an empty `closed` is an open case; cases without a kind are complaints.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::csv::CsvFeedback;
/// use crm_satisfaction::feedback::CaseKey;
///
/// let text = "customer_id,opened,closed,cause\nada,2025-03-01,2025-03-04,late\nbob,2025-03-02,,late\n";
/// let file = CsvFeedback::new().read(text.as_bytes())?;
/// // As known on the last day that the file mentions.
/// assert_eq!(file.cases.as_of().to_string(), "2025-03-04");
/// assert_eq!(file.cases.by(CaseKey::Cause)[0].open, 1);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvFeedback {
    options: TableOptions,
    as_of: Option<NaiveDate>,
}

/// Cases of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedbackFile {
    /// The cases.
    pub cases: Cases,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Number of rows below the header.
    pub rows: u64,
    /// Encoding of the file.
    pub encoding: Encoding,
}

/// Columns of a file.
struct Columns {
    customer: Column,
    opened: Column,
    closed: Option<Column>,
    kind: Option<Column>,
    outcome: Option<Column>,
    product: Option<Column>,
    cause: Option<Column>,
    region: Option<Column>,
    agent: Option<Column>,
    department: Option<Column>,
}

impl Columns {
    fn new(table: &Table<'_>) -> Result<Self, Error> {
        let optional = |usual: &[&str]| table.column("optional", None, usual).ok();
        Ok(Self {
            customer: table.column("customer id", None, &["customer_id", "customer", "id"])?,
            opened: table.column("opened", None, &["opened", "opened_at", "date"])?,
            closed: optional(&["closed", "closed_at", "resolved"]),
            kind: optional(&["kind", "type"]),
            outcome: optional(&["outcome"]),
            product: optional(&["product"]),
            cause: optional(&["cause", "reason"]),
            region: optional(&["region"]),
            agent: optional(&["agent"]),
            department: optional(&["department"]),
        })
    }
}

impl CsvFeedback {
    /// Creates a reader with the default [`TableOptions`]; the report is as of the last day in the
    /// file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the delimiter, the encoding and the limits of records.
    #[must_use]
    pub fn with_table_options(self, options: TableOptions) -> Self {
        Self { options, ..self }
    }

    /// Sets the day of the report: open cases have been open until then.
    #[must_use]
    pub fn with_as_of(self, day: NaiveDate) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file that is not a table with these columns.
    pub fn read(&self, source: impl Read) -> Result<FeedbackFile, Error> {
        let mut table = Table::new(source, &self.options)?;
        let columns = Columns::new(&table)?;
        let (mut cases, mut refused, mut rows) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = table.next_row()? {
            rows += 1;
            match self.case(&row, &columns) {
                Ok(case) => cases.push(case),
                Err(refusal) => refused.push(refusal.at(row.line())),
            }
        }
        let last = cases.iter().map(|case: &Case| case.closed.unwrap_or(case.opened).max(case.opened)).max();
        let as_of = self.as_of.or(last).unwrap_or_default();
        Ok(FeedbackFile { cases: Cases::new(cases, as_of)?, refused, rows, encoding: table.encoding() })
    }

    fn case(&self, row: &Row<'_>, columns: &Columns) -> Result<Case, Refusal> {
        let word = |column: &str, allowed: &str, text: &str| {
            Refusal::new(AnswerRefusal::Word { column: column.to_owned(), allowed: allowed.to_owned() }, text)
        };
        let cell = |column: Option<Column>| column.map_or(Ok(Cow::Borrowed("")), |column| row.text(column));
        let customer = id_of(row, columns.customer)?;
        let opened = date("opened", &row.text(columns.opened)?)?;
        let kind = match &*cell(columns.kind)? {
            "" => CaseKind::Complaint,
            text => text.parse().map_err(|_| word("kind", "complaint, inquiry, suggestion", text))?,
        };
        let mut case = Case::new(kind, customer, opened)
            .with_product(cell(columns.product)?)
            .with_cause(cell(columns.cause)?)
            .with_region(cell(columns.region)?)
            .with_agent(cell(columns.agent)?)
            .with_department(cell(columns.department)?);
        case.outcome = match &*cell(columns.outcome)? {
            "" => None,
            text => Some(
                text.parse::<CaseOutcome>().map_err(|_| word("outcome", "implemented, rejected", text))?,
            ),
        };
        case.closed = match &*cell(columns.closed)? {
            "" => None,
            text => Some(date("closed", text)?),
        };
        let wrong = |what: &str, day: NaiveDate| {
            Refusal::new(AnswerRefusal::Order { what: what.to_owned() }, &day.to_string())
        };
        if let Some(closed) = case.closed.filter(|closed| *closed < opened) {
            return Err(wrong("closed before it was opened", closed));
        }
        let last = case.closed.unwrap_or(opened);
        match self.as_of {
            Some(as_of) if last > as_of => Err(wrong("after the day of the report", last)),
            _ => Ok(case),
        }
    }
}

fn date(column: &str, text: &str) -> Result<NaiveDate, Refusal> {
    let refuse = || Refusal::new(AnswerRefusal::Date { column: column.to_owned() }, text);
    // Ten characters: `2025-3-1` might as well be a slip of the pen. The first is no sign, so that
    // `+024-03-01` is not the year 24.
    let is_whole = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
    if is_whole { text.parse().map_err(|_| refuse()) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_read_and_what_does_not_is_named() {
        let text = "customer_id,kind,opened,closed,outcome\n\
                    a,suggestion,2025-03-01,2025-03-05,implemented\n\
                    b,grumble,2025-03-01,,\nc,,01/03/2025,,\nd,,2025-03-05,2025-03-01,\n\
                    e,,2025-03-01,,done\n,,2025-03-01,,\nf,,2025-04-01,,\n";
        let report = NaiveDate::from_ymd_opt(2025, 3, 31).unwrap();
        let file = CsvFeedback::new().with_as_of(report).read(text.as_bytes()).unwrap();
        assert_eq!((file.cases.cases().len(), file.rows, file.cases.as_of()), (1, 7, report));
        let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 3: kind is none of complaint, inquiry, suggestion: \"grumble\"",
                "line 4: opened does not read as YYYY-MM-DD: \"01/03/2025\"",
                "line 5: closed before it was opened: \"2025-03-01\"",
                "line 6: outcome is none of implemented, rejected: \"done\"",
                "line 7: id is missing: \"\"",
                "line 8: after the day of the report: \"2025-04-01\"",
            ]
        );
    }
}

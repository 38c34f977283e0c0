use std::io::Read;

use chrono::NaiveDate;

use super::records::{Records, Refusal, Row};
use super::{AnswerRefusal, RefusedAnswer};
use crate::Error;
use crate::feedback::{Case, CaseKind, CaseOutcome, Cases};

/// Reads feedback: one row a case, with the columns customer_id and opened, and as many as there are of kind, closed,
/// outcome, product, cause, region, agent and department.
///
/// Dates read as YYYY-MM-DD; an empty `closed` is a case that is open; without a kind, all are complaints.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFeedback {
    delimiter: u8,
    as_of: Option<NaiveDate>,
}

/// What a file of cases held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedbackFile {
    /// The cases.
    pub cases: Cases,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Rows behind the header.
    pub rows: u64,
}

impl Default for CsvFeedback {
    fn default() -> Self {
        Self::new()
    }
}

/// The columns of a file.
struct Columns {
    customer: usize,
    opened: usize,
    closed: Option<usize>,
    kind: Option<usize>,
    outcome: Option<usize>,
    product: Option<usize>,
    cause: Option<usize>,
    region: Option<usize>,
    agent: Option<usize>,
    department: Option<usize>,
}

impl CsvFeedback {
    /// Comma-separated, as known on the last day that the file mentions.
    #[must_use]
    pub fn new() -> Self {
        Self { delimiter: b',', as_of: None }
    }

    /// The byte between fields, such as `b';'` or `b'\t'`.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// The day of the report: open cases have been open until then.
    #[must_use]
    pub fn with_as_of(self, day: NaiveDate) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::MissingColumn`], [`Error::OpenQuote`],
    /// [`Error::RecordTooLong`], [`Error::Read`].
    pub fn read(&self, source: impl Read) -> Result<FeedbackFile, Error> {
        let mut records = Records::new(source, self.delimiter)?;
        let columns = Columns {
            customer: records.column("customer id", None, &["customer_id", "customer", "id"])?,
            opened: records.column("opened", None, &["opened", "opened_at", "date"])?,
            closed: records.optional(&["closed", "closed_at", "resolved"]),
            kind: records.optional(&["kind", "type"]),
            outcome: records.optional(&["outcome"]),
            product: records.optional(&["product"]),
            cause: records.optional(&["cause", "reason"]),
            region: records.optional(&["region"]),
            agent: records.optional(&["agent"]),
            department: records.optional(&["department"]),
        };
        let (mut cases, mut refused, mut rows) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = records.next()? {
            rows += 1;
            match row.and_then(|row| self.case(&row, &columns).map_err(|refusal| refusal.at(row.line))) {
                Ok(case) => cases.push(case),
                Err(row) => refused.push(row),
            }
        }
        let last = cases.iter().map(|case: &Case| case.closed.unwrap_or(case.opened).max(case.opened)).max();
        let as_of = self.as_of.or(last).unwrap_or_default();
        Ok(FeedbackFile { cases: Cases::new(cases, as_of)?, refused, rows })
    }

    fn case(&self, row: &Row, columns: &Columns) -> Result<Case, Refusal> {
        let word = |column: &str, allowed: &str, text: &str| {
            Refusal::new(AnswerRefusal::Word { column: column.to_owned(), allowed: allowed.to_owned() }, text)
        };
        let customer = row.id(columns.customer)?;
        let opened = date("opened", row.field(columns.opened))?;
        let kind = match row.optional(columns.kind) {
            "" => CaseKind::Complaint,
            text => text.parse().map_err(|_| word("kind", "complaint, inquiry, suggestion", text))?,
        };
        let mut case = Case::new(kind, customer, opened)
            .with_product(row.optional(columns.product))
            .with_cause(row.optional(columns.cause))
            .with_region(row.optional(columns.region))
            .with_agent(row.optional(columns.agent))
            .with_department(row.optional(columns.department));
        case.outcome = match row.optional(columns.outcome) {
            "" => None,
            text => Some(
                text.parse::<CaseOutcome>().map_err(|_| word("outcome", "implemented, rejected", text))?,
            ),
        };
        case.closed = match row.optional(columns.closed) {
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

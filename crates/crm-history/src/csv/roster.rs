use std::io::Read;

use super::date::DateReader;
use super::records::{Records, Refusal};
use super::{CONTACT_NAMES, ID_NAMES, Layout};
use crate::{Amount, Error, LedgerBuilder, Refused};

/// Reads rosters: people who are known, with or without the day of the first contact.
///
/// The id column is found as in [`CsvOrders`](super::CsvOrders); the date column, if there is one, is first_contact,
/// contact_date, created_at, date or day.
///
/// ```
/// use crm_history::{CsvRoster, Ledger};
///
/// let mut builder = Ledger::<String, f64>::builder();
/// let refused = CsvRoster::new().read("id,first_contact\neve,2024-01-05\nada,\n".as_bytes(), &mut builder)?;
/// assert!(refused.is_empty());
/// assert_eq!(builder.build().ids(), ["eve", "ada"]);
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvRoster {
    id: Option<String>,
    date: Option<String>,
    date_format: Option<String>,
    layout: Layout,
}

impl CsvRoster {
    /// Comma-separated, columns found by their usual names, ISO dates.
    #[must_use]
    pub fn new() -> Self {
        CsvRoster::default()
    }

    /// The id column, by header or by number from 1.
    #[must_use]
    pub fn with_id_column(mut self, column: impl Into<String>) -> Self {
        self.id = Some(column.into());
        self
    }

    /// The column of the first contact, by header or by number from 1.
    #[must_use]
    pub fn with_date_column(mut self, column: impl Into<String>) -> Self {
        self.date = Some(column.into());
        self
    }

    /// How dates are written, in the notation of `strftime`.
    #[must_use]
    pub fn with_date_format(mut self, format: impl Into<String>) -> Self {
        self.date_format = Some(format.into());
        self
    }

    /// The byte between fields; a comma unless set, or what a first line `sep=;` says.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.layout.delimiter = Some(delimiter);
        self
    }

    /// Reads a roster into a builder and gives back the refused rows. An empty date is no fault:
    /// the contact's day is unknown.
    ///
    /// # Errors
    ///
    /// As [`CsvOrders::read`](super::CsvOrders::read); a date column is needed only where one was named.
    pub fn read<A: Amount>(
        &self,
        source: impl Read,
        builder: &mut LedgerBuilder<String, A>,
    ) -> Result<Vec<Refused>, Error> {
        let dates = DateReader::new(self.date_format.as_deref())?;
        let mut records = Records::new(source, self.layout)?;
        let id_column = records.column("customer id", self.id.as_deref(), &ID_NAMES)?;
        let date_column = match &self.date {
            Some(name) => Some(records.column("first contact", Some(name), &[])?),
            None => records.column("first contact", None, &CONTACT_NAMES).ok(),
        };
        let mut refused = Vec::new();
        while let Some(row) = records.next()? {
            let read = || {
                let id = row.id(id_column)?;
                let date = date_column.map_or(Ok(""), |column| row.field(column))?;
                let contact = match date {
                    "" => None,
                    text => Some(dates.read(text).ok_or_else(|| Refusal::new(dates.reason(), text))?.0),
                };
                Ok::<_, Refusal>((id.to_owned(), contact))
            };
            match read() {
                Ok((id, contact)) => builder.add_prospect(id, contact),
                Err(refusal) => refused.push(refusal.at(row.line)),
            }
        }
        Ok(refused)
    }
}

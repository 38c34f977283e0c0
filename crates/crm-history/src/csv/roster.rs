//! Rosters from files.

use std::io::Read;

use crm_tables::{DateReader, Table, TableOptions};

use super::{CONTACT_NAMES, ID_NAMES, Refusal, day_of, id_of};
use crate::{Amount, Error, LedgerBuilder, RefusedRow};

/// Reads rosters: known people, with or without the day of the first contact.
///
/// The id column is found as in [`CsvOrders`](super::CsvOrders); the date column, if there is one,
/// is first_contact, contact_date, created_at, date or day.
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
    options: TableOptions,
}

impl CsvRoster {
    /// Creates a reader that finds columns by their usual names and reads ISO dates.
    #[must_use]
    pub fn new() -> Self {
        CsvRoster::default()
    }

    /// Sets the column of the id, by name or by number from 1.
    #[must_use]
    pub fn with_id_column(mut self, column: impl Into<String>) -> Self {
        self.id = Some(column.into());
        self
    }

    /// Sets the column of the first contact, by name or by number from 1.
    #[must_use]
    pub fn with_date_column(mut self, column: impl Into<String>) -> Self {
        self.date = Some(column.into());
        self
    }

    /// Sets the format of dates; see [`DateReader`].
    #[must_use]
    pub fn with_date_format(mut self, format: impl Into<String>) -> Self {
        self.date_format = Some(format.into());
        self
    }

    /// Sets the delimiter, the encoding and the limits of records.
    #[must_use]
    pub fn with_table_options(mut self, options: TableOptions) -> Self {
        self.options = options;
        self
    }

    /// Reads a roster into a builder and returns the refused rows.
    ///
    /// An empty date is fine: the day of the contact is unknown.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file that is not a table with these columns; a date column is needed
    /// only if one was named.
    pub fn read<A: Amount>(
        &self,
        source: impl Read,
        builder: &mut LedgerBuilder<String, A>,
    ) -> Result<Vec<RefusedRow>, Error> {
        let dates = DateReader::new(self.date_format.as_deref())?;
        let mut table = Table::new(source, &self.options)?;
        let id = table.column("customer id", self.id.as_deref(), &ID_NAMES)?;
        let date = match &self.date {
            Some(name) => Some(table.column("first contact", Some(name), &[])?),
            None => table.column("first contact", None, &CONTACT_NAMES).ok(),
        };
        let mut refused = Vec::new();
        while let Some(row) = table.next_row()? {
            let read = || {
                let id = id_of(&row, id)?;
                let contact = match date {
                    Some(column) if !row.text(column)?.is_empty() => Some(day_of(&row, column, &dates)?.0),
                    _ => None,
                };
                Ok::<_, Refusal>((id.into_owned(), contact))
            };
            match read() {
                Ok((id, contact)) => builder.add_prospect(id, contact),
                Err(refusal) => refused.push(refusal.at(row.line())),
            }
        }
        Ok(refused)
    }
}

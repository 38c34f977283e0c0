//! Rows as CSV files.

use std::fmt::Display;
use std::io::Write;

use crm_numbers::Amount;

use crate::{Cell, CustomerTable, Error};

/// How rows are written as CSV.
///
/// # Examples
///
/// ```
/// use crm_customers::{CsvOptions, CustomerTable};
/// use crm_history::{Ledger, NaiveDate, Observation};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
/// let ledger = Ledger::from_rows([("=1+1", day(1), 10.5), ("bob", day(8), 3.0)])?;
/// let mut file = Vec::new();
/// let european = CsvOptions::default().with_decimal_comma();
/// CustomerTable::new(&ledger, &Observation::until(day(31)))?.write_csv(&mut file, &european)?;
/// let text = String::from_utf8(file).unwrap();
/// // A spreadsheet does not take the id for a formula.
/// assert!(text.lines().nth(1).unwrap().starts_with("'=1+1;2024-03-01;2024-03-01;1;1;0;0;30;30;10,5;"));
/// # Ok::<(), crm_customers::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    delimiter: u8,
    decimal_comma: bool,
    keeps_formulas: bool,
}

/// Commas between fields, a decimal point, and no cell that a spreadsheet takes for a formula.
impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', decimal_comma: false, keeps_formulas: false }
    }
}

impl CsvOptions {
    /// Writes a decimal comma, and semicolons between fields.
    #[must_use]
    pub fn with_decimal_comma(self) -> Self {
        Self { delimiter: b';', decimal_comma: true, ..self }
    }

    /// Sets the character between fields.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// Writes texts as they are, even if they begin like a formula (`=`, `+`, `-`, `@`, tab, line
    /// break); otherwise an apostrophe stands before them.
    #[must_use]
    pub fn with_formulas_kept(self) -> Self {
        Self { keeps_formulas: true, ..self }
    }

    fn text<A: Display>(&self, cell: &Cell<'_, A>) -> String {
        let text = cell.to_string();
        match cell {
            Cell::Text(_)
                if !self.keeps_formulas && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) =>
            {
                format!("'{text}")
            }
            Cell::Amount(_) | Cell::Money(_) | Cell::Number(_) if self.decimal_comma => {
                text.replace('.', ",")
            }
            _ => text,
        }
    }
}

impl<K: Display, A: Amount> CustomerTable<'_, K, A> {
    /// Writes the header and one line per row.
    ///
    /// # Errors
    ///
    /// [`Error::Csv`] if the file cannot be written.
    pub fn write_csv(&self, file: impl Write, options: &CsvOptions) -> Result<(), Error> {
        let mut writer = ::csv::WriterBuilder::new().delimiter(options.delimiter).from_writer(file);
        writer.write_record(self.header())?;
        for row in self.rows() {
            writer.write_record(row.cells().iter().map(|cell| options.text(cell)))?;
        }
        writer.flush().map_err(::csv::Error::from)?;
        Ok(())
    }
}

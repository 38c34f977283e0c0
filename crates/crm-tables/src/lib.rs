//! Reads the tables that people export, without guessing in silence.
//!
//! A [`Table`] turns bytes into records with named columns. It finds the encoding (UTF-8, UTF-16,
//! Windows-1252, GBK and others) and the delimiter and says which ones it found, decompresses gzip,
//! follows a first line `sep=;`, and knows the line of each record as an editor shows it, whatever ends the lines.
//! Cells become numbers through [`NumberReader`] and days through [`DateReader`]; neither reads a
//! cell that could be two values as the wrong one.
//!
//! | question | item |
//! |---|---|
//! | Which columns are there, and which rows? | [`Table`], [`TableOptions`], [`Row`] |
//! | In which encoding is the text? | [`Encoding`] |
//! | Which number is `1.234,50`, `(12.50)` or `$30`? | [`NumberReader`], [`DecimalMark`] |
//! | What do the cells of each column look like? | [`TableProfile`], [`ColumnProfile`] |
//! | Which day is `05/03/2024`, 45 356 or 1709596800? | [`DateReader`] |
//!
//! # Examples
//!
//! ```
//! use crm_tables::{Table, TableOptions};
//!
//! let text = "id;total\r\nann;1.234,50\r\n\r\nbob;5,00\r\n";
//! let mut table = Table::new(text.as_bytes(), &TableOptions::new().with_delimiter(b';'))?;
//! let total = table.column("amount", Some("total"), &[])?;
//! let mut cells = Vec::new();
//! while let Some(row) = table.next_row()? {
//!     cells.push((row.line(), row.text(total)?.into_owned()));
//! }
//! assert_eq!(cells, [(2, "1.234,50".to_owned()), (4, "5,00".to_owned())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod date;
mod encoding;
mod error;
mod lines;
mod number;
mod options;
mod profile;
mod source;
mod table;

pub use date::DateReader;
pub use encoding::Encoding;
pub use error::{CellError, Error};
pub use number::{CommaDoubt, DecimalMark, NumberReader};
pub use options::TableOptions;
pub use profile::{ColumnProfile, NumberShapes, TableProfile};
pub use table::{Column, OtherEncoding, Row, Table};

/// Returns the first 80 characters of a text, for messages.
#[must_use]
pub fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

//! Settings of a table.

use crm_numbers::check;

use crate::{Encoding, Error};

/// Settings of a [`Table`](crate::Table).
///
/// # Examples
///
/// ```
/// use crm_tables::{Encoding, TableOptions};
///
/// let options = TableOptions::new().with_delimiter(b';').with_encoding(Encoding::WINDOWS_1252);
/// assert_eq!(options, TableOptions::new().with_encoding("latin1".parse()?).with_delimiter(b';'));
/// # Ok::<(), crm_numbers::UnknownNameError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableOptions {
    pub(crate) delimiter: Option<u8>,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) record_limit: usize,
    pub(crate) line_limit: u64,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { delimiter: None, encoding: None, record_limit: 1 << 20, line_limit: 20 }
    }
}

impl TableOptions {
    /// Creates the default settings: the delimiter of a first line `sep=`, else the one of comma,
    /// semicolon, tabulator and bar that splits the first records into equally many fields; the
    /// encoding found from the bytes; records of at most 1 MiB and 20 lines.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the delimiter.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Sets the encoding; a byte-order mark has the last word.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// Sets the largest number of bytes of a record, which bounds the memory.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for 0.
    pub fn with_record_limit(mut self, bytes: usize) -> Result<Self, Error> {
        self.record_limit = check::range("record limit", bytes, 1..)?;
        Ok(self)
    }

    /// Sets the largest number of lines of a record: a longer one has a quotation mark out of
    /// place.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for 0.
    pub fn with_line_limit(mut self, lines: u64) -> Result<Self, Error> {
        self.line_limit = check::range("line limit", lines, 1..)?;
        Ok(self)
    }
}

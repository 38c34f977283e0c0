//! Errors of files and of cells.

use crm_numbers::InputError;

/// A file that cannot be read as a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that is out of its range or unknown.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An empty file.
    #[error("the file is empty")]
    EmptyFile,
    /// A file that is not text.
    #[error("the file is not text: {sign} at byte {offset}")]
    NotText {
        /// Sign that it is not text.
        sign: &'static str,
        /// Byte offset of the sign.
        offset: usize,
    },
    /// A file without a column that is needed.
    #[error("no {purpose} column {wanted}; the columns are {columns}")]
    MissingColumn {
        /// Purpose of the column.
        purpose: &'static str,
        /// Names that were looked for.
        wanted: String,
        /// Names of the columns of the file; of a wide file the first ones.
        columns: String,
    },
    /// One column that is named for two purposes.
    #[error("column {column:?} cannot be both the {first} and the {second}")]
    SameColumn {
        /// First purpose.
        first: &'static str,
        /// Second purpose.
        second: &'static str,
        /// Name of the column.
        column: String,
    },
    /// A quotation mark that is opened and never closed.
    #[error(
        "the record that starts in line {line} runs to the end of the file in line {last}: a quotation mark is opened \
         and not closed"
    )]
    OpenQuote {
        /// Line where the record starts.
        line: u64,
        /// Last line of the file.
        last: u64,
    },
    /// A header that runs over many lines.
    #[error(
        "the header runs from line {line} to line {last}, over more than {limit} lines; a quotation mark may be out of \
         place"
    )]
    HeaderLines {
        /// Line where the header starts.
        line: u64,
        /// Line where the header ends.
        last: u64,
        /// Largest number of lines of a record.
        limit: u64,
    },
    /// A record that is too long.
    #[error(
        "the record that starts in line {line} is longer than {limit} bytes; a quotation mark may be open"
    )]
    RecordTooLong {
        /// Line where the record starts.
        line: u64,
        /// Largest number of bytes of a record.
        limit: usize,
    },
    /// A date format without year, month or day.
    #[error("date format must name a year, a month and a day, such as %d/%m/%Y, got {format:?}")]
    DateFormat {
        /// Offending format.
        format: String,
    },
    /// A failure of the operating system or the decompressor.
    #[error("reading failed after line {line}: {message}")]
    Read {
        /// Last line read.
        line: u64,
        /// Its message.
        message: String,
    },
    /// A file that cannot be opened.
    #[error("cannot open {path}: {message}")]
    Open {
        /// Path of the file.
        path: String,
        /// Message of the operating system.
        message: String,
    },
}

/// A cell that cannot be given out, because its row is malformed or its bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellError {
    /// A row with more or fewer fields than the header.
    #[error("row has {got} fields, the header has {expected}")]
    Fields {
        /// Number of fields of the header.
        expected: u64,
        /// Number of fields of the row.
        got: u64,
        /// Text of the row, shortened.
        text: String,
    },
    /// A row, or an id, that runs over too many lines: a quotation mark is out of place.
    #[error("row runs on to line {last}; a quotation mark may be out of place")]
    Lines {
        /// Line of the file where the row ends.
        last: u64,
        /// Text of the row, shortened.
        text: String,
    },
    /// Bytes that are not text in the encoding of the file.
    #[error("cell is not {encoding} text")]
    NotText {
        /// Name of the encoding.
        encoding: &'static str,
        /// Text of the cell, shortened, with marks where it is not text.
        text: String,
    },
}

//! Records with named columns.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use crate::lines::LineBreaks;
use crate::source::Source;
use crate::{CellError, Encoding, Error, TableOptions, shortened};

/// A table that is read row by row: a header, and records with the line on which they start.
///
/// Memory is bounded by the longest record that the options allow.
///
/// # Examples
///
/// ```
/// use crm_tables::{Table, TableOptions};
///
/// // Latin-1, as old spreadsheets write it.
/// let mut table = Table::new(b"Kunde,Stadt\nann,K\xf6ln\n".as_slice(), &TableOptions::new())?;
/// let city = table.column("city", None, &["city", "stadt"])?;
/// let row = table.next_row()?.unwrap();
/// assert_eq!((row.line(), row.text(city)?), (2, "Köln".into()));
/// assert_eq!(table.encoding().name(), "windows-1252");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Table<'s> {
    reader: Reader<Limited<Box<dyn Read + 's>>>,
    options: TableOptions,
    delimiter: u8,
    encoding: Encoding,
    is_guessed: bool,
    headers: Vec<String>,
    record: ByteRecord,
    /// First and last line of the record.
    lines: (u64, u64),
    /// Whether a quotation mark seems to have been left open in the record.
    suspect: bool,
    other: Cell<Option<OtherEncoding>>,
}

/// Cells that are not in the encoding of the first bytes of a file, and were read in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherEncoding {
    /// Encoding in which the cells were read.
    pub encoding: Encoding,
    /// Number of cells.
    pub cells: u64,
    /// Line of the first row with such a cell.
    pub first_line: u64,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(usize);

impl Column {
    /// Returns the index of the column, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

impl<'s> Table<'s> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// [`Error::Open`], and as [`Table::new`].
    pub fn open(path: impl AsRef<Path>, options: &TableOptions) -> Result<Table<'static>, Error> {
        let path = path.as_ref();
        let failed =
            |error: io::Error| Error::Open { path: path.display().to_string(), message: error.to_string() };
        Table::new(File::open(path).map_err(failed)?, options)
    }

    /// Reads the header of a source: a file, standard input, bytes.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::HeaderLines`], [`Error::RecordTooLong`],
    /// [`Error::Read`].
    pub fn new(source: impl Read + 's, options: &TableOptions) -> Result<Self, Error> {
        let source = Source::new(source, options.encoding)?;
        let breaks = LineBreaks::starting_at(source.line);
        let reader = Limited { inner: source.reader, taken: 0, limit: options.record_limit, breaks };
        let delimiter = options.delimiter.unwrap_or(source.delimiter);
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let mut table = Self {
            reader,
            options: *options,
            delimiter,
            encoding: source.encoding,
            is_guessed: source.is_guessed,
            headers: Vec::new(),
            record: ByteRecord::new(),
            lines: (source.line, source.line),
            suspect: false,
            other: Cell::new(None),
        };
        if !table.advance()? {
            return Err(Error::EmptyFile);
        }
        let (line, last) = table.lines;
        if last - line >= options.line_limit {
            return Err(Error::HeaderLines { line, last, limit: options.line_limit });
        }
        let encoding = table.cell_encoding();
        let header = |name: &[u8]| encoding.decode_lossy(name).trim().to_owned();
        table.headers = table.record.iter().map(header).collect();
        Ok(table)
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Iterates over the columns, from the first to the last.
    pub fn columns(&self) -> impl Iterator<Item = Column> + use<> {
        (0..self.headers.len()).map(Column)
    }

    /// Returns the name of a column.
    #[must_use]
    pub fn header(&self, column: Column) -> &str {
        self.headers.get(column.0).map_or("", String::as_str)
    }

    /// Returns the delimiter: declared, named by a first line `sep=`, or found from the first
    /// records.
    #[must_use]
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Returns the encoding of the file: declared, from its mark, or found from its bytes.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the cells read so far in another encoding than [`encoding`](Self::encoding).
    #[must_use]
    pub fn other_encoding(&self) -> Option<OtherEncoding> {
        self.other.get()
    }

    /// Returns the column with the wanted name or number (from 1), or else the first column with
    /// one of the usual names. Names are compared without case, and with blanks and hyphens as
    /// underscores, unless one is the same to the letter.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] names the purpose, the names looked for and the columns of the
    /// file.
    pub fn column(
        &self,
        purpose: &'static str,
        wanted: Option<&str>,
        usual: &[&str],
    ) -> Result<Column, Error> {
        let found = match wanted {
            Some(wanted) => self.by_name(wanted).or_else(|| {
                let number: usize = wanted.parse().ok()?;
                number.checked_sub(1).filter(|&index| index < self.headers.len())
            }),
            None => usual.iter().find_map(|name| self.by_name(name)),
        };
        found.map(Column).ok_or_else(|| Error::MissingColumn {
            purpose,
            wanted: wanted.map_or_else(|| format!("({})", usual.join(", ")), |wanted| format!("{wanted:?}")),
            columns: self.columns_in_words(),
        })
    }

    fn by_name(&self, wanted: &str) -> Option<usize> {
        let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
        let exact = self.headers.iter().position(|name| name == wanted);
        exact.or_else(|| self.headers.iter().position(|name| plain(name) == plain(wanted)))
    }

    /// Names of the columns; of a wide file the first ones, and of a long name its beginning.
    fn columns_in_words(&self) -> String {
        const SHOWN: usize = 20;
        if let [only] = self.headers.as_slice()
            && let Some(delimiter) = only.chars().find(|c| [';', ',', '\t', '|'].contains(c))
        {
            return format!("{:?} (one column: is {delimiter:?} the delimiter?)", shortened(only));
        }
        let names: Vec<String> = self.headers.iter().take(SHOWN).map(|name| shortened(name)).collect();
        match self.headers.len() {
            all if all > SHOWN => format!("{}, ... ({all} columns)", names.join(", ")),
            _ => names.join(", "),
        }
    }

    /// Checks that one column does not serve two purposes.
    ///
    /// # Errors
    ///
    /// [`Error::SameColumn`] names the column and both purposes.
    pub fn check_apart(
        &self,
        (first, column): (&'static str, Column),
        (second, other): (&'static str, Column),
    ) -> Result<(), Error> {
        if column == other {
            return Err(Error::SameColumn { first, second, column: self.header(column).to_owned() });
        }
        Ok(())
    }

    /// Returns the next row, or `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// [`Error::OpenQuote`], [`Error::RecordTooLong`], [`Error::Read`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let more = self.advance()?;
        Ok(more.then_some(Row {
            lines: self.lines,
            line_limit: self.options.line_limit,
            expected: self.headers.len(),
            encoding: self.cell_encoding(),
            is_guessed: self.is_guessed,
            fields: &self.record,
            other: &self.other,
        }))
    }

    /// The encoding of the bytes of cells, after the reader has transcoded what does not keep
    /// ASCII.
    fn cell_encoding(&self) -> Encoding {
        if self.encoding.keeps_ascii() { self.encoding } else { Encoding::UTF_8 }
    }

    fn advance(&mut self) -> Result<bool, Error> {
        let start = self.reader.position().byte();
        self.reader.get_mut().taken = 0;
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let end = self.reader.position().byte();
                self.lines = self.reader.get_mut().breaks.locate(start, end);
                let more_lines = self.lines.1 - self.lines.0;
                let misshapen = self.record.len() != self.headers.len() && !self.headers.is_empty();
                self.suspect = more_lines >= self.options.line_limit || (more_lines > 0 && misshapen);
                Ok(true)
            }
            Ok(false) if self.suspect => {
                let (line, last) = self.lines;
                Err(Error::OpenQuote { line, last })
            }
            Ok(false) => Ok(false),
            Err(_) if self.reader.get_ref().taken > self.options.record_limit => {
                let start = self.record.position().map_or(start, Position::byte);
                let (line, _) = self.reader.get_mut().breaks.locate(start, start);
                Err(Error::RecordTooLong { line, limit: self.options.record_limit })
            }
            Err(error) => Err(Error::Read { line: self.lines.1, message: error.to_string() }),
        }
    }
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("headers", &self.headers)
            .field("delimiter", &char::from(self.delimiter))
            .field("encoding", &self.encoding)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    lines: (u64, u64),
    line_limit: u64,
    expected: usize,
    encoding: Encoding,
    is_guessed: bool,
    fields: &'r ByteRecord,
    other: &'r Cell<Option<OtherEncoding>>,
}

impl<'r> Row<'r> {
    /// Returns the line on which the row starts, from 1, as an editor shows it.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.lines.0
    }

    /// Returns the line on which the row ends.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        self.lines.1
    }

    /// Returns the text of a cell without the blanks around it.
    ///
    /// Only the cells that are asked for have to be text. Where the encoding was found from the
    /// first bytes and was UTF-8, a cell that is not UTF-8 is read as Windows-1252.
    ///
    /// # Errors
    ///
    /// [`CellError`] for a row with more or fewer fields than the header or too many lines, and for
    /// bytes that are not text in the encoding of the file.
    pub fn text(&self, column: Column) -> Result<Cow<'r, str>, CellError> {
        if self.lines.1 - self.lines.0 >= self.line_limit {
            return Err(self.spread_out());
        }
        if self.fields.len() != self.expected {
            let (expected, got) = (self.expected as u64, self.fields.len() as u64);
            return Err(CellError::Fields { expected, got, text: self.joined() });
        }
        let bytes = self.fields.get(column.0).unwrap_or_default();
        let text = self.encoding.decode(bytes);
        let fallback = || {
            let may_fall_back = self.is_guessed && self.encoding == Encoding::UTF_8;
            let text = may_fall_back.then(|| Encoding::WINDOWS_1252.decode(bytes)).flatten()?;
            let first =
                OtherEncoding { encoding: Encoding::WINDOWS_1252, cells: 0, first_line: self.lines.0 };
            let other = self.other.get().unwrap_or(first);
            self.other.set(Some(OtherEncoding { cells: other.cells + 1, ..other }));
            Some(text)
        };
        match text.or_else(fallback) {
            Some(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text.trim())),
            Some(Cow::Owned(text)) => Ok(Cow::Owned(text.trim().to_owned())),
            None => Err(CellError::NotText {
                encoding: self.encoding.name(),
                text: shortened(&self.encoding.decode_lossy(bytes)),
            }),
        }
    }

    /// Returns the text of a cell with an id, which is not longer than a line.
    ///
    /// # Errors
    ///
    /// As [`Row::text`], and [`CellError::Lines`] for an id with a line break.
    pub fn id(&self, column: Column) -> Result<Cow<'r, str>, CellError> {
        let id = self.text(column)?;
        if self.lines.1 > self.lines.0 && id.contains(['\n', '\r']) { Err(self.spread_out()) } else { Ok(id) }
    }

    /// Returns the bytes of the cell with that index, as they are in the file; none in a row that is
    /// too short.
    #[must_use]
    pub fn bytes(&self, index: usize) -> &'r [u8] {
        self.fields.get(index).unwrap_or_default()
    }

    fn spread_out(&self) -> CellError {
        CellError::Lines { last: self.lines.1, text: self.joined() }
    }

    fn joined(&self) -> String {
        let cells: Vec<_> = self.fields.iter().map(|cell| self.encoding.decode_lossy(cell)).collect();
        shortened(&cells.join(","))
    }
}

/// A reader that refuses to give out more for one record than a record may hold, and notes the line
/// breaks of what it gives out.
struct Limited<R> {
    inner: R,
    taken: usize,
    limit: usize,
    breaks: LineBreaks,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken > self.limit {
            return Err(io::Error::other("record too long"));
        }
        let read = self.inner.read(buffer)?;
        self.taken = self.taken.saturating_add(read);
        self.breaks.note(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], options: &TableOptions) -> Result<Vec<u64>, Error> {
        let mut table = Table::new(bytes, options)?;
        let mut lines = Vec::new();
        while let Some(row) = table.next_row()? {
            lines.push(row.line());
        }
        Ok(lines)
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let options = TableOptions::new();
        assert_eq!(lines(b"a,b\r\n1,2\r\n\r\n3,4\r5,6\n\"7\n\",8\n9,0", &options), Ok(vec![2, 4, 5, 6, 8]));
        assert_eq!(lines(b"sep=,\na,b\n1,2\n", &options), Ok(vec![3]));
    }

    #[test]
    fn columns_are_found_by_name_number_or_usual_name() {
        let table = Table::new(b"Customer ID,Total,total".as_slice(), &TableOptions::new()).unwrap();
        let column = |wanted, usual: &[&str]| table.column("id", wanted, usual).map(Column::index);
        assert_eq!(column(Some("total"), &[]), Ok(2), "the same to the letter comes first");
        assert_eq!(column(None, &["customer", "customer-id"]), Ok(0));
        assert_eq!(column(Some("2"), &[]), Ok(1));
        let refused = column(Some("4"), &[]).unwrap_err().to_string();
        assert_eq!(refused, "no id column \"4\"; the columns are Customer ID, Total, total");
    }

    #[test]
    fn a_wide_file_or_a_wrong_delimiter_is_told_in_a_short_sentence() {
        let wide: Vec<String> = (0..5_000).map(|n| format!("column {n}")).collect();
        let table = |header: &str| Table::new(Cursor::new(header.to_owned()), &TableOptions::new()).unwrap();
        let text = table(&wide.join(",")).column("id", None, &["id"]).unwrap_err().to_string();
        assert!(text.ends_with("column 19, ... (5000 columns)") && text.len() < 400, "{text}");
        let commas = TableOptions::new().with_delimiter(b',');
        let table = Table::new(b"id;total".as_slice(), &commas).unwrap();
        let text = table.column("id", None, &["id"]).unwrap_err().to_string();
        assert!(text.ends_with("\"id;total\" (one column: is ';' the delimiter?)"), "{text}");
    }

    use std::io::Cursor;

    #[test]
    fn a_late_byte_of_another_encoding_is_read_as_windows_1252() {
        let mut bytes = b"id,city\n".to_vec();
        (0..20_000).for_each(|n| bytes.extend_from_slice(format!("{n},Rome\n").as_bytes()));
        bytes.extend_from_slice(b"last,K\xf6ln\n");
        let mut table = Table::new(bytes.as_slice(), &TableOptions::new()).unwrap();
        let city = table.column("city", None, &["city"]).unwrap();
        let mut last = String::new();
        while let Some(row) = table.next_row().unwrap() {
            last = row.text(city).unwrap().into_owned();
        }
        assert_eq!(last, "Köln");
        let other = table.other_encoding().unwrap();
        assert_eq!((other.encoding, other.cells, other.first_line), (Encoding::WINDOWS_1252, 1, 20_002));
        let declared = TableOptions::new().with_encoding(Encoding::UTF_8);
        let mut table = Table::new(bytes.as_slice(), &declared).unwrap();
        let mut refused = 0;
        while let Some(row) = table.next_row().unwrap() {
            refused +=
                usize::from(matches!(row.text(city), Err(CellError::NotText { encoding: "utf-8", .. })));
        }
        assert_eq!(refused, 1);
    }

    #[test]
    fn rows_that_are_malformed_name_their_span() {
        let mut table = Table::new(b"id,x\na,1,2\n\"b\nc\",3\n".as_slice(), &TableOptions::new()).unwrap();
        let id = table.column("id", None, &["id"]).unwrap();
        let row = table.next_row().unwrap().unwrap();
        assert_eq!(row.text(id), Err(CellError::Fields { expected: 2, got: 3, text: "a,1,2".to_owned() }));
        let row = table.next_row().unwrap().unwrap();
        assert_eq!((row.line(), row.last_line()), (3, 4));
        assert_eq!(row.text(id).unwrap(), "b\nc");
        assert_eq!(row.id(id), Err(CellError::Lines { last: 4, text: "b\nc,3".to_owned() }));
    }

    #[test]
    fn endless_records_stop_at_the_limit() {
        let options = TableOptions::new().with_record_limit(1_000).unwrap();
        let endless = [b"id\n\"".as_slice(), &vec![b'x'; 1 << 18]].concat();
        assert_eq!(lines(&endless, &options), Err(Error::RecordTooLong { line: 2, limit: 1_000 }));
        let options = TableOptions::new().with_line_limit(3).unwrap();
        let open = b"id,x\na,\"1\n2\n3\n4\n5\n";
        assert_eq!(lines(open, &options), Err(Error::OpenQuote { line: 2, last: 6 }));
        assert!(TableOptions::new().with_record_limit(0).is_err());
    }
}

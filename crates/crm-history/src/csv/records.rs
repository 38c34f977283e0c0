use std::io::{self, BufRead, BufReader, Cursor, Read};

use csv::{ByteRecord, Position, Reader, ReaderBuilder};
use flate2::bufread::MultiGzDecoder;

use super::Layout;
use super::lines::LineBreaks;
use crate::{Error, Reason, Refused};

/// The records of a file behind its header, each a row or the reason why it is none.
pub(super) struct Records<'s> {
    reader: Reader<Limited<Box<dyn Read + 's>>>,
    layout: Layout,
    headers: Vec<String>,
    record: ByteRecord,
    /// First and last line of the record.
    lines: (u64, u64),
    /// Whether it looks as if a quotation mark had been left open in the record.
    suspect: bool,
}

/// One record.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    last_line: u64,
    line_limit: u64,
    expected: usize,
    fields: &'r ByteRecord,
}

/// Why a row cannot be taken, and the text that says so.
pub(super) struct Refusal {
    pub(super) reason: Reason,
    pub(super) value: String,
}

impl Refusal {
    pub(super) fn new(reason: Reason, value: &str) -> Self {
        Refusal { reason, value: value.chars().take(80).collect() }
    }

    pub(super) fn at(self, line: u64) -> Refused {
        Refused { line, reason: self.reason, value: self.value }
    }
}

impl<'r> Row<'r> {
    /// A field without the blanks around it. Only what is asked for has to be text.
    pub(super) fn field(&self, column: usize) -> Result<&'r str, Refusal> {
        if self.last_line - self.line >= self.line_limit {
            return Err(self.spread_out());
        }
        if self.fields.len() != self.expected {
            let (expected, got) = (self.expected as u64, self.fields.len() as u64);
            return Err(Refusal::new(Reason::Fields { expected, got }, &self.text()));
        }
        let bytes = self.fields.get(column).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(Refusal::new(Reason::NotText, &String::from_utf8_lossy(bytes))),
        }
    }

    /// The field of an id, which must be neither empty nor longer than a line.
    pub(super) fn id(&self, column: usize) -> Result<&'r str, Refusal> {
        match self.field(column)? {
            "" => Err(Refusal::new(Reason::MissingId, "")),
            id if self.last_line > self.line && id.contains(['\n', '\r']) => Err(self.spread_out()),
            id => Ok(id),
        }
    }

    /// All fields, as they are.
    pub(super) fn fields(&self) -> &'r ByteRecord {
        self.fields
    }

    fn spread_out(&self) -> Refusal {
        Refusal::new(Reason::Lines { last: self.last_line }, &self.text())
    }

    fn text(&self) -> String {
        let all: Vec<_> = self.fields.iter().map(String::from_utf8_lossy).collect();
        all.join(",")
    }
}

/// How much of a file is looked at to tell whether it is text.
const HEAD: usize = 1 << 13;

impl<'s> Records<'s> {
    pub(super) fn new(source: impl Read + 's, layout: Layout) -> Result<Self, Error> {
        let Text { reader, delimiter, line } = text(source)?;
        let breaks = LineBreaks::starting_at(line);
        let reader = Limited { inner: reader, taken: 0, limit: layout.record_limit, breaks };
        let reader = ReaderBuilder::new()
            .delimiter(layout.delimiter.or(delimiter).unwrap_or(b','))
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let mut records = Records {
            reader,
            layout,
            headers: Vec::new(),
            record: ByteRecord::new(),
            lines: (line, line),
            suspect: false,
        };
        if !records.next_raw()? {
            return Err(Error::EmptyFile);
        }
        let (line, last) = records.lines;
        if last - line >= layout.line_limit {
            return Err(Error::HeaderLines { line, last, limit: layout.line_limit });
        }
        records.headers =
            records.record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        Ok(records)
    }

    /// The number of a column, from 0: the one asked for by header or by number, or the first with a usual name.
    pub(super) fn column(
        &self,
        what: &'static str,
        asked: Option<&str>,
        usual: &[&str],
    ) -> Result<usize, Error> {
        let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
        let by_name = |wanted: &str| {
            let exact = self.headers.iter().position(|name| name == wanted);
            exact.or_else(|| self.headers.iter().position(|name| plain(name) == plain(wanted)))
        };
        let found = match asked {
            Some(asked) => by_name(asked).or_else(|| {
                let number: usize = asked.parse().ok()?;
                number.checked_sub(1).filter(|&column| column < self.headers.len())
            }),
            None => usual.iter().find_map(|name| by_name(name)),
        };
        found.ok_or_else(|| Error::MissingColumn {
            what,
            wanted: asked.map_or_else(|| format!("({})", usual.join(", ")), |asked| format!("{asked:?}")),
            columns: match self.headers.as_slice() {
                [only] => match only.chars().find(|c| [';', ',', '\t', '|'].contains(c)) {
                    Some(c) => format!("{only:?} (one column: is {c:?} the delimiter?)"),
                    None => only.clone(),
                },
                all => all.join(", "),
            },
        })
    }

    /// Refuses one column for two purposes.
    pub(super) fn check_apart(
        &self,
        (first, column): (&'static str, usize),
        (second, other): (&'static str, usize),
    ) -> Result<(), Error> {
        if column == other {
            return Err(Error::SameColumn { first, second, column: self.header(column) });
        }
        Ok(())
    }

    pub(super) fn header(&self, column: usize) -> String {
        self.headers.get(column).cloned().unwrap_or_default()
    }

    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The next record, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        let more = self.next_raw()?;
        let (line, last_line) = self.lines;
        let (expected, line_limit) = (self.headers.len(), self.layout.line_limit);
        Ok(more.then_some(Row { line, last_line, line_limit, expected, fields: &self.record }))
    }

    fn next_raw(&mut self) -> Result<bool, Error> {
        let start = self.reader.position().byte();
        self.reader.get_mut().taken = 0;
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let end = self.reader.position().byte();
                self.lines = self.reader.get_mut().breaks.locate(start, end);
                let more_lines = self.lines.1 - self.lines.0;
                let misshapen = self.record.len() != self.headers.len() && !self.headers.is_empty();
                self.suspect = more_lines >= self.layout.line_limit || (more_lines > 0 && misshapen);
                Ok(true)
            }
            Ok(false) if self.suspect => {
                let (line, last) = self.lines;
                Err(Error::OpenQuote { line, last })
            }
            Ok(false) => Ok(false),
            Err(_) if self.reader.get_ref().taken > self.layout.record_limit => {
                let start = self.record.position().map_or(start, Position::byte);
                let (line, _) = self.reader.get_mut().breaks.locate(start, start);
                Err(Error::RecordTooLong { line, limit: self.layout.record_limit })
            }
            Err(error) => Err(Error::Read { line: self.lines.1, why: error.to_string() }),
        }
    }
}

/// A text behind its byte-order mark and the hint at its delimiter.
struct Text<'s> {
    reader: Box<dyn Read + 's>,
    /// What the hint says.
    delimiter: Option<u8>,
    /// The line of the first byte.
    line: u64,
}

/// The text of a source: decompressed where it is gzip, an error where it is no text.
fn text<'s>(source: impl Read + 's) -> Result<Text<'s>, Error> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let start = source.fill_buf().map_err(|error| Error::Read { line: 0, why: error.to_string() })?;
    let mut text: Box<dyn Read + 's> = match start {
        [] => return Err(Error::EmptyFile),
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(source)),
        _ => Box::new(source),
    };
    let mut head = Vec::new();
    let looked = text.by_ref().take(HEAD as u64).read_to_end(&mut head);
    looked.map_err(|error| Error::Read { line: 0, why: error.to_string() })?;
    let why = match head.as_slice() {
        [] => return Err(Error::EmptyFile),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(("the mark of UTF-16 text", 0)),
        head => head.iter().position(|&byte| byte == 0).map(|offset| ("a zero byte", offset)),
    };
    if let Some((why, offset)) = why {
        return Err(Error::NotText { why, offset });
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    let hint = delimiter_hint(&head);
    if let Some((_, length)) = hint {
        head.drain(..length);
    }
    let (delimiter, line) = (hint.map(|(delimiter, _)| delimiter), if hint.is_some() { 2 } else { 1 });
    Ok(Text { reader: Box::new(Cursor::new(head).chain(text)), delimiter, line })
}

/// The delimiter that a first line `sep=;` names, as spreadsheets write and read it, and the length
/// of that line with its break.
fn delimiter_hint(head: &[u8]) -> Option<(u8, usize)> {
    let end = head.iter().position(|byte| b"\r\n".contains(byte))?;
    let (line, rest) = head.split_at_checked(end)?;
    let plain = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = plain.split_at_checked(4)?;
    let length = if rest.starts_with(b"\r\n") { end + 2 } else { end + 1 };
    match delimiter {
        &[delimiter] if name.eq_ignore_ascii_case(b"sep=") => Some((delimiter, length)),
        _ => None,
    }
}

/// Refuses to give out more for one record than a record may hold, and notes the line breaks in
/// what it gives.
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

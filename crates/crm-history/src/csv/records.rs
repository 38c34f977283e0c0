use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder};
use flate2::bufread::MultiGzDecoder;

use super::Layout;
use crate::{Error, Reason, Refused};

/// The records of a file behind its header, each a row or the reason why it is none.
pub(super) struct Records<'s> {
    reader: Reader<Limited<Box<dyn Read + 's>>>,
    taken: Rc<Cell<usize>>,
    limit: usize,
    headers: Vec<String>,
    record: ByteRecord,
    line: u64,
    /// Where the last record begins and ends, if it looks as if a quotation mark had been left open in it.
    suspect: Option<(u64, u64)>,
}

/// One record.
pub(super) struct Row<'r> {
    pub(super) line: u64,
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
        if self.fields.len() != self.expected {
            let (expected, got) = (self.expected as u64, self.fields.len() as u64);
            let all: Vec<_> = self.fields.iter().map(String::from_utf8_lossy).collect();
            return Err(Refusal::new(Reason::Fields { expected, got }, &all.join(",")));
        }
        let bytes = self.fields.get(column).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(Refusal::new(Reason::NotText, &String::from_utf8_lossy(bytes))),
        }
    }

    /// The field of an id, which must not be empty.
    pub(super) fn id(&self, column: usize) -> Result<&'r str, Refusal> {
        match self.field(column)? {
            "" => Err(Refusal::new(Reason::MissingId, "")),
            id => Ok(id),
        }
    }
}

/// How much of a file is looked at to tell whether it is text.
const HEAD: usize = 1 << 13;

impl<'s> Records<'s> {
    pub(super) fn new(source: impl Read + 's, layout: Layout) -> Result<Self, Error> {
        let text = text(source)?;
        let taken = Rc::new(Cell::new(0));
        let reader = Limited { inner: text, taken: Rc::clone(&taken), limit: layout.record_limit };
        let reader = ReaderBuilder::new()
            .delimiter(layout.delimiter)
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let mut records = Records {
            reader,
            taken,
            limit: layout.record_limit,
            headers: Vec::new(),
            record: ByteRecord::new(),
            line: 1,
            suspect: None,
        };
        if !records.next_raw()? {
            return Err(Error::EmptyFile);
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

    /// The next record, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        let more = self.next_raw()?;
        let row = Row { line: self.line, expected: self.headers.len(), fields: &self.record };
        Ok(more.then_some(row))
    }

    fn next_raw(&mut self) -> Result<bool, Error> {
        self.taken.set(0);
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                /// Fields of more lines than this are no notes of customers.
                const LINES_OF_A_NOTE: u64 = 20;
                self.line = self.record_start();
                let last = self.reader.position().line().saturating_sub(1);
                let lines = 1 + last.saturating_sub(self.line);
                let misshapen = self.record.len() != self.headers.len() && !self.headers.is_empty();
                let suspicious = lines > LINES_OF_A_NOTE || (lines > 1 && misshapen);
                self.suspect = suspicious.then_some((self.line, last));
                Ok(true)
            }
            Ok(false) => match self.suspect {
                Some((line, last)) => Err(Error::OpenQuote { line, last }),
                None => Ok(false),
            },
            Err(_) if self.taken.get() > self.limit => {
                Err(Error::RecordTooLong { line: self.record_start(), limit: self.limit })
            }
            Err(error) => Err(Error::Read { line: self.line, why: error.to_string() }),
        }
    }

    fn record_start(&self) -> u64 {
        self.record.position().map_or(self.line, csv::Position::line)
    }
}

/// The text of a source: decompressed where it is gzip, an error where it is no text.
fn text<'s>(source: impl Read + 's) -> Result<Box<dyn Read + 's>, Error> {
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
    match why {
        Some((why, offset)) => Err(Error::NotText { why, offset }),
        None => Ok(Box::new(Cursor::new(head).chain(text))),
    }
}

/// Refuses to give out more for one record than a record may hold.
struct Limited<R> {
    inner: R,
    taken: Rc<Cell<usize>>,
    limit: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken.get() > self.limit {
            return Err(io::Error::other("record too long"));
        }
        let read = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + read);
        Ok(read)
    }
}

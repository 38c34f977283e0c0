use std::io::{self, BufReader, Cursor, Read};

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use super::lines::LineBreaks;
use super::{AnswerRefusal, RefusedAnswer};
use crate::Error;

/// Longest record in bytes: a longer one is a broken file, not data.
const RECORD_LIMIT: usize = 1 << 20;
/// Largest number of lines of a record: a longer one is no answer, but a quotation mark out of
/// place.
const LINE_LIMIT: u64 = 20;
/// How much of a file is looked at to tell whether it is text.
const HEAD: u64 = 1 << 13;

/// The records of a file behind its header, each a row or the reason why it is none.
pub(super) struct Records<'s> {
    reader: Reader<Limited<Box<dyn Read + 's>>>,
    headers: Vec<String>,
    record: ByteRecord,
    /// First and last line of the record.
    lines: (u64, u64),
    /// Whether it looks as if a quotation mark had been left open in the record.
    suspect: bool,
}

/// Why a row cannot be taken, and the text that says so.
pub(super) struct Refusal {
    reason: AnswerRefusal,
    value: String,
}

impl Refusal {
    pub(super) fn new(reason: AnswerRefusal, value: &str) -> Self {
        Self { reason, value: value.chars().take(80).collect() }
    }

    pub(super) fn at(self, line: u64) -> RefusedAnswer {
        RefusedAnswer { line, reason: self.reason, value: self.value }
    }
}

/// One record as text, its fields without the blanks around them.
pub(super) struct Row {
    pub(super) line: u64,
    fields: Vec<String>,
    /// Columns whose bytes are not UTF-8 text; their fields have replacement characters.
    not_text: Vec<usize>,
}

impl Row {
    pub(super) fn field(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// A field that is text; a row is not refused for what stands in columns that nobody asks for.
    pub(super) fn text(&self, column: usize) -> Result<&str, Refusal> {
        let field = self.field(column);
        if self.not_text.contains(&column) {
            Err(Refusal::new(AnswerRefusal::NotText, field))
        } else {
            Ok(field)
        }
    }

    /// A field that may have no column.
    pub(super) fn optional(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.field(column))
    }

    /// The field of an id, which must not be empty.
    pub(super) fn id(&self, column: usize) -> Result<&str, Refusal> {
        match self.text(column)? {
            "" => Err(Refusal::new(AnswerRefusal::MissingId, "")),
            id => Ok(id),
        }
    }
}

impl<'s> Records<'s> {
    pub(super) fn new(source: impl Read + 's, delimiter: u8) -> Result<Self, Error> {
        let reader = Limited { inner: text(source)?, taken: 0, breaks: LineBreaks::starting_at(1) };
        let reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(reader);
        let (headers, record) = (Vec::new(), ByteRecord::new());
        let mut records = Self { reader, headers, record, lines: (1, 1), suspect: false };
        if !records.advance()? {
            return Err(Error::EmptyFile);
        }
        let name = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
        records.headers = records.record.iter().map(name).collect();
        Ok(records)
    }

    pub(super) fn headers(&self) -> &[String] {
        &self.headers
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

    /// A column by one of its usual names, if there is one.
    pub(super) fn optional(&self, usual: &[&str]) -> Option<usize> {
        self.column("", None, usual).ok()
    }

    /// The next record with text in every field, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Result<Row, RefusedAnswer>>, Error> {
        let row = self.next_of_any_text()?;
        Ok(row.map(|row| {
            row.and_then(|row| match row.not_text.as_slice() {
                [] => Ok(row),
                _ => Err(Refusal::new(AnswerRefusal::NotText, &row.fields.join(",")).at(row.line)),
            })
        }))
    }

    /// The next record, whatever the bytes of its fields are; see [`Row::text`].
    pub(super) fn next_of_any_text(&mut self) -> Result<Option<Result<Row, RefusedAnswer>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        let (line, last) = self.lines;
        let all = || self.record.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
        if last - line >= LINE_LIMIT {
            return Ok(Some(Err(Refusal::new(AnswerRefusal::Lines { last }, &all()).at(line))));
        }
        if self.record.len() != self.headers.len() {
            let (expected, got) = (self.headers.len() as u64, self.record.len() as u64);
            return Ok(Some(Err(Refusal::new(AnswerRefusal::Fields { expected, got }, &all()).at(line))));
        }
        let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        let bad = |(column, bytes): (usize, &[u8])| (!is_text(bytes)).then_some(column);
        let not_text = self.record.iter().enumerate().filter_map(bad).collect();
        let fields =
            self.record.iter().map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned()).collect();
        Ok(Some(Ok(Row { line, fields, not_text })))
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
                self.suspect = more_lines >= LINE_LIMIT || (more_lines > 0 && misshapen);
                Ok(true)
            }
            Ok(false) if self.suspect => {
                let (line, last) = self.lines;
                Err(Error::OpenQuote { line, last })
            }
            Ok(false) => Ok(false),
            Err(_) if self.reader.get_ref().taken > RECORD_LIMIT => {
                let start = self.record.position().map_or(start, Position::byte);
                let (line, _) = self.reader.get_mut().breaks.locate(start, start);
                Err(Error::RecordTooLong { line, limit: RECORD_LIMIT })
            }
            Err(error) => Err(Error::Read { line: self.lines.1, why: error.to_string() }),
        }
    }
}

/// The text of a source, or an error where it is none.
fn text<'s>(source: impl Read + 's) -> Result<Box<dyn Read + 's>, Error> {
    let mut source = BufReader::new(source);
    let mut head = Vec::new();
    let looked = source.by_ref().take(HEAD).read_to_end(&mut head);
    looked.map_err(|error| Error::Read { line: 0, why: error.to_string() })?;
    let why = match head.as_slice() {
        [] => return Err(Error::EmptyFile),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(("the mark of UTF-16 text", 0)),
        head => head.iter().position(|&byte| byte == 0).map(|offset| ("a zero byte", offset)),
    };
    match why {
        Some((why, offset)) => Err(Error::NotText { why, offset }),
        None => Ok(Box::new(Cursor::new(head).chain(source))),
    }
}

/// Refuses to give out more for one record than a record may hold, and notes the line breaks in
/// what it gives.
struct Limited<R> {
    inner: R,
    taken: usize,
    breaks: LineBreaks,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken > RECORD_LIMIT {
            return Err(io::Error::other("record too long"));
        }
        let read = self.inner.read(buffer)?;
        self.taken += read;
        self.breaks.note(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::CsvFeedback;
    use crate::csv::AnswerRefusal;

    fn refused(text: &str) -> Vec<(u64, AnswerRefusal)> {
        let file = CsvFeedback::new().read(text.as_bytes()).unwrap();
        file.refused.into_iter().map(|row| (row.line, row.reason)).collect()
    }

    #[test]
    fn line_numbers_are_those_of_an_editor() {
        let lines = [
            "customer_id,opened,cause",
            "",
            ",2025-03-01,x",
            "ada,2025-03-01,\"two",
            "",
            "three\"",
            ",2025-03-01,x",
            "bob,2025-03-01,",
        ];
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let text = mark.to_owned() + &lines.join(end);
                assert_eq!(
                    refused(&text),
                    [(3, AnswerRefusal::MissingId), (7, AnswerRefusal::MissingId)],
                    "{end:?}"
                );
            }
        }
    }

    #[test]
    fn stray_quotes_far_apart_refuse_the_lines_between_by_name() {
        let rows = "bob,2025-03-01,x\n".repeat(400);
        let text = format!(
            "customer_id,opened,cause\nada,2025-03-01,\"x\n{rows}eve,2025-03-01,x\"\nbob,2025-03-01,x\n"
        );
        assert_eq!(refused(&text), [(2, AnswerRefusal::Lines { last: 403 })]);
    }
}

//! Bytes of a file as UTF-8 or as text that keeps ASCII.

use std::io::{self, BufReader, Cursor, Read};

use csv::ReaderBuilder;
use encoding_rs::{CoderResult, Decoder};
use flate2::bufread::MultiGzDecoder;

use crate::{Encoding, Error};

/// Bytes looked at to find the encoding.
const HEAD: usize = 1 << 16;

/// A text behind its byte-order mark and the line that names its delimiter.
pub(crate) struct Source<'s> {
    pub(crate) reader: Box<dyn Read + 's>,
    pub(crate) encoding: Encoding,
    /// Whether the encoding is a guess from bytes without a mark.
    pub(crate) is_guessed: bool,
    /// Delimiter that a first line `sep=` names, or that the first records are split by.
    pub(crate) delimiter: u8,
    /// Line of the first byte.
    pub(crate) line: u64,
}

impl<'s> Source<'s> {
    /// Decompresses gzip, finds the encoding, and transcodes what does not keep ASCII.
    pub(crate) fn new(source: impl Read + 's, declared: Option<Encoding>) -> Result<Self, Error> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let start = io::BufRead::fill_buf(&mut source).map_err(failed)?;
        let mut text: Box<dyn Read + 's> = match start {
            [] => return Err(Error::EmptyFile),
            [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(source)),
            _ => Box::new(source),
        };
        let mut head = Vec::new();
        text.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
        if head.is_empty() {
            return Err(Error::EmptyFile);
        }
        if let Some((_, sign)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
            return Err(Error::NotText { sign, offset: 0 });
        }
        let marked = Encoding::of_mark(&head);
        let encoding = match (marked, declared) {
            (Some((encoding, length)), _) => {
                head.drain(..length);
                encoding
            }
            (None, Some(encoding)) => encoding,
            (None, None) => Encoding::detect(&head, head.len() < HEAD)
                .map_err(|offset| Error::NotText { sign: "a zero byte", offset })?,
        };
        let is_guessed = marked.is_none() && declared.is_none();
        let mut reader: Box<dyn Read + 's> = Box::new(Cursor::new(head).chain(text));
        if !encoding.keeps_ascii() {
            reader = Box::new(Transcoder::new(reader, encoding.decoder()));
        }
        let mut head = Vec::new();
        reader.by_ref().take(SAMPLE as u64).read_to_end(&mut head).map_err(failed)?;
        let (delimiter, line) = match delimiter_hint(&head) {
            Some((delimiter, length)) => {
                head.drain(..length);
                (delimiter, 2)
            }
            None => (detect_delimiter(&head, head.len() < SAMPLE), 1),
        };
        Ok(Self { reader: Box::new(Cursor::new(head).chain(reader)), encoding, is_guessed, delimiter, line })
    }
}

/// First bytes of files that people take for tables.
const SIGNATURES: [(&[u8], &str); 4] = [
    (b"PK\x03\x04", "the signature of a spreadsheet (.xlsx, .ods) or archive"),
    (b"\xd0\xcf\x11\xe0", "the signature of an old spreadsheet (.xls)"),
    (b"%PDF-", "the signature of a PDF"),
    (b"PAR1", "the signature of a Parquet file"),
];

fn failed(error: io::Error) -> Error {
    Error::Read { line: 0, message: error.to_string() }
}

/// Bytes of text looked at to find the delimiter.
const SAMPLE: usize = 1 << 13;

/// Returns the delimiter that a first line `sep=;` names, as spreadsheets write it, and the length
/// of that line with its break.
fn delimiter_hint(head: &[u8]) -> Option<(u8, usize)> {
    let end = memchr::memchr2(b'\r', b'\n', head)?;
    let (line, rest) = head.split_at_checked(end)?;
    let plain = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = plain.split_at_checked(4)?;
    let length = if rest.starts_with(b"\r\n") { end + 2 } else { end + 1 };
    match delimiter {
        &[delimiter] if name.eq_ignore_ascii_case(b"sep=") => Some((delimiter, length)),
        _ => None,
    }
}

/// Returns the delimiter that splits the header, and after it most records into as many fields as
/// the header; a comma where none does.
///
/// Of delimiters that split equally many records, the one with more fields is returned, and of
/// those with equally many fields the first of comma, semicolon, tabulator and bar.
fn detect_delimiter(sample: &[u8], is_whole: bool) -> u8 {
    let score = |delimiter: u8| {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(sample);
        let mut fields: Vec<usize> =
            reader.byte_records().map_while(Result::ok).map(|record| record.len()).collect();
        if !is_whole && fields.len() > 1 {
            // The sample may end within a record.
            fields.pop();
        }
        let width = fields.first().copied().filter(|width| *width > 1)?;
        Some((fields.iter().filter(|fields| **fields == width).count(), width))
    };
    let mut best = (None, b',');
    for delimiter in *b",;\t|" {
        let score = score(delimiter);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// Turns UTF-16 and the like into UTF-8.
struct Transcoder<R> {
    inner: R,
    decoder: Decoder,
    /// Bytes read and not yet decoded.
    bytes: Vec<u8>,
    /// Text decoded and not yet given out, from `given` on.
    text: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl<R: Read> Transcoder<R> {
    fn new(inner: R, decoder: Decoder) -> Self {
        Self { inner, decoder, bytes: Vec::new(), text: Vec::new(), given: 0, is_over: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        const CHUNK: u64 = 1 << 14;
        self.bytes.clear();
        let read = self.inner.by_ref().take(CHUNK).read_to_end(&mut self.bytes)?;
        self.is_over = (read as u64) < CHUNK;
        let room = self.decoder.max_utf8_buffer_length(self.bytes.len()).unwrap_or(4 * self.bytes.len() + 16);
        self.text.clear();
        self.text.resize(room, 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(&self.bytes, &mut self.text, self.is_over);
        debug_assert_eq!(result, CoderResult::InputEmpty, "the buffer holds whatever the bytes decode to");
        self.text.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_over {
            self.fill()?;
        }
        let mut left = self.text.get(self.given..).unwrap_or_default();
        let read = left.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], declared: Option<Encoding>) -> (String, Encoding, u64) {
        let mut source = Source::new(bytes, declared).unwrap();
        let mut text = Vec::new();
        source.reader.read_to_end(&mut text).unwrap();
        (source.encoding.decode(&text).unwrap().into_owned(), source.encoding, source.line)
    }

    #[test]
    fn marks_and_hints_are_no_part_of_the_text() {
        assert_eq!(read(b"\xef\xbb\xbfid\n1\n", None), ("id\n1\n".to_owned(), Encoding::UTF_8, 1));
        assert_eq!(read(b"sep=;\r\nid;x\n", None), ("id;x\n".to_owned(), Encoding::UTF_8, 2));
        assert_eq!(read(b"\"SEP=;\"\nid\n", None).0, "id\n");
        assert_eq!(read(b"separate\nid\n", None).0, "separate\nid\n");
    }

    #[test]
    fn delimiters_are_found_by_the_fields_of_the_records() {
        let found = |text: &str| Source::new(text.as_bytes(), None).unwrap().delimiter as char;
        assert_eq!(found("id;total\nann;1.234,50\nbob;5,00\n"), ';');
        assert_eq!(found("id,note\nann,a;b\nbob,c;d\n"), ',');
        assert_eq!(found("Kunde;Betrag, netto;Tag\nann;1,5;x\nbob;2;y\ncay;3,5;z\n"), ';');
        assert_eq!(found("id\ttotal\nann\t1,5\n"), '\t');
        assert_eq!(found("id|total\n"), '|');
        assert_eq!(found("\"a;b\",c\n\"d;e\",f\n"), ',');
        assert_eq!(found("id\nann\n"), ',');
        assert_eq!(found("sep=|\nid;total\nann;5\n"), '|');
        // The sample ends within a record.
        assert_eq!(found(&format!("id;a\n{}", "x;1,5\n".repeat(10_000))), ';');
    }

    #[test]
    fn utf_16_becomes_utf_8_whatever_its_length() {
        for letters in [0, 1, 8_190, 8_191, 8_192, 40_000] {
            let text = format!("id,{}😀ü\n", "x".repeat(letters));
            let units: Vec<u16> = text.encode_utf16().collect();
            let little: Vec<u8> = [0xfeff].iter().chain(&units).flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = [0xfeff].iter().chain(&units).flat_map(|unit| unit.to_be_bytes()).collect();
            let decoded = |bytes: &[u8]| {
                let mut text = String::new();
                Source::new(bytes, None).unwrap().reader.read_to_string(&mut text).unwrap();
                text
            };
            assert_eq!(decoded(&little), text);
            assert_eq!(decoded(&big), text);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let refused = |bytes: &[u8]| Source::new(bytes, None).err().unwrap();
        assert_eq!(refused(b""), Error::EmptyFile);
        let spreadsheet = refused(b"PK\x03\x04\x14\x00\x06\x00").to_string();
        assert_eq!(
            spreadsheet,
            "the file is not text: the signature of a spreadsheet (.xlsx, .ods) or archive at byte 0"
        );
        assert_eq!(refused(b"id\n1\x00\x01\n"), Error::NotText { sign: "a zero byte", offset: 4 });
        assert!(matches!(refused(b"\x1f\x8b\x08broken"), Error::Read { line: 0, .. }));
    }
}

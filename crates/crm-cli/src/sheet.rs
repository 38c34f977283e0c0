//! Table with one row per customer, read strictly: all columns are present, and no customer occurs
//! twice.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use crate::{Error, files};

/// One row: its line, and its cells in the order of the requested columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
}

/// A file as a table with a header.
pub(crate) struct Sheet {
    reader: csv::Reader<Cursor<Vec<u8>>>,
    /// Start and end of each line break, in bytes.
    breaks: Vec<(u64, u64)>,
    header: Vec<String>,
}

/// A row with more lines than this is invalid: a quotation mark is misplaced.
const LINES: u64 = 20;

impl Sheet {
    /// Opens a table and reads its header.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut text = files::read(path)?;
        // Spreadsheets start their text with a byte order mark.
        if text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::nothing_in(path, "the file is empty"));
        }
        let breaks = line_breaks(&text);
        let reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(text));
        let mut sheet = Sheet { reader, breaks, header: Vec::new() };
        let header = sheet.read_row().map_err(|why| Error::in_file(path, why))?;
        sheet.header = header.map(|(_, row)| row.iter().map(str::to_owned).collect()).unwrap_or_default();
        Ok(sheet)
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Returns the next row of the same length as the header, with the line on which an editor
    /// shows its start.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, csv::StringRecord)>, String> {
        let Some((line, row)) = self.read_row()? else { return Ok(None) };
        if row.len() == self.header.len() {
            Ok(Some((line, row)))
        } else {
            Err(format!(
                "line {line}: the row has {} fields, the header has {}",
                row.len(),
                self.header.len()
            ))
        }
    }

    fn read_row(&mut self) -> Result<Option<(u64, csv::StringRecord)>, String> {
        let start = self.reader.position().byte();
        let mut row = csv::StringRecord::new();
        let read = self.reader.read_record(&mut row);
        let (line, last) = self.lines(start, self.reader.position().byte());
        match read {
            Ok(true) if last - line >= LINES => Err(format!(
                "line {line}: the row runs on to line {last}; a quotation mark may be out of place"
            )),
            Ok(true) => Ok(Some((line, row))),
            Ok(false) => Ok(None),
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                Err(format!("line {line}: the row is not UTF-8 text"))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Returns the first and the last line of a row read from `start` to `end`; line breaks right
    /// at the start are blank lines before it.
    fn lines(&self, mut start: u64, end: u64) -> (u64, u64) {
        let mut passed = self.breaks.partition_point(|&(_, to)| to <= start);
        while let Some(&(_, to)) = self.breaks.get(passed).filter(|&&(from, _)| from <= start) {
            start = to;
            passed += 1;
        }
        let inside = self.breaks.partition_point(|&(_, to)| to < end).max(passed);
        (passed as u64 + 1, inside as u64 + 1)
    }
}

/// Finds LF, CR LF and CR.
fn line_breaks(text: &[u8]) -> Vec<(u64, u64)> {
    let mut breaks: Vec<(u64, u64)> = Vec::new();
    for (at, byte) in (0..).zip(text) {
        match (byte, breaks.last_mut()) {
            (b'\n', Some(cr)) if cr.1 == at && text.get(cr.0 as usize) == Some(&b'\r') && cr.0 + 1 == at => {
                cr.1 += 1
            }
            (b'\n' | b'\r', _) => breaks.push((at, at + 1)),
            _ => {}
        }
    }
    breaks
}

/// Reads the named columns; the first of them is the customer.
pub(crate) fn read(path: &Path, columns: &[&str]) -> Result<Vec<Line>, Error> {
    read_of("customer", path, columns)
}

/// Reads a table with one row per item other than customers.
pub(crate) fn read_of(what: &str, path: &Path, columns: &[&str]) -> Result<Vec<Line>, Error> {
    let refuse = |why: String| Error::in_file(path, why);
    let mut sheet = Sheet::open(path)?;
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let header = sheet.header();
        let found: Vec<usize> =
            header.iter().enumerate().filter(|(_, name)| name == column).map(|(n, _)| n).collect();
        match found[..] {
            [place] => places.push(place),
            [] => {
                return Err(refuse(format!("no column {column:?}; the columns are {}", header.join(", "))));
            }
            _ => return Err(refuse(format!("there is more than one column {column:?}"))),
        }
    }
    let mut lines = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    while let Some((number, record)) = sheet.next().map_err(refuse)? {
        let cells: Vec<String> =
            places.iter().map(|place| record.get(*place).unwrap_or("").to_owned()).collect();
        let id = cells.first().cloned().unwrap_or_default();
        if id.is_empty() {
            let column = columns.first().copied().unwrap_or_default();
            return Err(refuse(format!("line {number}: {column} is missing")));
        }
        if let Some(first) = seen.insert(id.clone(), number) {
            return Err(refuse(format!("line {number}: {what} {id} is already on line {first}")));
        }
        lines.push(Line { number, cells });
    }
    if lines.is_empty() {
        return Err(Error::nothing_in(path, format!("there is no {what} below the header")));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        for (text, expected) in [
            ("id,x\na,1\nb,2\n", [2, 3]),
            ("id,x\r\na,1\r\nb,2\r\n", [2, 3]),
            ("id,x\ra,1\rb,2", [2, 3]),
            ("\u{feff}id,x\r\n\r\n\na,\"1\r\n\r2\"\n\n\rb,2\n", [4, 9]),
        ] {
            let (_folder, path) = sheet(text);
            let lines: Vec<u64> = read(&path, &["id", "x"]).unwrap().iter().map(|line| line.number).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_of_another_shape_or_of_many_lines_is_named() {
        let why = |text: &str| {
            let (_folder, path) = sheet(text);
            let error = read(&path, &["id", "x"]).unwrap_err().to_string();
            error.split_once(": ").unwrap().1.to_owned()
        };
        assert_eq!(why("id,x\r\n\r\na,1,2\r\n"), "line 3: the row has 3 fields, the header has 2");
        let swallowed = format!("id,x\n\"a,1\n{}b\",2\nc,3\n", "d,4\n".repeat(400));
        assert_eq!(
            why(&swallowed),
            "line 2: the row runs on to line 403; a quotation mark may be out of place"
        );
    }
}

//! A table with one line a customer, read strictly: every column is there, no customer twice.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use crate::Error;

/// One line: where it stands, and its cells in the order of the columns asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
}

/// A file as a table with a header.
pub(crate) fn open(path: &Path) -> Result<csv::Reader<Cursor<Vec<u8>>>, Error> {
    if path.is_dir() {
        return Err(Error::in_file(path, "this is a folder, not a file"));
    }
    let mut text = std::fs::read(path).map_err(|error| Error::in_file(path, error))?;
    // Spreadsheets mark their text.
    if text.starts_with(b"\xef\xbb\xbf") {
        text.drain(..3);
    }
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::nothing_in(path, "the file is empty"));
    }
    Ok(csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(Cursor::new(text)))
}

/// Reads the columns of those names; the first of them is the customer.
pub(crate) fn read(path: &Path, columns: &[&str]) -> Result<Vec<Line>, Error> {
    read_of("customer", path, columns)
}

/// The same for a table with one line for each of something else.
pub(crate) fn read_of(what: &str, path: &Path, columns: &[&str]) -> Result<Vec<Line>, Error> {
    let refuse = |why: String| Error::in_file(path, why);
    let mut reader = open(path)?;
    let header = reader.headers().map_err(|error| refuse(error.to_string()))?.clone();
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let found: Vec<usize> =
            header.iter().enumerate().filter(|(_, name)| name == column).map(|(n, _)| n).collect();
        match found[..] {
            [place] => places.push(place),
            [] => {
                let have: Vec<&str> = header.iter().collect();
                return Err(refuse(format!("no column {column:?}; the columns are {}", have.join(", "))));
            }
            _ => return Err(refuse(format!("there is more than one column {column:?}"))),
        }
    }
    let mut lines = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| refuse(error.to_string()))?;
        let number = record.position().map_or(0, csv::Position::line);
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

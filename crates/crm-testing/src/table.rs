//! Reference tables.

use std::fmt::Debug;
use std::path::Path;
use std::str::FromStr;

/// A table of reference values: comma-separated, a header, and lines of comment that begin with
/// `#`.
#[derive(Debug, Clone)]
pub struct GoldenTable {
    name: String,
    header: Vec<String>,
    records: Vec<(u64, Vec<String>)>,
}

impl GoldenTable {
    /// Reads a table, such as `concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/nps.csv")`.
    ///
    /// # Panics
    ///
    /// If the file cannot be read or has no row, so that a table that is lost fails the test.
    #[must_use]
    #[track_caller]
    pub fn read(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.display().to_string();
        let reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path);
        let mut reader = reader.unwrap_or_else(|error| panic!("{name}: {error}"));
        let header = reader.headers().unwrap_or_else(|error| panic!("{name}: {error}"));
        let header = header.iter().map(str::to_owned).collect();
        let row = |record: Result<csv::StringRecord, csv::Error>| {
            let record = record.unwrap_or_else(|error| panic!("{name}: {error}"));
            let line = record.position().map_or(0, csv::Position::line);
            (line, record.iter().map(str::to_owned).collect())
        };
        let records: Vec<_> = reader.records().map(row).collect();
        assert!(!records.is_empty(), "{name} has no row");
        Self { name, header, records }
    }

    /// Iterates over the rows.
    pub fn rows(&self) -> impl Iterator<Item = GoldenRow<'_>> {
        self.records.iter().map(|(line, fields)| GoldenRow { table: self, line: *line, fields })
    }
}

/// One row of a [`GoldenTable`].
#[derive(Debug, Clone, Copy)]
pub struct GoldenRow<'a> {
    table: &'a GoldenTable,
    line: u64,
    fields: &'a [String],
}

impl<'a> GoldenRow<'a> {
    /// Returns the text in a column.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[must_use]
    #[track_caller]
    pub fn text(self, column: &str) -> &'a str {
        let index = self.table.header.iter().position(|name| name == column);
        let field = index.and_then(|index| self.fields.get(index));
        field.unwrap_or_else(|| panic!("{self}: there is no column {column:?}"))
    }

    /// Returns the value in a column.
    ///
    /// # Panics
    ///
    /// If there is no such column, or it does not hold such a value.
    #[must_use]
    #[track_caller]
    pub fn get<T: FromStr<Err: Debug>>(self, column: &str) -> T {
        let text = self.text(column);
        text.parse().unwrap_or_else(|error| panic!("{self}: {column} is {text:?}: {error:?}"))
    }

    /// Returns the number in a column.
    ///
    /// # Panics
    ///
    /// If there is no such column, or it does not hold a number.
    #[must_use]
    #[track_caller]
    pub fn number(self, column: &str) -> f64 {
        self.get(column)
    }
}

/// The place of the row, for messages: `golden/nps.csv:7`.
impl std::fmt::Display for GoldenRow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.table.name, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str, name: &str) -> GoldenTable {
        let path = std::env::temp_dir().join(format!("crm-testing-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, text).expect("a temporary file");
        let table = GoldenTable::read(&path);
        std::fs::remove_file(&path).expect("the file just written");
        table
    }

    #[test]
    fn columns_are_found_by_name() {
        let table = table("# source: by hand\nn,share\n3,0.5\n4,0.25\n", "named");
        let rows: Vec<(u32, f64)> = table.rows().map(|row| (row.get("n"), row.number("share"))).collect();
        assert_eq!(rows, [(3, 0.5), (4, 0.25)]);
        assert!(table.rows().next().expect("a row").to_string().ends_with(".csv:3"));
    }

    #[test]
    #[should_panic(expected = "there is no column \"shares\"")]
    fn a_column_that_is_missing_fails() {
        let table = table("n,share\n3,0.5\n", "missing");
        table.rows().for_each(|row| assert!(row.number("shares") > 0.0));
    }
}

//! What the cells of a table look like, column by column.

use std::collections::HashMap;

use chrono::NaiveDate;
use crm_numbers::Decimal;

use crate::{CellError, Column, DateReader, DecimalMark, Error, NumberReader, Table};

/// What the cells of a file look like, column by column: the ground on which a person, or a program
/// that asks one, says what each column means.
///
/// Nothing is decided here. A cell counts for every reading that fits it: `05/03/2024` for the
/// day-first and for the month-first format, `1.234` for both decimal marks.
///
/// # Examples
///
/// ```
/// use crm_tables::{Table, TableOptions, TableProfile};
///
/// let text = "id;day;total\n7;13.03.2024;1.234,50\n7;05.03.2024;3,20\n8;06.03.2024;\n";
/// let mut table = Table::new(text.as_bytes(), &TableOptions::new().with_delimiter(b';'))?;
/// let profile = TableProfile::read(&mut table, 100_000)?;
/// let [id, day, total] = profile.columns() else { panic!() };
/// assert_eq!((id.distinct(), id.is_repeated()), (2, true));
/// assert_eq!(day.date_formats(), [Some("%d.%m.%Y")]);
/// assert_eq!((total.filled(), total.numbers().only_comma), (2, 2));
/// # Ok::<(), crm_tables::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TableProfile {
    columns: Vec<ColumnProfile>,
    rows: u64,
    malformed: u64,
    is_whole: bool,
}

/// What the cells of one column look like.
#[derive(Debug, Clone)]
pub struct ColumnProfile {
    name: String,
    filled: u64,
    empty: u64,
    /// Rows of each value; no more values than [`MOST_VALUES`].
    values: HashMap<String, u64>,
    /// Rows whose value was met after the table of values was full.
    beyond: u64,
    numbers: Numbers,
    dates: Vec<Dates>,
    money_signs: Vec<String>,
}

/// The cells of a column that read as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct NumberShapes {
    /// Cells that read with a decimal point.
    pub point: u64,
    /// Cells that read with a decimal comma.
    pub comma: u64,
    /// Cells that read with a decimal point only, such as `12.50`.
    pub only_point: u64,
    /// Cells that read with a decimal comma only, such as `12,50`.
    pub only_comma: u64,
    /// Cells that are one number with a point and another one with a comma, such as `1.234`.
    pub ambiguous: u64,
    /// Whole numbers without any mark or sign of money.
    pub whole: u64,
    /// Cells below zero.
    pub negative: u64,
    /// Smallest number, read with the mark that fits more cells.
    pub smallest: Option<Decimal>,
    /// Largest number, read with the mark that fits more cells.
    pub largest: Option<Decimal>,
}

/// Most values of a column that are told apart.
const MOST_VALUES: usize = 1 << 16;
/// Longest value that is kept, in bytes.
const LONGEST_VALUE: usize = 120;
/// Rows after which formats that fit no cell of a column are not tried any more.
const TRIAL_ROWS: u64 = 200;

/// Formats of dates that are tried, the plainest first.
const FORMATS: [Option<&str>; 24] = [
    None,
    Some("%d.%m.%Y"),
    Some("%d/%m/%Y"),
    Some("%m/%d/%Y"),
    Some("%d-%m-%Y"),
    Some("%m-%d-%Y"),
    Some("%Y/%m/%d"),
    Some("%Y%m%d"),
    Some("%d.%m.%y"),
    Some("%d/%m/%y"),
    Some("%m/%d/%y"),
    Some("%d.%m.%Y %H:%M"),
    Some("%d.%m.%Y %H:%M:%S"),
    Some("%d/%m/%Y %H:%M"),
    Some("%d/%m/%Y %H:%M:%S"),
    Some("%m/%d/%Y %H:%M"),
    Some("%m/%d/%Y %H:%M:%S"),
    Some("%m/%d/%y %H:%M"),
    Some("%Y/%m/%d %H:%M:%S"),
    Some("%d %b %Y"),
    Some("%b %d, %Y"),
    Some("%B %d, %Y"),
    Some("epoch"),
    Some("epoch_ms"),
];

impl TableProfile {
    /// Reads the table to its end, or that many rows of it.
    ///
    /// Rows with more or fewer fields than the header, or over too many lines, are counted as
    /// [`malformed`](Self::malformed).
    ///
    /// # Errors
    ///
    /// As [`Table::next_row`].
    pub fn read(table: &mut Table<'_>, rows: u64) -> Result<Self, Error> {
        let columns: Vec<Column> = table.columns().collect();
        let seen = table.headers().iter().map(|name| ColumnProfile::new(name)).collect::<Result<_, _>>()?;
        let mut profile = Self { columns: seen, rows: 0, malformed: 0, is_whole: false };
        while profile.rows < rows {
            let Some(row) = table.next_row()? else {
                profile.is_whole = true;
                break;
            };
            profile.rows += 1;
            for (&column, seen) in columns.iter().zip(&mut profile.columns) {
                match row.text(column) {
                    Ok(text) => seen.note(&text, row.line(), profile.rows > TRIAL_ROWS),
                    Err(CellError::NotText { .. }) => seen.filled += 1,
                    Err(_) => {
                        profile.malformed += 1;
                        break;
                    }
                }
            }
        }
        Ok(profile)
    }

    /// Returns the columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[ColumnProfile] {
        &self.columns
    }

    /// Returns the number of rows that were read, without the header.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the number of rows with another number of fields than the header, or over too many
    /// lines.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Returns whether the file was read to its end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

impl ColumnProfile {
    fn new(name: &str) -> Result<Self, Error> {
        Ok(Self {
            name: name.to_owned(),
            filled: 0,
            empty: 0,
            values: HashMap::new(),
            beyond: 0,
            numbers: Numbers::new(),
            dates: FORMATS.into_iter().map(Dates::new).collect::<Result<_, _>>()?,
            money_signs: Vec::new(),
        })
    }

    fn note(&mut self, text: &str, line: u64, is_late: bool) {
        if text.is_empty() {
            self.empty += 1;
            return;
        }
        self.filled += 1;
        let has_room = self.values.len() < MOST_VALUES && text.len() <= LONGEST_VALUE;
        if let Some(rows) = self.values.get_mut(text) {
            *rows += 1;
        } else if has_room {
            self.values.insert(text.to_owned(), 1);
        } else {
            self.beyond += 1;
        }
        self.numbers.note(text, line);
        if let Some(sign) = money_sign(text)
            && self.money_signs.len() < 4
            && !self.money_signs.contains(&sign)
        {
            self.money_signs.push(sign);
        }
        if is_late {
            self.dates.retain(|dates| dates.cells > 0);
        }
        self.dates.iter_mut().for_each(|dates| dates.note(text));
    }

    /// Returns the header of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of cells with a text.
    #[must_use]
    pub fn filled(&self) -> u64 {
        self.filled
    }

    /// Returns the number of empty cells.
    #[must_use]
    pub fn empty(&self) -> u64 {
        self.empty
    }

    /// Returns the number of different values; at least that many if [`is_counted`](Self::is_counted)
    /// is false.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.values.len() as u64 + u64::from(self.beyond > 0)
    }

    /// Returns whether all values were told apart: there are at most 65 536, none longer than 120
    /// bytes.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.beyond == 0
    }

    /// Returns whether a value comes more than once.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.values.values().any(|rows| *rows > 1)
    }

    /// Returns the most frequent values with their rows, the most frequent first, ties in the order
    /// of the alphabet.
    #[must_use]
    pub fn frequent(&self, most: usize) -> Vec<(&str, u64)> {
        let mut values: Vec<(&str, u64)> =
            self.values.iter().map(|(value, rows)| (value.as_str(), *rows)).collect();
        values.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        values.truncate(most);
        values
    }

    /// Iterates over the values that were told apart with their rows, in no particular order.
    pub fn values(&self) -> impl Iterator<Item = (&str, u64)> {
        self.values.iter().map(|(value, rows)| (value.as_str(), *rows))
    }

    /// Returns the cells that read as numbers.
    #[must_use]
    pub fn numbers(&self) -> NumberShapes {
        self.numbers.shapes()
    }

    /// Returns the signs and codes of money that stand beside numbers, at most four, in order of
    /// appearance.
    #[must_use]
    pub fn money_signs(&self) -> &[String] {
        &self.money_signs
    }

    /// Returns the formats of dates that fit every filled cell, the plainest first; `None` is
    /// YYYY-MM-DD. Two formats are two readings of every cell: day and month may change places.
    #[must_use]
    pub fn date_formats(&self) -> Vec<Option<&'static str>> {
        self.formats(self.filled)
    }

    /// Returns the formats that fit at least the share of the filled cells.
    #[must_use]
    pub fn date_formats_of_most(&self, share: f64) -> Vec<Option<&'static str>> {
        self.formats((self.filled as f64 * share).ceil() as u64)
    }

    fn formats(&self, cells: u64) -> Vec<Option<&'static str>> {
        let fits = |dates: &&Dates| self.filled > 0 && dates.cells >= cells.max(1);
        self.dates.iter().filter(fits).map(|dates| dates.format).collect()
    }

    /// Returns the first and the last date in one of the formats.
    #[must_use]
    pub fn date_range(&self, format: Option<&str>) -> Option<(NaiveDate, NaiveDate)> {
        self.dates.iter().find(|dates| dates.format == format)?.range
    }
}

/// A format of dates and the cells that it fits.
#[derive(Debug, Clone)]
struct Dates {
    format: Option<&'static str>,
    reader: DateReader,
    cells: u64,
    range: Option<(NaiveDate, NaiveDate)>,
}

impl Dates {
    fn new(format: Option<&'static str>) -> Result<Self, Error> {
        Ok(Self { format, reader: DateReader::new(format)?, cells: 0, range: None })
    }

    fn note(&mut self, text: &str) {
        use chrono::Datelike;
        let Some((date, _)) = self.reader.read(text) else { return };
        // A number of another kind is no date of a customer.
        let is_number = matches!(self.format, Some("epoch" | "epoch_ms" | "%Y%m%d"));
        if is_number && !(1980..2100).contains(&date.year()) {
            return;
        }
        self.cells += 1;
        let (first, last) = self.range.unwrap_or((date, date));
        self.range = Some((first.min(date), last.max(date)));
    }
}

/// The numbers of a column, read with either mark.
#[derive(Debug, Clone)]
struct Numbers {
    readers: [NumberReader; 2],
    counts: NumberShapes,
    ranges: [Option<(Decimal, Decimal)>; 2],
}

impl Numbers {
    fn new() -> Self {
        Self {
            readers: [DecimalMark::Point, DecimalMark::Comma].map(|mark| NumberReader::new(Some(mark), 2)),
            counts: NumberShapes::default(),
            ranges: [None; 2],
        }
    }

    fn note(&mut self, text: &str, line: u64) {
        let [point, comma] = &mut self.readers;
        let read = [point.read::<Decimal>(text, line).ok(), comma.read::<Decimal>(text, line).ok()];
        let counts = &mut self.counts;
        match read {
            [None, None] => return,
            [Some(_), None] => counts.only_point += 1,
            [None, Some(_)] => counts.only_comma += 1,
            [Some(point), Some(comma)] => counts.ambiguous += u64::from(point != comma),
        }
        counts.point += u64::from(read[0].is_some());
        counts.comma += u64::from(read[1].is_some());
        let digits = text.strip_prefix('-').unwrap_or(text);
        counts.whole += u64::from(digits.bytes().all(|byte| byte.is_ascii_digit()));
        counts.negative += u64::from(read.into_iter().flatten().any(|number| number < Decimal::ZERO));
        for (range, number) in self.ranges.iter_mut().zip(read) {
            if let Some(number) = number {
                let (smallest, largest) = range.unwrap_or((number, number));
                *range = Some((smallest.min(number), largest.max(number)));
            }
        }
    }

    fn shapes(&self) -> NumberShapes {
        let [point, comma] = self.ranges;
        let range = if self.counts.comma > self.counts.point { comma } else { point };
        NumberShapes {
            smallest: range.map(|range| range.0),
            largest: range.map(|range| range.1),
            ..self.counts
        }
    }
}

/// The sign or code of money of a cell such as `$30` or `30 EUR`.
fn money_sign(text: &str) -> Option<String> {
    let outside = |letter: char| letter.is_ascii_digit() || ".,-+() '\u{a0}\u{202f}\u{2212}".contains(letter);
    let sign = text.trim_matches(outside);
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_sign = sign.chars().count() == 1 && "$€£¥₹₽₩₺₴₫฿".contains(sign);
    let is_code = sign.len() == 3 && sign.bytes().all(|byte| byte.is_ascii_uppercase());
    (has_digits && (is_sign || is_code)).then(|| sign.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TableOptions;

    fn profile(cells: &[&str]) -> ColumnProfile {
        let text =
            format!("x;y\n{}\n", cells.iter().map(|cell| format!("{cell};z")).collect::<Vec<_>>().join("\n"));
        let mut table = Table::new(text.as_bytes(), &TableOptions::new().with_delimiter(b';')).unwrap();
        TableProfile::read(&mut table, 1_000).unwrap().columns()[0].clone()
    }

    #[test]
    fn a_cell_counts_for_every_reading_that_fits() {
        let numbers = profile(&["1.234,50", "1.234", "12,5", "7", "-3", "(4,00)", "soon", ""]).numbers();
        assert_eq!((numbers.point, numbers.comma), (3, 6));
        assert_eq!((numbers.only_point, numbers.only_comma, numbers.ambiguous), (0, 3, 1));
        assert_eq!((numbers.whole, numbers.negative), (2, 2));
        assert_eq!(numbers.smallest.unwrap().to_string(), "-4.00");
        assert_eq!(numbers.largest.unwrap().to_string(), "1234.50");
    }

    #[test]
    fn dates_of_two_readings_have_two_formats() {
        assert_eq!(
            profile(&["05/03/2024", "01/02/2024"]).date_formats(),
            [Some("%d/%m/%Y"), Some("%m/%d/%Y")]
        );
        assert_eq!(profile(&["05/03/2024", "13/02/2024"]).date_formats(), [Some("%d/%m/%Y")]);
        assert_eq!(profile(&["2024-03-05 10:00:00", "2024-03-06"]).date_formats(), [None]);
        assert_eq!(profile(&["20240305", "20240306"]).date_formats(), [Some("%Y%m%d")]);
        assert_eq!(profile(&["1709596800"]).date_formats(), [Some("epoch")]);
        assert_eq!(profile(&["17", "2024"]).date_formats(), []);
        let mostly = profile(&["2024-03-05", "2024-03-06", "n/a", "2024-03-01"]);
        assert_eq!((mostly.date_formats(), mostly.date_formats_of_most(0.7)), (vec![], vec![None]));
        let range = mostly.date_range(None).unwrap();
        assert_eq!((range.0.to_string(), range.1.to_string()), ("2024-03-01".into(), "2024-03-06".into()));
    }

    #[test]
    fn values_are_told_apart_up_to_a_limit() {
        let ids = profile(&["b", "a", "b", "c", "a", "b", ""]);
        assert_eq!((ids.filled(), ids.empty(), ids.distinct(), ids.is_repeated()), (6, 1, 3, true));
        assert_eq!(ids.frequent(2), [("b", 3), ("a", 2)]);
        let long = "x".repeat(200);
        let texts = profile(&["a", &long]);
        assert_eq!((texts.distinct(), texts.is_counted(), texts.is_repeated()), (2, false, false));
    }

    #[test]
    fn signs_of_money_are_told() {
        assert_eq!(profile(&["$30", "12.50 EUR", "€ 5", "7", "$4"]).money_signs(), ["$", "EUR", "€"]);
        assert!(profile(&["A17", "no", "EUR"]).money_signs().is_empty());
    }

    #[test]
    fn rows_of_another_shape_are_counted_and_do_no_harm() {
        let mut table = Table::new("a,b\n1,2\n3\n4,5\n".as_bytes(), &TableOptions::new()).unwrap();
        let profile = TableProfile::read(&mut table, 10).unwrap();
        assert_eq!((profile.rows(), profile.malformed(), profile.is_whole()), (3, 1, true));
        assert_eq!(profile.columns()[1].filled(), 2);
        let mut table = Table::new("a\n1\n2\n".as_bytes(), &TableOptions::new()).unwrap();
        assert!(!TableProfile::read(&mut table, 1).unwrap().is_whole());
    }
}

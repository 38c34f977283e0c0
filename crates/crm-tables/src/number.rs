//! Numbers as files write them.

use std::borrow::Cow;

use crm_numbers::{Amount, ReadAmountError};

/// The mark before the decimals of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecimalMark {
    /// `1234.5` and `1,234.50`.
    Point,
    /// `1234,5` and `1.234,50`.
    Comma,
}

crm_numbers::names! {
    DecimalMark, "decimal mark" {
        Point = "point" | ".",
        Comma = "comma" | ",",
    }
}

/// Reads the numbers of one column, and finds out whether their decimal mark is the declared one.
///
/// Read are `-12.50`, `12.50-`, `(12.50)`, `$30`, `30 EUR`, `1 234.50` with any blank or apostrophe
/// between thousands, `1e3`, and thousands with the other mark where the decimal mark is declared:
/// `1,234.50` with a point. Where none is declared, only numbers with a point and without
/// separators of thousands are read, and [`NumberReader::doubt`] says whether they seem to have
/// been written with a comma.
///
/// # Examples
///
/// ```
/// use crm_numbers::Decimal;
/// use crm_tables::{DecimalMark, NumberReader};
///
/// let mut reader = NumberReader::new(Some(DecimalMark::Comma), 2);
/// let read = |text: &str| reader.read::<Decimal>(text, 1).map(|number| number.to_string());
/// assert_eq!(["1.234,50", "(12,5)", "€ 3"].map(read), [Ok("1234.50"), Ok("-12.5"), Ok("3")].map(|text| text.map(str::to_owned)));
/// ```
#[derive(Debug, Clone)]
pub struct NumberReader {
    mark: Option<DecimalMark>,
    minor_decimals: u32,
    /// Unreadable numbers that have a decimal comma, and the first of them.
    commas: u64,
    comma: Option<(String, u64)>,
    /// Numbers whose point can only stand before decimals.
    points: u64,
    /// The first number whose points may stand between thousands.
    grouped: Option<(String, u64)>,
}

/// Evidence that a column without a declared decimal mark has decimal commas.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommaDoubt {
    /// Number of unreadable cells with a decimal comma.
    pub cells: u64,
    /// First of these cells, shortened.
    pub comma: String,
    /// Its line.
    pub comma_line: u64,
    /// First cell that was read as a number with decimals and may be a number of thousands, such as
    /// `1.000`, with its line; only if decimal commas outnumber decimal points.
    pub misread: Option<(String, u64)>,
}

impl NumberReader {
    /// Creates a reader for one column; `minor_decimals` is the number of decimals of whole-number
    /// amounts (cents have two).
    #[must_use]
    pub fn new(mark: Option<DecimalMark>, minor_decimals: u32) -> Self {
        Self { mark, minor_decimals, commas: 0, comma: None, points: 0, grouped: None }
    }

    /// Reads a cell.
    ///
    /// # Errors
    ///
    /// [`ReadAmountError`] if the cell is not a number that the type holds exactly.
    pub fn read<A: Amount>(&mut self, text: &str, line: u64) -> Result<A, ReadAmountError> {
        let Some(mark) = self.mark else {
            let bare = bare(text)?;
            let amount = A::read(&bare, self.minor_decimals);
            self.note(&bare, text, line, amount.is_ok());
            return amount;
        };
        A::read(&plain(text, mark)?, self.minor_decimals)
    }

    fn note(&mut self, bare: &str, text: &str, line: u64, is_read: bool) {
        if is_read {
            if is_grouped(bare) {
                self.grouped.get_or_insert_with(|| (crate::shortened(text), line));
            } else if bare.contains('.') {
                self.points += 1;
            }
        } else if is_decimal_comma(bare) {
            self.commas += 1;
            self.comma.get_or_insert_with(|| (crate::shortened(text), line));
        }
    }

    /// Returns the evidence that the column has decimal commas, if no decimal mark was declared.
    #[must_use]
    pub fn doubt(&self) -> Option<CommaDoubt> {
        let (comma, comma_line) = self.comma.clone()?;
        let misread = self.grouped.clone().filter(|_| self.commas > self.points);
        Some(CommaDoubt { cells: self.commas, comma, comma_line, misread })
    }
}

/// The number without its sign of money, its parentheses and the blanks between its thousands.
fn bare(text: &str) -> Result<Cow<'_, str>, ReadAmountError> {
    let trimmed = text.trim();
    let (inner, is_negative) = match trimmed.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => match trimmed.strip_suffix(['-', '\u{2212}']) {
            Some(inner) => (inner.trim_end(), true),
            None => (trimmed, false),
        },
    };
    let inner = without_money(inner);
    let (digits, sign) = match inner.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => (without_money(digits.trim_start()), "-"),
        None => (inner, ""),
    };
    if !is_negative && digits.len() == inner.len() && digits.is_ascii() && !digits.contains([' ', '\'']) {
        return Ok(Cow::Borrowed(digits));
    }
    // One minus is a minus; two are no number, and neither is a sign within parentheses.
    if is_negative && (!sign.is_empty() || digits.starts_with('+')) {
        return Err(ReadAmountError::NotANumber);
    }
    let sign = if is_negative { "-" } else { sign };
    Ok(Cow::Owned(format!("{sign}{}", ungrouped(digits)?)))
}

/// Blanks and apostrophes that stand between thousands.
const BLANKS: [char; 6] = [' ', '\u{a0}', '\u{2009}', '\u{202f}', '\'', '\u{2019}'];

/// The number without blanks between its thousands.
fn ungrouped(digits: &str) -> Result<String, ReadAmountError> {
    if !digits.contains(BLANKS) {
        return Ok(digits.to_owned());
    }
    let end = digits.find(['.', ',']).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut groups = whole.split(BLANKS);
    let head = groups.next().unwrap_or_default();
    let is_number = |group: &str| group.bytes().all(|digit| digit.is_ascii_digit());
    let in_thousands = (1..=3).contains(&head.len())
        && is_number(head)
        && groups.all(|group| group.len() == 3 && is_number(group));
    if in_thousands && !rest.contains(BLANKS) {
        Ok(digits.replace(BLANKS, ""))
    } else {
        Err(ReadAmountError::NotANumber)
    }
}

/// The text without one sign or code of money at either end.
fn without_money(text: &str) -> &str {
    const SIGNS: [char; 16] =
        ['$', '€', '£', '¥', '￥', '₹', '₽', '₩', '₺', '₴', '₫', '฿', '₪', '₦', '₱', '元'];
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(SIGNS) {
        return rest.trim_start();
    }
    if let Some(rest) = text.strip_suffix(SIGNS) {
        return rest.trim_end();
    }
    match (text.split_at_checked(3), text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))) {
        (Some((code, rest)), _) if is_code(code) => rest.trim_start(),
        (_, Some((rest, code))) if is_code(code) => rest.trim_end(),
        _ => text,
    }
}

/// The number with a point before its decimals and nothing between its thousands.
fn plain(text: &str, mark: DecimalMark) -> Result<Cow<'_, str>, ReadAmountError> {
    let bare = bare(text)?;
    let (decimal, thousands) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    if !bare.contains(thousands) {
        return Ok(match mark {
            DecimalMark::Point => bare,
            DecimalMark::Comma => Cow::Owned(bare.replace(',', ".")),
        });
    }
    let (whole, decimals) = bare.split_once(decimal).unwrap_or((&bare, "0"));
    let is_plain = !decimals.is_empty() && decimals.bytes().all(|digit| digit.is_ascii_digit());
    if !is_plain || !is_in_thousands(whole, thousands) {
        return Err(ReadAmountError::NotANumber);
    }
    let whole = whole.replace(thousands, "");
    Ok(Cow::Owned(if bare.contains(decimal) { format!("{whole}.{decimals}") } else { whole }))
}

/// Digits in groups of three with marks between them: at most three, and no zero, in front.
fn is_in_thousands(text: &str, mark: char) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = digits.split(mark);
    let head = groups.next().unwrap_or_default();
    let is_number = |group: &str| group.bytes().all(|digit| digit.is_ascii_digit());
    (1..=3).contains(&head.len())
        && !head.starts_with('0')
        && is_number(head)
        && groups.all(|group| group.len() == 3 && is_number(group))
}

/// A number that a decimal point and points between thousands both explain, such as `1.000`.
fn is_grouped(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'.', _, _, _]) && is_in_thousands(text, '.')
}

/// A number that a decimal comma explains and a comma between thousands does not: `99,00` or
/// `1.234,500`, not `1,000`.
fn is_decimal_comma(text: &str) -> bool {
    let Some((whole, decimals)) = text.split_once(',') else { return false };
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_whole = is_plain(digits) || is_in_thousands(whole, '.');
    is_plain(decimals) && is_whole && (decimals.len() != 3 || whole.contains('.') || digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use crm_numbers::Decimal;
    use proptest::prelude::*;

    use super::*;

    fn read(mark: Option<DecimalMark>, text: &str) -> Option<String> {
        let read = NumberReader::new(mark, 2).read::<Decimal>(text, 1);
        read.ok().map(|number| number.to_string())
    }

    #[test]
    fn a_decimal_comma_leaves_points_to_thousands() {
        let read = |text: &str| read(Some(DecimalMark::Comma), text);
        for (text, number) in [
            ("1.234,50", "1234.50"),
            ("-1.000", "-1000"),
            ("12.345.678,9", "12345678.9"),
            ("12,50", "12.50"),
            ("30", "30"),
            ("1234567,5", "1234567.5"),
            ("1 234,50 €", "1234.50"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
        let none =
            ["12.50", "1.2345", "1.23,4", ".123", "1.234,", "0.123", "1234.567", "1.234,5,6", "1.234,5e3"];
        none.iter().for_each(|text| assert_eq!(read(text), None, "{text}"));
    }

    #[test]
    fn money_is_read_as_people_write_it() {
        let read = |text: &str| read(Some(DecimalMark::Point), text);
        for (text, number) in [
            ("1,001.35", "1001.35"),
            ("$30", "30"),
            ("-$30.00", "-30.00"),
            ("$ -30", "-30"),
            ("(12.50)", "-12.50"),
            ("($12.50)", "-12.50"),
            ("12.50-", "-12.50"),
            ("\u{2212}3", "-3"),
            ("EUR 1'234.50", "1234.50"),
            ("1\u{202f}234 USD", "1234"),
            ("1e3", "1000"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
        for text in
            ["", "$", "(-3)", "-3-", "1,23", "12 34", "1 2345", "3 apples", "$$3", "1,001.35.1", "--3", "NaN"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn without_a_declared_mark_thousands_are_not_guessed() {
        for text in ["1,000", "1,001.35", "1.000,50"] {
            assert_eq!(read(None, text), None, "{text}");
        }
        assert_eq!(read(None, "$1 000.50").as_deref(), Some("1000.50"));
    }

    #[test]
    fn thousands_are_told_from_decimals_only_where_the_cells_tell() {
        let doubt = |cells: &[&str]| {
            let mut reader = NumberReader::new(None, 2);
            for (cell, line) in cells.iter().zip(2..) {
                let _ = reader.read::<Decimal>(cell, line);
            }
            reader.doubt()
        };
        let misread = doubt(&["30", "1.000", "99,00"]).unwrap();
        assert_eq!((misread.comma.as_str(), misread.comma_line), ("99,00", 4));
        assert_eq!(misread.misread, Some(("1.000".to_owned(), 3)));
        assert_eq!(doubt(&["30", "1.000", "2.50"]), None);
        assert_eq!(doubt(&["1,000", "1.000"]), None, "a comma between thousands is no decimal comma");
        assert_eq!(doubt(&["19.99", "1.000", "99,00"]).unwrap().misread, None);
        assert_eq!(doubt(&["1.234,500", "0,125", "0.125"]).unwrap().cells, 2);
    }

    proptest! {
        /// Any decimal in any of these costumes is the same number.
        #[test]
        fn every_costume_is_the_same_number(cents in -10_i64.pow(14)..10_i64.pow(14), costume in 0..6_u8, comma: bool) {
            let number = Decimal::new(cents, 2);
            let (mark, decimal, thousands) = if comma { (DecimalMark::Comma, ",", ".") } else { (DecimalMark::Point, ".", ",") };
            let size = number.abs().to_string();
            let (whole, decimals) = size.split_once('.').unwrap();
            let digits: Vec<char> = whole.chars().collect();
            let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
            let blank = ["", "\u{a0}", "'", thousands][costume as usize % 4];
            let size = format!("{}{decimal}{decimals}", groups.join(blank));
            let text = match (cents < 0, costume) {
                (false, 0) => format!("€{size}"),
                (false, _) => size,
                (true, 0) => format!("-€{size}"),
                (true, 1) => format!("({size})"),
                (true, 2) => format!("{size}-"),
                (true, 3) => format!("\u{2212}{size}"),
                (true, _) => format!("-{size} CHF"),
            };
            let read = NumberReader::new(Some(mark), 2).read::<Decimal>(&text, 1);
            prop_assert_eq!(read, Ok(number), "{}", text);
            prop_assert_eq!(NumberReader::new(Some(mark), 2).read::<i64>(&text, 1), Ok(cents), "{}", text);
        }

        /// Nothing panics, and without a declared mark no comma is ever read.
        #[test]
        fn any_text_is_a_number_or_refused(text in "[-+()0-9.,' $€A-Z]{0,12}|\\PC{0,8}") {
            for mark in [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)] {
                let read = NumberReader::new(mark, 2).read::<Decimal>(&text, 1);
                prop_assert!(mark.is_some() || read.is_err() || !text.contains(','), "{}", text);
            }
        }
    }
}

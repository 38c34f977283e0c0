//! Amounts as files write them, and whether their points and commas mean what the caller said.

use super::records::Refusal;
use crm_numbers::ReadAmountError;

use crate::{Amount, Error, QualityWarning, Reason};

/// Reads amounts of one column and looks at their decimal marks.
pub(super) struct Marks {
    decimal_comma: bool,
    minor_decimals: u32,
    /// Refused amounts that read with a decimal comma, and the first of them.
    commas: u64,
    comma: Option<(String, u64)>,
    /// Amounts whose point can only stand before decimals.
    points: u64,
    /// The first amount whose points may stand between thousands.
    grouped: Option<(String, u64)>,
}

impl Marks {
    pub(super) fn new(decimal_comma: bool, minor_decimals: u32) -> Self {
        Marks { decimal_comma, minor_decimals, commas: 0, comma: None, points: 0, grouped: None }
    }

    pub(super) fn read<A: Amount>(&mut self, text: &str, line: u64) -> Result<A, Refusal> {
        let amount = match self.decimal_comma {
            true => with_point(text).and_then(|text| A::read(&text, self.minor_decimals)),
            false => {
                let amount = A::read(text, self.minor_decimals);
                self.note(text, line, amount.is_ok());
                amount
            }
        };
        amount.map_err(|error| Refusal::new(Reason::Amount(error), text))
    }

    fn note(&mut self, text: &str, line: u64, is_read: bool) {
        if is_read {
            if is_grouped(text) {
                self.grouped.get_or_insert_with(|| (text.to_owned(), line));
            } else if matches!(text.as_bytes(), [.., b'.', _, _] | [.., b'.', _]) || text.contains('.') {
                self.points += 1;
            }
        } else if is_decimal_comma(text) {
            self.commas += 1;
            self.comma.get_or_insert_with(|| (text.chars().take(80).collect(), line));
        }
    }

    /// Whether the decimal mark seems to be a comma, though nobody said so: an error where an
    /// amount may have been read as another number.
    pub(super) fn doubt(self, column: &str) -> Result<Option<QualityWarning>, Error> {
        let column = column.to_owned();
        let Some((comma, comma_line)) = self.comma else { return Ok(None) };
        match self.grouped {
            Some((grouped, grouped_line)) if self.commas > self.points => {
                Err(Error::DecimalComma { column, comma, comma_line, grouped, grouped_line })
            }
            _ => {
                let (rows, line, value) = (self.commas, comma_line, comma);
                Ok(Some(QualityWarning::DecimalCommas { column, rows, line, value }))
            }
        }
    }
}

/// The amount with a point before its decimals and nothing between thousands.
fn with_point(text: &str) -> Result<String, ReadAmountError> {
    if !text.contains('.') {
        return Ok(text.replace(',', "."));
    }
    let (whole, decimals) = text.split_once(',').unwrap_or((text, ""));
    let is_plain = decimals.bytes().all(|digit| digit.is_ascii_digit());
    if !is_plain || !is_in_thousands(whole) || text.ends_with(',') {
        return Err(ReadAmountError::NotANumber);
    }
    Ok(format!("{}.{}", whole.replace('.', ""), if decimals.is_empty() { "0" } else { decimals }))
}

/// Digits in groups of three, with points between them: at most three, and no zero, in front.
fn is_in_thousands(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = digits.split('.');
    let head = groups.next().unwrap_or_default();
    let is_number = |group: &str| group.bytes().all(|digit| digit.is_ascii_digit());
    (1..=3).contains(&head.len())
        && !head.starts_with('0')
        && is_number(head)
        && groups.all(|group| group.len() == 3 && is_number(group))
}

/// An amount that a decimal point and points between thousands both explain, such as `1.000`.
fn is_grouped(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'.', _, _, _]) && is_in_thousands(text)
}

/// An amount that a decimal comma explains and a comma between thousands does not: `99,00` or
/// `1.234,500`, not `1,000`.
fn is_decimal_comma(text: &str) -> bool {
    let Some((whole, decimals)) = text.split_once(',') else { return false };
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_whole = is_plain(digits) || is_in_thousands(whole);
    is_plain(decimals) && is_whole && (decimals.len() != 3 || whole.contains('.') || digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    #[test]
    fn a_decimal_comma_leaves_points_to_thousands() {
        let read =
            |text: &str| Marks::new(true, 2).read::<Decimal>(text, 1).ok().map(|amount| amount.to_string());
        for (text, amount) in [
            ("1.234,50", "1234.50"),
            ("-1.000", "-1000.0"),
            ("12.345.678,9", "12345678.9"),
            ("12,50", "12.50"),
            ("30", "30"),
            ("1234567,5", "1234567.5"),
        ] {
            assert_eq!(read(text).as_deref(), Some(amount), "{text}");
        }
        for text in [
            "12.50",
            "1.2345",
            "1.23,4",
            ".123",
            "1.234,",
            "0.123",
            "1234.567",
            "1.234,5,6",
            "1,5,6",
            "1.234,5e3",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn thousands_are_told_from_decimals_only_where_the_cells_tell() {
        let doubt = |cells: &[&str]| {
            let mut marks = Marks::new(false, 2);
            for (cell, line) in cells.iter().zip(2..) {
                let _ = marks.read::<Decimal>(cell, line);
            }
            marks.doubt("total")
        };
        assert_eq!(
            doubt(&["30", "1.000", "99,00"]).unwrap_err().to_string(),
            "column \"total\" seems to hold decimal commas: \"99,00\" in line 4, so that \"1.000\" in line 3 may be a \
             number of thousands; declare the decimal comma"
        );
        assert_eq!(doubt(&["30", "1.000", "2.50"]), Ok(None));
        assert_eq!(
            doubt(&["1,000", "1.000"]),
            Ok(None),
            "a comma between thousands is refused and no decimal comma"
        );
        let Ok(Some(warning)) = doubt(&["19.99", "1.000", "99,00"]) else { panic!() };
        assert_eq!(
            warning.to_string(),
            "1 refused amount seems to have a decimal comma, the first is \"99,00\" in line 4 of column \"total\""
        );
        assert!(matches!(
            doubt(&["1.234,500", "0,125", "0.125"]),
            Ok(Some(QualityWarning::DecimalCommas { rows: 2, .. }))
        ));
    }
}

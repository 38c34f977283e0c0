use std::borrow::Cow;
use std::fmt;

use crm_history::Day;

/// One value of a row, with its type, so that a writer can format it as its readers expect.
///
/// `A` is the type of the amounts of the ledger. `Display` gives the plain form: a decimal point, no
/// thousands separators, dates as YYYY-MM-DD, and nothing for [`Cell::Missing`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
#[non_exhaustive]
pub enum Cell<'a, A> {
    /// A value that is not known or does not apply.
    Missing,
    /// An id, a name of a group or a sentence.
    Text(Cow<'a, str>),
    /// A count.
    Count(u64),
    /// A calendar day.
    Day(Day),
    /// An exact amount, in the unit of the ledger.
    Amount(A),
    /// An exact amount in currency units.
    Money(crm_numbers::Decimal),
    /// An estimate or a duration.
    Number(f64),
}

impl<A: fmt::Display> fmt::Display for Cell<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => write!(f, "{count}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Amount(amount) => write!(f, "{amount}"),
            Self::Money(amount) => write!(f, "{}", amount.normalize()),
            Self::Number(number) => f.write_str(&six_decimals(*number)),
        }
    }
}

impl<'a, A> Cell<'a, A> {
    /// A cell for a value that may be missing.
    pub(crate) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Missing, cell)
    }

    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// Up to six decimal places, without trailing zeros.
fn six_decimals(number: f64) -> String {
    let text = format!("{number:.6}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_print_in_the_plain_form() {
        let text = |cell: Cell<'_, i64>| cell.to_string();
        assert_eq!(text(Cell::Missing), "");
        assert_eq!(text(Cell::text("ada")), "ada");
        assert_eq!(text(Cell::Count(12_000)), "12000");
        assert_eq!(text(Cell::Day(Day::new(0).unwrap())), "1970-01-01");
        assert_eq!(text(Cell::Amount(-5)), "-5");
        assert_eq!(text(Cell::Money(crm_numbers::Decimal::new(12_300, 3))), "12.3");
        assert_eq!(
            (text(Cell::Number(2.0)), text(Cell::Number(0.123_456_7))),
            ("2".into(), "0.123457".into())
        );
        assert_eq!(
            (text(Cell::Number(-1e-9)), text(Cell::Number(1e20))),
            ("0".into(), "100000000000000000000".into())
        );
    }
}

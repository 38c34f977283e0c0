//! Dates as files write them.

use chrono::format::{Item, Numeric, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, Days, NaiveDate};

use crate::Error;

/// Reads the dates of one column in one format.
///
/// | format | cells |
/// |---|---|
/// | none | `2024-03-05`, with or without a time behind: `2024-03-05T10:11:12+01:00` |
/// | a pattern such as `%d/%m/%Y` | as the pattern of `strftime` says; `%Y` needs four digits |
/// | `spreadsheet` | days since 1899-12-30, with or without a fraction: 45356 or 45356.42 |
/// | `epoch` | seconds since 1970-01-01 in UTC |
/// | `epoch_ms` | milliseconds since 1970-01-01 in UTC |
///
/// A date with a time zone is the day in that zone.
///
/// # Examples
///
/// ```
/// use crm_tables::DateReader;
///
/// let day_first = DateReader::new(Some("%d/%m/%Y"))?;
/// let (date, is_ambiguous) = day_first.read("05/03/2024").unwrap();
/// // It is March 5; read with the month first it would be another date.
/// assert_eq!((date.to_string().as_str(), is_ambiguous), ("2024-03-05", true));
/// assert_eq!(day_first.read("05/03/24"), None);
/// assert_eq!(DateReader::new(Some("spreadsheet"))?.read("45356").unwrap().0, date);
/// # Ok::<(), crm_tables::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DateReader {
    format: Format,
}

#[derive(Debug, Clone)]
enum Format {
    /// `YYYY-MM-DD`, with or without a time behind.
    Iso,
    Spreadsheet,
    Epoch,
    EpochMilliseconds,
    Pattern {
        text: String,
        /// Cut before every year of four digits.
        parts: Vec<Vec<Item<'static>>>,
        /// Day and month are numbers and the year does not come first.
        swappable: bool,
    },
}

impl DateReader {
    /// Creates a reader for one format; see [`DateReader`].
    ///
    /// # Errors
    ///
    /// [`Error::DateFormat`] for a pattern without year, month or day.
    pub fn new(format: Option<&str>) -> Result<Self, Error> {
        let format = match format {
            None => Format::Iso,
            Some("spreadsheet") => Format::Spreadsheet,
            Some("epoch") => Format::Epoch,
            Some("epoch_ms") => Format::EpochMilliseconds,
            Some(text) => pattern(text).ok_or_else(|| Error::DateFormat { format: text.to_owned() })?,
        };
        Ok(Self { format })
    }

    /// Returns the date of a cell, and whether day and month could change places and give another
    /// one; `None` if the cell does not match the format.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<(NaiveDate, bool)> {
        match &self.format {
            Format::Iso => Some((iso(text)?, false)),
            Format::Spreadsheet => Some((serial(text)?, false)),
            Format::Epoch => Some((DateTime::from_timestamp(whole(text)?, 0)?.date_naive(), false)),
            Format::EpochMilliseconds => {
                Some((DateTime::from_timestamp_millis(whole(text)?)?.date_naive(), false))
            }
            Format::Pattern { parts, swappable, .. } => {
                let date = read_parts(parts, text)?;
                Some((date, *swappable && is_swappable(date)))
            }
        }
    }

    /// Returns the name of the format, for messages: `YYYY-MM-DD`, or the pattern.
    #[must_use]
    pub fn format(&self) -> &str {
        match &self.format {
            Format::Iso => "YYYY-MM-DD",
            Format::Spreadsheet => "spreadsheet",
            Format::Epoch => "epoch",
            Format::EpochMilliseconds => "epoch_ms",
            Format::Pattern { text, .. } => text,
        }
    }
}

/// The day of a spreadsheet's serial number. Day 60 is February 29, 1900, which never was: days
/// before March 1, 1900 are refused.
fn serial(text: &str) -> Option<NaiveDate> {
    const FIRST: u64 = 61;
    let (days, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let days: u64 = Some(days).filter(|days| is_number(days) && is_number(fraction))?.parse().ok()?;
    let start = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    Some(days).filter(|days| *days >= FIRST).and_then(|days| start.checked_add_days(Days::new(days)))
}

/// A whole number, which a spreadsheet may have written with decimals that are zero.
fn whole(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    decimals.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok()).flatten()
}

/// The format of a pattern that names a whole date, checked by writing one and reading it back.
fn pattern(text: &str) -> Option<Format> {
    let items = StrftimeItems::new(text).parse_to_owned().ok()?;
    let probe = NaiveDate::from_ymd_opt(2024, 2, 13)?.and_hms_opt(14, 15, 16)?.and_utc();
    let mut written = String::new();
    std::fmt::Write::write_fmt(&mut written, format_args!("{}", probe.format_with_items(items.iter())))
        .ok()?;
    let parts: Vec<_> = items.chunk_by(|_, next| !is_year(next)).map(<[Item]>::to_vec).collect();
    if read_parts(&parts, &written)? != probe.date_naive() {
        return None;
    }
    let place = |wanted: &[Numeric]| {
        items.iter().position(|item| matches!(item, Item::Numeric(numeric, _) if wanted.contains(numeric)))
    };
    let year = place(&[Numeric::Year, Numeric::YearMod100]);
    let swappable = match (place(&[Numeric::Day]), place(&[Numeric::Month])) {
        (Some(day), Some(month)) => year.is_none_or(|year| year > day.min(month)),
        _ => false,
    };
    Some(Format::Pattern { text: text.to_owned(), parts, swappable })
}

/// A year with its century.
fn is_year(item: &Item) -> bool {
    matches!(item, Item::Numeric(Numeric::Year | Numeric::IsoYear, _))
}

/// The date of a text; a year with its century has four digits, so that 24 is no year of antiquity.
fn read_parts(parts: &[Vec<Item<'static>>], text: &str) -> Option<NaiveDate> {
    let (mut parsed, mut rest) = (Parsed::new(), text);
    for part in parts {
        if part.first().is_some_and(is_year) {
            let digits = rest.trim_start().as_bytes();
            if digits.len() < 4 || !digits.iter().take(4).all(u8::is_ascii_digit) {
                return None;
            }
        }
        rest = parse_and_remainder(&mut parsed, rest, part.iter()).ok()?;
    }
    if rest.is_empty() { parsed.to_naive_date().ok() } else { None }
}

fn is_swappable(date: NaiveDate) -> bool {
    use chrono::Datelike;

    date.day() <= 12 && date.day() != date.month()
}

fn iso(text: &str) -> Option<NaiveDate> {
    let (date, rest) = text.split_at_checked(10)?;
    if !(rest.is_empty() || rest.starts_with(['T', 't', ' ']) && is_time(rest.get(1..)?)) {
        return None;
    }
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else { return None };
    let number = |digits: &[&u8]| {
        digits
            .iter()
            .try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(*digit - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// Hours and minutes, and what may follow them.
fn is_time(text: &str) -> bool {
    let [h1, h2, b':', m1, m2, rest @ ..] = text.as_bytes() else { return false };
    let digits = [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit());
    let tail = rest.iter().all(|byte| byte.is_ascii_digit() || b":.+-Zz ".contains(byte));
    digits && tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Option<&str>, text: &str) -> Option<(String, bool)> {
        DateReader::new(format).unwrap().read(text).map(|(day, swappable)| (day.to_string(), swappable))
    }

    fn plain(day: &str) -> Option<(String, bool)> {
        Some((day.to_owned(), false))
    }

    #[test]
    fn iso_dates_read_with_and_without_a_time() {
        for text in ["1997-01-02", "1997-01-02T10:11:12Z", "1997-01-02 10:11", "1997-01-02T10:11:12.5+01:00"]
        {
            assert_eq!(read(None, text), plain("1997-01-02"), "{text}");
        }
        for text in
            ["1997-1-2", "1997-02-29", "02/01/1997", "1997-01-02x", "1997-01-02 soon", "", "１９97-01-02"]
        {
            assert_eq!(read(None, text), None, "{text}");
        }
    }

    #[test]
    fn day_first_and_month_first_are_told_apart_by_the_format_alone() {
        assert_eq!(read(Some("%d/%m/%Y"), "08/03/2014"), Some(("2014-03-08".into(), true)));
        assert_eq!(read(Some("%m/%d/%Y"), "08/03/2014"), Some(("2014-08-03".into(), true)));
        assert_eq!(read(Some("%d/%m/%Y"), "13/03/2014"), plain("2014-03-13"));
        assert_eq!(read(Some("%d/%m/%Y"), "03/03/2014"), plain("2014-03-03"));
        assert_eq!(read(Some("%Y%m%d"), "20140308"), plain("2014-03-08"));
        assert_eq!(read(Some("%d %b %Y"), "08 Mar 2014"), plain("2014-03-08"));
        assert_eq!(read(Some("%d.%m.%y %H:%M"), "08.03.14 10:30"), Some(("2014-03-08".into(), true)));
        assert_eq!(read(Some("%d/%m/%Y"), "08/13/2014"), None);
    }

    #[test]
    fn a_year_has_four_digits_unless_the_format_says_two() {
        for text in ["05/03/24", "05/03/024", "05/03/+2024", "05/03/-024", "05/03/20245", "05/03/"] {
            assert_eq!(read(Some("%d/%m/%Y"), text), None, "{text}");
        }
        assert_eq!(read(Some("%d/%m/%y"), "05/03/24"), Some(("2024-03-05".into(), true)));
        assert_eq!(read(Some("%d/%m/%y"), "05/03/2024"), None);
        assert_eq!(read(Some("%d/%m/%Y"), "05/03/0024"), Some(("0024-03-05".into(), true)));
        assert_eq!(read(Some("%F"), "24-03-05"), None);
        assert_eq!(read(Some("%F"), "2024-03-05"), plain("2024-03-05"));
        assert_eq!(read(Some("%Y%m%d"), "240305"), None);
        assert_eq!(read(Some("%G-W%V-%u"), "24-W10-2"), None);
        assert_eq!(read(Some("%G-W%V-%u"), "2024-W10-2"), plain("2024-03-05"));
        assert_eq!(read(Some("%d %b  %Y"), "05 Mar 2024"), plain("2024-03-05"));
    }

    #[test]
    fn a_format_without_a_whole_date_is_refused() {
        for bad in ["%d/%m", "%H:%M", "yyyy-mm-dd", "%Q", ""] {
            let error = DateReader::new(Some(bad)).err().unwrap().to_string();
            assert!(error.starts_with("date format must name a year, a month and a day"), "{bad}: {error}");
        }
    }

    #[test]
    fn numbers_of_days_and_seconds_are_dates() {
        assert_eq!(read(Some("spreadsheet"), "45356"), plain("2024-03-05"));
        assert_eq!(read(Some("spreadsheet"), "45356.999"), plain("2024-03-05"));
        assert_eq!(read(Some("spreadsheet"), "61"), plain("1900-03-01"));
        assert_eq!(read(Some("epoch"), "1709596800"), plain("2024-03-05"));
        assert_eq!(read(Some("epoch"), "1709683199.0"), plain("2024-03-05"));
        assert_eq!(read(Some("epoch"), "-1"), plain("1969-12-31"));
        assert_eq!(read(Some("epoch_ms"), "1709596800000"), plain("2024-03-05"));
        for text in ["", "60", "-5", "5.", "1e3", "99999999999999999999"] {
            assert_eq!(read(Some("spreadsheet"), text), None, "{text}");
        }
        for text in ["", "1.5", "x", "9223372036854775807"] {
            assert_eq!(read(Some("epoch"), text), None, "{text}");
        }
    }
}

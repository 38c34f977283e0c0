use chrono::NaiveDate;
use chrono::format::{Item, Numeric, Parsed, StrftimeItems, parse_and_remainder};

use crate::{Day, Error, Reason};

/// Reads dates of one format.
pub(super) struct DateReader {
    format: Format,
}

enum Format {
    /// `YYYY-MM-DD`, with or without a time behind.
    Iso,
    Pattern {
        text: String,
        /// Cut before every year of four digits.
        parts: Vec<Vec<Item<'static>>>,
        /// Day and month are numbers and the year does not come first.
        swappable: bool,
    },
}

impl DateReader {
    pub(super) fn new(format: Option<&str>) -> Result<Self, Error> {
        let format = match format {
            None => Format::Iso,
            Some(text) => pattern(text).ok_or_else(|| Error::DateFormat { format: text.to_owned() })?,
        };
        Ok(DateReader { format })
    }

    /// The day, and whether day and month could change places and give another one.
    pub(super) fn read(&self, text: &str) -> Option<(Day, bool)> {
        match &self.format {
            Format::Iso => Some((iso(text)?.into(), false)),
            Format::Pattern { parts, swappable, .. } => {
                let date = read_parts(parts, text)?;
                Some((date.into(), *swappable && is_swappable(date)))
            }
        }
    }

    pub(super) fn reason(&self) -> Reason {
        let format = match &self.format {
            Format::Iso => "YYYY-MM-DD".to_owned(),
            Format::Pattern { text, .. } => text.clone(),
        };
        Reason::Date { format }
    }
}

/// A format that gives a date for a date, checked by writing one and reading it back.
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
}

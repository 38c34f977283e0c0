//! Calendar periods.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use crm_numbers::TimeUnit;

use crate::Day;

/// Number of the calendar period that holds a day; consecutive periods have consecutive numbers.
fn index_of(unit: TimeUnit, day: Day) -> i32 {
    let months = || {
        let date = day.date();
        date.year() * 12 + date.month0() as i32
    };
    match unit {
        TimeUnit::Day => day.since_epoch(),
        // 1970-01-01 was a Thursday.
        TimeUnit::Week => (day.since_epoch() + 3).div_euclid(7),
        TimeUnit::Month => months(),
        TimeUnit::Quarter => months().div_euclid(3),
        TimeUnit::Year => day.date().year(),
    }
}

/// First day of the period with that number, if it lies inside the calendar.
fn first_day_of(unit: TimeUnit, index: i32) -> Option<Day> {
    let month = |months: i32| {
        let month0 = months.rem_euclid(12).unsigned_abs();
        NaiveDate::from_ymd_opt(months.div_euclid(12), month0 + 1, 1).map(Day::from)
    };
    match unit {
        TimeUnit::Day => Day::new(index).ok(),
        TimeUnit::Week => Day::new(index.checked_mul(7)?.checked_sub(3)?).ok(),
        TimeUnit::Month => month(index),
        TimeUnit::Quarter => month(index.checked_mul(3)?),
        TimeUnit::Year => month(index.checked_mul(12)?),
    }
}

/// A calendar day, week, month, quarter or year; the key of a cohort.
///
/// # Examples
///
/// ```
/// use crm_history::{Day, NaiveDate};
/// use crm_numbers::TimeUnit;
///
/// let march = Day::from(NaiveDate::from_ymd_opt(2024, 3, 15).unwrap()).period(TimeUnit::Month);
/// assert_eq!(march.first_day().to_string(), "2024-03-01");
/// assert_eq!(march.last_day().to_string(), "2024-03-31");
/// assert_eq!(march.next().to_string(), "2024-04");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "StartOf", into = "StartOf"))]
pub struct Period {
    unit: TimeUnit,
    index: i32,
}

impl Period {
    /// Returns the period of a unit that holds a day.
    #[must_use]
    pub fn containing(day: Day, unit: TimeUnit) -> Self {
        Period { unit, index: index_of(unit, day) }
    }

    /// Returns the unit of the period.
    #[must_use]
    pub fn unit(self) -> TimeUnit {
        self.unit
    }

    /// Returns the index of the period; consecutive periods have consecutive indices.
    #[must_use]
    pub fn index(self) -> i32 {
        self.index
    }

    /// Returns the first day of the period, or of the calendar if the period began before it.
    #[must_use]
    pub fn first_day(self) -> Day {
        first_day_of(self.unit, self.index).unwrap_or(Day::MIN)
    }

    /// Returns the last day of the period, or of the calendar if the period ends after it.
    #[must_use]
    pub fn last_day(self) -> Day {
        first_day_of(self.unit, self.index + 1).map_or(Day::MAX, |next| next.saturating_add(-1))
    }

    /// Returns the period after this one.
    #[must_use]
    pub fn next(self) -> Period {
        Period { unit: self.unit, index: self.index + 1 }
    }
}

/// A day as `2024-03-15`, a week by its Monday, `2024-03`, `2024-Q1`, `2024`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_day().date();
        match self.unit {
            TimeUnit::Day | TimeUnit::Week => first.fmt(f),
            TimeUnit::Month => write!(f, "{}-{:02}", first.year(), first.month()),
            TimeUnit::Quarter => write!(f, "{}-Q{}", first.year(), first.month0() / 3 + 1),
            TimeUnit::Year => write!(f, "{}", first.year()),
        }
    }
}

/// How a period is stored: its unit and its first day.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StartOf {
    unit: TimeUnit,
    first_day: Day,
}

#[cfg(feature = "serde")]
impl From<StartOf> for Period {
    fn from(stored: StartOf) -> Self {
        Period::containing(stored.first_day, stored.unit)
    }
}

#[cfg(feature = "serde")]
impl From<Period> for StartOf {
    fn from(period: Period) -> Self {
        StartOf { unit: period.unit, first_day: period.first_day() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: [TimeUnit; 5] =
        [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year];

    fn day(year: i32, month: u32, day: u32) -> Day {
        NaiveDate::from_ymd_opt(year, month, day).unwrap().into()
    }

    #[test]
    fn weeks_start_on_monday() {
        let week = day(2024, 2, 14).period(TimeUnit::Week);
        assert_eq!(week.to_string(), "2024-02-12");
        assert_eq!(week.last_day(), day(2024, 2, 18));
        assert_eq!(day(1969, 12, 31).period(TimeUnit::Week).first_day(), day(1969, 12, 29));
    }

    #[test]
    fn every_day_lies_between_the_bounds_of_its_period_and_neighbours_touch() {
        for start in [day(-5, 1, 1), day(1969, 1, 1), day(1999, 12, 1), day(2023, 11, 1)] {
            for offset in 0..900 {
                let day = start.saturating_add(offset);
                for unit in UNITS {
                    let period = day.period(unit);
                    assert!(period.first_day() <= day && day <= period.last_day(), "{unit} {day}");
                    assert_eq!(period.last_day().saturating_add(1), period.next().first_day());
                    assert_eq!(period.next().first_day().period(unit), period.next());
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_calendar_belong_to_a_period_too() {
        for unit in UNITS {
            for day in [Day::MIN, Day::MAX] {
                let period = day.period(unit);
                assert!(period.first_day() <= day && day <= period.last_day(), "{unit} {day}");
            }
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_period_is_stored_by_its_first_day() {
        let quarter = day(2024, 5, 5).period(TimeUnit::Quarter);
        let text = serde_json::to_string(&quarter).unwrap();
        assert_eq!(text, r#"{"unit":"quarter","first_day":"2024-04-01"}"#);
        assert_eq!(serde_json::from_str::<Period>(&text).unwrap(), quarter);
    }
}

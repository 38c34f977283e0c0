//! Calendar days as numbers.

use std::fmt;

use chrono::NaiveDate;
use crm_numbers::check;

use crate::{Error, Period, TimeUnit};

/// A calendar day, as a number of days since 1970-01-01.
///
/// Columns of days are small and sort fast as numbers; `NaiveDate` converts both ways without loss.
///
/// # Examples
///
/// ```
/// use crm_history::{Day, NaiveDate};
///
/// let day = Day::from(NaiveDate::from_ymd_opt(1997, 1, 1).unwrap());
/// assert_eq!(day.since_epoch(), 9_862);
/// assert_eq!(day.to_string(), "1997-01-01");
/// assert_eq!(Day::new(9_862)?, day);
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "NaiveDate", into = "NaiveDate"))]
pub struct Day(i32);

impl Day {
    /// Earliest day of the calendar.
    pub const MIN: Day = Day(NaiveDate::MIN.to_epoch_days());
    /// Latest day of the calendar.
    pub const MAX: Day = Day(NaiveDate::MAX.to_epoch_days());

    /// Creates the day that many days after 1970-01-01.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside the calendar, about 262 000 years before and after year 0.
    pub fn new(since_epoch: i32) -> Result<Self, Error> {
        Ok(Day(check::range("days since 1970-01-01", since_epoch, Day::MIN.0..=Day::MAX.0)?))
    }

    /// Returns the number of days since 1970-01-01.
    #[must_use]
    pub fn since_epoch(self) -> i32 {
        self.0
    }

    /// Returns the day as a date.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        // Every value lies between MIN and MAX, so the default is never taken.
        NaiveDate::from_epoch_days(self.0).unwrap_or_default()
    }

    /// Returns the number of days from `earlier` to this day; negative if this day comes first.
    #[must_use]
    pub fn days_since(self, earlier: Day) -> i32 {
        self.0 - earlier.0
    }

    /// Returns the calendar day, week, month, quarter or year that holds this day.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::{Day, NaiveDate};
    /// use crm_numbers::TimeUnit;
    ///
    /// let day = Day::from(NaiveDate::from_ymd_opt(2024, 3, 15).unwrap());
    /// assert_eq!(day.period(TimeUnit::Month).to_string(), "2024-03");
    /// assert_eq!(day.period(TimeUnit::Quarter).to_string(), "2024-Q1");
    /// ```
    #[must_use]
    pub fn period(self, unit: TimeUnit) -> Period {
        Period::containing(self, unit)
    }

    /// Returns the day moved by a number of days, kept within the calendar.
    #[must_use]
    pub fn saturating_add(self, days: i32) -> Day {
        Day::saturating_new(self.0.saturating_add(days))
    }

    /// The nearest day of the calendar.
    pub(crate) fn saturating_new(since_epoch: i32) -> Day {
        Day(since_epoch).clamp(Day::MIN, Day::MAX)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Day(date.to_epoch_days())
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        day.date()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_outside_the_calendar_is_refused_with_its_number() {
        let error = Day::new(i32::MAX).unwrap_err().to_string();
        assert_eq!(error, "days since 1970-01-01 must be between -96465292 and 95026236, got 2147483647");
        assert!(Day::new(Day::MIN.0 - 1).is_err());
        assert!(Day::new(Day::MAX.0 + 1).is_err());
    }

    #[test]
    fn every_day_converts_both_ways() {
        let days = (Day::MIN.0..=Day::MAX.0).step_by(9_973);
        for n in days.chain([Day::MIN.0, -1, 0, 1, Day::MAX.0]) {
            let day = Day::new(n).unwrap();
            assert_eq!(Day::from(day.date()), day);
        }
    }
}

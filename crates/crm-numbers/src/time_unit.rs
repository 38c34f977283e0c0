//! Units of time.

/// A unit of time, in which durations are measured and into which the calendar is cut.
///
/// | unit | mean length in days | calendar period |
/// |---|---|---|
/// | day | 1 | the day |
/// | week | 7 | Monday to Sunday |
/// | month | 30.4375 | calendar month |
/// | quarter | 91.3125 | January to March, and so on |
/// | year | 365.25 | calendar year |
///
/// Durations keep their fraction: ten days are 1.428571 weeks, not one.
///
/// # Examples
///
/// ```
/// use crm_numbers::TimeUnit;
///
/// assert_eq!(TimeUnit::Week.length_in_days(), 7.0);
/// assert_eq!("weeks".parse(), Ok(TimeUnit::Week));
/// assert_eq!(TimeUnit::Quarter.per(TimeUnit::Year), Some(4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TimeUnit {
    /// One day.
    #[default]
    Day,
    /// Seven days, Monday to Sunday.
    Week,
    /// A calendar month; 365.25 / 12 days when durations are measured.
    Month,
    /// A calendar quarter; 365.25 / 4 days when durations are measured.
    Quarter,
    /// A calendar year; 365.25 days when durations are measured.
    Year,
}

crate::names! {
    TimeUnit, "time unit" {
        Day = "day" | "days",
        Week = "week" | "weeks",
        Month = "month" | "months",
        Quarter = "quarter" | "quarters",
        Year = "year" | "years",
    }
}

impl TimeUnit {
    /// Returns the mean length in days, by which durations are divided.
    #[must_use]
    pub const fn length_in_days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.4375,
            Self::Quarter => 91.3125,
            Self::Year => 365.25,
        }
    }

    /// Returns the number of units in a year of 365.25 days, which turns yearly rates into rates
    /// per unit.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::TimeUnit;
    ///
    /// assert_eq!(TimeUnit::Month.per_year(), 12.0);
    /// ```
    #[must_use]
    pub const fn per_year(self) -> f64 {
        Self::Year.length_in_days() / self.length_in_days()
    }

    /// Returns the number of calendar units in a longer one, if that is always the same whole
    /// number: 7 days per week, 3 months per quarter, but no number of days per month.
    #[must_use]
    pub const fn per(self, longer: Self) -> Option<u32> {
        match (self, longer) {
            (Self::Day, Self::Day) | (Self::Week, Self::Week) => Some(1),
            (Self::Month, Self::Month) | (Self::Quarter, Self::Quarter) | (Self::Year, Self::Year) => Some(1),
            (Self::Day, Self::Week) => Some(7),
            (Self::Month, Self::Quarter) => Some(3),
            (Self::Month, Self::Year) => Some(12),
            (Self::Quarter, Self::Year) => Some(4),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_one_spelling_and_a_plural_that_is_read() {
        for &unit in TimeUnit::ALL {
            assert_eq!(unit.to_string().parse(), Ok(unit));
            assert_eq!(format!("{unit}S").parse(), Ok(unit));
        }
        assert_eq!(
            "fortnight".parse::<TimeUnit>().unwrap_err().to_string(),
            r#"unknown time unit "fortnight"; expected one of day, week, month, quarter, year"#
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn plurals_are_read_where_they_parse() {
        assert_eq!(serde_json::from_str::<TimeUnit>(r#""weeks""#).unwrap(), TimeUnit::Week);
        assert_eq!(serde_json::to_string(&TimeUnit::Week).unwrap(), r#""week""#);
        assert!(serde_json::from_str::<TimeUnit>(r#""fortnight""#).is_err());
    }

    #[test]
    fn whole_numbers_of_units_agree_with_their_lengths() {
        for &short in TimeUnit::ALL {
            for &long in TimeUnit::ALL {
                if let Some(number) = short.per(long) {
                    let ratio = long.length_in_days() / short.length_in_days();
                    assert!((ratio - f64::from(number)).abs() < 1e-12, "{short} per {long}");
                }
            }
        }
        assert_eq!(TimeUnit::Day.per(TimeUnit::Month), None);
    }
}

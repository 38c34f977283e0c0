use std::fmt;

use crate::{Day, Error, TimeUnit};

/// How order lines become purchases, durations and spend. Every choice has a name; a summary carries the rules it was made by.
///
/// The default is what the customer-base literature does: durations in days, orders of one day are one purchase,
/// refunds reduce the spend, the mean spend leaves out the first purchase.
///
/// ```
/// use crm_numbers::TimeUnit;
/// use crm_history::{Refunds, Rules, SamePeriod};
///
/// let rules = Rules::default().with_unit(TimeUnit::Week);
/// assert_eq!(rules.same_period, SamePeriod::Merged(TimeUnit::Day));
/// assert_eq!(rules.refunds, Refunds::Netted);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct Rules {
    /// The unit of recency, age and idle time.
    pub unit: TimeUnit,
    /// Whether several orders of one period are one purchase.
    pub same_period: SamePeriod,
    /// What amounts below zero do.
    pub refunds: Refunds,
    /// Whether the first purchase counts in the mean spend.
    pub first_purchase: FirstPurchase,
}

impl Rules {
    /// These rules with another unit of time.
    #[must_use]
    pub fn with_unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    /// These rules with another treatment of orders of one period.
    #[must_use]
    pub fn with_same_period(mut self, same_period: SamePeriod) -> Self {
        self.same_period = same_period;
        self
    }

    /// These rules with another treatment of refunds.
    #[must_use]
    pub fn with_refunds(mut self, refunds: Refunds) -> Self {
        self.refunds = refunds;
        self
    }

    /// These rules with another mean spend.
    #[must_use]
    pub fn with_first_purchase(mut self, first_purchase: FirstPurchase) -> Self {
        self.first_purchase = first_purchase;
        self
    }

    /// The calendar period in which purchases are dated: durations are counted in whole periods of it.
    pub(crate) fn period(&self) -> TimeUnit {
        match self.same_period {
            SamePeriod::Merged(period) => period,
            SamePeriod::Separate => TimeUnit::Day,
        }
    }

    /// Length of one period in units of time.
    pub(crate) fn units_per_period(&self) -> f64 {
        self.period().length_in_days() / self.unit.length_in_days()
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "durations in {}s, {}, {}, {}",
            self.unit, self.same_period, self.refunds, self.first_purchase
        )
    }
}

/// Whether orders of one period are one purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SamePeriod {
    /// Orders of one calendar period are one purchase, dated by the period.
    ///
    /// Periods longer than a day give whole-number durations: with months, a first order on 31 January and another on
    /// 1 February are one month apart.
    Merged(TimeUnit),
    /// Every order is a purchase of its own, even several on one day.
    ///
    /// Two orders on the first day then give a repeat purchase at recency 0, which models of purchase times refuse.
    Separate,
}

impl Default for SamePeriod {
    fn default() -> Self {
        SamePeriod::Merged(TimeUnit::Day)
    }
}

impl fmt::Display for SamePeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SamePeriod::Merged(period) => write!(f, "orders of one {period} are one purchase"),
            SamePeriod::Separate => f.write_str("every order is a purchase"),
        }
    }
}

/// What amounts below zero do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Refunds {
    /// A refund is no purchase; it reduces the spend of the purchase before it.
    #[default]
    Netted,
    /// A refund is as if it had not happened.
    Ignored,
    /// A refund counts and sums like any order.
    CountedAsPurchases,
}

impl fmt::Display for Refunds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refunds::Netted => "refunds reduce the spend",
            Refunds::Ignored => "refunds are ignored",
            Refunds::CountedAsPurchases => "refunds count as purchases",
        })
    }
}

/// Whether the first purchase counts in the mean spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FirstPurchase {
    /// The mean is over repeat purchases: what spend models expect next to a repeat count.
    #[default]
    Excluded,
    /// The mean is over all purchases.
    Included,
}

impl fmt::Display for FirstPurchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FirstPurchase::Excluded => "mean spend without the first purchase",
            FirstPurchase::Included => "mean spend with the first purchase",
        })
    }
}

/// Which days are looked at, and by which rules.
///
/// Lines after the end, and before the start where one is given, are left out and counted.
///
/// ```
/// use crm_numbers::TimeUnit;
/// use crm_history::{NaiveDate, Observation, Rules};
///
/// let end = NaiveDate::from_ymd_opt(1997, 9, 30).unwrap();
/// let observation = Observation::until(end).with_rules(Rules::default().with_unit(TimeUnit::Week));
/// assert_eq!(observation.end().to_string(), "1997-09-30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Observation {
    start: Option<Day>,
    end: Day,
    rules: Rules,
}

impl Observation {
    /// All lines up to and with `end`, under the default rules. Ages are measured to this day.
    #[must_use]
    pub fn until(end: impl Into<Day>) -> Self {
        Observation { start: None, end: end.into(), rules: Rules::default() }
    }

    /// The same without the lines before `start`.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyObservation`] where `start` is after the end.
    pub fn with_start(mut self, start: impl Into<Day>) -> Result<Self, Error> {
        let start = start.into();
        if start > self.end {
            return Err(Error::EmptyObservation { start, end: self.end });
        }
        self.start = Some(start);
        Ok(self)
    }

    /// The same days under other rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// First day looked at, where one was given.
    #[must_use]
    pub fn start(&self) -> Option<Day> {
        self.start
    }

    /// Last day looked at.
    #[must_use]
    pub fn end(&self) -> Day {
        self.end
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// An error where a cut after `day` would split a period that counts as one purchase.
    pub(crate) fn check_cut(&self, day: Day) -> Result<(), Error> {
        let period = day.period(self.rules.period());
        if period.last_day() == day {
            Ok(())
        } else {
            Err(Error::CutInsidePeriod { cut: day, period, last: period.last_day() })
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    start: Option<Day>,
    end: Day,
    #[serde(default)]
    rules: Rules,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Observation {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let observation = Observation::until(stored.end).with_rules(stored.rules);
        stored.start.map_or(Ok(observation), |start| observation.with_start(start))
    }
}

#[cfg(feature = "serde")]
impl From<Observation> for Stored {
    fn from(observation: Observation) -> Self {
        Stored { start: observation.start, end: observation.end, rules: observation.rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    #[test]
    fn an_observation_does_not_end_before_it_starts() {
        let error = Observation::until(day(3)).with_start(day(4)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "observation must not end before it starts: start 1970-01-05, end 1970-01-04"
        );
        assert!(Observation::until(day(3)).with_start(day(3)).is_ok());
    }

    #[test]
    fn a_cut_inside_a_period_names_the_last_day() {
        let months = Rules::default().with_same_period(SamePeriod::Merged(TimeUnit::Month));
        let by_month = Observation::until(day(90)).with_rules(months);
        assert_eq!(
            by_month.check_cut(day(29)).unwrap_err().to_string(),
            "cut at 1970-01-30 falls inside the period 1970-01; it must be that period's last day 1970-01-31"
        );
        assert!(by_month.check_cut(day(30)).is_ok());
        assert!(Observation::until(day(90)).check_cut(day(29)).is_ok(), "every day is the last of its own");
    }

    #[test]
    fn rules_read_as_a_sentence() {
        assert_eq!(
            Rules::default().with_unit(TimeUnit::Week).to_string(),
            "durations in weeks, orders of one day are one purchase, refunds reduce the spend, \
             mean spend without the first purchase"
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn stored_observations_pass_the_same_gate() {
        let observation = Observation::until(day(9)).with_start(day(2)).unwrap();
        let text = serde_json::to_string(&observation).unwrap();
        assert_eq!(serde_json::from_str::<Observation>(&text).unwrap(), observation);
        let turned = text.replace("1970-01-10", "1970-01-01");
        let error = serde_json::from_str::<Observation>(&turned).unwrap_err().to_string();
        assert!(error.contains("must not end before it starts"), "{error}");
    }
}

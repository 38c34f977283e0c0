//! Rules by which order lines become purchases, durations and spend.

use std::fmt;
use std::str::FromStr;

use crm_numbers::UnknownNameError;

use crate::{Day, Error, TimeUnit};

/// Rules by which order lines become purchases, durations and spend.
///
/// The default follows the literature on customer bases: durations in days, orders of one day are
/// one purchase, refunds reduce the spend, the mean spend leaves out the first purchase. A summary
/// carries its rules.
///
/// # Examples
///
/// ```
/// use crm_history::{Refunds, SummaryRules, SamePeriod};
/// use crm_numbers::TimeUnit;
///
/// let rules = SummaryRules::default().with_unit(TimeUnit::Week);
/// assert_eq!(rules.same_period, SamePeriod::Merged(TimeUnit::Day));
/// assert_eq!(rules.refunds, Refunds::Netted);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SummaryRules {
    /// Unit of recency, age and idle time.
    pub unit: TimeUnit,
    /// Treatment of several orders of one period.
    pub same_period: SamePeriod,
    /// Treatment of negative amounts.
    pub refunds: Refunds,
    /// Treatment of the first purchase in the mean spend.
    pub first_purchase: FirstPurchase,
}

impl SummaryRules {
    /// Sets the unit of time.
    #[must_use]
    pub fn with_unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    /// Sets the treatment of orders of one period.
    #[must_use]
    pub fn with_same_period(mut self, same_period: SamePeriod) -> Self {
        self.same_period = same_period;
        self
    }

    /// Sets the treatment of refunds.
    #[must_use]
    pub fn with_refunds(mut self, refunds: Refunds) -> Self {
        self.refunds = refunds;
        self
    }

    /// Sets the treatment of the first purchase in the mean spend.
    #[must_use]
    pub fn with_first_purchase(mut self, first_purchase: FirstPurchase) -> Self {
        self.first_purchase = first_purchase;
        self
    }

    /// The calendar period in which purchases are dated: durations are counted in whole periods of
    /// it.
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

impl fmt::Display for SummaryRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refunds = match self.refunds {
            Refunds::Netted => "refunds reduce the spend",
            Refunds::Ignored => "refunds are ignored",
            Refunds::CountedAsPurchases => "refunds count as purchases",
        };
        let mean = match self.first_purchase {
            FirstPurchase::Excluded => "mean spend without the first purchase",
            FirstPurchase::Included => "mean spend with the first purchase",
        };
        let same = match self.same_period {
            SamePeriod::Merged(period) => format!("orders of one {period} are one purchase"),
            SamePeriod::Separate => "every order is a purchase".to_owned(),
        };
        write!(f, "durations in {}s, {same}, {refunds}, {mean}", self.unit)
    }
}

/// Treatment of several orders of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub enum SamePeriod {
    /// Orders of one calendar period are one purchase, dated by the period.
    ///
    /// Periods longer than a day give whole-number durations: with months, a first order on January
    /// 31 and another on February 1 are one month apart.
    Merged(TimeUnit),
    /// Every order is a purchase of its own, even several on one day.
    ///
    /// Two orders on the first day then give a repeat purchase at recency 0, which models of
    /// purchase times refuse.
    Separate,
}

impl Default for SamePeriod {
    fn default() -> Self {
        SamePeriod::Merged(TimeUnit::Day)
    }
}

/// Writes `separate`, or the period of which orders are merged: `day`, `month`.
impl fmt::Display for SamePeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SamePeriod::Merged(period) => period.fmt(f),
            SamePeriod::Separate => f.pad(SEPARATE),
        }
    }
}

const SEPARATE: &str = "separate";

/// Reads `separate`, or the period of which orders are merged.
impl FromStr for SamePeriod {
    type Err = UnknownNameError;

    fn from_str(text: &str) -> Result<Self, UnknownNameError> {
        if text.eq_ignore_ascii_case(SEPARATE) {
            return Ok(SamePeriod::Separate);
        }
        let known = TimeUnit::ALL.iter().map(|unit| unit.name()).chain([SEPARATE]);
        let unknown = |_| UnknownNameError::new("treatment of orders of one period", text, known);
        text.parse().map(SamePeriod::Merged).map_err(unknown)
    }
}

impl TryFrom<String> for SamePeriod {
    type Error = UnknownNameError;

    fn try_from(text: String) -> Result<Self, UnknownNameError> {
        text.parse()
    }
}

impl From<SamePeriod> for String {
    fn from(same_period: SamePeriod) -> Self {
        same_period.to_string()
    }
}

/// Treatment of negative amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Refunds {
    /// A refund is no purchase; it reduces the spend of the purchase before it.
    #[default]
    Netted,
    /// A refund is left out.
    Ignored,
    /// A refund counts and sums like any order.
    CountedAsPurchases,
}

crm_numbers::names! {
    Refunds, "treatment of refunds" {
        Netted = "netted",
        Ignored = "ignored",
        CountedAsPurchases = "counted_as_purchases",
    }
}

/// Treatment of the first purchase in the mean spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FirstPurchase {
    /// The mean is over repeat purchases, as spend models expect it.
    #[default]
    Excluded,
    /// The mean is over all purchases.
    Included,
}

crm_numbers::names! {
    FirstPurchase, "treatment of the first purchase" {
        Excluded = "excluded",
        Included = "included",
    }
}

/// The observation period of a summary, and the rules of the summary.
///
/// Lines after the end, and before the start if one is given, are left out and counted.
///
/// # Examples
///
/// ```
/// use crm_history::{NaiveDate, Observation, SummaryRules};
/// use crm_numbers::TimeUnit;
///
/// let end = NaiveDate::from_ymd_opt(1997, 9, 30).unwrap();
/// let observation = Observation::until(end).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
/// assert_eq!(observation.end().to_string(), "1997-09-30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Observation {
    start: Option<Day>,
    end: Day,
    rules: SummaryRules,
}

crm_numbers::gate!(Observation, Observation::checked);

impl Observation {
    /// Creates an observation of all lines up to and including `end`, under the default rules.
    ///
    /// Ages are measured to this day.
    #[must_use]
    pub fn until(end: impl Into<Day>) -> Self {
        Observation { start: None, end: end.into(), rules: SummaryRules::default() }
    }

    /// Leaves out lines before `start`.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyObservation`] if `start` is after the end.
    pub fn with_start(mut self, start: impl Into<Day>) -> Result<Self, Error> {
        self.start = Some(start.into());
        self.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        match self.start {
            Some(start) if start > self.end => Err(Error::EmptyObservation { start, end: self.end }),
            _ => Ok(self),
        }
    }

    /// Sets the rules.
    #[must_use]
    pub fn with_rules(mut self, rules: SummaryRules) -> Self {
        self.rules = rules;
        self
    }

    /// Returns the first day, if one was given.
    #[must_use]
    pub fn start(&self) -> Option<Day> {
        self.start
    }

    /// Returns the last day.
    #[must_use]
    pub fn end(&self) -> Day {
        self.end
    }

    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &SummaryRules {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    #[test]
    fn an_observation_does_not_end_before_it_starts() {
        let error = Observation::until(day(3)).with_start(day(4)).unwrap_err();
        assert_eq!(error.to_string(), "observation ends on 1970-01-04, before its start 1970-01-05");
        assert!(Observation::until(day(3)).with_start(day(3)).is_ok());
    }

    #[test]
    fn a_cut_inside_a_period_names_the_last_day() {
        let months = SummaryRules::default().with_same_period(SamePeriod::Merged(TimeUnit::Month));
        let by_month = Observation::until(day(90)).with_rules(months);
        assert_eq!(
            by_month.check_cut(day(29)).unwrap_err().to_string(),
            "cut at 1970-01-30 is inside the period 1970-01; cut at its last day 1970-01-31"
        );
        assert!(by_month.check_cut(day(30)).is_ok());
        assert!(Observation::until(day(90)).check_cut(day(29)).is_ok(), "every day is the last of its own");
    }

    #[test]
    fn rules_read_as_a_sentence() {
        assert_eq!(
            SummaryRules::default().with_unit(TimeUnit::Week).to_string(),
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
        assert!(error.starts_with("observation ends on 1970-01-01, before its start 1970-01-03"), "{error}");
    }
}

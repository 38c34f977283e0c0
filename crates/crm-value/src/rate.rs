//! Rates that know their period, and how many days a year has.

use std::fmt;

use rust_decimal::Decimal;

use crate::{Error, exact, text};

/// The period that a rate, a margin or a probability of staying counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[allow(missing_docs, reason = "the names say it")]
pub enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    /// How many months there are in it; days and weeks do not add up to months.
    fn months(self) -> Option<u32> {
        match self {
            Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
        }
    }

    /// How many of `self` make one `longer`, where that is a whole number.
    fn per(self, longer: Self) -> Option<u32> {
        match (self.months(), longer.months()) {
            (Some(short), Some(long)) => (long % short == 0).then(|| long / short),
            (None, None) => match (self, longer) {
                (Self::Day, Self::Week) => Some(7),
                _ => (self == longer).then_some(1),
            },
            _ => None,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        })
    }
}

/// A rate per period: a discount rate, a growth rate, the price of capital. It is the number that
/// is added to 1: 0.10 is 10 %.
///
/// A rate is above -1. [`Rate::new`] refuses one above 1, which is most often a percentage: 10 for
/// 10 %. Rates above 100 % per period do exist; [`Rate::percent`] and [`Rate::unbounded`] take
/// them, because there the unit is said, and so do rates that are computed, such as [`Rate::to`] a
/// longer period.
///
/// The period is part of it, so that a yearly discount cannot meet a monthly margin unseen:
///
/// ```
/// use crm_value::{Decimal, Period, Rate};
///
/// let yearly = Rate::percent(Period::Year, 21)?;
/// assert_eq!(yearly.to_string(), "0.21 per year");
/// // 1.1 x 1.1 = 1.21: ten per cent twice.
/// let monthly = Rate::percent(Period::Month, 1)?.to(Period::Quarter)?;
/// assert_eq!(monthly.get(), Decimal::new(30_301, 6)); // 1.01^3 - 1
///
/// let refused = Rate::new(Period::Year, Decimal::TEN).unwrap_err();
/// assert_eq!(refused.to_string(), "rate must be above -1 and at most 1 (0.1 for 10 %), got 10");
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Rate {
    rate: Decimal,
    period: Period,
}

crate::text::debug!(Rate { rate, period });

impl Rate {
    /// A rate above -1 and at most 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the rate.
    pub fn new(period: Period, rate: Decimal) -> Result<Self, Error> {
        if rate > Decimal::NEGATIVE_ONE && rate <= Decimal::ONE {
            Self::unbounded(period, rate)
        } else {
            Err(Error::out_of_range("rate", "be above -1 and at most 1 (0.1 for 10 %)", rate))
        }
    }

    /// A rate above -1 that may be more than 100 % per period.
    ///
    /// ```
    /// use crm_value::{Decimal, Period, Rate};
    ///
    /// let doubling_and_a_half = Rate::unbounded(Period::Year, Decimal::new(15, 1))?;
    /// assert_eq!(doubling_and_a_half, Rate::percent(Period::Year, 150)?);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the rate.
    pub fn unbounded(period: Period, rate: Decimal) -> Result<Self, Error> {
        if rate > Decimal::NEGATIVE_ONE {
            Ok(Self { rate: exact::unsigned_zero(rate), period })
        } else {
            Err(Error::out_of_range("rate", "be above -1", rate))
        }
    }

    /// A rate in whole percent, which may be more than 100.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for -100 or less.
    pub fn percent(period: Period, percent: i32) -> Result<Self, Error> {
        Self::unbounded(period, Decimal::new(percent.into(), 2))
    }

    /// No rate at all.
    #[must_use]
    pub fn zero(period: Period) -> Self {
        Self { rate: Decimal::ZERO, period }
    }

    /// The rate: 0.10 for ten per cent.
    #[must_use]
    #[inline]
    pub fn get(self) -> Decimal {
        self.rate
    }

    /// The period it counts in.
    #[must_use]
    pub fn period(self) -> Period {
        self.period
    }

    /// The rate of another period that comes to the same when it is compounded.
    ///
    /// To a longer period `(1 + rate)^n - 1`; to a shorter one the n-th root, found by Newton's method to 27 digits.
    ///
    /// ```
    /// use crm_value::{Decimal, Period, Rate};
    ///
    /// let yearly = Rate::percent(Period::Year, 10)?;
    /// let monthly = yearly.to(Period::Month)?; // 1.1^(1/12) - 1
    /// assert_eq!(monthly.get().round_dp(12), Decimal::from_i128_with_scale(7_974_140_429, 12));
    /// assert_eq!(monthly.to(Period::Year)?.get().round_dp(24), yearly.get());
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Period`] between days or weeks and months, quarters or years, of which there is no whole number;
    /// [`Error::Overflow`].
    pub fn to(self, period: Period) -> Result<Self, Error> {
        const TERM: &str = "compounded rate";
        let growth = exact::one_plus(TERM, self.rate)?;
        let growth = match (self.period.per(period), period.per(self.period)) {
            (Some(times), _) => exact::product(TERM, &vec![growth; times as usize])?,
            (None, Some(parts)) => root(growth, parts)?,
            (None, None) => return Err(Error::Period { field: "rate", expected: period, got: self.period }),
        };
        Self::unbounded(period, exact::sub(TERM, growth, Decimal::ONE)?)
    }

    /// The rate itself, where it counts in that period.
    pub(crate) fn expect(self, field: &'static str, expected: Period) -> Result<Self, Error> {
        if self.period == expected {
            Ok(self)
        } else {
            Err(Error::Period { field, expected, got: self.period })
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", text::text(self.rate, f.precision()), self.period)
    }
}

/// The n-th root of a positive number, by Newton's method from above, where it falls towards the root.
fn root(of: Decimal, n: u32) -> Result<Decimal, Error> {
    const TERM: &str = "root of a rate";
    let (times, before) = (Decimal::from(n), Decimal::from(n - 1));
    let mut guess = of.max(Decimal::ONE);
    // From the far end every step takes at least 1/n off, and then the digits double.
    for _ in 0..2_000 {
        // of / guess^(n - 1), without the power, which may be out of range.
        let quotient = (1..n).try_fold(of, |rest, _| exact::div(TERM, rest, guess))?;
        let next = exact::div(TERM, exact::add(TERM, exact::mul(TERM, guess, before)?, quotient)?, times)?;
        if next >= guess {
            break;
        }
        guess = next;
    }
    Ok(guess)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    rate: Decimal,
    period: Period,
    /// Says that a rate above 1 is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unbounded: bool,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Rate {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let Stored { rate, period, unbounded } = stored;
        if unbounded { Self::unbounded(period, rate) } else { Self::new(period, rate) }
    }
}

#[cfg(feature = "serde")]
impl From<Rate> for Stored {
    fn from(rate: Rate) -> Self {
        Self { rate: rate.rate, period: rate.period, unbounded: rate.rate > Decimal::ONE }
    }
}

/// How many days a year has where a yearly figure is cut into days: banks and the literature on trade credit use both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum DayCount {
    /// 360 days: twelve months of thirty.
    Days360,
    /// 365 days.
    Days365,
}

impl DayCount {
    /// The number of days.
    #[must_use]
    pub fn days(self) -> Decimal {
        match self {
            Self::Days360 => Decimal::from(360),
            Self::Days365 => Decimal::from(365),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIODS: [Period; 5] = [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year];

    #[test]
    fn rates_go_where_periods_are_whole() {
        for from in PERIODS {
            for to in PERIODS {
                let days = |period| matches!(period, Period::Day | Period::Week);
                let rate = Rate::percent(from, 3).unwrap();
                assert_eq!(rate.to(to).is_ok(), days(from) == days(to), "{from} {to}");
            }
        }
        let text = Rate::percent(Period::Day, 1).unwrap().to(Period::Year).unwrap_err().to_string();
        assert_eq!(text, "rate must be per year, got a rate per day");
    }

    #[test]
    fn roots_undo_powers_even_of_extreme_rates() {
        for text in ["-0.9999", "-0.5", "0", "0.000000000001", "0.1", "3", "99999"] {
            let yearly = Rate::unbounded(Period::Year, text.parse().unwrap()).unwrap();
            let back = yearly.to(Period::Month).unwrap().to(Period::Year).unwrap().get();
            let growth = Decimal::ONE + yearly.get();
            let error = (back - yearly.get()).abs() / growth;
            assert!(error < Decimal::from_i128_with_scale(1, 20), "{text}: {back}");
        }
    }

    #[test]
    fn a_loss_of_everything_is_no_rate() {
        let refused = Rate::percent(Period::Year, -100).unwrap_err();
        assert_eq!(refused.to_string(), "rate must be above -1, got -1.00");
        assert!(Rate::unbounded(Period::Year, Decimal::MAX).unwrap().to(Period::Month).is_err());
    }

    #[test]
    fn a_percentage_is_not_taken_for_a_rate() {
        let least = Decimal::from_i128_with_scale(1, 28);
        assert_eq!(Rate::new(Period::Year, Decimal::ONE).unwrap().get(), Decimal::ONE);
        for percent in [Decimal::ONE + least, Decimal::TEN, Decimal::MAX] {
            let text = Rate::new(Period::Year, percent).unwrap_err().to_string();
            assert_eq!(text, format!("rate must be above -1 and at most 1 (0.1 for 10 %), got {percent}"));
            assert_eq!(Rate::unbounded(Period::Year, percent).unwrap().get(), percent);
        }
        assert!(Rate::new(Period::Year, Decimal::NEGATIVE_ONE + least).is_ok());
        // Computed rates may be larger: 1.5^12 - 1.
        let yearly = Rate::percent(Period::Month, 50).unwrap().to(Period::Year).unwrap();
        assert_eq!(yearly.get().round_dp(2), Decimal::new(12_875, 2));
    }
}

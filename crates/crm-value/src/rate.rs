//! Rates that know their unit of time, and conventions about the days of a year.

use std::fmt;

use crm_numbers::text::{self, unsigned_zero};
use crm_numbers::{Decimal, RangeError, TimeUnit, check};

use crate::Error;
use crate::exact::{Expr, exact};

/// A rate per unit of time: a discount rate, a growth rate, the price of capital.
///
/// It is the number that is added to 1: 0.10 is 10 %. A rate is above -1. [`Rate::new`] refuses one
/// above 1, which is most often a percentage: 10 for 10 %. Rates above 100 % do exist;
/// [`Rate::percent`] and [`Rate::unbounded`] take them, and so do computed rates, such as those of
/// [`Rate::to`].
///
/// The unit of time is part of the rate, so that a yearly discount never meets a monthly margin
/// unnoticed.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Rate, TimeUnit};
///
/// let yearly = Rate::percent(TimeUnit::Year, 21)?;
/// assert_eq!(yearly.to_string(), "0.21 per year");
/// // 1 % per month, compounded over three months.
/// let quarterly = Rate::percent(TimeUnit::Month, 1)?.to(TimeUnit::Quarter)?;
/// assert_eq!(quarterly.get(), Decimal::new(30_301, 6)); // 1.01^3 - 1
///
/// let refused = Rate::new(TimeUnit::Year, Decimal::TEN).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "rate must be greater than -1 and at most 1, got 10; write 0.1 for 10 %"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Rate {
    rate: Decimal,
    time_unit: TimeUnit,
    /// Says in stored text that a rate above 1 is meant.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    unbounded: bool,
}

crm_numbers::debug!(Rate { rate, time_unit, unbounded });
crm_numbers::gate!(Rate, Rate::checked);

impl Rate {
    /// Creates a rate above -1 and at most 1.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) names the rate.
    pub fn new(time_unit: TimeUnit, rate: Decimal) -> Result<Self, Error> {
        Self { rate, time_unit, unbounded: false }.checked()
    }

    /// Creates a rate above -1 that may be more than 100 % per unit of time.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) names the rate.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Decimal, Rate, TimeUnit};
    ///
    /// let half_as_much_again = Rate::unbounded(TimeUnit::Year, Decimal::new(15, 1))?;
    /// assert_eq!(half_as_much_again, Rate::percent(TimeUnit::Year, 150)?);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn unbounded(time_unit: TimeUnit, rate: Decimal) -> Result<Self, Error> {
        Self { rate, time_unit, unbounded: true }.checked()
    }

    /// Creates a rate from percent: 10 for 0.1. It may be more than 100 %.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) for -100 % or less.
    pub fn percent(time_unit: TimeUnit, percent: impl Into<Decimal>) -> Result<Self, Error> {
        let rate = exact(percent.into()) * Decimal::new(1, 2);
        Self::unbounded(time_unit, rate.value("rate")?.normalize())
    }

    /// Creates a rate of 0.
    #[must_use]
    pub fn zero(time_unit: TimeUnit) -> Self {
        Self { rate: Decimal::ZERO, time_unit, unbounded: false }
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { rate, time_unit, unbounded } = self;
        if unbounded {
            check::range("rate", rate, check::above(Decimal::NEGATIVE_ONE))?;
        } else if rate <= Decimal::NEGATIVE_ONE || rate > Decimal::ONE {
            let bounds = check::above_to(Decimal::NEGATIVE_ONE, Decimal::ONE);
            let refused = RangeError::new("rate", rate, bounds).with_hint("write 0.1 for 10 %");
            return Err(Error::Input(refused.into()));
        }
        Ok(Self { rate: unsigned_zero(rate), time_unit, unbounded: rate > Decimal::ONE })
    }

    /// Returns the rate: 0.10 for ten percent.
    #[must_use]
    #[inline]
    pub fn get(self) -> Decimal {
        self.rate
    }

    /// Returns the unit of time in which the rate counts.
    #[must_use]
    pub fn time_unit(self) -> TimeUnit {
        self.time_unit
    }

    /// Returns the equivalent rate per another unit of time, compounded.
    ///
    /// To a longer unit it is `(1 + rate)^n - 1`; to a shorter one it uses the n-th root, found by
    /// Newton's method to 27 digits.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] between days or weeks and months, quarters or years, of which there is
    /// no whole number; [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Decimal, Rate, TimeUnit};
    ///
    /// let yearly = Rate::percent(TimeUnit::Year, 10)?;
    /// let monthly = yearly.to(TimeUnit::Month)?; // 1.1^(1/12) - 1
    /// assert_eq!(monthly.get().round_dp(12), Decimal::from_i128_with_scale(7_974_140_429, 12));
    /// assert_eq!(monthly.to(TimeUnit::Year)?.get().round_dp(24), yearly.get());
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn to(self, time_unit: TimeUnit) -> Result<Self, Error> {
        const TERM: &str = "compounded rate";
        let growth = Expr::ONE + self;
        let growth = match (self.time_unit.per(time_unit), time_unit.per(self.time_unit)) {
            (Some(times), _) => (0..times).fold(Expr::ONE, |power, _| power * &growth).named(TERM),
            (None, Some(parts)) => exact(root(growth.value(TERM)?, parts)?),
            (None, None) => {
                return Err(Error::TimeUnit { name: "rate", expected: time_unit, got: self.time_unit });
            }
        };
        Self::unbounded(time_unit, (growth - Expr::ONE).value(TERM)?)
    }

    /// Returns the rate if it counts in that unit of time.
    pub(crate) fn expect(self, name: &'static str, expected: TimeUnit) -> Result<Self, Error> {
        if self.time_unit == expected {
            Ok(self)
        } else {
            Err(Error::TimeUnit { name, expected, got: self.time_unit })
        }
    }
}

impl From<Rate> for Decimal {
    #[inline]
    fn from(rate: Rate) -> Self {
        rate.rate
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", text::decimal(self.rate, f.precision()), self.time_unit)
    }
}

/// The n-th root of a positive number, by Newton's method from above, where it falls towards the
/// root.
fn root(of: Decimal, n: u32) -> Result<Decimal, Error> {
    const TERM: &str = "root of a rate";
    let mut guess = of.max(Decimal::ONE);
    // From the far end every step takes at least 1/n off, and then the digits double.
    for _ in 0..2_000 {
        // of / guess^(n - 1), without the power, which may be out of range.
        let quotient = (1..n).fold(exact(of), |rest, _| rest / guess);
        let next = ((exact(guess) * (n - 1) + quotient) / n).value(TERM)?;
        if next >= guess {
            break;
        }
        guess = next;
    }
    Ok(guess)
}

/// Number of days of a year by which a yearly figure is divided; banks and the literature on trade
/// credit use both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayCount {
    /// 360 days: twelve months of thirty.
    Days360,
    /// 365 days.
    Days365,
}

crm_numbers::names! {
    DayCount, "day count" {
        Days360 = "days_360" | "days360" | "360",
        Days365 = "days_365" | "days365" | "365",
    }
}

impl DayCount {
    /// Returns the number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        match self {
            Self::Days360 => 360,
            Self::Days365 => 365,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_go_where_periods_are_whole() {
        for &from in TimeUnit::ALL {
            for &to in TimeUnit::ALL {
                let days = |unit| matches!(unit, TimeUnit::Day | TimeUnit::Week);
                let rate = Rate::percent(from, 3).unwrap();
                assert_eq!(rate.to(to).is_ok(), days(from) == days(to), "{from} {to}");
            }
        }
        let text = Rate::percent(TimeUnit::Day, 1).unwrap().to(TimeUnit::Year).unwrap_err().to_string();
        assert_eq!(text, "rate must be per year, got a rate per day");
    }

    #[test]
    fn roots_undo_powers_even_of_extreme_rates() {
        for text in ["-0.9999", "-0.5", "0", "0.000000000001", "0.1", "3", "99999"] {
            let yearly = Rate::unbounded(TimeUnit::Year, text.parse().unwrap()).unwrap();
            let back = yearly.to(TimeUnit::Month).unwrap().to(TimeUnit::Year).unwrap().get();
            let growth = Decimal::ONE + yearly.get();
            let error = (back - yearly.get()).abs() / growth;
            assert!(error < Decimal::from_i128_with_scale(1, 20), "{text}: {back}");
        }
    }

    #[test]
    fn a_loss_of_everything_is_no_rate() {
        let refused = Rate::percent(TimeUnit::Year, -100).unwrap_err();
        assert_eq!(refused.to_string(), "rate must be greater than -1, got -1");
        assert!(Rate::unbounded(TimeUnit::Year, Decimal::MAX).unwrap().to(TimeUnit::Month).is_err());
    }

    #[test]
    fn a_percentage_is_not_taken_for_a_rate() {
        let least = Decimal::from_i128_with_scale(1, 28);
        assert_eq!(Rate::new(TimeUnit::Year, Decimal::ONE).unwrap().get(), Decimal::ONE);
        for percent in [Decimal::ONE + least, Decimal::TEN, Decimal::MAX] {
            let text = Rate::new(TimeUnit::Year, percent).unwrap_err().to_string();
            assert_eq!(
                text,
                format!("rate must be greater than -1 and at most 1, got {percent}; write 0.1 for 10 %")
            );
            assert_eq!(Rate::unbounded(TimeUnit::Year, percent).unwrap().get(), percent);
        }
        assert!(Rate::new(TimeUnit::Year, Decimal::NEGATIVE_ONE + least).is_ok());
        // Computed rates may be larger: 1.5^12 - 1.
        let yearly = Rate::percent(TimeUnit::Month, 50).unwrap().to(TimeUnit::Year).unwrap();
        assert_eq!(yearly.get().round_dp(2), Decimal::new(12_875, 2));
    }
}

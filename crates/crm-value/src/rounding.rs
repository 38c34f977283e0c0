//! Rounding, chosen once by the caller: unit and strategy.

use std::fmt;

use crm_numbers::text::unsigned_zero;
use crm_numbers::{InputError, check};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::Error;

/// A unit of money as a number of decimal places: 2 for cents.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, MoneyUnit};
///
/// assert_eq!(MoneyUnit::CENT.amount(), Decimal::new(1, 2));
/// assert_eq!(MoneyUnit::CENT, MoneyUnit::decimals(2)?);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
pub struct MoneyUnit(u32);

impl MoneyUnit {
    /// Whole currency units.
    pub const WHOLE: Self = Self(0);
    /// Cents: two decimals.
    pub const CENT: Self = Self(2);

    /// Creates a unit with the given number of decimals, at most 28.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for more.
    pub fn decimals(decimals: u32) -> Result<Self, InputError> {
        check::range("decimals", decimals, ..=Decimal::MAX_SCALE).map(Self)
    }

    /// Returns the number of decimals.
    #[must_use]
    pub fn scale(self) -> u32 {
        self.0
    }

    /// Returns one unit, such as 0.01.
    #[must_use]
    pub fn amount(self) -> Decimal {
        Decimal::from_i128_with_scale(1, self.0)
    }

    /// Counts an amount in units.
    pub(crate) fn count(self, name: &'static str, amount: Decimal) -> Result<i128, Error> {
        let (mantissa, scale) = (amount.mantissa(), amount.scale());
        let counted = if scale <= self.0 {
            mantissa.checked_mul(10_i128.pow(self.0 - scale))
        } else {
            let finer = 10_i128.pow(scale - self.0);
            if mantissa % finer != 0 {
                let unit = self.amount().to_string();
                return Err(Error::NotWhole { name, unit, value: amount.to_string() });
            }
            Some(mantissa / finer)
        };
        counted
            .ok_or_else(|| Error::Overflow { term: name, operation: format!("{amount} / {}", self.amount()) })
    }

    /// The amount of so many of it, written with all decimals of the unit where they fit, and with
    /// fewer where those that do not are zeros.
    pub(crate) fn amount_of(self, name: &'static str, count: i128) -> Result<Decimal, Error> {
        let (mut short, mut scale) = (count, self.0);
        loop {
            if let Ok(amount) = Decimal::try_from_i128_with_scale(short, scale) {
                return Ok(amount);
            }
            if scale == 0 || short % 10 != 0 {
                let operation = format!("{count} x {}", self.amount());
                return Err(Error::Overflow { term: name, operation });
            }
            (short, scale) = (short / 10, scale - 1);
        }
    }
}

impl TryFrom<u32> for MoneyUnit {
    type Error = InputError;

    fn try_from(decimals: u32) -> Result<Self, InputError> {
        Self::decimals(decimals)
    }
}

impl From<MoneyUnit> for u32 {
    fn from(unit: MoneyUnit) -> Self {
        unit.0
    }
}

/// The choice between the two neighbors of a number that is rounded.
///
/// | | 2.5 | 3.5 | -2.5 | 2.6 | 2.4 |
/// |---|---|---|---|---|---|
/// | `half_even` | 2 | 4 | -2 | 3 | 2 |
/// | `half_up` | 3 | 4 | -3 | 3 | 2 |
/// | `half_down` | 2 | 3 | -2 | 3 | 2 |
/// | `toward_zero` | 2 | 3 | -2 | 2 | 2 |
/// | `away_from_zero` | 3 | 4 | -3 | 3 | 3 |
/// | `floor` | 2 | 3 | -3 | 2 | 2 |
/// | `ceiling` | 3 | 4 | -2 | 3 | 3 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// To the nearest, ties to the even neighbor, so that sums of many do not drift; also known as
    /// banker's rounding.
    #[default]
    HalfEven,
    /// To the nearest, ties away from zero, as taught at school.
    HalfUp,
    /// To the nearest, ties toward zero.
    HalfDown,
    /// To the neighbor toward zero.
    TowardZero,
    /// To the neighbor away from zero.
    AwayFromZero,
    /// To the lower neighbor.
    Floor,
    /// To the higher neighbor.
    Ceiling,
}

crm_numbers::names! {
    Strategy, "rounding strategy" {
        HalfEven = "half_even" | "half-even",
        HalfUp = "half_up" | "half-up",
        HalfDown = "half_down" | "half-down",
        TowardZero = "toward_zero" | "toward-zero",
        AwayFromZero = "away_from_zero" | "away-from-zero",
        Floor = "floor",
        Ceiling = "ceiling",
    }
}

/// A unit and a strategy for rounding; nothing in this crate is rounded to cents without it.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Rounding, Strategy, MoneyUnit};
///
/// let cents = Rounding::new(MoneyUnit::CENT, Strategy::HalfEven);
/// assert_eq!(cents.apply(Decimal::new(2_345, 3)), Decimal::new(234, 2)); // 2.345
/// assert_eq!(cents.to_string(), "2 decimals, half_even");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rounding {
    /// Unit to which amounts are rounded.
    pub unit: MoneyUnit,
    /// Choice between the two neighbors.
    pub strategy: Strategy,
}

impl Rounding {
    /// Creates a rounding to a unit by a strategy.
    #[must_use]
    pub fn new(unit: MoneyUnit, strategy: Strategy) -> Self {
        Self { unit, strategy }
    }

    /// Returns the rounded number, written with all decimals of the unit if they fit.
    #[must_use]
    pub fn apply(self, value: Decimal) -> Decimal {
        let strategy = match self.strategy {
            Strategy::HalfEven => RoundingStrategy::MidpointNearestEven,
            Strategy::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Strategy::HalfDown => RoundingStrategy::MidpointTowardZero,
            Strategy::TowardZero => RoundingStrategy::ToZero,
            Strategy::AwayFromZero => RoundingStrategy::AwayFromZero,
            Strategy::Floor => RoundingStrategy::ToNegativeInfinity,
            Strategy::Ceiling => RoundingStrategy::ToPositiveInfinity,
        };
        let mut rounded = value.round_dp_with_strategy(self.unit.0, strategy);
        // Adds zeros; takes nothing away, because there are no more decimals than these.
        rounded.rescale(self.unit.0);
        unsigned_zero(rounded)
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} decimals, {}", self.unit.0, self.strategy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_does_what_its_table_says() {
        let table = [
            ("half_even", [2, 4, -2, 3, 2]),
            ("half_up", [3, 4, -3, 3, 2]),
            ("half_down", [2, 3, -2, 3, 2]),
            ("toward_zero", [2, 3, -2, 2, 2]),
            ("away_from_zero", [3, 4, -3, 3, 3]),
            ("floor", [2, 3, -3, 2, 2]),
            ("ceiling", [3, 4, -2, 3, 3]),
        ];
        for (name, expected) in table {
            let strategy: Strategy = name.parse().unwrap();
            assert_eq!(strategy.to_string(), name);
            let whole = Rounding::new(MoneyUnit::WHOLE, strategy);
            let got = [25, 35, -25, 26, 24].map(|tenths| whole.apply(Decimal::new(tenths, 1)));
            assert_eq!(got, expected.map(Decimal::from), "{name}");
        }
    }

    #[test]
    fn zeros_are_added_and_there_is_no_minus_zero() {
        let cents = Rounding::new(MoneyUnit::CENT, Strategy::HalfUp);
        assert_eq!(cents.apply(Decimal::from(3)).to_string(), "3.00");
        assert_eq!(cents.apply(Decimal::new(-4, 3)).to_string(), "0.00");
        assert_eq!(cents.apply(Decimal::MAX), Decimal::MAX);
    }

    #[test]
    fn amounts_are_counted_in_units() {
        let count = |text: &str| MoneyUnit::CENT.count("amount", text.parse().unwrap());
        assert_eq!(count("-12.30"), Ok(-1_230));
        assert_eq!(count("12.3000"), Ok(1_230));
        assert_eq!(count("0.001").unwrap_err().to_string(), "amount 0.001 is not a multiple of 0.01");
        let finest = MoneyUnit::decimals(28).unwrap();
        assert!(finest.count("amount", Decimal::MAX).is_err());
        assert!(finest.amount_of("amount", i128::MAX).is_err());
        // 80 000 000 000 in units of 1e-28 has 39 digits, all but the first of them zeros.
        let round = 8 * 10_i128.pow(37);
        assert_eq!(finest.amount_of("amount", round).unwrap(), Decimal::from(8_000_000_000_u64));
        assert_eq!(
            MoneyUnit::WHOLE.amount_of("amount", round).unwrap_err().to_string(),
            format!("amount exceeds 7.9e28: {round} x 1")
        );
        assert!(MoneyUnit::CENT.amount_of("amount", round / 10 + 1).is_err());
        assert_eq!(MoneyUnit::CENT.amount_of("amount", -500).unwrap().to_string(), "-5.00");
        assert!(MoneyUnit::decimals(29).is_err() && "up".parse::<Strategy>().is_err());
    }
}

//! Rounding, chosen once by the caller: how fine, and which way.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::Error;

/// The smallest amount that is told apart, as decimal places: cents are 2.
///
/// ```
/// use crm_value::{Decimal, Unit};
///
/// assert_eq!(Unit::CENT.amount(), Decimal::new(1, 2));
/// assert_eq!(Unit::CENT, Unit::decimals(2)?);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
pub struct Unit(u32);

impl Unit {
    /// Whole numbers.
    pub const WHOLE: Self = Self(0);
    /// Two decimals.
    pub const CENT: Self = Self(2);

    /// So many decimals, at most 28.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for more.
    pub fn decimals(decimals: u32) -> Result<Self, Error> {
        if decimals <= Decimal::MAX_SCALE {
            Ok(Self(decimals))
        } else {
            Err(Error::out_of_range("decimals", "be at most 28", decimals))
        }
    }

    /// The number of decimals.
    #[must_use]
    pub fn scale(self) -> u32 {
        self.0
    }

    /// One of it: 0.01.
    #[must_use]
    pub fn amount(self) -> Decimal {
        Decimal::from_i128_with_scale(1, self.0)
    }

    /// How many of it an amount is.
    pub(crate) fn count(self, field: &'static str, amount: Decimal) -> Result<i128, Error> {
        let (mantissa, scale) = (amount.mantissa(), amount.scale());
        let counted = if scale <= self.0 {
            mantissa.checked_mul(10_i128.pow(self.0 - scale))
        } else {
            let finer = 10_i128.pow(scale - self.0);
            if mantissa % finer != 0 {
                let unit = self.amount().to_string();
                return Err(Error::NotWhole { field, unit, value: amount.to_string() });
            }
            Some(mantissa / finer)
        };
        counted.ok_or_else(|| Error::Overflow {
            term: field,
            operation: format!("{amount} / {}", self.amount()),
        })
    }

    /// The amount of so many of it, written with all decimals of the unit where they fit, and with
    /// fewer where those that do not are zeros.
    pub(crate) fn of(self, field: &'static str, count: i128) -> Result<Decimal, Error> {
        let (mut short, mut scale) = (count, self.0);
        loop {
            if let Ok(amount) = Decimal::try_from_i128_with_scale(short, scale) {
                return Ok(amount);
            }
            if scale == 0 || short % 10 != 0 {
                let operation = format!("{count} x {}", self.amount());
                return Err(Error::Overflow { term: field, operation });
            }
            (short, scale) = (short / 10, scale - 1);
        }
    }
}

impl TryFrom<u32> for Unit {
    type Error = Error;

    fn try_from(decimals: u32) -> Result<Self, Error> {
        Self::decimals(decimals)
    }
}

impl From<Unit> for u32 {
    fn from(unit: Unit) -> Self {
        unit.0
    }
}

/// Which of two neighbours a number between them becomes.
///
/// | | 2.5 | 3.5 | -2.5 | 2.6 | 2.4 |
/// |---|---|---|---|---|---|
/// | `half-even` | 2 | 4 | -2 | 3 | 2 |
/// | `half-up` | 3 | 4 | -3 | 3 | 2 |
/// | `half-down` | 2 | 3 | -2 | 3 | 2 |
/// | `toward-zero` | 2 | 3 | -2 | 2 | 2 |
/// | `away-from-zero` | 3 | 4 | -3 | 3 | 3 |
/// | `floor` | 2 | 3 | -3 | 2 | 2 |
/// | `ceiling` | 3 | 4 | -2 | 3 | 3 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Strategy {
    /// To the nearest, ties to the even neighbour: sums of many do not drift. Banker's rounding.
    #[default]
    HalfEven,
    /// To the nearest, ties away from zero: what is taught at school.
    HalfUp,
    /// To the nearest, ties towards zero.
    HalfDown,
    /// The rest is cut off.
    TowardZero,
    /// Any rest counts as a whole.
    AwayFromZero,
    /// To the lower neighbour.
    Floor,
    /// To the higher neighbour.
    Ceiling,
}

impl Strategy {
    /// All of them, with the names that text has for them.
    pub const NAMED: [(&str, Self); 7] = [
        ("half-even", Self::HalfEven),
        ("half-up", Self::HalfUp),
        ("half-down", Self::HalfDown),
        ("toward-zero", Self::TowardZero),
        ("away-from-zero", Self::AwayFromZero),
        ("floor", Self::Floor),
        ("ceiling", Self::Ceiling),
    ];
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::NAMED.iter().find(|(_, strategy)| strategy == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Strategy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const ALLOWED: &str =
            "be half-even, half-up, half-down, toward-zero, away-from-zero, floor or ceiling";
        let found = Self::NAMED.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, strategy)| *strategy)
            .ok_or_else(|| Error::out_of_range("rounding", ALLOWED, format_args!("{text:?}")))
    }
}

/// A unit and the way to it: nothing in this crate rounds to cents before the caller asks by this.
///
/// ```
/// use crm_value::{Decimal, Rounding, Strategy, Unit};
///
/// let cents = Rounding::new(Unit::CENT, Strategy::HalfEven);
/// assert_eq!(cents.apply(Decimal::new(2_345, 3)), Decimal::new(234, 2)); // 2.345
/// assert_eq!(cents.to_string(), "2 decimals, half-even");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rounding {
    /// How fine.
    pub unit: Unit,
    /// Which way.
    pub strategy: Strategy,
}

impl Rounding {
    /// To that unit, that way.
    #[must_use]
    pub fn new(unit: Unit, strategy: Strategy) -> Self {
        Self { unit, strategy }
    }

    /// The rounded number, written with all decimals of the unit where they fit.
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
        if rounded.is_zero() {
            rounded.set_sign_positive(true);
        }
        rounded
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
            ("half-even", [2, 4, -2, 3, 2]),
            ("half-up", [3, 4, -3, 3, 2]),
            ("half-down", [2, 3, -2, 3, 2]),
            ("toward-zero", [2, 3, -2, 2, 2]),
            ("away-from-zero", [3, 4, -3, 3, 3]),
            ("floor", [2, 3, -3, 2, 2]),
            ("ceiling", [3, 4, -2, 3, 3]),
        ];
        for (name, expected) in table {
            let strategy: Strategy = name.parse().unwrap();
            assert_eq!(strategy.to_string(), name);
            let whole = Rounding::new(Unit::WHOLE, strategy);
            let got = [25, 35, -25, 26, 24].map(|tenths| whole.apply(Decimal::new(tenths, 1)));
            assert_eq!(got, expected.map(Decimal::from), "{name}");
        }
    }

    #[test]
    fn zeros_are_added_and_there_is_no_minus_zero() {
        let cents = Rounding::new(Unit::CENT, Strategy::HalfUp);
        assert_eq!(cents.apply(Decimal::from(3)).to_string(), "3.00");
        assert_eq!(cents.apply(Decimal::new(-4, 3)).to_string(), "0.00");
        assert_eq!(cents.apply(Decimal::MAX), Decimal::MAX);
    }

    #[test]
    fn amounts_are_counted_in_units() {
        let count = |text: &str| Unit::CENT.count("amount", text.parse().unwrap());
        assert_eq!(count("-12.30"), Ok(-1_230));
        assert_eq!(count("12.3000"), Ok(1_230));
        assert_eq!(
            count("0.001").unwrap_err().to_string(),
            "amount must be whole in units of 0.01, got 0.001"
        );
        let finest = Unit::decimals(28).unwrap();
        assert!(finest.count("amount", Decimal::MAX).is_err());
        assert!(finest.of("amount", i128::MAX).is_err());
        // 80 000 000 000 in units of 1e-28 has 39 digits, all but the first of them zeros.
        let round = 8 * 10_i128.pow(37);
        assert_eq!(finest.of("amount", round).unwrap(), Decimal::from(8_000_000_000_u64));
        assert_eq!(
            Unit::WHOLE.of("amount", round).unwrap_err().to_string(),
            format!("amount must stay below 7.9e28, got {round} x 1")
        );
        assert!(Unit::CENT.of("amount", round / 10 + 1).is_err());
        assert_eq!(Unit::CENT.of("amount", -500).unwrap().to_string(), "-5.00");
        assert!(Unit::decimals(29).is_err() && "up".parse::<Strategy>().is_err());
    }
}

//! Amounts: money and counts that can be ranked, cut and added up exactly.

use std::cmp::Ordering;
use std::fmt::{Debug, Display};

use rust_decimal::Decimal;

use crate::exact_sum::ExactSum;
use crate::text;

/// An amount that can be ranked, cut and added up exactly: whole numbers (`i32`, `u32`, `i64`),
/// [`Decimal`] and finite `f64`.
///
/// Money in cents is `i64`, money in currency units is [`Decimal`], the forecast of a model is
/// `f64`. Amounts that are added up have one currency. The trait is sealed: the guarantees of
/// [`SumUnit`](crate::SumUnit) and [`Total`](crate::Total) rest on knowing every implementor.
///
/// # Examples
///
/// ```
/// use crm_numbers::{Amount, Decimal, ReadAmountError};
///
/// assert_eq!(1250_i64.to_f64(), 1250.0);
/// assert_eq!(Decimal::new(1250, 2).to_f64(), 12.5);
/// // Text is read without loss, or refused with the reason; cents have two decimals.
/// assert_eq!(i64::read("12.5", 2), Ok(1250));
/// assert_eq!(i64::read("12.345", 2), Err(ReadAmountError::TooFine { decimals: 2 }));
/// ```
pub trait Amount: Copy + PartialOrd + Debug + Display + Send + Sync + 'static + sealed::Counted {
    /// The type of a sum over a column: `i128` for whole numbers, else the type itself.
    type Sum: Copy + PartialEq + PartialOrd + Debug + Display + Send + Sync + 'static;

    /// Nothing.
    const ZERO: Self;

    /// Whether amounts are whole numbers, so that two different ones are at least 1 apart.
    const WHOLE: bool = false;

    /// Returns the nearest `f64`, rounded half to even; it keeps the order of amounts.
    #[must_use]
    fn to_f64(self) -> f64;

    /// Returns whether the amount is a number at all; only an `f64` may be none.
    #[must_use]
    fn is_finite(self) -> bool {
        true
    }

    /// Returns whether sums of any number of amounts of this size stay within the type, or fail
    /// with an error: always, except for an `f64` of 1e290 and more.
    #[must_use]
    fn is_summable(self) -> bool {
        true
    }

    /// Returns which of two amounts is larger: a total order of finite amounts.
    #[must_use]
    fn compare(&self, other: &Self) -> Ordering {
        self.partial_cmp(other).unwrap_or(Ordering::Equal)
    }

    /// Reads an amount in currency units, such as `-12.50` or `1e3`, without loss.
    ///
    /// Whole numbers count the smallest unit of money, which has that many decimals: with 2, `12.5`
    /// is 1250. Other types do not use `decimals`.
    ///
    /// # Errors
    ///
    /// [`ReadAmountError`] says whether the text is no number, or one that the type cannot hold.
    fn read(text: &str, decimals: u32) -> Result<Self, ReadAmountError>;
}

/// The reason why a text is not read as an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum ReadAmountError {
    /// The text is not a number.
    #[error("amount is not a number")]
    NotANumber,
    /// The number is not finite, too large for the type, or has more digits than it holds.
    #[error("amount is not finite, too large, or has too many digits")]
    TooLong,
    /// The number is finer than the unit in which whole numbers count.
    #[error("amount has more than {decimals} decimal places")]
    TooFine {
        /// Decimals of the unit.
        decimals: u32,
    },
}

/// Doubles from this size on are not summable: no sum of less than 2^60 smaller ones overflows.
const LARGEST_SUMMABLE: f64 = 1e290;

/// Sums below 2^126 leave room for a sign and for one doubling.
const SUM_BITS: i32 = 126;

pub(crate) mod sealed {
    use std::fmt::Debug;

    /// How an amount is counted in units, for each type.
    pub trait Counted: Sized {
        /// The power (of 2 for `f64`, of 1/10 for decimals) that is the unit of a column.
        fn exponent(amounts: &[Self]) -> i32;
        fn to_units(self, exponent: i32) -> i128;
        fn from_units(units: i128, exponent: i32) -> Self;
        fn to_real(units: i128, exponent: i32) -> f64;
        /// The sum, or `None` where it is too large for the type.
        fn to_sum(units: i128, exponent: i32) -> Option<<Self as super::Amount>::Sum>
        where
            Self: super::Amount;

        /// A running sum.
        type Running: Clone + Debug + Default + PartialEq + Send + Sync;
        /// `None` where the sum would not be exact; the running sum stays as it was.
        fn add_to(self, total: &mut Self::Running) -> Option<()>;
        /// `None` where the sum would not be exact; the running sum stays as it was.
        fn merge(total: &mut Self::Running, other: &Self::Running) -> Option<()>;
        /// `None` where the difference would not be exact.
        fn minus(total: &Self::Running, other: &Self::Running) -> Option<Self::Running>;
        fn value(total: &Self::Running) -> Self;
        /// Amounts that add up to the running sum exactly.
        fn parts(total: &Self::Running) -> Vec<Self>;
    }
}

macro_rules! whole_number {
    ($($kind:ty),*) => {$(
        impl Amount for $kind {
            type Sum = i128;
            const ZERO: Self = 0;
            const WHOLE: bool = true;

            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }

            fn read(text: &str, decimals: u32) -> Result<Self, ReadAmountError> {
                let mut amount = Decimal::read(text, decimals)?.normalize();
                if amount.scale() > decimals {
                    return Err(ReadAmountError::TooFine { decimals });
                }
                amount.rescale(decimals);
                let exact = (amount.scale() == decimals).then(|| Self::try_from(amount.mantissa()).ok());
                exact.flatten().ok_or(ReadAmountError::TooLong)
            }
        }

        impl sealed::Counted for $kind {
            type Running = Self;

            fn exponent(_: &[Self]) -> i32 {
                0
            }

            #[inline]
            fn to_units(self, _: i32) -> i128 {
                i128::from(self)
            }

            fn from_units(units: i128, _: i32) -> Self {
                Self::try_from(units).unwrap_or(if units < 0 { Self::MIN } else { Self::MAX })
            }

            fn to_real(units: i128, _: i32) -> f64 {
                units as f64
            }

            fn to_sum(units: i128, _: i32) -> Option<i128> {
                Some(units)
            }

            #[inline]
            fn add_to(self, total: &mut Self) -> Option<()> {
                total.checked_add(self).map(|sum| *total = sum)
            }

            fn merge(total: &mut Self, other: &Self) -> Option<()> {
                other.add_to(total)
            }

            fn minus(total: &Self, other: &Self) -> Option<Self> {
                total.checked_sub(*other)
            }

            fn value(total: &Self) -> Self {
                *total
            }

            fn parts(total: &Self) -> Vec<Self> {
                vec![*total]
            }
        }
    )*};
}

whole_number!(i32, u32, i64);

impl Amount for f64 {
    type Sum = Self;
    const ZERO: Self = 0.0;

    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    #[inline]
    fn is_summable(self) -> bool {
        self.abs() < LARGEST_SUMMABLE
    }

    fn read(text: &str, _: u32) -> Result<Self, ReadAmountError> {
        let amount: f64 = text.parse().map_err(|_| ReadAmountError::NotANumber)?;
        if amount.is_summable() { Ok(amount) } else { Err(ReadAmountError::TooLong) }
    }
}

impl sealed::Counted for f64 {
    type Running = ExactSum;

    fn exponent(amounts: &[Self]) -> i32 {
        let (_, power) = split(amounts.iter().fold(0.0, |largest: Self, amount| largest.max(amount.abs())));
        // largest < 2^(power + 53) and the number of amounts < 2^(64 - leading zeros).
        power + 53 + 64 - (amounts.len() as u64).leading_zeros() as i32 - SUM_BITS
    }

    #[inline]
    fn to_units(self, exponent: i32) -> i128 {
        let (mantissa, power) = split(self);
        let shift = power - exponent;
        let units = match shift {
            0..=73 => i128::from(mantissa) << shift,
            74.. if mantissa > 0 => i128::MAX,
            -63..0 => i128::from(mantissa >> -shift),
            _ => 0,
        };
        if self < 0.0 { -units } else { units }
    }

    fn from_units(units: i128, exponent: i32) -> Self {
        scale(units, exponent).clamp(Self::MIN, Self::MAX)
    }

    fn to_real(units: i128, exponent: i32) -> f64 {
        Self::from_units(units, exponent)
    }

    fn to_sum(units: i128, exponent: i32) -> Option<Self> {
        Some(scale(units, exponent)).filter(|sum| sum.is_finite())
    }

    #[inline]
    fn add_to(self, total: &mut ExactSum) -> Option<()> {
        total.add(self);
        Some(())
    }

    fn merge(total: &mut ExactSum, other: &ExactSum) -> Option<()> {
        total.add_sum(other, 1.0);
        Some(())
    }

    fn minus(total: &ExactSum, other: &ExactSum) -> Option<ExactSum> {
        let mut difference = total.clone();
        difference.add_sum(other, -1.0);
        Some(difference)
    }

    fn value(total: &ExactSum) -> Self {
        total.rounded()
    }

    fn parts(total: &ExactSum) -> Vec<Self> {
        total.parts().collect()
    }
}

/// The magnitude as whole number x power of two.
#[inline]
fn split(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match ((bits >> 52) & 0x7ff) as i32 {
        0 => (fraction, -1074),
        exponent => (fraction | (1 << 52), exponent - 1075),
    }
}

/// units x 2^exponent; in two steps, because the unit of a column may lie below the smallest `f64`.
fn scale(units: i128, exponent: i32) -> f64 {
    let half = exponent / 2;
    units as f64 * power_of_two(half) * power_of_two(exponent - half)
}

/// 2^power for powers from -1022 to 1023.
fn power_of_two(power: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(power)) as u64) << 52)
}

impl Amount for Decimal {
    type Sum = Self;
    const ZERO: Self = Self::ZERO;

    fn to_f64(self) -> f64 {
        // A quotient of two exact f64 is rounded once. Beyond that the digits are read, which is
        // slow, and right.
        const EXACT_INTEGER: u64 = 1 << 53;
        const EXACT_POWER: u32 = 22;
        match i64::try_from(self.mantissa()) {
            Ok(mantissa) if mantissa.unsigned_abs() <= EXACT_INTEGER && self.scale() <= EXACT_POWER => {
                mantissa as f64 / 10_f64.powi(self.scale() as i32)
            }
            _ => self.to_string().parse().unwrap_or_default(),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn read(text: &str, _: u32) -> Result<Self, ReadAmountError> {
        // A number all the same, but none that a decimal can hold.
        text::number(text).ok_or_else(|| match text.parse::<f64>() {
            Ok(_) => ReadAmountError::TooLong,
            Err(_) => ReadAmountError::NotANumber,
        })
    }
}

impl sealed::Counted for Decimal {
    type Running = Self;

    fn exponent(amounts: &[Self]) -> i32 {
        let finest = amounts.iter().map(Self::scale).max().unwrap_or(0);
        let largest = amounts.iter().map(Self::abs).max().unwrap_or(Self::ZERO);
        let whole = largest.trunc().mantissa().unsigned_abs() + 1;
        let total = whole.saturating_mul(amounts.len() as u128);
        let fits =
            |&places: &u32| total.checked_mul(10_u128.pow(places)).is_some_and(|units| units < 1 << SUM_BITS);
        (0..=finest).rev().find(fits).unwrap_or(0) as i32
    }

    #[inline]
    fn to_units(self, exponent: i32) -> i128 {
        let places = exponent - self.scale() as i32;
        // Scales are at most 28, so the power is below 2^94.
        let power = 10_i128.pow(places.unsigned_abs());
        if places >= 0 { self.mantissa().saturating_mul(power) } else { self.mantissa() / power }
    }

    fn from_units(units: i128, exponent: i32) -> Self {
        Self::to_sum(units, exponent).unwrap_or(if units < 0 { Self::MIN } else { Self::MAX })
    }

    fn to_real(units: i128, exponent: i32) -> f64 {
        units as f64 / 10_f64.powi(exponent)
    }

    fn to_sum(units: i128, exponent: i32) -> Option<Self> {
        let scale = exponent.unsigned_abs();
        (0..=scale).find_map(|dropped| {
            let rounded = divide_half_even(units, 10_i128.pow(dropped));
            Self::try_from_i128_with_scale(rounded, scale - dropped).ok()
        })
    }

    #[inline]
    fn add_to(self, total: &mut Self) -> Option<()> {
        exact_sum(*total, self).map(|sum| *total = sum)
    }

    fn merge(total: &mut Self, other: &Self) -> Option<()> {
        other.add_to(total)
    }

    fn minus(total: &Self, other: &Self) -> Option<Self> {
        exact_sum(*total, -*other)
    }

    fn value(total: &Self) -> Self {
        *total
    }

    fn parts(total: &Self) -> Vec<Self> {
        vec![*total]
    }
}

/// The sum of two decimals, which [`Decimal`] would round where it needs more than 96 bits.
fn exact_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    let kept = sum.scale() >= a.scale().max(b.scale());
    (kept || sum.scale() >= a.normalize().scale().max(b.normalize().scale())).then_some(sum)
}

fn divide_half_even(units: i128, by: i128) -> i128 {
    let (quotient, rest) = (units / by, (units % by).abs());
    match (rest * 2).cmp(&by) {
        Ordering::Greater => quotient + units.signum(),
        Ordering::Equal if quotient % 2 != 0 => quotient + units.signum(),
        _ => quotient,
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_the_nearest_float() {
        for text in [
            "0.1",
            "-2.675",
            "9007199254740993",
            "0.3333333333333333333333333333",
            "79228162514264337593543950335",
            // Too many digits, or decimals, for a quotient of two exact doubles.
            "5258986265376043.509",
            "415.4830492154097476",
            "-293677883276367954.5",
            "0.00000000000000000000001",
            "0.000000000000000000000000059",
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(decimal.to_f64().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
    }

    #[test]
    fn sums_of_decimals_round_half_to_even() {
        assert_eq!([25, 35, -25, -35, 26, 24].map(|units| divide_half_even(units, 10)), [2, 4, -2, -4, 3, 2]);
    }

    #[test]
    fn the_unit_leaves_room_for_every_amount_of_that_size() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        // In units of 1e-28 two of the largest that start so would be more than 2^126.
        let amounts = [number("4253529586"), number("0.0000000000000000000000000001")];
        let exponent = <Decimal as sealed::Counted>::exponent(&amounts);
        let largest = sealed::Counted::to_units(number("4253529586.999999999999999999"), exponent);
        assert_eq!(exponent, 27);
        assert!(2 * largest < 1 << SUM_BITS);
    }

    #[test]
    fn minor_units_are_read_without_rounding() {
        assert_eq!(i64::read("12.5", 2), Ok(1_250));
        assert_eq!(i64::read("-0.070", 2), Ok(-7));
        assert_eq!(i64::read("12.345", 2), Err(ReadAmountError::TooFine { decimals: 2 }));
        assert_eq!(i64::read("92233720368547758.08", 2), Err(ReadAmountError::TooLong));
        assert_eq!(i64::read("9223372036854775807", 0), Ok(i64::MAX));
        assert_eq!(i64::read("twelve", 2), Err(ReadAmountError::NotANumber));
    }

    #[test]
    fn what_is_no_finite_number_is_refused_with_the_reason() {
        assert_eq!(f64::read("NaN", 2), Err(ReadAmountError::TooLong));
        assert_eq!(f64::read("1e400", 2), Err(ReadAmountError::TooLong));
        assert_eq!(f64::read("1,5", 2), Err(ReadAmountError::NotANumber));
        assert_eq!(Decimal::read("NaN", 2), Err(ReadAmountError::TooLong));
        assert_eq!(Decimal::read("-inf", 2), Err(ReadAmountError::TooLong));
        assert_eq!(Decimal::read("99999999999999999999999999999999", 2), Err(ReadAmountError::TooLong));
        assert_eq!(Decimal::read("0.00000000000000000000000000000001", 2), Err(ReadAmountError::TooLong));
        assert_eq!(Decimal::read("1,5", 2), Err(ReadAmountError::NotANumber));
        assert_eq!(Decimal::read("", 2), Err(ReadAmountError::NotANumber));
        assert_eq!(Decimal::read("29.33", 2), Ok(Decimal::new(2_933, 2)));
        assert_eq!(Decimal::read("1_000", 2), Err(ReadAmountError::NotANumber));
        assert_eq!(Decimal::read("1e5", 2), Ok(Decimal::new(100_000, 0)));
        assert_eq!(Decimal::read("1.25E-2", 2), Ok(Decimal::new(125, 4)));
        assert_eq!(Decimal::read("1.5e-40", 2), Err(ReadAmountError::TooLong));
        assert_eq!(i64::read("1e3", 2), Ok(100_000));
    }
}

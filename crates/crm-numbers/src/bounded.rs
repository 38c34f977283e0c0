//! Decimals that cannot leave their range: one gate for code, for text and for stored values.

use std::fmt;
use std::ops::{Bound, RangeBounds as _};
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::{InputError, RangeError, text, wide};

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $field:literal, $bounds:expr, $hint:expr, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "Decimal", into = "Decimal"))]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(Decimal::ZERO);
            /// One: for a probability certainty, for a share the whole.
            pub const ONE: Self = Self(Decimal::ONE);

            /// Creates the number, if it is within its range.
            ///
            /// # Errors
            ///
            /// [`InputError::Range`] names the number and its bounds.
            pub fn new(value: Decimal) -> Result<Self, InputError> {
                let bounds: (Bound<Decimal>, Bound<Decimal>) = $bounds;
                if bounds.contains(&value) {
                    return Ok(Self(text::unsigned_zero(value)));
                }
                let error = RangeError::new($field, value, bounds);
                let hint: Option<&'static str> = $hint;
                Err(hint.map_or(error.clone(), |hint| error.with_hint(hint)).into())
            }

            /// Creates the number from the nearest decimal with up to 28 significant digits.
            ///
            /// This is the way from an estimate to accounting; it rounds.
            ///
            /// # Errors
            ///
            /// [`InputError::Range`] names the number and its bounds; NaN is out of range.
            pub fn from_f64(value: f64) -> Result<Self, InputError> {
                let bounds: (Bound<Decimal>, Bound<Decimal>) = $bounds;
                let outside = || InputError::from(RangeError::new($field, value, bounds));
                Self::new(Decimal::from_f64_retain(value).ok_or_else(outside)?.normalize()).map_err(|_| outside())
            }

            /// Returns the number.
            #[must_use]
            #[inline]
            pub fn get(self) -> Decimal {
                self.0
            }

            /// Returns the nearest `f64`.
            #[must_use]
            #[inline]
            pub fn to_f64(self) -> f64 {
                crate::Amount::to_f64(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                text::format_decimal(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&text::Plain(&self.0)).finish()
            }
        }

        impl FromStr for $name {
            type Err = InputError;

            fn from_str(text: &str) -> Result<Self, InputError> {
                let read: fn(&'static str, &str) -> Result<Decimal, InputError> = $read;
                Self::new(read($field, text)?)
            }
        }

        impl TryFrom<Decimal> for $name {
            type Error = InputError;

            fn try_from(value: Decimal) -> Result<Self, InputError> {
                Self::new(value)
            }
        }

        impl From<$name> for Decimal {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// Ways to say a part in percent.
macro_rules! percent {
    ($($name:ident),*) => {$(
        impl $name {
            /// Creates the number from percent: 35 for 0.35.
            ///
            /// # Errors
            ///
            /// [`InputError::Range`] names the number and its bounds.
            pub fn percent(percent: impl Into<Decimal>) -> Result<Self, InputError> {
                let whole = percent.into().checked_mul(Decimal::new(1, 2));
                Self::new(whole.unwrap_or(Decimal::MAX).normalize())
            }
        }
    )*};
}

const UNIT: (Bound<Decimal>, Bound<Decimal>) =
    (Bound::Included(Decimal::ZERO), Bound::Included(Decimal::ONE));
const PERCENT: Option<&str> = Some("write 0.3 for 30 %");

bounded! {
    /// A part of a whole, from 0 to 1, exactly: 80 % is 4/5 and not the nearest `f64`.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::Share;
    ///
    /// let pareto = Share::percent(80)?;
    /// assert_eq!(pareto.floor_of(12), 9); // 9.6
    /// assert_eq!("80 %".parse(), Ok(pareto));
    /// assert_eq!(
    ///     Share::percent(120).unwrap_err().to_string(),
    ///     "share must be between 0 and 1, got 1.2; write 0.3 for 30 %"
    /// );
    /// # Ok::<(), crm_numbers::InputError>(())
    /// ```
    Share, "share", UNIT, PERCENT, text::read_share
}

bounded! {
    /// A probability, from 0 to 1, as it is stated: that a customer renews, that an offer is taken.
    ///
    /// Probabilities that a model estimates are plain `f64`; [`Probability::from_f64`] takes one
    /// into an exact calculation.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::{Decimal, Probability};
    ///
    /// assert_eq!(Probability::percent(80)?.get(), Decimal::new(80, 2));
    /// assert_eq!(Probability::from_f64(0.125)?.to_string(), "0.125");
    /// assert!(Probability::from_f64(f64::NAN).is_err());
    /// # Ok::<(), crm_numbers::InputError>(())
    /// ```
    Probability, "probability", UNIT, PERCENT, text::read_share
}

bounded! {
    /// A contribution margin per unit of revenue: at most 1, and negative where goods are sold
    /// below cost.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::Margin;
    ///
    /// assert_eq!(Margin::percent(-5)?.to_string(), "-0.05");
    /// assert_eq!(
    ///     Margin::percent(120).unwrap_err().to_string(),
    ///     "margin must be at most 1, got 1.2; write 0.3 for 30 %"
    /// );
    /// # Ok::<(), crm_numbers::InputError>(())
    /// ```
    Margin, "margin", (Bound::Unbounded, Bound::Included(Decimal::ONE)), PERCENT, text::read_share
}

bounded! {
    /// An amount or a quantity of at least 0: a cost, a spending capacity, a number of days.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::{Decimal, NonNegative};
    ///
    /// assert_eq!(NonNegative::from(120).get(), Decimal::from(120));
    /// assert_eq!(
    ///     NonNegative::new(Decimal::new(-1, 2)).unwrap_err().to_string(),
    ///     "amount must be at least 0, got -0.01"
    /// );
    /// # Ok::<(), crm_numbers::InputError>(())
    /// ```
    NonNegative, "amount", (Bound::Included(Decimal::ZERO), Bound::Unbounded), None, read_amount
}

percent!(Share, Probability, Margin);

fn read_amount(name: &'static str, text: &str) -> Result<Decimal, InputError> {
    let read = text::number(text.trim());
    read.ok_or_else(|| crate::UnreadableError::new(name, "a number such as 1250.50", text).into())
}

impl Share {
    /// 80 %, the usual end of the first class of an ABC analysis.
    pub const EIGHTY_PERCENT: Self = Self(Decimal::from_parts(8, 0, 0, false, 1));
    /// 95 %, the usual end of the second class.
    pub const NINETY_FIVE_PERCENT: Self = Self(Decimal::from_parts(95, 0, 0, false, 2));

    /// Returns the largest whole number that is at most this share of `whole`, exactly.
    #[must_use]
    pub fn floor_of(self, whole: u128) -> u128 {
        self.divided(whole).0
    }

    /// Returns the smallest whole number that is at least this share of `whole`, exactly.
    #[must_use]
    pub fn ceil_of(self, whole: u128) -> u128 {
        let (floor, rest) = self.divided(whole);
        floor + u128::from(rest > 0)
    }

    /// The share of `whole`, rounded down, and whether there is a rest.
    fn divided(self, whole: u128) -> (u128, u128) {
        let (numerator, denominator) = (self.0.mantissa().unsigned_abs(), 10_u128.pow(self.0.scale()));
        // The quotient fits, because a share is at most 1.
        wide::multiply_divide(whole, numerator, denominator).unwrap_or((whole, 0))
    }
}

impl Default for NonNegative {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<u32> for NonNegative {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_range() {
        for value in [Decimal::ZERO, Decimal::ONE] {
            assert_eq!(Share::new(value).unwrap().get(), value);
            assert_eq!(Probability::new(value).unwrap().get(), value);
        }
        assert!(Margin::new(Decimal::MIN).is_ok() && Margin::new(Decimal::ONE).is_ok());
        assert!(NonNegative::new(Decimal::MAX).is_ok());
        let zeros =
            [NonNegative::new(-Decimal::ZERO).unwrap().get(), Share::new(-Decimal::ZERO).unwrap().get()];
        assert!(zeros.iter().all(Decimal::is_sign_positive));
    }

    #[test]
    fn the_next_number_outside_is_refused() {
        let step = Decimal::from_i128_with_scale(1, 28);
        let above = Decimal::ONE + step;
        for value in [-step, above] {
            assert!(Share::new(value).is_err() && Probability::new(value).is_err(), "{value}");
        }
        assert!(Margin::new(above).is_err());
        assert!(NonNegative::new(-step).is_err());
        for percent in [i32::MIN, -1, 101, i32::MAX] {
            assert!(Share::percent(percent).is_err(), "{percent}");
        }
    }

    #[test]
    fn shares_of_large_totals_are_exact() {
        let whole = u128::MAX;
        let third = Share::new(Decimal::new(333_333_333_333_333_333, 18)).unwrap();
        assert_eq!(Share::ONE.floor_of(whole), whole);
        assert_eq!(Share::ZERO.ceil_of(whole), 0);
        assert_eq!(third.ceil_of(whole) - third.floor_of(whole), 1);
        assert_eq!(third.floor_of(10_u128.pow(18)), 333_333_333_333_333_333);
        assert_eq!(third.ceil_of(10_u128.pow(18)), 333_333_333_333_333_333);
        let finest = Share::new(Decimal::from_i128_with_scale(1, 28)).unwrap();
        assert_eq!((finest.floor_of(10_u128.pow(28) - 1), finest.ceil_of(1)), (0, 1));
        assert_eq!(finest.floor_of(whole), whole / 10_u128.pow(28));
    }

    #[test]
    fn constants_are_their_percentages() {
        let percents = [Share::ZERO, Share::EIGHTY_PERCENT, Share::NINETY_FIVE_PERCENT, Share::ONE];
        assert_eq!(percents, [0, 80, 95, 100].map(|percent| Share::percent(percent).unwrap()));
    }

    #[test]
    fn any_precision_and_width_prints() {
        let eighth = Share::new(Decimal::new(125, 3)).unwrap();
        assert_eq!(
            format!("{eighth} {eighth:.0} {eighth:.1} {eighth:.2} {eighth:>7}"),
            "0.125 0 0.1 0.12   0.125"
        );
        assert_eq!(format!("{eighth:.1000}").len(), 1_002);
    }

    #[test]
    fn texts_are_read_exactly_or_refused() {
        let read = |text: &str| text.parse::<Share>().map(Share::get);
        assert_eq!(read("0.3"), Ok(Decimal::new(3, 1)));
        assert_eq!(read(" 30% "), Ok(Decimal::new(30, 2)));
        assert_eq!(read("1e-3"), Ok(Decimal::new(1, 3)));
        assert_eq!(
            read("30").unwrap_err().to_string(),
            "share must be between 0 and 1, got 30; write 0.3 for 30 %"
        );
        for text in ["", "%", "much", "0,3", "1_0", "NaN"] {
            assert_eq!(
                read(text).unwrap_err().to_string(),
                format!("share must be a number such as 0.3 or 30 %, got {text:?}")
            );
        }
        assert_eq!("1250.50".parse::<NonNegative>().unwrap().get(), Decimal::new(125_050, 2));
        assert!("12 %".parse::<NonNegative>().is_err());
    }

    #[test]
    fn estimates_enter_by_name_and_round() {
        assert_eq!(Share::from_f64(0.1).unwrap().to_f64(), 0.1);
        for value in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY, 1e300] {
            assert!(Share::from_f64(value).is_err(), "{value}");
        }
        assert_eq!(
            Margin::from_f64(f64::NAN).unwrap_err().to_string(),
            "margin must be at most 1 and finite, got NaN"
        );
    }
}

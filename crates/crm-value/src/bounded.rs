//! Numbers that cannot leave their range: one gate for code and for stored text.

use std::fmt;

use rust_decimal::Decimal;

use crate::{Error, exact, text};

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $field:literal, $allowed:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "Decimal", into = "Decimal"))]
        pub struct $name(Decimal);

        impl $name {
            #[doc = concat!("Takes a number that must ", $allowed, ".")]
            ///
            /// # Errors
            /// [`Error::OutOfRange`] names the number.
            pub fn new(value: Decimal) -> Result<Self, Error> {
                let accepts: fn(Decimal) -> bool = $accepts;
                if accepts(value) {
                    Ok(Self(exact::unsigned_zero(value)))
                } else {
                    Err(Error::out_of_range($field, $allowed, value))
                }
            }

            /// The number itself.
            #[must_use]
            #[inline]
            pub fn get(self) -> Decimal {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                text::format(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&text::Plain(&self.0)).finish()
            }
        }

        impl TryFrom<Decimal> for $name {
            type Error = Error;

            fn try_from(value: Decimal) -> Result<Self, Error> {
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

macro_rules! percent {
    ($($name:ident),*) => {$(
        impl $name {
            /// The same in whole percent.
            ///
            /// # Errors
            /// [`Error::OutOfRange`] names the number.
            pub fn percent(percent: i64) -> Result<Self, Error> {
                let whole = Decimal::from(percent).checked_mul(Decimal::new(1, 2));
                Self::new(whole.unwrap_or(Decimal::MAX))
            }
        }
    )*};
}

bounded! {
    /// A part of a whole, from 0 to 1: the share of a customer's spending that comes here, how far a source is relied
    /// on.
    ///
    /// ```
    /// use crm_value::{Decimal, Share};
    ///
    /// assert_eq!(Share::percent(35)?.get(), Decimal::new(35, 2));
    /// assert_eq!(Share::percent(101).unwrap_err().to_string(), "share must lie in 0..=1 (0.3 for 30 %), got 1.01");
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    Share, "share", "lie in 0..=1 (0.3 for 30 %)", |value| (Decimal::ZERO..=Decimal::ONE).contains(&value)
}

bounded! {
    /// How likely something is, from 0 to 1: that a customer renews, that a person reached buys.
    ///
    /// ```
    /// use crm_value::{Decimal, Probability};
    ///
    /// assert_eq!(Probability::percent(80)?.get(), Decimal::new(8, 1));
    /// assert!(Probability::new(Decimal::new(-1, 2)).is_err());
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    Probability, "probability", "lie in 0..=1 (0.3 for 30 %)", |value| (Decimal::ZERO..=Decimal::ONE).contains(&value)
}

bounded! {
    /// What is earned of one unit of revenue: at most 1, and negative where goods are sold below cost.
    ///
    /// ```
    /// use crm_value::Margin;
    ///
    /// assert_eq!(Margin::percent(-5)?.to_string(), "-0.05");
    /// assert_eq!(
    ///     Margin::percent(120).unwrap_err().to_string(),
    ///     "unit margin must be at most 1 (0.3 for 30 %), got 1.20"
    /// );
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    Margin, "unit margin", "be at most 1 (0.3 for 30 %)", |value| value <= Decimal::ONE
}

bounded! {
    /// An amount or a quantity that cannot be below zero: a cost, a spending capacity, a number of days.
    ///
    /// ```
    /// use crm_value::{Decimal, NonNegative};
    ///
    /// assert_eq!(NonNegative::from(120).get(), Decimal::from(120));
    /// assert_eq!(
    ///     NonNegative::new(Decimal::new(-1, 2)).unwrap_err().to_string(),
    ///     "amount must be at least 0, got -0.01"
    /// );
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    NonNegative, "amount", "be at least 0", |value| value >= Decimal::ZERO
}

percent!(Share, Probability, Margin);

impl Share {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// Everything.
    pub const ONE: Self = Self(Decimal::ONE);
}

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// Certain.
    pub const ONE: Self = Self(Decimal::ONE);
}

impl NonNegative {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);
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
    }

    #[test]
    fn percents_far_outside_are_refused() {
        for percent in [i64::MIN, -1, 101, i64::MAX] {
            assert!(Share::percent(percent).is_err(), "{percent}");
        }
        assert!(Margin::percent(i64::MAX).is_err() && Margin::percent(i64::MIN).is_ok());
    }
}

//! Numbers of any kind, as errors name them.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A number in an error: a count, a measurement or an amount of money.
///
/// # Examples
///
/// ```
/// use crm_numbers::Number;
///
/// assert_eq!(Number::from(1e300).to_string(), "1e300");
/// assert_eq!(Number::from(u64::MAX).to_string(), "18446744073709551615");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A floating-point number, possibly NaN or infinite.
    Float(f64),
    /// A decimal, or a whole number beyond `i64`.
    Decimal(Decimal),
}

impl Number {
    /// Returns the nearest `f64`; NaN and infinities stay.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
            Self::Decimal(value) => value.to_f64().unwrap_or(f64::NAN),
        }
    }

    /// Returns whether the number is neither NaN nor infinite.
    #[must_use]
    pub fn is_finite(self) -> bool {
        !matches!(self, Self::Float(value) if !value.is_finite())
    }
}

/// Writes the shortest decimal that reads back, with an exponent where there would be many zeros.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Float(value)
                if *value != 0.0 && value.is_finite() && !(1e-5..1e16).contains(&value.abs()) =>
            {
                write!(f, "{value:e}")
            }
            Self::Float(value) => write!(f, "{value}"),
        }
    }
}

macro_rules! from_whole {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Number {
            fn from(value: $kind) -> Self {
                i64::try_from(value).map_or_else(|_| Self::Decimal(value.into()), Self::Integer)
            }
        }
    )*};
}

from_whole!(i32, u32, i64, u64, usize);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self::Decimal(value)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_without_rows_of_zeros() {
        let text = |value: f64| Number::from(value).to_string();
        assert_eq!([0.0, -1.5, 1e-5, 9.9e-6].map(text), ["0", "-1.5", "0.00001", "9.9e-6"]);
        assert_eq!([1e15, 1e16, -1e300].map(text), ["1000000000000000", "1e16", "-1e300"]);
        assert_eq!([f64::NAN, f64::INFINITY].map(text), ["NaN", "inf"]);
        assert_eq!(Number::from(usize::MAX).to_f64(), 2_f64.powi(64));
        assert_eq!(Number::from(Decimal::new(1250, 2)).to_string(), "12.50");
        assert!(!Number::from(f64::NAN).is_finite() && Number::from(-3).is_finite());
    }
}

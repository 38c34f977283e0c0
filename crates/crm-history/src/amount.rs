use std::fmt::{self, Debug, Display};

use rust_decimal::Decimal;

#[cfg(feature = "csv")]
use crate::Reason;

use crate::exact::ExactSum;

/// What a row is worth: `i64` minor units (cents), `f64`, or `Decimal`.
///
/// Sums are exact for `i64` and `Decimal` (or an error, never a wrapped or rounded number), and correctly rounded for
/// `f64`: the sum of a million amounts is the double nearest to the true sum, in whatever order they came.
/// A ledger holds amounts of one currency.
pub trait Amount: Copy + PartialEq + PartialOrd + Debug + Display + Send + Sync + 'static + Sealed {
    /// No money.
    const ZERO: Self;

    /// The amount as a double, for inference: the nearest one.
    fn to_f64(self) -> f64;
}

/// How amounts are summed; closed to other types.
pub trait Sealed: Sized {
    /// A running sum.
    type Total: Clone + Debug + Default + PartialEq + Send + Sync;

    /// Prints the amount in a debugging output; a decimal without the formatter's precision, which
    /// it cannot always hold.
    fn debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// Whether a ledger takes this amount.
    fn acceptable(self) -> bool;
    /// `true` below zero.
    fn refund(self) -> bool;
    /// The amount that a field of a file spells; `decimals` are the decimal places of a minor unit.
    #[cfg(feature = "csv")]
    fn read(text: &str, decimals: u32) -> Result<Self, Reason>;
    /// `false` where the sum would not be exact.
    #[must_use]
    fn add_to(self, total: &mut Self::Total) -> bool;
    /// Adds a running sum to another; `false` where the sum would not be exact.
    #[must_use]
    fn merge(total: &mut Self::Total, other: &Self::Total) -> bool;
    /// The difference of two running sums; `None` where it would not be exact.
    fn minus(total: &Self::Total, other: &Self::Total) -> Option<Self::Total>;
    /// The sum itself.
    fn value(total: &Self::Total) -> Self;
}

/// An amount as part of a debugging output.
pub(crate) struct Shown<A>(pub(crate) A);

impl<A: Sealed> Debug for Shown<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(f)
    }
}

/// Doubles from this size on are refused, so that no sum of a ledger's rows can overflow.
pub(crate) const LIMIT: f64 = 1e290;

impl Amount for i64 {
    const ZERO: Self = 0;

    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Sealed for i64 {
    type Total = i64;

    fn debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }

    fn acceptable(self) -> bool {
        true
    }

    fn refund(self) -> bool {
        self < 0
    }

    #[cfg(feature = "csv")]
    fn read(text: &str, decimals: u32) -> Result<i64, Reason> {
        let mut amount = Decimal::read(text, decimals)?.normalize();
        if amount.scale() > decimals {
            return Err(Reason::AmountScale { decimals });
        }
        amount.rescale(decimals);
        let exact = (amount.scale() == decimals).then(|| i64::try_from(amount.mantissa()).ok());
        exact.flatten().ok_or(Reason::AmountSize)
    }

    fn add_to(self, total: &mut i64) -> bool {
        total.checked_add(self).map(|sum| *total = sum).is_some()
    }

    fn merge(total: &mut i64, other: &i64) -> bool {
        other.add_to(total)
    }

    fn minus(total: &i64, other: &i64) -> Option<i64> {
        total.checked_sub(*other)
    }

    fn value(total: &i64) -> i64 {
        *total
    }
}

impl Amount for f64 {
    const ZERO: Self = 0.0;

    fn to_f64(self) -> f64 {
        self
    }
}

impl Sealed for f64 {
    type Total = ExactSum;

    fn debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }

    fn acceptable(self) -> bool {
        self.abs() < LIMIT
    }

    fn refund(self) -> bool {
        self < 0.0
    }

    #[cfg(feature = "csv")]
    fn read(text: &str, _: u32) -> Result<f64, Reason> {
        let amount: f64 = text.parse().map_err(|_| Reason::Amount)?;
        if amount.acceptable() { Ok(amount) } else { Err(Reason::AmountSize) }
    }

    fn add_to(self, total: &mut ExactSum) -> bool {
        total.add(self);
        true
    }

    fn merge(total: &mut ExactSum, other: &ExactSum) -> bool {
        total.add_sum(other, 1.0);
        true
    }

    fn minus(total: &ExactSum, other: &ExactSum) -> Option<ExactSum> {
        let mut difference = total.clone();
        difference.add_sum(other, -1.0);
        Some(difference)
    }

    fn value(total: &ExactSum) -> f64 {
        total.rounded()
    }
}

impl Amount for Decimal {
    const ZERO: Self = Decimal::ZERO;

    fn to_f64(self) -> f64 {
        let mantissa = self.mantissa();
        // Both parts are exact doubles here, so that one division rounds once.
        if mantissa.unsigned_abs() < 1 << 53 && self.scale() <= 22 {
            mantissa as f64 / 10f64.powi(self.scale() as i32)
        } else {
            self.to_string().parse().unwrap_or_default()
        }
    }
}

impl Sealed for Decimal {
    type Total = Decimal;

    fn debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }

    fn acceptable(self) -> bool {
        true
    }

    fn refund(self) -> bool {
        self.is_sign_negative() && !self.is_zero()
    }

    #[cfg(feature = "csv")]
    fn read(text: &str, _: u32) -> Result<Decimal, Reason> {
        if text.contains('_') {
            return Err(Reason::Amount);
        }
        let exact = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        // What is a number all the same is none that a decimal can hold.
        exact.map_err(|_| match text.parse::<f64>() {
            Ok(_) => Reason::AmountSize,
            Err(_) => Reason::Amount,
        })
    }

    fn add_to(self, total: &mut Decimal) -> bool {
        exact_sum(*total, self).map(|sum| *total = sum).is_some()
    }

    fn merge(total: &mut Decimal, other: &Decimal) -> bool {
        other.add_to(total)
    }

    fn minus(total: &Decimal, other: &Decimal) -> Option<Decimal> {
        exact_sum(*total, -*other)
    }

    fn value(total: &Decimal) -> Decimal {
        *total
    }
}

/// `Decimal` rounds a sum that needs more than its 96 bits; here that is an error.
fn exact_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let sum = a.checked_add(b)?;
    let kept = sum.scale() >= a.scale().max(b.scale());
    (kept || sum.scale() >= a.normalize().scale().max(b.normalize().scale())).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_sum_is_exact_or_refused() {
        let tiny = Decimal::new(1, 28);
        let mut total = Decimal::MAX;
        assert!(!tiny.add_to(&mut total), "29 digits before and 28 after the point do not fit");
        assert_eq!(total, Decimal::MAX);
        let mut total = Decimal::new(1_234, 2);
        assert!(Decimal::new(5, 3).add_to(&mut total));
        assert_eq!(total, Decimal::new(12_345, 3));
        let mut padded = Decimal::MAX;
        assert!(Decimal::new(0, 5).add_to(&mut padded), "0.00000 adds nothing");
    }

    #[test]
    fn integer_sums_do_not_wrap() {
        let mut total = i64::MAX;
        assert!(!1_i64.add_to(&mut total));
        assert_eq!(total, i64::MAX);
    }

    #[test]
    fn the_double_of_a_decimal_is_the_nearest() {
        assert_eq!(Decimal::new(2_933, 2).to_f64().to_bits(), 29.33_f64.to_bits());
        let long = Decimal::from_i128_with_scale(79_228_162_514_264_337_593_543_950_335, 28);
        assert_eq!(long.to_f64().to_bits(), 7.922_816_251_426_433_5_f64.to_bits());
    }

    #[test]
    fn a_negative_zero_is_no_refund() {
        assert!(!(-Decimal::ZERO).refund());
        assert!(!(-0.0_f64).refund());
        assert!(Decimal::new(-1, 2).refund());
    }

    #[cfg(feature = "csv")]
    #[test]
    fn minor_units_are_read_without_rounding() {
        assert_eq!(i64::read("12.5", 2), Ok(1_250));
        assert_eq!(i64::read("-0.070", 2), Ok(-7));
        assert_eq!(i64::read("12.345", 2), Err(Reason::AmountScale { decimals: 2 }));
        assert_eq!(i64::read("92233720368547758.08", 2), Err(Reason::AmountSize));
        assert_eq!(i64::read("9223372036854775807", 0), Ok(i64::MAX));
        assert_eq!(i64::read("twelve", 2), Err(Reason::Amount));
    }

    #[cfg(feature = "csv")]
    #[test]
    fn what_is_no_finite_number_is_refused_with_the_reason() {
        assert_eq!(f64::read("NaN", 2), Err(Reason::AmountSize));
        assert_eq!(f64::read("1e400", 2), Err(Reason::AmountSize));
        assert_eq!(f64::read("1,5", 2), Err(Reason::Amount));
        assert_eq!(Decimal::read("NaN", 2), Err(Reason::AmountSize));
        assert_eq!(Decimal::read("-inf", 2), Err(Reason::AmountSize));
        assert_eq!(Decimal::read("99999999999999999999999999999999", 2), Err(Reason::AmountSize));
        assert_eq!(Decimal::read("0.00000000000000000000000000000001", 2), Err(Reason::AmountSize));
        assert_eq!(Decimal::read("1,5", 2), Err(Reason::Amount));
        assert_eq!(Decimal::read("", 2), Err(Reason::Amount));
        assert_eq!(Decimal::read("29.33", 2), Ok(Decimal::new(2_933, 2)));
        assert_eq!(Decimal::read("1_000", 2), Err(Reason::Amount));
        assert_eq!(Decimal::read("1e5", 2), Ok(Decimal::new(100_000, 0)));
        assert_eq!(Decimal::read("1.25E-2", 2), Ok(Decimal::new(125, 4)));
        assert_eq!(Decimal::read("1.5e-40", 2), Err(Reason::AmountSize));
        assert_eq!(i64::read("1e3", 2), Ok(100_000));
    }
}

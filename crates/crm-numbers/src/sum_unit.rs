//! Exact sums over a column of amounts.

use std::marker::PhantomData;

use crate::{Amount, InputError, OverflowError, check};

/// The step in which the sums of one column are counted, so that they are exact and do not depend
/// on the order.
///
/// `f64` addition rounds at every step, so the same amounts in another order give another sum, and
/// a customer may change class by it. Counting in whole steps of one unit avoids that: an amount is
/// `count` units, sums are `i128`.
///
/// | column | unit | exact while |
/// |---|---|---|
/// | `i32`, `u32`, `i64` | 1 | always |
/// | [`Decimal`] | the finest decimal place in the column | n x largest amount has at most 37 digits in that place |
/// | `f64` | a power of two | the amounts are multiples of largest x n / 2^125 |
///
/// Where a column is wider than that, amounts are cut (towards zero) at a unit of about the total /
/// 2^125, far below anything that the type itself can tell apart in a sum.
///
/// [`Decimal`]: rust_decimal::Decimal
///
/// ```
/// use crm_numbers::SumUnit;
///
/// // As f64: 0.1 + 0.2 + 0.3 = 0.6000000000000001, but 0.3 + 0.2 + 0.1 = 0.6.
/// let amounts = [0.1, 0.2, 0.3];
/// let unit = SumUnit::of("revenue", &amounts)?;
/// let total: i128 = amounts.iter().map(|&amount| unit.count(amount)).sum();
/// let back: i128 = amounts.iter().rev().map(|&amount| unit.count(amount)).sum();
/// assert_eq!(total, back);
/// assert_eq!(unit.sum("revenue", total)?, 0.6);
/// # Ok::<(), crm_numbers::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumUnit<T> {
    exponent: i32,
    amounts: PhantomData<T>,
}

impl<T: Amount> SumUnit<T> {
    /// The unit for sums over `amounts`; `field` is the column's name in an error.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for NaN or an infinity.
    pub fn of(field: &'static str, amounts: &[T]) -> Result<Self, InputError> {
        check::amounts(field, amounts)?;
        Ok(Self { exponent: T::exponent(amounts), amounts: PhantomData })
    }

    /// How many units an amount of the column is.
    ///
    /// An amount far larger than any of the column's is counted as the largest `i128`.
    #[must_use]
    #[inline]
    pub fn count(self, amount: T) -> i128 {
        amount.to_units(self.exponent)
    }

    /// The amount nearest to a number of units; one too large for the type is its largest.
    #[must_use]
    pub fn amount(self, units: i128) -> T {
        T::from_units(units, self.exponent)
    }

    /// What `units` stand for as an `f64`, for means and ratios; one too large for `f64` is its
    /// largest.
    #[must_use]
    pub fn to_f64(self, units: i128) -> f64 {
        T::to_real(units, self.exponent)
    }

    /// The sum that `units` stand for, rounded once if the type cannot show it exactly.
    ///
    /// # Errors
    ///
    /// [`InputError::Overflow`] when the type cannot hold a number of that size.
    pub fn sum(self, field: &'static str, units: i128) -> Result<T::Sum, InputError> {
        let overflow = || OverflowError::new(field, T::to_real(units, self.exponent));
        Ok(T::to_sum(units, self.exponent).ok_or_else(overflow)?)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn total<T: Amount>(amounts: &[T]) -> T::Sum {
        let unit = SumUnit::of("amounts", amounts).unwrap();
        unit.sum("amounts", amounts.iter().map(|&amount| unit.count(amount)).sum()).unwrap()
    }

    #[test]
    fn whole_numbers_add_up_beyond_their_type() {
        assert_eq!(total(&[i64::MAX, i64::MAX]), 2 * i128::from(i64::MAX));
        assert_eq!(total(&[i64::MIN, i64::MIN]), 2 * i128::from(i64::MIN));
        assert_eq!(total(&[u32::MAX, 1]), 1 << 32);
    }

    #[test]
    fn floats_add_up_without_rounding() {
        // Left to right 1e16 + 1 + 1 - 1e16 is 0; the sum is 2.
        assert_eq!(total(&[1e16, 1.0, 1.0, -1e16]), 2.0);
        assert_eq!(total(&[0.1; 10]), 1.0);
        assert_eq!(total(&[f64::from_bits(1), f64::from_bits(2)]), f64::from_bits(3));
        assert_eq!(total(&[-0.0, 0.0]), 0.0);
        assert_eq!(total::<f64>(&[]), 0.0);
        assert_eq!(total(&[f64::MAX]), f64::MAX);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_named() {
        let unit = SumUnit::of("spend", &[Decimal::MAX; 2]).unwrap();
        let twice = unit.count(Decimal::MAX) * 2;
        assert_eq!(
            unit.sum("spend", twice).unwrap_err().to_string(),
            "spend, about 1.5845632502852868e29, is too large or too fine for its type"
        );
        assert_eq!([unit.amount(twice), unit.amount(-twice)], [Decimal::MAX, Decimal::MIN]);
        let unit = SumUnit::of("spend", &[f64::MAX; 2]).unwrap();
        let twice = unit.count(f64::MAX) * 2;
        assert!(
            matches!(unit.sum("spend", twice), Err(InputError::Overflow(error)) if error.approximately == f64::MAX)
        );
        assert_eq!([unit.amount(twice), unit.amount(-twice)], [f64::MAX, f64::MIN]);
    }

    #[test]
    fn a_wide_column_is_cut_far_below_its_total() {
        let unit = SumUnit::of("spend", &[1e300, 1e-300]).unwrap();
        assert_eq!(unit.count(1e-300), 0);
        assert_eq!(unit.amount(unit.count(1e300)), 1e300);
        assert_eq!(unit.amount(unit.count(-1e300)), -1e300);
        let third = Decimal::ONE / Decimal::from(3);
        let amounts = [third, Decimal::from(1_000_000_000_000_i64)];
        assert_eq!(total(&amounts), amounts[0] + amounts[1]);
        // 29 digits before the point and 28 behind it do not fit 127 bits together.
        assert_eq!(total(&[third, Decimal::MAX]), Decimal::MAX);
    }

    #[test]
    fn an_amount_beyond_the_column_saturates() {
        let unit = SumUnit::of("spend", &[1.0]).unwrap();
        assert_eq!(unit.count(1e300), i128::MAX);
        assert_eq!(unit.count(-1e300), -i128::MAX);
        let unit = SumUnit::of("spend", &[Decimal::new(1, 28)]).unwrap();
        assert_eq!(unit.count(Decimal::MAX), i128::MAX);
    }

    #[test]
    fn units_read_as_plain_numbers() {
        let money = SumUnit::of("spend", &[Decimal::new(1250, 2)]).unwrap();
        assert_eq!((money.to_f64(1250), money.amount(1250)), (12.5, Decimal::new(1250, 2)));
        assert_eq!(SumUnit::of("spend", &[7_i64]).unwrap().to_f64(-3), -3.0);
        let real = SumUnit::of("spend", &[0.75]).unwrap();
        assert_eq!(real.to_f64(real.count(0.75) * 2), 1.5);
    }

    #[test]
    fn scales_of_decimals_do_not_matter() {
        let amounts = [Decimal::new(100, 2), Decimal::new(10, 1), Decimal::ONE, Decimal::new(5, 3)];
        let unit = SumUnit::of("spend", &amounts).unwrap();
        assert_eq!(amounts.map(|amount| unit.count(amount)), [1000, 1000, 1000, 5]);
        assert_eq!(total(&amounts), Decimal::new(3005, 3));
        let negative = SumUnit::of("spend", &[Decimal::new(-25, 1)]).unwrap();
        assert_eq!(negative.count(Decimal::new(-25, 1)), -25);
    }

    #[test]
    fn infinity_is_refused_by_name() {
        let refused = SumUnit::of("spend", &[1.0, f64::INFINITY]).unwrap_err();
        assert_eq!(refused.to_string(), "spend[1] must be finite, got inf");
    }
}

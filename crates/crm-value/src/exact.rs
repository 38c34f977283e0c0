//! The only place where decimals meet: every sum, product and quotient is checked and names its term.
//!
//! A sum or product is computed by [`Decimal`] as long as nothing is lost, which its scale shows,
//! and by [`Big`] otherwise: exact on the way, rounded once at the end.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::big::Big;
use crate::{Error, Share};

#[cold]
fn overflow(term: &'static str, left: Decimal, sign: &str, right: Decimal) -> Error {
    Error::Overflow { term, operation: format!("{left} {sign} {right}") }
}

/// The number itself; zero without a sign.
#[inline]
pub(crate) fn unsigned_zero(mut number: Decimal) -> Decimal {
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number
}

/// The opposite number, which of zero is zero.
#[inline]
pub(crate) fn opposite(number: Decimal) -> Decimal {
    unsigned_zero(-number)
}

/// The sum, where no digit is lost.
#[inline]
fn lossless_sum(left: Decimal, right: Decimal) -> Option<Decimal> {
    let sum = left.checked_add(right)?;
    let whole = sum.scale() == left.scale().max(right.scale()) || left.is_zero() || right.is_zero();
    whole.then(|| unsigned_zero(sum))
}

/// The product, where no digit is lost.
#[inline]
fn lossless_product(left: Decimal, right: Decimal) -> Option<Decimal> {
    if left.is_zero() || right.is_zero() {
        return Some(Decimal::ZERO);
    }
    left.checked_mul(right).filter(|product| product.scale() == left.scale() + right.scale())
}

#[inline]
pub(crate) fn add(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    lossless_sum(left, right)
        .or_else(|| Big::from(left).plus(right.into()).to_decimal())
        .ok_or_else(|| overflow(term, left, "+", right))
}

#[inline]
pub(crate) fn sub(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    lossless_sum(left, -right)
        .or_else(|| Big::from(left).plus(Big::from(right).negated()).to_decimal())
        .ok_or_else(|| overflow(term, left, "-", right))
}

#[inline]
pub(crate) fn mul(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    lossless_product(left, right)
        .or_else(|| Big::product(&[left, right]).to_decimal())
        .ok_or_else(|| overflow(term, left, "x", right))
}

#[inline]
pub(crate) fn div(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    match left.checked_div(right) {
        Some(quotient) => Ok(unsigned_zero(quotient)),
        None if right.is_zero() => Err(Error::DivisionByZero { term, dividend: left.to_string() }),
        None => Err(overflow(term, left, "/", right)),
    }
}

/// A sum of amounts and products in the making: exact, however long it becomes on the way.
#[derive(Clone)]
pub(crate) struct Sum {
    short: Decimal,
    /// The sum instead of `short` from the first digit on that was too many.
    long: Option<Big>,
}

impl Sum {
    pub(crate) const ZERO: Self = Self { short: Decimal::ZERO, long: None };

    pub(crate) fn of(first: Decimal) -> Self {
        Self { short: first, long: None }
    }

    #[must_use]
    #[inline]
    pub(crate) fn plus(mut self, amount: Decimal) -> Self {
        self.add(amount);
        self
    }

    #[must_use]
    #[inline]
    pub(crate) fn minus(self, amount: Decimal) -> Self {
        self.plus(-amount)
    }

    #[must_use]
    #[inline]
    pub(crate) fn plus_product(self, factors: &[Decimal]) -> Self {
        match short_product(factors) {
            Some(product) => self.plus(product),
            None => self.plus_long(Big::product(factors)),
        }
    }

    #[must_use]
    #[inline]
    pub(crate) fn minus_product(self, factors: &[Decimal]) -> Self {
        match short_product(factors) {
            Some(product) => self.minus(product),
            None => self.plus_long(Big::product(factors).negated()),
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, amount: Decimal) {
        if self.long.is_none()
            && let Some(sum) = lossless_sum(self.short, amount)
        {
            self.short = sum;
            return;
        }
        let sum = std::mem::replace(self, Self::ZERO);
        *self = sum.plus_long(amount.into());
    }

    #[cold]
    fn plus_long(self, amount: Big) -> Self {
        let sum = self.long.unwrap_or_else(|| self.short.into());
        Self { short: Decimal::ZERO, long: Some(sum.plus(amount)) }
    }

    /// Whether the sum, before it is rounded, is above, at or below zero.
    pub(crate) fn sign(&self) -> Ordering {
        self.long.as_ref().map_or_else(|| self.short.cmp(&Decimal::ZERO), Big::sign)
    }

    /// The sum, rounded to the nearest number that fits.
    #[inline]
    pub(crate) fn total(&self, term: &'static str) -> Result<Decimal, Error> {
        match &self.long {
            None => Ok(unsigned_zero(self.short)),
            Some(sum) => fit(term, sum),
        }
    }
}

#[cold]
fn fit(term: &'static str, number: &Big) -> Result<Decimal, Error> {
    number.to_decimal().ok_or_else(|| Error::Overflow { term, operation: number.to_string() })
}

#[inline]
fn short_product(factors: &[Decimal]) -> Option<Decimal> {
    factors.iter().try_fold(Decimal::ONE, |product, factor| lossless_product(product, *factor))
}

/// The sum of any number of terms, 0 of none.
pub(crate) fn sum(term: &'static str, terms: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Error> {
    let mut sum = Sum::ZERO;
    terms.into_iter().for_each(|next| sum.add(next));
    sum.total(term)
}

/// The product of any number of factors, 1 of none.
pub(crate) fn product(term: &'static str, factors: &[Decimal]) -> Result<Decimal, Error> {
    short_product(factors).map_or_else(|| fit(term, &Big::product(factors)), Ok)
}

/// One plus a rate.
pub(crate) fn one_plus(term: &'static str, rate: Decimal) -> Result<Decimal, Error> {
    add(term, Decimal::ONE, rate)
}

/// A number of things as a decimal.
pub(crate) fn count(number: usize) -> Decimal {
    Decimal::from(number as u64)
}

/// How many customers are the top share of so many, rounded up.
pub(crate) fn top_of(customers: usize, top: Share) -> Result<usize, Error> {
    // A share of a count has at most 28 decimals and is rounded only if it has more digits than that.
    let size = mul("number of top customers", count(customers), top.get())?.ceil();
    Ok(u64::try_from(size).ok().and_then(|size| usize::try_from(size).ok()).unwrap_or(customers))
}

/// Refuses columns of different length.
pub(crate) fn check_length(
    (field, got): (&'static str, usize),
    (other, expected): (&'static str, usize),
) -> Result<(), Error> {
    if got == expected { Ok(()) } else { Err(Error::Length { field, other, expected, got }) }
}

/// A formula applied to every row of a column; an error says in which row.
pub(crate) fn rows<T, U>(
    items: impl ExactSizeIterator<Item = T>,
    formula: impl Fn(T) -> Result<U, Error>,
) -> Result<Vec<U>, Error> {
    let mut answers = Vec::with_capacity(items.len());
    for (row, item) in items.enumerate() {
        answers.push(formula(item).map_err(|error| error.in_row(row))?);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_fit_is_named() {
        let text = |result: Result<Decimal, Error>| result.unwrap_err().to_string();
        let (max, two) = (Decimal::MAX, Decimal::TWO);
        assert_eq!(text(mul("revenue", max, two)), format!("revenue must stay below 7.9e28, got {max} x 2"));
        assert_eq!(text(add("cost", max, max)), format!("cost must stay below 7.9e28, got {max} + {max}"));
        assert_eq!(text(sub("gap", -max, two)), format!("gap must stay below 7.9e28, got -{max} - 2"));
        let tenth = Decimal::new(1, 1);
        assert_eq!(text(div("mean", max, tenth)), format!("mean must stay below 7.9e28, got {max} / 0.1"));
        let none = div("mean", two, Decimal::ZERO);
        assert_eq!(text(none), "mean must not be divided by zero, got 2 / 0");
    }

    #[test]
    fn zero_has_no_sign() {
        let zero = |result: Result<Decimal, Error>| assert_eq!(result.unwrap().to_string(), "0");
        zero(sub("a", Decimal::ZERO, Decimal::ZERO));
        zero(add("a", -Decimal::ZERO, -Decimal::ZERO));
        zero(mul("a", -Decimal::ONE, Decimal::ZERO));
        zero(div("a", Decimal::ZERO, -Decimal::ONE));
        zero(Sum::ZERO.minus(Decimal::ZERO).total("a"));
        zero(Sum::of(-Decimal::ZERO).total("a"));
        zero(Sum::of(-Decimal::ZERO).minus_product(&[Decimal::ZERO, Decimal::ONE]).total("a"));
        assert_eq!(opposite(Decimal::ZERO).to_string(), "0");
        let finest = Decimal::from_i128_with_scale(-1, 28);
        zero(div("a", finest, Decimal::MAX));
    }

    #[test]
    fn what_is_exact_is_not_rounded_on_the_way() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let finest = number("0.0000000000000000000000000001");
        let max = Decimal::MAX;
        // Neither the digits nor the size of what is between the ends matter.
        assert_eq!(sum("a", [max, finest, -max]), Ok(finest));
        assert_eq!(sum("a", [max, max, -max]), Ok(max));
        assert_eq!(product("a", &[max, max, Decimal::ZERO]), Ok(Decimal::ZERO));
        let small = number("0.00000000000000000001");
        assert_eq!(product("a", &[small, small]), Ok(Decimal::ZERO));
        assert_eq!(product("a", &[small, small, number("100000000000000000000")]), Ok(small));
        let parts = Sum::of(max).plus_product(&[max, max]).minus_product(&[max, max]).minus(max);
        assert_eq!(parts.sign(), Ordering::Equal);
        assert_eq!(parts.clone().minus(finest).sign(), Ordering::Less);
        assert_eq!(parts.plus(finest).total("a"), Ok(finest));
        assert_eq!(Sum::of(finest).sign(), Ordering::Greater);
        let text = sum("total", [max, max]).unwrap_err().to_string();
        assert_eq!(text, "total must stay below 7.9e28, got 1.58e29");
        let text = product("total", &[max, -max]).unwrap_err().to_string();
        assert_eq!(text, "total must stay below 7.9e28, got -6.27e57");
    }

    #[test]
    fn what_does_not_fit_28_digits_is_rounded_to_the_nearest_that_does() {
        let near = Decimal::from_i128_with_scale(79_228_162_514_264_337_593_543_950_334, 0);
        assert_eq!(add("sum", near, Decimal::new(6, 1)).unwrap(), Decimal::MAX);
        let tiny = Decimal::from_i128_with_scale(7, 28);
        assert_eq!(mul("product", tiny, Decimal::new(1, 1)).unwrap(), Decimal::from_i128_with_scale(1, 28));
        assert_eq!(mul("product", tiny, tiny).unwrap(), Decimal::ZERO);
        let third = div("third", Decimal::ONE, Decimal::from(3)).unwrap();
        assert_eq!(third.to_string(), "0.3333333333333333333333333333");
        let two_thirds = div("two thirds", Decimal::TWO, Decimal::from(3)).unwrap();
        assert_eq!(two_thirds.to_string(), "0.6666666666666666666666666667");
    }

    /// Any 96 bits, sign and scale; few bits as well, whose products end in a five.
    fn number() -> impl Strategy<Value = Decimal> {
        let digits =
            prop_oneof![any::<[u32; 3]>(), (any::<u32>(), 0_u32..8).prop_map(|(low, high)| [low, high, 0])];
        (digits, any::<bool>(), 0..=28_u32).prop_map(|([low, middle, high], negative, scale)| {
            Decimal::from_parts(low, middle, high, negative, scale)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Sums, differences and products are those of whole numbers of any length, rounded once;
        /// whether they are computed there or by decimals makes no difference.
        #[test]
        fn every_sum_and_product_is_rounded_once(one in number(), other in number()) {
            let (long, long_other) = (Big::from(one), Big::from(other));
            prop_assert_eq!(add("a", one, other).ok(), long.clone().plus(long_other.clone()).to_decimal());
            prop_assert_eq!(sub("a", one, other).ok(), long.clone().plus(long_other.clone().negated()).to_decimal());
            let times = long.times(&long_other).to_decimal();
            prop_assert_eq!(mul("a", one, other).ok(), times);
            prop_assert_eq!(product("a", &[one, other]).ok(), times);
        }
    }
}

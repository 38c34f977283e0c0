//! Formulas over decimals that are written as they stand in a book: exact on the way, rounded once
//! at the end.

use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crm_numbers::text::unsigned_zero;
use crm_numbers::{Decimal, InputError, Margin, NonNegative, Probability, Share};

use crate::big::Big;
use crate::{Error, Rate};

/// A number in the making, or the first failure on the way to it.
///
/// Sums, differences and products are exact, however long they become: [`Decimal`] computes them as
/// long as no digit is lost, which its scale shows, and [`Big`] from then on. A quotient is that of
/// its two sides, each rounded once. [`Expr::value`] rounds the result once and gives a failure its
/// name.
#[derive(Clone)]
pub(crate) enum Expr {
    Short(Decimal),
    Long(Box<Big>),
    Failed(Box<Failure>),
}

use Expr::{Failed, Long, Short};

/// A computation that failed, and its term.
#[derive(Clone)]
pub(crate) struct Failure {
    /// `None` until the term that contains it is named.
    term: Option<&'static str>,
    fault: Fault,
}

#[derive(Clone)]
enum Fault {
    TooLong { operation: String },
    DivisionByZero { dividend: String },
}

/// Starts a formula.
#[inline]
pub(crate) fn exact(number: impl Into<Expr>) -> Expr {
    number.into()
}

impl Expr {
    pub(crate) const ONE: Self = Short(Decimal::ONE);

    /// Rounds a part of a formula to the nearest decimal, and names the failures in it.
    #[inline]
    pub(crate) fn named(self, term: &'static str) -> Self {
        match self {
            Short(_) => self,
            other => other.rounded().map_or_else(|failure| Failed(failure.within(term)), Short),
        }
    }

    /// Returns the number, rounded to the nearest decimal.
    #[inline]
    pub(crate) fn value(self, term: &'static str) -> Result<Decimal, Error> {
        match self {
            Short(number) => Ok(unsigned_zero(number)),
            other => other.rounded().map_err(|failure| failure.into_error(term)),
        }
    }

    /// Returns the number so far, rounded to the nearest decimal, and goes on with the exact one.
    #[inline]
    pub(crate) fn so_far(&self, term: &'static str) -> Result<Decimal, Error> {
        match self {
            Short(number) => Ok(unsigned_zero(*number)),
            other => other.clone().value(term),
        }
    }

    /// Returns the number as one of a bounded type, to which it belongs by its formula.
    #[inline]
    pub(crate) fn bounded<T>(self, term: &'static str) -> Result<T, Error>
    where
        T: TryFrom<Decimal, Error = InputError>,
    {
        Ok(T::try_from(self.value(term)?)?)
    }

    /// Returns whether the number, before it is rounded, is below 0.
    pub(crate) fn is_negative(&self) -> bool {
        match self {
            Short(number) => *number < Decimal::ZERO,
            Long(number) => number.sign() == Ordering::Less,
            Failed(_) => false,
        }
    }

    fn rounded(self) -> Result<Decimal, Box<Failure>> {
        match self {
            Short(number) => Ok(number),
            Long(number) => number.to_decimal().map(unsigned_zero).ok_or_else(|| {
                Box::new(Failure { term: None, fault: Fault::TooLong { operation: number.to_string() } })
            }),
            Failed(failure) => Err(failure),
        }
    }

    fn long(self) -> Result<Big, Box<Failure>> {
        match self {
            Short(number) => Ok(number.into()),
            Long(number) => Ok(*number),
            Failed(failure) => Err(failure),
        }
    }

    #[cold]
    fn by_big(self, other: Self, operation: impl FnOnce(Big, Big) -> Big) -> Self {
        match (self.long(), other.long()) {
            (Ok(left), Ok(right)) => Long(Box::new(operation(left, right))),
            (Err(failure), _) | (_, Err(failure)) => Failed(failure),
        }
    }

    #[cold]
    fn quotient(self, other: Self) -> Self {
        match (self.rounded(), other.rounded()) {
            (Ok(left), Ok(right)) => match left.checked_div(right) {
                Some(quotient) => Short(quotient),
                None if right.is_zero() => {
                    Failed(Failure::new(Fault::DivisionByZero { dividend: left.to_string() }))
                }
                None => Failed(Failure::new(Fault::TooLong { operation: format!("{left} / {right}") })),
            },
            (Err(failure), _) | (_, Err(failure)) => Failed(failure),
        }
    }
}

impl Failure {
    fn new(fault: Fault) -> Box<Self> {
        Box::new(Self { term: None, fault })
    }

    fn within(mut self: Box<Self>, term: &'static str) -> Box<Self> {
        self.term.get_or_insert(term);
        self
    }

    #[cold]
    fn into_error(self, term: &'static str) -> Error {
        let term = self.term.unwrap_or(term);
        match self.fault {
            Fault::TooLong { operation } => Error::Overflow { term, operation },
            Fault::DivisionByZero { dividend } => Error::DivisionByZero { term, dividend },
        }
    }
}

/// The sum, where no digit is lost.
#[inline]
fn lossless_sum(left: Decimal, right: Decimal) -> Option<Decimal> {
    let sum = left.checked_add(right)?;
    let whole = sum.scale() == left.scale().max(right.scale()) || left.is_zero() || right.is_zero();
    whole.then_some(sum)
}

/// The product, where no digit is lost.
#[inline]
fn lossless_product(left: Decimal, right: Decimal) -> Option<Decimal> {
    if left.is_zero() || right.is_zero() {
        return Some(Decimal::ZERO);
    }
    left.checked_mul(right).filter(|product| product.scale() == left.scale() + right.scale())
}

impl<T: Into<Expr>> Add<T> for Expr {
    type Output = Self;

    #[inline]
    fn add(self, other: T) -> Self {
        let other = other.into();
        if let (Short(left), Short(right)) = (&self, &other)
            && let Some(sum) = lossless_sum(*left, *right)
        {
            return Short(sum);
        }
        self.by_big(other, Big::plus)
    }
}

impl<T: Into<Self>> AddAssign<T> for Expr {
    #[inline]
    fn add_assign(&mut self, other: T) {
        *self = std::mem::replace(self, Short(Decimal::ZERO)) + other;
    }
}

impl<T: Into<Expr>> Sub<T> for Expr {
    type Output = Self;

    #[inline]
    fn sub(self, other: T) -> Self {
        self + -other.into()
    }
}

impl<T: Into<Expr>> Mul<T> for Expr {
    type Output = Self;

    #[inline]
    fn mul(self, other: T) -> Self {
        let other = other.into();
        if let (Short(left), Short(right)) = (&self, &other)
            && let Some(product) = lossless_product(*left, *right)
        {
            return Short(product);
        }
        self.by_big(other, |left, right| left.times(&right))
    }
}

impl<T: Into<Expr>> Div<T> for Expr {
    type Output = Self;

    #[inline]
    fn div(self, other: T) -> Self {
        let other = other.into();
        if let (Short(left), Short(right)) = (&self, &other)
            && let Some(quotient) = left.checked_div(*right)
        {
            return Short(quotient);
        }
        self.quotient(other)
    }
}

impl Neg for Expr {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        match self {
            Short(number) => Short(-number),
            Long(number) => Long(Box::new(number.negated())),
            Failed(failure) => Failed(failure),
        }
    }
}

impl<T: Into<Self>> Sum<T> for Expr {
    fn sum<I: Iterator<Item = T>>(terms: I) -> Self {
        terms.fold(Short(Decimal::ZERO), |sum, term| sum + term)
    }
}

impl From<&Self> for Expr {
    fn from(formula: &Self) -> Self {
        formula.clone()
    }
}

impl From<&Decimal> for Expr {
    fn from(number: &Decimal) -> Self {
        Short(*number)
    }
}

impl From<usize> for Expr {
    fn from(count: usize) -> Self {
        Short(Decimal::from(count as u64))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Expr {
            #[inline]
            fn from(number: $number) -> Self {
                Short(number.into())
            }
        }
    )*};
}

numbers!(Decimal, u32, u64, i64, Share, Probability, Margin, NonNegative, Rate);

/// Returns `part / whole` where the whole is above 0; of anything else there are no shares.
pub(crate) fn share_of(term: &'static str, part: Decimal, whole: Decimal) -> Result<Option<Decimal>, Error> {
    (whole > Decimal::ZERO).then(|| (exact(part) / whole).value(term)).transpose()
}

/// Refuses a stored figure that is not the one that follows from the figures beside it.
#[cfg(feature = "serde")]
pub(crate) fn follows(
    name: &'static str,
    got: impl Into<Option<Decimal>>,
    expected: impl Into<Option<Decimal>>,
) -> Result<(), InputError> {
    use crm_numbers::{EmptyError, UnreadableError, check};
    match (got.into(), expected.into()) {
        (None, None) => Ok(()),
        (Some(got), Some(expected)) => check::range(name, got, expected..=expected).map(|_| ()),
        (None, Some(_)) => Err(EmptyError::new(name).into()),
        (Some(got), None) => Err(UnreadableError::new(name, "absent", got.to_string()).into()),
    }
}

/// Applies a formula to every row of a column; an error says in which row.
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

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_failure_names_its_term() {
        let text = |formula: Expr, term| formula.value(term).unwrap_err().to_string();
        let (max, two) = (Decimal::MAX, Decimal::TWO);
        assert_eq!(text(exact(max) * two, "revenue"), "revenue exceeds 7.9e28: 1.58e29");
        assert_eq!(text(exact(max) + max, "cost"), "cost exceeds 7.9e28: 1.58e29");
        assert_eq!(text(exact(-max) - two, "gap"), "gap exceeds 7.9e28: -7.92e28");
        assert_eq!(text(exact(max) / number("0.1"), "mean"), format!("mean exceeds 7.9e28: {max} / 0.1"));
        assert_eq!(text(exact(two) / Decimal::ZERO, "mean"), "mean is undefined: 2 / 0");
        assert_eq!(text(exact(max) * -max, "total"), "total exceeds 7.9e28: -6.27e57");
    }

    #[test]
    fn the_first_failure_and_the_innermost_name_are_told() {
        let text = |formula: Expr| formula.value("outer").unwrap_err().to_string();
        let ratio = || (exact(Decimal::TWO) / Decimal::ZERO).named("ratio");
        assert_eq!(text(ratio() + Decimal::ONE), "ratio is undefined: 2 / 0");
        assert_eq!(text(ratio() / Decimal::ZERO), "ratio is undefined: 2 / 0");
        assert_eq!(text(exact(Decimal::ONE) / Decimal::ZERO * ratio()), "outer is undefined: 1 / 0");
        assert_eq!(text(-ratio()), "ratio is undefined: 2 / 0");
        assert!(!ratio().is_negative());
        let large = (exact(Decimal::MAX) * Decimal::TWO).named("large");
        assert_eq!(text(large - Decimal::MAX), "large exceeds 7.9e28: 1.58e29");
    }

    #[test]
    fn zero_has_no_sign() {
        let zero = |formula: Expr| assert_eq!(formula.value("a").unwrap().to_string(), "0");
        zero(exact(Decimal::ZERO) - Decimal::ZERO);
        zero(exact(-Decimal::ZERO) + -Decimal::ZERO);
        zero(exact(-Decimal::ONE) * Decimal::ZERO);
        zero(exact(Decimal::ZERO) / -Decimal::ONE);
        zero(exact(-Decimal::ZERO));
        zero(-exact(Decimal::ZERO));
        zero(exact(-Decimal::ZERO) - exact(Decimal::ZERO) * Decimal::ONE);
        zero(exact(Decimal::from_i128_with_scale(-1, 28)) / Decimal::MAX);
    }

    #[test]
    fn what_is_exact_is_not_rounded_on_the_way() {
        let finest = number("0.0000000000000000000000000001");
        let max = Decimal::MAX;
        // Neither the digits nor the size of what is between the ends matter.
        assert_eq!([max, finest, -max].iter().sum::<Expr>().value("a"), Ok(finest));
        assert_eq!([max, max, -max].iter().sum::<Expr>().value("a"), Ok(max));
        assert_eq!((exact(max) * max * Decimal::ZERO).value("a"), Ok(Decimal::ZERO));
        let small = number("0.00000000000000000001");
        assert_eq!((exact(small) * small).value("a"), Ok(Decimal::ZERO));
        assert_eq!((exact(small) * small * number("100000000000000000000")).value("a"), Ok(small));
        let parts = || exact(max) + exact(max) * max - exact(max) * max - max;
        assert!(!parts().is_negative() && !(-parts()).is_negative());
        assert!((parts() - finest).is_negative());
        assert_eq!((parts() + finest).value("a"), Ok(finest));
        assert!(!exact(finest).is_negative() && exact(-finest).is_negative());
    }

    #[test]
    fn what_does_not_fit_28_digits_is_rounded_to_the_nearest_that_does() {
        let value = |formula: Expr| formula.value("a").unwrap();
        let near = Decimal::from_i128_with_scale(79_228_162_514_264_337_593_543_950_334, 0);
        assert_eq!(value(exact(near) + Decimal::new(6, 1)), Decimal::MAX);
        let tiny = Decimal::from_i128_with_scale(7, 28);
        assert_eq!(value(exact(tiny) * Decimal::new(1, 1)), Decimal::from_i128_with_scale(1, 28));
        assert_eq!(value(exact(tiny) * tiny), Decimal::ZERO);
        assert_eq!(value(Expr::ONE / Decimal::from(3)).to_string(), "0.3333333333333333333333333333");
        assert_eq!(value(exact(Decimal::TWO) / 3_u32).to_string(), "0.6666666666666666666666666667");
    }

    #[test]
    fn bounded_results_go_through_their_gate() {
        assert_eq!(Expr::ONE.bounded("part"), Ok(Share::ONE));
        assert!((-Expr::ONE).bounded::<NonNegative>("cost").is_err());
    }

    /// Any 96 bits, sign and scale; few bits as well, whose products end in a five.
    fn any_number() -> impl Strategy<Value = Decimal> {
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
        fn every_sum_and_product_is_rounded_once(one in any_number(), other in any_number()) {
            let (long, long_other) = (Big::from(one), Big::from(other));
            let value = |formula: Expr| formula.value("a").ok();
            prop_assert_eq!(value(exact(one) + other), long.clone().plus(long_other.clone()).to_decimal());
            prop_assert_eq!(value(exact(one) - other), long.clone().plus(long_other.clone().negated()).to_decimal());
            prop_assert_eq!(value(exact(one) * other), long.times(&long_other).to_decimal());
        }
    }
}

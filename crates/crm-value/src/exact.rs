//! The only place where decimals meet: every sum, product and quotient is checked and names its term.

use rust_decimal::Decimal;

use crate::{Error, Share};

#[cold]
fn overflow(term: &'static str, left: Decimal, sign: &str, right: Decimal) -> Error {
    Error::Overflow { term, operation: format!("{left} {sign} {right}") }
}

#[inline]
pub(crate) fn add(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_add(right).ok_or_else(|| overflow(term, left, "+", right))
}

#[inline]
pub(crate) fn sub(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_sub(right).ok_or_else(|| overflow(term, left, "-", right))
}

#[inline]
pub(crate) fn mul(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_mul(right).ok_or_else(|| overflow(term, left, "x", right))
}

#[inline]
pub(crate) fn div(term: &'static str, left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    match left.checked_div(right) {
        Some(quotient) => Ok(quotient),
        None if right.is_zero() => Err(Error::DivisionByZero { term, dividend: left.to_string() }),
        None => Err(overflow(term, left, "/", right)),
    }
}

/// The sum of any number of terms, 0 of none.
pub(crate) fn sum(term: &'static str, terms: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Error> {
    terms.into_iter().try_fold(Decimal::ZERO, |sum, next| add(term, sum, next))
}

/// The product of any number of factors, 1 of none.
pub(crate) fn product(
    term: &'static str,
    factors: impl IntoIterator<Item = Decimal>,
) -> Result<Decimal, Error> {
    factors.into_iter().try_fold(Decimal::ONE, |product, next| mul(term, product, next))
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
}

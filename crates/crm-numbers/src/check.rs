//! Checks of inputs, each with the error that names what is wrong.
//!
//! # Examples
//!
//! ```
//! use crm_numbers::check;
//!
//! assert_eq!(check::range("recency", 3.0, 0.0..=5.0)?, 3.0);
//! let refused = check::range_of_all("weights", &[1.0, f64::NAN], 0.0..).unwrap_err();
//! assert_eq!(refused.to_string(), "weights[1] must be at least 0 and finite, got NaN");
//! # Ok::<(), crm_numbers::InputError>(())
//! ```

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::{Bound, RangeBounds};

use crate::{Amount, DuplicateError, EmptyError, IndexError, InputError, LengthError, Number, RangeError};

/// Bounds for values greater than `low`.
pub fn above<T>(low: T) -> (Bound<T>, Bound<T>) {
    (Bound::Excluded(low), Bound::Unbounded)
}

/// Bounds for values between `low` and `high`, both excluded.
pub fn strictly_between<T>(low: T, high: T) -> (Bound<T>, Bound<T>) {
    (Bound::Excluded(low), Bound::Excluded(high))
}

/// Bounds for values greater than `low` and at most `high`.
pub fn above_to<T>(low: T, high: T) -> (Bound<T>, Bound<T>) {
    (Bound::Excluded(low), Bound::Included(high))
}

/// Returns the value if it is finite and within the bounds.
///
/// # Errors
///
/// [`InputError::Range`] names the input, the value and the bounds.
#[inline]
pub fn range<T: Copy + PartialOrd + Into<Number>>(
    name: impl Into<Cow<'static, str>>,
    value: T,
    bounds: impl RangeBounds<T>,
) -> Result<T, InputError> {
    if bounds.contains(&value) && value.into().is_finite() {
        Ok(value)
    } else {
        Err(RangeError::new(name, value, bounds).into())
    }
}

/// Checks that every value of a list is finite and within the bounds.
///
/// # Errors
///
/// [`InputError::Range`] names the list, the index of the first offending value, and the value.
#[inline]
pub fn range_of_all<T: Copy + PartialOrd + Into<Number>>(
    name: impl Into<Cow<'static, str>>,
    values: &[T],
    bounds: impl RangeBounds<T>,
) -> Result<(), InputError> {
    let offends = |value: &T| !bounds.contains(value) || !(*value).into().is_finite();
    match values.iter().enumerate().find(|(_, value)| offends(value)) {
        None => Ok(()),
        Some((index, value)) => Err(RangeError::new(name, *value, bounds).at(index).into()),
    }
}

/// Checks that every value of a list is finite.
///
/// # Errors
///
/// [`InputError::Range`] names the list, the index of the first offending value, and the value.
#[inline]
pub fn finite(name: impl Into<Cow<'static, str>>, values: &[f64]) -> Result<(), InputError> {
    range_of_all(name, values, ..)
}

/// Checks that every amount of a list is finite.
///
/// # Errors
///
/// [`InputError::Range`] names the list, the index of the first offending amount, and the amount.
#[inline]
pub fn amounts<A: Amount>(name: impl Into<Cow<'static, str>>, amounts: &[A]) -> Result<(), InputError> {
    match amounts.iter().enumerate().find(|(_, amount)| !amount.is_finite()) {
        None => Ok(()),
        Some((index, amount)) => Err(RangeError::new::<f64>(name, amount.to_f64(), ..).at(index).into()),
    }
}

/// Checks that every amount of a list is finite and at least 0.
///
/// # Errors
///
/// [`InputError::Range`] names the list, the index of the first offending amount, and the amount.
#[inline]
pub fn amounts_not_negative<A: Amount>(
    name: impl Into<Cow<'static, str>>,
    amounts: &[A],
) -> Result<(), InputError> {
    let offends = |amount: &A| *amount < A::ZERO || !amount.is_finite();
    match amounts.iter().enumerate().find(|(_, amount)| offends(amount)) {
        None => Ok(()),
        Some((index, amount)) => Err(RangeError::new(name, amount.to_f64(), 0.0..).at(index).into()),
    }
}

/// Checks that a list has as many items as another one; `name` is the plural of its items.
///
/// # Errors
///
/// [`InputError::Length`] names the items and both numbers.
#[inline]
pub fn length(name: impl Into<Cow<'static, str>>, got: usize, expected: usize) -> Result<(), InputError> {
    if got == expected { Ok(()) } else { Err(LengthError::new(name, expected, got).into()) }
}

/// Returns the index if it is less than the number of items; `name` is the plural of the items.
///
/// # Errors
///
/// [`InputError::Index`] names the items, the index and their number.
#[inline]
pub fn index(name: impl Into<Cow<'static, str>>, index: usize, len: usize) -> Result<usize, InputError> {
    if index < len { Ok(index) } else { Err(IndexError::new(name, index, len).into()) }
}

/// Checks that a list has at least one item.
///
/// # Errors
///
/// [`InputError::Empty`] names the list.
#[inline]
pub fn not_empty<T>(name: impl Into<Cow<'static, str>>, items: &[T]) -> Result<(), InputError> {
    if items.is_empty() { Err(EmptyError::new(name).into()) } else { Ok(()) }
}

/// Checks that names are distinct and not empty.
///
/// # Errors
///
/// [`InputError::Empty`] and [`InputError::Duplicate`] name the list and the index.
pub fn names<S: AsRef<str>>(name: impl Into<Cow<'static, str>>, names: &[S]) -> Result<(), InputError> {
    let mut seen = HashSet::with_capacity(names.len());
    for (index, text) in names.iter().map(AsRef::as_ref).enumerate() {
        if text.is_empty() {
            return Err(EmptyError::new(name).at(index).into());
        }
        if !seen.insert(text) {
            return Err(DuplicateError::new(name, text, index).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T: std::fmt::Debug>(result: Result<T, InputError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn ends_count_as_the_bounds_say() {
        assert!(range("x", 0, 0..).is_ok() && range("x", 0, above(0)).is_err());
        assert!(range("x", 1.0, above_to(0.0, 1.0)).is_ok());
        assert!(range("x", 1.0, strictly_between(0.0, 1.0)).is_err());
        assert_eq!(text(range("x", f64::INFINITY, 0.0..)), "x must be at least 0 and finite, got inf");
        assert_eq!(text(range("x", f64::NAN, ..=2.0)), "x must be at most 2 and finite, got NaN");
    }

    #[test]
    fn the_first_offender_is_named() {
        assert!(range_of_all("x", &[0, 3, 5], 0..=5).is_ok() && finite("x", &[]).is_ok());
        assert_eq!(text(range_of_all("x", &[0, 9, -1], 0..=5)), "x[1] must be between 0 and 5, got 9");
        assert_eq!(text(finite("x", &[0.0, f64::NAN])), "x[1] must be finite, got NaN");
    }

    #[test]
    fn lengths_indices_and_names() {
        assert!(
            length("days", 2, 2).is_ok() && index("days", 1, 2).is_ok() && not_empty("days", &[1]).is_ok()
        );
        assert_eq!(text(length("days", 3, 2)), "expected 2 days, got 3");
        assert_eq!(text(index("days", 2, 2)), "index 2 is out of range for 2 days");
        assert_eq!(text(not_empty::<u8>("days", &[])), "days must not be empty");
        assert!(names("columns", &["a", "b"]).is_ok());
        assert_eq!(text(names("columns", &["a", ""])), "columns[1] must not be empty");
        assert_eq!(text(names("columns", &["a", "b", "a"])), r#"columns[2] repeats "a""#);
    }
}

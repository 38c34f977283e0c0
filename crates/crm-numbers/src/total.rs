//! Exact running sums.

use std::fmt;

use crate::Amount;
use crate::amount::sealed::Counted;

/// A running sum of amounts that is exact, in whatever order they come.
///
/// Sums of whole numbers and decimals are exact or refused; sums of `f64` are exact inside and
/// rounded once, in [`Total::value`].
///
/// # Examples
///
/// ```
/// use crm_numbers::Total;
///
/// let mut total = Total::default();
/// for amount in [1e16, 1.0, 1.0, -1e16] {
///     total.add(amount).unwrap();
/// }
/// assert_eq!(total.value(), 2.0); // As plain f64, from left to right: 0.
/// ```
#[derive(Clone, PartialEq)]
pub struct Total<A: Amount>(<A as Counted>::Running);

impl<A: Amount> Total<A> {
    /// Adds an amount, or returns `None` and stays the same if the sum would not be exact.
    #[must_use = "the amount is not added if the sum would not be exact"]
    #[inline]
    pub fn add(&mut self, amount: A) -> Option<()> {
        amount.add_to(&mut self.0)
    }

    /// Adds another sum, or returns `None` and stays the same if the result would not be exact.
    #[must_use = "the sum is not added if the result would not be exact"]
    #[inline]
    pub fn merge(&mut self, other: &Self) -> Option<()> {
        A::merge(&mut self.0, &other.0)
    }

    /// Returns the difference of two sums, or `None` if it would not be exact.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        A::minus(&self.0, &other.0).map(Self)
    }

    /// Returns the sum, for `f64` the nearest number to it.
    #[must_use]
    #[inline]
    pub fn value(&self) -> A {
        A::value(&self.0)
    }
}

impl<A: Amount> Default for Total<A> {
    fn default() -> Self {
        Self(Default::default())
    }
}

impl<A: Amount> fmt::Debug for Total<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Total").field(&crate::text::Plain(&self.value())).finish()
    }
}

/// Writes amounts that add up to the sum exactly: for `f64` often more than one.
#[cfg(feature = "serde")]
impl<A: Amount + serde::Serialize> serde::Serialize for Total<A> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        A::parts(&self.0).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, A: Amount + serde::Deserialize<'de>> serde::Deserialize<'de> for Total<A> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut total = Self::default();
        for part in Vec::<A>::deserialize(deserializer)? {
            let added = Some(part).filter(|part| part.is_summable()).and_then(|part| total.add(part));
            added.ok_or_else(|| serde::de::Error::custom(format!("a sum cannot include {part}")))?;
        }
        Ok(total)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the sums asserted are exact")]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn total<A: Amount>(amounts: &[A]) -> Option<A> {
        let mut total = Total::default();
        amounts.iter().try_for_each(|&amount| total.add(amount))?;
        Some(total.value())
    }

    #[test]
    fn a_decimal_sum_is_exact_or_refused() {
        let tiny = Decimal::new(1, 28);
        assert_eq!(total(&[Decimal::MAX, tiny]), None, "57 digits do not fit");
        assert_eq!(total(&[Decimal::new(1_234, 2), Decimal::new(5, 3)]), Some(Decimal::new(12_345, 3)));
        assert_eq!(total(&[Decimal::MAX, Decimal::new(0, 5)]), Some(Decimal::MAX), "0.00000 adds nothing");
    }

    #[test]
    fn whole_numbers_do_not_wrap() {
        assert_eq!(total(&[i64::MAX, 1]), None);
        assert_eq!(total(&[u32::MAX, 1]), None);
        assert_eq!(total(&[i64::MAX, -1]), Some(i64::MAX - 1));
    }

    #[test]
    fn a_refused_amount_leaves_the_sum_as_it_was() {
        let mut sum = Total::default();
        assert_eq!(sum.add(i64::MAX), Some(()));
        assert_eq!(sum.add(1), None);
        assert_eq!(sum.value(), i64::MAX);
        assert_eq!(sum.merge(&sum.clone()), None);
        assert_eq!(sum.value(), i64::MAX);
        assert_eq!(sum.minus(&sum).map(|rest| rest.value()), Some(0));
        assert_eq!(format!("{sum:?}"), format!("Total({})", i64::MAX));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_stored_sum_keeps_every_bit() {
        let mut sum = Total::default();
        [1e16, 1.0, 1e-20].iter().for_each(|&amount| sum.add(amount).unwrap());
        let text = serde_json::to_string(&sum).unwrap();
        let mut back: Total<f64> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, sum, "{text}");
        [-1e16, -1.0].iter().for_each(|&amount| back.add(amount).unwrap());
        assert_eq!(back.value(), 1e-20);
        assert!(serde_json::from_str::<Total<f64>>("[1e300]").is_err());
        assert!(serde_json::from_str::<Total<i64>>(&format!("[{}, 1]", i64::MAX)).is_err());
    }
}

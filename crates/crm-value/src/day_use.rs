//! Prices per day of use, which look small for long-lived goods (时间分解).

use crm_numbers::Decimal;

use crate::Error;
use crate::exact::exact;

/// Returns the price per day of use, `price / days of life`.
///
/// # Errors
///
/// [`Error::DivisionByZero`] for a life of no day.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, price_per_day};
///
/// assert_eq!(price_per_day(Decimal::from(7_300), 10 * 365)?, Decimal::TWO);
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn price_per_day(price: Decimal, days: u32) -> Result<Decimal, Error> {
    (exact(price) / days).value("price per day of use")
}

/// Returns the price per additional day of use of the second good, `(price 2 - price 1) / (life 2 -
/// life 1)`, with lives in days.
///
/// It is below 0 if the good with the longer life is also the cheaper one.
///
/// # Errors
///
/// [`Error::DivisionByZero`] where both last equally long, [`Error::Overflow`].
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, price_per_extra_day};
///
/// // 1 000 more for 3 years more.
/// let daily = price_per_extra_day((Decimal::from(3_000), 5 * 365), (Decimal::from(4_000), 8 * 365))?;
/// assert_eq!(daily.round_dp(2), Decimal::new(91, 2));
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn price_per_extra_day(first: (Decimal, u32), second: (Decimal, u32)) -> Result<Decimal, Error> {
    let more = exact(second.0) - first.0;
    let longer = i64::from(second.1) - i64::from(first.1);
    (more / longer).value("price per extra day of use")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_of_no_difference_are_named() {
        let text = price_per_day(Decimal::from(5), 0).unwrap_err().to_string();
        assert_eq!(text, "price per day of use is undefined: 5 / 0");
        assert!(price_per_extra_day((Decimal::ONE, 9), (Decimal::TWO, 9)).is_err());
        assert_eq!(price_per_extra_day((Decimal::TEN, 9), (Decimal::ZERO, 4)), Ok(Decimal::TWO));
    }
}

//! Prices by the day of use: the same price looks small beside a long life (时间分解).

use rust_decimal::Decimal;

use crate::{Error, exact};

/// What a day of use costs: `price / days of life`.
///
/// ```
/// use crm_value::{Decimal, price_per_day};
///
/// assert_eq!(price_per_day(Decimal::from(7_300), 10 * 365)?, Decimal::TWO);
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::DivisionByZero`] for a life of no day.
pub fn price_per_day(price: Decimal, days: u32) -> Result<Decimal, Error> {
    exact::div("price per day of use", price, days.into())
}

/// What each day costs that the dearer good lasts longer: `(price 2 - price 1) / (life 2 - life 1)`, lives in days.
///
/// Below 0 where the longer life is also the cheaper one.
///
/// ```
/// use crm_value::{Decimal, price_per_extra_day};
///
/// // 1 000 more for 3 years more.
/// let daily = price_per_extra_day((Decimal::from(3_000), 5 * 365), (Decimal::from(4_000), 8 * 365))?;
/// assert_eq!(daily.round_dp(2), Decimal::new(91, 2));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::DivisionByZero`] where both last equally long, [`Error::Overflow`].
pub fn price_per_extra_day(first: (Decimal, u32), second: (Decimal, u32)) -> Result<Decimal, Error> {
    const TERM: &str = "price per extra day of use";
    let more = exact::sub(TERM, second.0, first.0)?;
    let longer = i64::from(second.1) - i64::from(first.1);
    exact::div(TERM, more, longer.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_of_no_difference_are_named() {
        let text = price_per_day(Decimal::from(5), 0).unwrap_err().to_string();
        assert_eq!(text, "price per day of use must not be divided by zero, got 5 / 0");
        assert!(price_per_extra_day((Decimal::ONE, 9), (Decimal::TWO, 9)).is_err());
        assert_eq!(price_per_extra_day((Decimal::TEN, 9), (Decimal::ZERO, 4)), Ok(Decimal::TWO));
    }
}

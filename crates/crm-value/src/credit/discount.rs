use std::fmt;

use crm_numbers::{Decimal, InputError, TimeUnit, check};

use crate::exact::{Expr, exact};
use crate::{DayCount, Error, Rate, Share};

/// A discount for early payment: 2/10 net 30 is 2 % within 10 days, otherwise the full amount
/// within 30.
///
/// For the buyer it is the price of trade credit (商业信用): a buyer who forgoes the discount borrows
/// for `N - n` days at the yearly rate `d / (1 - d) x days of the year / (N - n)`. For the seller
/// it is the cost of earlier payment.
///
/// # Examples
///
/// ```
/// use crm_value::{CashDiscount, DayCount, Decimal, TimeUnit, Rate, Share};
///
/// let offer = CashDiscount::new(Share::percent(2)?, 10, 30)?;
/// let yearly = offer.yearly_cost(DayCount::Days360)?;
/// assert_eq!(yearly.get().round_dp(4), Decimal::new(3_673, 4)); // 0.02 / 0.98 x 360 / 20
/// assert!(offer.worth_taking(Rate::percent(TimeUnit::Year, 12)?, DayCount::Days360)?);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct CashDiscount {
    discount: Share,
    discount_days: u32,
    net_days: u32,
}

crm_numbers::gate!(CashDiscount, CashDiscount::checked);

impl CashDiscount {
    /// Creates a discount d for payment within n days instead of N.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for a discount of everything, and unless n < N.
    pub fn new(discount: Share, discount_days: u32, net_days: u32) -> Result<Self, Error> {
        Ok(Self { discount, discount_days, net_days }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::range("discount", self.discount.get(), ..Decimal::ONE)?;
        check::range("net days", self.net_days, check::above(self.discount_days))?;
        Ok(self)
    }

    /// Returns the discount.
    #[must_use]
    pub fn discount(&self) -> Share {
        self.discount
    }

    /// Returns the number of days within which the discount is granted.
    #[must_use]
    pub fn discount_days(&self) -> u32 {
        self.discount_days
    }

    /// Returns the number of days after which the full amount is due.
    #[must_use]
    pub fn net_days(&self) -> u32 {
        self.net_days
    }

    /// Returns the yearly cost of forgoing the discount: a simple rate, as in the literature, not
    /// compounded.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn yearly_cost(&self, day_count: DayCount) -> Result<Rate, Error> {
        let lent_days = self.net_days - self.discount_days;
        let rate = exact(self.discount) * day_count.days() / ((Expr::ONE - self.discount) * lent_days);
        let rate = rate.value("yearly cost of a forgone discount")?;
        Rate::unbounded(TimeUnit::Year, rate)
    }

    /// Returns whether it pays to borrow at a yearly rate in order to take the discount.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless the rate is yearly, [`Error::Overflow`].
    pub fn worth_taking(&self, borrowing: Rate, day_count: DayCount) -> Result<bool, Error> {
        let borrowing = borrowing.expect("borrowing rate", TimeUnit::Year)?;
        Ok(self.yearly_cost(day_count)?.get() > borrowing.get())
    }
}

/// Writes the offer as `2/10 net 30`.
impl fmt::Display for CashDiscount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.discount.get() * Decimal::ONE_HUNDRED).normalize();
        write!(f, "{percent}/{} net {}", self.discount_days, self.net_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_that_are_none_are_refused() {
        let text = CashDiscount::new(Share::ONE, 10, 30).unwrap_err().to_string();
        assert_eq!(text, "discount must be less than 1, got 1");
        let text = CashDiscount::new(Share::ZERO, 30, 30).unwrap_err().to_string();
        assert_eq!(text, "net days must be greater than 30, got 30");
    }

    #[test]
    fn who_gets_nothing_off_pays_nothing_for_waiting() {
        let offer = CashDiscount::new(Share::ZERO, 0, u32::MAX).unwrap();
        assert_eq!(offer.yearly_cost(DayCount::Days365).unwrap().get(), Decimal::ZERO);
        assert!(!offer.worth_taking(Rate::zero(TimeUnit::Year), DayCount::Days365).unwrap());
        assert_eq!(CashDiscount::new(Share::percent(2).unwrap(), 10, 30).unwrap().to_string(), "2/10 net 30");
    }
}

use std::fmt;

use rust_decimal::Decimal;

use crate::{DayCount, Error, Period, Rate, Share, exact};

/// A discount for paying early: 2/10 net 30 is two per cent within 10 days, else the whole after 30.
///
/// For the buyer it is the price of trade credit (商业信用): who lets the discount go borrows for `N - n` days at
/// `d / (1 - d) x days of the year / (N - n)`. For the seller it is what money early costs.
///
/// ```
/// use crm_value::{CashDiscount, DayCount, Decimal, Period, Rate, Share};
///
/// let offer = CashDiscount::new(Share::percent(2)?, 10, 30)?;
/// let yearly = offer.yearly_cost(DayCount::Days360)?;
/// assert_eq!(yearly.get().round_dp(4), Decimal::new(3_673, 4)); // 0.02 / 0.98 x 360 / 20
/// assert!(offer.worth_taking(Rate::percent(Period::Year, 12)?, DayCount::Days360)?);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct CashDiscount {
    discount: Share,
    discount_days: u32,
    net_days: u32,
}

impl CashDiscount {
    /// A discount d for paying within n days instead of N.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a discount of everything, and unless n < N.
    pub fn new(discount: Share, discount_days: u32, net_days: u32) -> Result<Self, Error> {
        if discount == Share::ONE {
            return Err(Error::out_of_range("discount", "be below 1", discount));
        }
        if net_days <= discount_days {
            return Err(Error::out_of_range("net days", "be more than the days of the discount", net_days));
        }
        Ok(Self { discount, discount_days, net_days })
    }

    /// The discount.
    #[must_use]
    pub fn discount(&self) -> Share {
        self.discount
    }

    /// Within how many days it is granted.
    #[must_use]
    pub fn discount_days(&self) -> u32 {
        self.discount_days
    }

    /// When the whole is due.
    #[must_use]
    pub fn net_days(&self) -> u32 {
        self.net_days
    }

    /// The yearly cost of letting it go: a simple rate, as the literature states it, not compounded.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn yearly_cost(&self, day_count: DayCount) -> Result<Rate, Error> {
        const TERM: &str = "yearly cost of a forgone discount";
        let above = exact::mul(TERM, self.discount.get(), day_count.days())?;
        let rest = exact::sub(TERM, Decimal::ONE, self.discount.get())?;
        let days = self.net_days - self.discount_days;
        let rate = exact::div(TERM, above, exact::mul(TERM, rest, days.into())?)?;
        Rate::unbounded(Period::Year, rate)
    }

    /// Whether it pays to borrow at that yearly rate in order to take the discount.
    ///
    /// # Errors
    /// [`Error::Period`] unless the rate is yearly, [`Error::Overflow`].
    pub fn worth_taking(&self, borrowing: Rate, day_count: DayCount) -> Result<bool, Error> {
        let borrowing = borrowing.expect("borrowing rate", Period::Year)?;
        Ok(self.yearly_cost(day_count)?.get() > borrowing.get())
    }
}

/// `2/10 net 30`.
impl fmt::Display for CashDiscount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.discount.get() * Decimal::ONE_HUNDRED).normalize();
        write!(f, "{percent}/{} net {}", self.discount_days, self.net_days)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    discount: Share,
    discount_days: u32,
    net_days: u32,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for CashDiscount {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.discount, stored.discount_days, stored.net_days)
    }
}

#[cfg(feature = "serde")]
impl From<CashDiscount> for Stored {
    fn from(discount: CashDiscount) -> Self {
        let CashDiscount { discount, discount_days, net_days } = discount;
        Self { discount, discount_days, net_days }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_that_are_none_are_refused() {
        let text = CashDiscount::new(Share::ONE, 10, 30).unwrap_err().to_string();
        assert_eq!(text, "discount must be below 1, got 1");
        let text = CashDiscount::new(Share::ZERO, 30, 30).unwrap_err().to_string();
        assert_eq!(text, "net days must be more than the days of the discount, got 30");
    }

    #[test]
    fn who_gets_nothing_off_pays_nothing_for_waiting() {
        let offer = CashDiscount::new(Share::ZERO, 0, u32::MAX).unwrap();
        assert_eq!(offer.yearly_cost(DayCount::Days365).unwrap().get(), Decimal::ZERO);
        assert!(!offer.worth_taking(Rate::zero(Period::Year), DayCount::Days365).unwrap());
        assert_eq!(CashDiscount::new(Share::percent(2).unwrap(), 10, 30).unwrap().to_string(), "2/10 net 30");
    }
}

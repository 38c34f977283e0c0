//! The cost of winning and keeping customers, and the time until it is paid back.

use std::cmp::Ordering;

use crm_numbers::Decimal;

use crate::exact::exact;
use crate::{Breakdown, Error, NonNegative};

/// The cost of winning new customers: customer acquisition cost, CAC.
///
/// # Formula
///
/// `(advertising + promotion) / new customers`
///
/// # Examples
///
/// ```
/// use crm_value::AcquisitionCost;
///
/// let cost = AcquisitionCost { advertising: 60_000.into(), promotion: 30_000.into(), new_customers: 450 };
/// assert_eq!(cost.per_customer()?, 200.into());
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AcquisitionCost {
    /// Spending on advertising.
    pub advertising: NonNegative,
    /// Spending on promotion.
    pub promotion: NonNegative,
    /// Number of customers won.
    pub new_customers: u64,
}

impl AcquisitionCost {
    /// Returns the cost per new customer.
    ///
    /// # Errors
    ///
    /// [`Error::DivisionByZero`] without new customers, [`Error::Overflow`].
    pub fn per_customer(&self) -> Result<NonNegative, Error> {
        ((exact(self.advertising) + self.promotion) / self.new_customers).bounded("acquisition cost")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`AcquisitionCost::per_customer`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("acquisition cost")
            .plus("advertising", self.advertising.get())
            .plus("promotion", self.promotion.get())
            .over("new customers", self.new_customers.into());
        Ok(terms.equals("cost of one new customer", self.per_customer()?.get()))
    }
}

/// The cost of keeping customers: retention cost.
///
/// # Formula
///
/// `spent on retention / customers kept`
///
/// # Examples
///
/// ```
/// use crm_value::RetentionCost;
///
/// let cost = RetentionCost { spent: 60_000.into(), customers_kept: 1_500 };
/// assert_eq!(cost.per_customer()?, 40.into());
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RetentionCost {
    /// Spending on service, loyalty and winning back.
    pub spent: NonNegative,
    /// Number of customers who stayed.
    pub customers_kept: u64,
}

impl RetentionCost {
    /// Returns the cost per customer kept.
    ///
    /// # Errors
    ///
    /// [`Error::DivisionByZero`] without customers kept.
    pub fn per_customer(&self) -> Result<NonNegative, Error> {
        (exact(self.spent) / self.customers_kept).bounded("retention cost")
    }
}

/// The average customer's past revenue less acquisition and retention cost: cost-benefit CLV.
///
/// # Formula
///
/// `(revenue - acquisition - retention) / customers`
///
/// # Examples
///
/// ```
/// use crm_value::{CostBenefitValue, Decimal};
///
/// let value = CostBenefitValue {
///     revenue: Decimal::from(500_000),
///     acquisition: 90_000.into(),
///     retention: 60_000.into(),
///     customers: 1_000,
/// };
/// assert_eq!(value.per_customer()?, Decimal::from(350));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CostBenefitValue {
    /// Revenue of the customers.
    pub revenue: Decimal,
    /// Acquisition cost of the customers.
    pub acquisition: NonNegative,
    /// Retention cost of the customers.
    pub retention: NonNegative,
    /// Number of customers.
    pub customers: u64,
}

crm_numbers::debug!(CostBenefitValue { revenue, acquisition, retention, customers });

impl CostBenefitValue {
    /// Returns CLV per customer.
    ///
    /// # Errors
    ///
    /// [`Error::DivisionByZero`] without customers, [`Error::Overflow`].
    pub fn per_customer(&self) -> Result<Decimal, Error> {
        let left = exact(self.revenue) - self.acquisition - self.retention;
        (left / self.customers).value("cost-benefit CLV")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`CostBenefitValue::per_customer`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("cost-benefit CLV")
            .note("revenue", self.revenue)
            .minus("acquisition", self.acquisition.get())
            .minus("retention", self.retention.get())
            .over("customers", self.customers.into());
        Ok(terms.equals("CLV", self.per_customer()?))
    }
}

/// The time until the acquisition cost of a customer is paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum Payback {
    /// Number of periods, with a fraction because the margin comes in evenly. [`payback`] rounds it
    /// up in its last digit, so that the cost is covered by then.
    After(NonNegative),
    /// The customer earns nothing, so that the cost is never paid back.
    Never,
}

impl Payback {
    /// Returns the number of whole periods until the cost is covered; `None` for never.
    #[must_use]
    pub fn whole_periods(self) -> Option<Decimal> {
        match self {
            Self::After(periods) => Some(periods.get().ceil()),
            Self::Never => None,
        }
    }
}

/// Returns the time until the acquisition cost of a customer is paid back, `acquisition cost /
/// margin per period`.
///
/// # Errors
///
/// [`Error::Overflow`].
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Payback, payback};
///
/// assert_eq!(payback(200.into(), Decimal::from(40))?, Payback::After(5.into()));
/// assert_eq!(payback(200.into(), Decimal::ZERO)?, Payback::Never);
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn payback(acquisition_cost: NonNegative, margin_per_period: Decimal) -> Result<Payback, Error> {
    const TERM: &str = "payback time";
    if acquisition_cost == NonNegative::ZERO {
        return Ok(Payback::After(NonNegative::ZERO));
    }
    if margin_per_period <= Decimal::ZERO {
        return Ok(Payback::Never);
    }
    let periods = (exact(acquisition_cost) / margin_per_period).value(TERM)?;
    let falls_short = (exact(periods) * margin_per_period - acquisition_cost).is_negative();
    let covered = if falls_short { next_up(periods) } else { Some(periods) };
    let covered = covered.ok_or_else(|| Error::Overflow {
        term: TERM,
        operation: format!("{acquisition_cost} / {margin_per_period}"),
    })?;
    Ok(Payback::After(NonNegative::new(covered)?))
}

/// The next number above a number that is not below 0, as fine as decimals are there.
fn next_up(number: Decimal) -> Option<Decimal> {
    let mut fine = number;
    fine.rescale(Decimal::MAX_SCALE);
    let (mantissa, scale) = (fine.mantissa(), fine.scale());
    let next = |mantissa: i128, scale| Decimal::try_from_i128_with_scale(mantissa + 1, scale).ok();
    // The largest of 96 bits has its next neighbor one place higher.
    next(mantissa, scale).or_else(|| next(mantissa / 10, scale.checked_sub(1)?))
}

/// Returns the ratio of lifetime value to acquisition cost, CLV : CAC. A common rule of thumb asks
/// for 3.
///
/// # Errors
///
/// [`Error::DivisionByZero`] for a cost of 0, [`Error::Overflow`].
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, clv_to_cac};
///
/// assert_eq!(clv_to_cac(Decimal::from(350), 200.into())?, Decimal::new(175, 2));
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn clv_to_cac(clv: Decimal, acquisition_cost: NonNegative) -> Result<Decimal, Error> {
    (exact(clv) / acquisition_cost).value("CLV : CAC")
}

/// The cheaper choice: keeping a customer or winning another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cheaper {
    /// Keeping costs less.
    Keep,
    /// Winning costs less.
    Win,
    /// Both cost the same.
    Neither,
}

crm_numbers::names! {
    Cheaper, "choice" {
        Keep = "keep",
        Win = "win",
        Neither = "neither",
    }
}

/// A comparison of the cost of keeping a customer with the cost of winning one.
///
/// # Examples
///
/// ```
/// use crm_value::{Cheaper, KeepOrWin};
///
/// let costs = KeepOrWin { keep: 40.into(), win: 200.into() };
/// assert_eq!(costs.win_to_keep()?, KeepOrWin::RULE_OF_THUMB);
/// assert_eq!((costs.cheaper(), costs.saved()), (Cheaper::Keep, 160.into()));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct KeepOrWin {
    /// Cost of keeping a customer: [`RetentionCost::per_customer`].
    pub keep: NonNegative,
    /// Cost of winning a customer: [`AcquisitionCost::per_customer`].
    pub win: NonNegative,
}

impl KeepOrWin {
    /// The published rule of thumb: winning costs five times as much as keeping.
    pub const RULE_OF_THUMB: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

    /// Returns the cheaper choice.
    #[must_use]
    pub fn cheaper(&self) -> Cheaper {
        match self.keep.cmp(&self.win) {
            Ordering::Less => Cheaper::Keep,
            Ordering::Greater => Cheaper::Win,
            Ordering::Equal => Cheaper::Neither,
        }
    }

    /// Returns the difference between the two costs.
    #[must_use]
    pub fn saved(&self) -> NonNegative {
        // Neither is below 0, so that the difference is no larger than they are.
        let (most, least) = (self.win.max(self.keep), self.win.min(self.keep));
        (exact(most) - least).bounded("saving").unwrap_or(most)
    }

    /// Returns `cost to win / cost to keep`, to be compared with [`KeepOrWin::RULE_OF_THUMB`].
    ///
    /// # Errors
    ///
    /// [`Error::DivisionByZero`] where keeping costs nothing, [`Error::Overflow`].
    pub fn win_to_keep(&self) -> Result<Decimal, Error> {
        (exact(self.win) / self.keep).value("cost to win / cost to keep")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`KeepOrWin::win_to_keep`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("keep or win")
            .note("cost to win", self.win)
            .over("cost to keep", self.keep.get())
            .note("rule of thumb", Self::RULE_OF_THUMB);
        Ok(terms.equals("win / keep", self.win_to_keep()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_an_error_by_name() {
        let nobody =
            AcquisitionCost { advertising: 5.into(), promotion: NonNegative::ZERO, new_customers: 0 };
        let text = nobody.per_customer().unwrap_err().to_string();
        assert_eq!(text, "acquisition cost is undefined: 5 / 0");
        let none = NonNegative::ZERO;
        let nobody =
            CostBenefitValue { revenue: Decimal::ONE, acquisition: none, retention: none, customers: 0 };
        let text = nobody.per_customer().unwrap_err().to_string();
        assert_eq!(text, "cost-benefit CLV is undefined: 1 / 0");
        assert!(RetentionCost { spent: 5.into(), customers_kept: 0 }.per_customer().is_err());
        assert!(clv_to_cac(Decimal::ONE, none).is_err());
    }

    #[test]
    fn payback_counts_whole_periods_upwards() {
        let after = |cost: u32, margin: i64| payback(cost.into(), Decimal::from(margin)).unwrap();
        assert_eq!(after(201, 40).whole_periods(), Some(Decimal::from(6)));
        assert_eq!(after(200, -1).whole_periods(), None);
        assert_eq!(after(0, -1), Payback::After(NonNegative::ZERO));
    }

    #[test]
    fn the_cost_is_covered_after_the_whole_periods() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let whole = |cost: &str, margin: &str| {
            payback(NonNegative::new(number(cost)).unwrap(), number(margin)).unwrap().whole_periods().unwrap()
        };
        // 3 and a part of the 29th digit: three periods are not enough.
        assert_eq!(whole("30000000000000000000000000001", "10000000000000000000000000000"), Decimal::from(4));
        assert_eq!(whole("300000000000000000001", "100000000"), number("3000000000001"));
        assert_eq!(whole("0.0000000000000000000000000001", "79228162514264337593543950335"), Decimal::ONE);
        assert_eq!(whole("79228162514264337593543950335", "3"), number("26409387504754779197847983445"));
        assert_eq!(whole("79228162514264337593543950334", "3"), number("26409387504754779197847983445"));
        // 2 / 3 is rounded up, 1 / 3 down.
        assert_eq!([whole("2", "3"), whole("1", "3")], [Decimal::ONE; 2]);
        assert!(payback(NonNegative::new(Decimal::MAX).unwrap(), number("0.9999")).is_err());
    }

    #[test]
    fn the_next_number_is_the_next() {
        let next = |text: &str| next_up(text.parse().unwrap()).map(|next| next.to_string());
        assert_eq!(next("0").as_deref(), Some("0.0000000000000000000000000001"));
        assert_eq!(next("3").as_deref(), Some("3.0000000000000000000000000001"));
        assert_eq!(next("7.9228162514264337593543950335").as_deref(), Some("7.922816251426433759354395034"));
        assert_eq!(next("79228162514264337593543950335"), None);
    }

    #[test]
    fn winning_may_be_cheaper() {
        let costs = KeepOrWin { keep: 50.into(), win: 20.into() };
        assert_eq!((costs.cheaper(), costs.saved()), (Cheaper::Win, 30.into()));
        assert_eq!(KeepOrWin { keep: 1.into(), win: 1.into() }.cheaper(), Cheaper::Neither);
    }
}

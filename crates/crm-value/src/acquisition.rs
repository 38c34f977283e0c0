//! What it costs to win and to keep customers, and when that comes back.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use crate::exact::Sum;
use crate::{Breakdown, Error, NonNegative, exact, text};

/// What one new customer costs: acquisition cost, CAC.
///
/// `(advertising + promotion) / new customers`
///
/// ```
/// use crm_value::{AcquisitionCost, Decimal};
///
/// let cost = AcquisitionCost { advertising: 60_000.into(), promotion: 30_000.into(), new_customers: 450 };
/// assert_eq!(cost.per_customer()?, Decimal::from(200));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AcquisitionCost {
    /// Spent on advertising.
    pub advertising: NonNegative,
    /// Spent on promotion.
    pub promotion: NonNegative,
    /// How many customers were won by it.
    pub new_customers: u64,
}

impl AcquisitionCost {
    /// The cost of one new customer.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] where nobody was won, [`Error::Overflow`].
    pub fn per_customer(&self) -> Result<Decimal, Error> {
        const TERM: &str = "acquisition cost";
        let spent = exact::add(TERM, self.advertising.get(), self.promotion.get())?;
        exact::div(TERM, spent, self.new_customers.into())
    }

    /// The terms by name.
    ///
    /// # Errors
    /// As [`AcquisitionCost::per_customer`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("acquisition cost")
            .plus("advertising", self.advertising.get())
            .plus("promotion", self.promotion.get())
            .over("new customers", self.new_customers.into());
        Ok(terms.equals("cost of one new customer", self.per_customer()?))
    }
}

/// What keeping one customer costs: retention cost.
///
/// `spent on retention / customers kept`
///
/// ```
/// use crm_value::{Decimal, RetentionCost};
///
/// let cost = RetentionCost { spent: 60_000.into(), customers_kept: 1_500 };
/// assert_eq!(cost.per_customer()?, Decimal::from(40));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RetentionCost {
    /// Spent on service, loyalty and winning back.
    pub spent: NonNegative,
    /// How many customers stayed.
    pub customers_kept: u64,
}

impl RetentionCost {
    /// The cost of one customer kept.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] where nobody stayed.
    pub fn per_customer(&self) -> Result<Decimal, Error> {
        exact::div("retention cost", self.spent.get(), self.customers_kept.into())
    }
}

/// What the average customer brought in the end: cost-benefit CLV.
///
/// `(revenue - acquisition - retention) / customers`
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
    /// What the customers paid.
    pub revenue: Decimal,
    /// What winning them cost.
    pub acquisition: NonNegative,
    /// What keeping them cost.
    pub retention: NonNegative,
    /// How many they are.
    pub customers: u64,
}

crate::text::debug!(CostBenefitValue { revenue, acquisition, retention, customers });

impl CostBenefitValue {
    /// CLV of the average customer.
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] without customers, [`Error::Overflow`].
    pub fn per_customer(&self) -> Result<Decimal, Error> {
        const TERM: &str = "cost-benefit CLV";
        let left = Sum::of(self.revenue).minus(self.acquisition.get()).minus(self.retention.get());
        exact::div(TERM, left.total(TERM)?, self.customers.into())
    }

    /// The terms by name.
    ///
    /// # Errors
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

/// When the cost of winning a customer has come back.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Payback {
    /// After so many periods; a part of a period where the margin comes in evenly. [`payback`]
    /// rounds it up in its last digit, so that the cost is covered by then.
    After(Decimal),
    /// Never: the customer earns nothing.
    Never,
}

impl fmt::Debug for Payback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(periods) => f.debug_tuple("After").field(&text::Plain(periods)).finish(),
            Self::Never => f.write_str("Never"),
        }
    }
}

impl Payback {
    /// Whole periods until the cost is covered; `None` for never.
    #[must_use]
    pub fn whole_periods(self) -> Option<Decimal> {
        match self {
            Self::After(periods) => Some(periods.ceil()),
            Self::Never => None,
        }
    }
}

/// How long until a customer has paid back what winning them cost: `acquisition cost / margin of a period`.
///
/// ```
/// use crm_value::{Decimal, Payback, payback};
///
/// assert_eq!(payback(200.into(), Decimal::from(40))?, Payback::After(Decimal::from(5)));
/// assert_eq!(payback(200.into(), Decimal::ZERO)?, Payback::Never);
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::Overflow`].
pub fn payback(acquisition_cost: NonNegative, margin_per_period: Decimal) -> Result<Payback, Error> {
    const TERM: &str = "payback time";
    if acquisition_cost == NonNegative::ZERO {
        Ok(Payback::After(Decimal::ZERO))
    } else if margin_per_period <= Decimal::ZERO {
        Ok(Payback::Never)
    } else {
        let periods = exact::div(TERM, acquisition_cost.get(), margin_per_period)?;
        let paid = Sum::ZERO.plus_product(&[periods, margin_per_period]).minus(acquisition_cost.get());
        if paid.sign() == Ordering::Less { next_up(periods) } else { Some(periods) }
            .map(Payback::After)
            .ok_or_else(|| {
                let operation = format!("{acquisition_cost} / {margin_per_period}");
                Error::Overflow { term: TERM, operation }
            })
    }
}

/// The next number above a number that is not below 0, as fine as decimals are there.
fn next_up(number: Decimal) -> Option<Decimal> {
    let mut fine = number;
    fine.rescale(Decimal::MAX_SCALE);
    let (mantissa, scale) = (fine.mantissa(), fine.scale());
    let next = |mantissa: i128, scale| Decimal::try_from_i128_with_scale(mantissa + 1, scale).ok();
    // The largest of 96 bits has its next neighbour one place higher.
    next(mantissa, scale).or_else(|| next(mantissa / 10, scale.checked_sub(1)?))
}

/// How many times a customer's lifetime value covers what winning them cost: CLV : CAC. A usual rule of thumb wants 3.
///
/// ```
/// use crm_value::{Decimal, clv_to_cac};
///
/// assert_eq!(clv_to_cac(Decimal::from(350), 200.into())?, Decimal::new(175, 2));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::DivisionByZero`] for a cost of 0, [`Error::Overflow`].
pub fn clv_to_cac(clv: Decimal, acquisition_cost: NonNegative) -> Result<Decimal, Error> {
    exact::div("CLV : CAC", clv, acquisition_cost.get())
}

/// What is cheaper: to keep a customer or to win another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Cheaper {
    /// Keeping.
    Keep,
    /// Winning.
    Win,
    /// Both cost the same.
    Neither,
}

/// The cost to keep a customer beside the cost to win one.
///
/// ```
/// use crm_value::{Cheaper, Decimal, KeepOrWin};
///
/// let costs = KeepOrWin { keep: 40.into(), win: 200.into() };
/// assert_eq!(costs.win_to_keep()?, KeepOrWin::RULE_OF_THUMB);
/// assert_eq!((costs.cheaper(), costs.saved()), (Cheaper::Keep, Decimal::from(160)));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct KeepOrWin {
    /// [`RetentionCost::per_customer`].
    pub keep: NonNegative,
    /// [`AcquisitionCost::per_customer`].
    pub win: NonNegative,
}

impl KeepOrWin {
    /// The published rule of thumb: winning costs five times as much as keeping.
    pub const RULE_OF_THUMB: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

    /// Which of the two costs less.
    #[must_use]
    pub fn cheaper(&self) -> Cheaper {
        match self.keep.cmp(&self.win) {
            Ordering::Less => Cheaper::Keep,
            Ordering::Greater => Cheaper::Win,
            Ordering::Equal => Cheaper::Neither,
        }
    }

    /// What the cheaper one saves.
    #[must_use]
    pub fn saved(&self) -> Decimal {
        // Neither is below 0, so that the difference is no larger than they are.
        exact::sub("saving", self.win.get(), self.keep.get()).unwrap_or(Decimal::MAX).abs()
    }

    /// How many times the cost to keep the cost to win is, beside [`KeepOrWin::RULE_OF_THUMB`].
    ///
    /// # Errors
    /// [`Error::DivisionByZero`] where keeping costs nothing, [`Error::Overflow`].
    pub fn win_to_keep(&self) -> Result<Decimal, Error> {
        exact::div("cost to win / cost to keep", self.win.get(), self.keep.get())
    }

    /// The terms by name.
    ///
    /// # Errors
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
        assert_eq!(text, "acquisition cost must not be divided by zero, got 5 / 0");
        let none = NonNegative::ZERO;
        let nobody =
            CostBenefitValue { revenue: Decimal::ONE, acquisition: none, retention: none, customers: 0 };
        let text = nobody.per_customer().unwrap_err().to_string();
        assert_eq!(text, "cost-benefit CLV must not be divided by zero, got 1 / 0");
        assert!(RetentionCost { spent: 5.into(), customers_kept: 0 }.per_customer().is_err());
        assert!(clv_to_cac(Decimal::ONE, none).is_err());
    }

    #[test]
    fn payback_counts_whole_periods_upwards() {
        let after = |cost: u32, margin: i64| payback(cost.into(), Decimal::from(margin)).unwrap();
        assert_eq!(after(201, 40).whole_periods(), Some(Decimal::from(6)));
        assert_eq!(after(200, -1).whole_periods(), None);
        assert_eq!(after(0, -1), Payback::After(Decimal::ZERO));
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
        assert_eq!((costs.cheaper(), costs.saved()), (Cheaper::Win, Decimal::from(30)));
        assert_eq!(KeepOrWin { keep: 1.into(), win: 1.into() }.cheaper(), Cheaper::Neither);
    }
}

//! What customers are expected to earn: whom to develop, whom to let go.

use std::fmt;

use rust_decimal::Decimal;

use crate::discounted::geometric;
use crate::exact::Sum;
use crate::{Breakdown, Error, Margin, NonNegative, Probability, ProfitRanking, Rate, exact};

/// What a customer earns now and can be expected to earn: expected profitability (客户预期盈利能力).
///
/// * current value: `revenue x margin - cost to serve - displaced capacity`
/// * potential value, over t = 1 to `duration` further periods:
///   `sum of p^t ((revenue (1+g)^t + cross-sell) x margin - cost to serve - displaced capacity) / (1+d)^t`
///
/// with p the probability of staying, g growth and d discount. Displaced capacity is what the capacity that this
/// customer takes up would earn with others: a cost.
///
/// ```
/// use crm_value::{Decimal, ExpectedProfit, Margin, Period, Probability, Rate};
///
/// let account = ExpectedProfit::new(Decimal::from(1_000), Margin::percent(30)?, 100.into(), Period::Year)
///     .with_displaced_capacity(50.into())
///     .with_stay(2, Probability::percent(50)?)
///     .with_cross_sell(200.into());
/// assert_eq!(account.current()?, Decimal::from(150)); // 300 - 100 - 50
/// // (1200 x 0.3 - 150) x (0.5 + 0.25)
/// assert_eq!(account.potential()?, Decimal::new(157_5, 1));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct ExpectedProfit {
    revenue: Decimal,
    margin: Margin,
    cost_to_serve: NonNegative,
    displaced_capacity: NonNegative,
    growth: Rate,
    cross_sell: NonNegative,
    duration: u32,
    stay: Probability,
    discount: Rate,
}

crate::text::debug!(ExpectedProfit {
    revenue,
    margin,
    cost_to_serve,
    displaced_capacity,
    growth,
    cross_sell,
    duration,
    stay,
    discount
});

impl ExpectedProfit {
    /// A customer as they are, per period: no growth, no cross-sell, no future, no discount.
    #[must_use]
    pub fn new(revenue: Decimal, margin: Margin, cost_to_serve: NonNegative, period: crate::Period) -> Self {
        Self {
            revenue,
            margin,
            cost_to_serve,
            displaced_capacity: NonNegative::ZERO,
            growth: Rate::zero(period),
            cross_sell: NonNegative::ZERO,
            duration: 0,
            stay: Probability::ONE,
            discount: Rate::zero(period),
        }
    }

    /// What the capacity that the customer takes up would earn with others, per period.
    #[must_use]
    pub fn with_displaced_capacity(self, displaced_capacity: NonNegative) -> Self {
        Self { displaced_capacity, ..self }
    }

    /// How revenue grows.
    ///
    /// # Errors
    /// [`Error::Period`] unless it counts in the customer's period.
    pub fn with_growth(self, growth: Rate) -> Result<Self, Error> {
        Ok(Self { growth: growth.expect("growth", self.growth.period())?, ..self })
    }

    /// What the customer can be sold besides, per period from the next one on.
    #[must_use]
    pub fn with_cross_sell(self, cross_sell: NonNegative) -> Self {
        Self { cross_sell, ..self }
    }

    /// How many further periods count, and the probability of staying for another one.
    #[must_use]
    pub fn with_stay(self, duration: u32, stay: Probability) -> Self {
        Self { duration, stay, ..self }
    }

    /// The discount rate.
    ///
    /// # Errors
    /// [`Error::Period`] unless it counts in the customer's period.
    pub fn with_discount(self, discount: Rate) -> Result<Self, Error> {
        Ok(Self { discount: discount.expect("discount", self.growth.period())?, ..self })
    }

    /// What the customer earns in this period.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn current(&self) -> Result<Decimal, Error> {
        const TERM: &str = "current value";
        let earned = Sum::ZERO.plus_product(&[self.revenue, self.margin.get()]);
        earned.minus(self.cost_to_serve.get()).minus(self.displaced_capacity.get()).total(TERM)
    }

    /// What the customer can be expected to earn in the periods after it.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn potential(&self) -> Result<Decimal, Error> {
        const TERM: &str = "potential value";
        let discounted = exact::one_plus("1 + discount", self.discount.get())?;
        let steady = exact::div(TERM, self.stay.get(), discounted)?;
        let growth = exact::one_plus("1 + growth", self.growth.get())?;
        let grown = exact::div(TERM, exact::mul(TERM, self.stay.get(), growth)?, discounted)?;
        // The sum of q^t from t = 1.
        let sum = |q| exact::mul(TERM, q, geometric::sum(TERM, q, self.duration)?);
        let besides = Sum::ZERO.plus_product(&[self.cross_sell.get(), self.margin.get()]);
        let besides =
            besides.minus(self.cost_to_serve.get()).minus(self.displaced_capacity.get()).total(TERM)?;
        let earned = Sum::ZERO.plus_product(&[self.revenue, self.margin.get(), sum(grown)?]);
        earned.plus_product(&[besides, sum(steady)?]).total(TERM)
    }

    /// current + potential.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Decimal, Error> {
        exact::add("expected profit", self.current()?, self.potential()?)
    }

    /// The terms by name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of(format!("expected profit per {}", self.growth.period()))
            .note("revenue", self.revenue)
            .times("unit margin", self.margin)
            .minus("cost to serve", self.cost_to_serve.get())
            .minus("displaced capacity", self.displaced_capacity.get())
            .note("current value", self.current()?)
            .note("growth rate", self.growth.get())
            .note("cross-sell", self.cross_sell)
            .note("further periods", self.duration)
            .note("probability of staying", self.stay)
            .note("discount rate", self.discount.get())
            .plus("potential value", self.potential()?);
        Ok(terms.equals("expected profit", self.total()?))
    }
}

impl fmt::Display for ExpectedProfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.breakdown() {
            Ok(terms) => terms.fmt(f),
            Err(error) => write!(f, "expected profit: {error}"),
        }
    }
}

/// Current and potential value of every customer, and their ranking by the sum of both.
///
/// ```
/// use crm_value::{Decimal, ExpectedProfit, Margin, Period, Probability, expected_profits};
///
/// let account = |revenue: i64, cost: u32| {
///     let now = ExpectedProfit::new(Decimal::from(revenue), Margin::percent(50)?, cost.into(), Period::Year);
///     Ok::<_, crm_value::Error>(now.with_stay(1, Probability::ONE))
/// };
/// let ranked = expected_profits(&[account(100, 80)?, account(100, 10)?])?;
/// assert_eq!((ranked.current[0], ranked.potential[1]), (Decimal::from(-30), Decimal::from(40)));
/// assert_eq!(ranked.ranking.loss_makers().map(|row| row.customer).collect::<Vec<_>>(), [0]);
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without customers; [`Error::Row`] around what went wrong in a row.
pub fn expected_profits(customers: &[ExpectedProfit]) -> Result<ExpectedProfits, Error> {
    let current = exact::rows(customers.iter(), ExpectedProfit::current)?;
    let potential = exact::rows(customers.iter(), ExpectedProfit::potential)?;
    let both = current.iter().zip(&potential);
    let total =
        exact::rows(both, |(current, potential)| exact::add("expected profit", *current, *potential))?;
    let ranking = ProfitRanking::new(&total)?;
    Ok(ExpectedProfits { current, potential, ranking })
}

/// What customers earn now and later, in the order of the input, and their ranking.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedProfits {
    /// Current values.
    pub current: Vec<Decimal>,
    /// Potential values.
    pub potential: Vec<Decimal>,
    /// The ranking by current + potential value; it names loss-makers.
    pub ranking: ProfitRanking,
}

crate::text::debug!(ExpectedProfits { current, potential, ranking });

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    revenue: Decimal,
    margin: Margin,
    cost_to_serve: NonNegative,
    displaced_capacity: NonNegative,
    growth: Rate,
    cross_sell: NonNegative,
    duration: u32,
    stay: Probability,
    discount: Rate,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for ExpectedProfit {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.revenue, stored.margin, stored.cost_to_serve, stored.growth.period())
            .with_displaced_capacity(stored.displaced_capacity)
            .with_cross_sell(stored.cross_sell)
            .with_stay(stored.duration, stored.stay)
            .with_growth(stored.growth)?
            .with_discount(stored.discount)
    }
}

#[cfg(feature = "serde")]
impl From<ExpectedProfit> for Stored {
    fn from(profit: ExpectedProfit) -> Self {
        let ExpectedProfit { revenue, margin, cost_to_serve, displaced_capacity, growth, .. } = profit;
        let ExpectedProfit { cross_sell, duration, stay, discount, .. } = profit;
        Self {
            revenue,
            margin,
            cost_to_serve,
            displaced_capacity,
            growth,
            cross_sell,
            duration,
            stay,
            discount,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;

    fn account() -> ExpectedProfit {
        ExpectedProfit::new(Decimal::from(100), Margin::percent(50).unwrap(), 20.into(), Period::Year)
    }

    #[test]
    fn without_a_future_there_is_no_potential() {
        assert_eq!(account().potential(), Ok(Decimal::ZERO));
        let leaves = account().with_stay(10, Probability::ZERO);
        assert_eq!((leaves.potential(), leaves.total()), (Ok(Decimal::ZERO), Ok(Decimal::from(30))));
    }

    #[test]
    fn growth_and_discount_take_each_other_out() {
        let ten = Rate::percent(Period::Year, 10).unwrap();
        let both =
            account().with_stay(3, Probability::ONE).with_growth(ten).unwrap().with_discount(ten).unwrap();
        // 50 x 3 - 20 (1/1.1 + 1/1.21 + 1/1.331)
        assert_eq!(both.potential().unwrap().round_dp(4), Decimal::new(1_002_630, 4));
        let monthly = Rate::percent(Period::Month, 1).unwrap();
        assert!(account().with_growth(monthly).is_err() && account().with_discount(monthly).is_err());
    }

    #[test]
    fn a_loss_stays_a_loss() {
        let poor =
            account().with_displaced_capacity(100.into()).with_stay(4, Probability::percent(90).unwrap());
        assert!(poor.current().unwrap() < Decimal::ZERO && poor.potential().unwrap() < Decimal::ZERO);
        assert!(poor.to_string().starts_with("expected profit per year\n  revenue"), "{poor}");
        assert!(expected_profits(&[]).is_err());
    }
}

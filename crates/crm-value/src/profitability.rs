//! Expected profit of customers, now and later.

use std::fmt;

use crm_numbers::{Decimal, TimeUnit};

use crate::discounted::geometric;
use crate::exact::{Expr, exact, rows};
use crate::{Breakdown, Error, Margin, NonNegative, Probability, ProfitRanking, Rate};

/// Current and expected profit of a customer: expected profitability (客户预期盈利能力).
///
/// * current value: `revenue x margin - cost to serve - displaced capacity`
/// * potential value, over t = 1 to `duration` further periods: `sum of p^t ((revenue (1+g)^t +
///   cross-sell) x margin - cost to serve - displaced capacity) / (1+d)^t`
///
/// with p the probability of staying, g growth and d discount. Displaced capacity is a cost: the
/// amount that the capacity used by this customer would earn with others.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, ExpectedProfit, Margin, TimeUnit, Probability, Rate};
///
/// let account = ExpectedProfit::new(Decimal::from(1_000), Margin::percent(30)?, 100.into(), TimeUnit::Year)
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
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
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

crm_numbers::debug!(ExpectedProfit {
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

crm_numbers::gate!(ExpectedProfit, ExpectedProfit::checked);

impl ExpectedProfit {
    /// Creates a customer with revenue, margin and cost per period, without growth, cross-sell,
    /// further periods and discount.
    #[must_use]
    pub fn new(revenue: Decimal, margin: Margin, cost_to_serve: NonNegative, time_unit: TimeUnit) -> Self {
        Self {
            revenue,
            margin,
            cost_to_serve,
            displaced_capacity: NonNegative::ZERO,
            growth: Rate::zero(time_unit),
            cross_sell: NonNegative::ZERO,
            duration: 0,
            stay: Probability::ONE,
            discount: Rate::zero(time_unit),
        }
    }

    /// Sets the amount per period that the capacity used by the customer would earn with others.
    #[must_use]
    pub fn with_displaced_capacity(self, displaced_capacity: NonNegative) -> Self {
        Self { displaced_capacity, ..self }
    }

    /// Sets the growth of revenue.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless it counts in the customer's period.
    pub fn with_growth(self, growth: Rate) -> Result<Self, Error> {
        let growth = growth.expect("growth", self.growth.time_unit())?;
        Ok(Self { growth, ..self })
    }

    /// Sets the additional sales per period, from the next one on.
    #[must_use]
    pub fn with_cross_sell(self, cross_sell: NonNegative) -> Self {
        Self { cross_sell, ..self }
    }

    /// Sets the number of further periods, and the probability of staying for another one.
    #[must_use]
    pub fn with_stay(self, duration: u32, stay: Probability) -> Self {
        Self { duration, stay, ..self }
    }

    /// Returns the discount rate.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless it counts in the customer's period.
    pub fn with_discount(self, discount: Rate) -> Result<Self, Error> {
        Self { discount, ..self }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        self.discount.expect("discount", self.growth.time_unit())?;
        Ok(self)
    }

    /// Returns the profit of this period.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn current(&self) -> Result<Decimal, Error> {
        (exact(self.revenue) * self.margin - self.costs()).value("current value")
    }

    /// Cost to serve and displaced capacity, per period.
    fn costs(&self) -> Expr {
        exact(self.cost_to_serve) + self.displaced_capacity
    }

    /// Returns the expected profit of the further periods.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn potential(&self) -> Result<Decimal, Error> {
        const TERM: &str = "potential value";
        let discounted = (Expr::ONE + self.discount).value("1 + discount")?;
        let growth = (Expr::ONE + self.growth).named("1 + growth");
        // The sum of q^t from t = 1.
        let sum = |q: Expr| {
            let q = q.value(TERM)?;
            Ok::<_, Error>(exact(geometric::sum(TERM, q, self.duration)?) * q)
        };
        let grown = sum(growth * self.stay / discounted)?;
        let steady = sum(exact(self.stay) / discounted)?;
        let besides = exact(self.cross_sell) * self.margin - self.costs();
        (grown * self.revenue * self.margin + steady * besides).value(TERM)
    }

    /// Returns current + potential value.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Decimal, Error> {
        (exact(self.current()?) + self.potential()?).value("expected profit")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of(format!("expected profit per {}", self.growth.time_unit()))
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

/// Computes current and potential value of each customer, and ranks customers by the sum of both.
///
/// # Errors
///
/// [`InputError::Empty`](crate::InputError::Empty) without customers; [`Error::Row`] around what
/// went wrong in a row.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, ExpectedProfit, Margin, TimeUnit, Probability, expected_profits};
///
/// let account = |revenue: i64, cost: u32| {
///     let now = ExpectedProfit::new(Decimal::from(revenue), Margin::percent(50)?, cost.into(), TimeUnit::Year);
///     Ok::<_, crm_value::Error>(now.with_stay(1, Probability::ONE))
/// };
/// let ranked = expected_profits(&[account(100, 80)?, account(100, 10)?])?;
/// assert_eq!((ranked.current[0], ranked.potential[1]), (Decimal::from(-30), Decimal::from(40)));
/// assert_eq!(ranked.ranking.loss_makers().map(|row| row.customer).collect::<Vec<_>>(), [0]);
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn expected_profits(customers: &[ExpectedProfit]) -> Result<ExpectedProfits, Error> {
    let current = rows(customers.iter(), ExpectedProfit::current)?;
    let potential = rows(customers.iter(), ExpectedProfit::potential)?;
    let both = current.iter().zip(&potential);
    let total = rows(both, |(current, potential)| (exact(*current) + potential).value("expected profit"))?;
    let ranking = ProfitRanking::new(&total)?;
    Ok(ExpectedProfits { current, potential, ranking })
}

/// Current and potential values in the order of the input, with a ranking of the customers.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedProfits {
    /// Current value of each customer.
    pub current: Vec<Decimal>,
    /// Potential value of each customer.
    pub potential: Vec<Decimal>,
    /// Ranking by current + potential value.
    pub ranking: ProfitRanking,
}

crm_numbers::debug!(ExpectedProfits { current, potential, ranking });

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> ExpectedProfit {
        ExpectedProfit::new(Decimal::from(100), Margin::percent(50).unwrap(), 20.into(), TimeUnit::Year)
    }

    #[test]
    fn without_a_future_there_is_no_potential() {
        assert_eq!(account().potential(), Ok(Decimal::ZERO));
        let leaves = account().with_stay(10, Probability::ZERO);
        assert_eq!((leaves.potential(), leaves.total()), (Ok(Decimal::ZERO), Ok(Decimal::from(30))));
    }

    #[test]
    fn growth_and_discount_take_each_other_out() {
        let ten = Rate::percent(TimeUnit::Year, 10).unwrap();
        let both =
            account().with_stay(3, Probability::ONE).with_growth(ten).unwrap().with_discount(ten).unwrap();
        // 50 x 3 - 20 (1/1.1 + 1/1.21 + 1/1.331)
        assert_eq!(both.potential().unwrap().round_dp(4), Decimal::new(1_002_630, 4));
        let monthly = Rate::percent(TimeUnit::Month, 1).unwrap();
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

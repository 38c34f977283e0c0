//! Profit and loss by customer: who earns it, who eats it up.

use std::fmt;

use rust_decimal::Decimal;

use crate::exact::Sum;
use crate::{Breakdown, Error, Margin, Share, exact};

/// What is left of one customer: the customer's profit and loss account.
///
/// `profit = revenue x unit margin - cost of relationship`
///
/// ```
/// use crm_value::{CustomerProfit, Decimal, Margin};
///
/// let account = CustomerProfit {
///     revenue: Decimal::from(4_000),
///     unit_margin: Margin::percent(20)?,
///     relationship_cost: Decimal::from(900),
/// };
/// assert_eq!(account.profit()?, Decimal::from(-100)); // 800 - 900
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CustomerProfit {
    /// What the customer paid; below 0 where refunds prevail.
    pub revenue: Decimal,
    /// What is earned of one unit of it.
    pub unit_margin: Margin,
    /// What the relationship cost: [`RelationshipCost::total`](crate::RelationshipCost::total), or a share of cost
    /// pools.
    pub relationship_cost: Decimal,
}

crate::text::debug!(CustomerProfit { revenue, unit_margin, relationship_cost });

impl CustomerProfit {
    /// The profit, negative for a loss.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    #[inline]
    pub fn profit(&self) -> Result<Decimal, Error> {
        const TERM: &str = "customer profit";
        let earned = Sum::ZERO.plus_product(&[self.revenue, self.unit_margin.get()]);
        earned.minus(self.relationship_cost).total(TERM)
    }

    /// The terms by name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("customer profit")
            .note("revenue", self.revenue)
            .times("unit margin", self.unit_margin)
            .minus("cost of relationship", self.relationship_cost);
        Ok(terms.equals("profit", self.profit()?))
    }
}

/// The profit of every customer, from three columns: [`CustomerProfit::profit`] row by row.
///
/// # Errors
/// [`Error::Length`]; [`Error::Row`] around what went wrong in a row.
pub fn customer_profits(
    revenue: &[Decimal],
    unit_margin: &[Margin],
    relationship_cost: &[Decimal],
) -> Result<Vec<Decimal>, Error> {
    let rows = ("revenue", revenue.len());
    exact::check_length(("unit_margin", unit_margin.len()), rows)?;
    exact::check_length(("relationship_cost", relationship_cost.len()), rows)?;
    let columns = revenue.iter().zip(unit_margin).zip(relationship_cost);
    exact::rows(columns, |((&revenue, &unit_margin), &relationship_cost)| {
        CustomerProfit { revenue, unit_margin, relationship_cost }.profit()
    })
}

/// One customer's place in a [`ProfitRanking`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RankedProfit {
    /// The customer's place in the input, from 0.
    pub customer: usize,
    /// The rank by profit, from 1; equal profits share the better rank (1, 2, 2, 4).
    pub rank: usize,
    /// The profit.
    pub profit: Decimal,
    /// The profit of this customer and all before.
    pub cumulative: Decimal,
    /// cumulative / total; beyond 1 as long as losses are still to come. `None` where the total is not above 0.
    pub cumulative_share: Option<Decimal>,
}

crate::text::debug!(RankedProfit { customer, rank, profit, cumulative, cumulative_share });

/// Customers by profit, most profitable first, and the whale curve: what the best n of them earn together.
///
/// The curve climbs above the total while customers earn, and comes down to it over those who lose: the height of the
/// whale's back is what loss-makers cost. Equal profits stand in the order of the input. Source: Cooper and Kaplan
/// (1991), "Profit Priorities from Activity-Based Costing".
///
/// ```
/// use crm_value::{Decimal, ProfitRanking};
///
/// let ranking = ProfitRanking::new(&[50, -40, 100, 50, -60].map(Decimal::from))?;
/// let ranks: Vec<_> = ranking.customers().iter().map(|row| (row.customer, row.rank)).collect();
/// assert_eq!(ranks, [(2, 1), (0, 2), (3, 2), (1, 4), (4, 5)]);
/// // 100, 150, 200, 160, 100: at the peak, three customers have earned 200 % of the profit.
/// assert_eq!(ranking.total(), Decimal::from(100));
/// assert_eq!(ranking.peak().cumulative_share, Some(Decimal::TWO));
/// assert_eq!(ranking.loss_makers().map(|row| row.customer).collect::<Vec<_>>(), [4, 1]);
/// assert_eq!(ranking.lost(), Decimal::from(100));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ProfitRanking {
    customers: Vec<RankedProfit>,
    earners: usize,
    lost: Decimal,
}

crate::text::debug!(ProfitRanking { customers, earners, lost });

impl ProfitRanking {
    /// Ranks the profits of customers.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::Overflow`].
    pub fn new(profits: &[Decimal]) -> Result<Self, Error> {
        const TERM: &str = "cumulative profit";
        if profits.is_empty() {
            return Err(Error::Empty { field: "profits" });
        }
        let total = exact::sum(TERM, profits.iter().copied())?;
        let mut order: Vec<(Decimal, usize)> = profits.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut customers: Vec<RankedProfit> = Vec::with_capacity(order.len());
        let mut sum = Sum::ZERO;
        for ((profit, customer), place) in order.into_iter().zip(1..) {
            sum.add(profit);
            let cumulative = sum.total(TERM)?;
            let rank = customers.last().filter(|last| last.profit == profit).map_or(place, |last| last.rank);
            let cumulative_share =
                if total > Decimal::ZERO { Some(exact::div(TERM, cumulative, total)?) } else { None };
            customers.push(RankedProfit { customer, rank, profit, cumulative, cumulative_share });
        }
        let earners = customers.partition_point(|row| row.profit > Decimal::ZERO);
        // Summed by themselves: a difference of the curve's heights has lost the digits that those
        // lost.
        let losses = profits.iter().filter(|profit| **profit < Decimal::ZERO);
        let lost = exact::sum("losses", losses.map(|loss| -loss))?;
        Ok(Self { customers, earners, lost })
    }

    /// Everybody, most profitable first: the points of the whale curve.
    #[must_use]
    pub fn customers(&self) -> &[RankedProfit] {
        &self.customers
    }

    /// Everybody in the order of the input.
    #[must_use]
    pub fn in_input_order(&self) -> Vec<RankedProfit> {
        let mut rows = self.customers.clone();
        rows.sort_unstable_by_key(|row| row.customer);
        rows
    }

    /// What all customers earn together.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.customers.last().map_or(Decimal::ZERO, |row| row.cumulative)
    }

    /// How many customers earn anything.
    #[must_use]
    pub fn earners(&self) -> usize {
        self.earners
    }

    /// The customer at whom the curve is highest: the last one who earns, or the first one where nobody does.
    #[must_use]
    pub fn peak(&self) -> RankedProfit {
        let place = self.earners.saturating_sub(1);
        self.customers.get(place).copied().unwrap_or(RankedProfit {
            customer: 0,
            rank: 0,
            profit: Decimal::ZERO,
            cumulative: Decimal::ZERO,
            cumulative_share: None,
        })
    }

    /// Those who lose money, the worst first.
    pub fn loss_makers(&self) -> impl Iterator<Item = &RankedProfit> {
        self.customers.iter().rev().take_while(|row| row.profit < Decimal::ZERO)
    }

    /// Returns the sum of all losses as a positive number, exact as every sum of this crate.
    #[must_use]
    pub fn lost(&self) -> Decimal {
        self.lost
    }
}

/// How many earn how much, and what the others cost.
impl fmt::Display for ProfitRanking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let losers = self.loss_makers().count();
        let earned = if self.earners == 0 { Decimal::ZERO } else { self.peak().cumulative };
        let (customers, total) = (self.customers.len(), self.total().normalize());
        write!(f, "{customers} customers earn {total}: {} of them {}", self.earners, earned.normalize())?;
        write!(f, ", less {} by {losers} loss-makers", self.lost().normalize())
    }
}

/// A customer who looks large and is poor after cost.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LargeButPoor {
    /// The customer's place in the input, from 0.
    pub customer: usize,
    /// The rank by revenue, from 1.
    pub revenue_rank: usize,
    /// The rank by profit, from 1.
    pub profit_rank: usize,
    /// The revenue.
    pub revenue: Decimal,
    /// The profit.
    pub profit: Decimal,
}

crate::text::debug!(LargeButPoor { customer, revenue_rank, profit_rank, revenue, profit });

/// Accounts that look large and are poor after cost: in the top share by revenue, but with a loss or in the lower
/// half by profit; largest revenue first.
///
/// The size of the top is rounded up: the top 20 % of 7 are 2. A customer belongs to the top if
/// fewer customers than that have a higher revenue, so that customers with equal revenue at its
/// edge all belong to it: the answer does not depend on the order of the rows. A customer in the
/// lower half has at least as many customers with a higher profit as with a lower or equal one.
/// Rows with equal revenue are reported in the order of the input.
///
/// This is a list to look into, by rank. Key accounts, true and false, are classes: those of an ABC
/// analysis by revenue against those by contribution (`KeyAccounts` of crm-segmentation).
///
/// ```
/// use crm_value::{Decimal, Share, large_but_poor};
///
/// let revenue = [900, 800, 100, 90].map(Decimal::from);
/// let profit = [-20, 300, 40, 30].map(Decimal::from);
/// let found = large_but_poor(&revenue, &profit, Share::percent(50)?)?;
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].customer, found[0].revenue_rank, found[0].profit_rank), (0, 1, 4));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::Overflow`].
pub fn large_but_poor(
    revenue: &[Decimal],
    profit: &[Decimal],
    top: Share,
) -> Result<Vec<LargeButPoor>, Error> {
    exact::check_length(("profit", profit.len()), ("revenue", revenue.len()))?;
    let by_profit = ProfitRanking::new(profit)?.in_input_order();
    let mut by_revenue: Vec<(Decimal, RankedProfit)> = revenue.iter().copied().zip(by_profit).collect();
    by_revenue.sort_by_key(|(revenue, _)| std::cmp::Reverse(*revenue));
    let large = exact::top_of(by_revenue.len(), top)?;
    let (mut rank, mut last) = (0, None);
    let mut found = Vec::new();
    for ((revenue, row), place) in by_revenue.iter().zip(1..) {
        if last != Some(*revenue) {
            (rank, last) = (place, Some(*revenue));
        }
        if rank > large {
            break;
        }
        let lower_half = 2 * (row.rank - 1) >= profit.len();
        if row.profit < Decimal::ZERO || lower_half {
            let RankedProfit { customer, rank: profit_rank, profit, .. } = *row;
            found.push(LargeButPoor { customer, revenue_rank: rank, profit_rank, revenue: *revenue, profit });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(profits: &[i64]) -> ProfitRanking {
        ProfitRanking::new(&profits.iter().map(|profit| Decimal::from(*profit)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn without_a_positive_total_there_are_no_shares() {
        for profits in [&[5, -5][..], &[-3], &[0, 0], &[5, -10]] {
            let ranking = ranking(profits);
            assert!(ranking.customers().iter().all(|row| row.cumulative_share.is_none()), "{profits:?}");
        }
        assert_eq!(ranking(&[-3, -4]).lost(), Decimal::from(7));
        assert_eq!((ranking(&[-3, -4]).earners(), ranking(&[0]).loss_makers().count()), (0, 0));
    }

    #[test]
    fn the_curve_ends_at_the_total() {
        let ranking = ranking(&[10, -4, 0, 10]);
        assert_eq!(ranking.customers().last().unwrap().cumulative_share, Some(Decimal::ONE));
        assert_eq!(ranking.in_input_order().iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 4, 3, 1]);
        assert_eq!(ranking.to_string(), "4 customers earn 16: 2 of them 20, less 4 by 1 loss-makers");
    }

    #[test]
    fn large_accounts_are_poor_by_loss_or_by_half() {
        let numbers = |numbers: &[i64]| numbers.iter().map(|n| Decimal::from(*n)).collect::<Vec<_>>();
        let (revenue, profit) = (numbers(&[10, 10, 9, 1]), numbers(&[5, 1, 9, 6]));
        let found = large_but_poor(&revenue, &profit, Share::ONE).unwrap();
        let rows: Vec<_> =
            found.iter().map(|row| (row.customer, row.revenue_rank, row.profit_rank)).collect();
        assert_eq!(rows, [(0, 1, 3), (1, 1, 4)]);
        assert!(large_but_poor(&revenue, &profit, Share::ZERO).unwrap().is_empty());
        assert!(large_but_poor(&revenue, &profit[..1], Share::ONE).is_err());
        assert!(large_but_poor(&[], &[], Share::ONE).is_err());
    }

    #[test]
    fn customers_who_earn_are_counted() {
        let ranking = ranking(&[10, -4, 0, 10, -1]);
        assert_eq!((ranking.earners(), ranking.loss_makers().count()), (2, 2));
        assert_eq!((ranking.lost(), ranking.peak().cumulative), (Decimal::from(5), Decimal::from(20)));
        assert_eq!(ranking.loss_makers().map(|row| row.customer).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn columns_give_one_profit_per_row() {
        let (revenue, cost) = ([100, 50].map(Decimal::from), [30, 20].map(Decimal::from));
        let margin = [40, 20].map(|percent| Margin::percent(percent).unwrap());
        assert_eq!(customer_profits(&revenue, &margin, &cost), Ok([10, -10].map(Decimal::from).to_vec()));
        let text = customer_profits(&revenue, &margin[..1], &cost).unwrap_err().to_string();
        assert_eq!(text, "unit_margin must be as many as revenue (2), got 1");
    }
}

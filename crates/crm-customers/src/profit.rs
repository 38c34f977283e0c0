//! Profit after the cost of the relationship.

use std::fmt::Debug;
use std::hash::Hash;

use crm_numbers::{Decimal, Margin};
use crm_value::{CustomerProfit, ProfitRanking};

use crate::columns::{ColumnGroup, push_missing};
use crate::{Cell, CustomerTable, Error};

/// What is left of the spend of a customer after the cost of the relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Profit {
    /// Cost of the relationship, in currency units.
    pub relationship_cost: Decimal,
    /// Spend x margin - cost of the relationship, in currency units; negative for a loss.
    pub profit: Decimal,
    /// Rank by profit, from 1; equal profits share the better rank.
    pub rank: u64,
}

/// Profits of all rows with a known cost.
pub(crate) struct ProfitColumns {
    profits: Vec<Option<Profit>>,
    ranking: ProfitRanking,
}

impl ProfitColumns {
    pub(crate) fn get(&self, row: usize) -> Option<Profit> {
        self.profits.get(row).copied().flatten()
    }
}

const NAMES: [&str; 3] = ["relationship_cost", "profit", "profit_rank"];

impl<A> ColumnGroup<A> for ProfitColumns {
    fn names(&self) -> Vec<&str> {
        NAMES.to_vec()
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        let Some(profit) = self.get(row) else { return push_missing(NAMES.len(), cells) };
        cells.push(Cell::Money(profit.relationship_cost));
        cells.push(Cell::Money(profit.profit));
        cells.push(Cell::Count(profit.rank));
    }
}

impl<K: Eq + Hash + Debug> CustomerTable<'_, K, Decimal> {
    /// Adds the profit of every customer whose cost is known: spend x margin - cost.
    ///
    /// A customer without a purchase earns nothing and still costs; a customer without a row has no
    /// known cost and no profit. Costs are sums such as
    /// [`RelationshipCost::total`](crm_value::RelationshipCost::total).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that occurs twice; [`Error::Value`] if no customer has a cost, or
    /// a profit does not fit a [`Decimal`]; [`Error::ColumnTaken`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_customers::{CustomerTable, Decimal};
    /// use crm_history::{Ledger, NaiveDate, Observation};
    /// use crm_numbers::Margin;
    ///
    /// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
    /// let ledger = Ledger::from_rows([("ada", day(1), Decimal::from(8_000)), ("bob", day(2), Decimal::from(90))])?;
    /// let margin: Margin = "10 %".parse()?;
    /// let table = CustomerTable::new(&ledger, &Observation::until(day(31)))?
    ///     .with_costs([("ada", Decimal::from(900))], margin)?;
    /// let profit = table.find("ada").unwrap().profit().unwrap();
    /// assert_eq!((profit.profit, profit.rank), (Decimal::from(-100), 1)); // 800 - 900
    /// assert_eq!(table.find("bob").unwrap().profit(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_costs(
        mut self,
        rows: impl IntoIterator<Item = (K, Decimal)>,
        margin: Margin,
    ) -> Result<Self, Error> {
        self.check_free(&NAMES)?;
        let (costs, joined) = self.join("relationship_cost", rows)?;
        let known: Vec<(usize, Decimal)> =
            costs.iter().enumerate().filter_map(|(row, cost)| Some((row, (*cost)?))).collect();
        let profit = |&(row, relationship_cost): &(usize, Decimal)| {
            let revenue = self.spend.get(row).copied().unwrap_or_default();
            CustomerProfit { revenue, unit_margin: margin, relationship_cost }.profit()
        };
        let ranking = ProfitRanking::new(&known.iter().map(profit).collect::<Result<Vec<_>, _>>()?)?;
        let mut profits = vec![None; self.len()];
        for ranked in ranking.customers() {
            let Some(&(row, relationship_cost)) = known.get(ranked.customer) else { continue };
            if let Some(slot) = profits.get_mut(row) {
                *slot = Some(Profit { relationship_cost, profit: ranked.profit, rank: ranked.rank as u64 });
            }
        }
        self.joins.insert("relationship_cost", joined);
        self.profit = Some(ProfitColumns { profits, ranking });
        Ok(self)
    }
}

impl<K> CustomerTable<'_, K, Decimal> {
    /// Returns the ranking of all customers with a known cost by profit, if the table has it.
    #[must_use]
    pub fn profit_ranking(&self) -> Option<&ProfitRanking> {
        self.profit.as_ref().map(|profit| &profit.ranking)
    }
}

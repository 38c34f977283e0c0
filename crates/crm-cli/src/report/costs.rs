//! Profit of the customers after the cost to serve them.

use std::collections::HashMap;
use std::path::Path;

use crm_analytics::history::{Decimal, Summaries};
use crm_analytics::value::{
    CustomerProfit, Margin, NonNegative, ProfitRanking, RankedProfit, RelationshipCost,
};

use crate::relationship_value::{checked, number};
use crate::{Error, sheet};

const COLUMNS: [&str; 4] = ["customer_id", "marketing_cost", "sales_cost", "service_cost"];

/// Profit and loss of all customers with a purchase, in the order of customer indices.
pub(crate) struct Profits {
    /// `None` if a cost is unknown.
    pub(crate) costs: Vec<Option<Decimal>>,
    pub(crate) places: Vec<Option<RankedProfit>>,
    pub(crate) ranking: ProfitRanking,
    /// Customers of the ranking, in its order, as indices of the buyers.
    pub(crate) ranked: Vec<usize>,
    /// Number of rows about people without a purchase.
    pub(crate) strangers: u64,
}

impl Profits {
    pub(crate) fn of(
        path: &Path,
        summaries: &Summaries<String, Decimal>,
        margin: f64,
    ) -> Result<Self, Error> {
        let unit_margin = Decimal::from_str_exact(&margin.to_string())
            .map_err(|error| error.to_string())
            .and_then(|margin| Margin::new(margin).map_err(|error| error.to_string()))
            .map_err(|why| Error::Flag { flag: "--margin", value: margin.to_string(), why })?;
        let mut known = read(path)?;
        let (mut costs, mut profits, mut ranked) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (_, id, buyer)) in summaries.buyers().enumerate() {
            let cost = known.remove(id).flatten();
            if let Some(relationship_cost) = cost {
                let account = CustomerProfit { revenue: buyer.spend, unit_margin, relationship_cost };
                let profit = account.profit();
                profits
                    .push(profit.map_err(|error| Error::in_file(path, format!("customer {id}: {error}")))?);
                ranked.push(place);
            }
            costs.push(cost);
        }
        if profits.is_empty() {
            return Err(Error::nothing_in(path, "it has all costs of none of the customers"));
        }
        let ranking = ProfitRanking::new(&profits).map_err(|error| Error::in_file(path, error))?;
        let mut places = vec![None; costs.len()];
        for row in ranking.customers() {
            if let Some(slot) = ranked.get(row.customer).and_then(|place| places.get_mut(*place)) {
                *slot = Some(*row);
            }
        }
        Ok(Profits { costs, places, ranking, ranked, strangers: known.len() as u64 })
    }

    /// Returns the number of buyers without a profit because a cost is unknown.
    pub(crate) fn without(&self) -> u64 {
        (self.costs.len() - self.ranked.len()) as u64
    }

    /// Returns the total profit of the profitable customers.
    pub(crate) fn earned(&self) -> Decimal {
        if self.ranking.earners() == 0 { Decimal::ZERO } else { self.ranking.peak().cumulative }
    }
}

/// Reads the cost of every customer in the file; `None` if one of its parts is missing.
fn read(path: &Path) -> Result<HashMap<String, Option<Decimal>>, Error> {
    let mut costs = HashMap::new();
    for line in sheet::read(path, &COLUMNS)? {
        let refuse = |why: String| Error::in_file(path, format!("line {}: {why}", line.number));
        let mut cells = COLUMNS.iter().zip(&line.cells);
        let id = cells.next().map_or("", |(_, id)| id.as_str());
        let mut next = || {
            let cell = cells.next().map_or(Ok(None), |(column, cell)| number(column, cell))?;
            checked(cell, NonNegative::new)
        };
        let parts = (next().map_err(refuse)?, next().map_err(refuse)?, next().map_err(refuse)?);
        let cost = match parts {
            (Some(marketing), Some(sales), Some(service)) => {
                let total = RelationshipCost { marketing, sales, service }.total();
                Some(total.map_err(|error| refuse(error.to_string()))?.get())
            }
            _ => None,
        };
        costs.insert(id.to_owned(), cost);
    }
    Ok(costs)
}

//! Value, cost and profit of every customer.

use std::io::Write;

use crm_analytics::value::{
    ComponentValue, Components, CustomerProfit, Decimal, ProfitRanking, PurchaseValue, RankedProfit,
    ReferralValue, RelationshipCost, Rounding,
};

use super::accounts::{Account, Accounts};
use crate::Error;

/// Results of one customer; `None` if an input is missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) lifetime: ComponentValue,
    pub(super) cost: Option<Decimal>,
    pub(super) profit: Option<Decimal>,
    pub(super) place: Option<RankedProfit>,
}

/// Results of all customers, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values {
    pub(super) rows: Vec<Value>,
    /// Ranking of the customers whose profit is known, with their indices in the file.
    pub(super) ranking: Option<ProfitRanking>,
    pub(super) ranked: Vec<usize>,
}

impl Values {
    pub(super) fn of(accounts: &Accounts) -> Result<Self, Error> {
        let refused = |account: &Account, error| Error::refused(format!("customer {}: {error}", account.id));
        let mut rows = Vec::with_capacity(accounts.rows.len());
        for account in &accounts.rows {
            rows.push(value(account).map_err(|error| refused(account, error))?);
        }
        let (ranked, profits): (Vec<usize>, Vec<Decimal>) =
            rows.iter().enumerate().filter_map(|(place, row)| Some((place, row.profit?))).unzip();
        let ranking = match profits.is_empty() {
            true => None,
            false => Some(ProfitRanking::new(&profits).map_err(Error::refused)?),
        };
        for place in ranking.iter().flat_map(ProfitRanking::customers) {
            let row = ranked.get(place.customer).and_then(|row| rows.get_mut(*row));
            if let Some(row) = row {
                row.place = Some(*place);
            }
        }
        Ok(Self { rows, ranking, ranked })
    }

    /// Writes one row per customer; exact unless rounding was requested.
    pub(super) fn write(
        &self,
        accounts: &Accounts,
        rounding: Option<Rounding>,
        file: &mut dyn Write,
    ) -> std::io::Result<()> {
        let show = |amount: Option<Decimal>| match (amount, rounding) {
            (None, _) => String::new(),
            (Some(amount), None) => amount.normalize().to_string(),
            (Some(amount), Some(rounding)) => rounding.apply(amount).to_string(),
        };
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record([
            "customer_id",
            "cpv",
            "ppv",
            "civ",
            "ckv",
            "ctv",
            "clv",
            "relationship_cost",
            "profit",
            "rank",
            "cumulative_profit_share",
        ])?;
        for (account, row) in accounts.rows.iter().zip(&self.rows) {
            let parts = row.lifetime.components();
            writer.write_record([
                account.id.clone(),
                show(parts.cpv),
                show(parts.ppv),
                show(parts.civ),
                show(parts.ckv),
                show(parts.ctv),
                show(row.lifetime.clv()),
                show(row.cost),
                show(row.profit),
                row.place.map(|place| place.rank.to_string()).unwrap_or_default(),
                show(row.place.and_then(|place| place.cumulative_share)),
            ])?;
        }
        writer.flush()
    }
}

fn value(account: &Account) -> Result<Value, crm_analytics::value::Error> {
    let purchase = account.spending_capacity.zip(account.share_of_wallet).zip(account.unit_margin);
    let purchase = purchase.map(|((spending_capacity, share_of_wallet), unit_margin)| {
        PurchaseValue { spending_capacity, share_of_wallet, unit_margin }.value()
    });
    let referral = account.influence.zip(account.reach).zip(account.influenced_purchase_value);
    let referral = referral.map(|((influence, reach), influenced_purchase_value)| {
        ReferralValue { influence, reach, influenced_purchase_value }.value()
    });
    let components = Components {
        cpv: purchase.transpose()?,
        ppv: referral.transpose()?,
        civ: account.information_value,
        ckv: account.knowledge_value,
        ctv: account.transaction_value,
    };
    let cost = account.marketing_cost.zip(account.sales_cost).zip(account.service_cost);
    let cost =
        cost.map(|((marketing, sales), service)| RelationshipCost { marketing, sales, service }.total());
    let cost = cost.transpose()?.map(Decimal::from);
    let profit = account.revenue.zip(account.unit_margin).zip(cost);
    let profit = profit.map(|((revenue, unit_margin), relationship_cost)| {
        CustomerProfit { revenue, unit_margin, relationship_cost }.profit()
    });
    Ok(Value { lifetime: components.lifetime_value()?, cost, profit: profit.transpose()?, place: None })
}

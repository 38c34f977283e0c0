//! Expected purchases and customer lifetime value.

use crm_btyd::{ClvOptions, GammaGamma, History, RefundRule, Repeat, Spend};
use crm_history::{Day, Summary};
use crm_numbers::{Amount, parallel};

use crate::columns::{ColumnGroup, push_missing};
use crate::{Cell, CustomerTable, Error};

/// Customers that one task takes.
const CUSTOMERS_PER_TASK: usize = 1024;

/// What a model of purchases expects of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Forecast {
    /// Probability that the customer is still active at the end of the observation.
    pub p_alive: f64,
    /// Expected number of purchases within the horizon.
    pub expected_purchases: f64,
    /// Probability of at least one purchase within the horizon.
    pub p_purchase: f64,
    /// Day by which the next purchase has come with probability 1/2, if it comes at all; `None` if
    /// that is beyond the calendar.
    pub next_purchase: Option<Day>,
    /// Expected value of one purchase, in the unit of the amounts; `None` without a model of spend.
    pub expected_spend: Option<f64>,
    /// Margin x expected value of a purchase x discounted expected purchases within the horizon;
    /// `None` without a model of spend.
    pub clv: Option<f64>,
}

/// Forecasts of all rows; people without a purchase have none.
pub(crate) struct ForecastColumns {
    forecasts: Vec<Option<Forecast>>,
    has_value: bool,
}

impl ForecastColumns {
    pub(crate) fn get(&self, row: usize) -> Option<&Forecast> {
        self.forecasts.get(row)?.as_ref()
    }

    pub(crate) fn has_value(&self) -> bool {
        self.has_value
    }
}

const NAMES: [&str; 6] =
    ["p_alive", "expected_purchases", "p_purchase", "next_purchase", "expected_spend", "clv"];

impl<A> ColumnGroup<A> for ForecastColumns {
    fn names(&self) -> Vec<&str> {
        let columns = if self.has_value { NAMES.len() } else { NAMES.len() - 2 };
        NAMES.into_iter().take(columns).collect()
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        let columns = if self.has_value { NAMES.len() } else { NAMES.len() - 2 };
        let Some(forecast) = self.get(row) else { return push_missing(columns, cells) };
        cells.extend([
            Cell::Number(forecast.p_alive),
            Cell::Number(forecast.expected_purchases),
            Cell::Number(forecast.p_purchase),
            Cell::maybe(forecast.next_purchase, Cell::Day),
        ]);
        if self.has_value {
            cells.push(Cell::maybe(forecast.expected_spend, Cell::Number));
            cells.push(Cell::maybe(forecast.clv, Cell::Number));
        }
    }
}

impl<K: Sync + Send, A: Amount> CustomerTable<'_, K, A> {
    /// Adds the forecast of a purchase model for every customer with a purchase; with a model of
    /// spend also the expected spend and the lifetime value.
    ///
    /// The parameters of the model, the horizon and the discount must be in the unit of time of the
    /// observation: [`PurchaseFit::model_in`](crm_btyd::PurchaseFit::model_in) checks the first.
    ///
    /// # Errors
    ///
    /// [`Error::Btyd`] for a history that the models do not know, such as purchases after the end,
    /// and a spend model without a mean; [`Error::ColumnTaken`].
    pub fn with_forecast<M: Repeat>(
        mut self,
        purchases: &M,
        spends: Option<&GammaGamma>,
        clv: &ClvOptions,
    ) -> Result<Self, Error> {
        self.check_free(&NAMES)?;
        let forecasts = parallel::map_indices(self.len(), CUSTOMERS_PER_TASK, |row| {
            let summary = self.customers.get(row).and_then(|customer| self.summaries.get(*customer));
            summary.map(|summary| self.forecast_of(&summary, purchases, spends, clv)).transpose()
        });
        let forecasts = forecasts.into_iter().collect::<Result<_, _>>()?;
        self.forecast = Some(ForecastColumns { forecasts, has_value: spends.is_some() });
        Ok(self)
    }

    fn forecast_of<M: Repeat>(
        &self,
        summary: &Summary<A>,
        purchases: &M,
        spends: Option<&GammaGamma>,
        clv: &ClvOptions,
    ) -> Result<Forecast, Error> {
        let rules = self.summaries.observation().rules();
        let history = History::from_summary(summary)?;
        let prediction = purchases.predict(&history, clv.horizon(), clv.discount());
        let wait = prediction.next_purchase.quantile(0.5)?;
        let days = wait.map(|wait| (wait * rules.unit.length_in_days()).ceil());
        let next_purchase = days
            .filter(|days| *days <= f64::from(i32::MAX))
            .map(|days| self.end().since_epoch().saturating_add(days as i32))
            .and_then(|day| Day::new(day).ok());
        let mut forecast = Forecast {
            p_alive: prediction.p_alive,
            expected_purchases: prediction.expected_purchases,
            p_purchase: prediction.next_purchase.p_within(clv.horizon()),
            next_purchase,
            expected_spend: None,
            clv: None,
        };
        if let Some(spends) = spends {
            // Refunds count against purchases: customers left with nothing are expected to spend little.
            let seen = Spend::from_summary(summary, rules.first_purchase, RefundRule::Net)?;
            let expected = match &seen {
                Some(seen) => spends.expected_spend(seen)?,
                None => spends.mean_spend()?,
            };
            forecast.expected_spend = Some(expected);
            forecast.clv = Some(clv.margin() * expected * prediction.discounted_purchases);
        }
        Ok(forecast)
    }
}

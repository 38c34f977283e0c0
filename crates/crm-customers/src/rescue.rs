//! Customers who may be lost, and whether it pays to act.

use crm_lifecycle::rescue::{RescueCandidate, RescueEffect, RescueList};
use crm_numbers::{Amount, Decimal};

use crate::columns::{ColumnGroup, push_missing};
use crate::{Cell, CustomerTable, Error};

/// An action that keeps customers who would be lost: its effect, its cost per customer and the
/// budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RescuePlan {
    effect: RescueEffect,
    cost: Decimal,
    budget: Option<Decimal>,
    lost_after_days: u32,
}

impl RescuePlan {
    /// Creates the plan of an action that costs so much per customer, in currency units.
    ///
    /// Customers without an order for more than 365 days are taken for lost, not for at risk.
    #[must_use]
    pub fn new(effect: RescueEffect, cost: Decimal) -> Self {
        Self { effect, cost, budget: None, lost_after_days: 365 }
    }

    /// Limits the total cost of the action, in currency units.
    #[must_use]
    pub fn with_budget(self, budget: Decimal) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// Sets after how many days without an order a customer is lost.
    #[must_use]
    pub fn with_lost_after_days(self, lost_after_days: u32) -> Self {
        Self { lost_after_days, ..self }
    }
}

/// What would be lost with a customer, and what the action is expected to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Rescue {
    /// Value of the customer if retained x probability of loss, in currency units.
    pub value_at_risk: Decimal,
    /// Expected saving - cost of the action, in currency units; it pays above 0.
    pub gain: Decimal,
    /// Whether the customer is on the list of those for whom the action pays within the budget.
    pub is_chosen: bool,
}

/// Customers at risk.
pub(crate) struct RescueColumns {
    rescues: Vec<Option<Rescue>>,
    list: RescueList,
}

impl RescueColumns {
    pub(crate) fn get(&self, row: usize) -> Option<&Rescue> {
        self.rescues.get(row)?.as_ref()
    }
}

const NAMES: [&str; 2] = ["value_at_risk", "rescue_gain"];

impl<A> ColumnGroup<A> for RescueColumns {
    fn names(&self) -> Vec<&str> {
        NAMES.to_vec()
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        let Some(rescue) = self.get(row) else { return push_missing(NAMES.len(), cells) };
        cells.extend([rescue.value_at_risk, rescue.gain].map(Cell::Money));
    }
}

impl<K, A: Amount> CustomerTable<'_, K, A> {
    /// Adds the value at risk with each customer, and the expected gain of an action.
    ///
    /// The value if retained is the lifetime value divided by P(alive): the forecast already counts
    /// with the loss. Customers without a value, or lost for long, have missing cells.
    ///
    /// # Formula
    ///
    /// value at risk = clv / P(alive) x (1 - P(alive)).
    ///
    /// # Errors
    ///
    /// [`Error::MissingGroup`] without a forecast that has lifetime values; [`Error::Lifecycle`] for
    /// a cost or budget below 0 or amounts beyond a [`Decimal`]; [`Error::ColumnTaken`].
    pub fn with_rescue(mut self, plan: &RescuePlan) -> Result<Self, Error> {
        self.check_free(&NAMES)?;
        let Some(forecast) = self.forecast.as_ref().filter(|forecast| forecast.has_value()) else {
            return Err(Error::MissingGroup {
                group: "rescue",
                needed: "lifetime values",
                call: "with_forecast",
            });
        };
        let mut rows = Vec::new();
        let mut candidates = Vec::new();
        for (row, &idle) in self.idle_days.iter().enumerate() {
            let Some(forecast) = forecast.get(row) else { continue };
            let Some(clv) = forecast.clv.filter(|clv| *clv > 0.0 && forecast.p_alive > 0.0) else { continue };
            if i64::from(idle) > i64::from(plan.lost_after_days) {
                continue;
            }
            let Ok(value) = Decimal::try_from(clv / forecast.p_alive) else { continue };
            let p_loss = (1.0 - forecast.p_alive).clamp(0.0, 1.0);
            candidates.push(RescueCandidate::new(value.round_dp(4), p_loss, plan.effect, plan.cost)?);
            rows.push(row);
        }
        let list = RescueList::new(&candidates, plan.budget)?;
        let mut rescues = vec![None; self.len()];
        let chosen: std::collections::BTreeSet<usize> =
            list.places().iter().map(|place| place.customer).collect();
        for (index, (&row, candidate)) in rows.iter().zip(&candidates).enumerate() {
            if let Some(slot) = rescues.get_mut(row) {
                *slot = Some(Rescue {
                    value_at_risk: candidate.at_risk(),
                    gain: candidate.gain(),
                    is_chosen: chosen.contains(&index),
                });
            }
        }
        self.rescue = Some(RescueColumns { rescues, list });
        Ok(self)
    }

    /// Returns the list of customers for whom the action pays within the budget, if the table has
    /// it; its totals are over all customers at risk.
    #[must_use]
    pub fn rescue_list(&self) -> Option<&RescueList> {
        self.rescue.as_ref().map(|rescue| &rescue.list)
    }
}

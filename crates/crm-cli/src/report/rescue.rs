//! Customers worth an action before they are lost.

use crm_analytics::history::{Day, Decimal, Summaries};
use crm_analytics::lifecycle::rescue::{RescueCandidate, RescueEffect, RescueList};

use super::forecast::Forecast;
use crate::Error;

/// Customers who have been idle for longer count as lost, not at risk.
pub(crate) const LOST_AFTER_DAYS: u32 = 365;

/// Cost of an action, and its success rate among customers who would otherwise be lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Action {
    pub(crate) cost: Decimal,
    pub(crate) success: f64,
    pub(crate) budget: Option<Decimal>,
}

/// Value at risk per customer.
pub(crate) struct AtRisk {
    /// Index of each buyer, with the value if retained and that value times P(loss); the largest
    /// first.
    pub(crate) people: Vec<(usize, RescueCandidate)>,
    pub(crate) total: Decimal,
    /// With an action: list of the customers for whom it pays. Customers in it are indices into
    /// `people`.
    pub(crate) list: Option<(Action, RescueList)>,
}

impl AtRisk {
    /// Returns `None` if no value is known or nothing is at risk.
    pub(crate) fn of(
        summaries: &Summaries<String, Decimal>,
        forecast: &Forecast,
        end: Day,
        action: Option<Action>,
    ) -> Result<Option<Self>, Error> {
        let effect =
            RescueEffect::success(action.map_or(0.0, |action| action.success)).map_err(Error::refused)?;
        let cost = action.map_or(Decimal::ZERO, |action| action.cost);
        let mut people = Vec::new();
        let values = forecast.p_alive.iter().zip(&forecast.clv).zip(summaries.buyers());
        for (place, ((p_alive, clv), (.., summary))) in values.enumerate() {
            let Some(clv) = clv.filter(|clv| *clv > 0.0 && *p_alive > 0.0) else { continue };
            if summary.idle_days(end) > LOST_AFTER_DAYS {
                continue;
            }
            // The forecast includes the risk already; dividing by P(alive) gives the value if
            // retained.
            let Ok(value) = Decimal::try_from(clv / p_alive) else { continue };
            let p_loss = (1.0 - p_alive).clamp(0.0, 1.0);
            let candidate =
                RescueCandidate::new(value.round_dp(4), p_loss, effect, cost).map_err(Error::refused)?;
            people.push((place, candidate));
        }
        people.sort_by_key(|(_, candidate)| std::cmp::Reverse(candidate.at_risk()));
        let candidates: Vec<RescueCandidate> = people.iter().map(|(_, candidate)| *candidate).collect();
        let budget = action.and_then(|action| action.budget);
        let all = RescueList::new(&candidates, budget).map_err(Error::refused)?;
        let total = all.at_risk();
        let list = action.map(|action| (action, all));
        Ok((total > Decimal::ZERO).then_some(AtRisk { people, total, list }))
    }
}

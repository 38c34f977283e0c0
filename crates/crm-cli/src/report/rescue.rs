//! Whom to save before they are lost.

use crm_analytics::history::{Day, Decimal, Summaries};
use crm_analytics::lifecycle::rescue::{RescueCandidate, RescueEffect, RescueList};

use super::forecast::Forecast;
use crate::Error;

/// Whoever has been idle for longer is lost, not at risk.
pub(crate) const LOST_AFTER_DAYS: u32 = 365;

/// What an action costs, and how often it works on somebody who would be lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Action {
    pub(crate) cost: Decimal,
    pub(crate) success: f64,
    pub(crate) budget: Option<Decimal>,
}

/// Value at risk, customer by customer.
pub(crate) struct AtRisk {
    /// Places among the buyers, and what each would be worth if they stayed, and that times P(loss): the largest first.
    pub(crate) people: Vec<(usize, RescueCandidate)>,
    pub(crate) total: Decimal,
    /// With an action: whom it pays to save. Customers in it are places in `people`.
    pub(crate) list: Option<(Action, RescueList)>,
}

impl AtRisk {
    /// `None` where no value is known, or nothing is at risk.
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
            // The forecast counts with the risk already; without it, so much is at stake.
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

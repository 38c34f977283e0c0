//! Loyalty level, customer state and next contact.

use crm_analytics::charts;
use crm_analytics::history::{Day, Decimal, Summaries, Summary};
use crm_analytics::segmentation::contact::{Cadence, Due};
use crm_analytics::segmentation::loyalty::{Climb, LadderStep, LoyaltyPyramid, Person, States};
use crm_analytics::segmentation::{Assignments, Columns};

use crate::Error;
use crate::input::Input;

/// Everybody in the ledger, in the order of customer indices.
pub(crate) struct Loyalty {
    pub(crate) levels: Assignments,
    pub(crate) climb: Climb,
    pub(crate) states: Assignments,
    pub(crate) due: Due,
}

impl Loyalty {
    /// Contacts are planned by ABC class, from the last order or, for people without one, from the
    /// first contact.
    pub(crate) fn of(
        input: &Input,
        summaries: &Summaries<String, Decimal>,
        columns: &Columns<'_, String, Decimal>,
        abc: &Assignments,
        end: Day,
    ) -> Result<Self, Error> {
        let purchases = &columns.frequency;
        let person = |&purchases: &u32| Person { purchases, ..Person::default() };
        let levels = LoyaltyPyramid::default().assign(&purchases.iter().map(person).collect::<Vec<_>>());
        let climb = Climb::from_levels(&levels, Default::default()).map_err(Error::refused)?;
        let states = States::default().assign(purchases, &columns.idle_days, None).map_err(Error::refused)?;
        let last = |(customer, _, summary): (_, _, Option<Summary<Decimal>>)| match summary {
            Some(summary) => Some(summary.last_purchase),
            None => input.ledger.first_contact(customer).filter(|contact| *contact <= end),
        };
        let contacts: Vec<Option<Day>> = summaries.everyone().map(last).collect();
        let due = Cadence::default().due(abc, &contacts, end).map_err(Error::refused)?;
        Ok(Loyalty { levels, climb, states, due })
    }

    /// Draws the loyalty pyramid. Customers count on each level that they have reached, so that the
    /// shares between levels are those of the bars.
    pub(crate) fn pyramid(&self) -> Result<String, Error> {
        let steps = self.climb.steps();
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let reached: Vec<f64> = steps.iter().map(|step| step.reached as f64).collect();
        let share = |step: &LadderStep| step.conversion.map(|share| share.estimate);
        let shares: Vec<Option<f64>> = steps.iter().skip(1).map(share).collect();
        let chart = charts::Pyramid::new(&names, &reached).and_then(|chart| chart.with_conversions(&shares));
        Ok(chart
            .map_err(Error::refused)?
            .with_title("How far people have come")
            .with_value("People who have reached the level", "")
            .to_svg())
    }
}

//! Page section about stages, cohorts and the rescue list.

use crm_analytics::history::{Decimal, TimeUnit};
use crm_analytics::lifecycle::Stage;
use crm_analytics::lifecycle::cohort::Triangle;
use maud::{Markup, html};

use super::Analysis;
use super::rescue::{AtRisk, LOST_AFTER_DAYS};
use crate::html::{figure, table};
use crate::lifecycle;
use crate::words::{cents, count, counted, money, percent};

/// Maximum number of rows in a list of people.
const MOST: usize = 10;

pub(super) fn where_they_stand(analysis: &Analysis) -> Markup {
    let stages = &analysis.stages;
    let buyers = analysis.buyers().max(1) as f64;
    let share = |stage: Stage| percent(stages.customers(stage) as f64 / buyers);
    let bars = html! {
        "By what each customer did, held against their own rhythm: the reasons are in customers.csv. "
        (share(Stage::Stability)) " of the relationships are stable, " (share(Stage::Decline)) " decline."
    };
    html! {
        h2 { "Where the relationships stand" }
        div.pair {
            (figure(lifecycle::stages("Stages of the relationships", |stage| stages.customers(stage)), &bars))
            @if let Some(cohorts) = &stages.cohorts { (figure(lifecycle::retention(cohorts, stages.unit), &cohort_caption(cohorts, stages.unit))) }
        }
        @if let Some(at_risk) = &analysis.at_risk { (whom_to_save(analysis, at_risk)) }
    }
}

fn cohort_caption(cohorts: &Triangle<Decimal>, unit: TimeUnit) -> Markup {
    let next = cohorts.retention_at(1);
    html! {
        "Each row holds the customers of one " (unit.name()) ", each column how many of them ordered so long after. "
        @if let Some(next) = next.filter(|next| next.trials() > 0) {
            "In the " (unit.name()) " after their first order " (percent(next.estimate())) " came back. "
        }
        "Read down a column to see whether later cohorts are better."
    }
}

fn whom_to_save(analysis: &Analysis, at_risk: &AtRisk) -> Markup {
    let buyers: Vec<_> = analysis.summaries.buyers().collect();
    let row = |place: usize| {
        let (person, candidate) = at_risk.people.get(place)?;
        let (_, id, summary) = buyers.get(*person)?;
        Some((
            vec![
                (*id).clone(),
                money(summary.spend),
                summary.last_purchase.to_string(),
                percent(*analysis.forecast.p_alive.get(*person)?),
                cents(candidate.value()),
                cents(candidate.at_risk()),
            ],
            candidate.gain(),
        ))
    };
    let mut head =
        vec!["<Customer", "Spent so far", "Last order", "Still a customer", "Worth if they stay", "At risk"];
    let rows: Vec<Vec<String>> = match &at_risk.list {
        Some((_, list)) => {
            head.push("Expected gain");
            let places = list.places().iter().take(MOST).filter_map(|place| {
                let (mut cells, gain) = row(place.customer)?;
                cells.push(cents(gain));
                Some(cells)
            });
            places.collect()
        }
        None => (0..at_risk.people.len().min(MOST)).filter_map(|place| Some(row(place)?.0)).collect(),
    };
    html! {
        h3 { "Whom to save" }
        p {
            "What a customer is worth if they stay, times the probability that they are gone: " (cents(at_risk.total)) " are at risk with "
            (counted(at_risk.people.len() as u64, "customer", "customers")) " who have ordered within " (LOST_AFTER_DAYS) " days."
            @match &at_risk.list {
                Some((action, list)) => {
                    " An action for " (money(action.cost)) " that keeps " (percent(action.success)) " of those who would be lost pays for "
                    (count(list.paying() as u64)) " of them"
                    @if let Some(budget) = action.budget { "; a budget of " (money(budget)) " goes to the " (count(list.places().len() as u64)) " who promise most for it" }
                    ". It costs " (cents(list.spent())) " and is expected to bring " (cents(list.expected_gain())) " more than that."
                }
                None => { " Say what an action costs and how often it works (--rescue-cost, --rescue-success), and the report tells for whom it pays." }
            }
        }
        @if !rows.is_empty() { (table(&head, rows)) }
    }
}

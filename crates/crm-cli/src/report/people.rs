//! `customers.csv`: one row for everybody in the ledger.

use std::io::{self, Write};

use crm_analytics::history::{Decimal, Summary};
use crm_analytics::lifecycle::Standing;

use super::Analysis;
use crate::words;

/// Columns added with the costs of relationships.
const COST_HEADER: [&str; 3] = ["relationship_cost", "profit", "profit_rank"];
/// Columns added with a survey.
const SURVEY_HEADER: [&str; 2] = ["satisfaction", "satisfaction_region"];

const HEADER: [&str; 27] = [
    "customer_id",
    "first_purchase",
    "last_purchase",
    "orders",
    "purchase_days",
    "frequency",
    "recency",
    "age",
    "idle_days",
    "spend",
    "mean_repeat_spend",
    "r_score",
    "f_score",
    "m_score",
    "rfm_cell",
    "rfm_segment",
    "abc_class",
    "p_alive",
    "expected_purchases",
    "expected_spend",
    "clv",
    "loyalty_level",
    "state",
    "next_contact",
    "stage",
    "stage_since",
    "stage_reasons",
];
/// Index of the first column that applies to everybody; earlier columns apply only to customers
/// with an order.
const OF_EVERYBODY: usize = 21;

pub(super) fn write(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    let costs = analysis.profits.as_ref().map_or(&[][..], |_| &COST_HEADER);
    let survey = analysis.answers.as_ref().map_or(&[][..], |_| &SURVEY_HEADER);
    table.write_record(HEADER.iter().chain(costs).chain(survey))?;
    let mut accounts = analysis.profits.iter().flat_map(|profits| profits.costs.iter().zip(&profits.places));
    let forecast = &analysis.forecast;
    let mut forecasts =
        forecast.p_alive.iter().zip(&forecast.expected).zip(forecast.spend.iter().zip(&forecast.clv));
    let mut standings = analysis.stages.standings.iter();
    for (person, (_, id, summary)) in analysis.summaries.everyone().enumerate() {
        let mut record: Vec<String> = vec![id.clone()];
        match summary {
            Some(summary) => {
                record.extend(behaviour(analysis, &summary));
                record.extend(segment(analysis, person));
                if let Some(((p_alive, expected), (spend, clv))) = forecasts.next() {
                    record.extend([format!("{p_alive:.6}"), format!("{expected:.6}")]);
                    record.extend(
                        [spend, clv]
                            .map(|value| value.map_or_else(String::new, |value| format!("{value:.4}"))),
                    );
                }
                record.resize(OF_EVERYBODY, String::new());
                record.extend(standing(analysis, person));
                record.extend(standings.next().map_or_else(Default::default, |found| stage(analysis, found)));
                if let Some((cost, place)) = accounts.next() {
                    let money = |amount: Option<Decimal>| {
                        amount.map_or_else(String::new, |amount| amount.normalize().to_string())
                    };
                    record.extend([
                        money(*cost),
                        money(place.map(|place| place.profit)),
                        place.map_or_else(String::new, |place| place.rank.to_string()),
                    ]);
                }
            }
            None => {
                // Columns that do not apply stay empty.
                record.resize(OF_EVERYBODY, String::new());
                record.extend(standing(analysis, person));
                record.resize(HEADER.len(), String::new());
                let group = analysis.segments.groups.name(person).unwrap_or_default();
                for (column, text) in [(3, "0"), (4, "0"), (15, group)] {
                    if let Some(field) = record.get_mut(column) {
                        text.clone_into(field);
                    }
                }
            }
        }
        record.resize(HEADER.len() + costs.len(), String::new());
        if let Some((answer, region)) =
            analysis.answers.as_ref().and_then(|answers| answers.by_person.get(&person))
        {
            record.extend([format!("{answer:.1}"), region.clone()]);
        }
        record.resize(HEADER.len() + costs.len() + survey.len(), String::new());
        table.write_record(&record)?;
    }
    table.flush()
}

fn behaviour(analysis: &Analysis, summary: &Summary<Decimal>) -> [String; 10] {
    let (spend, mean) = match analysis.input.has_amounts() {
        true => (
            summary.spend.to_string(),
            words::mean(summary.repeat_spend, summary.frequency)
                .map_or_else(String::new, |mean| mean.to_string()),
        ),
        false => Default::default(),
    };
    [
        summary.first_purchase.to_string(),
        summary.last_purchase.to_string(),
        summary.orders.to_string(),
        summary.purchases.to_string(),
        summary.frequency.to_string(),
        duration(summary.recency),
        duration(summary.age),
        summary.idle_days(analysis.end).to_string(),
        spend,
        mean,
    ]
}

fn segment(analysis: &Analysis, person: usize) -> [String; 6] {
    let segments = &analysis.segments;
    let Some(cell) = segments.place(person) else { return Default::default() };
    let class = segments.class_table.as_ref().and_then(|_| segments.classes.name(person));
    let monetary = if analysis.input.has_amounts() { cell.monetary().to_string() } else { String::new() };
    [
        cell.recency().to_string(),
        cell.frequency().to_string(),
        monetary,
        cell.to_string(),
        segments.groups.name(person).unwrap_or_default().to_owned(),
        class.unwrap_or_default().to_owned(),
    ]
}

/// Returns loyalty level, state and the day of the next contact.
fn standing(analysis: &Analysis, person: usize) -> [String; 3] {
    let loyalty = &analysis.loyalty;
    let next = loyalty.due.next().get(person).copied().flatten();
    [
        loyalty.levels.name(person).unwrap_or_default().to_owned(),
        loyalty.states.name(person).unwrap_or_default().to_owned(),
        next.map_or_else(String::new, |day| day.to_string()),
    ]
}

/// Returns the stage of the relationship, its first day if known, and the reason.
fn stage(analysis: &Analysis, standing: &Standing) -> [String; 3] {
    let first_day = |days: f64| analysis.end.saturating_add(-(days.floor() as i32)).to_string();
    let reasons: Vec<String> = standing.reasons.iter().map(ToString::to_string).collect();
    [standing.stage.to_string(), standing.since.map_or_else(String::new, first_day), reasons.join("; ")]
}

/// Formats a number with up to six decimals, without trailing zeros.
fn duration(time: f64) -> String {
    let text = format!("{time:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

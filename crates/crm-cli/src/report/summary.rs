//! `summary.json`: all figures of the report, for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crm_analytics::history::{DataFinding, Decimal, TimeUnit};
use crm_analytics::lifecycle::Stage;
use crm_analytics::lifecycle::cohort::Triangle;
use crm_analytics::segmentation::{Assignments, GroupTable};
use serde_json::{Map, Value, json};

use super::Analysis;
use super::answers::Answers;
use super::costs::Profits;
use super::models::FitFacts;
use super::rescue::AtRisk;
use crate::moved::Moved;

pub(super) fn write(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut fits = vec![fit(&analysis.forecast.purchases.facts(), "all")];
    fits.extend(analysis.forecast.spend_facts.iter().map(|facts| fit(facts, "all")));
    let has_amounts = analysis.input.has_amounts();
    let table = |table| groups(table, analysis.buyers(), has_amounts);
    let mut holdout = Vec::new();
    let mut naive = Vec::new();
    if let Some(trial) = &analysis.trial {
        fits.extend(trial.models.iter().map(|(model, _)| fit(&model.facts(), "calibration")));
        fits.extend(trial.spend_facts.iter().map(|facts| fit(facts, "calibration")));
        holdout.extend(trial.models.iter().map(|(model, accuracy)| judged(model.facts().name, accuracy)));
        naive.extend(trial.naive.iter().map(|(rule, accuracy)| judged(rule, accuracy)));
    }
    let classes = analysis.segments.class_table.as_ref().map(table);
    let summary = json!({
        "data_quality": data_quality(analysis),
        "period": period(analysis),
        "totals": totals(analysis),
        "fits": fits,
        "segments": table(&analysis.segments.group_table),
        "classes": classes.unwrap_or_default(),
        "holdout": holdout,
        "loyalty": loyalty(analysis),
        "stages": Stage::EACH.map(|stage| json!({ "name": stage.name(), "customers": analysis.stages.customers(stage) })),
        "cohorts": analysis.stages.cohorts.as_ref().map(|found| cohorts(found, analysis.stages.unit)),
        "rescue": analysis.at_risk.as_ref().map(|at_risk| rescue(analysis, at_risk)),
        "migration": analysis.moved.as_ref().map(migration),
        "satisfaction": analysis.answers.as_ref().map(satisfaction),
        "profit": analysis.profits.as_ref().map(profit),
        "naive": naive,
    });
    serde_json::to_writer_pretty(&mut *file, &summary)?;
    file.write_all(b"\n")
}

fn data_quality(analysis: &Analysis) -> Value {
    let quality = analysis.input.ledger.quality();
    let finding = |finding: DataFinding| json!({ "count": finding.count, "first_line": finding.first_line });
    let refused: Vec<Value> = analysis
        .input
        .ledger
        .refused()
        .iter()
        .map(|row| json!({ "line": row.line, "reason": row.reason.to_string(), "value": row.value }))
        .collect();
    let columns = &analysis.input.columns;
    json!({
        "columns": { "id": columns.id, "date": columns.date, "amount": columns.amount },
        "rows": quality.rows,
        "accepted": quality.accepted,
        "refused": quality.refused(),
        "after_end": analysis.summaries.rows_after(),
        "missing_ids": finding(quality.missing_ids),
        "unreadable_dates": finding(quality.unreadable_dates),
        "unreadable_amounts": finding(quality.unreadable_amounts),
        "malformed_rows": finding(quality.malformed_rows),
        "duplicates": finding(quality.duplicates),
        "refunds": finding(quality.refunds),
        "zero_amounts": columns.amount.as_ref().map(|_| finding(quality.zero_amounts)),
        "future_dates": finding(quality.future_dates),
        "ambiguous_dates": finding(quality.ambiguous_dates),
        "warnings": quality.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "refused_rows": refused,
        "refused_roster_rows": analysis.input.refused_from_roster.len(),
        "first_refused_roster_row": analysis.input.refused_from_roster.first().map(ToString::to_string),
    })
}

fn period(analysis: &Analysis) -> Value {
    let options = &analysis.options;
    json!({
        "start": analysis.start.to_string(),
        "end": analysis.end.to_string(),
        "calibration_end": analysis.trial.as_ref().map(|trial| trial.calibration_end.to_string()),
        "holdout_length": analysis.trial.as_ref().map(|trial| trial.holdout_length),
        "unit": options.unit.name(),
        "horizon": options.horizon,
        "discount_rate": options.discount_rate,
        "margin": options.margin,
        "rules": analysis.summaries.observation().rules().to_string(),
    })
}

fn totals(analysis: &Analysis) -> Value {
    let (mut orders, mut refunds, mut purchases, mut repeat, mut once) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    for (.., buyer) in analysis.summaries.buyers() {
        orders += u64::from(buyer.orders);
        refunds += u64::from(buyer.refunds);
        purchases += u64::from(buyer.purchases);
        repeat += u64::from(buyer.frequency);
        once += u64::from(buyer.frequency == 0);
    }
    let forecast = &analysis.forecast;
    let sum = |values: &[Option<f64>]| values.iter().copied().sum::<Option<f64>>();
    let spend = analysis.spend.map(amount);
    let returned = analysis.refunds_without_order.map(amount);
    json!({
        "customers": analysis.buyers(),
        "prospects": analysis.prospects(),
        "orders": orders,
        "refunds": refunds,
        "purchase_days": purchases,
        "repeat_purchases": repeat,
        "one_time_buyers": once,
        "spend": spend,
        "refunds_without_order": returned,
        "later_customers": analysis.summaries.later_customers(),
        "expected_alive": forecast.p_alive.iter().sum::<f64>(),
        "expected_purchases": forecast.expected.iter().sum::<f64>(),
        "expected_purchases_interval": forecast.bounds.map(|(low, high)| [low, high]),
        "clv": sum(&forecast.clv),
        "spends_left_out": forecast.spends_left_out,
        "born_in_holdout": analysis.trial.as_ref().map(|trial| trial.born_in_holdout),
    })
}

fn profit(profits: &Profits) -> Value {
    json!({
        "customers": profits.ranked.len(),
        "without_cost": profits.without(),
        "strangers": profits.strangers,
        "total": amount(profits.ranking.total()),
        "earned": amount(profits.earned()),
        "lost": amount(profits.ranking.lost().get()),
        "earners": profits.ranking.earners(),
        "loss_makers": profits.ranking.loss_makers().count(),
    })
}

fn loyalty(analysis: &Analysis) -> Value {
    let loyalty = &analysis.loyalty;
    let counts = |groups: &Assignments| {
        let counts = groups.names().iter().cloned().zip(groups.counts()).map(|(name, n)| (name, json!(n)));
        counts.collect::<Map<_, _>>()
    };
    let levels: Vec<Value> = loyalty
        .climb
        .steps()
        .iter()
        .map(|step| {
            json!({
                "name": step.name,
                "here": step.here,
                "reached": step.reached,
                "conversion": step.conversion.map(|share| share.estimate),
                "conversion_interval": step.conversion.map(|share| [share.lower, share.upper]),
            })
        })
        .collect();
    json!({ "levels": levels, "states": counts(&loyalty.states), "contacts": counts(loyalty.due.status()) })
}

/// Returns every observed cell of the triangle.
fn cohorts(triangle: &Triangle<Decimal>, unit: TimeUnit) -> Value {
    let ages = |cohort: usize| -> Vec<Value> {
        (0..)
            .map_while(|age| triangle.cell(cohort, age))
            .map(|cell| json!({ "customers": cell.customers, "orders": cell.orders, "revenue": amount(cell.revenue) }))
            .collect()
    };
    let rows: Vec<Value> = triangle
        .cohorts()
        .iter()
        .enumerate()
        .map(|(cohort, period)| {
            json!({ "cohort": period.to_string(), "size": triangle.size(cohort), "ages": ages(cohort) })
        })
        .collect();
    json!({ "unit": unit.name(), "last_is_whole": triangle.last_is_whole(), "cohorts": rows })
}

/// Returns the value at risk and, with an action, the list of customers for whom it pays.
fn rescue(analysis: &Analysis, at_risk: &AtRisk) -> Value {
    let ids: Vec<&String> = analysis.summaries.buyers().map(|(_, id, _)| id).collect();
    let list = at_risk.list.as_ref().map(|(action, list)| {
        let places = list.places().iter().filter_map(|place| {
            let (person, _) = at_risk.people.get(place.customer)?;
            Some(json!({
                "customer_id": ids.get(*person)?,
                "at_risk": amount(place.at_risk),
                "expected_gain": amount(place.gain),
            }))
        });
        json!({
            "cost": amount(action.cost),
            "success": action.success,
            "budget": action.budget.map(amount),
            "paying": list.paying(),
            "spent": amount(list.spent()),
            "expected_gain": amount(list.expected_gain()),
            "customers": places.collect::<Vec<_>>(),
        })
    });
    json!({ "customers": at_risk.people.len(), "at_risk": amount(at_risk.total), "list": list })
}

fn migration(moved: &Moved) -> Value {
    let moves = moved.migration.moves();
    let flows: Vec<Value> = moved
        .migration
        .flows()
        .filter(|flow| flow.customers > 0)
        .map(|flow| {
            json!({
                "from": flow.from,
                "to": flow.to,
                "customers": flow.customers,
                "value_before": amount(flow.value_before),
                "value_after": amount(flow.value_after),
            })
        })
        .collect();
    json!({
        "previous_end": moved.cut.to_string(),
        "stayed": moves.stayed,
        "up": moves.up,
        "down": moves.down,
        "entered": moves.entered,
        "left": moves.left,
        "flows": flows,
    })
}

fn satisfaction(answers: &Answers) -> Value {
    let regions = &answers.attitude.regions;
    let segments: Vec<Value> = answers
        .segments
        .iter()
        .map(|segment| json!({ "name": segment.name, "answers": segment.answers, "mean": segment.mean }))
        .collect();
    let survey = &answers.survey;
    json!({
        "question": answers.question,
        "rows": survey.input.file.rows,
        "refused": survey.input.file.refused,
        "customers": answers.attitude.people.len(),
        "strangers": answers.attitude.unknown,
        "mean": answers.mean,
        "segments": segments,
        "regions": regions.names().iter().cloned().zip(regions.counts()).collect::<BTreeMap<_, _>>(),
        "index": survey.index.as_ref().map(|index| json!({ "all": index.all, "attributes": index.attributes })),
        "nps": survey.nps.as_ref().map(|nps| json!({ "score": nps.score.score(), "interval": nps.interval })),
        "take_care": survey.doubts,
    })
}

fn fit(facts: &FitFacts, period: &str) -> Value {
    let named = |value: fn(&(&'static str, f64, Option<f64>)) -> Value| {
        facts.parameters.iter().map(|row| (row.0.to_owned(), value(row))).collect::<Map<_, _>>()
    };
    json!({
        "name": facts.name,
        "period": period,
        "customers": facts.customers,
        "parameters": named(|row| json!(row.1)),
        "standard_errors": named(|row| json!(row.2)),
        "log_likelihood": facts.ln_likelihood,
        "diagnosis": facts.doubts,
    })
}

fn judged(name: &str, accuracy: &crm_analytics::btyd::validation::Accuracy) -> Value {
    json!({
        "model": name,
        "customers": accuracy.customers,
        "predicted_total": accuracy.predicted_total,
        "actual_total": accuracy.actual_total,
        "bias": accuracy.bias,
        "mae": accuracy.mae,
        "rmse": accuracy.rmse,
        "msle": accuracy.msle,
        "auc": accuracy.auc,
        "top_decile": accuracy.top_decile,
    })
}

/// Returns the groups of a table. Shares refer to customers with a purchase; people without an
/// order have none. The frequency of RFM counts all purchases, that of `customers.csv` only repeat
/// purchases; the former is called purchases here.
fn groups(table: &GroupTable<Decimal>, buyers: u64, has_amounts: bool) -> Vec<Value> {
    let row = |group: &crm_analytics::segmentation::Group<Decimal>| {
        let bought = group.name != "No Order Yet";
        let with_money = has_amounts && bought;
        let mut row = json!({
            "name": group.name,
            "customers": group.customers,
            "share_of_customers": bought.then(|| group.customers as f64 / buyers.max(1) as f64),
            "spend": with_money.then(|| amount(group.value)),
            "share_of_spend": group.share_of_value.filter(|_| with_money),
            "mean_spend": group.mean_value.filter(|_| with_money),
        });
        for (name, mean) in table.mean_names().iter().zip(&group.means) {
            let name = if name == "frequency" { "purchases" } else { name.as_str() };
            if let Some(object) = row.as_object_mut() {
                object.insert(format!("mean_{}", name.replace([' ', '-'], "_")), json!(mean));
            }
        }
        row
    };
    table.groups().iter().map(row).collect()
}

/// Returns an amount as a number with all its digits.
fn amount(value: Decimal) -> Value {
    Value::Number(serde_json::Number::from_string_unchecked(value.normalize().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_every_digit() {
        assert_eq!(amount(Decimal::new(24_409_194, 2)).to_string(), "244091.94");
        let long = Decimal::from_i128_with_scale(12_345_678_901_234_567_890, 2);
        assert_eq!(amount(long).to_string(), "123456789012345678.9");
        assert_eq!(crate::words::money(long), "123,456,789,012,345,678.90");
    }
}

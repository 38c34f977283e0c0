//! CSV tables.

use std::io::{self, Write};

use crm_analytics::lifecycle::{Stage, Standing};
use crm_analytics::numbers::{Interval, Level};
use crm_analytics::statistics::survival::Limits;

use super::Analysis;

/// Writes one row per customer.
pub(super) fn stages(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let header = [
        "customer_id",
        "stage",
        "since",
        "p_exploration",
        "p_formation",
        "p_stability",
        "p_decline",
        "reasons",
    ];
    let mut table = csv::Writer::from_writer(file);
    table.write_record(header)?;
    for (buyer, standing) in analysis.buyers.iter().zip(&analysis.placed.standings) {
        let [exploration, formation, stability, decline] =
            Stage::EACH.map(|stage| format!("{:.6}", standing.probability(stage)));
        let (stage, since, reasons) =
            (standing.stage.to_string(), since(analysis, standing), reasons(standing));
        let record = [&buyer.id, &stage, &since, &exploration, &formation, &stability, &decline, &reasons];
        table.write_record(record)?;
    }
    table.flush()
}

/// Returns the day on which the stage began; empty if unknown.
fn since(analysis: &Analysis, standing: &Standing) -> String {
    let day = |days: f64| analysis.end.saturating_add(-(days.round() as i32)).to_string();
    standing.since.map_or_else(String::new, day)
}

fn reasons(standing: &Standing) -> String {
    standing.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Writes one row per pair of stages.
pub(super) fn transitions(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record(["from", "to", "customers", "share", "lower", "upper"])?;
    for (from, left) in Stage::EACH.into_iter().enumerate() {
        for (to, entered) in Stage::EACH.into_iter().enumerate() {
            let share = analysis.values.share(from, to);
            let shares = share.map_or_else(Default::default, |share| {
                [share.estimate, share.lower, share.upper].map(|share| format!("{share:.6}"))
            });
            let [share, lower, upper] = shares;
            let customers = analysis.values.count(from, to).to_string();
            table.write_record([left.name(), entered.name(), &customers, &share, &lower, &upper])?;
        }
    }
    table.flush()
}

/// Writes one row per stage: customers now, their expected value per step, and the measured value
/// per customer and year of customers known to be in the stage on a day, with the back-test of such
/// values.
pub(super) fn values(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record([
        "stage",
        "customers",
        "brings_per_step",
        "step_days",
        "value",
        "value_lower",
        "value_upper",
        "known_on",
        "known_customers",
        "horizon_days",
        "tested_on",
        "predicted",
        "actual",
        "difference",
        "difference_lower",
        "difference_upper",
    ])?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
    let limits = |interval: Option<Interval>| {
        [interval.map(|interval| interval.lower), interval.map(|interval| interval.upper)].map(number)
    };
    for (at, stage) in Stage::EACH.into_iter().enumerate() {
        let brings = number(analysis.values.brings(at));
        let mut record = vec![stage.to_string(), analysis.in_stage(stage).to_string(), brings];
        record.push(analysis.placed.step_days.to_string());
        match &analysis.values.measured {
            None => record.extend(vec![String::new(); 12]),
            Some(measured) => {
                let (value, test) = (measured.values.of(stage), measured.test.of(stage));
                record.push(number(value.per_year));
                record.extend(limits(value.interval));
                record.extend([measured.known_on.to_string(), value.customers.to_string()]);
                record.extend([measured.days.to_string(), measured.tested_on.to_string()]);
                let difference =
                    test.actual.zip(test.predicted).map(|(actual, predicted)| actual - predicted);
                record.extend([test.predicted, test.actual, difference].map(number));
                record.extend(limits(test.difference));
            }
        }
        table.write_record(&record)?;
    }
    table.flush()
}

/// Writes one row per observed cell of the triangle.
pub(super) fn cohorts(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let triangle = &analysis.cohorts;
    let has_amounts = analysis.input.has_amounts();
    let mut table = csv::Writer::from_writer(file);
    table.write_record([
        "cohort",
        "age",
        "size",
        "customers",
        "retention",
        "orders",
        "revenue",
        "cumulative_revenue",
        "value_per_customer",
    ])?;
    for (cohort, period) in triangle.cohorts().iter().enumerate() {
        for age in 0.. {
            let Some(cell) = triangle.cell(cohort, age) else { break };
            let retention = triangle.retention(cohort, age);
            let value = triangle.value_per_customer(cohort, age).filter(|_| has_amounts);
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
            let money = |amount: String| if has_amounts { amount } else { String::new() };
            table.write_record([
                period.to_string(),
                age.to_string(),
                triangle.size(cohort).to_string(),
                cell.customers.to_string(),
                number(retention.map(|share| share.estimate())),
                cell.orders.to_string(),
                money(cell.revenue.to_string()),
                money(cell.cumulative.to_string()),
                number(value),
            ])?;
        }
    }
    table.flush()
}

/// Writes one row per time at which a relationship declined.
pub(super) fn survival(analysis: &Analysis, file: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record(["days", "at_risk", "declined", "survival", "lower", "upper"])?;
    for step in analysis.survival.steps() {
        let interval = analysis.survival.interval(step.time, Limits::LogLog, Level::default());
        let [survival, lower, upper] =
            [step.survival, interval.lower, interval.upper].map(|share| format!("{share:.6}"));
        let days = format!("{:.0}", step.time);
        let counts = [step.at_risk, step.losses].map(|count| count.to_string());
        let [at_risk, declined] = counts;
        table.write_record([days, at_risk, declined, survival, lower, upper])?;
    }
    table.flush()
}

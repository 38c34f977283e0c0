//! Charts of the page. Charts without data are omitted.

use crm_analytics::charts::{BarChart, Flows, IntervalChart};
use crm_analytics::lifecycle::Stage;
use crm_analytics::numbers::Level;
use crm_analytics::statistics::survival::Limits;

use super::Analysis;

/// Moves from the previous date to now, including new customers.
pub(super) fn moves(analysis: &Analysis) -> Option<String> {
    let [(now, after), (date, before), ..] = analysis.placed.dates.as_slice() else { return None };
    let mut counts = vec![[0.0; 4]; Stage::ALL.len() + 1];
    for (from, to) in before.iter().zip(after) {
        let from = from.map_or(Stage::ALL.len(), Stage::index);
        if let (Some(row), Some(to)) = (counts.get_mut(from), to)
            && let Some(count) = row.get_mut(to.index())
        {
            *count += 1.0;
        }
    }
    let to = Stage::EACH.map(Stage::name);
    let from: Vec<&str> = to.into_iter().chain(["no customer yet"]).collect();
    let flows = Flows::new(&from, &to, &counts).ok()?;
    Some(
        flows
            .with_title("Who moved to which stage")
            .with_sides(&date.to_string(), &now.to_string())
            .with_value("Customers", "")
            .to_svg(),
    )
}

/// Draws the value of customers of each stage per year, with limits if available.
pub(super) fn values(analysis: &Analysis) -> Option<String> {
    let value = |stage: Stage| {
        let value = analysis.values.value(stage)?;
        let per_year = value.per_year?;
        let limits = value.interval.map_or((per_year, per_year), |interval| (interval.lower, interval.upper));
        Some((stage.name(), (limits.0, per_year, limits.1)))
    };
    let (names, rows): (Vec<&str>, Vec<(f64, f64, f64)>) = Stage::EACH.into_iter().filter_map(value).unzip();
    let chart = IntervalChart::new(&names, &rows).ok()?;
    let what = if analysis.input.has_amounts() { "Margin" } else { "Purchases" };
    let title = "What customers of each stage brought afterwards";
    Some(chart.with_title(title).with_value(&format!("{what} per customer and year"), "").to_svg())
}

/// Share of relationships without a decline, at up to ten evenly spaced times since the first
/// purchase.
pub(super) fn survival(analysis: &Analysis) -> Option<String> {
    let (labels, rows): (Vec<String>, Vec<(f64, f64, f64)>) = survival_rows(analysis)
        .into_iter()
        .map(|(days, interval)| {
            let percent = |share: f64| 100.0 * share;
            let row = (percent(interval.lower), percent(interval.estimate), percent(interval.upper));
            (format!("{days} days"), row)
        })
        .unzip();
    let chart = IntervalChart::new(&labels, &rows).ok()?;
    Some(
        chart
            .with_title("How many relationships have never declined after a time")
            .with_value("Share of customers", "%")
            .to_svg(),
    )
}

/// Returns the survival curve as a table.
pub(super) fn survival_rows(analysis: &Analysis) -> Vec<(u32, crm_analytics::numbers::Interval)> {
    let last = analysis.survival.last();
    let step = [30, 60, 90, 180, 365, 730, 3_650].into_iter().find(|step| last / f64::from(*step) <= 11.0);
    let step = step.unwrap_or(36_500);
    let days = (1..=10).map(|n| n * step).take_while(|days| f64::from(*days) <= last);
    days.map(|days| {
        let interval = analysis.survival.interval(f64::from(days), Limits::LogLog, Level::default());
        (days, interval)
    })
    .collect()
}

/// Draws the cumulative value per customer by age, over the cohorts observed at that age.
pub(super) fn value_by_age(analysis: &Analysis) -> Option<String> {
    if !analysis.input.has_amounts() {
        return None;
    }
    let triangle = &analysis.cohorts;
    // A mean over the few oldest cohorts reflects these cohorts rather than their age.
    let many = |age: &usize| {
        triangle.retention_at(*age).is_some_and(|share| 4 * share.trials() >= analysis.buyers.len() as u64)
    };
    let ages = (0..).take_while(many);
    let values: Vec<(String, f64)> =
        ages.map_while(|age| Some((age.to_string(), triangle.value_at(age)?))).collect();
    let every = values.len().div_ceil(13).max(1);
    let (labels, values): (Vec<String>, Vec<f64>) = values.into_iter().step_by(every).unzip();
    let chart = BarChart::new(&labels, &values).ok()?;
    let unit = analysis.own.cohorts.name();
    Some(
        chart
            .with_title("What a customer has brought by an age")
            .with_value(&format!("Revenue of a customer so far, by {unit}s since the first"), "")
            .to_svg(),
    )
}

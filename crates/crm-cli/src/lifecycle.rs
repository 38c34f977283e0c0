//! Charts of relationships: their stages, and repeat orders by the time of the first purchase and
//! the age since.

use crm_analytics::charts::{BarChart, HeatMap};
use crm_analytics::history::{Decimal, TimeUnit};
use crm_analytics::lifecycle::Stage;
use crm_analytics::lifecycle::cohort::Triangle;

use crate::words;

/// Maximum number of columns with room for two digits.
const MOST_WITH_TEXT: usize = 26;

/// Draws the customers by stage of the relationship.
pub(crate) fn stages(title: &str, customers: impl Fn(Stage) -> u64) -> Option<String> {
    let customers = Stage::EACH.map(|stage| customers(stage) as f64);
    let all = customers.iter().sum::<f64>().max(1.0);
    let shares = customers.map(|customers| words::percent(customers / all));
    let chart = BarChart::new(&Stage::EACH.map(Stage::name), &customers).ok()?.with_shares(&shares).ok()?;
    Some(chart.with_title(title).with_value("Customers; share", "").to_svg())
}

/// Draws retention by cohort and age; `None` if no cohort has been observed beyond its first
/// period.
pub(crate) fn retention(triangle: &Triangle<Decimal>, unit: TimeUnit) -> Option<String> {
    // The first period is 100 % by definition and would use up the color scale.
    let ages = 1..triangle.cohorts().len();
    let seen = |cohort: &usize| triangle.size(*cohort) > 0 && triangle.cell(*cohort, 1).is_some();
    let shown: Vec<usize> = (0..triangle.cohorts().len()).filter(seen).collect();
    let share =
        |cohort: usize, age: usize| triangle.retention(cohort, age).map(|share| 100.0 * share.estimate());
    let values: Vec<Vec<Option<f64>>> =
        shown.iter().map(|&cohort| ages.clone().map(|age| share(cohort, age)).collect()).collect();
    let text = |share: &Option<f64>| share.map_or_else(String::new, |share| format!("{share:.0}"));
    let texts: Vec<Vec<String>> = values.iter().map(|row| row.iter().map(text).collect()).collect();
    let rows: Vec<String> =
        shown.iter().filter_map(|&cohort| triangle.cohorts().get(cohort)).map(ToString::to_string).collect();
    let columns: Vec<String> = ages.map(|age| age.to_string()).collect();
    let map = HeatMap::new(&rows, &columns, &values).ok()?;
    let map = if columns.len() <= MOST_WITH_TEXT { map.with_cell_text(&texts).ok()? } else { map };
    Some(
        map.with_title("Who orders again, by cohort and age")
            .with_x_axis(&format!("Age: {}s after that of the first purchase", unit.name()), "")
            .with_y_axis("Cohort", "")
            .with_value("Share of the cohort that ordered", "%")
            .to_svg(),
    )
}

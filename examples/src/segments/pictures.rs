//! The pictures. One that the data cannot fill is left out.

use crm_analytics::charts::{ConcentrationCurve, HeatMap, Order};
use crm_analytics::history::Decimal;

use super::Analysis;
use super::groups::real;
use crate::{Error, cells};

pub(super) fn all(analysis: &Analysis) -> Result<Vec<(&'static str, String)>, Error> {
    let mut pictures = vec![("rfm.svg", rfm(analysis)?), ("pyramid.svg", analysis.groups.loyalty.pyramid()?)];
    if let Some(pareto) = pareto(analysis)? {
        pictures.push(("pareto.svg", pareto));
    }
    if let Some(moved) = &analysis.previous {
        pictures.push(("migration.svg", moved.picture()?));
    }
    if let Some(attitude) = &analysis.satisfaction
        && let Some(matrix) = attitude.picture()?
    {
        pictures.push(("satisfaction.svg", matrix));
    }
    Ok(pictures)
}

/// Mean value and number of customers by frequency score (from the top) and recency score.
fn rfm(analysis: &Analysis) -> Result<String, Error> {
    let groups = &analysis.groups;
    let cells = cells::of(&groups.scores, &groups.value);
    let text = |&(n, _): &(u64, _)| if n > 0 { n.to_string() } else { String::new() };
    let values: Vec<Vec<Option<f64>>> =
        cells.iter().map(|row| row.iter().map(|(_, mean)| *mean).collect()).collect();
    let texts: Vec<Vec<String>> = cells.iter().map(|row| row.iter().map(text).collect()).collect();
    let columns: Vec<String> = (1..=cells.len()).map(|score| score.to_string()).collect();
    let rows: Vec<String> = columns.iter().rev().cloned().collect();
    let map = HeatMap::new(&rows, &columns, &values).and_then(|map| map.with_cell_text(&texts));
    Ok(map
        .map_err(Error::refused)?
        .with_title("Which scores are worth most")
        .with_x_axis("Recency score: 5 bought last", "")
        .with_y_axis("Frequency score; numbers are customers", "")
        .with_value(&format!("Mean {}", groups.value_name), "")
        .to_svg())
}

fn pareto(analysis: &Analysis) -> Result<Option<String>, Error> {
    let values: Vec<f64> = analysis
        .groups
        .value
        .iter()
        .filter(|value| **value > Decimal::ZERO)
        .map(|&value| real(value))
        .collect();
    if values.is_empty() {
        return Ok(None);
    }
    let classes = analysis.groups.abc_table.groups().iter().filter(|class| class.name.len() == 1);
    let mut end = 0;
    let ends: Vec<(&str, f64)> = classes
        .map(|class| {
            end += class.customers;
            (class.name.as_str(), (end as f64 / values.len() as f64).min(1.0))
        })
        .collect();
    let curve = ConcentrationCurve::new(&values, Order::Pareto).and_then(|curve| curve.with_classes(&ends));
    Ok(Some(
        curve
            .map_err(Error::refused)?
            .with_title(&format!("How {} is spread", analysis.groups.value_name))
            .with_x_label("Share of customers, best first")
            .with_y_label(&format!("Share of {}", analysis.groups.value_name))
            .to_svg(),
    ))
}

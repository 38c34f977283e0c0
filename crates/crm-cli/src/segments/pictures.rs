//! Charts. Charts without data are omitted.

use crm_analytics::charts::HeatMap;

use super::Analysis;
use crate::{Error, cells, moved};

pub(super) fn all(analysis: &Analysis) -> Result<Vec<(&'static str, String)>, Error> {
    let mut pictures = vec![("rfm.svg", rfm(analysis)?), ("pyramid.svg", analysis.groups.loyalty.pyramid()?)];
    let groups = &analysis.groups;
    let title = format!("How {} is spread", groups.value_name);
    let spread = moved::spread((&title, groups.value_name), groups.value.iter().copied(), &groups.abc_table);
    pictures.extend(spread.map(|spread| ("pareto.svg", spread)));
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

/// Draws mean value and number of customers by frequency score (highest first) and recency score.
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

//! What customers say, from a file, beside what they do.

use std::collections::HashMap;
use std::path::Path;

use crm_analytics::history::{Decimal, Summaries};
use crm_analytics::segmentation::rfm::Place;
use crm_analytics::segmentation::{Assignments, Matrix};

use super::groups::Groups;
use crate::Error;
use crate::options;

/// The lowest and the highest answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Default for Scale {
    fn default() -> Self {
        Scale { low: 0.0, high: 100.0 }
    }
}

impl Scale {
    /// Reads `1..5`.
    pub(super) fn parse(text: String) -> Result<Self, Error> {
        let ends = text.split_once("..").and_then(|(low, high)| {
            Some((low.trim().parse::<f64>().ok()?, high.trim_start_matches('=').trim().parse::<f64>().ok()?))
        });
        match ends {
            Some((low, high)) if low.is_finite() && high.is_finite() && low < high => Ok(Scale { low, high }),
            _ => Err(options::refused(
                "--satisfaction-scale",
                text,
                "a scale is written LOWEST..HIGHEST, such as 1..5",
            )),
        }
    }

    pub(super) fn ends(self) -> (f64, f64) {
        (self.low, self.high)
    }
}

/// Answers of people who have ordered, and where they stand.
pub(super) struct Satisfaction {
    pub(super) scale: Scale,
    pub(super) matrix: Matrix,
    pub(super) cuts: (f64, f64),
    pub(super) satisfaction: Vec<f64>,
    /// The mean of recency and frequency score, from 0 to 100.
    pub(super) loyalty: Vec<f64>,
    pub(super) regions: Assignments,
    /// Answers of people who have not ordered.
    pub(super) unknown: usize,
}

impl Satisfaction {
    pub(super) fn read(
        path: &Path,
        scale: Scale,
        summaries: &Summaries<String, Decimal>,
        groups: &Groups,
    ) -> Result<Self, Error> {
        let answers = answers(path, scale)?;
        let places: HashMap<&str, usize> =
            summaries.everyone().enumerate().map(|(place, (_, id, _))| (id.as_str(), place)).collect();
        let bins = f64::from(groups.scores.scheme().bins());
        let (mut satisfaction, mut loyalty, mut unknown) = (Vec::new(), Vec::new(), 0);
        for (id, answer) in answers {
            let place = places.get(id.as_str()).and_then(|place| groups.scores.place(*place));
            if let Some(Place::Cell(cell)) = place {
                let mean = f64::from(cell.recency() + cell.frequency()) / 2.0;
                satisfaction.push(answer);
                loyalty.push(100.0 * (mean - 1.0) / (bins - 1.0));
            } else {
                unknown += 1;
            }
        }
        let cuts = ((scale.low + scale.high) / 2.0, 50.0);
        let matrix = Matrix::satisfaction_loyalty(cuts.0, cuts.1).map_err(Error::refused)?;
        let regions = matrix.assign(&satisfaction, &loyalty).map_err(Error::refused)?;
        Ok(Satisfaction { scale, matrix, cuts, satisfaction, loyalty, regions, unknown })
    }
}

/// The rows of the file, in order.
fn answers(path: &Path, scale: Scale) -> Result<Vec<(String, f64)>, Error> {
    let in_file = |why: String| Error::Read { path: path.to_owned(), why };
    let mut reader = csv::Reader::from_path(path).map_err(|error| in_file(error.to_string()))?;
    let head = reader.headers().map_err(|error| in_file(error.to_string()))?.clone();
    let column = |name: &str| {
        let place = head.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        place.ok_or_else(|| in_file(format!("there is no column {name:?}")))
    };
    let (id, answer) = (column("customer_id")?, column("satisfaction")?);
    let mut rows: Vec<(String, f64)> = Vec::new();
    let mut seen = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| in_file(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |place: usize| record.get(place).unwrap_or_default().trim().to_owned();
        let (id, text) = (field(id), field(answer));
        let answer = text.parse::<f64>().ok().filter(|answer| (scale.low..=scale.high).contains(answer));
        let Some(answer) = answer else {
            let (low, high) = scale.ends();
            return Err(in_file(format!(
                "line {line}: satisfaction must be a number from {low} to {high}, got {text:?}"
            )));
        };
        if let Some(first) = seen.insert(id.clone(), line) {
            return Err(in_file(format!("line {line}: {id} has answered on line {first} already")));
        }
        rows.push((id, answer));
    }
    if rows.is_empty() {
        return Err(in_file("there is no answer below the header".to_owned()));
    }
    Ok(rows)
}

//! Satisfaction scores of customers from a file.

use std::collections::HashMap;
use std::path::Path;

use crate::Error;
use crate::options;
use crate::sheet::Sheet;

/// Lowest and highest answer.
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
    /// Parses a scale such as `1..5`.
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

/// Reads the rows of the file, in order.
pub(super) fn answers(path: &Path, scale: Scale) -> Result<Vec<(String, f64)>, Error> {
    let in_file = |why: String| Error::in_file(path, why);
    let mut sheet = Sheet::open(path)?;
    let head = sheet.header().to_vec();
    let column = |name: &str| {
        let place = head.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        place.ok_or_else(|| in_file(format!("there is no column {name:?}")))
    };
    let (id, answer) = (column("customer_id")?, column("satisfaction")?);
    let mut rows: Vec<(String, f64)> = Vec::new();
    let mut seen = HashMap::new();
    while let Some((line, record)) = sheet.next().map_err(in_file)? {
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

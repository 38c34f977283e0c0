//! Columns of cells encoded as features, by the rules in the help.

use std::collections::BTreeMap;

use super::input::{Column, Input, unknown};
use super::options::Options;
use crate::Error;

/// A feature and its source column.
#[derive(Debug)]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) column: usize,
    /// Values for all customers, in training or not.
    pub(super) values: Vec<f64>,
}

/// Share of filled cells that must be numbers for a column to count as numeric.
const NUMBERS: f64 = 0.9;
/// Values with fewer customers are pooled.
const LEAST: usize = 10;
const MISSING: &str = "(missing)";
const OTHER: &str = "(other)";

/// Returns the features of all customers and notes on cells; `learnt` marks the customers used for
/// rules and means.
pub(super) fn features(
    options: &Options,
    input: &Input,
    learnt: &[bool],
) -> Result<(Vec<Feature>, Vec<String>), Error> {
    let (mut features, mut notes) = (Vec::new(), Vec::new());
    for (place, column) in input.columns.iter().enumerate() {
        let filled = || column.cells.iter().filter(|cell| !unknown(cell));
        let numbers = filled().filter(|cell| number(cell).is_some()).count();
        let all = filled().count();
        if all > 0 && numbers as f64 >= NUMBERS * all as f64 {
            let told: Vec<&String> =
                column.cells.iter().filter(|cell| unknown(cell) && !cell.trim().is_empty()).collect();
            if let Some(first) = told.first() {
                let cells = if told.len() == 1 { "cell counts" } else { "cells count" };
                notes.push(format!(
                    "in {} {} {cells} as missing, such as {first:?}",
                    column.name,
                    told.len()
                ));
            }
            numeric(options, input, column, place, learnt, &mut features)?;
        } else {
            text(column, place, learnt, &mut features);
        }
    }
    Ok((features, notes))
}

fn number(cell: &str) -> Option<f64> {
    cell.trim().parse::<f64>().ok().filter(|number| number.abs() <= 1e100)
}

fn numeric(
    options: &Options,
    input: &Input,
    column: &Column,
    place: usize,
    learnt: &[bool],
    into: &mut Vec<Feature>,
) -> Result<(), Error> {
    let mut cells = Vec::with_capacity(column.cells.len());
    for (cell, line) in column.cells.iter().zip(&input.lines) {
        let found = number(cell);
        if found.is_none() && !unknown(cell) {
            let why = format!("line {line}: {} must be a number, got {cell:?}", column.name);
            return Err(Error::in_file(&options.features, why));
        }
        cells.push(found);
    }
    let known: Vec<f64> =
        cells.iter().zip(learnt).filter(|(_, learnt)| **learnt).filter_map(|(cell, _)| *cell).collect();
    let mean = known.iter().map(|value| value / known.len() as f64).sum::<f64>();
    let missing = cells.iter().zip(learnt).any(|(cell, learnt)| *learnt && cell.is_none());
    let values = cells.iter().map(|cell| cell.unwrap_or(mean)).collect();
    into.push(Feature { name: column.name.clone(), column: place, values });
    if missing {
        let values = cells.iter().map(|cell| f64::from(u8::from(cell.is_none()))).collect();
        into.push(Feature { name: format!("{} is missing", column.name), column: place, values });
    }
    Ok(())
}

fn text(column: &Column, place: usize, learnt: &[bool], into: &mut Vec<Feature>) {
    let level = |cell: &'_ String| if cell.is_empty() { MISSING.to_owned() } else { cell.clone() };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (cell, _) in column.cells.iter().zip(learnt).filter(|(_, learnt)| **learnt) {
        *counts.entry(level(cell)).or_default() += 1;
    }
    let rare: usize = counts.values().filter(|count| **count < LEAST).sum();
    counts.retain(|_, count| *count >= LEAST);
    if rare > 0 {
        *counts.entry(OTHER.to_owned()).or_default() += rare;
    }
    // Ties in frequency are broken alphabetically.
    let usual = counts.iter().rev().max_by_key(|(_, count)| **count).map(|(level, _)| level.clone());
    let of = |cell: &String| {
        let level = level(cell);
        if counts.contains_key(&level) { level } else { OTHER.to_owned() }
    };
    let levels: Vec<String> = column.cells.iter().map(of).collect();
    for name in counts.keys().filter(|name| usual.as_ref() != Some(name)) {
        let values = levels.iter().map(|level| f64::from(u8::from(level == name))).collect();
        into.push(Feature { name: format!("{} = {name}", column.name), column: place, values });
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_against_the_most_frequent_value() {
        let mut cells = vec!["basic".to_owned(); 12];
        cells.extend(vec!["plus".to_owned(); 11]);
        cells.extend(["rare".to_owned(), String::new(), "new".to_owned()]);
        let column = Column { name: "plan".to_owned(), cells };
        let mut learnt = vec![true; 26];
        learnt[25] = false;
        let mut features = Vec::new();
        text(&column, 0, &learnt, &mut features);
        let names: Vec<&str> = features.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(names, ["plan = (other)", "plan = plus"]);
        // A value not seen in training counts as pooled.
        assert_eq!(features[0].values[22..], [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(features[1].values.iter().sum::<f64>(), 11.0);
    }
}

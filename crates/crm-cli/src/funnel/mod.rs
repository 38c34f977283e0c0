//! Sales funnel from opportunities: conversion, time, required candidates and group comparison, as
//! tables.

mod analysis;
mod input;
mod json;
mod options;
mod tables;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;
use crm_analytics::charts::Pyramid;

use self::analysis::Analysis;
use crate::Error;
use crate::output::Files;

const NUMBERS: &str = "funnel.json";

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let options = options::parse(matches)?;
    let opportunities = input::read(&options)?;
    let analysis = Analysis::of(&opportunities, options)?;
    let numbers = serde_json::to_string_pretty(&json::of(&analysis)).map_err(Error::refused)? + "\n";
    let picture = picture(&analysis)?;
    let mut written = Vec::new();
    // Both sets are complete under temporary names before either is published.
    let mut folders: Vec<Files<'_>> = Vec::new();
    if let Some(file) = &analysis.options.json {
        folders.push(Files::of(file, |out| out.write_all(numbers.as_bytes()))?);
        written.push(file.display().to_string());
    }
    if let Some(folder) = &analysis.options.out {
        let mut files = Files::in_folder(folder)?;
        files.add("funnel.csv", |out| tables::steps(&analysis, out))?;
        files.add("time.csv", |out| tables::time(&analysis, out))?;
        files.add("funnel.svg", |out| out.write_all(picture.as_bytes()))?;
        let mut names = vec!["funnel.csv", "time.csv", "funnel.svg"];
        if analysis.options.group.is_some() {
            files.add("groups.csv", |out| tables::groups(&analysis, out))?;
            names.push("groups.csv");
        }
        if analysis.options.json.is_none() {
            files.add(NUMBERS, |out| out.write_all(numbers.as_bytes()))?;
            names.push(NUMBERS);
        }
        folders.push(files);
        written.extend(names.into_iter().map(|name| folder.join(name).display().to_string()));
    }
    folders.into_iter().try_for_each(Files::publish)?;
    let written = if written.is_empty() { String::new() } else { format!("\nwrote {}", written.join(", ")) };
    Ok(format!("{analysis}{written}"))
}

/// Draws the funnel with its widest stage at the bottom and the shares that go on, which can still
/// grow while opportunities are open.
fn picture(analysis: &Analysis) -> Result<String, Error> {
    let counts: Vec<f64> = analysis.funnel.counts().iter().map(|&count| count as f64).collect();
    let share = |step: &crm_analytics::lifecycle::funnel::Passage| step.so_far.map(|share| share.estimate);
    let shares: Vec<Option<f64>> = analysis.passages.iter().map(share).collect();
    let chart = Pyramid::new(analysis.funnel.names(), &counts)
        .and_then(|chart| chart.with_conversions(&shares))
        .map_err(Error::refused)?;
    Ok(chart
        .with_title("How far opportunities have come")
        .with_value("Opportunities that have reached the stage", "")
        .to_svg())
}

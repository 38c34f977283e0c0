//! Satisfaction survey: reads answers and writes a page and all its figures.

mod analysis;
mod input;
mod json;
mod options;
mod page;
mod pictures;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;
use std::path::Path;

pub(crate) use self::analysis::Analysis;
pub(crate) use self::page::range;
pub(crate) use self::pictures::ratios;
use crate::Error;
use crate::output::Files;

/// Name of the page in the output folder.
const PAGE: &str = "satisfaction.html";
const NUMBERS: &str = "satisfaction.json";

/// Runs the program with its arguments and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let mut options = options::parse(matches)?;
    let input = input::read(&mut options, |_, _| {})?;
    let analysis = analysis::Analysis::of(input, options)?;
    let numbers = serde_json::to_string_pretty(&json::of(&analysis)).map_err(Error::refused)? + "\n";
    let page = page::html(&analysis);
    let mut written = Vec::new();
    let options = &analysis.options;
    // Both sets are complete under temporary names before either is published.
    let mut folders: Vec<Files<'_>> = Vec::new();
    if let Some(file) = &options.json {
        folders.push(Files::of(file, |out| out.write_all(numbers.as_bytes()))?);
        written.push(file.display().to_string());
    }
    if let Some(folder) = &options.out {
        let mut files = Files::in_folder(folder)?;
        files.add(PAGE, |out| out.write_all(page.as_bytes()))?;
        written.push(folder.join(PAGE).display().to_string());
        if options.json.is_none() {
            files.add(NUMBERS, |out| out.write_all(numbers.as_bytes()))?;
            written.push(folder.join(NUMBERS).display().to_string());
        }
        folders.push(files);
    }
    folders.into_iter().try_for_each(Files::publish)?;
    Ok(format!("{}\nwrote {}", analysis.in_words(), written.join(" and ")))
}

/// Analyzes a survey whose questions have the usual names: `perceived_` and `expected_` before
/// attributes, `recommend` or `nps`.
pub(crate) fn of_customers(path: &Path) -> Result<Analysis, Error> {
    let mut options = options::Options { survey: path.to_owned(), ..Default::default() };
    let input = input::read(&mut options, |options, survey| {
        let has = |prefix: &str| survey.columns().iter().any(|column| column.name().starts_with(prefix));
        if has("perceived_") && has("expected_") {
            options.perceived = Some("perceived_".to_owned());
            options.expected = Some("expected_".to_owned());
        }
        let asked = ["recommend", "nps"].into_iter().find(|name| survey.column(name).is_ok());
        options.nps = asked.map(str::to_owned);
    })?;
    Analysis::of(input, options)
}

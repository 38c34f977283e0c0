//! Comparison of purchase models fitted to orders up to a day and validated on later orders.

mod options;
mod report;
mod statement;

use std::path::PathBuf;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;
use crm_analytics::btyd::{
    BgCnbd, BgNbd, GompertzNbd, Level, MbgCnbd, MbgNbd, Nbd, ParetoNbd, PurchaseOptions, fit,
    fit::{CountInterval, FitReport},
    validation::{Coverage, Holdout, ModelCandidate, ModelComparison, ModelTrial, Regularity, compare},
};
use crm_analytics::history::{Decimal, Observation, Split, SummaryRules};

use self::options::Choice;
use crate::Error;
use crate::input::{self, Input};
use crate::output::Files;

/// Returns the models, in the order of the comparison. A new one takes one line.
fn models() -> Vec<ModelCandidate> {
    vec![
        ModelCandidate::new::<BgNbd>(),
        ModelCandidate::new::<MbgNbd>(),
        ModelCandidate::fitted_by("BG/CNBD-2", |histories, options| {
            fit::<BgCnbd>(histories, &options.clone().with_stages(2))
        }),
        ModelCandidate::fitted_by("MBG/CNBD-2", |histories, options| {
            fit::<MbgCnbd>(histories, &options.clone().with_stages(2))
        }),
        ModelCandidate::new::<ParetoNbd>(),
        ModelCandidate::new::<GompertzNbd>(),
        ModelCandidate::new::<Nbd>(),
    ]
}

/// Coverage of the predictive intervals.
const LEVEL: f64 = 0.90;

/// One model on the holdout.
struct Line<'a> {
    name: String,
    /// Result of the model, or the reason why it could not be fitted.
    result: Result<Fit<'a>, String>,
}

struct Fit<'a> {
    trial: &'a ModelTrial,
    report: FitReport,
    p_alive: Vec<f64>,
    intervals: Vec<Option<CountInterval>>,
    coverage: Coverage,
}

/// All results computed from the files.
struct Analysis {
    choice: Choice,
    input: Input,
    split: Split<String, Decimal>,
    holdout: Holdout,
    comparison: ModelComparison,
    regularity: Option<Regularity>,
}

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data leave nothing to compare; no file is written
/// then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let choice = options::parse(matches, &models())?;
    let analysis = Analysis::of(choice)?;
    let lines = analysis.lines()?;
    let (json, predictions) = (&analysis.choice.json, &analysis.choice.predictions);
    let mut sets = Vec::new();
    if let Some(path) = json {
        sets.push(Files::of(path, |file| report::write_json(&lines, file))?);
    }
    if let Some(path) = predictions {
        sets.push(Files::of(path, |file| report::write_predictions(&analysis, &lines, file))?);
    }
    sets.into_iter().try_for_each(Files::publish)?;
    statement::of(&analysis, &lines)
}

impl Analysis {
    fn of(choice: Choice) -> Result<Self, Error> {
        let options = &choice.options;
        let input = input::read(options)?;
        let (_, end) = input.observed(options)?;
        let observation = Observation::until(end).with_rules(SummaryRules::default().with_unit(options.unit));
        let split = input.split(&observation, choice.calibration_end)?;
        let holdout = Holdout::from_split(&split).map_err(Error::refused)?;
        let comparison =
            compare(&holdout, &choice.candidates, &PurchaseOptions::default()).map_err(Error::refused)?;
        let regularity = Regularity::from_summaries(split.calibration()).ok();
        Ok(Analysis { choice, input, split, holdout, comparison, regularity })
    }

    /// Returns one row per requested model, in the order of the list.
    fn lines(&self) -> Result<Vec<Line<'_>>, Error> {
        let level = Level::new(LEVEL).map_err(Error::refused)?;
        let customers = self.holdout.customers();
        let line = |candidate: &ModelCandidate| {
            let name = candidate.name().to_owned();
            let found = self.comparison.trials().iter().find_map(|trial| {
                trial.model.as_ref().filter(|_| trial.name == name).map(|model| (trial, model))
            });
            let Some((trial, model)) = found else {
                let failed = self.comparison.failures().iter().find(|failure| failure.0 == name);
                let why = failed.map_or_else(String::new, |failure| failure.1.to_string());
                return Ok(Line { name, result: Err(why) });
            };
            let mut p_alive = vec![0.0; customers.len()];
            model.p_alive_all(customers, &mut p_alive).map_err(Error::refused)?;
            let mut intervals = vec![None; customers.len()];
            model
                .predictive_intervals(customers, self.holdout.horizon(), level, &mut intervals)
                .map_err(Error::refused)?;
            let coverage = self.holdout.coverage(&intervals).map_err(Error::refused)?;
            Ok(Line { name, result: Ok(Fit { trial, report: model.report(), p_alive, intervals, coverage }) })
        };
        self.choice.candidates.iter().map(line).collect()
    }

    /// Returns where the results were written.
    fn files(&self) -> Vec<&PathBuf> {
        self.choice.json.iter().chain(&self.choice.predictions).collect()
    }
}

//! The main report: reads orders and writes customers, a summary and a page.

mod answers;
mod costs;
mod forecast;
mod lifecycle;
mod models;
mod page;
mod people;
mod pictures;
mod rescue;
mod segments;
mod stages;
mod standing;
mod summary;

use std::path::PathBuf;

use clap::ArgMatches;
use crm_analytics::history::{Day, Decimal, NaiveDate, Summaries, SummaryRules};
use crm_analytics::lifecycle::Stage;
use crm_analytics::segmentation::Columns;

use self::answers::Answers;
use self::costs::Profits;
use self::forecast::{Course, Forecast, Trial};
use self::rescue::{Action, AtRisk};
use self::segments::Segments;
use self::stages::Stages;
use crate::Error;
use crate::input::{self, Input};
use crate::loyalty::Loyalty;
use crate::moved::Moved;
use crate::options::{self, Options, PROGRAM};
use crate::output::Files;
use crate::words;

/// All results computed from the files.
struct Analysis {
    options: Options,
    input: Input,
    start: Day,
    end: Day,
    summaries: Summaries<String, Decimal>,
    segments: Segments,
    loyalty: Loyalty,
    moved: Option<Moved>,
    answers: Option<Answers>,
    stages: Stages,
    at_risk: Option<AtRisk>,
    forecast: Forecast,
    trial: Option<Trial>,
    course: Course,
    profits: Option<Profits>,
    /// Total spend of all customers, if there are amounts that can be added up.
    spend: Option<Decimal>,
    /// Refunds (negative) to people without an order in the file.
    refunds_without_order: Option<Decimal>,
}

const OWN: [&str; 6] = ["costs", "previous-end", "rescue-budget", "rescue-cost", "rescue-success", "survey"];

/// Flags specific to this program.
#[derive(Debug, Clone, Default)]
struct Extras {
    costs: Option<PathBuf>,
    previous_end: Option<NaiveDate>,
    survey: Option<PathBuf>,
    rescue_cost: Option<Decimal>,
    rescue_success: Option<f64>,
    rescue_budget: Option<Decimal>,
}

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let mut extras = Extras::default();
    let options = options::parse_with(&PROGRAM, matches, &OWN, |flag, text| {
        match flag {
            "costs" => extras.costs = Some(text.into()),
            "survey" => extras.survey = Some(text.into()),
            "rescue-cost" => extras.rescue_cost = Some(options::amount("--rescue-cost", text)?),
            "rescue-budget" => extras.rescue_budget = Some(options::amount("--rescue-budget", text)?),
            "rescue-success" => {
                extras.rescue_success = Some(options::number("--rescue-success", text, 0.0, 1.0)?);
            }
            _ => extras.previous_end = Some(options::date("--previous-end", text)?),
        }
        Ok(())
    })?;
    let action = extras.action()?;
    let analysis = Analysis::of(options, &extras, action)?;
    let mut files = Files::in_folder(&analysis.options.out)?;
    files.add("customers.csv", |file| people::write(&analysis, file))?;
    files.add("summary.json", |file| summary::write(&analysis, file))?;
    let page = page::html(&analysis);
    files.add("report.html", |file| file.write_all(page.as_bytes()))?;
    files.publish()?;
    Ok(analysis.to_string())
}

impl Extras {
    /// Returns the retention action, if any: its cost and success rate are given together.
    fn action(&self) -> Result<Option<Action>, Error> {
        match (self.rescue_cost, self.rescue_success) {
            (Some(cost), Some(success)) => Ok(Some(Action { cost, success, budget: self.rescue_budget })),
            (None, None) if self.rescue_budget.is_none() => Ok(None),
            _ => Err(Error::Usage("--rescue-cost and --rescue-success are given together".to_owned())),
        }
    }
}

impl Analysis {
    fn of(options: Options, extras: &Extras, action: Option<Action>) -> Result<Self, Error> {
        let input = input::read(&options)?;
        let ledger = &input.ledger;
        let (start, summaries) =
            input.summarized(&options, SummaryRules::default().with_unit(options.unit))?;
        let end = summaries.observation().end();
        let columns = Columns::from_summaries(&summaries);
        let segments = Segments::of(&columns, input.has_amounts())?;
        let loyalty = Loyalty::of(&input, &summaries, &columns, &segments.classes, end)?;
        let moved = match extras.previous_end {
            Some(cut) => Some(Moved::of(&input, &summaries, (start, end), cut.into())?),
            None => None,
        };
        let answers = match &extras.survey {
            Some(path) => Some(Answers::of(path, &summaries, &segments)?),
            None => None,
        };
        let forecast = Forecast::of(&summaries, &options, input.has_amounts())?;
        let stages = Stages::of(&input, &summaries, end)?;
        let at_risk = AtRisk::of(&summaries, &forecast, end, action)?;
        let trial = match options.calibration_end {
            Some(cut) => Some(Trial::of(&input, summaries.observation(), cut.into())?),
            None => None,
        };
        let models: Vec<_> = match &trial {
            Some(trial) => trial.models.iter().map(|(model, _)| model.as_ref()).collect(),
            None => vec![forecast.purchases.as_ref()],
        };
        let course =
            Course::of(ledger, &summaries, &models, trial.as_ref().map(|trial| trial.calibration_end))?;
        let profits = match &extras.costs {
            Some(path) if input.has_amounts() => Some(Profits::of(path, &summaries, options.margin)?),
            Some(path) => {
                let why = "profit needs amounts, and the orders have none".to_owned();
                return Err(Error::Flag { flag: "--costs", value: path.display().to_string(), why });
            }
            None => None,
        };
        let (spend, all) = match input.has_amounts() {
            true => (
                summaries.buyers().try_fold(Decimal::ZERO, |sum, (.., buyer)| sum.checked_add(buyer.spend)),
                summaries.total_spend().ok(),
            ),
            false => (None, None),
        };
        let refunds_without_order = all.zip(spend).and_then(|(all, spend)| all.checked_sub(spend));
        Ok(Analysis {
            start,
            end,
            summaries,
            segments,
            loyalty,
            moved,
            answers,
            stages,
            at_risk,
            forecast,
            trial,
            course,
            profits,
            spend,
            refunds_without_order,
            input,
            options,
        })
    }

    /// Returns the number of people with at least one purchase.
    fn buyers(&self) -> u64 {
        self.forecast.histories.len() as u64
    }

    /// Returns whether there are repeat purchases, without which nothing can be predicted.
    fn is_forecast(&self) -> bool {
        self.forecast.collapsed.repeaters() > 0
    }

    /// Returns the number of people without a purchase.
    fn prospects(&self) -> u64 {
        self.summaries.customers() as u64 - self.buyers()
    }
}

/// Output for the terminal.
impl std::fmt::Display for Analysis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.input.ledger.quality())?;
        for refused in self.input.ledger.refused().iter().take(5) {
            writeln!(f, "  {refused}")?;
        }
        let columns = &self.input.columns;
        let amount = columns.amount.as_deref().unwrap_or("none");
        let date = columns.date.as_deref().unwrap_or("none");
        writeln!(f, "columns: customer {}, date {date}, amount {amount}", columns.id)?;
        let from_roster = &self.input.refused_from_roster;
        if let Some(first) = from_roster.first() {
            let rows = words::counted(from_roster.len() as u64, "row", "rows");
            writeln!(f, "{rows} of the roster refused; {first}")?;
        }
        if let Some(rows) = input::left_out(&self.summaries, &self.options) {
            writeln!(f, "{rows}")?;
        }
        if self.summaries.later_customers() > 0 {
            let later = self.summaries.later_customers() as u64;
            writeln!(f, "{} known only later left out", words::counted(later, "customer", "customers"))?;
        }
        writeln!(
            f,
            "\n{} from {} to {}\n",
            words::counted(self.buyers(), "customer", "customers"),
            self.start,
            self.end
        )?;
        let facts = self.forecast.purchases.facts();
        for fit in std::iter::once(&facts).chain(&self.forecast.spend_facts) {
            let parameters: Vec<String> =
                fit.parameters.iter().map(|(name, value, _)| format!("{name} {value:.4}")).collect();
            writeln!(f, "{}: {} (ln L {:.2})", fit.name, parameters.join(", "), fit.ln_likelihood)?;
            for doubt in &fit.doubts {
                writeln!(f, "  doubtful: {doubt}")?;
            }
        }
        if let Some(trial) = &self.trial {
            for (model, accuracy) in &trial.models {
                let facts = model.facts();
                for doubt in &facts.doubts {
                    writeln!(f, "{} up to {}, doubtful: {doubt}", facts.name, trial.calibration_end)?;
                }
                writeln!(
                    f,
                    "{} fitted up to {} predicts {} purchases in the holdout; there were {}",
                    model.facts().name,
                    trial.calibration_end,
                    words::number(accuracy.predicted_total, 1),
                    words::count(accuracy.actual_total)
                )?;
            }
        }
        if let Some(profits) = &self.profits {
            writeln!(
                f,
                "after cost, {} of {} earn {}; {} lose {}",
                words::counted(profits.ranking.earners() as u64, "customer", "customers"),
                words::count(profits.ranked.len() as u64),
                words::cents(profits.earned()),
                words::count(profits.ranking.loss_makers().count() as u64),
                words::cents(profits.ranking.lost().get()),
            )?;
        }
        let due = self.loyalty.due.list().len() as u64;
        writeln!(f, "{} overdue or due for contact", words::counted(due, "person is", "people are"))?;
        let stages = Stage::EACH.map(|stage| format!("{stage}: {}", self.stages.customers(stage)));
        writeln!(f, "stages: {}", stages.join(", "))?;
        if let Some((_, list)) = self.at_risk.as_ref().and_then(|at_risk| at_risk.list.as_ref()) {
            writeln!(f, "whom to save: {list}")?;
        }
        if let Some(moved) = &self.moved {
            writeln!(f, "{moved}")?;
        }
        if let Some(answers) = &self.answers {
            writeln!(f, "{answers}")?;
        }
        write!(f, "\nwrote customers.csv, summary.json and report.html to {}", self.options.out.display())
    }
}

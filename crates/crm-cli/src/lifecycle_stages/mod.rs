//! Life-cycle stages from orders: stage and outlook of each relationship, as tables and a page.

mod buyers;
mod page;
mod pictures;
mod revenue;
mod standings;
mod tables;
mod values;

use crate::program::{Flag, Program};
use std::fmt;
use std::str::FromStr;

use clap::ArgMatches;
use crm_analytics::history::{Day, Decimal, SummaryRules, TimeUnit};
use crm_analytics::lifecycle::Stage;
use crm_analytics::lifecycle::cohort::Triangle;
use crm_analytics::statistics::survival::{Curve, Lifetimes};

use self::buyers::Buyer;
use self::revenue::Quarters;
use self::standings::Placed;
use self::values::{Measured, Values};
use crate::Error;
use crate::input::{self, Input};
use crate::options::{self, Options};
use crate::output::Files;
use crate::words;

pub(crate) const PROGRAM: Program = Program {
    name: "stages",
    about: "Report the life-cycle stage of each customer, moves between stages, the value per stage, cohorts and the survival of relationships from order lines.",
    flags: &[
        options::ORDERS,
        options::ROSTER,
        options::ID_COLUMN,
        options::DATE_COLUMN,
        Flag {
            name: "amount-column",
            value: "N",
            help: "column of the amount (if omitted, stages are valued in orders and revenue is not reported)",
        },
        options::DATE_FORMAT,
        options::DELIMITER,
        options::DECIMAL_MARK,
        options::END,
        Flag {
            name: "method",
            value: "NAME",
            help: "method that assigns the stages: rules, hmm (a hidden Markov model) or p-alive (default: rules)",
        },
        Flag {
            name: "period-days",
            value: "N",
            help: "length of a period of the hidden Markov model, in days; moves are counted over three periods (default: 28)",
        },
        Flag {
            name: "model",
            value: "NAME",
            help: "purchase model for P(alive): MBG/NBD or BG/NBD (default: MBG/NBD)",
        },
        Flag {
            name: "cohorts",
            value: "U",
            help: "time unit of the cohort triangle: weeks, months, quarters or years (default: months)",
        },
        Flag {
            name: "discount-rate",
            value: "R",
            help: "yearly discount rate, such as 0.10 for 10 % (default: 0.10); the value of a stage is as of the day on which the stage was known",
        },
        options::MARGIN,
        Flag {
            name: "out",
            value: "DIR",
            help: "folder for stages.csv, transitions.csv, stage_values.csv, cohorts.csv, survival.csv and stages.html (default: out)",
        },
    ],
    after: "",
};

const OWN: [&str; 3] = ["method", "period-days", "cohorts"];

/// Method that assigns the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Rules,
    Hmm,
    PAlive,
}

impl FromStr for Method {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "rules" => Ok(Method::Rules),
            "hmm" => Ok(Method::Hmm),
            "p-alive" => Ok(Method::PAlive),
            _ => Err("the methods are rules, hmm and p-alive"),
        }
    }
}

/// Flags specific to this program.
struct Own {
    method: Method,
    period_days: u32,
    cohorts: TimeUnit,
}

/// All results computed from the files.
struct Analysis {
    options: Options,
    own: Own,
    input: Input,
    start: Day,
    end: Day,
    left_out: Option<String>,
    buyers: Vec<Buyer>,
    placed: Placed,
    values: Values,
    cohorts: Triangle<Decimal>,
    survival: Curve,
    quarters: Option<Quarters>,
}

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let mut own = Own { method: Method::Rules, period_days: 28, cohorts: TimeUnit::Month };
    let take = |flag: &'static str, text: String| {
        match flag {
            "method" => {
                own.method = text.parse().map_err(|why| options::refused("--method", text.clone(), why))?;
            }
            "period-days" => {
                let days = text.parse().ok().filter(|days| (1..=366).contains(days));
                let why = "must be a whole number from 1 to 366";
                own.period_days = days.ok_or_else(|| options::refused("--period-days", text, why))?;
            }
            _ => {
                own.cohorts = match text.parse() {
                    Ok(TimeUnit::Day) | Err(_) => {
                        let why = "must be weeks, months, quarters or years";
                        return Err(options::refused("--cohorts", text, why));
                    }
                    Ok(unit) => unit,
                };
            }
        }
        Ok(())
    };
    let options = options::parse_with(&PROGRAM, matches, &OWN, take)?;
    let analysis = Analysis::of(options, own)?;
    let page = page::html(&analysis);
    let mut files = Files::in_folder(&analysis.options.out)?;
    files.add("stages.csv", |file| tables::stages(&analysis, file))?;
    files.add("transitions.csv", |file| tables::transitions(&analysis, file))?;
    files.add("stage_values.csv", |file| tables::values(&analysis, file))?;
    files.add("cohorts.csv", |file| tables::cohorts(&analysis, file))?;
    files.add("survival.csv", |file| tables::survival(&analysis, file))?;
    files.add("stages.html", |file| file.write_all(page.as_bytes()))?;
    files.publish()?;
    let names = "stages.csv, transitions.csv, stage_values.csv, cohorts.csv, survival.csv and stages.html";
    Ok(format!("{analysis}\nwrote {names} to {}", analysis.options.out.display()))
}

impl Analysis {
    fn of(options: Options, own: Own) -> Result<Self, Error> {
        let input = input::read(&options)?;
        let (start, summaries) = input.summarized(&options, SummaryRules::default())?;
        let end = summaries.observation().end();
        let left_out = input::left_out(&summaries, &options);
        let buyers = buyers::of(&input, &summaries);
        let placed = Placed::of(&input, &options, &own, &buyers, end)?;
        let values = Values::of(&input, &options, &own, &placed, &buyers, (start, end))?;
        let cohorts = Triangle::from_ledger(&input.ledger, end, own.cohorts).map_err(Error::refused)?;
        let survival = survival(&buyers, &placed.declined, end)?;
        let quarters = if input.has_amounts() { Quarters::of(&buyers, (start, end))? } else { None };
        Ok(Analysis {
            start,
            end,
            left_out,
            buyers,
            placed,
            values,
            cohorts,
            survival,
            quarters,
            input,
            options,
            own,
        })
    }

    /// Returns the number of customers currently in a stage.
    fn in_stage(&self, stage: Stage) -> u64 {
        self.placed.standings.iter().filter(|standing| standing.stage == stage).count() as u64
    }
}

/// Estimates the survival curve from the first purchase to the first decline, in whole days;
/// relationships that never declined are censored at their age.
fn survival(buyers: &[Buyer], declined: &[Option<f64>], end: Day) -> Result<Curve, Error> {
    // A time within this distance of a whole day counts as that day.
    const ROUNDING: f64 = 1e-6;
    let stay = |(buyer, declined): (&Buyer, &Option<f64>)| match declined {
        Some(days) => ((days - ROUNDING).ceil().max(0.0), true),
        None => (buyer.age(end), false),
    };
    let (times, lost): (Vec<f64>, Vec<bool>) = buyers.iter().zip(declined).map(stay).unzip();
    Ok(Lifetimes::new(&times, &lost).map_err(Error::refused)?.kaplan_meier())
}

/// Output for the terminal.
impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.input.ledger.quality())?;
        if let Some(rows) = &self.left_out {
            writeln!(f, "{rows}\n")?;
        }
        writeln!(f, "{} customers from {} to {}\n", self.buyers.len(), self.start, self.end)?;
        writeln!(f, "{:<12} {:>9} {:>7} {:>14}", "stage", "customers", "share", "value a year")?;
        for stage in Stage::EACH {
            let customers = self.in_stage(stage);
            let share = words::percent(customers as f64 / self.buyers.len() as f64);
            let value = self.values.value(stage).and_then(|value| value.per_year);
            let value = value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
            writeln!(f, "{stage:<12} {customers:>9} {share:>7} {value:>14}")?;
        }
        if let Some(measured) = &self.values.measured {
            let Measured { known_on, days, tested_on, test, .. } = measured;
            writeln!(
                f,
                "\nThe value is what customers known to be in the stage on {known_on} brought in {days} days, per year."
            )?;
            if let Some((predicted, actual)) = test.predicted.zip(test.actual) {
                let outside = test.stages.iter().filter(|stage| stage.agrees() == Some(false));
                let outside: Vec<&str> = outside.map(|stage| stage.stage.name()).collect();
                let outside = if outside.is_empty() { "none".to_owned() } else { outside.join(", ") };
                writeln!(
                    f,
                    "Back-test: the values of {tested_on} predicted {predicted:.2} per customer, {actual:.2} came; stages \
                     outside their limits: {outside}."
                )?;
            }
        }
        if let Some(dates) = self.values.dates() {
            writeln!(f, "\nMoves over {} days, {dates} times (from, to):\n", self.placed.step_days)?;
            writeln!(f, "{:<12} {}", "", Stage::EACH.map(|stage| format!("{stage:>11}")).join(""))?;
            for (from, stage) in Stage::EACH.into_iter().enumerate() {
                write!(f, "{stage:<12} ")?;
                for to in 0..Stage::ALL.len() {
                    write!(
                        f,
                        "{:>11}",
                        self.values
                            .share(from, to)
                            .map_or_else(String::new, |share| words::percent(share.estimate))
                    )?;
                }
                writeln!(f)?;
            }
        }
        match self.survival.median() {
            Some(median) => {
                writeln!(f, "\nHalf of the relationships decline within {median:.0} days for the first time.")
            }
            None => writeln!(f, "\nMore than half of the relationships have never declined."),
        }
    }
}

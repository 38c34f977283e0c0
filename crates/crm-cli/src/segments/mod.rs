//! Customer segments from orders, with reasons, as a table and charts.

mod groups;
mod people;
mod pictures;
mod satisfaction;

use crate::program::{Flag, Program};
use std::fmt;
use std::path::PathBuf;

use clap::ArgMatches;
use crm_analytics::history::{Day, Decimal, NaiveDate, Summaries, SummaryRules};

use self::groups::Groups;
use self::satisfaction::{Scale, answers};
use crate::Error;
use crate::attitude::Attitude;
use crate::input::{self, Input};
use crate::moved::Moved;
use crate::options::{self, Options};
use crate::output::Files;

pub(crate) const PROGRAM: Program = Program {
    name: "segments",
    about: "Assign customers to segments, with reasons, from order lines: RFM, ABC and XYZ, loyalty pyramid, customer state, next contact.",
    flags: &[
        options::ORDERS,
        options::ROSTER,
        options::ID_COLUMN,
        options::DATE_COLUMN,
        Flag {
            name: "amount-column",
            value: "N",
            help: "column of the amount (if omitted, orders are counted instead)",
        },
        options::DATE_FORMAT,
        options::DELIMITER,
        options::DECIMAL_MARK,
        options::END,
        options::PREVIOUS_END,
        Flag {
            name: "satisfaction",
            value: "FILE",
            help: "satisfaction scores, CSV, one row per customer: also plot satisfaction against loyalty; columns customer_id, satisfaction",
        },
        Flag {
            name: "satisfaction-scale",
            value: "S",
            help: "lowest and highest answer, such as 1..5 (default: 0..100)",
        },
        Flag { name: "out", value: "DIR", help: "folder for segments.csv and the charts (default: out)" },
    ],
    after: "The last contact is the last order or, for people without an order, the first contact in the roster.",
};

const OWN: [&str; 3] = ["previous-end", "satisfaction", "satisfaction-scale"];

/// All results computed from the files.
struct Analysis {
    options: Options,
    input: Input,
    start: Day,
    end: Day,
    summaries: Summaries<String, Decimal>,
    groups: Groups,
    previous: Option<Moved>,
    satisfaction: Option<Attitude>,
}

/// Flags specific to this program.
#[derive(Default)]
struct Own {
    previous_end: Option<NaiveDate>,
    satisfaction: Option<PathBuf>,
    scale: Scale,
}

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or the data rule out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let mut own = Own::default();
    let take = |flag: &'static str, text: String| {
        match flag {
            "previous-end" => own.previous_end = Some(options::date("--previous-end", text)?),
            "satisfaction" => own.satisfaction = Some(PathBuf::from(text)),
            _ => own.scale = Scale::parse(text)?,
        }
        Ok(())
    };
    let options = options::parse_with(&PROGRAM, matches, &OWN, take)?;
    let analysis = Analysis::of(options, &own)?;
    let pictures = pictures::all(&analysis)?;
    let mut files = Files::in_folder(&analysis.options.out)?;
    files.add("segments.csv", |file| people::write(&analysis, file))?;
    for (name, svg) in &pictures {
        files.add(name, |file| file.write_all(svg.as_bytes()))?;
    }
    files.publish()?;
    let names: Vec<&str> =
        std::iter::once("segments.csv").chain(pictures.iter().map(|(name, _)| *name)).collect();
    Ok(format!("{analysis}\nwrote {} to {}", names.join(", "), analysis.options.out.display()))
}

impl Analysis {
    fn of(options: Options, own: &Own) -> Result<Self, Error> {
        let input = input::read(&options)?;
        let (start, summaries) = input.summarized(&options, SummaryRules::default())?;
        let end = summaries.observation().end();
        let groups = Groups::of(&input, &summaries, (start, end))?;
        let previous = match own.previous_end {
            Some(cut) => Some(Moved::of(&input, &summaries, (start, end), cut.into())?),
            None => None,
        };
        let satisfaction = match &own.satisfaction {
            Some(path) => {
                let answers = answers(path, own.scale)?;
                Some(Attitude::of(&answers, own.scale.ends(), &summaries, &groups.scores)?)
            }
            None => None,
        };
        Ok(Analysis { start, end, summaries, groups, previous, satisfaction, input, options })
    }
}

/// Output for the terminal.
impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.input.ledger.quality())?;
        if let Some(rows) = input::left_out(&self.summaries, &self.options) {
            writeln!(f, "{rows}\n")?;
        }
        let buyers = self.summaries.buyers().count();
        writeln!(f, "{buyers} customers from {} to {}\n", self.start, self.end)?;
        writeln!(f, "RFM groups, with the mean days since the last order and the mean orders\n")?;
        writeln!(f, "{}", self.groups.usual_table)?;
        writeln!(f, "ABC classes of {}\n\n{}", self.groups.value_name, self.groups.abc_table)?;
        if let Some(table) = &self.groups.abc_xyz {
            writeln!(f, "ABC by XYZ, customers\n\n{table}")?;
        }
        writeln!(
            f,
            "Loyalty pyramid, with the share that goes on from the level below\n\n{}",
            self.groups.loyalty.climb
        )?;
        writeln!(f, "Customer states: {}", self.groups.loyalty.states)?;
        let list = self.groups.loyalty.due.list();
        writeln!(f, "Contacts: {}", self.groups.loyalty.due.status())?;
        for &person in list.iter().take(5) {
            let (id, late) = (self.groups.ids.get(person), self.groups.loyalty.due.overdue().get(person));
            if let (Some(id), Some(late)) = (id, late) {
                let class = self.groups.abc.name(person).unwrap_or_default();
                writeln!(f, "  {id}, class {class}: {late} days late")?;
            }
        }
        if let Some(moved) = &self.previous {
            writeln!(f, "\n{moved}")?;
        }
        if let Some(satisfaction) = &self.satisfaction {
            writeln!(f, "\nSatisfaction and loyalty: {}", satisfaction.regions)?;
            if satisfaction.unknown > 0 {
                writeln!(
                    f,
                    "  {} answers of people who have not ordered were left out",
                    satisfaction.unknown
                )?;
            }
        }
        Ok(())
    }
}

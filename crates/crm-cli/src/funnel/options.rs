//! Command-line flags.

use crate::program::{Flag, Program};
use std::path::PathBuf;

use clap::ArgMatches;

use crm_analytics::history::NaiveDate;

use crate::Error;
use crate::options::{self, date, refused};

/// Parsed command-line flags.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    pub(super) events: PathBuf,
    pub(super) group: Option<String>,
    pub(super) end: Option<NaiveDate>,
    pub(super) deals: u64,
    pub(super) certainty: f64,
    pub(super) json: Option<PathBuf>,
    pub(super) out: Option<PathBuf>,
}

pub(crate) const PROGRAM: Program = Program {
    name: "funnel",
    about: "Report conversion and time per step of a sales funnel, the opportunities needed for a number of deals, and differences between groups.",
    flags: &[
        Flag {
            name: "events",
            value: "FILE",
            help: "sales opportunities, CSV, one row per opportunity (default: a made-up sample); columns opportunity_id, deal_stage (Prospecting, Engaging, Won or Lost), engage_date, close_date and close_value. Dates are YYYY-MM-DD; unknown values stay empty; the close_date of an open opportunity is a plan and does not count as an event.",
        },
        Flag {
            name: "group",
            value: "COLUMN",
            help: "column of the groups to compare, such as product or sales_agent: each group with all others",
        },
        Flag {
            name: "end",
            value: "DATE",
            help: "last day of the observation period (default: the day of the last event)",
        },
        Flag { name: "deals", value: "N", help: "number of deals to win (default: 10)" },
        Flag {
            name: "certainty",
            value: "P",
            help: "probability of winning that many deals, between 0 and 1 (default: 0.9)",
        },
        Flag {
            name: "json",
            value: "FILE",
            help: "file for all figures, JSON (default: funnel.json in the folder of --out)",
        },
        Flag {
            name: "out",
            value: "DIR",
            help: "folder for funnel.csv, time.csv, groups.csv and funnel.svg (default: out, unless --json is given)",
        },
    ],
    after: "",
};

/// Parses the flags.
pub(super) fn parse(matches: &ArgMatches) -> Result<Options, Error> {
    let mut options = Options {
        events: crate::files::sample("opportunities.csv"),
        group: None,
        end: None,
        deals: 10,
        certainty: 0.9,
        json: None,
        out: None,
    };
    PROGRAM.each(matches, |flag, value| {
        match flag {
            "events" => options.events = value.into(),
            "json" => options.json = Some(value.into()),
            "out" => options.out = Some(value.into()),
            _ => {
                let text = options::text(value)?;
                match flag {
                    "group" => options.group = Some(text),
                    "end" => options.end = Some(date("--end", text)?),
                    "deals" => {
                        let deals = text.parse().ok().filter(|deals| (1..=1_000_000).contains(deals));
                        let why = "must be a whole number from 1 to 1000000";
                        options.deals = deals.ok_or_else(|| refused("--deals", text, why))?;
                    }
                    _ => {
                        let certainty = text.parse().ok().filter(|p| *p > 0.0 && *p < 1.0);
                        let why = "must be a number between 0 and 1";
                        options.certainty = certainty.ok_or_else(|| refused("--certainty", text, why))?;
                    }
                }
            }
        }
        Ok(())
    })?;
    if options.json.is_none() && options.out.is_none() {
        options.out = Some(PathBuf::from("out"));
    }
    Ok(options)
}

//! The flags.

use std::ffi::OsString;
use std::path::PathBuf;

use crm_analytics::history::NaiveDate;

use crate::Error;
use crate::options::{self, date, refused};

/// What the caller wants.
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

pub(super) const HELP: &str = "\
Reads sales opportunities and writes how many go on at each step, how long it takes, how many it takes for so many deals,
and which groups do better.

usage: funnel [flags]

  --events FILE    opportunities, CSV, one row each (default: a made-up sample), with the columns opportunity_id, deal_stage
                   (Prospecting, Engaging, Won or Lost), engage_date, close_date and close_value; dates are YYYY-MM-DD,
                   what is not known stays empty; the close_date of an open one is a plan, and no event
  --group COLUMN   also compare the values of this column, such as product or sales_agent, each with all others
  --end DATE       look at things as they were on that day (default: the last day on which something happened)
  --deals N        how many deals are wanted (default: 10)
  --certainty P    with which certainty, between 0 and 1 (default: 0.9)
  --json FILE      where every number goes (default: funnel.json in the folder of --out)
  --out DIR        where funnel.csv, time.csv, groups.csv and funnel.svg go (default: out, unless --json is given)";

const FLAGS: [&str; 7] = ["events", "group", "end", "deals", "certainty", "json", "out"];

/// The flags, or `None` where only help was asked for.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, Error> {
    let mut options = Options {
        events: crate::data_folder().join("opportunities.csv"),
        group: None,
        end: None,
        deals: 10,
        certainty: 0.9,
        json: None,
        out: None,
    };
    let wanted = options::each(args, &FLAGS, |flag, value| {
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
    if !wanted {
        return Ok(None);
    }
    if options.json.is_none() && options.out.is_none() {
        options.out = Some(PathBuf::from("out"));
    }
    Ok(Some(options))
}

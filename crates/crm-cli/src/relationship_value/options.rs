//! Command-line flags.

use crate::program::{Flag, Program};
use std::path::PathBuf;

use clap::ArgMatches;

use crm_analytics::value::{MoneyUnit, Rounding, Strategy};

use crate::Error;
use crate::options::{self, refused};

/// Parsed command-line flags.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    pub(super) customers: PathBuf,
    pub(super) out: PathBuf,
    pub(super) rounding: Option<Rounding>,
}

pub(crate) const PROGRAM: Program = Program {
    name: "value",
    about: "Compute the value, cost and profit of each customer from the components of customer value.",
    flags: &[
        Flag {
            name: "customers",
            value: "FILE",
            help: "value components and costs, CSV, one row per customer (default: the sample accounts); columns customer_id, spending_capacity, share_of_wallet, unit_margin, influence, reach, influenced_purchase_value, information_value, knowledge_value, transaction_value, marketing_cost, sales_cost, service_cost, revenue. An empty cell is missing, not zero: results that need it stay empty, and CLV is the sum of the known components.",
        },
        Flag { name: "out", value: "DIR", help: "folder for values.csv (default: out)" },
        Flag {
            name: "decimals",
            value: "N",
            help: "number of decimals of the amounts and shares in values.csv (default: exact; shares to 28 digits)",
        },
        Flag {
            name: "rounding",
            value: "NAME",
            help: "rounding strategy: half_even, half_up, half_down, toward_zero, away_from_zero, floor or ceiling (needs --decimals; default: half_even)",
        },
    ],
    after: "",
};

/// Parses the flags.
pub(super) fn parse(matches: &ArgMatches) -> Result<Options, Error> {
    let mut options = Options {
        customers: crate::files::sample("relationships.csv"),
        out: PathBuf::from("out"),
        rounding: None,
    };
    let (mut decimals, mut strategy) = (None, None::<Strategy>);
    PROGRAM.each(matches, |flag, value| {
        match flag {
            "customers" => options.customers = value.into(),
            "out" => options.out = value.into(),
            "decimals" => {
                let text = options::text(value)?;
                let unit = text.parse().ok().and_then(|decimals| MoneyUnit::decimals(decimals).ok());
                let why = "must be a whole number from 0 to 28";
                decimals = Some(unit.ok_or_else(|| refused("--decimals", text, why))?);
            }
            _ => {
                let text = options::text(value)?;
                let names =
                    Strategy::ALL.iter().map(|strategy| strategy.name()).collect::<Vec<_>>().join(", ");
                let why = format!("must be one of {names}");
                strategy = Some(text.parse().map_err(|_| refused("--rounding", text, why))?);
            }
        }
        Ok(())
    })?;
    if decimals.is_none() && strategy.is_some() {
        return Err(Error::Usage("--rounding needs --decimals: without it nothing is rounded".to_owned()));
    }
    options.rounding = decimals.map(|unit| Rounding::new(unit, strategy.unwrap_or_default()));
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Options, String> {
        PROGRAM.parsed(args, parse)
    }

    #[test]
    fn nothing_is_rounded_unless_asked_for() {
        let options = parsed(&[]).unwrap();
        assert!(options.customers == crate::files::sample("relationships.csv") && options.rounding.is_none());
        let cents = parsed(&["--decimals", "2"]).unwrap().rounding.unwrap();
        assert_eq!(cents.to_string(), "2 decimals, half_even");
        let up = parsed(&["--rounding", "half_up", "--decimals=0"]).unwrap().rounding.unwrap();
        assert_eq!(up.to_string(), "0 decimals, half_up");
    }

    #[test]
    fn a_bad_flag_says_what_it_should_be() {
        let message = |args: &[&str]| parsed(args).unwrap_err();
        assert_eq!(message(&["--decimals", "29"]), r#"--decimals "29": must be a whole number from 0 to 28"#);
        assert_eq!(
            message(&["--decimals", "2", "--rounding", "up"]),
            "--rounding \"up\": must be one of half_even, half_up, half_down, toward_zero, away_from_zero, floor, ceiling"
        );
        assert_eq!(
            message(&["--rounding", "floor"]),
            "--rounding needs --decimals: without it nothing is rounded; see --help"
        );
        assert_eq!(message(&["--sales", "x"]), "unexpected argument '--sales' found; see --help");
    }
}

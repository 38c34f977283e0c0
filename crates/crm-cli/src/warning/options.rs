//! Command-line flags.

use crate::program::{Flag, Program};
use std::path::PathBuf;

use clap::ArgMatches;

use crm_analytics::lifecycle::rescue::Decimal;

use crate::Error;
use crate::options::{self, number, refused};

/// Parsed command-line flags.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    pub(super) features: PathBuf,
    /// By header or index from 1; if omitted, the line number is the id.
    pub(super) id_column: Option<String>,
    pub(super) label_column: String,
    pub(super) positive: String,
    pub(super) leave_out: Vec<String>,
    pub(super) holdout: f64,
    pub(super) seed: u64,
    pub(super) ridge: f64,
    pub(super) false_alarm: f64,
    pub(super) miss: f64,
    pub(super) rescue: Option<Rescue>,
    pub(super) json: Option<PathBuf>,
    pub(super) out: PathBuf,
}

/// Inputs of the rescue list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rescue {
    pub(super) value_column: String,
    pub(super) action_cost: Decimal,
    pub(super) success: f64,
    pub(super) budget: Option<Decimal>,
}

pub(crate) const PROGRAM: Program = Program {
    name: "churn",
    about: "Predict which customers will be lost, and why, from customers whose outcome is known.",
    flags: &[
        Flag {
            name: "--features",
            value: "FILE",
            help: "customer features, CSV, one row per customer (default: the sample subscribers, with the flags that fit them)",
        },
        Flag {
            name: "--id-column",
            value: "N",
            help: "column of the customer id, by header or index from 1 (if omitted, the line number is the id)",
        },
        Flag {
            name: "--label-column",
            value: "N",
            help: "column of the outcome; an empty cell means that the outcome is not known yet",
        },
        Flag {
            name: "--positive",
            value: "VALUE",
            help: "outcome of lost customers, in upper or lower case; any other outcome means retained",
        },
        Flag {
            name: "--leave-out",
            value: "N",
            help: "column to exclude from the features, such as one that is only known afterwards; may be repeated",
        },
        Flag {
            name: "--holdout",
            value: "SHARE",
            help: "share of customers held out to validate the score (default: 0.3)",
        },
        Flag { name: "--seed", value: "N", help: "random seed for drawing the holdout (default: 1)" },
        Flag { name: "--ridge", value: "R", help: "ridge penalty on the coefficients (default: 1)" },
        Flag {
            name: "--false-alarm-cost",
            value: "C",
            help: "cost of a warning about a customer who stays (default: 1)",
        },
        Flag { name: "--miss-cost", value: "C", help: "cost of a loss without a warning (default: 5)" },
        Flag {
            name: "--value-column",
            value: "N",
            help: "column of the customer value, excluded from the features: also write a rescue list",
        },
        Flag {
            name: "--action-cost",
            value: "C",
            help: "cost of an action to retain one customer (default: 0)",
        },
        Flag {
            name: "--success-rate",
            value: "S",
            help: "share of customers retained by the action who would otherwise be lost (default: 0.2)",
        },
        Flag {
            name: "--budget",
            value: "B",
            help: "budget for these actions (default: all actions that pay)",
        },
        Flag { name: "--json", value: "FILE", help: "file for the measures and coefficients, JSON" },
        Flag {
            name: "--out",
            value: "DIR",
            help: "folder for the tables: warnings, coefficients, calibration, lift (default: out)",
        },
    ],
    after: "How columns become features:\n  numbers   A column is numeric if nine in ten of its filled cells are numbers; any other cell is then an error. Numeric\n            columns are standardized. Missing values are replaced by the mean and flagged by a feature of their own.\n  text      One feature per value, relative to the most frequent one. Values with fewer than 10 customers are pooled;\n            missing is a value of its own.\n  left out  Features that are constant or linearly dependent on earlier ones.\nMeans, values and rules are learned from the training customers, never from the holdout.",
};

/// Parses the flags.
pub(super) fn parse(matches: &ArgMatches) -> Result<Options, Error> {
    let (mut features, mut label_column, mut positive) = (None, None, None);
    let mut options = Options {
        features: PathBuf::new(),
        id_column: None,
        label_column: String::new(),
        positive: String::new(),
        leave_out: Vec::new(),
        holdout: 0.3,
        seed: 1,
        ridge: 1.0,
        false_alarm: 1.0,
        miss: 5.0,
        rescue: None,
        json: None,
        out: PathBuf::from("out"),
    };
    let mut value_column = None;
    let (mut action_cost, mut success, mut budget, mut of_rescue) = (Decimal::ZERO, 0.2, None, None);
    PROGRAM.each(matches, |flag, value| {
        match flag {
            "--features" => features = Some(PathBuf::from(value)),
            "--out" => options.out = value.into(),
            "--json" => options.json = Some(value.into()),
            _ => {
                let text = options::text(value)?;
                match flag {
                    "--id-column" => options.id_column = Some(text),
                    "--label-column" => label_column = Some(text),
                    "--positive" => positive = Some(text),
                    "--leave-out" => options.leave_out.push(text),
                    "--holdout" => options.holdout = number(flag, text, 0.05, 0.95)?,
                    "--seed" => {
                        options.seed =
                            text.parse().map_err(|_| refused(flag, text, "must be a whole number from 0"))?;
                    }
                    "--ridge" => options.ridge = number(flag, text, 0.0, 1e12)?,
                    "--false-alarm-cost" => options.false_alarm = number(flag, text, 0.0, 1e15)?,
                    "--miss-cost" => options.miss = number(flag, text, 0.0, 1e15)?,
                    "--value-column" => value_column = Some(text),
                    "--action-cost" => (action_cost, of_rescue) = (money(flag, text)?, Some(flag)),
                    "--success-rate" => (success, of_rescue) = (number(flag, text, 0.0, 1.0)?, Some(flag)),
                    _ => (budget, of_rescue) = (Some(money(flag, text)?), Some(flag)),
                }
            }
        }
        Ok(())
    })?;
    let sample = features.is_none();
    options.features = features.unwrap_or_else(|| crate::files::sample("subscribers.csv"));
    let of_sample = |value: Option<String>, usual: &str| value.or(sample.then(|| usual.to_owned()));
    options.id_column = of_sample(options.id_column, "customer_id");
    let missing = |flag: &str| Error::Usage(format!("missing option '{flag}'"));
    options.label_column = of_sample(label_column, "lost").ok_or_else(|| missing("--label-column"))?;
    options.positive = of_sample(positive, "yes").ok_or_else(|| missing("--positive"))?;
    options.rescue = of_sample(value_column, "yearly_margin").map(|value_column| Rescue {
        value_column,
        action_cost,
        success,
        budget,
    });
    match (&options.rescue, of_rescue) {
        (None, Some(flag)) => Err(Error::Usage(format!("{flag} needs --value-column"))),
        _ => Ok(options),
    }
}

fn money(flag: &'static str, text: String) -> Result<Decimal, Error> {
    match text.parse::<Decimal>() {
        Ok(amount) if amount >= Decimal::ZERO => Ok(amount),
        _ => Err(refused(flag, text, "must be an amount of at least 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Options, String> {
        PROGRAM.parsed(args, parse)
    }

    #[test]
    fn the_sample_needs_no_flags_and_another_file_names_its_label() {
        let options = parsed(&[]).unwrap();
        assert!(options.features == crate::files::sample("subscribers.csv") && options.rescue.is_some());
        assert_eq!(options.id_column.as_deref(), Some("customer_id"));
        let message = |args: &[&str]| parsed(args).unwrap_err();
        assert_eq!(message(&["--features", "x.csv"]), "missing option '--label-column'; see --help");
        assert_eq!(
            message(&["--features", "x.csv", "--label-column", "y"]),
            "missing option '--positive'; see --help"
        );
        let given = ["--features", "x.csv", "--label-column", "y", "--positive", "1"];
        let options = parsed(&given).unwrap();
        assert_eq!((options.id_column, options.rescue), (None, None));
        let more = [&given[..], &["--budget", "5"]].concat();
        assert_eq!(message(&more), "--budget needs --value-column; see --help");
    }

    #[test]
    fn a_bad_flag_says_what_it_should_be() {
        let message = |args: &[&str]| parsed(args).unwrap_err();
        assert_eq!(message(&["--holdout", "1"]), r#"--holdout "1": must be a number from 0.05 to 0.95"#);
        assert_eq!(message(&["--seed", "-1"]), r#"--seed "-1": must be a whole number from 0"#);
        assert_eq!(message(&["--budget", "-1"]), r#"--budget "-1": must be an amount of at least 0"#);
        assert_eq!(message(&["--sales", "x"]), "unexpected argument '--sales' found; see --help");
    }
}

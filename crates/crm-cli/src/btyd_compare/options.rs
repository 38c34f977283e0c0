//! Command-line flags.

use crate::program::{Flag, Program};
use clap::ArgMatches;
use std::path::PathBuf;

use crm_analytics::btyd::validation::{ModelCandidate, RankingCriterion};
use crm_analytics::history::{Day, NaiveDate};

use crate::options::{self, Options, refused};
use crate::{Error, files};

pub(crate) const PROGRAM: Program = Program {
    name: "forecast",
    about: "Compare purchase models and naive rules by their forecasts of a holdout period.",
    flags: &[
        options::ORDERS,
        options::ID_COLUMN,
        options::DATE_COLUMN,
        Flag {
            name: "amount-column",
            value: "N",
            help: "column of the amount (used only to exclude refunds, which are not purchases)",
        },
        options::DATE_FORMAT,
        options::DELIMITER,
        options::DECIMAL_MARK,
        Flag {
            name: "unit",
            value: "U",
            help: "time unit of recency, age and parameters: days, weeks or months (default: weeks)",
        },
        Flag {
            name: "calibration-end",
            value: "DATE",
            help: "last day of the calibration period, which the models are fitted to (required, except for the sample shop)",
        },
        Flag {
            name: "end",
            value: "DATE",
            help: "last day of the holdout period (default: the day of the last order, but not after today)",
        },
        Flag {
            name: "models",
            value: "A,B,C",
            help: "models to compare (default: all): BG/NBD, MBG/NBD, BG/CNBD-2, MBG/CNBD-2, Pareto/NBD, GGompertz/NBD, NBD",
        },
        Flag {
            name: "criterion",
            value: "NAME",
            help: "ranking criterion: bias, MAE, RMSE, MSLE, AUC or top-decile (default: RMSE)",
        },
        Flag {
            name: "json",
            value: "FILE",
            help: "file for the fits and holdout measures, one object per model, JSON",
        },
        Flag {
            name: "predictions",
            value: "FILE",
            help: "file for the predictions, one row per customer, CSV: for each model the probability of being active, the expected purchases in the holdout period and their 90 % interval",
        },
    ],
    after: "",
};

const OWN: [&str; 4] = ["models", "criterion", "json", "predictions"];

/// Parsed command-line flags.
pub(super) struct Choice {
    pub(super) options: Options,
    pub(super) calibration_end: Day,
    pub(super) candidates: Vec<ModelCandidate>,
    pub(super) criterion: RankingCriterion,
    pub(super) json: Option<PathBuf>,
    pub(super) predictions: Option<PathBuf>,
}

/// Parses the flags.
pub(super) fn parse(matches: &ArgMatches, models: &[ModelCandidate]) -> Result<Choice, Error> {
    let (mut candidates, mut criterion) = (models.to_vec(), RankingCriterion::Rmse);
    let (mut json, mut predictions) = (None, None);
    let take = |flag: &'static str, text: String| {
        match flag {
            "models" => candidates = chosen(&text, models)?,
            "criterion" => {
                criterion = text.parse().map_err(|why| refused("--criterion", text, why))?;
            }
            "json" => json = Some(PathBuf::from(text)),
            _ => predictions = Some(PathBuf::from(text)),
        }
        Ok(())
    };
    let options = options::parse_with(&PROGRAM, matches, &OWN, take)?;
    // The last half year of the sample company.
    let of_sample =
        || NaiveDate::from_ymd_opt(2025, 6, 30).filter(|_| options.orders == files::sample("orders.csv"));
    let Some(calibration_end) = options.calibration_end.or_else(of_sample).map(Day::from) else {
        return Err(Error::Usage(
            "say with --calibration-end up to which day the models may look".to_owned(),
        ));
    };
    if json.is_some() && json == predictions {
        return Err(Error::Usage("--json and --predictions name the same file".to_owned()));
    }
    Ok(Choice { options, calibration_end, candidates, criterion, json, predictions })
}

/// Parses a list of models, in its order and with any punctuation.
fn chosen(text: &str, models: &[ModelCandidate]) -> Result<Vec<ModelCandidate>, Error> {
    let mut chosen: Vec<ModelCandidate> = Vec::new();
    for name in text.split(',') {
        let found = models.iter().find(|model| key(model.name()) == key(name)).ok_or_else(|| {
            let names: Vec<&str> = models.iter().map(ModelCandidate::name).collect();
            refused(
                "--models",
                text.to_owned(),
                format!("there is no {name:?}; the models are {}", names.join(", ")),
            )
        })?;
        if chosen.iter().any(|model| model.name() == found.name()) {
            return Err(refused("--models", text.to_owned(), format!("{} is named twice", found.name())));
        }
        chosen.push(found.clone());
    }
    Ok(chosen)
}

/// Returns letters and digits in lower case: `MBG/NBD`, `mbg-nbd` and `mbg_nbd` are equal.
fn key(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

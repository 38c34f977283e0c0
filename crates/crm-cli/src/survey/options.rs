//! Command-line flags.

use crate::program::{Flag, Program};
use std::path::PathBuf;

use clap::ArgMatches;

use crate::{Error, options};

/// Parsed command-line flags.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Options {
    pub(super) survey: PathBuf,
    pub(super) groups: Option<String>,
    pub(super) perceived: Option<String>,
    pub(super) expected: Option<String>,
    pub(super) nps: Option<String>,
    /// Columns or prefixes, with the lowest and the highest answer.
    pub(super) scales: Vec<(Pattern, i32, i32)>,
    /// Questions whose lowest answer is the best.
    pub(super) low_is_good: Vec<Pattern>,
    /// Codes for a missing answer, to one question or to all.
    pub(super) missing_codes: Vec<(Option<String>, i32)>,
    pub(super) weights: Option<String>,
    pub(super) satisfaction: Option<String>,
    pub(super) staying: Option<String>,
    pub(super) kano: Option<PathBuf>,
    pub(super) feedback: Option<PathBuf>,
    pub(super) path_model: Option<PathBuf>,
    pub(super) json: Option<PathBuf>,
    pub(super) out: Option<PathBuf>,
}

/// A column by name, or all columns with a prefix: `perceived_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(pub(super) String);

impl Pattern {
    pub(super) fn matches(&self, column: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => column.starts_with(beginning),
            None => column == self.0,
        }
    }

    /// Returns the name, if the pattern is a single column.
    pub(super) fn name(&self) -> Option<&str> {
        (!self.0.ends_with('*')).then_some(self.0.as_str())
    }
}

pub(crate) const PROGRAM: Program = Program {
    name: "satisfaction",
    about: "Report customer satisfaction, and what to improve first, from survey answers.",
    flags: &[
        Flag {
            name: "survey",
            value: "FILE",
            help: "survey answers, CSV, one row per respondent (default: the sample survey with its files and flags)",
        },
        Flag {
            name: "groups",
            value: "COLUMN",
            help: "column of the group of each respondent, such as product, region or wave",
        },
        Flag {
            name: "perceived",
            value: "PREFIX",
            help: "prefix of the questions about perceived quality, such as perceived_ for perceived_delivery",
        },
        Flag {
            name: "expected",
            value: "PREFIX",
            help: "prefix of the questions about expected quality; the rest of the name pairs them with the perceived ones",
        },
        Flag {
            name: "nps",
            value: "COLUMN",
            help: "column of the answers to \"would you recommend us?\", 0 to 10",
        },
        Flag {
            name: "scale",
            value: "COLUMN=MIN..MAX",
            help: "lowest and highest answer to a question, such as speed=1..5, or perceived_*=1..5 for all questions with that prefix (default: the usual scale that the answers fit); may be repeated",
        },
        Flag {
            name: "low-is-good",
            value: "COLUMN",
            help: "question whose lowest answer is the best, as with school marks, or all with a prefix, such as perceived_*; may be repeated",
        },
        Flag {
            name: "missing-code",
            value: "CODE",
            help: "code for a missing answer, such as 99, or COLUMN=CODE for one question; may be repeated",
        },
        Flag {
            name: "weight-column",
            value: "COLUMN",
            help: "column of respondent weights, used for scores, means, the index, and the best and worst fifths",
        },
        Flag {
            name: "satisfaction",
            value: "COLUMN",
            help: "column of overall satisfaction, which the drivers explain (default: satisfaction, else the --nps column)",
        },
        Flag {
            name: "staying",
            value: "COLUMN",
            help: "column of the intention to stay, for the four kinds of factors (default: stay)",
        },
        Flag {
            name: "kano",
            value: "FILE",
            help: "Kano answers, CSV, one row per respondent and feature; columns respondent_id, feature_id, functional, dysfunctional (1 like, 2 must be, 3 neutral, 4 live with, 5 dislike)",
        },
        Flag {
            name: "complaints",
            value: "FILE",
            help: "complaint cases, CSV, one row per case; columns customer_id, opened and optionally kind, closed, outcome, product, cause, region, agent, department. Dates are YYYY-MM-DD.",
        },
        Flag {
            name: "path-model",
            value: "FILE",
            help: "PLS path model, TOML:\n  scheme = \"path\"              # centroid, factorial or path\n  metric = \"as_answered\"       # the default; or standardised, for items on different scales\n  paths = [[\"Quality\", \"Satisfaction\"]]\n[latent]\n  Quality = [\"q1\", \"q2\"]      # columns of the survey\n  Satisfaction = [\"s1\"]",
        },
        Flag {
            name: "json",
            value: "FILE",
            help: "file for all figures, JSON (default: satisfaction.json in the folder of --out)",
        },
        Flag {
            name: "out",
            value: "DIR",
            help: "folder for satisfaction.html (default: out, unless --json is given)",
        },
    ],
    after: "",
};

/// Parses the flags.
pub(super) fn parse(matches: &ArgMatches) -> Result<Options, Error> {
    let mut options = Options::default();
    let mut survey = None;
    PROGRAM.each(matches, |flag, value| {
        match flag {
            "survey" => survey = Some(PathBuf::from(value)),
            "kano" => options.kano = Some(value.into()),
            "complaints" => options.feedback = Some(value.into()),
            "path-model" => options.path_model = Some(value.into()),
            "json" => options.json = Some(value.into()),
            "out" => options.out = Some(value.into()),
            "scale" => options.scales.push(scale(options::text(value)?)?),
            "low-is-good" => options.low_is_good.push(Pattern(options::text(value)?)),
            "missing-code" => options.missing_codes.push(missing_code(options::text(value)?)?),
            _ => {
                let text = Some(options::text(value)?);
                match flag {
                    "groups" => options.groups = text,
                    "perceived" => options.perceived = text,
                    "expected" => options.expected = text,
                    "nps" => options.nps = text,
                    "weight-column" => options.weights = text,
                    "satisfaction" => options.satisfaction = text,
                    _ => options.staying = text,
                }
            }
        }
        Ok(())
    })?;
    if options.perceived.is_some() != options.expected.is_some() {
        let (given, wanted) =
            if options.perceived.is_some() { ("perceived", "expected") } else { ("expected", "perceived") };
        return Err(Error::Usage(format!("--{given} needs --{wanted}: an index compares both")));
    }
    match survey {
        Some(survey) => options.survey = survey,
        None => sample(&mut options),
    }
    if options.json.is_none() && options.out.is_none() {
        options.out = Some(PathBuf::from("out"));
    }
    Ok(options)
}

/// Parses a scale such as `speed=1..5`.
fn scale(text: String) -> Result<(Pattern, i32, i32), Error> {
    let parts = || {
        let (start, max) = text.rsplit_once("..")?;
        let (column, min) = start.rsplit_once('=')?;
        let max = max.strip_prefix('=').unwrap_or(max);
        Some((column.to_owned(), min.trim().parse().ok()?, max.trim().parse().ok()?))
    };
    match parts() {
        Some((column, min, max)) if !column.is_empty() => Ok((Pattern(column), min, max)),
        _ => Err(options::refused("--scale", text, "expected COLUMN=MIN..MAX, such as speed=1..5")),
    }
}

/// Parses a code such as `99` or `speed=99`.
fn missing_code(text: String) -> Result<(Option<String>, i32), Error> {
    let (column, code) = match text.rsplit_once('=') {
        Some((column, code)) => (Some(column.to_owned()), code),
        None => (None, text.as_str()),
    };
    match code.trim().parse() {
        Ok(code) if column.as_deref() != Some("") => Ok((column, code)),
        _ => Err(options::refused("--missing-code", text, "expected a whole number, such as 99 or speed=99")),
    }
}

/// Sets the flags that fit the sample survey.
fn sample(options: &mut Options) {
    options.survey = crate::files::sample("survey.csv");
    options.groups.get_or_insert("region".to_owned());
    options.perceived.get_or_insert("perceived_".to_owned());
    options.expected.get_or_insert("expected_".to_owned());
    options.nps.get_or_insert("recommend".to_owned());
    options.kano.get_or_insert(crate::files::sample("kano.csv"));
    options.feedback.get_or_insert(crate::files::sample("feedback.csv"));
    options.path_model.get_or_insert(crate::files::sample("path_model.toml"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Options {
        PROGRAM.parsed(args, parse).unwrap()
    }

    #[test]
    fn without_flags_it_is_the_sample_with_everything() {
        let options = parsed(&[]);
        assert!(
            options.survey == crate::files::sample("survey.csv")
                && options.kano.is_some()
                && options.path_model.is_some()
        );
        assert_eq!(options.out, Some(PathBuf::from("out")));
        let own = parsed(&["--survey", "x.csv", "--json", "y.json"]);
        assert_eq!((own.kano, own.nps, own.out), (None, None, None));
    }

    #[test]
    fn scales_codes_and_good_ends_may_be_repeated() {
        let options = parsed(&[
            "--survey",
            "x.csv",
            "--scale",
            "speed=1..6",
            "--scale",
            "got_*=-3..=3",
            "--low-is-good",
            "got_*",
            "--missing-code",
            "99",
            "--missing-code",
            "speed=-1",
        ]);
        assert_eq!(options.scales[1], (Pattern("got_*".to_owned()), -3, 3));
        assert_eq!(options.missing_codes, [(None, 99), (Some("speed".to_owned()), -1)]);
        assert!(options.low_is_good[0].matches("got_price") && !options.scales[0].0.matches("speed_2"));
    }

    #[test]
    fn a_bad_flag_says_what_it_should_be() {
        let message = |args: &[&str]| PROGRAM.parsed(args, parse).unwrap_err();
        assert_eq!(
            message(&["--perceived", "p_"]),
            "--perceived needs --expected: an index compares both; see --help"
        );
        assert_eq!(message(&["--sales", "x"]), "unexpected argument '--sales' found; see --help");
        assert_eq!(
            message(&["--scale", "speed"]),
            "--scale \"speed\": expected COLUMN=MIN..MAX, such as speed=1..5"
        );
        assert_eq!(
            message(&["--missing-code", "none"]),
            "--missing-code \"none\": expected a whole number, such as 99 or speed=99"
        );
        assert_eq!(
            message(&["--survey"]),
            "a value is required for '--survey <FILE>' but none was supplied; see --help"
        );
    }
}

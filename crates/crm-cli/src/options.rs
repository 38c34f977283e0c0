//! Flags shared by the programs about orders.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ArgMatches;
use crm_analytics::history::{Decimal, NaiveDate, TimeUnit};

use crate::Error;
use crate::program::{Flag, Program};

/// Parsed command-line flags.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) orders: PathBuf,
    pub(crate) roster: Option<PathBuf>,
    pub(crate) id_column: Option<String>,
    pub(crate) date_column: Option<String>,
    pub(crate) amount_column: Option<String>,
    pub(crate) date_format: Option<String>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) decimal_comma: bool,
    pub(crate) unit: TimeUnit,
    pub(crate) end: Option<NaiveDate>,
    pub(crate) calibration_end: Option<NaiveDate>,
    pub(crate) model: ModelName,
    pub(crate) horizon: f64,
    pub(crate) discount_rate: f64,
    pub(crate) margin: f64,
    pub(crate) out: PathBuf,
}

/// Models that predict purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelName {
    BgNbd,
    MbgNbd,
}

// Flags of all programs about orders.
pub(crate) const ORDERS: Flag = Flag {
    name: "orders",
    value: "FILE",
    help: "order lines, CSV, plain or gzipped (default: the sample shop)",
};
pub(crate) const ROSTER: Flag = Flag {
    name: "roster",
    value: "FILE",
    help: "known people, with or without an order, CSV (default: the roster of the sample shop, unless --orders is given)",
};
pub(crate) const ID_COLUMN: Flag =
    Flag { name: "id-column", value: "N", help: "column of the customer id, by header or index from 1" };
pub(crate) const DATE_COLUMN: Flag =
    Flag { name: "date-column", value: "N", help: "column of the order date" };
pub(crate) const DATE_FORMAT: Flag =
    Flag { name: "date-format", value: "F", help: "date format, such as %d/%m/%Y (default: YYYY-MM-DD)" };
pub(crate) const DELIMITER: Flag = Flag {
    name: "delimiter",
    value: "C",
    help: "field delimiter, one character or tab (default: found from the file, or set by its first line, such as sep=;)",
};
pub(crate) const DECIMAL_MARK: Flag = Flag {
    name: "decimal-mark",
    value: "M",
    help: "decimal mark of amounts, point or comma (default: point)",
};
pub(crate) const END: Flag = Flag {
    name: "end",
    value: "DATE",
    help: "last day of the observation period (default: the day of the last order, but not after today)",
};
pub(crate) const PREVIOUS_END: Flag = Flag {
    name: "previous-end",
    value: "DATE",
    help: "also classify customers as of this day and show the moves between the two dates",
};
pub(crate) const MARGIN: Flag =
    Flag { name: "margin", value: "M", help: "margin as a share of revenue, up to 1 (default: 1)" };

pub(crate) const PROGRAM: Program = Program {
    name: "report",
    about: "Report customer segments, expected purchases and customer lifetime value from order lines.",
    flags: &[
        ORDERS,
        ROSTER,
        ID_COLUMN,
        DATE_COLUMN,
        Flag {
            name: "amount-column",
            value: "N",
            help: "column of the amount (if omitted, money columns stay empty)",
        },
        DATE_FORMAT,
        DELIMITER,
        DECIMAL_MARK,
        Flag {
            name: "unit",
            value: "U",
            help: "time unit of recency, age and horizon: days, weeks or months (default: weeks)",
        },
        END,
        Flag {
            name: "calibration-end",
            value: "DATE",
            help: "last day of the calibration period: also fit up to this day and validate the predictions on later orders",
        },
        Flag {
            name: "model",
            value: "NAME",
            help: "purchase model: MBG/NBD or BG/NBD (default: MBG/NBD; BG/NBD counts every one-time buyer as active)",
        },
        Flag { name: "horizon", value: "H", help: "forecast horizon, in the time unit (default: one year)" },
        Flag {
            name: "discount-rate",
            value: "R",
            help: "yearly discount rate, such as 0.10 for 10 % (default: 0.10)",
        },
        MARGIN,
        Flag {
            name: "costs",
            value: "FILE",
            help: "costs, CSV, one row per customer: also report the profit after cost; columns customer_id, marketing_cost, sales_cost, service_cost",
        },
        PREVIOUS_END,
        Flag {
            name: "rescue-cost",
            value: "C",
            help: "cost of an action to retain one customer (needs --rescue-success)",
        },
        Flag {
            name: "rescue-success",
            value: "S",
            help: "share of customers retained by the action who would otherwise be lost, such as 0.2: lists the customers for whom it pays (needs --rescue-cost)",
        },
        Flag {
            name: "rescue-budget",
            value: "B",
            help: "budget for these actions: selects customers if it does not cover all",
        },
        Flag {
            name: "survey",
            value: "FILE",
            help: "survey answers, CSV, one row per customer: also report satisfaction against loyalty",
        },
        Flag {
            name: "out",
            value: "DIR",
            help: "folder for customers.csv, summary.json and report.html (default: out)",
        },
    ],
    after: "",
};

/// Returns the value of a flag as text.
pub(crate) fn text(value: OsString) -> Result<String, Error> {
    value.into_string().map_err(|value| Error::Usage(format!("{value:?} is not text")))
}

/// Parses the flags of a program about orders: those shared with the report, and its own, which are
/// passed to `take` as text.
pub(crate) fn parse_with(
    program: &Program,
    matches: &ArgMatches,
    own: &[&'static str],
    mut take: impl FnMut(&'static str, String) -> Result<(), Error>,
) -> Result<Options, Error> {
    let mut orders = None;
    let mut options = Options {
        orders: crate::files::sample("orders.csv"),
        roster: None,
        id_column: None,
        date_column: None,
        amount_column: None,
        date_format: None,
        delimiter: None,
        decimal_comma: false,
        unit: TimeUnit::Week,
        end: None,
        calibration_end: None,
        model: ModelName::MbgNbd,
        horizon: 0.0,
        discount_rate: 0.10,
        margin: 1.0,
        out: PathBuf::from("out"),
    };
    let mut horizon = None;
    program.each(matches, |flag, value| {
        match flag {
            "orders" => orders = Some(value.into()),
            "roster" => options.roster = Some(value.into()),
            "out" => options.out = value.into(),
            _ => {
                let text = text(value)?;
                match flag {
                    _ if own.contains(&flag) => take(flag, text)?,
                    "id-column" => options.id_column = Some(text),
                    "date-column" => options.date_column = Some(text),
                    "amount-column" => options.amount_column = Some(text),
                    "date-format" => options.date_format = Some(text),
                    "delimiter" => options.delimiter = Some(delimiter(text)?),
                    "decimal-mark" => options.decimal_comma = decimal_comma(text)?,
                    "unit" => options.unit = read("--unit", text)?,
                    "end" => options.end = Some(date("--end", text)?),
                    "calibration-end" => options.calibration_end = Some(date("--calibration-end", text)?),
                    "model" => options.model = read("--model", text)?,
                    "horizon" => horizon = Some(number("--horizon", text, 0.0, 1e9)?),
                    "discount-rate" => options.discount_rate = number("--discount-rate", text, 0.0, 1e3)?,
                    _ => options.margin = number("--margin", text, -1e3, 1.0)?,
                }
            }
        }
        Ok(())
    })?;
    options.horizon = horizon.unwrap_or_else(|| options.unit.per_year().round());
    match orders {
        Some(orders) => options.orders = orders,
        // The sample shop has a roster.
        None if options.roster.is_none() => options.roster = Some(crate::files::sample("roster.csv")),
        None => {}
    }
    Ok(options)
}

pub(crate) fn refused(flag: &'static str, value: String, why: impl std::fmt::Display) -> Error {
    Error::Flag { flag, value, why: why.to_string() }
}

fn read<T: FromStr<Err: std::fmt::Display>>(flag: &'static str, text: String) -> Result<T, Error> {
    text.parse().map_err(|why| refused(flag, text, why))
}

pub(crate) fn date(flag: &'static str, text: String) -> Result<NaiveDate, Error> {
    iso_date(&text).ok_or_else(|| refused(flag, text, "a date is written YYYY-MM-DD"))
}

/// Parses a date of exactly ten characters, so that 24 is not a year.
pub(crate) fn iso_date(text: &str) -> Option<NaiveDate> {
    let is_shaped =
        |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(is_shaped)).then(|| text.parse().ok()).flatten()
}

pub(crate) fn number(flag: &'static str, text: String, low: f64, high: f64) -> Result<f64, Error> {
    match text.parse::<f64>() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => Err(refused(flag, text, format!("must be a number from {low} to {high}"))),
    }
}

/// Parses an exact, non-negative amount of money.
pub(crate) fn amount(flag: &'static str, text: String) -> Result<Decimal, Error> {
    match Decimal::from_str_exact(&text) {
        Ok(amount) if amount >= Decimal::ZERO => Ok(amount),
        _ => Err(refused(flag, text, "must be an amount, at least 0")),
    }
}

fn delimiter(text: String) -> Result<u8, Error> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(refused("--delimiter", text, "must be one character, or tab")),
    }
}

fn decimal_comma(text: String) -> Result<bool, Error> {
    match text.as_str() {
        "point" | "." => Ok(false),
        "comma" | "," => Ok(true),
        _ => Err(refused("--decimal-mark", text, "must be point or comma")),
    }
}

impl FromStr for ModelName {
    type Err = String;

    /// Parses a name with any punctuation: `MBG/NBD`, `mbg-nbd`, `mbgnbd`.
    fn from_str(text: &str) -> Result<Self, String> {
        let letters: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        match letters.to_ascii_lowercase().as_str() {
            "bgnbd" | "bg" => Ok(ModelName::BgNbd),
            "mbgnbd" | "mbg" => Ok(ModelName::MbgNbd),
            _ => Err("the models are MBG/NBD and BG/NBD".to_owned()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, Error> {
        parse_with(&PROGRAM, &PROGRAM.matches(args.iter().map(OsString::from))?, &[], |_, _| Ok(()))
    }

    fn parsed(args: &[&str]) -> Options {
        parse(args).unwrap()
    }

    fn message(args: &[&str]) -> String {
        parse(args).unwrap_err().to_string()
    }

    #[test]
    fn without_flags_it_is_the_sample_shop_by_the_week_for_a_year() {
        let options = parsed(&[]);
        assert!(
            options.orders == crate::files::sample("orders.csv")
                && options.roster == Some(crate::files::sample("roster.csv"))
        );
        assert_eq!((options.unit, options.horizon, options.model), (TimeUnit::Week, 52.0, ModelName::MbgNbd));
        assert_eq!(parsed(&["--orders", "x.csv"]).roster, None);
        assert_eq!(parsed(&["--unit", "days"]).horizon, 365.0);
        assert_eq!(parsed(&["--unit=months", "--horizon", "6"]).horizon, 6.0);
    }

    #[test]
    fn models_go_by_any_punctuation() {
        for name in ["BG/NBD", "bg-nbd", "bgnbd"] {
            assert_eq!(parsed(&["--model", name]).model, ModelName::BgNbd);
        }
        assert_eq!(
            message(&["--model", "crystal ball"]),
            r#"--model "crystal ball": the models are MBG/NBD and BG/NBD"#
        );
    }

    #[test]
    fn a_bad_flag_says_what_it_should_be() {
        assert_eq!(message(&["--margin", "1.5"]), r#"--margin "1.5": must be a number from -1000 to 1"#);
        assert_eq!(message(&["--end", "98-06-30"]), r#"--end "98-06-30": a date is written YYYY-MM-DD"#);
        assert_eq!(message(&["--end", "30/06/1998"]), r#"--end "30/06/1998": a date is written YYYY-MM-DD"#);
        assert_eq!(message(&["--delimiter", ";;"]), r#"--delimiter ";;": must be one character, or tab"#);
        assert_eq!(message(&["--decimal-mark", "x"]), r#"--decimal-mark "x": must be point or comma"#);
        assert_eq!(
            message(&["--horizon", "NaN"]),
            r#"--horizon "NaN": must be a number from 0 to 1000000000"#
        );
        assert!(
            message(&["--unit", "moons"])
                .starts_with(r#"--unit "moons": unknown time unit "moons"; expected one of day, week"#)
        );
        assert_eq!(message(&["--sales", "x"]), "unexpected argument '--sales' found; see --help");
        assert_eq!(
            message(&["--orders"]),
            "a value is required for '--orders <FILE>' but none was supplied; see --help"
        );
        assert!(message(&["orders.csv"]).contains("unexpected argument"));
        assert!(matches!(parse(&["--help"]), Err(Error::Help(_))));
    }
}

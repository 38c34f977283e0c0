//! Value and cost of every customer: reads a table of components and costs, and writes `values.csv`
//! and a statement.

mod accounts;
mod options;
mod statement;
mod values;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;

use self::accounts::Accounts;
use self::values::Values;
use crate::Error;
use crate::output::Files;

pub(crate) use self::accounts::{COLUMNS, checked, number};

/// Runs the program with its flags and returns its output for the terminal.
///
/// # Errors
///
/// Returns an [`Error`] if a flag, a file or a cell rules out a result; no file is written then.
pub(crate) fn run(matches: &ArgMatches) -> Result<String, Error> {
    let options = options::parse(matches)?;
    let accounts = Accounts::read(&options.customers)?;
    let values = Values::of(&accounts)?;
    let statement = statement::of(&accounts, &values, &options)?;
    let mut files = Files::in_folder(&options.out)?;
    files.add("values.csv", |file| values.write(&accounts, options.rounding, file))?;
    files.publish()?;
    Ok(statement)
}

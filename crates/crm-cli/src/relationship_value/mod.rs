//! What every customer is worth and costs: a table of components and costs in, `values.csv` and a statement out.

mod accounts;
mod options;
mod statement;
mod values;

use std::ffi::OsString;

use clap::ArgMatches;

pub(crate) use self::options::PROGRAM;

use self::accounts::Accounts;
use self::values::Values;
use crate::Error;
use crate::output::Files;

pub(crate) use self::accounts::{COLUMNS, checked, number};

/// Runs the program with its flags and gives back what it has to say.
///
/// # Errors
///
/// [`Error`] where a flag, a file or a cell leaves nothing to report on; no file is written then.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<String, Error> {
    PROGRAM.run(args, run_with)
}

pub(crate) fn run_with(matches: &ArgMatches) -> Result<String, Error> {
    let options = options::parse(matches)?;
    let accounts = Accounts::read(&options.customers)?;
    let values = Values::of(&accounts)?;
    let statement = statement::of(&accounts, &values, &options)?;
    let mut files = Files::in_folder(&options.out)?;
    files.add("values.csv", |file| values.write(&accounts, options.rounding, file))?;
    files.publish()?;
    Ok(statement)
}

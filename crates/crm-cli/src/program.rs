//! Subcommands: name and flags of each, defined once for parsing, help, completions and manual.

use std::ffi::OsString;

use clap::builder::OsStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::Error;

/// A subcommand.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) flags: &'static [Flag],
    /// Additional text below the flags.
    pub(crate) after: &'static str,
}

/// A flag with a value.
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) help: &'static str,
}

impl Flag {
    fn long(&self) -> &'static str {
        self.name.trim_start_matches('-')
    }
}

impl Program {
    /// Returns the subcommand as a `clap` command.
    pub(crate) fn command(&self) -> Command {
        let flag = |flag: &Flag| {
            Arg::new(flag.name)
                .long(flag.long())
                .value_name(flag.value)
                .help(flag.help)
                .action(ArgAction::Append)
                .value_parser(OsStringValueParser::new())
                .allow_negative_numbers(true)
        };
        let command = Command::new(self.name).about(self.about).args(self.flags.iter().map(flag));
        if self.after.is_empty() { command } else { command.after_help(self.after) }
    }

    /// Parses arguments without the name of the program.
    pub(crate) fn matches(&self, args: impl IntoIterator<Item = OsString>) -> Result<ArgMatches, Error> {
        let command = self.command().no_binary_name(true);
        command.try_get_matches_from(args).map_err(Error::from)
    }

    /// Parses the arguments of a test.
    #[cfg(test)]
    pub(crate) fn parsed<T>(
        &self,
        args: &[&str],
        parse: impl Fn(&ArgMatches) -> Result<T, Error>,
    ) -> Result<T, String> {
        let matches = self.matches(args.iter().map(OsString::from));
        matches.and_then(|matches| parse(&matches)).map_err(|error| error.to_string())
    }

    /// Passes every given flag with its value to `take`; repeated flags with each value, in order.
    pub(crate) fn each(
        &self,
        matches: &ArgMatches,
        mut take: impl FnMut(&'static str, OsString) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for flag in self.flags {
            for value in matches.get_many::<OsString>(flag.name).into_iter().flatten() {
                take(flag.name, value.clone())?;
            }
        }
        Ok(())
    }
}

/// Keeps the first line of a `clap` error, without the parts repeated for every error.
impl From<clap::Error> for Error {
    fn from(error: clap::Error) -> Self {
        use clap::error::ErrorKind;

        match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Error::Help(error.render().to_string()),
            _ => {
                let text = error.render().to_string();
                let first = text.lines().next().unwrap_or_default();
                Error::Usage(first.trim_start_matches("error: ").to_owned())
            }
        }
    }
}

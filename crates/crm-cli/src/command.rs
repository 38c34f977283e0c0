//! The command line of `crm`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::output::Files;
use crate::program::Program;
use crate::{
    Error, btyd_compare, files, funnel, lifecycle_stages, options, relationship_value, report, segments,
    survey, warning,
};

type Run = fn(&ArgMatches) -> Result<String, Error>;

/// Subcommands for analyses, in the order of the help.
const PROGRAMS: [(&Program, Run); 8] = [
    (&options::PROGRAM, report::run),
    (&segments::PROGRAM, segments::run),
    (&relationship_value::PROGRAM, relationship_value::run),
    (&survey::PROGRAM, survey::run),
    (&lifecycle_stages::PROGRAM, lifecycle_stages::run),
    (&funnel::PROGRAM, funnel::run),
    (&warning::PROGRAM, warning::run),
    (&btyd_compare::PROGRAM, btyd_compare::run),
];

const ABOUT: &str = "Customer analytics from your own files: value and cost of customers, segments, satisfaction, \
life-cycle stages and forecasts of purchases and losses";

const EXAMPLES: &str = "\
Examples:
  crm report                              report on the sample company in out/report.html
  crm report --orders orders.csv          report on your own order lines
  crm segments --orders orders.csv --previous-end 2025-06-30
  crm satisfaction --survey answers.csv --nps recommend
  crm sample data                         write the files of the sample company to the folder data

Without an input file, each command uses the sample company.";

/// Builds the command line.
fn command() -> Command {
    let folder = Arg::new("folder").value_name("DIR").value_parser(value_parser!(PathBuf)).required(true);
    let shell = Arg::new("shell").value_name("SHELL").value_parser(value_parser!(Shell)).required(true);
    Command::new("crm")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(PROGRAMS.iter().map(|(program, _)| program.command()))
        .subcommand(
            Command::new("sample").about("Write the files of the sample company to a folder.").arg(folder),
        )
        .subcommand(Command::new("completions").about("Print the completions for a shell.").arg(shell))
        .subcommand(Command::new("man").about("Print the manual page."))
}

/// Runs `crm` with its arguments, the first of which is the name of the program.
///
/// # Errors
///
/// Returns an [`Error`] if an argument, a file or the data rule out a result; no file is written
/// then.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<String, Error> {
    let matches = command().try_get_matches_from(args)?;
    match matches.subcommand() {
        Some(("sample", matches)) => sample(matches),
        Some(("completions", matches)) => Ok(completions(matches)),
        Some(("man", _)) => manual(),
        Some((name, matches)) => named(name)?.1(matches),
        None => Err(Error::Usage("a command is needed".to_owned())),
    }
}

/// Runs a subcommand as a program of its own, with its arguments alone; a request for help is not an
/// error.
///
/// # Errors
///
/// [`Error`] for an unknown name, and as [`run`].
pub fn run_command(name: &str, args: impl IntoIterator<Item = OsString>) -> Result<String, Error> {
    let (program, run) = named(name)?;
    match program.matches(args).and_then(|matches| run(&matches)) {
        Err(Error::Help(text)) => Ok(text),
        other => other,
    }
}

fn named(name: &str) -> Result<(&'static Program, Run), Error> {
    let found = PROGRAMS.into_iter().find(|(program, _)| program.name == name);
    found.ok_or_else(|| Error::Usage(format!("no command {name:?}")))
}

fn sample(matches: &ArgMatches) -> Result<String, Error> {
    let Some(folder) = matches.get_one::<PathBuf>("folder") else { return Ok(String::new()) };
    let mut written = Files::in_folder(folder)?;
    for (name, content) in files::SAMPLES {
        written.add(name, |file| file.write_all(content))?;
    }
    written.publish()?;
    let names: Vec<&str> = files::SAMPLES.iter().map(|(name, _)| *name).collect();
    Ok(format!("wrote {} to {}", names.join(", "), folder.display()))
}

fn completions(matches: &ArgMatches) -> String {
    let Some(shell) = matches.get_one::<Shell>("shell") else { return String::new() };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command(), "crm", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn manual() -> Result<String, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command()).render(&mut page).map_err(Error::refused)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crm(args: &[&str]) -> Result<String, Error> {
        run(["crm"].iter().chain(args).map(OsString::from))
    }

    #[test]
    fn every_command_is_well_formed_and_has_help() {
        command().debug_assert();
        for (program, _) in PROGRAMS {
            let Err(Error::Help(help)) = crm(&[program.name, "--help"]) else { panic!("{}", program.name) };
            assert!(help.starts_with(program.about), "{help}");
            for flag in program.flags {
                assert!(help.contains(flag.name.trim_start_matches('-')), "{}", flag.name);
            }
        }
        let Err(Error::Help(help)) = crm(&["--help"]) else { panic!("no help") };
        assert!(PROGRAMS.iter().all(|(program, _)| help.contains(program.name)), "{help}");
        let Err(Error::Help(version)) = crm(&["--version"]) else { panic!("no version") };
        assert_eq!(version.trim(), concat!("crm ", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn completions_and_manual_name_every_command() {
        for shell in ["bash", "zsh", "fish"] {
            let script = crm(&["completions", shell]).unwrap();
            assert!(PROGRAMS.iter().all(|(program, _)| script.contains(program.name)), "{shell}");
        }
        assert!(crm(&["man"]).unwrap().contains("satisfaction"));
    }

    #[test]
    fn the_sample_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let said = crm(&["sample", path.to_str().unwrap()]).unwrap();
        assert!(said.starts_with("wrote costs.csv, "), "{said}");
        for (name, content) in files::SAMPLES {
            assert_eq!(std::fs::read(path.join(name)).unwrap(), *content);
        }
    }

    #[test]
    fn a_slip_is_a_usage_error() {
        let slip = |args: &[&str]| match crm(args) {
            Err(Error::Usage(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(slip(&["reprot"]), "unrecognized subcommand 'reprot'");
        assert_eq!(slip(&["report", "--sales", "x"]), "unexpected argument '--sales' found");
    }
}

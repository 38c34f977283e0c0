//! Library behind the program `crm`, which makes it testable.

mod attitude;
mod btyd_compare;
mod cells;
mod command;
mod error;
mod files;
mod funnel;
mod html;
mod input;
mod lifecycle;
mod lifecycle_stages;
mod loyalty;
mod moved;
pub mod opportunities;
mod options;
mod output;
mod program;
pub mod questionnaire;
mod relationship_value;
pub mod relationships;
mod report;
mod segments;
mod sheet;
pub mod shop;
pub mod subscribers;
mod survey;
mod warning;
mod words;

use std::io::Write as _;
use std::process::ExitCode;

pub use command::{run, run_command};
pub use error::Error;

/// Prints the output of a program: its lines to standard output, an error to standard error.
///
/// The exit code is 0 for success, 2 for invalid arguments, and 1 for any other error.
#[must_use]
#[allow(clippy::print_stderr, reason = "this is where a command line program speaks")]
pub fn exit_code(result: Result<String, Error>) -> ExitCode {
    match result {
        Ok(text) | Err(Error::Help(text)) => match writeln!(std::io::stdout(), "{}", text.trim_end()) {
            // A closed pipe is not an error.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                eprintln!("error: cannot write to standard output: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(error) => {
            eprintln!("error: {error}");
            if matches!(error, Error::Usage(_) | Error::Flag { .. }) {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

//! The code behind the examples: a library, so that it can be tested like one.

mod attitude;
pub mod btyd_compare;
mod cells;
mod error;
pub mod funnel;
mod html;
mod input;
mod lifecycle;
pub mod lifecycle_stages;
mod loyalty;
mod moved;
pub mod opportunities;
mod options;
mod output;
pub mod questionnaire;
pub mod relationship_value;
pub mod relationships;
pub mod report;
pub mod segments;
mod sheet;
pub mod shop;
pub mod subscribers;
pub mod survey;
pub mod warning;
mod words;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

pub use error::Error;

/// The folder of the sample shop.
#[must_use]
pub fn data_folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data"].iter().collect()
}

/// Prints what a program has to say: its lines to standard output, an error to standard error.
#[must_use]
#[allow(clippy::print_stderr, reason = "this is where a command line program speaks")]
pub fn exit_code(result: Result<String, Error>) -> ExitCode {
    match result {
        Ok(text) => match writeln!(std::io::stdout(), "{text}") {
            // Whoever stops reading has seen enough.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                eprintln!("error: cannot write to standard output: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! The code behind the examples: a library, so that it can be tested like one.

mod error;
mod input;
mod options;
mod output;
pub mod report;
pub mod segments;
pub mod shop;

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
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where a command line program speaks")]
pub fn exit_code(result: Result<String, Error>) -> ExitCode {
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

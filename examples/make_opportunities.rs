//! Writes the sample opportunities again: `cargo run --release --example make_opportunities -- [FOLDER]`.
//!
//! The same seed gives the same file, `examples/data/opportunities.csv`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples/data"), PathBuf::from);
    crm_cli::exit_code(crm_cli::opportunities::write(&folder))
}

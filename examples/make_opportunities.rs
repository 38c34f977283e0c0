//! Writes the sample opportunities again: `cargo run --release --example make_opportunities -- [FOLDER]`.
//!
//! The same seed gives the same file, `examples/data/opportunities.csv`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(crm_examples::data_folder, PathBuf::from);
    crm_examples::exit_code(crm_examples::opportunities::write(&folder))
}

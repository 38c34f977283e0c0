//! Writes the sample survey again: `cargo run --release --example make_survey -- [FOLDER]`.
//!
//! The same seed gives the same files, `survey.csv`, `kano.csv`, `feedback.csv` and `path_model.toml` in `examples/data`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples/data"), PathBuf::from);
    crm_cli::exit_code(crm_cli::questionnaire::write(&folder))
}

//! Writes the sample survey again: `cargo run --release --example make_survey -- [FOLDER]`.
//!
//! The same seed gives the same files, `survey.csv`, `kano.csv`, `feedback.csv` and `path_model.toml` in `examples/data`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(crm_examples::data_folder, PathBuf::from);
    crm_examples::exit_code(crm_examples::questionnaire::write(&folder))
}

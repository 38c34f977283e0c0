//! Writes the sample shop again: `cargo run --release --example make_shop -- [FOLDER]`.
//!
//! The same seed gives the same files in `examples/data`: `orders.csv`, `roster.csv`, `costs.csv` and `satisfaction.csv`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples/data"), PathBuf::from);
    crm_cli::exit_code(crm_cli::shop::write(&folder))
}

//! Who belongs where, and why: `cargo run --release --example segments -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::segments::run(std::env::args_os().skip(1)))
}

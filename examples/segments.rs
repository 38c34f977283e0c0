//! Who belongs where, and why: `cargo run --release --example segments -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("segments", std::env::args_os().skip(1)))
}

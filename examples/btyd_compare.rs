//! Which model of purchases, if any: `cargo run --release --example btyd_compare -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("forecast", std::env::args_os().skip(1)))
}

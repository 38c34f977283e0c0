//! Orders in, report out: `cargo run --release --example customer_report -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("report", std::env::args_os().skip(1)))
}

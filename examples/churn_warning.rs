//! Who will be lost, and why: `cargo run --release --example churn_warning -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("churn", std::env::args_os().skip(1)))
}

//! Answers in, satisfaction out: `cargo run --release --example satisfaction_survey -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("satisfaction", std::env::args_os().skip(1)))
}

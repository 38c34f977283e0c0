//! Answers in, satisfaction out: `cargo run --release --example satisfaction_survey -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::survey::run(std::env::args_os().skip(1)))
}

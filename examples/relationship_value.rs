//! Components and costs in, value and profit by customer out: `cargo run --release --example relationship_value -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("value", std::env::args_os().skip(1)))
}

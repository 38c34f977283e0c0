//! Where each relationship stands: `cargo run --release --example lifecycle_stages -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("stages", std::env::args_os().skip(1)))
}

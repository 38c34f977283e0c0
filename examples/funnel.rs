//! From candidate to deal: `cargo run --release --example funnel -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run_command("funnel", std::env::args_os().skip(1)))
}

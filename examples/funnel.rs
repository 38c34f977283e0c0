//! From candidate to deal: `cargo run --release --example funnel -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::funnel::run(std::env::args_os().skip(1)))
}

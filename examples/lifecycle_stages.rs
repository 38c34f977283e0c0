//! Where each relationship stands: `cargo run --release --example lifecycle_stages -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_examples::exit_code(crm_examples::lifecycle_stages::run(std::env::args_os().skip(1)))
}

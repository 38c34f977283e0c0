//! Orders in, report out: `cargo run --release --example customer_report -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_examples::exit_code(crm_examples::report::run(std::env::args_os().skip(1)))
}

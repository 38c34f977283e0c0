//! Which model of purchases, if any: `cargo run --release --example btyd_compare -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_examples::exit_code(crm_examples::btyd_compare::run(std::env::args_os().skip(1)))
}

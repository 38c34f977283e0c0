//! From candidate to deal: `cargo run --release --example funnel -- --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_examples::exit_code(crm_examples::funnel::run(std::env::args_os().skip(1)))
}

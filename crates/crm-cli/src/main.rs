//! The program `crm`: reads files and writes tables, pages and charts.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run(std::env::args_os()))
}

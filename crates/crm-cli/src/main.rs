//! The program `crm`: files in; tables, pages and pictures out.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_cli::exit_code(crm_cli::run(std::env::args_os()))
}

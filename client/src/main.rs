//! The `assay` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay_client::cli::main()
}

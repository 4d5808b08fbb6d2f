//! A node of the Assay network: holds the chain, executes its runtime, serves JSON-RPC and, if it
//! is a validator, makes blocks and votes on their finality.

mod admission;
mod chain_spec;
mod cli;
mod command;
mod compatibility;
mod role;
mod rpc;
mod service;
mod session_keys;
mod upgrade;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {}", sentence(fault));
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, without the name of the SDK's kind of error before it.
fn sentence(fault: sc_cli::Error) -> String {
    match fault {
        sc_cli::Error::Input(text) | sc_cli::Error::Service(sc_service::Error::Other(text)) => text,
        sc_cli::Error::Service(sc_service::Error::Application(inner)) => inner.to_string(),
        other => other.to_string(),
    }
}

//! A node of the Assay network: holds the chain, executes its runtime, serves JSON-RPC and, if it
//! is a validator, makes blocks and votes on their finality.

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
    command::run()
}

//! The demonstration, as a whole.

use super::{Printer, ON_DEMAND};
use anyhow::{ensure, Context, Result};
use assay_e2e::node::repository;
use std::{
    process::{Command, Stdio},
    time::Instant,
};

/// Runs `scripts/demo` and prints how long it takes, on what is built already.
pub fn run(printer: &Printer) -> Result<()> {
    let started = Instant::now();
    let status = Command::new(repository().join("scripts/demo"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("scripts/demo could not be started")?;
    ensure!(status.success(), "scripts/demo ended with {status}");
    printer.print(ON_DEMAND, started.elapsed().as_secs_f64(), "s");
    Ok(())
}

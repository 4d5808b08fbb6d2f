//! `assay model import`: from a network in an ONNX file to MODEL.json.

use super::model_making::Making;
use crate::{
    import::{self, ImportOptions},
    output::Output,
    table::Map,
};
use anyhow::Context;
use std::path::PathBuf;

/// Quantises and calibrates a network that another tool trained, and reports its quality.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The network, as PyTorch, Keras (tf2onnx) or scikit-learn (skl2onnx) export it.
    pub network: PathBuf,
    /// Labelled rows, one borrower each, to choose ranges by, calibrate and measure.
    #[arg(long, value_name = "DATA.csv")]
    pub data: PathBuf,
    /// The output of the graph that is the probability of default, where it has several.
    #[arg(long, value_name = "NAME")]
    pub output: Option<String>,
    /// The network gives the probability of no default.
    #[arg(long)]
    pub invert: bool,
    #[command(flatten)]
    pub making: Making,
}

/// Runs the command.
///
/// # Errors
///
/// When the network is none that a contract can compute, the data or the MAP do not fit it, or the
/// model can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let making = &args.making;
    let at = || args.network.display().to_string();
    let bytes = std::fs::read(&args.network)
        .with_context(|| format!("{}: the network can't be read", at()))?;
    let mut network = import::read_output(&bytes, args.output.as_deref()).with_context(at)?;
    if args.invert {
        network = network.inverted()?;
    }
    let map = Map::read(&making.map)?;
    network.check_inputs(&map).with_context(at)?;
    let options = ImportOptions {
        validation_ppb: making.validation.ppb,
        seed: making.seed,
        scoring: making.scoring(),
    };
    options.check()?;
    let (table, held_out) = making.read(&args.data, &map, output)?;
    let file = args.network.file_name().unwrap_or_default().to_string_lossy();
    let names = [making.name(&map), &file];
    let model =
        network.into_model(&map, &table, held_out.as_ref(), names, &options).with_context(at)?;
    making.keep(&model, output)
}

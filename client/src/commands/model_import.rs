//! `assay model import`: from a network in an ONNX file to MODEL.json.

use crate::{
    commands::{model_quality::write_page, score_options::ScoreOptions},
    import::{self, ImportOptions},
    output::Output,
    ratio::{Ratio, ONE_PPB},
    report::model::ModelPage,
    subject::ConsortiumKey,
    table::{Map, Purpose, ReadOptions, Table},
    train::quality::Quality,
};
use anyhow::{ensure, Context};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Quantises and calibrates a network that another tool trained, and reports its quality.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The network, as PyTorch, Keras (tf2onnx) or scikit-learn (skl2onnx) export it.
    pub network: PathBuf,
    /// Labelled rows, one borrower each, to choose ranges by, calibrate and measure.
    #[arg(long, value_name = "DATA.csv")]
    pub data: PathBuf,
    /// Which columns are what; its features are the network's inputs, in their order.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Where the model goes.
    #[arg(long, value_name = "MODEL.json")]
    pub out: PathBuf,
    /// Where a page on the model's quality, with its curves, goes.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Labelled rows of other borrowers, on which the finished model is measured.
    #[arg(long, value_name = "DATA.csv")]
    pub held_out: Option<PathBuf>,
    /// The model's name on chain; by default that of the MAP.
    #[arg(long)]
    pub name: Option<String>,
    /// The output of the graph that is the probability of default, where it has several.
    #[arg(long, value_name = "NAME")]
    pub output: Option<String>,
    /// The network gives the probability of no default.
    #[arg(long)]
    pub invert: bool,
    /// Share of the rows that quality is measured on.
    #[arg(long, default_value = "20 %")]
    pub validation: Ratio,
    /// The same seed draws the same rows.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub scores: ScoreOptions,
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
}

#[derive(Serialize)]
struct Imported<'a> {
    name: &'a str,
    model: &'a PathBuf,
    #[serde(flatten)]
    quality: &'a Quality,
}

/// Runs the command.
///
/// # Errors
///
/// When the network is none that a contract can compute, the data or the MAP do not fit it, or the
/// model can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let options = options(args)?;
    let at = |path: &Path| path.display().to_string();
    let bytes = std::fs::read(&args.network)
        .with_context(|| format!("{}: the network can't be read", at(&args.network)))?;
    let mut network =
        import::read_output(&bytes, args.output.as_deref()).with_context(|| at(&args.network))?;
    if args.invert {
        network = network.inverted()?;
    }
    let map = Map::read(&args.map)?;
    network.check_inputs(&map).with_context(|| at(&args.network))?;
    // Quantisation needs no subjects, so no key either.
    let reading =
        ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: args.skip_bad_rows };
    let read = |path: &PathBuf| -> anyhow::Result<Table> {
        let table = Table::read(path, &map, Purpose::Training, &reading)?;
        table.messages().for_each(|message| output.note(message));
        Ok(table)
    };
    let table = read(&args.data)?;
    let held_out = args.held_out.as_ref().map(read).transpose()?;
    let name = args.name.as_deref().unwrap_or(&map.name);
    let file = args.network.file_name().unwrap_or_default().to_string_lossy();
    let model = network
        .into_model(&map, &table, held_out.as_ref(), [name, &file], &options)
        .with_context(|| at(&args.network))?;
    model.write(&args.out)?;
    if let Some(quality) = &model.quality {
        let object = Imported { name: &model.name, model: &args.out, quality };
        if let Some(path) = &args.html {
            write_page(&ModelPage::of_training(&model, quality), path, output)?;
        }
        output.result(&object, quality)?;
    }
    output.note(format!("{} is written", args.out.display()));
    Ok(())
}

fn options(args: &Args) -> anyhow::Result<ImportOptions> {
    let scoring = args.scores.scoring();
    ensure!(scoring.range.min < scoring.range.max, "--score-min must be below --score-max");
    ensure!(
        (1..ONE_PPB).contains(&args.validation.ppb),
        "--validation must be above 0 % and under 100 %"
    );
    Ok(ImportOptions { validation_ppb: args.validation.ppb, seed: args.seed, scoring })
}

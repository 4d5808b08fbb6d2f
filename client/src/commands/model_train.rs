//! `assay model train`: from labelled rows to MODEL.json.

use crate::{
    commands::{model_quality::write_page, score_options::ScoreOptions},
    output::Output,
    ratio::Ratio,
    report::model::ModelPage,
    subject::ConsortiumKey,
    table::{Map, Purpose, ReadOptions, Table},
    train::{
        self,
        fit::OptimizerKind,
        network::{Init, Loss},
        quality::Quality,
        ConvOptions, TrainOptions,
    },
};
use serde::Serialize;
use std::path::PathBuf;

/// Trains, quantises and calibrates a model, and reports its quality.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Labelled rows, one borrower each.
    pub data: PathBuf,
    /// Which columns are what.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Where the model goes.
    #[arg(long, value_name = "MODEL.json")]
    pub out: PathBuf,
    /// Labelled rows of other borrowers, on which the finished model is measured.
    #[arg(long, value_name = "DATA.csv")]
    pub held_out: Option<PathBuf>,
    /// Where a page on the model's quality, with its curves, goes.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The model's name on chain; by default that of the MAP.
    #[arg(long)]
    pub name: Option<String>,
    /// Widths of the hidden layers.
    #[arg(long, value_delimiter = ',', default_value = "32,16")]
    pub hidden: Vec<usize>,
    /// Learn filters over the MAP's series, beside the other features.
    #[arg(long)]
    pub conv: bool,
    /// Filters of the convolution.
    #[arg(long, default_value_t = 8, requires = "conv")]
    pub filters: usize,
    /// Values of each series that a filter sees at once.
    #[arg(long, default_value_t = 3, requires = "conv")]
    pub kernel: usize,
    /// Values that a filter moves on by.
    #[arg(long, default_value_t = 1, requires = "conv")]
    pub stride: usize,
    /// Networks that are trained first, for the model to learn from.
    #[arg(long, default_value_t = 5)]
    pub teachers: usize,
    /// How the weights begin.
    #[arg(long, value_enum, default_value_t = Init::Uniform01)]
    pub init: Init,
    /// What training makes small; the 0-1 loss is always reported.
    #[arg(long, value_enum, default_value_t = Loss::Log)]
    pub loss: Loss,
    /// How a gradient becomes a step.
    #[arg(long, value_enum, default_value_t = OptimizerKind::Adam)]
    pub optimizer: OptimizerKind,
    /// Size of the steps; by default 0.005 with adam and 0.05 with sgd.
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Decay of the weights, with adam.
    #[arg(long, default_value_t = 0.01)]
    pub weight_decay: f64,
    /// Rows of a mini-batch.
    #[arg(long, default_value_t = 256)]
    pub batch: usize,
    /// Most passes over the data.
    #[arg(long, default_value_t = 100)]
    pub epochs: usize,
    /// Passes without a better ranking of the validation rows until training stops.
    #[arg(long, default_value_t = 15)]
    pub patience: usize,
    /// Share of the rows that training does not see and quality is measured on.
    #[arg(long, default_value = "20 %")]
    pub validation: Ratio,
    /// The same seed gives the same model.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub scores: ScoreOptions,
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
}

#[derive(Serialize)]
struct Trained<'a> {
    name: &'a str,
    model: &'a PathBuf,
    #[serde(flatten)]
    quality: &'a Quality,
}

/// Runs the command.
///
/// # Errors
///
/// When the data, the MAP or the options can't give a model, or it can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let map = Map::read(&args.map)?;
    // Training needs no subjects, so no key either.
    let reading =
        ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: args.skip_bad_rows };
    let read = |path: &PathBuf| -> anyhow::Result<Table> {
        let table = Table::read(path, &map, Purpose::Training, &reading)?;
        table.messages().for_each(|message| output.note(message));
        Ok(table)
    };
    let table = read(&args.data)?;
    let held_out = args.held_out.as_ref().map(read).transpose()?;
    let options = options(args);
    let epochs = options.epochs * (options.teachers + 1);
    let bar = output.progress(epochs as u64, "training");
    let name = args.name.as_deref().unwrap_or(&map.name);
    let model = train::train(&table, held_out.as_ref(), &map, name, &options, &|auc| {
        bar.inc(1);
        bar.set_message(format!("training, AUC {auc:.4}"));
    });
    bar.finish_and_clear();
    let model = model?;
    model.write(&args.out)?;
    if let Some(quality) = &model.quality {
        let object = Trained { name: &model.name, model: &args.out, quality };
        if let Some(path) = &args.html {
            write_page(&ModelPage::of_training(&model, quality), path, output)?;
        }
        output.result(&object, quality)?;
    }
    output.note(format!("{} is written", args.out.display()));
    Ok(())
}

fn options(args: &Args) -> TrainOptions {
    let default_rate = match args.optimizer {
        OptimizerKind::Adam => 0.005,
        OptimizerKind::Sgd => 0.05,
    };
    TrainOptions {
        hidden: args.hidden.clone(),
        conv: args.conv.then_some(ConvOptions {
            filters: args.filters,
            kernel: args.kernel,
            stride: args.stride,
        }),
        teachers: args.teachers,
        init: args.init,
        loss: args.loss,
        optimizer: args.optimizer,
        learning_rate: args.learning_rate.unwrap_or(default_rate),
        weight_decay: args.weight_decay,
        batch: args.batch,
        epochs: args.epochs,
        patience: args.patience,
        validation_ppb: args.validation.ppb,
        seed: args.seed,
        scoring: args.scores.scoring(),
    }
}

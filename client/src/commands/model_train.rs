//! `assay model train`: from labelled rows to MODEL.json.

use super::model_making::Making;
use crate::{
    output::Output,
    table::Map,
    train::{
        self,
        fit::OptimizerKind,
        network::{Init, Loss},
        ConvOptions, TrainOptions,
    },
};
use std::path::PathBuf;

/// Trains, quantises and calibrates a model, and reports its quality.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Labelled rows, one borrower each.
    pub data: PathBuf,
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
    #[command(flatten)]
    pub making: Making,
}

/// Runs the command.
///
/// # Errors
///
/// When the data, the MAP or the options can't give a model, or it can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let making = &args.making;
    let map = Map::read(&making.map)?;
    let (table, held_out) = making.read(&args.data, &map, output)?;
    let options = options(args);
    let epochs = options.epochs * (options.teachers + 1);
    let bar = output.progress(epochs as u64, "training");
    let name = making.name(&map);
    let model = train::train(&table, held_out.as_ref(), &map, name, &options, &|auc| {
        bar.inc(1);
        bar.set_message(format!("training, AUC {auc:.4}"));
    });
    bar.finish_and_clear();
    making.keep(&model?, output)
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
        validation_ppb: args.making.validation.ppb,
        seed: args.making.seed,
        scoring: args.making.scoring(),
    }
}

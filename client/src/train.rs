//! Training of scoring contracts: a float network by candle, then integers, then what they are worth.
//!
//! The float network trains on the very inputs that the artifact computes (`q / 127`), so that
//! nothing but weights and activations is rounded afterwards. The same data, options and seed give
//! the same model on the same kind of processor; candle's products may round differently on another.

pub mod fit;
pub mod inputs;
pub mod metrics;
pub mod network;
pub mod quality;
pub mod quantise;
#[cfg(test)]
mod tests;

use crate::{
    model_file::{ModelFeature, ModelFile},
    table::{map::Map, Table},
};
use assay_risk::{
    artifact::{Artifact, ArtifactFault, MAX_LAYERS, MAX_UNITS, MAX_WEIGHTS},
    network::Network,
};
use fit::{fit, Fitted, OptimizerKind, Samples};
use network::{Init, LayerWeights, Loss};
use quantise::{quantise, with_table, Activations, ScoreBy, ScoreRange, CANDIDATES};
use rand::{seq::SliceRandom, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

/// Fewest rows of either label in training and in validation: fewer tell nothing.
pub const MIN_ROWS_OF_EACH: usize = 10;

/// Weight of the teachers' word against what happened. What happened to one borrower is mostly luck;
/// several networks agree on the rest, and one that learns from them ranks about as well as all do.
const TAUGHT_SHARE: f64 = 0.8;

/// How a model is trained.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Networks that are trained first, for the model to learn from; 0 for none.
    pub teachers: usize,
    pub init: Init,
    pub loss: Loss,
    pub optimizer: OptimizerKind,
    pub learning_rate: f64,
    /// Decoupled decay of the weights, with [`OptimizerKind::Adam`].
    pub weight_decay: f64,
    /// Rows of a mini-batch.
    pub batch: usize,
    /// Most passes over the training rows.
    pub epochs: usize,
    /// Passes without a better ranking of the validation rows until training stops.
    pub patience: usize,
    /// Share of the rows that training does not see, in ppb.
    pub validation_ppb: u64,
    pub seed: u64,
    pub scores: ScoreRange,
    pub score_by: ScoreBy,
}

/// Why no model came of it.
#[derive(Debug, thiserror::Error)]
pub enum TrainFailure {
    #[error("{0}")]
    Options(String),
    #[error(
        "{part} has {bad} defaults and {good} other rows; at least {MIN_ROWS_OF_EACH} of each are \
         needed"
    )]
    TooFewRows { part: &'static str, bad: usize, good: usize },
    #[error("no epoch ranked the validation rows; lower --learning-rate")]
    Diverged,
    #[error("the artifact is refused: {0}")]
    Refused(ArtifactFault),
    #[error("training stopped: {0}")]
    Candle(#[from] candle_core::Error),
}

impl TrainOptions {
    /// Refuses what can't give an artifact, before any time is spent.
    ///
    /// # Errors
    ///
    /// [`TrainFailure::Options`].
    pub fn check(&self, features: usize) -> Result<(), TrainFailure> {
        let refuse = |problem: String| Err(TrainFailure::Options(problem));
        if self.hidden.len() + 1 > MAX_LAYERS {
            return refuse(format!("--hidden names more than {} layers", MAX_LAYERS - 1));
        }
        if self.hidden.iter().any(|units| !(1..=MAX_UNITS).contains(units)) {
            return refuse(format!("a width in --hidden is not in 1..={MAX_UNITS}"));
        }
        let widths: Vec<_> = std::iter::once(&features).chain(&self.hidden).chain([&1]).collect();
        let weights: usize = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
        if weights > MAX_WEIGHTS {
            return refuse(format!("--hidden makes {weights} weights; at most {MAX_WEIGHTS} fit"));
        }
        if self.scores.min >= self.scores.max {
            return refuse("--score-min must be below --score-max".to_owned());
        }
        if self.batch == 0 || self.epochs == 0 || self.patience == 0 {
            return refuse("--batch, --epochs and --patience must be above 0".to_owned());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return refuse("--learning-rate must be above 0".to_owned());
        }
        if !(1..crate::ratio::ONE_PPB).contains(&self.validation_ppb) {
            return refuse("--validation must be above 0 % and under 100 %".to_owned());
        }
        Ok(())
    }
}

/// Rows of a table by what they serve.
struct Parts {
    training: Vec<usize>,
    validation: Vec<usize>,
}

impl Parts {
    fn draw(table: &Table, options: &TrainOptions, random: &mut ChaCha20Rng) -> Self {
        let mut rows: Vec<usize> = (0..table.len()).collect();
        rows.shuffle(random);
        let share = u128::from(options.validation_ppb);
        let count = rows.len() as u128 * share / u128::from(crate::ratio::ONE_PPB);
        let training = rows.split_off(count as usize);
        Self { training, validation: rows }
    }
}

fn labels(table: &Table, rows: &[usize], part: &'static str) -> Result<Vec<bool>, TrainFailure> {
    let labels: Vec<bool> = rows.iter().map(|row| table.labels[*row] == Some(true)).collect();
    let bad = labels.iter().filter(|bad| **bad).count();
    let good = labels.len() - bad;
    if bad.min(good) < MIN_ROWS_OF_EACH {
        return Err(TrainFailure::TooFewRows { part, bad, good });
    }
    Ok(labels)
}

/// Trains, quantises and calibrates a model, and measures it, also on rows held out from everything.
/// `progress` is called after each epoch of each network with the validation's AUC.
///
/// # Errors
///
/// [`TrainFailure`] when the options can't give an artifact, rows of either label are too few, or
/// training diverges.
pub fn train(
    table: &Table,
    held_out: Option<&Table>,
    map: &Map,
    name: &str,
    options: &TrainOptions,
    progress: &dyn Fn(f64),
) -> Result<ModelFile, TrainFailure> {
    options.check(table.features)?;
    let mut random = ChaCha20Rng::seed_from_u64(options.seed);
    let parts = Parts::draw(table, options, &mut random);
    let training_bad = labels(table, &parts.training, "training")?;
    let validation_bad = labels(table, &parts.validation, "validation")?;
    let features = inputs::choose(&map.features, table, &parts.training);
    let training_inputs = inputs::compute(&features, table, &parts.training)?;
    let validation_inputs = inputs::compute(&features, table, &parts.validation)?;
    let samples =
        |inputs: &[f32], bad: &[bool]| Samples::new(inputs.to_vec(), table.features, bad.to_vec());
    let mut training_samples = samples(&training_inputs, &training_bad)?;
    let validation_samples = samples(&validation_inputs, &validation_bad)?;
    let mut fit_one =
        |training: &Samples| fit(training, &validation_samples, options, &mut random, progress);
    if options.teachers > 0 {
        let taught = teach(&training_samples, &training_inputs, options.teachers, &mut fit_one)?;
        training_samples.set_outcomes(taught)?;
    }
    let fitted = fit_one(&training_samples)?;
    if fitted.best_epoch == 0 {
        return Err(TrainFailure::Diverged);
    }
    let activations = Activations::observe(&fitted.layers, &training_inputs);
    let artifact = best_artifact(
        &fitted.layers,
        &features,
        &activations,
        table,
        &parts.validation,
        &validation_bad,
    )?;
    let outputs = logits(&artifact, table, &parts.training)?;
    let artifact = with_table(artifact, &outputs, options.scores, options.score_by);
    artifact.check().map_err(TrainFailure::Refused)?;
    let network = Network::compile(&artifact).map_err(TrainFailure::Refused)?;
    let part = |table, rows: &[usize], inputs: &[f32]| {
        let floats = float_logits(&fitted.layers, inputs);
        let output = activations.output();
        let scores = floats.iter().map(|float| network.score(output.z(*float))).collect();
        quality::Part::new(&artifact, table, rows, floats, scores)
    };
    let training = part(table, &parts.training, &training_inputs)?;
    let validation = part(table, &parts.validation, &validation_inputs)?;
    let held_out = held_out.map(|table| {
        let rows: Vec<usize> =
            (0..table.labels.len()).filter(|row| table.labels[*row].is_some()).collect();
        part(table, &rows, &inputs::compute(&features, table, &rows)?)
    });
    let held_out = held_out.transpose()?;
    let setup = quality::Setup::new(options, &fitted, &artifact);
    let quality = quality::report(&artifact, setup, [&training, &validation], held_out.as_ref());
    let calibration = quality::calibration(&[&training, &validation]);
    let features: Vec<ModelFeature> = map.features.iter().map(ModelFeature::from).collect();
    let quality = quality.named(&features);
    Ok(ModelFile { name: name.to_owned(), features, artifact, calibration, quality: Some(quality) })
}

/// What each training row should be called: mostly the mean probability that teachers give it, which
/// are networks like the one to train; for the rest, what happened.
fn teach(
    training: &Samples,
    inputs: &[f32],
    teachers: usize,
    fit_one: &mut dyn FnMut(&Samples) -> candle_core::Result<Fitted>,
) -> Result<Vec<f32>, TrainFailure> {
    let mut sums = vec![0.0; training.bad.len()];
    for _ in 0..teachers {
        let layers = fit_one(training)?.layers;
        for (sum, logit) in sums.iter_mut().zip(float_logits(&layers, inputs)) {
            *sum += metrics::sigmoid(logit);
        }
    }
    let outcomes = sums.iter().zip(&training.bad).map(|(sum, bad)| {
        let happened = f64::from(u8::from(*bad));
        (TAUGHT_SHARE * sum / teachers as f64 + (1.0 - TAUGHT_SHARE) * happened) as f32
    });
    Ok(outcomes.collect())
}

/// The artifact, among those of all [`CANDIDATES`], that ranks the validation rows best.
fn best_artifact(
    layers: &[LayerWeights],
    features: &[assay_risk::artifact::Feature],
    activations: &Activations,
    table: &Table,
    rows: &[usize],
    bad: &[bool],
) -> Result<Artifact, TrainFailure> {
    let mut best: Option<(f64, Artifact)> = None;
    for ranges in CANDIDATES {
        let artifact = quantise(layers, features, activations, ranges);
        let auc = metrics::auc(&logits(&artifact, table, rows)?, bad);
        if best.as_ref().is_none_or(|(so_far, _)| auc > *so_far) {
            best = Some((auc, artifact));
        }
    }
    best.map(|(_, artifact)| artifact).ok_or(TrainFailure::Diverged)
}

/// The outputs `z` of rows of a table, by the chain's own rule.
///
/// # Errors
///
/// [`TrainFailure::Refused`] when the artifact can't be run.
pub fn logits(artifact: &Artifact, table: &Table, rows: &[usize]) -> Result<Vec<i8>, TrainFailure> {
    let network = Network::compile(artifact).map_err(TrainFailure::Refused)?;
    let score = |network: &mut Network, row: &usize| {
        network.logit(table.row_values(*row), table.present[*row])
    };
    Ok(rows.par_iter().map_init(|| network.clone(), score).collect())
}

fn float_logits(layers: &[LayerWeights], inputs: &[f32]) -> Vec<f32> {
    layers.iter().enumerate().fold(inputs.to_vec(), |x, (index, layer)| {
        quantise::forward(layer, &x, index + 1 < layers.len())
    })
}

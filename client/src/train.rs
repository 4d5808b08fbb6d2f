//! Training of scoring contracts: a float network by candle, then integers, then what they are worth.
//!
//! The float network trains on the very inputs that the artifact computes (`q / 127`), so that
//! nothing but weights and activations is rounded afterwards. The same data, options and seed give
//! the same model on the same kind of processor; candle's products may round differently on another.

pub mod finish;
pub mod fit;
pub mod inputs;
pub mod metrics;
pub mod network;
pub mod quality;
pub mod quantise;
pub mod scores;
#[cfg(test)]
mod tests;

use crate::{
    float_network::{forward, FloatModel},
    model_file::{ModelFeature, ModelFile},
    table::{map::Map, Table},
};
use assay_risk::{
    artifact::{Artifact, ArtifactFault, MAX_LAYERS, MAX_UNITS, MAX_WEIGHTS},
    network::Network,
};
use finish::{finish, Parts};
use fit::{fit, Fitted, OptimizerKind, Samples};
use network::{ConvPlan, Init, Loss, Plan};
use quality::{MadeBy, Trained};
use rand::{seq::SliceRandom, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use scores::Scoring;

/// Fewest rows of either label in training and in validation: fewer tell nothing.
pub const MIN_ROWS_OF_EACH: usize = 10;

/// Weight of the teachers' word against what happened. What happened to one borrower is mostly luck;
/// several networks agree on the rest, and one that learns from them ranks about as well as all do.
const TAUGHT_SHARE: f64 = 0.8;

/// Filters over the MAP's series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvOptions {
    pub filters: usize,
    /// Values of each series that a filter sees at once.
    pub kernel: usize,
    /// Values that a filter moves on by.
    pub stride: usize,
}

/// How a model is trained.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// A convolution before the hidden layers; none for a network of all features.
    pub conv: Option<ConvOptions>,
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
    pub scoring: Scoring,
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
    pub fn check(&self, map: &Map) -> Result<(), TrainFailure> {
        let refuse = |problem: String| Err(TrainFailure::Options(problem));
        let plan = self.plan(map)?;
        let conv_layers = plan.conv.as_ref().map_or(0, |_| CONV_LAYERS);
        let most = MAX_LAYERS - 1 - conv_layers;
        if self.hidden.len() > most {
            return refuse(format!("--hidden names more than {most} layers"));
        }
        if self.hidden.iter().any(|units| !(1..=MAX_UNITS).contains(units)) {
            return refuse(format!("a width in --hidden is not in 1..={MAX_UNITS}"));
        }
        let inputs = plan.conv.as_ref().map_or(plan.features, ConvPlan::outputs);
        let widths: Vec<_> = std::iter::once(&inputs).chain(&self.hidden).chain([&1]).collect();
        let conv_weights = plan.conv.as_ref().map_or(0, |conv| conv.field() * conv.filters);
        let weights: usize = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let weights = weights + conv_weights;
        if weights > MAX_WEIGHTS {
            return refuse(format!("--hidden makes {weights} weights; at most {MAX_WEIGHTS} fit"));
        }
        check_scoring(self.scoring, self.validation_ppb)?;
        if self.batch == 0 || self.epochs == 0 || self.patience == 0 {
            return refuse("--batch, --epochs and --patience must be above 0".to_owned());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return refuse("--learning-rate must be above 0".to_owned());
        }
        Ok(())
    }

    /// What the network is made of: a convolution sees the MAP's series; beside it pass all features.
    /// With only the latest value of each series, it ranks worse than a network without convolution.
    ///
    /// # Errors
    ///
    /// [`TrainFailure::Options`] when a convolution does not fit the series.
    pub fn plan(&self, map: &Map) -> Result<Plan, TrainFailure> {
        let features = map.features.len();
        let refuse = |problem: String| Err(TrainFailure::Options(problem));
        let Some(ConvOptions { filters, kernel, stride }) = self.conv else {
            return Ok(Plan { features, conv: None, hidden: self.hidden.clone() });
        };
        let Some(first) = map.series.first() else {
            return refuse(format!(
                "--conv needs [[series]], which {} lacks; examples/README.md shows it",
                map.path.display()
            ));
        };
        let length = first.features.len();
        if !(1..=length).contains(&kernel) {
            return refuse(format!("--kernel is not in 1..={length}, the series' length"));
        }
        if filters == 0 || stride == 0 {
            return refuse("--filters and --stride must be above 0".to_owned());
        }
        let series: Vec<Vec<u8>> =
            map.series.iter().map(|series| series.features.clone()).collect();
        let beside = (0..features as u8).collect();
        let conv = ConvPlan { series, beside, filters, kernel, stride };
        if filters > MAX_UNITS || conv.outputs() > MAX_UNITS {
            let (outputs, beside) = (conv.places(), conv.beside.len());
            return refuse(format!(
                "--filters makes {filters} x {outputs} outputs beside {beside} features; at most \
                 {MAX_UNITS} units fit"
            ));
        }
        Ok(Plan { features, conv: Some(conv), hidden: self.hidden.clone() })
    }
}

/// Refuses a range of scores or a share of validation rows that is none.
pub(crate) fn check_scoring(scoring: Scoring, validation_ppb: u64) -> Result<(), TrainFailure> {
    let refuse = |problem: &str| Err(TrainFailure::Options(problem.to_owned()));
    if scoring.range.min >= scoring.range.max {
        return refuse("--score-min must be below --score-max");
    }
    if !(1..crate::ratio::ONE_PPB).contains(&validation_ppb) {
        return refuse("--validation must be above 0 % and under 100 %");
    }
    Ok(())
}

/// Layers of a convolution: its selection of features, itself, the selection beside it, and what
/// joins them.
const CONV_LAYERS: usize = 4;

/// Draws the rows of training and of validation.
pub(crate) fn draw<'t>(
    table: &'t Table,
    held_out: Option<&'t Table>,
    validation_ppb: u64,
    random: &mut ChaCha20Rng,
) -> Parts<'t> {
    let mut rows: Vec<usize> = (0..table.len()).collect();
    rows.shuffle(random);
    let share = u128::from(validation_ppb);
    let count = rows.len() as u128 * share / u128::from(crate::ratio::ONE_PPB);
    let training = rows.split_off(count as usize);
    Parts { table, training, validation: rows, held_out }
}

/// Which rows of a part defaulted.
///
/// # Errors
///
/// [`TrainFailure::TooFewRows`] of either kind.
pub(crate) fn labels(
    table: &Table,
    rows: &[usize],
    part: &'static str,
) -> Result<Vec<bool>, TrainFailure> {
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
    options.check(map)?;
    let plan = options.plan(map)?;
    let mut random = ChaCha20Rng::seed_from_u64(options.seed);
    let parts = draw(table, held_out, options.validation_ppb, &mut random);
    let training_bad = labels(table, &parts.training, "training")?;
    let validation_bad = labels(table, &parts.validation, "validation")?;
    let features = inputs::choose(&map.features, table, &parts.training);
    let samples = |rows: &[usize], bad: Vec<bool>| {
        let inputs = inputs::compute(&features, table, rows)?;
        Ok::<_, TrainFailure>(Samples::new(inputs, table.features, bad)?)
    };
    let mut training_samples = samples(&parts.training, training_bad)?;
    let validation_samples = samples(&parts.validation, validation_bad)?;
    let mut fit_one = |training: &Samples| {
        fit(&plan, training, &validation_samples, options, &mut random, progress)
    };
    if options.teachers > 0 {
        let taught = teach(&training_samples, options.teachers, &mut fit_one)?;
        training_samples.set_outcomes(taught)?;
    }
    let fitted = fit_one(&training_samples)?;
    if fitted.best_epoch == 0 {
        return Err(TrainFailure::Diverged);
    }
    let made_by = MadeBy::Trained(trained(&plan, &fitted, options));
    let model = FloatModel { features, layers: fitted.layers };
    let floats = |table: &Table, rows: &[usize]| {
        Ok(model.logits(&inputs::compute(&model.features, table, rows)?))
    };
    let candidates = std::slice::from_ref(&model);
    let finished = finish(candidates, &floats, &parts, options.scoring, made_by)?;
    let features: Vec<ModelFeature> = map.features.iter().map(ModelFeature::from).collect();
    Ok(ModelFile {
        name: name.to_owned(),
        quality: Some(finished.quality.named(&features)),
        features,
        artifact: finished.artifact,
        calibration: finished.calibration,
    })
}

fn trained(plan: &Plan, fitted: &Fitted, options: &TrainOptions) -> Trained {
    Trained {
        hidden: options.hidden.clone(),
        conv: plan.conv.clone(),
        teachers: options.teachers,
        init: options.init,
        loss: options.loss,
        optimizer: options.optimizer,
        learning_rate: options.learning_rate,
        batch: options.batch,
        seed: options.seed,
        epochs: fitted.epochs,
        best_epoch: fitted.best_epoch,
    }
}

/// What each training row should be called: mostly the mean probability that teachers give it, which
/// are networks like the one to train; for the rest, what happened.
fn teach(
    training: &Samples,
    teachers: usize,
    fit_one: &mut dyn FnMut(&Samples) -> candle_core::Result<Fitted>,
) -> Result<Vec<f32>, TrainFailure> {
    let inputs: Vec<f32> = training.inputs.flatten_all()?.to_vec1()?;
    let width = training.inputs.dim(1)?;
    let mut sums = vec![0.0; training.bad.len()];
    for _ in 0..teachers {
        let layers = fit_one(training)?.layers;
        for (sum, logit) in sums.iter_mut().zip(forward(&layers, width, &inputs)) {
            *sum += metrics::sigmoid(logit);
        }
    }
    let outcomes = sums.iter().zip(&training.bad).map(|(sum, bad)| {
        let happened = f64::from(u8::from(*bad));
        (TAUGHT_SHARE * sum / teachers as f64 + (1.0 - TAUGHT_SHARE) * happened) as f32
    });
    Ok(outcomes.collect())
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

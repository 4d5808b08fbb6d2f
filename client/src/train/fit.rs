//! Gradient descent in mini-batches with early stopping.

use super::{
    metrics,
    network::{FloatNetwork, Plan},
    TrainOptions,
};
use crate::float_network::FloatLayer;
use candle_core::{backprop::GradStore, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer as _, ParamsAdamW};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Steps scaled by running moments of the gradient.
    Adam,
    /// Plain gradient descent with momentum 0.9.
    Sgd,
}

/// Momentum of plain gradient descent.
const MOMENTUM: f64 = 0.9;
/// How much of the averaged weights a step keeps. The average of the last hundred or so steps ranks
/// better than where the last mini-batch left the weights.
const AVERAGE_KEEP: f64 = 0.99;
/// The learning rate halves after this share of the patience without a better epoch.
const HALVE_AFTER: usize = 3;

/// Rows by which the biases are set before training.
const SETTLE_ROWS: usize = 8_192;

/// Rows as the network sees them.
pub struct Samples {
    /// `(rows, inputs)`, each `q / 127`.
    pub inputs: Tensor,
    pub bad: Vec<bool>,
    /// What the network should say of each row: 0 or 1, or a probability of other networks.
    outcomes: Tensor,
}

impl Samples {
    /// From rows of inputs, flattened.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn new(inputs: Vec<f32>, features: usize, bad: Vec<bool>) -> Result<Self> {
        let inputs = Tensor::from_vec(inputs, (bad.len(), features), &Device::Cpu)?;
        let outcomes: Vec<f32> = bad.iter().map(|bad| f32::from(u8::from(*bad))).collect();
        let outcomes = Tensor::from_vec(outcomes, bad.len(), &Device::Cpu)?;
        Ok(Self { inputs, bad, outcomes })
    }

    /// Has the network learn other outcomes, one a row, from what happened.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn set_outcomes(&mut self, outcomes: Vec<f32>) -> Result<()> {
        self.outcomes = Tensor::from_vec(outcomes, self.bad.len(), &Device::Cpu)?;
        Ok(())
    }
}

/// The best network of a training.
pub struct Fitted {
    pub layers: Vec<FloatLayer>,
    /// Epochs until training stopped.
    pub epochs: usize,
    /// The epoch whose weights were kept, 1-based.
    pub best_epoch: usize,
}

enum Stepper {
    Adam(AdamW),
    Sgd { velocity: Vec<Tensor>, learning_rate: f64 },
}

impl Stepper {
    fn new(vars: &[Var], options: &TrainOptions) -> Result<Self> {
        Ok(match options.optimizer {
            OptimizerKind::Adam => {
                let lr = options.learning_rate;
                let params = ParamsAdamW {
                    lr,
                    weight_decay: options.weight_decay,
                    ..ParamsAdamW::default()
                };
                Self::Adam(AdamW::new(vars.to_vec(), params)?)
            }
            OptimizerKind::Sgd => Self::Sgd {
                velocity: vars.iter().map(|var| var.zeros_like()).collect::<Result<_>>()?,
                learning_rate: options.learning_rate,
            },
        })
    }

    fn step(&mut self, vars: &[Var], gradients: &GradStore) -> Result<()> {
        match self {
            Self::Adam(adam) => adam.step(gradients),
            Self::Sgd { velocity, learning_rate } => {
                for (var, velocity) in vars.iter().zip(velocity) {
                    if let Some(gradient) = gradients.get(var) {
                        let step = (gradient * *learning_rate)?;
                        *velocity = ((&*velocity * MOMENTUM)? - step)?.detach();
                        var.set(&(var.as_tensor() + &*velocity)?)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn halve(&mut self) {
        match self {
            Self::Adam(adam) => adam.set_learning_rate(adam.learning_rate() / 2.0),
            Self::Sgd { learning_rate, .. } => *learning_rate /= 2.0,
        }
    }
}

/// Trains until `patience` epochs in a row rank the validation rows no better, or `epochs` are done;
/// hands back the weights that ranked them best. `progress` is called after each epoch with the
/// validation's AUC.
///
/// # Errors
///
/// candle's.
pub fn fit(
    plan: &Plan,
    training: &Samples,
    validation: &Samples,
    options: &TrainOptions,
    random: &mut ChaCha20Rng,
    progress: &dyn Fn(f64),
) -> Result<Fitted> {
    let network = FloatNetwork::new(plan, options.init, random)?;
    let averaged = FloatNetwork::new(plan, options.init, random)?;
    let (vars, average) = (network.vars(), averaged.vars());
    let settled = training.inputs.narrow(0, 0, training.bad.len().min(SETTLE_ROWS))?;
    let bad = training.bad.iter().filter(|bad| **bad).count();
    let bad_share = bad as f64 / training.bad.len() as f64;
    network.settle(&settled, options.loss.start_share(bad_share))?;
    copy(&vars, &average)?;
    let mut stepper = Stepper::new(&vars, options)?;
    let mut order: Vec<u32> = (0..training.bad.len() as u32).collect();
    let mut best = Fitted { layers: averaged.weights()?, epochs: 0, best_epoch: 0 };
    let mut best_auc = 0.0;
    for epoch in 1..=options.epochs {
        order.shuffle(random);
        for batch in order.chunks(options.batch) {
            let batch = Tensor::new(batch, &Device::Cpu)?;
            let logits = network.forward(&training.inputs.index_select(&batch, 0)?)?;
            let loss = options.loss.mean(
                &logits,
                &training.outcomes.index_select(&batch, 0)?,
                bad_share,
            )?;
            stepper.step(&vars, &loss.backward()?)?;
            blend(&vars, &average)?;
        }
        let logits: Vec<f32> = averaged.forward(&validation.inputs)?.to_vec1()?;
        let auc = metrics::auc(&logits, &validation.bad);
        progress(auc);
        best.epochs = epoch;
        if auc > best_auc {
            best_auc = auc;
            best = Fitted { layers: averaged.weights()?, epochs: epoch, best_epoch: epoch };
        }
        let without_gain = epoch - best.best_epoch;
        if without_gain >= options.patience {
            break;
        }
        if without_gain > 0 && without_gain.is_multiple_of((options.patience / HALVE_AFTER).max(1))
        {
            stepper.halve();
        }
    }
    Ok(best)
}

fn copy(from: &[Var], to: &[Var]) -> Result<()> {
    from.iter().zip(to).try_for_each(|(from, to)| to.set(&from.as_tensor().copy()?))
}

fn blend(latest: &[Var], average: &[Var]) -> Result<()> {
    for (latest, average) in latest.iter().zip(average) {
        let kept = (average.as_tensor() * AVERAGE_KEEP)?;
        average.set(&(kept + (latest.as_tensor() * (1.0 - AVERAGE_KEEP))?)?)?;
    }
    Ok(())
}

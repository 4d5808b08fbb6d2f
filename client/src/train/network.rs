//! The float network: layers of weights and biases, trained by candle.

use super::inputs::at;
use candle_core::{Device, Result, Tensor, Var};
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

/// How the weights begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Uniform in (0, 1), divided by the root of the number of inputs: all weights start positive.
    Uniform01,
    /// Uniform in (-a, a), a = sqrt(6 / (inputs + outputs)) (Glorot).
    Xavier,
    /// Uniform in (-a, a), a = sqrt(6 / inputs) (He).
    He,
}

/// What training makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `-ln` of the probability given to what happened.
    Log,
    /// Square of probability minus outcome.
    Squared,
    /// Distance of probability and outcome, defaults and others weighed to the same sum: with so
    /// few defaults it would else be least for a network that never expects any.
    Absolute,
}

/// A layer's numbers, outside of candle: `weights[output][input]`, flattened.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    pub inputs: usize,
    pub outputs: usize,
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
}

/// A fully connected network with a ReLU after each layer but the last, whose one output is the
/// logit of the default.
pub struct FloatNetwork {
    layers: Vec<(Var, Var)>,
}

impl FloatNetwork {
    /// A network with weights drawn as `init` says and biases 0.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn new(
        inputs: usize,
        hidden: &[usize],
        init: Init,
        random: &mut ChaCha20Rng,
    ) -> Result<Self> {
        let widths: Vec<usize> =
            std::iter::once(inputs).chain(hidden.iter().copied()).chain([1]).collect();
        let layers = widths.windows(2).map(|pair| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let weights: Vec<f32> =
                (0..inputs * outputs).map(|_| draw(init, inputs, outputs, random)).collect();
            let weights = Tensor::from_vec(weights, (outputs, inputs), &Device::Cpu)?;
            let bias = Tensor::zeros(outputs, candle_core::DType::F32, &Device::Cpu)?;
            Ok((Var::from_tensor(&weights)?, Var::from_tensor(&bias)?))
        });
        Ok(Self { layers: layers.collect::<Result<_>>()? })
    }

    /// Sets the biases by rows of inputs, so that no unit begins dead and no row is without an active
    /// unit: of `n` units of a hidden layer the `i`th, from 0, is active for `1 - i / n` of the rows.
    /// With weights that are all positive the units of a layer would else move as one, and often all
    /// under 0. The last bias gives the share of defaults as the mean.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn settle(&self, inputs: &Tensor, bad_share: f64) -> Result<()> {
        let mut x = inputs.clone();
        let last = self.layers.len() - 1;
        for (index, (weights, bias)) in self.layers.iter().enumerate() {
            x = x.matmul(&weights.t()?)?;
            let columns: Vec<Vec<f32>> = x.t()?.contiguous()?.to_vec2()?;
            let units = columns.len();
            let start = |(unit, mut column): (usize, Vec<f32>)| {
                column.sort_unstable_by(f32::total_cmp);
                -at(&column, unit as f64 / units as f64)
            };
            let starts: Vec<f32> = if index < last {
                columns.into_iter().enumerate().map(start).collect()
            } else {
                let mean = x.mean_all()?.to_scalar::<f32>()?;
                vec![(bad_share / (1.0 - bad_share)).ln() as f32 - mean]
            };
            bias.set(&Tensor::from_vec(starts, units, &Device::Cpu)?)?;
            x = x.broadcast_add(bias)?.relu()?;
        }
        Ok(())
    }

    /// All that training may change.
    pub fn vars(&self) -> Vec<Var> {
        self.layers.iter().flat_map(|(weights, bias)| [weights.clone(), bias.clone()]).collect()
    }

    /// The logits of rows of inputs, `(rows, inputs)` to `(rows)`.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let mut x = inputs.clone();
        let last = self.layers.len() - 1;
        for (index, (weights, bias)) in self.layers.iter().enumerate() {
            x = x.matmul(&weights.t()?)?.broadcast_add(bias)?;
            if index < last {
                x = x.relu()?;
            }
        }
        x.squeeze(1)
    }

    /// The layers' numbers.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn weights(&self) -> Result<Vec<LayerWeights>> {
        let layer = |(weights, bias): &(Var, Var)| {
            let (outputs, inputs) = weights.dims2()?;
            let weights = weights.flatten_all()?.to_vec1()?;
            Ok(LayerWeights { inputs, outputs, weights, bias: bias.to_vec1()? })
        };
        self.layers.iter().map(layer).collect()
    }
}

fn draw(init: Init, inputs: usize, outputs: usize, random: &mut ChaCha20Rng) -> f32 {
    let unit: f32 = random.random();
    let symmetric = |bound: f32| (2.0 * unit - 1.0) * bound;
    match init {
        Init::Uniform01 => unit.max(f32::EPSILON) / (inputs as f32).sqrt(),
        Init::Xavier => symmetric((6.0 / (inputs + outputs) as f32).sqrt()),
        Init::He => symmetric((6.0 / inputs as f32).sqrt()),
    }
}

impl Loss {
    /// The share of defaults that a network should start from.
    pub fn start_share(self, bad_share: f64) -> f64 {
        if self == Self::Absolute {
            0.5
        } else {
            bad_share
        }
    }

    /// The mean loss of logits against outcomes of 0 and 1, of which `bad_share` are 1 in all.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn mean(self, logits: &Tensor, outcomes: &Tensor, bad_share: f64) -> Result<Tensor> {
        let each = match self {
            Self::Log => {
                // ln(1 + e^z) without overflow, less y z.
                let softplus = (logits.relu()? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
                (softplus - (logits * outcomes)?)?
            }
            Self::Squared => (candle_nn::ops::sigmoid(logits)? - outcomes)?.sqr()?,
            Self::Absolute => {
                let (of_good, of_bad) = (0.5 / (1.0 - bad_share), 0.5 / bad_share);
                let weights = outcomes.affine(of_bad - of_good, of_good)?;
                ((candle_nn::ops::sigmoid(logits)? - outcomes)?.abs()? * weights)?
            }
        };
        each.mean_all()
    }
}

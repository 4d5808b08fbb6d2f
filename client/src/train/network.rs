//! The float network: layers of weights and biases, trained by candle.

use super::inputs::at;
use crate::float_network::{FloatConv1d, FloatDense, FloatLayer};
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

/// What a network is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Inputs, one a feature.
    pub features: usize,
    pub conv: Option<ConvPlan>,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
}

/// A convolution over series of features, whose outputs stand before other features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvPlan {
    /// Positions of each series' features, all of one length.
    pub series: Vec<Vec<u8>>,
    /// Positions that pass beside the convolution.
    pub beside: Vec<u8>,
    pub filters: usize,
    pub kernel: usize,
    pub stride: usize,
}

impl ConvPlan {
    /// Values of each filter's output.
    pub fn places(&self) -> usize {
        (self.series[0].len() - self.kernel) / self.stride + 1
    }

    /// Outputs of the convolution and what passes beside it.
    pub fn outputs(&self) -> usize {
        self.filters * self.places() + self.beside.len()
    }

    /// Weights of one filter.
    pub fn field(&self) -> usize {
        self.series.len() * self.kernel
    }

    /// The inputs under the kernel, place by place, each series by series.
    fn patches(&self) -> Vec<u32> {
        let starts = (0..self.places()).map(|place| place * self.stride);
        let patch = |start: usize| {
            self.series.iter().flat_map(move |series| series[start..start + self.kernel].iter())
        };
        starts.flat_map(patch).map(|position| u32::from(*position)).collect()
    }
}

/// A network with a ReLU after each layer but the last, whose one output is the logit of the default.
pub struct FloatNetwork {
    conv: Option<Conv>,
    dense: Vec<(Var, Var)>,
}

/// A convolution as one product of gathered inputs: candle's own is slower for so few channels.
struct Conv {
    plan: ConvPlan,
    weights: Var,
    bias: Var,
    patches: Tensor,
    beside: Tensor,
}

impl Conv {
    fn new(plan: &ConvPlan, init: Init, random: &mut ChaCha20Rng) -> Result<Self> {
        let (weights, bias) = linear(plan.field(), plan.filters, init, random)?;
        let beside: Vec<u32> = plan.beside.iter().map(|position| u32::from(*position)).collect();
        let count = beside.len();
        Ok(Self {
            weights,
            bias,
            patches: Tensor::new(plan.patches(), &Device::Cpu)?,
            beside: Tensor::from_vec(beside, count, &Device::Cpu)?,
            plan: plan.clone(),
        })
    }

    /// Each filter at each place before the bias, `(rows * places, filters)`.
    fn products(&self, inputs: &Tensor) -> Result<Tensor> {
        let rows = inputs.dim(0)?;
        let field = (rows * self.plan.places(), self.plan.field());
        inputs.index_select(&self.patches, 1)?.reshape(field)?.matmul(&self.weights.t()?)
    }

    fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let rows = inputs.dim(0)?;
        let (places, filters) = (self.plan.places(), self.plan.filters);
        let outputs = self.products(inputs)?.broadcast_add(&self.bias)?.relu()?;
        let outputs = outputs.reshape((rows, places, filters))?.transpose(1, 2)?.contiguous()?;
        let outputs = outputs.reshape((rows, filters * places))?;
        if self.plan.beside.is_empty() {
            return Ok(outputs);
        }
        Tensor::cat(&[outputs, inputs.index_select(&self.beside, 1)?], 1)
    }

    fn weights(&self) -> Result<FloatLayer> {
        let plan = &self.plan;
        let conv = FloatConv1d {
            channels_in: plan.series.len(),
            length: plan.series[0].len(),
            channels_out: plan.filters,
            kernel: plan.kernel,
            stride: plan.stride,
            weights: self.weights.flatten_all()?.to_vec1()?,
            bias: self.bias.to_vec1()?,
            relu: true,
        };
        let left = vec![FloatLayer::Select(plan.series.concat()), FloatLayer::Conv1d(conv)];
        Ok(FloatLayer::Concat { left, right: vec![FloatLayer::Select(plan.beside.clone())] })
    }
}

/// Weights `(outputs, inputs)` drawn as `init` says, and biases 0.
fn linear(
    inputs: usize,
    outputs: usize,
    init: Init,
    random: &mut ChaCha20Rng,
) -> Result<(Var, Var)> {
    let weights: Vec<f32> =
        (0..inputs * outputs).map(|_| draw(init, inputs, outputs, random)).collect();
    let weights = Tensor::from_vec(weights, (outputs, inputs), &Device::Cpu)?;
    let bias = Tensor::zeros(outputs, candle_core::DType::F32, &Device::Cpu)?;
    Ok((Var::from_tensor(&weights)?, Var::from_tensor(&bias)?))
}

impl FloatNetwork {
    /// A network with weights drawn as `init` says and biases 0.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn new(plan: &Plan, init: Init, random: &mut ChaCha20Rng) -> Result<Self> {
        let conv = plan.conv.as_ref().map(|conv| Conv::new(conv, init, random)).transpose()?;
        let inputs = plan.conv.as_ref().map_or(plan.features, ConvPlan::outputs);
        let widths: Vec<usize> =
            std::iter::once(inputs).chain(plan.hidden.iter().copied()).chain([1]).collect();
        let dense = widths.windows(2).map(|pair| linear(pair[0], pair[1], init, random));
        Ok(Self { conv, dense: dense.collect::<Result<_>>()? })
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
        if let Some(conv) = &self.conv {
            conv.bias.set(&starts(&conv.products(inputs)?)?)?;
            x = conv.forward(inputs)?;
        }
        let last = self.dense.len() - 1;
        for (index, (weights, bias)) in self.dense.iter().enumerate() {
            x = x.matmul(&weights.t()?)?;
            if index == last {
                let mean = x.mean_all()?.to_scalar::<f32>()?;
                let start = (bad_share / (1.0 - bad_share)).ln() as f32 - mean;
                bias.set(&Tensor::from_vec(vec![start], 1, &Device::Cpu)?)?;
            } else {
                bias.set(&starts(&x)?)?;
            }
            x = x.broadcast_add(bias)?.relu()?;
        }
        Ok(())
    }

    /// All that training may change.
    pub fn vars(&self) -> Vec<Var> {
        let conv = self.conv.iter().map(|conv| (&conv.weights, &conv.bias));
        let dense = self.dense.iter().map(|(weights, bias)| (weights, bias));
        conv.chain(dense).flat_map(|(weights, bias)| [weights.clone(), bias.clone()]).collect()
    }

    /// The logits of rows of inputs, `(rows, inputs)` to `(rows)`.
    ///
    /// # Errors
    ///
    /// candle's.
    pub fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let mut x = match &self.conv {
            Some(conv) => conv.forward(inputs)?,
            None => inputs.clone(),
        };
        let last = self.dense.len() - 1;
        for (index, (weights, bias)) in self.dense.iter().enumerate() {
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
    pub fn weights(&self) -> Result<Vec<FloatLayer>> {
        let last = self.dense.len() - 1;
        let dense = self.dense.iter().enumerate().map(|(index, (weights, bias))| {
            let (outputs, inputs) = weights.dims2()?;
            let weights = weights.flatten_all()?.to_vec1()?;
            let (bias, relu) = (bias.to_vec1()?, index < last);
            Ok(FloatLayer::Dense(FloatDense { inputs, outputs, weights, bias, relu }))
        });
        self.conv.iter().map(Conv::weights).chain(dense).collect()
    }
}

/// Biases of the columns of `(rows, units)`, as [`FloatNetwork::settle`] tells.
fn starts(products: &Tensor) -> Result<Tensor> {
    let columns: Vec<Vec<f32>> = products.t()?.contiguous()?.to_vec2()?;
    let units = columns.len();
    let start = |(unit, mut column): (usize, Vec<f32>)| {
        column.sort_unstable_by(f32::total_cmp);
        -at(&column, unit as f64 / units as f64)
    };
    let starts: Vec<f32> = columns.into_iter().enumerate().map(start).collect();
    Tensor::from_vec(starts, units, &Device::Cpu)
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

//! From a float network to an artifact's integers: symmetric, after training, one scale for each
//! output channel's weights.

use super::{
    inputs::{at, fixed_point, FULL},
    network::LayerWeights,
};
use assay_risk::artifact::{Artifact, Dense, Feature, Layer, Orientation, TABLE_ENTRIES};

/// Multipliers stay below this: a factor is then off by less than one part in a million.
const MULTIPLIER_LIMIT: f64 = 16_777_216.0;
/// Biases stay below this, so that no accumulator leaves `i32`.
const BIAS_LIMIT: f64 = 1_000_000_000.0;
/// Share of the logits, at either end, beyond which the output saturates.
const OUTPUT_TAIL: f64 = 0.000_5;

/// One way to choose the ranges of hidden activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranges {
    /// Share of a channel's activations that its range holds; the rest saturates.
    pub held: f64,
    /// A range for each channel, which the next layer's weights take up; else one a layer.
    pub per_channel: bool,
}

/// The ways that are tried; the validation rows choose.
pub const CANDIDATES: [Ranges; 6] = [
    Ranges { held: 1.0, per_channel: false },
    Ranges { held: 0.999, per_channel: false },
    Ranges { held: 0.99, per_channel: false },
    Ranges { held: 1.0, per_channel: true },
    Ranges { held: 0.999, per_channel: true },
    Ranges { held: 0.99, per_channel: true },
];

/// The layers' activations over the training rows, by layer and channel, each ascending.
pub struct Activations {
    /// `channels[layer][output]`; of the last layer the logits.
    channels: Vec<Vec<Vec<f32>>>,
}

impl Activations {
    /// Runs the float network over rows of inputs, flattened.
    pub fn observe(layers: &[LayerWeights], inputs: &[f32]) -> Self {
        let mut x = inputs.to_vec();
        let mut channels = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let relu = index + 1 < layers.len();
            x = forward(layer, &x, relu);
            let column = |output: usize| {
                let mut column: Vec<f32> =
                    x.iter().skip(output).step_by(layer.outputs).copied().collect();
                column.sort_unstable_by(f32::total_cmp);
                column
            };
            channels.push((0..layer.outputs).map(column).collect());
        }
        Self { channels }
    }

    /// Largest activation that each channel of a layer's range holds.
    fn largest(&self, layer: usize, ranges: Ranges) -> Vec<f64> {
        let channels = &self.channels[layer];
        let each = channels.iter().map(|column| f64::from(at(column, ranges.held)));
        if ranges.per_channel {
            return each.collect();
        }
        let largest = each.fold(0.0, f64::max);
        vec![largest; channels.len()]
    }

    /// The range of logits that the output spans.
    pub fn output(&self) -> Output {
        let logits = &self.channels[self.channels.len() - 1][0];
        let (low, high) = (at(logits, OUTPUT_TAIL), at(logits, 1.0 - OUTPUT_TAIL));
        let (low, high) = (f64::from(low), f64::from(high));
        Output { middle: (low + high) / 2.0, half: ((high - low) / 2.0).max(1e-6) }
    }
}

/// The range of logits that the outputs -127..=127 stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output {
    pub middle: f64,
    pub half: f64,
}

impl Output {
    /// The output that stands for a logit.
    pub fn z(self, logit: f32) -> i8 {
        ((f64::from(logit) - self.middle) / self.half * FULL).round().clamp(-FULL, FULL) as i8
    }
}

/// The rows' outputs of one layer, flattened.
pub fn forward(layer: &LayerWeights, inputs: &[f32], relu: bool) -> Vec<f32> {
    let mut outputs = Vec::with_capacity(inputs.len() / layer.inputs * layer.outputs);
    for row in inputs.chunks_exact(layer.inputs) {
        for (weights, bias) in layer.weights.chunks_exact(layer.inputs).zip(&layer.bias) {
            let sum: f32 = weights.iter().zip(row).map(|(weight, x)| weight * x).sum();
            outputs.push(if relu { (sum + bias).max(0.0) } else { sum + bias });
        }
    }
    outputs
}

/// An artifact that computes what the float network does, as well as integers can. Its output is
/// linear in the logit; its table is the identity's stand-in until [`with_table`] is called.
pub fn quantise(
    layers: &[LayerWeights],
    features: &[Feature],
    activations: &Activations,
    ranges: Ranges,
) -> Artifact {
    let mut scales_in = vec![1.0 / FULL; features.len()];
    let mut quantised = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let last = index + 1 == layers.len();
        let (scales_out, offset) = if last {
            let output = activations.output();
            (vec![output.half / FULL], output.middle)
        } else {
            let positive = |largest: f64| if largest > 0.0 { largest / FULL } else { 1.0 };
            (activations.largest(index, ranges).into_iter().map(positive).collect(), 0.0)
        };
        quantised.push(Layer::Dense(dense(layer, &scales_in, &scales_out, offset, !last)));
        scales_in = scales_out;
    }
    Artifact {
        features: features.to_vec(),
        layers: quantised,
        table: vec![1; TABLE_ENTRIES],
        score_min: 1,
        score_max: 1,
        orientation: Orientation::HigherIsRiskier,
    }
}

/// One layer: `real = scale * integer` for inputs and outputs; `offset` is taken off the outputs.
fn dense(
    layer: &LayerWeights,
    scales_in: &[f64],
    scales_out: &[f64],
    offset: f64,
    relu: bool,
) -> Dense {
    let mut dense = Dense {
        inputs: layer.inputs as u16,
        outputs: layer.outputs as u16,
        weights: Vec::with_capacity(layer.weights.len()),
        bias: Vec::new(),
        multiplier: Vec::new(),
        shift: Vec::new(),
        relu,
    };
    let rows = layer.weights.chunks_exact(layer.inputs);
    for ((weights, bias), scale_out) in rows.zip(&layer.bias).zip(scales_out) {
        let bias = f64::from(*bias) - offset;
        let scaled: Vec<f64> = weights
            .iter()
            .zip(scales_in)
            .map(|(weight, scale)| f64::from(*weight) * scale)
            .collect();
        let largest = scaled.iter().fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
        let scale = (largest / FULL).max(bias.abs() / BIAS_LIMIT).max(f64::MIN_POSITIVE);
        let rounded = |value: f64| (value / scale).round();
        dense.weights.extend(scaled.iter().map(|weight| rounded(*weight) as i8));
        dense.bias.push(rounded(bias) as i32);
        let (multiplier, shift) = fixed_point(scale / scale_out, MULTIPLIER_LIMIT);
        dense.multiplier.push(multiplier);
        dense.shift.push(shift);
    }
    dense
}

/// How the table cuts the outputs into scores.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreBy {
    /// Equal shares of the training rows for each score, as far as outputs tell them apart.
    Quantiles,
    /// Equal steps of the output for each score.
    Linear,
}

/// The range of scores and its riskier end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreRange {
    pub min: u16,
    pub max: u16,
    pub orientation: Orientation,
}

/// Gives an artifact its table of scores, from the outputs `z` of the training rows.
pub fn with_table(artifact: Artifact, outputs: &[i8], range: ScoreRange, by: ScoreBy) -> Artifact {
    let mut counts = [0_u64; TABLE_ENTRIES];
    for z in outputs {
        if let Some(count) = counts.get_mut(usize::from((i16::from(*z) + 127).unsigned_abs())) {
            *count += 1;
        }
    }
    let steps = u64::from(range.max - range.min) + 1;
    let all = counts.iter().sum::<u64>().max(1);
    let mut below = 0;
    let table = counts.iter().enumerate().map(|(entry, count)| {
        // The middle of the rows that share an output decides for all of them.
        let doubled = 2 * below + count;
        below += count;
        let step = match by {
            ScoreBy::Quantiles => doubled * steps / (2 * all),
            ScoreBy::Linear => entry as u64 * steps / TABLE_ENTRIES as u64,
        };
        let step = step.min(steps - 1) as u16;
        match range.orientation {
            Orientation::HigherIsRiskier => range.min + step,
            Orientation::LowerIsRiskier => range.max - step,
        }
    });
    Artifact {
        table: table.collect(),
        score_min: range.min,
        score_max: range.max,
        orientation: range.orientation,
        ..artifact
    }
}

//! From a float network to an artifact's integers: symmetric, after training, one scale for each
//! output channel.
//!
//! Where the scores of the integers part from those of the floats, it is the rounding of activations
//! that does it, not that of weights. So no layer of an artifact has a ReLU: a unit's range is laid
//! on all of -127..=127, its lower end is where it saturates, and a step is half as wide as with
//! 0..=127. A unit may also be cut into pieces, each a unit of its own that saturates at both ends of
//! its part of the range. The logit is always cut so, at equal distances in scores, and the last layer
//! adds the pieces up: outputs are spent where the borrowers are, not where the logits are wide.
//!
//! Layers are quantised one after the other, each on what the integers before it really give.

mod least_squares;
mod signal;
mod units;

use super::{
    inputs::{fixed_point, FULL},
    scores::FloatScores,
};
use crate::float_network::{FloatConv1d, FloatDense, FloatLayer, FloatModel};
use assay_risk::artifact::{
    Artifact, BranchLayer, Conv1d, Dense, Layer, Orientation, Select, MAX_LAYERS, MAX_WEIGHTS,
    TABLE_ENTRIES,
};
use serde::{Deserialize, Serialize};
use signal::Signal;
use units::{Cut, Units};

/// Share of the logits, at either end, beyond which the output saturates.
pub(super) const OUTPUT_TAIL: f64 = 0.000_5;
/// Most pieces that the logit is cut into.
const OUTPUT_PIECES: usize = 16;

/// How the range of an activation is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ranges {
    /// The range holds this share of the calibration rows; the rest saturates.
    Percentile(f64),
    /// The squared error of saturation and rounding together is least.
    LeastSquares,
}

/// One way to quantise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    pub ranges: Ranges,
    /// Units that each hidden unit is cut into.
    pub pieces: usize,
}

/// The ranges that are tried; the validation rows choose.
pub const RANGES: [Ranges; 4] = [
    Ranges::Percentile(1.0),
    Ranges::Percentile(0.999_9),
    Ranges::Percentile(0.999),
    Ranges::LeastSquares,
];

/// An artifact that computes what the float network does, as well as integers can, calibrated on rows
/// of inputs, flattened. Its table is to be given by [`FloatScores::give_table`]. It may have more
/// units than artifacts can; [`Artifact::check`] tells.
pub fn quantise(model: &FloatModel, inputs: &[f32], way: Way, scores: &FloatScores) -> Artifact {
    let mut layers = model.layers.clone();
    if !matches!(layers.last(), Some(FloatLayer::Dense(dense)) if dense.outputs == 1) {
        let (weights, bias) = (vec![1.0], vec![0.0]);
        let copy = FloatDense { inputs: 1, outputs: 1, weights, bias, relu: false };
        layers.push(FloatLayer::Dense(copy));
    }
    let mut signal = Signal::new(model.features.len(), inputs);
    let mut quantised = Vec::new();
    let count = layers.len();
    for (index, layer) in layers.iter().enumerate() {
        let alike = layers[index + 1..].iter().any(holds_conv);
        let hidden = Hidden { way, alike };
        match layer {
            FloatLayer::Dense(dense) if index + 1 == count => {
                let spare = MAX_WEIGHTS.saturating_sub(weight_count(&quantised));
                let fitting = (spare / (signal.places.len() + 1)).clamp(1, OUTPUT_PIECES);
                let pieces = if layer_count(&layers) < MAX_LAYERS { fitting } else { 1 };
                let knots = scores.knots(pieces);
                let pieces = knots.len() - 1;
                quantised.push(Layer::Dense(hidden.dense(dense, &mut signal, Cut::At(&knots))));
                if pieces > 1 {
                    quantised.push(Layer::Dense(sum(pieces)));
                }
            }
            FloatLayer::Concat { left, right } => {
                let [mut aside, inputs] = [signal.clone(), signal];
                let left = hidden.branch(left, &mut aside);
                let mut beside = inputs;
                let right = hidden.branch(right, &mut beside);
                signal = aside.join(beside);
                quantised.push(Layer::Concat { left, right });
            }
            plain => quantised.extend(hidden.plain(plain, &mut signal).map(from_branch)),
        }
    }
    Artifact {
        features: model.features.clone(),
        layers: quantised,
        table: vec![1; TABLE_ENTRIES],
        score_min: 1,
        score_max: 1,
        orientation: Orientation::HigherIsRiskier,
    }
}

fn holds_conv(layer: &FloatLayer) -> bool {
    match layer {
        FloatLayer::Conv1d(_) => true,
        FloatLayer::Concat { left, right } => left.iter().chain(right).any(holds_conv),
        FloatLayer::Dense(_) | FloatLayer::Select(_) => false,
    }
}

fn layer_count(layers: &[FloatLayer]) -> usize {
    let count = |layer: &FloatLayer| match layer {
        FloatLayer::Concat { left, right } => 1 + left.len() + right.len(),
        _ => 1,
    };
    layers.iter().map(count).sum()
}

fn weight_count(layers: &[Layer]) -> usize {
    let in_branch = |layer: &BranchLayer| match layer {
        BranchLayer::Dense(dense) => dense.weights.len(),
        BranchLayer::Conv1d(conv) => conv.weights.len(),
        BranchLayer::Select(_) => 0,
    };
    let count = |layer: &Layer| match layer {
        Layer::Dense(dense) => dense.weights.len(),
        Layer::Conv1d(conv) => conv.weights.len(),
        Layer::Select(_) => 0,
        Layer::Concat { left, right } => left.iter().chain(right).map(in_branch).sum(),
    };
    layers.iter().map(count).sum()
}

fn from_branch(layer: BranchLayer) -> Layer {
    match layer {
        BranchLayer::Dense(dense) => Layer::Dense(dense),
        BranchLayer::Conv1d(conv) => Layer::Conv1d(conv),
        BranchLayer::Select(select) => Layer::Select(select),
    }
}

/// The sum of the logit's pieces, spread over all outputs.
fn sum(pieces: usize) -> Dense {
    let factor = 1.0 / (FULL * pieces as f64);
    let (multiplier, shift) = fixed_point(factor);
    Dense {
        inputs: pieces as u16,
        outputs: 1,
        weights: vec![i8::MAX; pieces],
        bias: vec![0],
        multiplier: vec![multiplier],
        shift: vec![shift],
        relu: false,
    }
}

/// How hidden layers are quantised.
#[derive(Clone, Copy)]
struct Hidden {
    way: Way,
    /// All units get one range and one piece: a convolution follows, whose weights are the same for
    /// all of them.
    alike: bool,
}

impl Hidden {
    fn cut(self, alike: bool) -> Cut<'static> {
        if alike {
            Cut::Alike(self.way.ranges)
        } else {
            Cut::Each(self.way)
        }
    }

    fn branch(self, layers: &[FloatLayer], signal: &mut Signal) -> Vec<BranchLayer> {
        let each = layers.iter().enumerate().filter_map(|(index, layer)| {
            let alike = self.alike || layers[index + 1..].iter().any(holds_conv);
            Self { alike, ..self }.plain(layer, signal)
        });
        each.collect()
    }

    /// None of a layer that holds others.
    fn plain(self, layer: &FloatLayer, signal: &mut Signal) -> Option<BranchLayer> {
        let cut = self.cut(self.alike);
        match layer {
            FloatLayer::Dense(dense) => Some(BranchLayer::Dense(self.dense(dense, signal, cut))),
            FloatLayer::Conv1d(conv) => Some(BranchLayer::Conv1d(self.conv(conv, signal, cut))),
            FloatLayer::Select(positions) => {
                Some(BranchLayer::Select(Select { positions: signal.select(positions) }))
            }
            FloatLayer::Concat { .. } => None,
        }
    }

    fn dense(self, dense: &FloatDense, signal: &mut Signal, cut: Cut<'_>) -> Dense {
        let units = Units { weights: &dense.weights, bias: &dense.bias, relu: dense.relu };
        let inputs = signal.places.len() as u16;
        let (rounded, outputs) = units.quantise(signal, cut);
        *signal = outputs;
        Dense {
            inputs,
            outputs: rounded.bias.len() as u16,
            weights: rounded.weights,
            bias: rounded.bias,
            multiplier: rounded.multiplier,
            shift: rounded.shift,
            relu: false,
        }
    }

    fn conv(self, conv: &FloatConv1d, signal: &mut Signal, cut: Cut<'_>) -> Conv1d {
        let units = Units { weights: &conv.weights, bias: &conv.bias, relu: conv.relu };
        let (rounded, outputs) = units.quantise(&signal.patches(conv), cut);
        *signal = outputs.by_channel(conv.length_out());
        Conv1d {
            channels_in: conv.channels_in as u16,
            length: conv.length as u16,
            channels_out: rounded.bias.len() as u16,
            kernel: conv.kernel as u16,
            stride: conv.stride as u16,
            weights: rounded.weights,
            bias: rounded.bias,
            multiplier: rounded.multiplier,
            shift: rounded.shift,
            relu: false,
        }
    }
}

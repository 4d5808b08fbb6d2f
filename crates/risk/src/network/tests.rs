use super::*;
use crate::{
    artifact::{BranchLayer, Conv1d, Dense, Layer, Orientation, Plain, Select},
    explanation::{reasons, Reason},
};
use alloc::vec;
use proptest::prelude::*;

/// The rule itself, with plain loops over the artifact.
mod plain {
    use super::*;

    pub fn rdiv(a: i64, shift: u8) -> i64 {
        if shift == 0 {
            a
        } else {
            (a + (1 << (shift - 1))) >> shift
        }
    }

    pub fn quantise(feature: &Feature, value: Option<i32>) -> i64 {
        let value = value.unwrap_or(feature.fallback).clamp(feature.lower, feature.upper);
        let centred = i64::from(value) - i64::from(feature.center);
        rdiv(centred * i64::from(feature.multiplier), feature.shift).clamp(-127, 127)
    }

    fn requantise(sum: i64, multiplier: i32, shift: u8, relu: bool) -> i64 {
        i32::try_from(sum).expect("the accumulator stays within 32 bits");
        rdiv(sum * i64::from(multiplier), shift).clamp(if relu { 0 } else { -127 }, 127)
    }

    fn dense(layer: &Dense, x: &[i64]) -> Vec<i64> {
        let output = |o: usize| {
            let weights = &layer.weights[o * x.len()..(o + 1) * x.len()];
            let sum: i64 = weights.iter().zip(x).map(|(w, x)| i64::from(*w) * x).sum();
            let sum = sum + i64::from(layer.bias[o]);
            requantise(sum, layer.multiplier[o], layer.shift[o], layer.relu)
        };
        (0..usize::from(layer.outputs)).map(output).collect()
    }

    fn conv1d(layer: &Conv1d, x: &[i64]) -> Vec<i64> {
        let sizes = [layer.length, layer.kernel, layer.stride, layer.channels_in];
        let [length, kernel, stride, channels_in] = sizes.map(usize::from);
        let mut outputs = Vec::new();
        for o in 0..usize::from(layer.channels_out) {
            for place in 0..(length - kernel) / stride + 1 {
                let mut sum = i64::from(layer.bias[o]);
                for channel in 0..channels_in {
                    for tap in 0..kernel {
                        let weight = layer.weights[(o * channels_in + channel) * kernel + tap];
                        sum += i64::from(weight) * x[channel * length + place * stride + tap];
                    }
                }
                let multiplier = layer.multiplier[o];
                outputs.push(requantise(sum, multiplier, layer.shift[o], layer.relu));
            }
        }
        outputs
    }

    fn step(layer: Plain<'_>, x: &[i64]) -> Vec<i64> {
        match layer {
            Plain::Dense(layer) => dense(layer, x),
            Plain::Conv1d(layer) => conv1d(layer, x),
            Plain::Select(Select { positions }) => {
                positions.iter().map(|position| x[usize::from(*position)]).collect()
            }
        }
    }

    pub fn run(artifact: &Artifact, mut x: Vec<i64>) -> i64 {
        let branch = |layers: &[BranchLayer], x: &[i64]| {
            layers.iter().fold(x.to_vec(), |x, layer| step(layer.plain(), &x))
        };
        for layer in &artifact.layers {
            x = match layer {
                Layer::Dense(layer) => step(Plain::Dense(layer), &x),
                Layer::Conv1d(layer) => step(Plain::Conv1d(layer), &x),
                Layer::Select(layer) => step(Plain::Select(layer), &x),
                Layer::Concat { left, right } => [branch(left, &x), branch(right, &x)].concat(),
            };
        }
        assert_eq!(x.len(), 1);
        x[0]
    }

    pub fn inputs(artifact: &Artifact, values: &[i32], present: u64) -> Vec<i64> {
        let there = |k: usize| present >> k & 1 == 1;
        let value = |k: usize| values.get(k).copied().filter(|_| there(k));
        artifact
            .features
            .iter()
            .enumerate()
            .map(|(k, feature)| quantise(feature, value(k)))
            .collect()
    }
}

/// Builds sound artifacts out of a stream of numbers, extremes among them.
struct Builder(u64);

impl Builder {
    fn number(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn within(&mut self, range: core::ops::RangeInclusive<i64>) -> i64 {
        let (start, end) = (*range.start(), *range.end());
        let span = u64::try_from(end - start).expect("ascending") + 1;
        start + i64::try_from(self.number() % span).expect("63 bits")
    }

    fn size(&mut self, largest: u16) -> u16 {
        match self.within(0..=5) {
            0 => largest,
            1 => 1,
            _ => self.within(1..=largest.into()) as u16,
        }
    }

    fn value(&mut self) -> i32 {
        match self.within(0..=7) {
            0 => i32::MIN,
            1 => i32::MAX,
            2..=4 => self.within(-300..=300) as i32,
            _ => self.number() as i32,
        }
    }

    fn weights(&mut self, count: usize) -> Vec<i8> {
        match self.within(0..=5) {
            0 => vec![-128; count],
            1 => vec![127; count],
            2 => (0..count).map(|_| if self.number() & 1 == 0 { -128 } else { 127 }).collect(),
            _ => (0..count).map(|_| self.number() as i8).collect(),
        }
    }

    fn bias(&mut self, count: usize) -> Vec<i32> {
        // 128 inputs of 127 times -128 leave this much.
        let room = i64::from(i32::MAX) - 128 * 128 * 127;
        let bound = if self.within(0..=9) == 0 { room } else { 20_000 };
        (0..count).map(|_| self.within(-bound..=bound) as i32).collect()
    }

    fn multiplier(&mut self, count: usize) -> Vec<i32> {
        let bound = if self.within(0..=9) == 0 { i32::MAX } else { 65_536 };
        (0..count).map(|_| self.within(1..=bound.into()) as i32).collect()
    }

    fn shift(&mut self, count: usize) -> Vec<u8> {
        let least = if self.within(0..=5) == 0 { 0 } else { 20 };
        (0..count).map(|_| self.within(least..=31) as u8).collect()
    }

    fn dense(&mut self, inputs: u16, outputs: u16) -> Dense {
        let units = usize::from(outputs);
        Dense {
            inputs,
            outputs,
            weights: self.weights(usize::from(inputs) * units),
            bias: self.bias(units),
            multiplier: self.multiplier(units),
            shift: self.shift(units),
            relu: self.number() & 1 == 0,
        }
    }

    fn conv1d(&mut self, inputs: u16, largest: u16) -> (Conv1d, u16) {
        let channels_in =
            (1..=3).rev().find(|channels| inputs.is_multiple_of(*channels)).expect("1 divides");
        let length = inputs / channels_in;
        let (kernel, stride) = (self.size(length.min(5)), self.size(4));
        let places = (length - kernel) / stride + 1;
        let channels_out = self.size((largest / places).clamp(1, 6));
        let channels = usize::from(channels_out);
        let conv = Conv1d {
            channels_in,
            length,
            channels_out,
            kernel,
            stride,
            weights: self.weights(channels * usize::from(channels_in) * usize::from(kernel)),
            bias: self.bias(channels),
            multiplier: self.multiplier(channels),
            shift: self.shift(channels),
            relu: self.number() & 1 == 0,
        };
        (conv, channels_out * places)
    }

    /// A layer and its outputs, at most `largest`, which is not under the inputs.
    fn layer(&mut self, inputs: u16, largest: u16) -> (BranchLayer, u16) {
        match self.within(0..=3) {
            0 => {
                let (conv, outputs) = self.conv1d(inputs, largest);
                (BranchLayer::Conv1d(conv), outputs)
            }
            1 => {
                let outputs = self.size(largest);
                let select = |_| self.within(0..=i64::from(inputs) - 1) as u8;
                let positions = (0..outputs).map(select).collect();
                (BranchLayer::Select(Select { positions }), outputs)
            }
            _ => {
                let outputs = self.size(largest.min(40));
                (BranchLayer::Dense(self.dense(inputs, outputs)), outputs)
            }
        }
    }

    fn branch(&mut self, inputs: u16) -> (Vec<BranchLayer>, u16) {
        let (mut layers, mut units) = (Vec::new(), inputs);
        for _ in 0..self.within(0..=2) {
            let (layer, outputs) = self.layer(units, 64);
            layers.push(layer);
            units = outputs;
        }
        (layers, units)
    }

    fn artifact(&mut self) -> Artifact {
        let features = self.size(64);
        let (mut layers, mut units) = (Vec::new(), features);
        if self.number() & 1 == 0 {
            let (left, left_units) = self.branch(units);
            let (right, right_units) = self.branch(units);
            layers.push(Layer::Concat { left, right });
            units = left_units + right_units;
        }
        for _ in 0..self.within(0..=2) {
            let (layer, outputs) = self.layer(units, 128);
            units = outputs;
            layers.push(match layer {
                BranchLayer::Dense(dense) => Layer::Dense(dense),
                BranchLayer::Conv1d(conv) => Layer::Conv1d(conv),
                BranchLayer::Select(select) => Layer::Select(select),
            });
        }
        layers.push(Layer::Dense(self.dense(units, 1)));
        Artifact {
            features: (0..features).map(|_| self.feature()).collect(),
            layers,
            table: (0..255).map(|entry| 300 + entry * 2).collect(),
            score_min: 300,
            score_max: 850,
            orientation: Orientation::HigherIsRiskier,
        }
    }

    fn feature(&mut self) -> Feature {
        let mut bounds = [self.value(), self.value(), self.value()];
        bounds.sort_unstable();
        let [lower, fallback, upper] = bounds;
        Feature {
            lower,
            upper,
            fallback,
            center: self.value(),
            multiplier: self.multiplier(1)[0],
            shift: self.shift(1)[0],
        }
    }
}

fn feature(multiplier: i32, shift: u8) -> Feature {
    Feature { lower: -1_000, upper: 1_000, fallback: 40, center: 20, multiplier, shift }
}

fn dense(inputs: u16, weights: &[i8], bias: &[i32], shift: u8, relu: bool) -> Dense {
    Dense {
        inputs,
        outputs: u16::try_from(bias.len()).expect("few outputs"),
        weights: weights.to_vec(),
        bias: bias.to_vec(),
        multiplier: vec![1; bias.len()],
        shift: vec![shift; bias.len()],
        relu,
    }
}

fn network(features: &[Feature], layers: Vec<Layer>) -> Network {
    let artifact = Artifact {
        features: features.to_vec(),
        layers,
        table: (0..255).map(|entry| 1 + entry * 99 / 254).collect(),
        score_min: 1,
        score_max: 100,
        orientation: Orientation::HigherIsRiskier,
    };
    Network::compile(&artifact).expect("a sound artifact")
}

#[test]
fn should_round_half_up_when_a_value_is_quantised() {
    let layers = || vec![Layer::Select(Select { positions: vec![0] })];
    let mut network = network(&[feature(1, 1)], layers());
    // (23 - 20) / 2 = 1.5 and (17 - 20) / 2 = -1.5.
    assert_eq!(network.logit(&[23], 1), 2);
    assert_eq!(network.logit(&[17], 1), -1);
    assert_eq!(network.logit(&[i32::MAX], 1), 127);
    assert_eq!(network.logit(&[i32::MIN], 1), -127);
}

#[test]
fn should_take_the_fallback_when_a_value_is_missing() {
    let mut network =
        network(&[feature(1, 0); 2], vec![Layer::Dense(dense(2, &[1, 2], &[0], 0, false))]);
    // 40 - 20 = 20 for a missing value.
    assert_eq!(network.logit(&[21, 23], 0b11), 1 + 2 * 3);
    assert_eq!(network.logit(&[21, 23], 0b01), 1 + 2 * 20);
    assert_eq!(network.logit(&[21], 0b11), 1 + 2 * 20);
    assert_eq!(network.logit(&[], u64::MAX), 20 + 2 * 20);
    assert_eq!(network.logit(&[21, 23, 99], u64::MAX), 1 + 2 * 3);
}

#[test]
fn should_keep_sums_apart_when_neighbours_are_negative() {
    let first = dense(1, &[-1, 1, -1, 1], &[0, 0, 5, -5], 0, false);
    let second = dense(4, &[1, 2, 4, 8], &[0], 0, false);
    let mut network = network(&[feature(1, 0)], vec![Layer::Dense(first), Layer::Dense(second)]);
    // -3, 3, 2, -2.
    assert_eq!(network.logit(&[23], 1), -3 + 2 * 3 + 4 * 2 - 8 * 2);
}

#[test]
fn should_floor_at_zero_when_a_layer_has_a_relu() {
    let first = dense(1, &[1, -1], &[0, 0], 0, true);
    let second = dense(2, &[1, 10], &[0], 0, false);
    let mut network = network(&[feature(1, 0)], vec![Layer::Dense(first), Layer::Dense(second)]);
    assert_eq!(network.logit(&[25], 1), 5);
    assert_eq!(network.logit(&[15], 1), 50);
}

#[test]
fn should_slide_by_the_stride_when_convolving_two_channels() {
    let conv = Conv1d {
        channels_in: 2,
        length: 4,
        channels_out: 1,
        kernel: 2,
        stride: 2,
        weights: vec![1, 2, 3, 4],
        bias: vec![1],
        multiplier: vec![1],
        shift: vec![0],
        relu: false,
    };
    let last = dense(2, &[1, -1], &[0], 0, false);
    let mut network = network(&[feature(1, 0); 8], vec![Layer::Conv1d(conv), Layer::Dense(last)]);
    // Inputs 1, 0, 2, 0 | 0, 1, 0, 3: outputs 1 + 1 + 4 and 1 + 2 + 12.
    assert_eq!(network.logit(&[21, 20, 22, 20, 20, 21, 20, 23], 0xff), 6 - 15);
}

#[test]
fn should_put_the_left_branch_first_when_two_are_joined() {
    let left = vec![BranchLayer::Select(Select { positions: vec![1, 0] })];
    let last = dense(4, &[1, 2, 4, 8], &[0], 0, false);
    let layers = vec![Layer::Concat { left, right: vec![] }, Layer::Dense(last)];
    let mut network = network(&[feature(1, 0); 2], layers);
    // 3, 1 from the left, 1, 3 handed on from the right.
    assert_eq!(network.logit(&[21, 23], 0b11), 3 + 2 + 4 + 24);
}

#[test]
fn should_read_the_table_when_scoring() {
    let layers = vec![Layer::Select(Select { positions: vec![0] })];
    let network = network(&[feature(1, 0)], layers);
    assert_eq!((network.score(-127), network.score(0), network.score(127)), (1, 50, 100));
}

#[test]
fn should_rank_by_raise_when_reasons_are_asked() {
    let layers = vec![Layer::Dense(dense(4, &[1, 2, -1, 1], &[0], 0, false))];
    let mut network = network(&[feature(1, 0); 4], layers);
    let found = reasons(&mut network, &[24, 23, 29, 24], 0xf);
    let reason = |feature, raise| Some(Reason { feature, raise });
    assert_eq!(found, [reason(1, 6), reason(0, 4), reason(3, 4)]);
    assert_eq!(network.logit_without(&[24, 23, 29, 24], 0xf, 2), 14);
    assert_eq!(network.logit_without(&[24, 23, 29, 24], 0xf, 200), 5);
}

#[test]
fn should_give_fewer_reasons_when_there_are_fewer_features() {
    let layers = vec![Layer::Select(Select { positions: vec![0] })];
    let mut network = network(&[feature(1, 0)], layers);
    let found = reasons(&mut network, &[15], 1);
    assert_eq!(found, [Some(Reason { feature: 0, raise: -5 }), None, None]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn should_equal_plain_loops_when_an_artifact_is_sound(seed: u64, present: u64) {
        let mut builder = Builder(seed);
        let artifact = builder.artifact();
        let mut network = Network::compile(&artifact).expect("a sound artifact");
        for _ in 0..8 {
            let values: Vec<i32> = artifact.features.iter().map(|_| builder.value()).collect();
            let inputs = plain::inputs(&artifact, &values, present);
            let expected = plain::run(&artifact, inputs.clone());
            let logit = network.logit(&values, present);
            prop_assert_eq!(i64::from(logit), expected);
            prop_assert!(artifact.table.contains(&network.score(logit)));
            let without = builder.within(0..=i64::try_from(inputs.len()).expect("few") - 1);
            let mut changed = inputs;
            changed[without as usize] = 0;
            prop_assert_eq!(
                i64::from(network.logit_without(&values, present, without as u8)),
                plain::run(&artifact, changed)
            );
        }
    }

    #[test]
    fn should_rank_as_sorting_does_when_reasons_are_asked(seed: u64, present: u64) {
        let mut builder = Builder(seed);
        let artifact = builder.artifact();
        let mut network = Network::compile(&artifact).expect("a sound artifact");
        let values: Vec<i32> = artifact.features.iter().map(|_| builder.value()).collect();
        let logit = i16::from(network.logit(&values, present));
        let mut all: Vec<Reason> = (0..artifact.features.len() as u8)
            .map(|feature| {
                let without = network.logit_without(&values, present, feature);
                Reason { feature, raise: logit - i16::from(without) }
            })
            .collect();
        all.sort_by_key(|reason| -reason.raise);
        all.truncate(3);
        let found: Vec<Reason> =
            reasons(&mut network, &values, present).into_iter().flatten().collect();
        prop_assert_eq!(found, all);
    }

    #[test]
    fn should_not_turn_when_the_output_rises(seed: u64) {
        let artifact = Builder(seed).artifact();
        let network = Network::compile(&artifact).expect("a sound artifact");
        let scores: Vec<u16> = (-127..=127).map(|logit| network.score(logit)).collect();
        prop_assert_eq!(&scores, &artifact.table);
        prop_assert!(scores.is_sorted());
    }

    #[test]
    fn should_not_depend_on_earlier_runs_when_scoring(seed: u64, present: u64) {
        let mut builder = Builder(seed);
        let artifact = builder.artifact();
        let mut used = Network::compile(&artifact).expect("a sound artifact");
        let fresh = used.clone();
        for _ in 0..4 {
            let values: Vec<i32> = artifact.features.iter().map(|_| builder.value()).collect();
            prop_assert_eq!(
                used.logit(&values, present), fresh.clone().logit(&values, present)
            );
        }
    }

    #[test]
    fn should_be_exact_to_one_when_sums_are_small(
        weights in prop::collection::vec(-1_i8..=1, 24), values in prop::collection::vec(10..=30, 8)
    ) {
        let sums = weights.chunks(8).map(|row| -> i32 {
            row.iter().zip(&values).map(|(weight, value)| i32::from(*weight) * (value - 20)).sum()
        });
        for (position, sum) in (0..).zip(sums) {
            let first = Layer::Dense(dense(8, &weights, &[0; 3], 0, false));
            let last = Layer::Select(Select { positions: vec![position] });
            let mut network = network(&[feature(1, 0); 8], vec![first, last]);
            prop_assert_eq!(i32::from(network.logit(&values, u64::MAX)), sum);
        }
    }
}

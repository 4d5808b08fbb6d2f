//! From stages to the layers of a contract: one line, with branches where stages join.

use super::{
    fault::ImportFault,
    stages::Stages,
    value::{Conv, Dense, Kind, Stage},
};
use crate::float_network::{FloatConv1d, FloatDense, FloatLayer};
use assay_risk::artifact::{MAX_LAYERS, MAX_UNITS, MAX_WEIGHTS};
use std::collections::HashMap;

/// How far the inputs of one channel of a convolution may be apart, as a share of their range, and
/// still share its weights: an eighth of a step of a quantised input.
const SAME_CHANNEL: f64 = 1e-3;

/// An input in the unit of its column: `middle + half * q / 127`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputRange {
    pub middle: f64,
    pub half: f64,
}

/// The layers up to a stage, over inputs of such ranges.
///
/// # Errors
///
/// [`ImportFault::Limit`] and [`ImportFault::Node`] when branches, layers, units or weights are more
/// than a contract has.
pub fn lower(
    stages: &Stages,
    output: usize,
    inputs: &[InputRange],
) -> Result<Vec<FloatLayer>, ImportFault> {
    let mut lowering = Lowering { stages, inputs, weights: 0 };
    let layers = lowering.main_line(output)?;
    let count = layers.iter().map(count_layers).sum::<usize>();
    if count > MAX_LAYERS {
        let node = stages.get(output).node.clone();
        let what = format!("the network up to here has {count} layers, with those that select");
        return Err(ImportFault::Limit { node, what, most: MAX_LAYERS });
    }
    Ok(layers)
}

fn count_layers(layer: &FloatLayer) -> usize {
    match layer {
        FloatLayer::Concat { left, right } => 1 + left.len() + right.len(),
        _ => 1,
    }
}

/// Where the outputs of stages are among the inputs of the next layer.
struct Feed {
    columns: HashMap<(usize, usize), usize>,
    width: usize,
}

impl Feed {
    fn of(outputs: impl Iterator<Item = (usize, usize)>) -> Self {
        let columns: HashMap<_, _> =
            outputs.enumerate().map(|(column, output)| (output, column)).collect();
        Self { width: columns.len(), columns }
    }
}

struct Lowering<'s> {
    stages: &'s Stages,
    inputs: &'s [InputRange],
    weights: usize,
}

impl Lowering<'_> {
    fn whole(&self, stage: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..self.stages.get(stage).outputs()).map(move |position| (stage, position))
    }

    fn main_line(&mut self, stage: usize) -> Result<Vec<FloatLayer>, ImportFault> {
        if stage == 0 {
            return Ok(Vec::new());
        }
        let own = self.stages.get(stage);
        match own.parents().as_slice() {
            [] => Err(fault(own, "it does not depend on the inputs")),
            [parent] => {
                let mut layers = self.main_line(*parent)?;
                layers.extend(self.own(own, &Feed::of(self.whole(*parent)))?);
                Ok(layers)
            }
            [left, right] => self.join(own, *left, *right),
            more => Err(fault(
                own,
                &format!("it joins {} branches; a contract joins two at a time", more.len()),
            )),
        }
    }

    /// A stage that takes outputs of two others: their last common stage feeds two branches.
    fn join(
        &mut self,
        own: &Stage,
        left: usize,
        right: usize,
    ) -> Result<Vec<FloatLayer>, ImportFault> {
        let beyond = self.ancestors(right);
        let fork = self.ancestors(left).into_iter().find(|stage| beyond.contains(stage));
        let Some(fork) = fork else {
            return Err(fault(
                own,
                "it joins branches within branches; a contract has one level of them",
            ));
        };
        let mut layers = self.main_line(fork)?;
        let (left_branch, left_outputs) = self.branch(own, fork, left)?;
        let (right_branch, right_outputs) = self.branch(own, fork, right)?;
        let feed = Feed::of(left_outputs.into_iter().chain(right_outputs));
        if feed.width > MAX_UNITS {
            let what = format!("the branches it joins have {} units together", feed.width);
            return Err(ImportFault::Limit { node: own.node.clone(), what, most: MAX_UNITS });
        }
        layers.push(FloatLayer::Concat { left: left_branch, right: right_branch });
        layers.extend(self.own(own, &feed)?);
        Ok(layers)
    }

    /// The stages that a stage comes from, itself first, up to one that joins others.
    fn ancestors(&self, stage: usize) -> Vec<usize> {
        let mut line = vec![stage];
        let mut last = stage;
        while let [parent] = self.stages.get(last).parents().as_slice() {
            line.push(*parent);
            last = *parent;
        }
        line
    }

    /// The layers from a fork to the end of one branch, and the outputs that they hand on.
    fn branch(
        &mut self,
        joining: &Stage,
        fork: usize,
        end: usize,
    ) -> Result<(Vec<FloatLayer>, Vec<(usize, usize)>), ImportFault> {
        if fork == end {
            let mut needed = taken_from(joining, end);
            needed.sort_unstable();
            needed.dedup();
            let outputs = needed.iter().map(|position| (end, *position)).collect();
            if needed.len() == self.stages.get(end).outputs() {
                return Ok((Vec::new(), outputs));
            }
            return Ok((vec![select(joining, &needed)?], outputs));
        }
        let line: Vec<usize> =
            self.ancestors(end).into_iter().take_while(|stage| *stage != fork).collect();
        let mut layers = Vec::new();
        let mut before = fork;
        for stage in line.into_iter().rev() {
            layers.extend(self.own(self.stages.get(stage), &Feed::of(self.whole(before)))?);
            before = stage;
        }
        Ok((layers, self.whole(end).collect()))
    }

    /// The layers of one stage over what it is fed.
    fn own(&mut self, stage: &Stage, feed: &Feed) -> Result<Vec<FloatLayer>, ImportFault> {
        let layers = match &stage.kind {
            Kind::Inputs(_) => Vec::new(),
            Kind::Dense(dense) => vec![self.dense(stage, dense, feed)],
            Kind::Conv(conv) => self.conv(stage, conv, feed)?,
        };
        for layer in &layers {
            let (weights, bias) = match layer {
                FloatLayer::Dense(dense) => (&dense.weights, &dense.bias),
                FloatLayer::Conv1d(conv) => (&conv.weights, &conv.bias),
                FloatLayer::Select(_) | FloatLayer::Concat { .. } => continue,
            };
            self.weights += weights.len();
            if self.weights > MAX_WEIGHTS {
                let what = format!("{} weights up to here", self.weights);
                return Err(ImportFault::Limit {
                    node: stage.node.clone(),
                    what,
                    most: MAX_WEIGHTS,
                });
            }
            if !weights.iter().chain(bias).all(|weight| weight.is_finite()) {
                return Err(fault(stage, "over the range of its inputs its weights are infinite"));
            }
        }
        Ok(layers)
    }

    fn dense(&self, stage: &Stage, dense: &Dense, feed: &Feed) -> FloatLayer {
        let mut weights = vec![0.0_f32; dense.bias.len() * feed.width];
        let mut bias = dense.bias.clone();
        let rows = dense.weights.chunks_exact(dense.inputs.len());
        for (output, row) in rows.enumerate() {
            for (weight, input) in row.iter().zip(&dense.inputs) {
                let (middle, half) = self.range(*input);
                weights[output * feed.width + feed.columns[input]] = (weight * half) as f32;
                bias[output] += weight * middle;
            }
        }
        FloatLayer::Dense(FloatDense {
            inputs: feed.width,
            outputs: bias.len(),
            weights,
            bias: bias.into_iter().map(|bias| bias as f32).collect(),
            relu: stage.relu,
        })
    }

    /// Middle and half range of an output of a stage, which only inputs have.
    fn range(&self, (stage, position): (usize, usize)) -> (f64, f64) {
        if stage == 0 {
            (self.inputs[position].middle, self.inputs[position].half)
        } else {
            (0.0, 1.0)
        }
    }

    fn conv(
        &self,
        stage: &Stage,
        conv: &Conv,
        feed: &Feed,
    ) -> Result<Vec<FloatLayer>, ImportFault> {
        let affine = |element: &super::value::Element| {
            let (middle, half) = self.range((element.stage, element.position));
            (element.scale * half, element.scale * middle + element.offset)
        };
        let inputs: Vec<(f64, f64)> = conv.inputs.iter().map(affine).collect();
        let channels: Option<Vec<(f64, f64)>> =
            inputs.chunks_exact(conv.length).map(shared).collect();
        let Some(channels) = channels else {
            return Ok(vec![self.unrolled(stage, conv, &inputs, feed)]);
        };
        let mut bias = conv.bias.clone();
        let mut weights = conv.weights.clone();
        let taps = weights.chunks_exact_mut(conv.kernel).enumerate();
        for (row, taps) in taps {
            let (out, (scale, offset)) = (row / conv.channels_in, channels[row % conv.channels_in]);
            bias[out] += offset * taps.iter().sum::<f64>();
            taps.iter_mut().for_each(|tap| *tap *= scale);
        }
        let columns =
            |element: &super::value::Element| feed.columns[&(element.stage, element.position)];
        let columns: Vec<usize> = conv.inputs.iter().map(columns).collect();
        let mut layers = Vec::new();
        if columns.len() != feed.width || columns.iter().enumerate().any(|(at, from)| at != *from) {
            layers.push(select(stage, &columns)?);
        }
        layers.push(FloatLayer::Conv1d(FloatConv1d {
            channels_in: conv.channels_in,
            length: conv.length,
            channels_out: conv.channels_out,
            kernel: conv.kernel,
            stride: conv.stride,
            weights: weights.into_iter().map(|weight| weight as f32).collect(),
            bias: bias.into_iter().map(|bias| bias as f32).collect(),
            relu: stage.relu,
        }));
        Ok(layers)
    }

    /// A convolution as a dense layer, where the inputs of a channel are not of one range.
    fn unrolled(
        &self,
        stage: &Stage,
        conv: &Conv,
        inputs: &[(f64, f64)],
        feed: &Feed,
    ) -> FloatLayer {
        let places = conv.length_out();
        let outputs = conv.channels_out * places;
        let mut weights = vec![0.0_f64; outputs * feed.width];
        let mut bias = Vec::with_capacity(outputs);
        for (output, row) in conv.unrolled().chunks_exact(inputs.len()).enumerate() {
            let mut sum = conv.bias[output / places];
            for ((weight, (scale, offset)), element) in row.iter().zip(inputs).zip(&conv.inputs) {
                let column = feed.columns[&(element.stage, element.position)];
                weights[output * feed.width + column] += weight * scale;
                sum += weight * offset;
            }
            bias.push(sum as f32);
        }
        FloatLayer::Dense(FloatDense {
            inputs: feed.width,
            outputs,
            weights: weights.into_iter().map(|weight| weight as f32).collect(),
            bias,
            relu: stage.relu,
        })
    }
}

/// The scale and offset that all inputs of a channel share, if they do.
fn shared(channel: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (first, offset) = *channel.first()?;
    let most = SAME_CHANNEL * first.abs();
    let near =
        |(own, shift): &(f64, f64)| (own - first).abs() <= most && (shift - offset).abs() <= most;
    let count = channel.len() as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| channel.iter().map(part).sum::<f64>() / count;
    channel.iter().all(near).then(|| (mean(|input| input.0), mean(|input| input.1)))
}

/// Positions of one stage that another takes.
fn taken_from(stage: &Stage, from: usize) -> Vec<usize> {
    let of = |(stage, position): (usize, usize)| (stage == from).then_some(position);
    match &stage.kind {
        Kind::Inputs(_) => Vec::new(),
        Kind::Dense(dense) => dense.inputs.iter().copied().filter_map(of).collect(),
        Kind::Conv(conv) => {
            let inputs = conv.inputs.iter().map(|element| (element.stage, element.position));
            inputs.filter_map(of).collect()
        }
    }
}

fn select(stage: &Stage, positions: &[usize]) -> Result<FloatLayer, ImportFault> {
    if positions.len() > MAX_UNITS {
        let what = format!("it takes {} inputs", positions.len());
        return Err(ImportFault::Limit { node: stage.node.clone(), what, most: MAX_UNITS });
    }
    let positions = positions.iter().map(|position| u8::try_from(*position).unwrap_or(u8::MAX));
    Ok(FloatLayer::Select(positions.collect()))
}

fn fault(stage: &Stage, problem: &str) -> ImportFault {
    ImportFault::Node { node: stage.node.clone(), problem: problem.to_owned() }
}

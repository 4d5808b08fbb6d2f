//! The stages of a network under way: how linear steps compose, and where a ReLU ends them.

use super::{
    fault::ImportFault,
    value::{Conv, Dense, Element, Kind, Stage},
};
use assay_risk::artifact::{MAX_LAYERS, MAX_UNITS};
use std::collections::HashMap;

/// Most elementary steps that reading a graph may take: a contract's largest network takes a
/// hundredth.
const MAX_WORK: usize = 1 << 28;

/// All stages; the first are the inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    all: Vec<Stage>,
    work: usize,
}

impl Stages {
    /// Nothing but inputs.
    pub fn new(columns: usize) -> Self {
        let node = "the graph's input".to_owned();
        let inputs = Stage { node, kind: Kind::Inputs(columns), relu: false, depth: 0 };
        Self { all: vec![inputs], work: 0 }
    }

    /// A stage by its index.
    pub fn get(&self, stage: usize) -> &Stage {
        &self.all[stage]
    }

    /// All stages, each after those that it depends on.
    pub fn all(&self) -> &[Stage] {
        &self.all
    }

    /// Counts work, so that no file can keep the reader busy.
    ///
    /// # Errors
    ///
    /// [`ImportFault::TooMuchWork`].
    pub fn charge(&mut self, node: &str, steps: usize) -> Result<(), ImportFault> {
        self.work = self.work.saturating_add(steps);
        if self.work > MAX_WORK {
            return Err(ImportFault::TooMuchWork { node: node.to_owned() });
        }
        Ok(())
    }

    /// `weights * elements + bias`, with the linear layers that the elements come from folded in.
    ///
    /// # Errors
    ///
    /// [`ImportFault::Limit`] and [`ImportFault::Node`] when that is no layer of a contract.
    pub fn linear(
        &mut self,
        node: &str,
        elements: &[Element],
        weights: &[f64],
        bias: &[f64],
    ) -> Result<usize, ImportFault> {
        check_units(node, bias.len())?;
        let inputs = self.sources(elements);
        let columns: HashMap<(usize, usize), usize> =
            inputs.iter().enumerate().map(|(column, input)| (*input, column)).collect();
        let widest = elements.iter().map(|element| self.fan_in(element)).max().unwrap_or(1);
        self.charge(node, bias.len() * (inputs.len() + elements.len() * widest))?;
        let mut folded = vec![0.0; bias.len() * inputs.len()];
        let mut folded_bias = bias.to_vec();
        for (output, row) in weights.chunks_exact(elements.len().max(1)).enumerate() {
            let line = &mut folded[output * inputs.len()..][..inputs.len()];
            for (weight, element) in row.iter().zip(elements) {
                folded_bias[output] += weight * element.offset;
                let factor = weight * element.scale;
                match &self.all[element.stage] {
                    Stage { kind: Kind::Dense(dense), relu: false, .. } => {
                        let from = dense.inputs.len();
                        let coefficients = &dense.weights[element.position * from..][..from];
                        for (input, coefficient) in dense.inputs.iter().zip(coefficients) {
                            line[columns[input]] += factor * coefficient;
                        }
                        folded_bias[output] += factor * dense.bias[element.position];
                    }
                    _ => line[columns[&(element.stage, element.position)]] += factor,
                }
            }
        }
        let dense = Dense { inputs, weights: folded, bias: folded_bias };
        self.push(node, Kind::Dense(dense), false)
    }

    /// The outputs of stages that elements depend on once linear layers are folded in.
    fn sources(&self, elements: &[Element]) -> Vec<(usize, usize)> {
        let mut inputs = Vec::new();
        for element in elements {
            match &self.all[element.stage] {
                Stage { kind: Kind::Dense(dense), relu: false, .. } => inputs.extend(&dense.inputs),
                _ => inputs.push((element.stage, element.position)),
            }
            // Keeps the list short where many elements share a layer.
            if inputs.len() > 1 << 16 {
                inputs.sort_unstable();
                inputs.dedup();
            }
        }
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    fn fan_in(&self, element: &Element) -> usize {
        match &self.all[element.stage].kind {
            Kind::Dense(dense) => dense.inputs.len(),
            _ => 1,
        }
    }

    /// A convolution.
    ///
    /// # Errors
    ///
    /// As [`Self::linear`].
    pub fn convolution(&mut self, node: &str, conv: Conv) -> Result<usize, ImportFault> {
        check_units(node, conv.channels_out * conv.length_out())?;
        self.charge(node, conv.inputs.len() + conv.weights.len())?;
        self.push(node, Kind::Conv(conv), false)
    }

    /// `max(0, element)` of each element.
    ///
    /// # Errors
    ///
    /// As [`Self::linear`].
    pub fn relu(&mut self, node: &str, elements: &[Element]) -> Result<Vec<Element>, ImportFault> {
        let mut outputs = elements.to_vec();
        let mut stages: Vec<usize> = elements.iter().map(|element| element.stage).collect();
        stages.sort_unstable();
        stages.dedup();
        for stage in stages {
            let places: Vec<usize> =
                (0..elements.len()).filter(|place| elements[*place].stage == stage).collect();
            let own: Vec<Element> = places.iter().map(|place| elements[*place]).collect();
            let rectified = self.relu_of(node, stage, &own)?;
            for (place, element) in places.into_iter().zip(rectified) {
                outputs[place] = element;
            }
        }
        Ok(outputs)
    }

    /// As [`Self::relu`], for elements of one stage.
    fn relu_of(
        &mut self,
        node: &str,
        stage: usize,
        elements: &[Element],
    ) -> Result<Vec<Element>, ImportFault> {
        let Stage { kind, relu, .. } = &self.all[stage];
        if *relu && elements.iter().all(|element| element.scale >= 0.0 && element.offset >= 0.0) {
            return Ok(elements.to_vec());
        }
        if let (Kind::Conv(conv), false) = (kind, relu) {
            if let Some(conv) = with_channel_affine(conv, elements) {
                let stage = self.push(node, Kind::Conv(conv), true)?;
                let moved = elements.iter().map(|element| Element::plain(stage, element.position));
                return Ok(moved.collect());
            }
        }
        let mut distinct: Vec<Element> = Vec::new();
        let mut rows = Vec::with_capacity(elements.len());
        let mut known = HashMap::new();
        for element in elements {
            let key = (element.position, element.scale.to_bits(), element.offset.to_bits());
            let row = *known.entry(key).or_insert_with(|| {
                distinct.push(*element);
                distinct.len() - 1
            });
            rows.push(row);
        }
        check_units(node, distinct.len())?;
        let count = distinct.len();
        let identity: Vec<f64> =
            (0..count * count).map(|at| f64::from(u8::from(at / count == at % count))).collect();
        let linear = self.linear(node, &distinct, &identity, &vec![0.0; count])?;
        let kind = self.all[linear].kind.clone();
        let stage = self.push(node, kind, true)?;
        Ok(rows.into_iter().map(|row| Element::plain(stage, row)).collect())
    }

    /// Adds a stage, or finds the one that computes just that.
    fn push(&mut self, node: &str, kind: Kind, relu: bool) -> Result<usize, ImportFault> {
        if let Some(same) =
            self.all.iter().position(|stage| stage.relu == relu && stage.kind == kind)
        {
            return Ok(same);
        }
        let weights = match &kind {
            Kind::Inputs(_) => [].iter().chain(&[]),
            Kind::Dense(dense) => dense.weights.iter().chain(&dense.bias),
            Kind::Conv(conv) => conv.weights.iter().chain(&conv.bias),
        };
        // What quantisation takes are float32.
        if !weights.into_iter().all(|weight| (*weight as f32).is_finite()) {
            let problem = "folded into one layer its weights are infinite".to_owned();
            return Err(ImportFault::Node { node: node.to_owned(), problem });
        }
        let mut stage = Stage { node: node.to_owned(), kind, relu, depth: 0 };
        let deepest = stage.parents().into_iter().map(|parent| self.all[parent].depth).max();
        stage.depth = deepest.unwrap_or(0) + 1;
        if stage.depth > MAX_LAYERS {
            let what = format!("layer {} from the inputs begins here", stage.depth);
            return Err(ImportFault::Limit { node: node.to_owned(), what, most: MAX_LAYERS });
        }
        self.all.push(stage);
        Ok(self.all.len() - 1)
    }
}

fn check_units(node: &str, units: usize) -> Result<(), ImportFault> {
    if units > MAX_UNITS {
        let what = format!("it makes {units} units of one layer");
        return Err(ImportFault::Limit { node: node.to_owned(), what, most: MAX_UNITS });
    }
    Ok(())
}

/// The convolution with what each element adds to its channel; none when elements of one channel
/// differ.
fn with_channel_affine(conv: &Conv, elements: &[Element]) -> Option<Conv> {
    let places = conv.length_out();
    let mut of_channel: Vec<Option<(f64, f64)>> = vec![None; conv.channels_out];
    for element in elements {
        let own = (element.scale, element.offset);
        let known = of_channel[element.position / places].get_or_insert(own);
        if *known != own {
            return None;
        }
    }
    let mut conv = conv.clone();
    let field = conv.channels_in * conv.kernel;
    for (channel, affine) in of_channel.into_iter().enumerate() {
        let (scale, offset) = affine.unwrap_or((1.0, 0.0));
        for weight in &mut conv.weights[channel * field..][..field] {
            *weight *= scale;
        }
        conv.bias[channel] = conv.bias[channel] * scale + offset;
    }
    Some(conv)
}

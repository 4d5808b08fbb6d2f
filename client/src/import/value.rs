//! What a graph's values are in terms of the layers that a contract can have.
//!
//! Each element of a value is an affine function of one output of one stage, and stages are what
//! will become layers: so that reshaping, selecting, joining and standardising cost nothing, and
//! what is linear folds into the layer that follows.

use super::tensor::Tensor;

/// `scale * stage[position] + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Element {
    pub stage: usize,
    pub position: usize,
    pub scale: f64,
    pub offset: f64,
}

impl Element {
    /// An output of a stage as it is.
    pub fn plain(stage: usize, position: usize) -> Self {
        Self { stage, position, scale: 1.0, offset: 0.0 }
    }

    /// `scale * self + offset`.
    pub fn affine(self, scale: f64, offset: f64) -> Self {
        Self { scale: self.scale * scale, offset: self.offset.mul_add(scale, offset), ..self }
    }
}

/// What the elements stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The numbers themselves.
    Linear,
    /// The logits of probabilities, which are the value's numbers.
    Probability,
}

/// A value that depends on the inputs: one row of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbolic {
    /// Without the batch axis, which is the first.
    pub shape: Vec<usize>,
    /// Flattened in row-major order.
    pub elements: Vec<Element>,
    pub meaning: Meaning,
}

/// A value of the graph.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Constant(Tensor),
    Symbolic(Symbolic),
}

/// A step of the network that can become a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The node that made it, for messages.
    pub node: String,
    pub kind: Kind,
    /// Followed by a ReLU.
    pub relu: bool,
    /// Layers from the inputs up to this one.
    pub depth: usize,
}

/// What a stage computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The graph's inputs, in the unit of the MAP's columns.
    Inputs(usize),
    Dense(Dense),
    Conv(Conv),
}

/// A fully connected step over outputs of earlier stages, each listed once.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    pub inputs: Vec<(usize, usize)>,
    /// `weights[output][input]`, flattened.
    pub weights: Vec<f64>,
    pub bias: Vec<f64>,
}

/// A convolution along one axis, without padding.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Channel by channel.
    pub inputs: Vec<Element>,
    pub channels_in: usize,
    pub length: usize,
    pub channels_out: usize,
    pub kernel: usize,
    pub stride: usize,
    /// `weights[channel out][channel in][kernel]`, flattened.
    pub weights: Vec<f64>,
    pub bias: Vec<f64>,
}

impl Conv {
    /// Values of each output channel.
    pub fn length_out(&self) -> usize {
        (self.length - self.kernel) / self.stride + 1
    }

    /// The weights as a matrix over all inputs, `[output][input]`, flattened: zeros but for the
    /// inputs under the kernel.
    pub fn unrolled(&self) -> Vec<f64> {
        let inputs = self.inputs.len();
        let (places, field) = (self.length_out(), self.channels_in * self.kernel);
        let mut matrix = vec![0.0; self.channels_out * places * inputs];
        for (row, line) in matrix.chunks_exact_mut(inputs).enumerate() {
            let (channel, start) = (row / places, row % places * self.stride);
            for tap in 0..field {
                let input = tap / self.kernel * self.length + start + tap % self.kernel;
                line[input] = self.weights[channel * field + tap];
            }
        }
        matrix
    }
}

impl Stage {
    /// Numbers that it gives.
    pub fn outputs(&self) -> usize {
        match &self.kind {
            Kind::Inputs(columns) => *columns,
            Kind::Dense(dense) => dense.bias.len(),
            Kind::Conv(conv) => conv.channels_out * conv.length_out(),
        }
    }

    /// The stages that it takes its inputs from, ascending, each once.
    pub fn parents(&self) -> Vec<usize> {
        let mut parents: Vec<usize> = match &self.kind {
            Kind::Inputs(_) => Vec::new(),
            Kind::Dense(dense) => dense.inputs.iter().map(|(stage, _)| *stage).collect(),
            Kind::Conv(conv) => conv.inputs.iter().map(|element| element.stage).collect(),
        };
        parents.sort_unstable();
        parents.dedup();
        parents
    }
}

//! A float network in the shapes that an artifact's layers have: what training ends in, what an
//! import turns a graph into, and what quantisation starts from.

use assay_risk::artifact::Feature;

/// A network over quantised inputs as they are on chain: input `k` is `q_k / 127`.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatModel {
    /// How values become the `q`.
    pub features: Vec<Feature>,
    /// The last layer's one output is the logit of the default.
    pub layers: Vec<FloatLayer>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub enum FloatLayer {
    Dense(FloatDense),
    Conv1d(FloatConv1d),
    /// Keeps the listed positions of the input in the listed order.
    Select(Vec<u8>),
    /// Joins the outputs of two branches over the same input, the left one first; branches hold no
    /// branches, and one without layers hands its input on.
    Concat {
        left: Vec<FloatLayer>,
        right: Vec<FloatLayer>,
    },
}

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatDense {
    pub inputs: usize,
    pub outputs: usize,
    /// `weights[output][input]`, flattened.
    pub weights: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
    pub relu: bool,
}

/// A convolution without padding over an input laid out channel by channel; so is its output, with
/// `(length - kernel) / stride + 1` values in each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatConv1d {
    pub channels_in: usize,
    /// Values of each input channel.
    pub length: usize,
    pub channels_out: usize,
    pub kernel: usize,
    pub stride: usize,
    /// `weights[channel out][channel in][kernel]`, flattened.
    pub weights: Vec<f32>,
    /// One for each output channel.
    pub bias: Vec<f32>,
    pub relu: bool,
}

impl FloatModel {
    /// The logits of rows of inputs, flattened.
    pub fn logits(&self, inputs: &[f32]) -> Vec<f32> {
        forward(&self.layers, self.features.len(), inputs)
    }
}

/// The outputs of layers for rows of `width` inputs, rows flattened on both sides.
pub fn forward(layers: &[FloatLayer], width: usize, inputs: &[f32]) -> Vec<f32> {
    let mut rows = inputs.to_vec();
    let mut width = width;
    for layer in layers {
        rows = layer.forward(width, &rows);
        width = layer.outputs(width);
    }
    rows
}

impl FloatLayer {
    /// Outputs of the layer over so many inputs.
    pub fn outputs(&self, inputs: usize) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
            Self::Conv1d(conv) => conv.channels_out * conv.length_out(),
            Self::Select(positions) => positions.len(),
            Self::Concat { left, right } => {
                let width = |branch: &[Self]| {
                    branch.iter().fold(inputs, |width, layer| layer.outputs(width))
                };
                width(left) + width(right)
            }
        }
    }

    /// The outputs for rows of `width` inputs, rows flattened on both sides.
    pub fn forward(&self, width: usize, inputs: &[f32]) -> Vec<f32> {
        let rows = inputs.chunks_exact(width);
        match self {
            Self::Dense(dense) => rows.flat_map(|row| dense.row(row)).collect(),
            Self::Conv1d(conv) => rows.flat_map(|row| conv.row(row)).collect(),
            Self::Select(positions) => rows
                .flat_map(|row| positions.iter().map(|position| row[usize::from(*position)]))
                .collect(),
            Self::Concat { left, right } => {
                let count = rows.len();
                let [left, right] = [left, right].map(|branch| forward(branch, width, inputs));
                let each = |all: &[f32]| (all.len() / count.max(1)).max(1);
                let pairs = left.chunks_exact(each(&left)).zip(right.chunks_exact(each(&right)));
                pairs.flat_map(|(left, right)| left.iter().chain(right).copied()).collect()
            }
        }
    }
}

impl FloatDense {
    fn row<'a>(&'a self, row: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.weights.chunks_exact(self.inputs).zip(&self.bias).map(move |(weights, bias)| {
            let sum: f32 = weights.iter().zip(row).map(|(weight, x)| weight * x).sum();
            rectified(sum + bias, self.relu)
        })
    }
}

impl FloatConv1d {
    /// Values of each output channel.
    pub fn length_out(&self) -> usize {
        (self.length - self.kernel) / self.stride + 1
    }

    fn row<'a>(&'a self, row: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let field = self.channels_in * self.kernel;
        let channels = self.weights.chunks_exact(field).zip(&self.bias);
        channels.flat_map(move |(taps, bias)| {
            (0..self.length_out()).map(move |place| {
                let start = place * self.stride;
                let channels = row.chunks_exact(self.length).zip(taps.chunks_exact(self.kernel));
                let sum: f32 = channels
                    .flat_map(|(values, taps)| values[start..].iter().zip(taps))
                    .map(|(value, tap)| value * tap)
                    .sum();
                rectified(sum + bias, self.relu)
            })
        })
    }
}

fn rectified(value: f32, relu: bool) -> f32 {
    if relu {
        value.max(0.0)
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_slide_each_kernel_over_its_channels() {
        let conv = FloatConv1d {
            channels_in: 2,
            length: 3,
            channels_out: 2,
            kernel: 2,
            stride: 1,
            weights: vec![1.0, 10.0, 100.0, 1000.0, 0.0, 0.0, 0.0, -1.0],
            bias: vec![0.5, 0.0],
            relu: true,
        };
        let outputs = FloatLayer::Conv1d(conv).forward(6, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(outputs, [5421.5, 6532.5, 0.0, 0.0]);
    }

    #[test]
    fn should_join_branches_row_by_row_with_the_left_one_first() {
        let layer = FloatLayer::Concat { left: vec![FloatLayer::Select(vec![1])], right: vec![] };
        assert_eq!(layer.outputs(2), 3);
        assert_eq!(layer.forward(2, &[1.0, 2.0, 3.0, 4.0]), [2.0, 1.0, 2.0, 4.0, 3.0, 4.0]);
    }

    #[test]
    fn should_run_layers_one_after_the_other() {
        let dense = FloatDense {
            inputs: 2,
            outputs: 1,
            weights: vec![2.0, -1.0],
            bias: vec![0.25],
            relu: false,
        };
        let layers = [FloatLayer::Select(vec![1, 0]), FloatLayer::Dense(dense)];
        assert_eq!(forward(&layers, 2, &[1.0, 3.0, 0.0, 0.0]), [5.25, 0.25]);
    }
}

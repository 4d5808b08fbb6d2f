//! From an artifact that passed its check to the steps of a network.

use super::{
    packed::{Packed, Row, LANES},
    Network, Quantiser, Step, Work, CHUNK,
};
use crate::artifact::{Artifact, BranchLayer, Conv1d, Dense, Layer, Plain, Select};
use alloc::vec::Vec;

pub(super) fn network(artifact: &Artifact) -> Network {
    let mut layout = Layout { steps: Vec::new(), from: 0, units: artifact.features.len(), end: 0 };
    layout.end = layout.units.next_multiple_of(CHUNK);
    for layer in &artifact.layers {
        match layer {
            Layer::Dense(dense) => layout.append(Plain::Dense(dense)),
            Layer::Conv1d(conv) => layout.append(Plain::Conv1d(conv)),
            Layer::Select(select) => layout.append(Plain::Select(select)),
            Layer::Concat { left, right } => layout.append_branches(left, right),
        }
    }
    Network {
        quantisers: artifact.features.iter().map(Quantiser::new).collect(),
        steps: layout.steps,
        // The last group of the last layer may be padded.
        memory: alloc::vec![0; layout.end.saturating_add(LANES)],
        output: layout.from,
        table: artifact.table.clone(),
    }
}

/// Where activations stand as layer after layer is laid out.
struct Layout {
    steps: Vec<Step>,
    /// Where the last layer's outputs begin, and how many they are.
    from: usize,
    units: usize,
    /// First free place, a multiple of [`CHUNK`].
    end: usize,
}

impl Layout {
    fn append(&mut self, layer: Plain<'_>) {
        let (work, units, written) = prepare(layer);
        self.steps.push(Step { from: self.from, to: self.end, work });
        self.from = self.end;
        self.units = units;
        self.end = self.end.saturating_add(written).next_multiple_of(CHUNK);
    }

    /// Both branches up to their last layers, then these side by side: the left one first, as its
    /// padding reaches into the place of the right one.
    fn append_branches(&mut self, left: &[BranchLayer], right: &[BranchLayer]) {
        let (from, units) = (self.from, self.units);
        let left = self.append_but_last(left);
        (self.from, self.units) = (from, units);
        let right = self.append_but_last(right);
        let joined = left.units.saturating_add(right.units);
        let written = left.units.saturating_add(right.written);
        let to = self.end;
        self.steps.push(Step { from: left.from, to, work: left.work });
        let beside = to.saturating_add(left.units);
        self.steps.push(Step { from: right.from, to: beside, work: right.work });
        self.from = to;
        self.units = joined;
        self.end = to.saturating_add(written.max(left.written)).next_multiple_of(CHUNK);
    }

    fn append_but_last(&mut self, layers: &[BranchLayer]) -> Tail {
        let Some((last, rest)) = layers.split_last() else {
            let all = (0..).take(self.units).collect::<Vec<u8>>();
            return Tail {
                from: self.from,
                units: self.units,
                written: self.units,
                work: Work::Select(all),
            };
        };
        rest.iter().for_each(|layer| self.append(layer.plain()));
        let (work, units, written) = prepare(last.plain());
        Tail { from: self.from, units, written, work }
    }
}

/// The last layer of a branch, before it is known where it writes.
struct Tail {
    from: usize,
    units: usize,
    written: usize,
    work: Work,
}

/// The work of a layer, its outputs, and how many activations it writes.
fn prepare(layer: Plain<'_>) -> (Work, usize, usize) {
    match layer {
        Plain::Dense(dense) => pack_dense(dense),
        Plain::Conv1d(conv) => pack_conv1d(conv),
        Plain::Select(Select { positions }) => {
            (Work::Select(positions.clone()), positions.len(), positions.len())
        }
    }
}

fn pack_dense(dense: &Dense) -> (Work, usize, usize) {
    let inputs = usize::from(dense.inputs);
    let each = dense.bias.iter().zip(&dense.multiplier).zip(&dense.shift);
    let rows: Vec<Row<'_>> = dense
        .weights
        .chunks_exact(inputs.max(1))
        .zip(each)
        .map(|(weights, ((bias, multiplier), shift))| Row {
            weights,
            bias: *bias,
            multiplier: *multiplier,
            shift: *shift,
        })
        .collect();
    pack(inputs, &rows, dense.relu)
}

/// A convolution as a fully connected layer: each output's row holds its channel's kernel at its
/// place, and zeros elsewhere.
fn pack_conv1d(conv: &Conv1d) -> (Work, usize, usize) {
    let length = usize::from(conv.length).max(1);
    let kernel = usize::from(conv.kernel).max(1);
    let inputs = length.saturating_mul(usize::from(conv.channels_in));
    let field = kernel.saturating_mul(usize::from(conv.channels_in)).max(1);
    let places = usize::from(conv.length_out().unwrap_or(0));
    let spread: Vec<Vec<i8>> = conv
        .weights
        .chunks_exact(field)
        .flat_map(|taps| (0..places).map(move |place| (taps, place)))
        .map(|(taps, place)| {
            let start = place.saturating_mul(usize::from(conv.stride));
            let mut row = alloc::vec![0; inputs];
            for (channel, taps) in row.chunks_exact_mut(length).zip(taps.chunks_exact(kernel)) {
                for (weight, tap) in channel.iter_mut().skip(start).zip(taps) {
                    *weight = *tap;
                }
            }
            row
        })
        .collect();
    let each = conv.bias.iter().zip(&conv.multiplier).zip(&conv.shift);
    let rows: Vec<Row<'_>> = spread
        .iter()
        .zip(each.flat_map(|channel| core::iter::repeat_n(channel, places)))
        .map(|(weights, ((bias, multiplier), shift))| Row {
            weights,
            bias: *bias,
            multiplier: *multiplier,
            shift: *shift,
        })
        .collect();
    pack(inputs, &rows, conv.relu)
}

fn pack(inputs: usize, rows: &[Row<'_>], relu: bool) -> (Work, usize, usize) {
    let mut packed = Packed::new(inputs, relu);
    rows.chunks(LANES).for_each(|group| packed.push(group));
    let written = packed.written();
    (Work::Multiply(packed), rows.len(), written)
}

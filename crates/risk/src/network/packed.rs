//! Three outputs in one product.

use super::{half, CHUNK};
use alloc::vec::Vec;

/// Outputs that share a product.
pub(super) const LANES: usize = 3;
/// Distance of two sums in an accumulator.
const LANE_BITS: u32 = 21;
/// Chunks over which a lane cannot overflow: `8 * 8 * 128 * 127 < 2^20`.
const SAFE_CHUNKS: usize = 8;

/// A fully connected layer, or a convolution written out as one.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Chunks of each row.
    chunks: usize,
    /// `rows[group of outputs][chunk][input]`, the weights of three outputs packed in each.
    rows: Vec<[i64; CHUNK]>,
    groups: Vec<[Requantiser; LANES]>,
    floor: i64,
}

/// `rdiv((sum + bias) * multiplier, shift)`, with bias and rounding folded into one offset. All
/// terms fit, as the sum with its bias was checked to stay within `i32`.
#[derive(Clone, Copy, Debug)]
struct Requantiser {
    multiplier: i64,
    offset: i64,
    shift: u32,
}

impl Requantiser {
    /// Of an output that only fills up its group: 0 whatever the input.
    const PADDING: Self = Self { multiplier: 0, offset: 0, shift: 0 };
}

/// One output while a layer is packed: its weights for each input, and how its sum is requantised.
pub(super) struct Row<'a> {
    pub weights: &'a [i8],
    pub bias: i32,
    pub multiplier: i32,
    pub shift: u8,
}

impl Packed {
    /// An empty layer of so many inputs, whose outputs are raised to `floor`.
    pub(super) fn new(inputs: usize, relu: bool) -> Self {
        Self {
            chunks: inputs.div_ceil(CHUNK),
            rows: Vec::new(),
            groups: Vec::new(),
            floor: if relu { 0 } else { -127 },
        }
    }

    /// Adds a group of at most three outputs.
    pub(super) fn push(&mut self, group: &[Row<'_>]) {
        let mut rows = alloc::vec![[0; CHUNK]; self.chunks];
        let mut requantisers = [Requantiser::PADDING; LANES];
        let mut place = 0;
        for (row, requantiser) in group.iter().zip(&mut requantisers) {
            for (packed, weight) in rows.as_flattened_mut().iter_mut().zip(row.weights) {
                *packed = i64::wrapping_add(*packed, i64::from(*weight).wrapping_shl(place));
            }
            let multiplier = i64::from(row.multiplier);
            *requantiser = Requantiser {
                multiplier,
                offset: multiplier.wrapping_mul(i64::from(row.bias)).wrapping_add(half(row.shift)),
                shift: u32::from(row.shift),
            };
            place = place.wrapping_add(LANE_BITS);
        }
        self.rows.append(&mut rows);
        self.groups.push(requantisers);
    }

    /// Activations that a run writes, those of padding included.
    pub(super) fn written(&self) -> usize {
        self.groups.len().saturating_mul(LANES)
    }

    /// Computes all outputs. What stands behind the inputs up to the next chunk does not matter.
    #[inline]
    pub(super) fn run(&self, input: &[i64], output: &mut [i64]) {
        let (input, _) = input.as_chunks::<CHUNK>();
        let (output, _) = output.as_chunks_mut::<LANES>();
        let rows = self.rows.chunks_exact(self.chunks.max(1));
        for ((row, group), output) in rows.zip(&self.groups).zip(output) {
            let mut sums = [0; LANES];
            for (row, input) in row.chunks(SAFE_CHUNKS).zip(input.chunks(SAFE_CHUNKS)) {
                for (sum, part) in sums.iter_mut().zip(unpack(dot(row, input))) {
                    *sum = part.wrapping_add(*sum);
                }
            }
            for ((output, requantiser), sum) in output.iter_mut().zip(group).zip(sums) {
                *output = sum
                    .wrapping_mul(requantiser.multiplier)
                    .wrapping_add(requantiser.offset)
                    .wrapping_shr(requantiser.shift)
                    .max(self.floor)
                    .min(127);
            }
        }
    }
}

#[inline(always)]
fn dot(row: &[[i64; CHUNK]], input: &[[i64; CHUNK]]) -> i64 {
    let mut sum = 0_i64;
    for (weights, activations) in row.iter().zip(input) {
        for (weight, activation) in weights.iter().zip(activations) {
            sum = sum.wrapping_add(weight.wrapping_mul(*activation));
        }
    }
    sum
}

/// Three sums out of one accumulator. A negative sum has borrowed from the one above it, so each is
/// subtracted before the next is read.
#[inline(always)]
fn unpack(accumulator: i64) -> [i64; LANES] {
    const UNUSED_BITS: u32 = i64::BITS - LANE_BITS;
    let low = accumulator.wrapping_shl(UNUSED_BITS).wrapping_shr(UNUSED_BITS);
    let upper = accumulator.wrapping_sub(low).wrapping_shr(LANE_BITS);
    let middle = upper.wrapping_shl(UNUSED_BITS).wrapping_shr(UNUSED_BITS);
    let high = upper.wrapping_sub(middle).wrapping_shr(LANE_BITS);
    [low, middle, high]
}

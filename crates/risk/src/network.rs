//! Scoring contracts made ready to run, fast without SIMD (rules, section 3).
//!
//! The chain's Wasm has 64-bit products but no SIMD, so three weights share one product: with
//! `w = w0 + w1 * 2^21 + w2 * 2^42` the sum of `w * x` over 64 inputs holds three sums side by side,
//! as each stays within `64 * 128 * 127 < 2^20`. Longer rows are summed in parts of 64 inputs.
//!
//! Activations of all layers stand one after the other in one memory, so every layer reads before
//! the place it writes to and the input survives a run.

use crate::artifact::{Artifact, ArtifactFault, Feature};
use alloc::vec::Vec;

mod compile;
mod packed;
#[cfg(test)]
mod tests;

use packed::Packed;

/// Activations that one step of the inner loop takes; rows are padded to it with zero weights.
const CHUNK: usize = 8;

/// A scoring contract made ready to run. Cloning gives an independent copy, for another thread.
#[derive(Clone, Debug)]
pub struct Network {
    quantisers: Vec<Quantiser>,
    steps: Vec<Step>,
    /// Activations of the input and of every layer; [`compile`] lays them out.
    memory: Vec<i64>,
    /// Where the last layer leaves its output.
    output: usize,
    table: Vec<u16>,
}

/// A layer that reads activations from `from` on, a multiple of [`CHUNK`], and writes behind them.
#[derive(Clone, Debug)]
struct Step {
    from: usize,
    to: usize,
    work: Work,
}

#[derive(Clone, Debug)]
enum Work {
    Multiply(Packed),
    Select(Vec<u8>),
}

/// Requantisation of a feature: `clamp(rdiv((clamp(value) - center) * multiplier, shift))`, with
/// center and rounding folded into one offset. All terms fit: `|value - center| < 2^32` and
/// `multiplier < 2^31`.
#[derive(Clone, Copy, Debug)]
struct Quantiser {
    lower: i32,
    upper: i32,
    multiplier: i64,
    offset: i64,
    shift: u32,
    /// Quantised fallback.
    missing: i64,
}

impl Quantiser {
    fn new(feature: &Feature) -> Self {
        let multiplier = i64::from(feature.multiplier);
        let mut quantiser = Self {
            lower: feature.lower,
            upper: feature.upper,
            multiplier,
            offset: half(feature.shift)
                .wrapping_sub(multiplier.wrapping_mul(i64::from(feature.center))),
            shift: u32::from(feature.shift),
            missing: 0,
        };
        quantiser.missing = quantiser.quantise(feature.fallback);
        quantiser
    }

    #[inline(always)]
    fn quantise(&self, value: i32) -> i64 {
        // Not `clamp`, which panics should the bounds be inverted.
        let bounded = i64::from(value.max(self.lower).min(self.upper));
        bounded
            .wrapping_mul(self.multiplier)
            .wrapping_add(self.offset)
            .wrapping_shr(self.shift)
            .clamp(-127, 127)
    }
}

/// What makes a right shift round half up: half of `2^shift`.
fn half(shift: u8) -> i64 {
    match shift.checked_sub(1) {
        Some(places) => 1_i64.wrapping_shl(u32::from(places)),
        None => 0,
    }
}

impl Network {
    /// Checks an artifact and makes it ready to run.
    ///
    /// # Errors
    /// Whatever [`Artifact::check`] finds.
    pub fn compile(artifact: &Artifact) -> Result<Self, ArtifactFault> {
        artifact.check()?;
        Ok(compile::network(artifact))
    }

    /// How many features the contract takes.
    pub fn feature_count(&self) -> usize {
        self.quantisers.len()
    }

    /// The output -127..=127, which rises with risk, for the values of a profile; bit `k` of
    /// `present` tells that value `k` is there. Values beyond the end of `values` are missing, those
    /// beyond the contract's features do not matter.
    pub fn logit(&mut self, values: &[i32], present: u64) -> i8 {
        self.quantise(values, present);
        self.run()
    }

    /// The output were the quantised value of one feature 0 (rules, section 3: reasons).
    pub fn logit_without(&mut self, values: &[i32], present: u64, feature: u8) -> i8 {
        self.quantise(values, present);
        self.run_without(usize::from(feature))
    }

    /// The output, and by how much each feature in turn raises it; positions beyond the contract's
    /// features stay 0.
    pub(crate) fn raises(&mut self, values: &[i32], present: u64) -> [i16; 64] {
        self.quantise(values, present);
        let all = i16::from(self.run());
        let mut raises = [0; 64];
        for (feature, raise) in raises.iter_mut().enumerate().take(self.quantisers.len()) {
            *raise = all.saturating_sub(i16::from(self.run_without(feature)));
        }
        raises
    }

    /// The score of an output.
    pub fn score(&self, logit: i8) -> u16 {
        let entry = usize::try_from(i16::from(logit).saturating_add(127)).unwrap_or(0);
        self.table.get(entry).copied().unwrap_or(0)
    }

    fn quantise(&mut self, values: &[i32], present: u64) {
        let mut bits = present;
        let slots = self.quantisers.iter().zip(self.memory.iter_mut());
        for ((quantiser, slot), value) in slots.zip(values) {
            let quantised = quantiser.quantise(*value);
            *slot = if bits & 1 == 1 { quantised } else { quantiser.missing };
            bits = bits.wrapping_shr(1);
        }
        let slots = self.quantisers.iter().zip(self.memory.iter_mut());
        for (quantiser, slot) in slots.skip(values.len()) {
            *slot = quantiser.missing;
        }
    }

    fn run_without(&mut self, feature: usize) -> i8 {
        if feature >= self.quantisers.len() {
            return self.run();
        }
        let quantised = self.memory.get_mut(feature).map(core::mem::take);
        let logit = self.run();
        if let (Some(slot), Some(quantised)) = (self.memory.get_mut(feature), quantised) {
            *slot = quantised;
        }
        logit
    }

    fn run(&mut self) -> i8 {
        for step in &self.steps {
            let Some((before, after)) = self.memory.split_at_mut_checked(step.to) else { continue };
            let Some(input) = before.get(step.from..) else { continue };
            match &step.work {
                Work::Multiply(packed) => packed.run(input, after),
                Work::Select(positions) => {
                    for (slot, position) in after.iter_mut().zip(positions) {
                        *slot = input.get(usize::from(*position)).copied().unwrap_or(0);
                    }
                }
            }
        }
        let output = self.memory.get(self.output).copied().unwrap_or(0);
        i8::try_from(output).unwrap_or(i8::MAX)
    }
}

//! Scoring contracts as data: an integer network from a profile to a score (rules, section 3).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod check;
mod fault;
#[cfg(test)]
mod tests;

pub(crate) use check::Plain;
pub use check::Shape;
pub use fault::{ArtifactFault, Branch, LayerAt};

/// Most features: one bit of a profile's `present` each.
pub const MAX_FEATURES: usize = 64;
/// Most layers, those within branches and the `Concat` that holds them included.
pub const MAX_LAYERS: usize = 8;
/// Most outputs of one layer.
pub const MAX_UNITS: usize = 128;
/// Most weights of all layers together.
pub const MAX_WEIGHTS: usize = 16_384;
/// Largest right shift of a requantisation.
pub const MAX_SHIFT: u8 = 31;
/// Entries of the score table: one for each output -127..=127.
pub const TABLE_ENTRIES: usize = 255;

/// How a feature's value becomes a quantised input: `clamp(rdiv((clamp(value, lower, upper) -
/// center) * multiplier, shift), -127, 127)`, in the unit of the schema's feature.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Feature {
    pub lower: i32,
    pub upper: i32,
    /// What a missing value counts as; within `lower..=upper`.
    pub fallback: i32,
    pub center: i32,
    /// Positive.
    pub multiplier: i32,
    /// 0..=31.
    pub shift: u8,
}

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Dense {
    #[cfg_attr(feature = "serde", serde(rename = "in"))]
    pub inputs: u16,
    #[cfg_attr(feature = "serde", serde(rename = "out"))]
    pub outputs: u16,
    /// `weights[output][input]`, flattened.
    pub weights: Vec<i8>,
    /// One for each output, as are the multipliers and shifts.
    pub bias: Vec<i32>,
    /// Positive.
    pub multiplier: Vec<i32>,
    /// 0..=31.
    pub shift: Vec<u8>,
    pub relu: bool,
}

/// A convolution without padding over an input that is laid out channel by channel; its output is,
/// too, with `(length - kernel) / stride + 1` values in each channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Conv1d {
    pub channels_in: u16,
    /// Values of each input channel.
    pub length: u16,
    pub channels_out: u16,
    pub kernel: u16,
    pub stride: u16,
    /// `weights[channel out][channel in][kernel]`, flattened.
    pub weights: Vec<i8>,
    /// One for each output channel, as are the multipliers and shifts.
    pub bias: Vec<i32>,
    /// Positive.
    pub multiplier: Vec<i32>,
    /// 0..=31.
    pub shift: Vec<u8>,
    pub relu: bool,
}

/// Keeps the listed input positions in the listed order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Select {
    pub positions: Vec<u8>,
}

/// A layer of the main line.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields))]
pub enum Layer {
    Dense(Dense),
    Conv1d(Conv1d),
    Select(Select),
    /// Joins the outputs of two branches over the same input, the left one first. A branch without
    /// layers hands its input on.
    Concat {
        left: Vec<BranchLayer>,
        right: Vec<BranchLayer>,
    },
}

/// A layer within a branch. Branches hold no branches, so that decoding cannot recurse.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields))]
pub enum BranchLayer {
    Dense(Dense),
    Conv1d(Conv1d),
    Select(Select),
}

/// Which end of the score range is the riskier one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Orientation {
    #[default]
    HigherIsRiskier,
    LowerIsRiskier,
}

#[cfg(feature = "serde")]
impl Orientation {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A scoring contract: quantised features, layers that end in one output rising with risk, and the
/// score of each output. The contract's id is the BLAKE2b-256 of its SCALE encoding; its JSON form
/// is that of `score.json` among the vectors.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Artifact {
    pub features: Vec<Feature>,
    pub layers: Vec<Layer>,
    /// Score of each output `z`, at `z + 127`.
    pub table: Vec<u16>,
    pub score_min: u16,
    pub score_max: u16,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Orientation::is_default"))]
    pub orientation: Orientation,
}

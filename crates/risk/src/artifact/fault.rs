//! Why an artifact is refused.

use super::{MAX_FEATURES, MAX_LAYERS, MAX_SHIFT, MAX_UNITS, MAX_WEIGHTS, TABLE_ENTRIES};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// A branch of a `Concat`.
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
pub enum Branch {
    Left,
    Right,
}

/// Where a layer stands, counted from 0; shown as the path in the artifact's JSON.
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
pub struct LayerAt {
    /// Position in the main line.
    pub layer: u8,
    /// Branch and position in it, for a layer within a `Concat`.
    pub within: Option<(Branch, u8)>,
}

impl fmt::Display for LayerAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layers[{}]", self.layer)?;
        match self.within {
            Some((Branch::Left, position)) => write!(f, ".left[{position}]"),
            Some((Branch::Right, position)) => write!(f, ".right[{position}]"),
            None => Ok(()),
        }
    }
}

/// Why an artifact is refused (rules, section 3). Positions count from 0.
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
pub enum ArtifactFault {
    /// There are no features.
    NoFeatures,
    /// More than [`MAX_FEATURES`] features.
    TooManyFeatures { count: u32 },
    /// `lower` is above `upper`.
    BoundsInverted { feature: u8 },
    /// `fallback` is outside of `lower..=upper`.
    FallbackOutOfBounds { feature: u8 },
    /// A feature's multiplier is 0 or less.
    FeatureMultiplierNotPositive { feature: u8 },
    /// A feature's shift is above [`MAX_SHIFT`].
    FeatureShiftTooLarge { feature: u8 },
    /// There are no layers.
    NoLayers,
    /// More than [`MAX_LAYERS`] layers, with those within branches.
    TooManyLayers { count: u32 },
    /// A layer without outputs.
    NoUnits { at: LayerAt },
    /// More than [`MAX_UNITS`] outputs of a layer.
    TooManyUnits { at: LayerAt, units: u32 },
    /// More than [`MAX_WEIGHTS`] weights in all layers together.
    TooManyWeights { at: LayerAt, count: u32 },
    /// A layer does not take what the one before it gives.
    InputMismatch { at: LayerAt, takes: u32, given: u32 },
    /// The kernel is empty or longer than a channel.
    KernelDoesNotFit { at: LayerAt },
    /// The stride is 0.
    NoStride { at: LayerAt },
    /// As many weights as the layer's shape asks for are not there.
    WeightCountMismatch { at: LayerAt, needed: u32, given: u32 },
    /// Not one bias, multiplier and shift for each output (channel).
    ParameterCountMismatch { at: LayerAt, needed: u32 },
    /// A multiplier is 0 or less.
    MultiplierNotPositive { at: LayerAt, output: u8 },
    /// A shift is above [`MAX_SHIFT`].
    ShiftTooLarge { at: LayerAt, output: u8 },
    /// For some input the accumulator could leave `i32`.
    AccumulatorOverflow { at: LayerAt, output: u8 },
    /// A selected position is not among the inputs.
    PositionOutOfRange { at: LayerAt, position: u8, inputs: u32 },
    /// The last layer has more than one output.
    OutputNotSingle { units: u32 },
    /// The table does not have [`TABLE_ENTRIES`] entries.
    TableLength { entries: u32 },
    /// `score_min` is above `score_max`.
    ScoreRangeInverted,
    /// An entry of the table is outside of `score_min..=score_max`.
    TableOutOfRange { entry: u8 },
    /// The table turns against its orientation at this entry.
    TableTurns { entry: u8 },
}

impl fmt::Display for ArtifactFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoFeatures
            | Self::TooManyFeatures { .. }
            | Self::BoundsInverted { .. }
            | Self::FallbackOutOfBounds { .. }
            | Self::FeatureMultiplierNotPositive { .. }
            | Self::FeatureShiftTooLarge { .. } => self.write_features(f),
            Self::OutputNotSingle { .. }
            | Self::TableLength { .. }
            | Self::ScoreRangeInverted
            | Self::TableOutOfRange { .. }
            | Self::TableTurns { .. } => self.write_output(f),
            _ => self.write_layers(f),
        }
    }
}

impl ArtifactFault {
    fn write_features(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooManyFeatures { count } => {
                write!(f, "{count} features; at most {MAX_FEATURES} are allowed")
            }
            Self::BoundsInverted { feature } => {
                write!(f, "features[{feature}]: lower is above upper")
            }
            Self::FallbackOutOfBounds { feature } => {
                write!(f, "features[{feature}]: fallback is outside of lower..=upper")
            }
            Self::FeatureMultiplierNotPositive { feature } => {
                write!(f, "features[{feature}]: multiplier is not positive")
            }
            Self::FeatureShiftTooLarge { feature } => {
                write!(f, "features[{feature}]: shift is above {MAX_SHIFT}")
            }
            _ => write!(f, "no features; at least one is needed"),
        }
    }

    fn write_layers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooManyLayers { count } => write!(
                f,
                "{count} layers, with those within branches; at most {MAX_LAYERS} are allowed"
            ),
            Self::NoUnits { at } => write!(f, "{at}: the layer has no outputs"),
            Self::TooManyUnits { at, units } => {
                write!(f, "{at}: {units} outputs; at most {MAX_UNITS} are allowed")
            }
            Self::TooManyWeights { at, count } => {
                write!(f, "{at}: {count} weights up to here; at most {MAX_WEIGHTS} are allowed")
            }
            Self::InputMismatch { at, takes, given } => {
                write!(f, "{at}: takes {takes} inputs but is given {given}")
            }
            Self::KernelDoesNotFit { at } => {
                write!(f, "{at}: the kernel is empty or longer than a channel")
            }
            Self::NoStride { at } => write!(f, "{at}: the stride is 0"),
            Self::WeightCountMismatch { at, needed, given } => {
                write!(f, "{at}: {given} weights where the shape needs {needed}")
            }
            Self::ParameterCountMismatch { at, needed } => {
                write!(f, "{at}: {needed} biases, multipliers and shifts are needed")
            }
            Self::MultiplierNotPositive { at, output } => {
                write!(f, "{at}: multiplier[{output}] is not positive")
            }
            Self::ShiftTooLarge { at, output } => {
                write!(f, "{at}: shift[{output}] is above {MAX_SHIFT}")
            }
            Self::AccumulatorOverflow { at, output } => {
                write!(f, "{at}: the sum of output {output} could leave 32 bits for some input")
            }
            Self::PositionOutOfRange { at, position, inputs } => {
                write!(f, "{at}: position {position} is selected out of {inputs} inputs")
            }
            _ => write!(f, "no layers; at least one is needed"),
        }
    }

    fn write_output(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OutputNotSingle { units } => {
                write!(f, "the last layer has {units} outputs; it must have one")
            }
            Self::TableLength { entries } => {
                write!(f, "the table has {entries} entries; it must have {TABLE_ENTRIES}")
            }
            Self::TableOutOfRange { entry } => {
                write!(f, "table[{entry}] is outside of score_min..=score_max")
            }
            Self::TableTurns { entry } => {
                write!(f, "table[{entry}] turns against the orientation of the scores")
            }
            _ => write!(f, "score_min is above score_max"),
        }
    }
}

impl core::error::Error for ArtifactFault {}

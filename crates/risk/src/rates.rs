//! Bad rates of levels and packs, from a histogram by score (rules, section 5).
//!
//! All comparisons are exact: a rate is a sum of fractions that is rounded up once, at its end.

use crate::{
    artifact::Orientation,
    grading::Levels,
    rates::{ladder::Ladder, tally::Tally},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

mod calibration;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod exact;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod histogram;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub(crate) mod ladder;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub(crate) mod tally;
#[cfg(test)]
mod tests;

pub use calibration::{Calibration, CalibrationEntry, CalibrationFault};
pub use histogram::{Bin, Histogram};

/// Most score values of a histogram: as many as a contract has outputs.
pub const MAX_SCORES: usize = 255;
/// Total balance, in minor units, that a pack must stay under.
pub const BALANCE_LIMIT: u128 = 1 << 95;

/// What a share or a rate is a share of.
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
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Basis {
    /// The number of assets.
    Count,
    /// The assets' outstanding balance.
    Balance,
}

/// What an asset adds to a bad rate.
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
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Method {
    /// One when it is bad.
    Observed,
    /// The share of the training loans of its score value that defaulted.
    Calibrated,
}

/// How the levels' rates make the pack's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Weights {
    /// By the levels' shares: the pack's own bad share.
    Share,
    /// One weight in ppb for each level from level 1: above 0, never falling with risk, 10^9 in all.
    Fixed(Vec<u64>),
}

/// How bad rates are computed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RateOptions {
    pub basis: Basis,
    pub method: Method,
    pub weights: Weights,
}

/// Why no rates can be computed.
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
pub enum RateFault {
    /// There are no assets, or none with a balance on a balance basis.
    Empty,
    /// The total balance reaches [`BALANCE_LIMIT`].
    BalanceTooLarge,
    /// There are more than [`MAX_SCORES`] score values.
    TooManyScores,
    /// A score value has more that is bad than there is.
    BinInconsistent,
    /// A score is in no level.
    ScoreOutsideLevels,
    /// There is not one weight for each level.
    WeightCount,
    /// A weight is 0.
    WeightZero,
    /// A weight falls with risk.
    WeightsFalling,
    /// The weights do not sum to 10^9.
    WeightSum,
    /// Calibrated rates need a calibration with data.
    CalibrationMissing,
    /// The calibration contradicts itself.
    Calibration(CalibrationFault),
}

impl fmt::Display for RateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pack has no scored assets with a balance",
            Self::BalanceTooLarge => "the pack's balance is too large to compute with",
            Self::TooManyScores => "the pack has more than 255 score values",
            Self::BinInconsistent => "a score value has more bad assets than assets",
            Self::ScoreOutsideLevels => "a score is in no level of the scale",
            Self::WeightCount => "there must be one weight for each level",
            Self::WeightZero => "each weight must be above 0",
            Self::WeightsFalling => "a riskier level must not weigh less than a safer one",
            Self::WeightSum => "the weights must sum to 1",
            Self::CalibrationMissing => "the contract has no calibration data",
            Self::Calibration(fault) => return fault.fmt(f),
        })
    }
}

/// One level of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LevelRow {
    /// 1.. from the lowest score upward.
    pub level: u8,
    pub score_from: u16,
    /// Inclusive.
    pub score_to: u16,
    pub count: u64,
    /// Minor units, as is the bad balance.
    pub balance: u128,
    pub bad_count: u64,
    pub bad_balance: u128,
    /// Rounded up; none where the level holds nothing.
    pub bad_rate_ppb: Option<u64>,
}

/// All levels of a pack, from level 1, and the pack's rate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LevelTable {
    pub rows: Vec<LevelRow>,
    /// Rounded up.
    pub bad_rate_ppb: u64,
}

impl LevelTable {
    /// The table of the assets in `histogram` (rules, section 5). Calibrated rates need
    /// `calibration`.
    pub fn new(
        histogram: &Histogram,
        levels: &Levels,
        options: &RateOptions,
        orientation: Orientation,
        calibration: Option<&Calibration>,
    ) -> Result<Self, RateFault> {
        let ladder = Ladder::new(histogram, levels, options, orientation, calibration)?;
        let tally = Tally::full(&ladder);
        let mut rows: Vec<LevelRow> = (1_u8..=u8::MAX)
            .zip(levels.bounds())
            .enumerate()
            .map(|(position, (level, (score_from, score_to)))| LevelRow {
                level,
                score_from,
                score_to,
                count: 0,
                balance: 0,
                bad_count: 0,
                bad_balance: 0,
                bad_rate_ppb: tally.level_rate_ppb(position),
            })
            .collect();
        for (score, bin) in histogram.entries() {
            let position = levels.of(*score).map_or(0, |level| level.saturating_sub(1));
            if let Some(row) = rows.get_mut(usize::from(position)) {
                row.count = row.count.saturating_add(bin.count);
                row.balance = row.balance.saturating_add(bin.balance);
                row.bad_count = row.bad_count.saturating_add(bin.bad_count);
                row.bad_balance = row.bad_balance.saturating_add(bin.bad_balance);
            }
        }
        Ok(LevelTable { rows, bad_rate_ppb: tally.rate_ppb().ok_or(RateFault::Empty)? })
    }
}

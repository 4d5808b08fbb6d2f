//! What is watched after issue: shares of risky levels, their trend, shifts, migrations (rules,
//! section 8). Histories and levels are in order, the oldest and the lowest score first.

use crate::{
    artifact::Orientation,
    ratio::{ratio_up_ppb, PPB},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod logarithm;
#[cfg(test)]
mod tests;

use logarithm::{ln, ONE};

/// A shift that calls for a measure.
pub const PSI_ALERT_PPB: u64 = 250_000_000;
/// A shift that is noted.
pub const PSI_NOTE_PPB: u64 = 100_000_000;
/// Most assessments that a trend looks back on.
pub const MAX_FIT: usize = 1_000;
/// Shares under one in so many count as that much.
const SHARE_FLOOR_PARTS: u128 = 10_000;

/// The share of assets or balance (`units_by_level`, from level 1) in the `riskiest` riskiest levels,
/// rounded up. None when there are none, or more than `u128` holds.
pub fn top_share_ppb(
    units_by_level: &[u128],
    riskiest: usize,
    orientation: Orientation,
) -> Option<u64> {
    let sum =
        |levels: &[u128]| levels.iter().try_fold(0_u128, |sum, units| sum.checked_add(*units));
    let count = riskiest.min(units_by_level.len());
    let top = match orientation {
        Orientation::HigherIsRiskier => {
            units_by_level.get(units_by_level.len().saturating_sub(count)..)?
        }
        Orientation::LowerIsRiskier => units_by_level.get(..count)?,
    };
    ratio_up_ppb(sum(top)?, sum(units_by_level)?)
}

/// Whether the share rose in each of the last `assessments`.
pub fn is_rising(shares_ppb: &[u64], assessments: usize) -> bool {
    let compared = assessments.saturating_add(1);
    let Some(start) = shares_ppb.len().checked_sub(compared) else {
        return false;
    };
    assessments > 0
        && shares_ppb
            .get(start..)
            .is_some_and(|last| last.is_sorted_by(|before, after| before < after))
}

/// In how many periods (1..) the least-squares line through the last `fit_over` shares first goes
/// over the limit. None when it does not rise, when there are fewer than two shares, or when it
/// takes more than `within` periods. `fit_over` counts at most [`MAX_FIT`].
pub fn periods_to_breach(
    shares_ppb: &[u64],
    fit_over: usize,
    limit_ppb: u64,
    within: u32,
) -> Option<u32> {
    let fitted = fit_over.min(MAX_FIT);
    let shares = shares_ppb.get(shares_ppb.len().saturating_sub(fitted)..)?;
    let count = i128::try_from(shares.len()).ok()?;
    let (mut sum_x, mut sum_xx, mut sum_y, mut sum_xy) = (0_i128, 0_i128, 0_i128, 0_i128);
    for (x, y) in (0_i128..).zip(shares) {
        let y = i128::from(*y);
        sum_x = sum_x.checked_add(x)?;
        sum_xx = sum_xx.checked_add(x.checked_mul(x)?)?;
        sum_y = sum_y.checked_add(y)?;
        sum_xy = sum_xy.checked_add(x.checked_mul(y)?)?;
    }
    // The line rises by rise / run a period and is over the limit at x where
    // rise * count * x > (limit * count - sum_y) * run + rise * sum_x.
    let rise = count.checked_mul(sum_xy)?.checked_sub(sum_x.checked_mul(sum_y)?)?;
    let run = count.checked_mul(sum_xx)?.checked_sub(sum_x.checked_mul(sum_x)?)?;
    if rise <= 0 || run <= 0 {
        return None;
    }
    let missing = i128::from(limit_ppb).checked_mul(count)?.checked_sub(sum_y)?.checked_mul(run)?;
    let bound = missing.checked_add(rise.checked_mul(sum_x)?)?;
    let crossing = bound.checked_div_euclid(rise.checked_mul(count)?)?.checked_add(1)?;
    let periods = crossing.checked_sub(count.checked_sub(1)?)?.max(1);
    u32::try_from(periods).ok().filter(|periods| *periods <= within)
}

/// Population stability index of two distributions over the same levels: `sum((a - e) * ln(a / e))`
/// of shares floored at 0.0001, in ppb. None when they have no levels, not the same number of them,
/// or when one of them is empty.
pub fn psi_ppb(expected: &[u64], actual: &[u64]) -> Option<u64> {
    if expected.is_empty() || expected.len() != actual.len() {
        return None;
    }
    let sum = |counts: &[u64]| counts.iter().map(|count| u128::from(*count)).sum::<u128>();
    let (all_expected, all_actual) = (sum(expected), sum(actual));
    let mut psi = 0_i128;
    for (expected, actual) in expected.iter().zip(actual) {
        let expected = floored_share(*expected, all_expected)?;
        let actual = floored_share(*actual, all_actual)?;
        let logarithm = ln(actual)?.checked_sub(ln(expected)?)?;
        let term = actual.checked_sub(expected)?.checked_mul(logarithm)?.checked_div(ONE)?;
        psi = psi.checked_add(term)?;
    }
    let scaled = psi.checked_mul(i128::from(PPB))?.checked_add(ONE.checked_div(2)?)?;
    u64::try_from(scaled.checked_div(ONE)?).ok()
}

/// A share in units of `1 / ONE`.
fn floored_share(count: u64, all: u128) -> Option<i128> {
    let one = u128::try_from(ONE).ok()?;
    let share = u128::from(count).checked_mul(one)?.checked_div(all)?;
    i128::try_from(share.max(one.checked_div(SHARE_FLOOR_PARTS)?)).ok()
}

/// Where an asset is at the later of two assessments.
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
pub enum Fate {
    /// In that level, 1...
    Level(u8),
    Defaulted,
    /// Not in the pack any more: repaid, replaced, or without a score.
    Left,
}

/// Assets by level at one assessment and by fate at a later one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MigrationMatrix {
    levels: u8,
    /// Row by row; the columns of a row are the levels, *defaulted* and *left*.
    counts: Vec<u64>,
}

impl MigrationMatrix {
    /// No assets yet.
    pub fn new(levels: u8) -> Self {
        let cells = usize::from(levels).saturating_mul(columns(levels));
        MigrationMatrix { levels, counts: alloc::vec![0; cells] }
    }

    /// Counts an asset that was in level `from`. False, and nothing counted, when a level does not
    /// exist.
    pub fn add(&mut self, from: u8, fate: Fate) -> bool {
        let levels = usize::from(self.levels);
        let column = match fate {
            Fate::Level(level) => usize::from(level).checked_sub(1).filter(|at| *at < levels),
            Fate::Defaulted => Some(levels),
            Fate::Left => levels.checked_add(1),
        };
        let row = usize::from(from).checked_sub(1).filter(|row| *row < levels);
        let cell = row.zip(column).and_then(|(row, column)| {
            let position = row.checked_mul(columns(self.levels))?.checked_add(column)?;
            self.counts.get_mut(position)
        });
        match cell {
            Some(count) => {
                *count = count.saturating_add(1);
                true
            }
            None => false,
        }
    }

    /// One row for each level from level 1: counts by level, then *defaulted*, then *left*.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks(columns(self.levels))
    }
}

fn columns(levels: u8) -> usize {
    usize::from(levels).saturating_add(2)
}

/// Counts from level to level for assets given as (level before, fate); none when a level is not in
/// `1..=levels`.
pub fn migration_matrix(
    levels: u8,
    assets: impl IntoIterator<Item = (u8, Fate)>,
) -> Option<MigrationMatrix> {
    let mut matrix = MigrationMatrix::new(levels);
    assets.into_iter().all(|(from, fate)| matrix.add(from, fate)).then_some(matrix)
}

//! What the training loans tell of each score value (rules, sections 3 and 5).

use super::MAX_SCORES;
use crate::artifact::Orientation;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// The training loans of one score value.
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
pub struct CalibrationEntry {
    pub score: u16,
    /// Loans that had the score.
    pub total: u32,
    /// How many of them defaulted.
    pub defaulted: u32,
}

/// For each score value, ascending, how many training loans had it and how many defaulted. Empty
/// where a contract has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Calibration {
    pub entries: Vec<CalibrationEntry>,
}

/// What is wrong with a calibration.
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
pub enum CalibrationFault {
    /// There are more than [`MAX_SCORES`] entries.
    TooManyEntries,
    /// The scores do not strictly ascend.
    ScoresNotAscending,
    /// More loans defaulted than there were.
    DefaultedAboveTotal,
}

impl fmt::Display for CalibrationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyEntries => "the calibration has more than 255 scores",
            Self::ScoresNotAscending => "the scores of the calibration must ascend",
            Self::DefaultedAboveTotal => "the calibration has more defaulted loans than loans",
        })
    }
}

impl Calibration {
    /// Whether the entries make sense. An empty calibration does.
    pub fn check(&self) -> Result<(), CalibrationFault> {
        if self.entries.len() > MAX_SCORES {
            return Err(CalibrationFault::TooManyEntries);
        }
        if !self.entries.is_sorted_by(|a, b| a.score < b.score) {
            return Err(CalibrationFault::ScoresNotAscending);
        }
        if self.entries.iter().any(|entry| entry.defaulted > entry.total) {
            return Err(CalibrationFault::DefaultedAboveTotal);
        }
        Ok(())
    }

    /// The entry with data nearest to a score, the riskier one at a tie (rules, section 5). None
    /// when no entry has data.
    pub fn nearest(&self, score: u16, orientation: Orientation) -> Option<&CalibrationEntry> {
        self.entries.iter().filter(|entry| entry.total > 0).min_by_key(|entry| {
            let is_safer = match orientation {
                Orientation::HigherIsRiskier => entry.score < score,
                Orientation::LowerIsRiskier => entry.score > score,
            };
            (entry.score.abs_diff(score), is_safer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration(entries: &[(u16, u32, u32)]) -> Calibration {
        let entry = |(score, total, defaulted): &(u16, u32, u32)| CalibrationEntry {
            score: *score,
            total: *total,
            defaulted: *defaulted,
        };
        Calibration { entries: entries.iter().map(entry).collect() }
    }

    #[test]
    fn should_take_the_nearest_score_with_data_when_a_score_has_none() {
        let calibration = calibration(&[(10, 5, 1), (20, 0, 0), (23, 8, 2), (40, 9, 9)]);
        let nearest = |score| {
            calibration.nearest(score, Orientation::HigherIsRiskier).map(|entry| entry.score)
        };
        assert_eq!(nearest(1), Some(10));
        assert_eq!(nearest(10), Some(10));
        assert_eq!(nearest(20), Some(23));
        assert_eq!(nearest(31), Some(23));
        assert_eq!(nearest(32), Some(40));
        assert_eq!(nearest(99), Some(40));
    }

    #[test]
    fn should_take_the_riskier_score_when_two_are_as_near() {
        let calibration = calibration(&[(10, 5, 1), (20, 5, 2)]);
        let nearest = |orientation| calibration.nearest(15, orientation).map(|entry| entry.score);
        assert_eq!(nearest(Orientation::HigherIsRiskier), Some(20));
        assert_eq!(nearest(Orientation::LowerIsRiskier), Some(10));
    }

    #[test]
    fn should_find_nothing_when_no_score_has_data() {
        let calibration = calibration(&[(10, 0, 0)]);
        assert_eq!(calibration.nearest(10, Orientation::HigherIsRiskier), None);
    }

    #[test]
    fn should_refuse_when_there_are_too_many_entries() {
        let entries: Vec<_> = (0..=255).map(|score| (score, 1, 0)).collect();
        assert_eq!(calibration(&entries).check(), Err(CalibrationFault::TooManyEntries));
        assert_eq!(calibration(&entries[1..]).check(), Ok(()));
    }

    #[test]
    fn should_refuse_when_scores_do_not_ascend() {
        let refused = calibration(&[(10, 5, 1), (10, 5, 1)]).check();
        assert_eq!(refused, Err(CalibrationFault::ScoresNotAscending));
    }

    #[test]
    fn should_refuse_when_more_defaulted_than_there_were() {
        let refused = calibration(&[(10, 5, 6)]).check();
        assert_eq!(refused, Err(CalibrationFault::DefaultedAboveTotal));
    }
}

//! Grades: a scale cuts the range of scores into levels (rules, section 4).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Most levels of a scale: finer ones no reader can tell apart.
pub const MAX_LEVELS: usize = 100;

/// How the range of scores is cut into levels, numbered 1.. from the lowest score upward.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Scale {
    /// The highest score of each level, ascending; the last is the highest of the range.
    Fixed(Vec<u16>),
    /// So many levels of equal width over the contract's range.
    EqualWidth(u8),
    /// So many levels of equal width over the pack's own lowest to highest score; a narrow pack
    /// leaves some of them without a score.
    Observed(u8),
}

/// What is wrong with a scale.
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
pub enum ScaleFault {
    /// The scale has no level.
    NoLevels,
    /// There are more than [`MAX_LEVELS`] levels.
    TooManyLevels,
    /// There are more levels than scores in the range.
    MoreLevelsThanScores,
    /// The upper bounds do not strictly ascend.
    BoundsNotAscending,
    /// An upper bound is outside the range, or the last one is not its end.
    BoundsOutsideRange,
    /// The lowest score of the range is above the highest.
    RangeInvalid,
    /// There are no observed scores, or some outside the range.
    ObservedInvalid,
}

impl fmt::Display for ScaleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoLevels => "the scale has no levels",
            Self::TooManyLevels => "the scale has more than 100 levels",
            Self::MoreLevelsThanScores => "the scale has more levels than there are scores",
            Self::BoundsNotAscending => "the upper bounds of the scale must ascend",
            Self::BoundsOutsideRange => "the last upper bound must be the highest score",
            Self::RangeInvalid => "the lowest score is above the highest",
            Self::ObservedInvalid => "the pack has no scores within the contract's range",
        })
    }
}

/// A scale resolved to scores.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Levels {
    score_min: u16,
    /// One past the highest score of each level; equal to the level's first score when it has none.
    ends: Vec<u32>,
}

impl Levels {
    /// Cuts the range `score_min..=score_max` by `scale`; `observed` is the pack's lowest and
    /// highest score, which only [`Scale::Observed`] needs.
    pub fn resolve(
        scale: &Scale,
        score_min: u16,
        score_max: u16,
        observed: Option<(u16, u16)>,
    ) -> Result<Self, ScaleFault> {
        if score_min > score_max {
            return Err(ScaleFault::RangeInvalid);
        }
        match scale {
            Scale::Fixed(upper_bounds) => fixed(upper_bounds, score_min, score_max),
            Scale::EqualWidth(levels) => {
                let scores = u32::from(score_max.saturating_sub(score_min)).saturating_add(1);
                if u32::from(*levels) > scores {
                    return Err(ScaleFault::MoreLevelsThanScores);
                }
                equal_width(*levels, score_min, score_max)
            }
            Scale::Observed(levels) => {
                let (low, high) = observed.ok_or(ScaleFault::ObservedInvalid)?;
                if low > high || low < score_min || high > score_max {
                    return Err(ScaleFault::ObservedInvalid);
                }
                equal_width(*levels, low, high)
            }
        }
    }

    /// The level (1..) of a score; none outside the range that was cut.
    pub fn of(&self, score: u16) -> Option<u8> {
        if score < self.score_min {
            return None;
        }
        let below = self.ends.partition_point(|end| *end <= u32::from(score));
        if below >= self.ends.len() {
            return None;
        }
        u8::try_from(below).ok()?.checked_add(1)
    }

    /// Number of levels.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Lowest and highest score of each level, from level 1 upward. A level without scores has its
    /// lowest above its highest.
    pub fn bounds(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        let starts = core::iter::once(u32::from(self.score_min)).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| {
            let score = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
            (score(start), score(end.saturating_sub(1)))
        })
    }
}

fn check_count(levels: usize) -> Result<(), ScaleFault> {
    match levels {
        0 => Err(ScaleFault::NoLevels),
        1..=MAX_LEVELS => Ok(()),
        _ => Err(ScaleFault::TooManyLevels),
    }
}

fn fixed(upper_bounds: &[u16], score_min: u16, score_max: u16) -> Result<Levels, ScaleFault> {
    check_count(upper_bounds.len())?;
    if !upper_bounds.is_sorted_by(|a, b| a < b) {
        return Err(ScaleFault::BoundsNotAscending);
    }
    if upper_bounds.first() < Some(&score_min) || upper_bounds.last() != Some(&score_max) {
        return Err(ScaleFault::BoundsOutsideRange);
    }
    let ends = upper_bounds.iter().map(|bound| u32::from(*bound).saturating_add(1)).collect();
    Ok(Levels { score_min, ends })
}

/// Level `i` ends before `low + i * (high - low + 1) / levels`.
fn equal_width(levels: u8, low: u16, high: u16) -> Result<Levels, ScaleFault> {
    check_count(usize::from(levels))?;
    let scores = u32::from(high.saturating_sub(low)).saturating_add(1);
    let ends = (1..=u32::from(levels))
        .map(|level| {
            let width = level.saturating_mul(scores).checked_div(u32::from(levels)).unwrap_or(0);
            u32::from(low).saturating_add(width)
        })
        .collect();
    Ok(Levels { score_min: low, ends })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bounds(levels: &Levels) -> Vec<(u16, u16)> {
        levels.bounds().collect()
    }

    #[test]
    fn should_put_10_in_level_1_and_11_in_level_2_when_100_scores_make_10_levels() {
        let levels = Levels::resolve(&Scale::EqualWidth(10), 1, 100, None).expect("valid");
        assert_eq!(levels.count(), 10);
        assert_eq!(bounds(&levels)[..3], [(1, 10), (11, 20), (21, 30)]);
        assert_eq!(bounds(&levels)[9], (91, 100));
        assert_eq!((levels.of(1), levels.of(10)), (Some(1), Some(1)));
        assert_eq!((levels.of(11), levels.of(100)), (Some(2), Some(10)));
        assert_eq!((levels.of(0), levels.of(101)), (None, None));
    }

    #[test]
    fn should_follow_the_bounds_when_the_scale_is_fixed() {
        let scale = Scale::Fixed(alloc::vec![579, 669, 850]);
        let levels = Levels::resolve(&scale, 300, 850, None).expect("valid");
        assert_eq!(bounds(&levels), [(300, 579), (580, 669), (670, 850)]);
        assert_eq!((levels.of(579), levels.of(580), levels.of(850)), (Some(1), Some(2), Some(3)));
    }

    #[test]
    fn should_cut_the_packs_own_range_when_the_scale_is_observed() {
        let levels = Levels::resolve(&Scale::Observed(3), 1, 100, Some((13, 93))).expect("valid");
        assert_eq!(bounds(&levels), [(13, 39), (40, 66), (67, 93)]);
        assert_eq!((levels.of(12), levels.of(94)), (None, None));
    }

    #[test]
    fn should_leave_levels_without_scores_when_the_observed_range_is_narrow() {
        let levels = Levels::resolve(&Scale::Observed(3), 0, 100, Some((0, 0))).expect("valid");
        assert_eq!(levels.of(0), Some(3));
        let levels = Levels::resolve(&Scale::Observed(4), 0, 100, Some((50, 51))).expect("valid");
        assert_eq!((levels.of(50), levels.of(51)), (Some(2), Some(4)));
    }

    #[test]
    fn should_reach_the_last_score_when_the_range_is_the_widest() {
        let levels = Levels::resolve(&Scale::EqualWidth(100), 0, u16::MAX, None).expect("valid");
        assert_eq!(levels.of(u16::MAX), Some(100));
        assert_eq!(levels.of(0), Some(1));
    }

    #[test]
    fn should_refuse_when_there_are_no_levels() {
        for scale in [Scale::Fixed(Vec::new()), Scale::EqualWidth(0), Scale::Observed(0)] {
            let refused = Levels::resolve(&scale, 1, 100, Some((1, 100)));
            assert_eq!(refused, Err(ScaleFault::NoLevels));
        }
    }

    #[test]
    fn should_refuse_when_there_are_too_many_levels() {
        let scale = Scale::Fixed((1..=101).collect());
        assert_eq!(Levels::resolve(&scale, 1, 101, None), Err(ScaleFault::TooManyLevels));
        let scale = Scale::EqualWidth(101);
        assert_eq!(Levels::resolve(&scale, 1, 1_000, None), Err(ScaleFault::TooManyLevels));
    }

    #[test]
    fn should_refuse_when_there_are_more_levels_than_scores() {
        let refused = Levels::resolve(&Scale::EqualWidth(6), 1, 5, None);
        assert_eq!(refused, Err(ScaleFault::MoreLevelsThanScores));
    }

    #[test]
    fn should_refuse_when_the_bounds_do_not_ascend() {
        let scale = Scale::Fixed(alloc::vec![10, 10, 100]);
        assert_eq!(Levels::resolve(&scale, 1, 100, None), Err(ScaleFault::BoundsNotAscending));
    }

    #[test]
    fn should_refuse_when_the_bounds_leave_the_range() {
        for bounds in [alloc::vec![10, 99], alloc::vec![10, 101], alloc::vec![0, 100]] {
            let refused = Levels::resolve(&Scale::Fixed(bounds), 1, 100, None);
            assert_eq!(refused, Err(ScaleFault::BoundsOutsideRange));
        }
    }

    #[test]
    fn should_refuse_when_the_range_is_reversed() {
        let refused = Levels::resolve(&Scale::EqualWidth(1), 2, 1, None);
        assert_eq!(refused, Err(ScaleFault::RangeInvalid));
    }

    #[test]
    fn should_refuse_when_the_observed_range_is_missing_or_outside() {
        for observed in [None, Some((0, 50)), Some((50, 101)), Some((51, 50))] {
            let refused = Levels::resolve(&Scale::Observed(2), 1, 100, observed);
            assert_eq!(refused, Err(ScaleFault::ObservedInvalid));
        }
    }

    proptest! {
        #[test]
        fn should_agree_with_the_formula_when_widths_are_equal(
            low in 0_u16..=1_000, scores in 100_u16..=1_000, levels in 1_u8..=100, offset: u16
        ) {
            let offset = offset % scores;
            let high = low + scores - 1;
            let resolved = Levels::resolve(&Scale::EqualWidth(levels), low, high, None).expect("valid");
            let end = |level: i64| {
                i64::from(low) + level * i64::from(scores) / i64::from(levels) - 1
            };
            let score = i64::from(low + offset);
            let expected = (1..=i64::from(levels)).find(|level| score <= end(*level));
            prop_assert_eq!(resolved.of(low + offset).map(i64::from), expected);
        }
    }
}

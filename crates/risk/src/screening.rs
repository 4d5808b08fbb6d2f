//! Screening: which assets leave so that the rest meets a target bad rate (rules, section 6).
//!
//! Nothing is sorted and no asset is held. A histogram by score tells where the target is crossed;
//! passes over the assets in index order settle the exact asset. In removal order the assets of one
//! score and class (bad, or not) follow each other, and a level loses its own in that order, so that
//! what is left of a level is told by one place in it.

use crate::{
    artifact::Orientation,
    grading::{Levels, Scale, ScaleFault},
    rates::{
        ladder::Ladder, Basis, Calibration, Histogram, LevelTable, Method, RateFault, RateOptions,
    },
    ratio::{ratio_up_ppb, PPB},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod cut;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
mod portions;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub(crate) mod prefixes;
#[cfg(test)]
mod tests;

use cut::Cut;
use portions::Portions;
use prefixes::Prefixes;

/// Most cuts that a screening by level may try: levels times steps.
pub const MAX_CUTS: u64 = 20_000;
/// The usual step of a screening by level: 1 %.
pub const DEFAULT_STEP_PPB: u32 = 10_000_000;

/// From where assets leave.
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
pub enum Mode {
    /// One by one in removal order.
    WholePack,
    /// The same portion of every level, raised by `step_ppb` at a time.
    PerLevel { step_ppb: u32 },
}

/// What a screening is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Request {
    pub scale: Scale,
    pub options: RateOptions,
    /// The bad rate to come down to, at most 10^9.
    pub target_ppb: u64,
    pub mode: Mode,
}

/// A scored asset of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    pub score: u16,
    /// Its obligor has a default on record, or the tape marks it.
    pub bad: bool,
    /// Outstanding, in minor units.
    pub balance: u128,
}

/// Why a screening fails. Nothing changes then.
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
pub enum ScreeningFault {
    /// The scale is invalid.
    Scale(ScaleFault),
    /// The bad rate can't be computed.
    Rates(RateFault),
    /// The target is above 10^9.
    TargetAboveOne,
    /// The step is 0 or above 10^9.
    StepOutOfRange,
    /// Levels times steps are more than [`MAX_CUTS`].
    StepTooFine,
    /// Only an empty pack would meet the target.
    TargetUnreachable,
    /// The survey has not seen all assets of the histogram.
    SurveyIncomplete,
}

impl fmt::Display for ScreeningFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scale(fault) => return fault.fmt(f),
            Self::Rates(fault) => return fault.fmt(f),
            Self::TargetAboveOne => "the target is above 100 %",
            Self::StepOutOfRange => "the step must be above 0 and at most 100 %",
            Self::StepTooFine => "levels times steps are more than 20,000",
            Self::TargetUnreachable => "only an empty pack would meet the target",
            Self::SurveyIncomplete => "the survey has not seen all assets",
        })
    }
}

/// What a screening waits for.
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
pub enum Phase {
    /// [`Screening::survey`] of every asset in index order, then [`Screening::settle`].
    Survey,
    /// [`Screening::mark`] of every asset in index order.
    Mark,
    /// Nothing: all assets are marked, or none leaves.
    Done,
}

/// Where the assets that leave end: the least risky score that loses any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CutScore {
    pub level: u8,
    pub score: u16,
    /// Assets at the score, and how many of them leave.
    pub count: u64,
    pub removed_count: u64,
}

/// What came of a screening.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Outcome {
    pub before: LevelTable,
    pub after: LevelTable,
    pub removed_count: u64,
    /// Minor units.
    pub removed_balance: u128,
    /// Of the assets, rounded up.
    pub removed_share_ppb: u64,
    /// Of the balance, rounded up; 0 when there is none.
    pub removed_balance_share_ppb: u64,
    /// The portion that left every level; none for the whole pack, or when nothing left.
    pub portion_ppb: Option<u64>,
    /// One for the whole pack, one for each level with assets when by level, none when nothing left.
    pub cuts: Vec<CutScore>,
}

/// Which assets leave.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
enum Cuts {
    Nothing,
    Pack(Cut),
    /// By level, from level 1.
    Levels(Vec<Option<Cut>>),
}

/// A screening under way: plain state that can be stored between passes. After a fault it is of no
/// further use, but where the survey was incomplete.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Screening {
    levels: Levels,
    options: RateOptions,
    orientation: Orientation,
    histogram: Histogram,
    /// Kept only where rates are calibrated.
    calibration: Option<Calibration>,
    target_ppb: u64,
    before: LevelTable,
    phase: Phase,
    /// While the survey lasts: the step, and the balances it asks for.
    survey: Option<(u32, Prefixes)>,
    portion_ppb: Option<u64>,
    cuts: Cuts,
    #[codec(compact)]
    count: u64,
    #[codec(compact)]
    marked: u64,
}

impl Screening {
    /// Begins to screen the assets of `histogram`, scored by a contract of that orientation and
    /// range. Calibrated rates need `calibration`.
    pub fn new(
        request: &Request,
        orientation: Orientation,
        score_min: u16,
        score_max: u16,
        histogram: &Histogram,
        calibration: Option<&Calibration>,
    ) -> Result<Self, ScreeningFault> {
        if request.target_ppb > PPB {
            return Err(ScreeningFault::TargetAboveOne);
        }
        // An observed scale of an empty pack is no fault of the scale.
        if histogram.entries().is_empty() {
            return Err(ScreeningFault::Rates(RateFault::Empty));
        }
        let levels = Levels::resolve(&request.scale, score_min, score_max, histogram.range())
            .map_err(ScreeningFault::Scale)?;
        if let Mode::PerLevel { step_ppb } = request.mode {
            portions::check(levels.count(), step_ppb)?;
        }
        let options = &request.options;
        let before = LevelTable::new(histogram, &levels, options, orientation, calibration)
            .map_err(ScreeningFault::Rates)?;
        let calibrated = options.method == Method::Calibrated;
        let mut screening = Screening {
            levels,
            options: options.clone(),
            orientation,
            histogram: histogram.clone(),
            calibration: calibration.filter(|_| calibrated).cloned(),
            target_ppb: request.target_ppb,
            before,
            phase: Phase::Done,
            survey: None,
            portion_ppb: None,
            cuts: Cuts::Nothing,
            count: histogram.total().count,
            marked: 0,
        };
        if screening.before.bad_rate_ppb > request.target_ppb {
            screening.plan(request.mode)?;
        }
        Ok(screening)
    }

    /// What comes next.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Takes the next asset of the first pass in.
    pub fn survey(&mut self, asset: &Asset) {
        if let Some((_, prefixes)) = &mut self.survey {
            prefixes.observe(asset);
        }
    }

    /// Ends the first pass: finds the smallest portion that meets the target. Does nothing when
    /// there is no survey.
    pub fn settle(&mut self) -> Result<(), ScreeningFault> {
        let Some((step_ppb, prefixes)) = self.survey.take() else {
            return Ok(());
        };
        if !prefixes.is_complete() {
            self.survey = Some((step_ppb, prefixes));
            return Err(ScreeningFault::SurveyIncomplete);
        }
        let ladder = self.ladder()?;
        self.take_portion(&Portions { ladder: &ladder, step_ppb, prefixes: Some(&prefixes) })
    }

    /// Whether the next asset of the second pass leaves. Of no use before the survey is settled.
    pub fn mark(&mut self, asset: &Asset) -> bool {
        if self.phase != Phase::Mark {
            return false;
        }
        self.marked = self.marked.saturating_add(1);
        if self.marked >= self.count {
            self.phase = Phase::Done;
        }
        match &mut self.cuts {
            Cuts::Nothing => false,
            Cuts::Pack(cut) => cut.take(self.orientation, asset),
            Cuts::Levels(cuts) => {
                let level = self.levels.of(asset.score).and_then(|level| level.checked_sub(1));
                let cut = level.and_then(|level| cuts.get_mut(usize::from(level)));
                cut.and_then(Option::as_mut).is_some_and(|cut| cut.take(self.orientation, asset))
            }
        }
    }

    /// What came of it, once all assets are marked.
    pub fn outcome(&self) -> Outcome {
        let kept = self.kept();
        let calibration = self.calibration.as_ref();
        let options = &self.options;
        // Only assets other than the histogram's can leave nothing to rate: they count as bad.
        let after = LevelTable::new(&kept, &self.levels, options, self.orientation, calibration)
            .unwrap_or(LevelTable { rows: Vec::new(), bad_rate_ppb: PPB });
        let (all, kept) = (self.histogram.total(), kept.total());
        let removed_count = all.count.saturating_sub(kept.count);
        let removed_balance = all.balance.saturating_sub(kept.balance);
        Outcome {
            before: self.before.clone(),
            after,
            removed_count,
            removed_balance,
            removed_share_ppb: ratio_up_ppb(removed_count.into(), all.count.into()).unwrap_or(0),
            removed_balance_share_ppb: ratio_up_ppb(removed_balance, all.balance).unwrap_or(0),
            portion_ppb: self.portion_ppb,
            cuts: self.cut_scores(),
        }
    }

    fn ladder(&self) -> Result<Ladder, ScreeningFault> {
        let calibration = self.calibration.as_ref();
        Ladder::new(&self.histogram, &self.levels, &self.options, self.orientation, calibration)
            .map_err(ScreeningFault::Rates)
    }

    fn plan(&mut self, mode: Mode) -> Result<(), ScreeningFault> {
        let ladder = self.ladder()?;
        match (mode, self.options.basis) {
            (Mode::WholePack, _) => {
                let cut = cut::of_pack(&ladder, self.target_ppb);
                self.cuts = Cuts::Pack(cut.ok_or(ScreeningFault::TargetUnreachable)?);
                self.phase = Phase::Mark;
                Ok(())
            }
            (Mode::PerLevel { step_ppb }, Basis::Count) => {
                self.take_portion(&Portions { ladder: &ladder, step_ppb, prefixes: None })
            }
            (Mode::PerLevel { step_ppb }, Basis::Balance) => {
                let portions = Portions { ladder: &ladder, step_ppb, prefixes: None };
                self.survey = Some((step_ppb, Prefixes::new(&ladder, portions.spots())));
                self.phase = Phase::Survey;
                Ok(())
            }
        }
    }

    fn take_portion(&mut self, portions: &Portions) -> Result<(), ScreeningFault> {
        let found = portions.smallest(self.target_ppb).ok_or(ScreeningFault::TargetUnreachable)?;
        self.portion_ppb = Some(found.portion_ppb);
        self.cuts = Cuts::Levels(found.cuts);
        self.phase = Phase::Mark;
        Ok(())
    }

    fn cut_for(&self, score: u16) -> Option<&Cut> {
        match &self.cuts {
            Cuts::Nothing => None,
            Cuts::Pack(cut) => Some(cut),
            Cuts::Levels(cuts) => {
                let level = self.levels.of(score)?.checked_sub(1)?;
                cuts.get(usize::from(level))?.as_ref()
            }
        }
    }

    /// The histogram of the assets that have not been marked as leaving.
    fn kept(&self) -> Histogram {
        let mut kept = Histogram::default();
        for (score, bin) in self.histogram.entries() {
            let left = match self.cut_for(*score) {
                Some(cut) => cut.left_of(self.orientation, *score, bin),
                None => *bin,
            };
            kept.add_bin(*score, &left);
        }
        kept
    }

    fn cut_scores(&self) -> Vec<CutScore> {
        let mut cuts = Vec::new();
        for (score, bin) in self.histogram.entries() {
            let cut = self.cut_for(*score).filter(|cut| cut.score == *score);
            if let Some((cut, level)) = cut.zip(self.levels.of(*score)) {
                let left = cut.left_of(self.orientation, *score, bin);
                let removed_count = bin.count.saturating_sub(left.count);
                cuts.push(CutScore { level, score: *score, count: bin.count, removed_count });
            }
        }
        cuts
    }
}

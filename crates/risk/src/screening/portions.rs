//! The same portion of every level, raised step by step.

use super::{
    cut::Cut,
    prefixes::{left_at, Prefixes},
    ScreeningFault, MAX_CUTS,
};
use crate::{
    rates::{
        ladder::{Ladder, Spot},
        tally::Tally,
        Basis,
    },
    ratio::PPB,
};
use alloc::vec::Vec;

/// Whether a screening may try that many cuts.
pub(super) fn check(levels: usize, step_ppb: u32) -> Result<(), ScreeningFault> {
    if step_ppb == 0 || u64::from(step_ppb) > PPB {
        return Err(ScreeningFault::StepOutOfRange);
    }
    let steps = PPB.div_ceil(u64::from(step_ppb));
    let cuts = u64::try_from(levels).ok().and_then(|levels| levels.checked_mul(steps));
    match cuts {
        Some(0..=MAX_CUTS) => Ok(()),
        _ => Err(ScreeningFault::StepTooFine),
    }
}

/// The portions to try.
pub(super) struct Portions<'a> {
    pub ladder: &'a Ladder,
    pub step_ppb: u32,
    /// What the survey found; needed on a balance basis only.
    pub prefixes: Option<&'a Prefixes>,
}

/// The smallest portion that meets the target.
pub(super) struct Found {
    pub portion_ppb: u64,
    /// By level, from level 1; none for a level without assets.
    pub cuts: Vec<Option<Cut>>,
}

impl Portions<'_> {
    /// Where each level is cut, for each portion.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        self.portions().flat_map(move |portion| {
            (0..self.ladder.spans.len()).filter_map(move |level| self.spot(level, portion))
        })
    }

    /// Tries one portion after the other. The whole of every level would leave nothing.
    pub fn smallest(&self, target_ppb: u64) -> Option<Found> {
        let mut tally = Tally::full(self.ladder);
        let levels = self.ladder.spans.len();
        let mut spots: Vec<Option<Spot>> = alloc::vec![None; levels];
        for portion_ppb in self.portions() {
            for (level, last) in spots.iter_mut().enumerate() {
                let spot = self.spot(level, portion_ppb);
                if let Some(at) = spot.filter(|_| *last != spot) {
                    let (bad, good) = left_at(self.ladder, at, self.prefixes);
                    tally.leave(level, at.rung, bad, good);
                    *last = spot;
                }
            }
            if tally.is_at_most(target_ppb) {
                let cuts = spots.iter().map(|spot| self.cut((*spot)?)).collect();
                return Some(Found { portion_ppb, cuts });
            }
        }
        None
    }

    fn portions(&self) -> impl Iterator<Item = u64> + '_ {
        let step = u64::from(self.step_ppb);
        (1..).map(move |number: u64| number.saturating_mul(step)).take_while(|ppb| *ppb < PPB)
    }

    /// The last asset of a level to leave with that portion, rounded up to whole assets.
    fn spot(&self, level: usize, portion_ppb: u64) -> Option<Spot> {
        let count = u128::from(self.ladder.level_count(level));
        let leaving = u128::from(portion_ppb).saturating_mul(count).div_ceil(u128::from(PPB));
        self.ladder.spot_in_level(level, u64::try_from(leaving).ok()?)
    }

    fn cut(&self, spot: Spot) -> Option<Cut> {
        let rung = self.ladder.rungs.get(spot.rung)?;
        Some(Cut::new(rung, spot.bad, Basis::Count, u128::from(spot.leaving)))
    }
}

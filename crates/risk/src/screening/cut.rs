//! Where the assets that leave end.

use super::Asset;
use crate::{
    artifact::Orientation,
    rates::{
        ladder::{Ladder, Rung},
        tally::Tally,
        Basis, Bin,
    },
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Everything that is riskier than one score and class leaves, and of that class, in index order,
/// as many as it takes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(super) struct Cut {
    pub score: u16,
    pub bad: bool,
    /// Assets of the class leave until they are so many, or so much, by the measure.
    pub measure: Basis,
    #[codec(compact)]
    pub limit: u128,
    #[codec(compact)]
    pub taken_count: u64,
    #[codec(compact)]
    pub taken_balance: u128,
}

/// Whether the first score is riskier than the second.
fn is_riskier(orientation: Orientation, score: u16, other: u16) -> bool {
    match orientation {
        Orientation::HigherIsRiskier => score > other,
        Orientation::LowerIsRiskier => score < other,
    }
}

impl Cut {
    pub fn new(rung: &Rung, bad: bool, measure: Basis, limit: u128) -> Self {
        Cut { score: rung.score, bad, measure, limit, taken_count: 0, taken_balance: 0 }
    }

    /// Whether the next asset in index order leaves.
    pub fn take(&mut self, orientation: Orientation, asset: &Asset) -> bool {
        if asset.score != self.score {
            return is_riskier(orientation, asset.score, self.score);
        }
        if asset.bad != self.bad {
            return asset.bad;
        }
        let taken = match self.measure {
            Basis::Count => u128::from(self.taken_count),
            Basis::Balance => self.taken_balance,
        };
        if taken >= self.limit {
            return false;
        }
        self.taken_count = self.taken_count.saturating_add(1);
        self.taken_balance = self.taken_balance.saturating_add(asset.balance);
        true
    }

    /// What is left of a score, when all of its assets have been offered to [`Self::take`].
    pub fn left_of(&self, orientation: Orientation, score: u16, bin: &Bin) -> Bin {
        if score != self.score {
            return if is_riskier(orientation, score, self.score) { Bin::default() } else { *bin };
        }
        let mut left = *bin;
        if !self.bad {
            left.count = left.count.saturating_sub(bin.bad_count);
            left.balance = left.balance.saturating_sub(bin.bad_balance);
            left.bad_count = 0;
            left.bad_balance = 0;
        } else {
            left.bad_count = left.bad_count.saturating_sub(self.taken_count);
            left.bad_balance = left.bad_balance.saturating_sub(self.taken_balance);
        }
        left.count = left.count.saturating_sub(self.taken_count);
        left.balance = left.balance.saturating_sub(self.taken_balance);
        left
    }
}

/// The first place in removal order at which the rest of the pack meets the target; none when only
/// an empty pack would. The pack as it is must be over the target.
///
/// Within one score and class every unit has the same rate, so the pack rate moves one way only and
/// a search by halves finds the place. Where the class is the last of its level, a level's own rate
/// stands still until it is gone with the last unit; where shares weigh, nothing jumps then.
pub(super) fn of_pack(ladder: &Ladder, target_ppb: u64) -> Option<Cut> {
    let mut tally = Tally::full(ladder);
    for (position, rung) in ladder.rungs.iter().enumerate() {
        for bad in [true, false] {
            let units = if bad { rung.bad } else { rung.good };
            let mut meets = |leaving: u128| {
                let left = units.saturating_sub(leaving);
                let (bad, good) = if bad { (left, rung.good) } else { (0, left) };
                tally.leave(rung.level, position, bad, good);
                tally.is_at_most(target_ppb)
            };
            if units > 0 && meets(units) {
                let (mut short, mut enough) = (0, units);
                while enough.saturating_sub(short) > 1 {
                    let middle = short.saturating_add(enough.saturating_sub(short) / 2);
                    if meets(middle) {
                        enough = middle;
                    } else {
                        short = middle;
                    }
                }
                return Some(Cut::new(rung, bad, ladder.basis, enough));
            }
        }
    }
    None
}

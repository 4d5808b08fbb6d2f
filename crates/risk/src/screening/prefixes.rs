//! Balances of the first so many assets of a score and class, in index order.

use super::Asset;
use crate::rates::ladder::{Ladder, Spot};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// A balance that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Point {
    /// Of how many assets of the class.
    #[codec(compact)]
    assets: u64,
    #[codec(compact)]
    balance: u128,
}

/// How far the pass has come in one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Cursor {
    #[codec(compact)]
    assets: u64,
    #[codec(compact)]
    balance: u128,
    /// Positions of the class's points: the first, the next to fill, one past the last.
    #[codec(compact)]
    start: u32,
    #[codec(compact)]
    next: u32,
    #[codec(compact)]
    end: u32,
}

/// The balances that a screening by portions, or a curve, will ask for; one pass over the assets in
/// index order fills them in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Prefixes {
    /// Ascending.
    scores: Vec<u16>,
    /// For each score its good and then its bad assets.
    cursors: Vec<Cursor>,
    points: Vec<Point>,
}

fn index(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

impl Prefixes {
    /// Asks for the balance of the assets that leave at each spot.
    pub fn new(ladder: &Ladder, spots: impl Iterator<Item = Spot>) -> Self {
        let mut scores: Vec<u16> = ladder.rungs.iter().map(|rung| rung.score).collect();
        scores.sort_unstable();
        let mut asked: Vec<(u16, bool, u64)> = spots
            .filter_map(|spot| {
                let rung = ladder.rungs.get(spot.rung)?;
                let class = if spot.bad {
                    rung.bin.bad_count
                } else {
                    rung.bin.count.saturating_sub(rung.bin.bad_count)
                };
                // The histogram has the balance of a whole class.
                (spot.leaving < class).then_some((rung.score, spot.bad, spot.leaving))
            })
            .collect();
        asked.sort_unstable();
        asked.dedup();
        let mut cursors = Vec::with_capacity(scores.len().saturating_mul(2));
        let mut start = 0_usize;
        for score in &scores {
            for bad in [false, true] {
                let end = asked.partition_point(|(at, class, _)| (at, class) <= (score, &bad));
                let narrow = |position| u32::try_from(position).unwrap_or(u32::MAX);
                let (first, past) = (narrow(start), narrow(end));
                cursors.push(Cursor { start: first, next: first, end: past, ..Cursor::default() });
                start = end;
            }
        }
        let points = asked.iter().map(|(_, _, assets)| Point { assets: *assets, balance: 0 });
        Prefixes { cursors, points: points.collect(), scores }
    }

    /// Takes the next asset in.
    pub fn observe(&mut self, asset: &Asset) {
        let class = self.class(asset.score, asset.bad);
        let Some(cursor) = class.and_then(|class| self.cursors.get_mut(class)) else {
            return;
        };
        if cursor.next >= cursor.end {
            return;
        }
        cursor.assets = cursor.assets.saturating_add(1);
        cursor.balance = cursor.balance.saturating_add(asset.balance);
        if let Some(point) = self.points.get_mut(index(cursor.next)) {
            if point.assets == cursor.assets {
                point.balance = cursor.balance;
                cursor.next = cursor.next.saturating_add(1);
            }
        }
    }

    /// Whether every balance that was asked for is there.
    pub fn is_complete(&self) -> bool {
        self.cursors.iter().all(|cursor| cursor.next >= cursor.end)
    }

    /// The balance of the first `assets` of a class; none when it was not asked for.
    pub fn balance(&self, score: u16, bad: bool, assets: u64) -> Option<u128> {
        let cursor = self.cursors.get(self.class(score, bad)?)?;
        let points = self.points.get(index(cursor.start)..index(cursor.end))?;
        let position = points.binary_search_by_key(&assets, |point| point.assets).ok()?;
        points.get(position).map(|point| point.balance)
    }

    fn class(&self, score: u16, bad: bool) -> Option<usize> {
        let position = self.scores.binary_search(&score).ok()?;
        position.checked_mul(2)?.checked_add(usize::from(bad))
    }
}

/// Units of the spot's rung that are left once its assets have left: bad ones, and good ones.
/// `prefixes` are needed on a balance basis only.
pub(crate) fn left_at(ladder: &Ladder, spot: Spot, prefixes: Option<&Prefixes>) -> (u128, u128) {
    let Some(rung) = ladder.rungs.get(spot.rung) else {
        return (0, 0);
    };
    let good_count = rung.bin.count.saturating_sub(rung.bin.bad_count);
    let (count, units) =
        if spot.bad { (rung.bin.bad_count, rung.bad) } else { (good_count, rung.good) };
    let gone = match prefixes {
        _ if spot.leaving >= count => units,
        None => u128::from(spot.leaving),
        Some(prefixes) => prefixes.balance(rung.score, spot.bad, spot.leaving).unwrap_or(0),
    };
    let left = units.saturating_sub(gone);
    if spot.bad {
        (left, rung.good)
    } else {
        (0, left)
    }
}

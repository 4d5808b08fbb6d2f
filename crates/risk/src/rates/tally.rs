//! The rate of what is left of a pack while its riskiest assets leave.

use super::{
    exact::WeightedSum,
    ladder::{Ladder, Span, Sum},
};
use crate::ratio::PPB;
use alloc::vec::Vec;

/// A rate, or a weighted sum of rates: within `low..=high` in units of 2^-64, over all `weight`.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    low: u128,
    high: u128,
    weight: u64,
}

impl Bounds {
    /// The rate of `sum`, weighted; nothing when it has no units.
    fn new(sum: &Sum, weight: u64) -> Bounds {
        let Some((low, exact)) = rate_in_64_bits(sum) else {
            return Bounds::default();
        };
        // What the fractions miss, divided by at least one unit, and what the division cut off.
        let slack = if exact { 0 } else { u128::from(sum.inexact).saturating_add(1) };
        let wide = u128::from(weight);
        Bounds {
            low: low.saturating_mul(wide),
            high: low.saturating_add(slack).saturating_mul(wide),
            weight,
        }
    }

    fn replace(&mut self, old: Bounds, new: Bounds) {
        self.low = self.low.saturating_add(new.low).saturating_sub(old.low);
        self.high = self.high.saturating_add(new.high).saturating_sub(old.high);
        self.weight = self.weight.saturating_add(new.weight).saturating_sub(old.weight);
    }

    /// Whether the rate is at most the target; none when the bounds leave it open.
    fn is_at_most(&self, target_ppb: u64) -> Option<bool> {
        let limit = u128::from(target_ppb).saturating_mul(u128::from(self.weight)) << 64;
        let ppb = u128::from(PPB);
        if self.high.saturating_mul(ppb) <= limit {
            Some(true)
        } else if self.low.saturating_mul(ppb) > limit {
            Some(false)
        } else {
            None
        }
    }

    /// The lowest and the highest that the rate can be when rounded up to ppb; none without weight.
    fn ppb(&self) -> Option<(u64, u64)> {
        let one = u128::from(self.weight) << 64;
        let round = |value: u128| {
            let scaled = value.saturating_mul(u128::from(PPB));
            let whole = scaled.checked_div(one)?;
            let more = u128::from(scaled.checked_rem(one)? != 0);
            u64::try_from(whole.saturating_add(more)).ok()
        };
        Some((round(self.low)?, round(self.high)?))
    }
}

/// `(whole + fraction / 2^64) / units` in units of 2^-64, rounded down, and whether it is exact.
fn rate_in_64_bits(sum: &Sum) -> Option<(u128, bool)> {
    let whole = sum.whole.saturating_add(sum.fraction >> 64);
    let mut rate = whole.checked_div(sum.units)?;
    let mut rest = whole.checked_rem(sum.units)?;
    // Units are under 2^95, so a rest has room for half of the fraction at a time.
    for half in [sum.fraction >> 32, sum.fraction] {
        let next = (rest << 32) | (half & u128::from(u32::MAX));
        rate = (rate << 32) | next.checked_div(sum.units)?;
        rest = next.checked_rem(sum.units)?;
    }
    Some((rate, rest == 0 && sum.inexact == 0))
}

/// What is left of a level: some of one rung, and all safer rungs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    /// Position of the rung; the end of the level's when nothing is left.
    from: usize,
    bad: u128,
    good: u128,
}

/// The levels of a pack, each less its riskiest assets.
pub(crate) struct Tally<'a> {
    ladder: &'a Ladder,
    lefts: Vec<Left>,
    sums: Vec<Sum>,
    /// Of the whole pack, where shares weigh.
    total: Sum,
    /// Of each level and of all together, where given weights do.
    parts: Vec<Bounds>,
    weighted: Bounds,
}

impl<'a> Tally<'a> {
    /// Nothing has left.
    pub fn full(ladder: &'a Ladder) -> Self {
        let mut tally = Tally {
            ladder,
            lefts: Vec::with_capacity(ladder.spans.len()),
            sums: alloc::vec![Sum::default(); ladder.spans.len()],
            total: Sum::default(),
            parts: alloc::vec![Bounds::default(); ladder.spans.len()],
            weighted: Bounds::default(),
        };
        for (level, span) in ladder.spans.iter().enumerate() {
            tally.lefts.push(Left { from: span.end, bad: 0, good: 0 });
            if let Some(rung) = ladder.rungs.get(span.start).filter(|_| span.start < span.end) {
                tally.leave(level, span.start, rung.bad, rung.good);
            }
        }
        tally
    }

    /// Leaves of a level these units of the rung at `from` and all of the safer rungs.
    pub fn leave(&mut self, level: usize, from: usize, bad: u128, good: u128) {
        let sum = match self.ladder.rungs.get(from).filter(|rung| rung.level == level) {
            Some(rung) => rung.below.plus(rung.sum(bad, good)),
            None => Sum::default(),
        };
        let (Some(left), Some(old)) = (self.lefts.get_mut(level), self.sums.get_mut(level)) else {
            return;
        };
        *left = Left { from, bad, good };
        let old = core::mem::replace(old, sum);
        match &self.ladder.weights {
            None => self.total = self.total.minus(old).plus(sum),
            Some(weights) => {
                let weight = weights.get(level).copied().unwrap_or(0);
                let new = Bounds::new(&sum, weight);
                if let Some(part) = self.parts.get_mut(level) {
                    self.weighted.replace(core::mem::replace(part, new), new);
                }
            }
        }
    }

    /// Leaves nothing of a level.
    pub fn empty(&mut self, level: usize) {
        let end = self.span(level).end;
        self.leave(level, end, 0, 0);
    }

    /// Whether the pack rate is at or under the target. Nothing left meets no target.
    pub fn is_at_most(&self, target_ppb: u64) -> bool {
        let bounds = self.bounds();
        bounds.weight > 0
            && bounds.is_at_most(target_ppb).unwrap_or_else(|| self.compare(target_ppb))
    }

    /// The pack rate, rounded up; none when nothing is left.
    pub fn rate_ppb(&self) -> Option<u64> {
        settle(self.bounds(), |target_ppb| self.compare(target_ppb))
    }

    /// The rate of a level (from 0), rounded up; none when nothing is left of it.
    pub fn level_rate_ppb(&self, level: usize) -> Option<u64> {
        let sum = self.sums.get(level)?;
        settle(Bounds::new(sum, 1), |target_ppb| {
            let mut exact = WeightedSum::default();
            exact.widen(sum.units);
            self.write_out(level, PPB, sum.units, &mut exact);
            exact.stays_within(u128::from(target_ppb))
        })
    }

    fn bounds(&self) -> Bounds {
        match self.ladder.weights {
            None => Bounds::new(&self.total, 1),
            Some(_) => self.weighted,
        }
    }

    /// [`Self::is_at_most`] where the bounds leave it open.
    fn compare(&self, target_ppb: u64) -> bool {
        let mut exact = WeightedSum::default();
        match &self.ladder.weights {
            None => {
                exact.widen(self.total.units);
                for level in 0..self.sums.len() {
                    self.write_out(level, PPB, self.total.units, &mut exact);
                }
            }
            Some(weights) => {
                for (level, (sum, weight)) in self.sums.iter().zip(weights).enumerate() {
                    if sum.units > 0 {
                        exact.widen(sum.units);
                        self.write_out(level, weight.saturating_mul(PPB), sum.units, &mut exact);
                    }
                }
            }
        }
        let weight = u128::from(self.bounds().weight);
        exact.stays_within(u128::from(target_ppb).saturating_mul(weight))
    }

    /// Adds the level's rate over `units`, as the fractions it is made of.
    fn write_out(&self, level: usize, weight: u64, units: u128, exact: &mut WeightedSum) {
        let Some(left) = self.lefts.get(level) else {
            return;
        };
        let rungs = self.ladder.rungs.get(left.from..self.span(level).end).unwrap_or_default();
        for (position, rung) in rungs.iter().enumerate() {
            let (bad, good) =
                if position == 0 { (left.bad, left.good) } else { (rung.bad, rung.good) };
            match rung.calibrated {
                None => exact.add(weight, bad, units, 1),
                Some((defaulted, total)) => {
                    let held = bad.saturating_add(good).saturating_mul(u128::from(defaulted));
                    exact.add(weight, held, units, u128::from(total));
                }
            }
        }
    }

    fn span(&self, level: usize) -> Span {
        self.ladder.spans.get(level).copied().unwrap_or_default()
    }
}

/// The lowest rate in ppb that is not too low.
fn settle(bounds: Bounds, is_at_most: impl Fn(u64) -> bool) -> Option<u64> {
    let (low, high) = bounds.ppb()?;
    Some((low..high).find(|rate| is_at_most(*rate)).unwrap_or(high))
}

//! A pack's score values in removal order, with what rates need of them.

use super::{
    Basis, Bin, Calibration, Histogram, Method, RateFault, RateOptions, Weights, BALANCE_LIMIT,
    MAX_SCORES,
};
use crate::{artifact::Orientation, grading::Levels, ratio::PPB};
use alloc::vec::Vec;

/// Units (assets or minor units, by the basis) and what of them is bad. The bad part is
/// `whole + fraction / 2^64`, and short of the truth by less than `inexact / 2^64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub units: u128,
    pub whole: u128,
    pub fraction: u128,
    pub inexact: u32,
}

impl Sum {
    pub fn plus(self, other: Sum) -> Sum {
        Sum {
            units: self.units.saturating_add(other.units),
            whole: self.whole.saturating_add(other.whole),
            fraction: self.fraction.saturating_add(other.fraction),
            inexact: self.inexact.saturating_add(other.inexact),
        }
    }

    pub fn minus(self, other: Sum) -> Sum {
        Sum {
            units: self.units.saturating_sub(other.units),
            whole: self.whole.saturating_sub(other.whole),
            fraction: self.fraction.saturating_sub(other.fraction),
            inexact: self.inexact.saturating_sub(other.inexact),
        }
    }
}

/// One score value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rung {
    pub score: u16,
    pub bin: Bin,
    /// Position of its level, from 0.
    pub level: usize,
    /// Assets of the pack that are removed before any of this score.
    pub before: u64,
    /// Units that are bad, and those that are not.
    pub bad: u128,
    pub good: u128,
    /// Defaulted and all training loans that stand for the score; none where rates are observed.
    pub calibrated: Option<(u32, u32)>,
    /// The level's safer rungs together.
    pub below: Sum,
}

impl Rung {
    /// What these units of the rung add.
    pub fn sum(&self, bad: u128, good: u128) -> Sum {
        let units = bad.saturating_add(good);
        let Some((defaulted, total)) = self.calibrated else {
            return Sum { units, whole: bad, fraction: 0, inexact: 0 };
        };
        // Under 2^127, for the units are under 2^95.
        let product = units.saturating_mul(u128::from(defaulted));
        let total = u128::from(total);
        let rest = product.checked_rem(total).unwrap_or(0) << 64;
        Sum {
            units,
            whole: product.checked_div(total).unwrap_or(0),
            fraction: rest.checked_div(total).unwrap_or(0),
            inexact: u32::from(rest.checked_rem(total).unwrap_or(0) != 0),
        }
    }
}

/// Where the rungs of a level begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
}

/// One asset's place in removal order: the last one that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Position of its rung.
    pub rung: usize,
    pub bad: bool,
    /// How many of its score and class leave, 1..: it is the last of them.
    pub leaving: u64,
}

/// A pack's score values, the riskiest first.
#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    pub rungs: Vec<Rung>,
    /// By level, from level 1.
    pub spans: Vec<Span>,
    /// By level; none when shares weigh.
    pub weights: Option<Vec<u64>>,
    pub basis: Basis,
}

impl Ladder {
    pub fn new(
        histogram: &Histogram,
        levels: &Levels,
        options: &RateOptions,
        orientation: Orientation,
        calibration: Option<&Calibration>,
    ) -> Result<Self, RateFault> {
        check_histogram(histogram, options.basis)?;
        let weights = match &options.weights {
            Weights::Share => None,
            Weights::Fixed(weights) => Some(weights.clone()),
        };
        if let Some(weights) = &weights {
            check_weights(weights, levels.count(), orientation)?;
        }
        let calibration = match options.method {
            Method::Observed => None,
            Method::Calibrated => Some(calibration.ok_or(RateFault::CalibrationMissing)?),
        };
        if let Some(calibration) = calibration {
            calibration.check().map_err(RateFault::Calibration)?;
        }
        let mut rungs = Vec::with_capacity(histogram.entries().len());
        for (score, bin) in histogram.entries() {
            let level = levels.of(*score).ok_or(RateFault::ScoreOutsideLevels)?;
            let calibrated = calibration
                .map(|calibration| calibration.nearest(*score, orientation))
                .map(|entry| entry.ok_or(RateFault::CalibrationMissing))
                .transpose()?
                .map(|entry| (entry.defaulted, entry.total));
            let level = usize::from(level.saturating_sub(1));
            rungs.push(rung(*score, *bin, level, calibrated, options.basis));
        }
        if orientation == Orientation::HigherIsRiskier {
            rungs.reverse();
        }
        let spans = connect(&mut rungs, levels.count());
        Ok(Ladder { rungs, spans, weights, basis: options.basis })
    }

    /// Assets of the pack.
    pub fn count(&self) -> u64 {
        self.rungs.last().map_or(0, |rung| rung.before.saturating_add(rung.bin.count))
    }

    /// The last asset that leaves when the riskiest `leaving` of the pack do; none when that is 0
    /// or more than there are.
    pub fn spot(&self, leaving: u64) -> Option<Spot> {
        if leaving > self.count() {
            return None;
        }
        let position = self.rungs.partition_point(|rung| rung.before < leaving).checked_sub(1)?;
        let rung = self.rungs.get(position)?;
        let within = leaving.saturating_sub(rung.before);
        Some(match within.checked_sub(rung.bin.bad_count) {
            None | Some(0) => Spot { rung: position, bad: true, leaving: within },
            Some(good) => Spot { rung: position, bad: false, leaving: good },
        })
    }

    /// [`Self::spot`] of one level.
    pub fn spot_in_level(&self, level: usize, leaving: u64) -> Option<Spot> {
        let first = self.rungs.get(self.spans.get(level)?.start)?;
        self.spot(first.before.saturating_add(leaving)).filter(|_| leaving > 0)
    }

    /// Assets of a level.
    pub fn level_count(&self, level: usize) -> u64 {
        let rungs = self.spans.get(level).and_then(|span| self.rungs.get(span.start..span.end));
        let ends = rungs.and_then(|rungs| rungs.first().zip(rungs.last()));
        ends.map_or(0, |(first, last)| {
            last.before.saturating_add(last.bin.count).saturating_sub(first.before)
        })
    }
}

fn check_histogram(histogram: &Histogram, basis: Basis) -> Result<(), RateFault> {
    if histogram.entries().len() > MAX_SCORES {
        return Err(RateFault::TooManyScores);
    }
    let total = histogram.total();
    if total.balance >= BALANCE_LIMIT {
        return Err(RateFault::BalanceTooLarge);
    }
    if total.count == 0 || (basis == Basis::Balance && total.balance == 0) {
        return Err(RateFault::Empty);
    }
    let consistent =
        |bin: &Bin| bin.bad_count <= bin.count && bin.bad_balance <= bin.balance && bin.count > 0;
    if !histogram.entries().iter().all(|(_, bin)| consistent(bin)) {
        return Err(RateFault::BinInconsistent);
    }
    Ok(())
}

fn check_weights(
    weights: &[u64],
    levels: usize,
    orientation: Orientation,
) -> Result<(), RateFault> {
    if weights.len() != levels {
        return Err(RateFault::WeightCount);
    }
    if weights.contains(&0) {
        return Err(RateFault::WeightZero);
    }
    let rising = match orientation {
        Orientation::HigherIsRiskier => weights.is_sorted(),
        Orientation::LowerIsRiskier => weights.is_sorted_by(|a, b| a >= b),
    };
    if !rising {
        return Err(RateFault::WeightsFalling);
    }
    match weights.iter().try_fold(0_u64, |sum, weight| sum.checked_add(*weight)) {
        Some(PPB) => Ok(()),
        _ => Err(RateFault::WeightSum),
    }
}

fn rung(score: u16, bin: Bin, level: usize, calibrated: Option<(u32, u32)>, basis: Basis) -> Rung {
    let (units, bad) = match basis {
        Basis::Count => (u128::from(bin.count), u128::from(bin.bad_count)),
        Basis::Balance => (bin.balance, bin.bad_balance),
    };
    let good = units.saturating_sub(bad);
    Rung { score, bin, level, before: 0, bad, good, calibrated, below: Sum::default() }
}

/// Fills in what depends on other rungs: a level's rungs follow each other, for it is an interval.
fn connect(rungs: &mut [Rung], levels: usize) -> Vec<Span> {
    let mut before = 0_u64;
    let mut spans = alloc::vec![Span::default(); levels];
    for (position, rung) in rungs.iter_mut().enumerate() {
        rung.before = before;
        before = before.saturating_add(rung.bin.count);
        if let Some(span) = spans.get_mut(rung.level) {
            if span.end == 0 {
                span.start = position;
            }
            span.end = position.saturating_add(1);
        }
    }
    let mut below = Sum::default();
    let mut level = None;
    for rung in rungs.iter_mut().rev() {
        if level != Some(rung.level) {
            below = Sum::default();
            level = Some(rung.level);
        }
        rung.below = below;
        below = below.plus(rung.sum(rung.bad, rung.good));
    }
    spans
}

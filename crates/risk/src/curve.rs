//! The removal curve: pack rates as the riskiest assets leave (rules, section 6).

use crate::{
    artifact::Orientation,
    grading::Levels,
    rates::{
        ladder::{Ladder, Spot},
        tally::Tally,
        Basis, Calibration, Histogram, RateFault,
    },
    screening::{
        prefixes::{left_at, Prefixes},
        Asset, Request, ScreeningFault,
    },
};
use alloc::vec::Vec;

/// Points of a curve: 0 %, 1 %, ... 99 % removed.
pub const CURVE_POINTS: u64 = 100;
/// Fewest assets of a pack that has a curve: with fewer a point says nothing.
pub const MIN_CURVE_ASSETS: u64 = 5;

/// A curve being drawn.
#[derive(Clone, Debug)]
pub struct Curve {
    ladder: Ladder,
    /// Needed on a balance basis only.
    prefixes: Option<Prefixes>,
}

impl Curve {
    /// Begins the curve of the assets of `histogram`; of the request only scale and options count.
    pub fn new(
        request: &Request,
        orientation: Orientation,
        score_min: u16,
        score_max: u16,
        histogram: &Histogram,
        calibration: Option<&Calibration>,
    ) -> Result<Self, ScreeningFault> {
        let range = histogram.range().ok_or(ScreeningFault::Rates(RateFault::Empty))?;
        let levels = Levels::resolve(&request.scale, score_min, score_max, Some(range))
            .map_err(ScreeningFault::Scale)?;
        let ladder = Ladder::new(histogram, &levels, &request.options, orientation, calibration)
            .map_err(ScreeningFault::Rates)?;
        let prefixes = match request.options.basis {
            Basis::Count => None,
            Basis::Balance => Some(Prefixes::new(&ladder, spots(&ladder).flatten())),
        };
        Ok(Curve { ladder, prefixes })
    }

    /// Takes the next asset in, in index order. Only a balance basis needs it.
    pub fn observe(&mut self, asset: &Asset) {
        if let Some(prefixes) = &mut self.prefixes {
            prefixes.observe(asset);
        }
    }

    /// The pack rates in ppb after removing the riskiest 0 %, 1 %, ... 99 % (whole assets, rounded
    /// down). Where no balance is left to rate, the last rate holds. Empty for a pack of fewer than
    /// [`MIN_CURVE_ASSETS`].
    pub fn finish(self) -> Vec<u64> {
        if self.ladder.count() < MIN_CURVE_ASSETS {
            return Vec::new();
        }
        let mut tally = Tally::full(&self.ladder);
        let mut rate = tally.rate_ppb().unwrap_or(0);
        let mut last: Option<(usize, Spot)> = None;
        let mut rates = Vec::new();
        for spot in spots(&self.ladder) {
            let at = spot.and_then(|spot| Some((self.ladder.rungs.get(spot.rung)?.level, spot)));
            if let Some((level, spot)) = at.filter(|_| at != last) {
                // Levels are passed one after the other, from the riskiest.
                let passed = last.map_or(0, |(_, spot)| spot.rung)..spot.rung;
                for rung in self.ladder.rungs.get(passed).unwrap_or_default() {
                    if rung.level != level {
                        tally.empty(rung.level);
                    }
                }
                let (bad, good) = left_at(&self.ladder, spot, self.prefixes.as_ref());
                tally.leave(level, spot.rung, bad, good);
                rate = tally.rate_ppb().unwrap_or(rate);
                last = at;
            }
            rates.push(rate);
        }
        rates
    }
}

/// The last asset to leave at each point; none where none leaves.
fn spots(ladder: &Ladder) -> impl Iterator<Item = Option<Spot>> + '_ {
    let count = u128::from(ladder.count());
    (0..CURVE_POINTS).map(move |percent| {
        let leaving = count.saturating_mul(u128::from(percent)) / u128::from(CURVE_POINTS);
        ladder.spot(u64::try_from(leaving).ok()?)
    })
}

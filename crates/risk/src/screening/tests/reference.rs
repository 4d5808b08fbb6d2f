//! The text of sections 4 to 6 of the rules, word by word: over single assets, one by one.

use super::*;

/// A common multiple of the calibrations' totals, which are at most 12.
const PARTS: u128 = 27_720;

/// A pack with all that its screening depends on.
#[derive(Clone, Debug)]
pub struct Pack {
    pub assets: Vec<Asset>,
    pub request: Request,
    pub orientation: Orientation,
    pub calibration: Calibration,
    pub score_max: u16,
}

/// A rate as a fraction; none when there is nothing to rate.
type Rate = Option<(u128, u128)>;

pub fn at_most(rate: Rate, target_ppb: u64) -> bool {
    rate.is_some_and(|(bad, all)| bad * u128::from(PPB) <= u128::from(target_ppb) * all)
}

pub fn ppb(rate: Rate) -> Option<u64> {
    rate.map(|(bad, all)| u64::try_from((bad * u128::from(PPB)).div_ceil(all)).expect("a rate"))
}

impl Pack {
    pub fn levels(&self) -> Vec<(i64, i64)> {
        let equal = |n: u8, low: u16, high: u16| {
            let (n, low, high) = (i64::from(n), i64::from(low), i64::from(high));
            let end = |i: i64| low + (i * (high - low + 1)) / n - 1;
            (1..=n).map(|i| (end(i - 1) + 1, end(i))).collect::<Vec<_>>()
        };
        let scores = || self.assets.iter().map(|asset| asset.score);
        match &self.request.scale {
            Scale::EqualWidth(n) => equal(*n, 1, self.score_max),
            Scale::Observed(n) => {
                equal(*n, scores().min().expect("assets"), scores().max().expect("assets"))
            }
            Scale::Fixed(bounds) => {
                let starts =
                    core::iter::once(1).chain(bounds.iter().map(|end| i64::from(*end) + 1));
                starts.zip(bounds).map(|(start, end)| (start, i64::from(*end))).collect()
            }
        }
    }

    pub fn level(&self, asset: &Asset) -> usize {
        let score = i64::from(asset.score);
        let inside = |(from, to): &(i64, i64)| *from <= score && score <= *to;
        self.levels().iter().position(inside).expect("a level")
    }

    fn units(&self, asset: &Asset) -> u128 {
        match self.request.options.basis {
            Basis::Count => 1,
            Basis::Balance => asset.balance,
        }
    }

    /// What an asset counts as bad, in parts.
    fn bad_parts(&self, asset: &Asset) -> u128 {
        match self.request.options.method {
            Method::Observed => PARTS * u128::from(asset.bad),
            Method::Calibrated => {
                let with_data = self.calibration.entries.iter().filter(|entry| entry.total > 0);
                let distance = |entry: &CalibrationEntry| entry.score.abs_diff(asset.score);
                let nearest = with_data.clone().map(distance).min().expect("data");
                let tied = with_data.filter(|entry| distance(entry) == nearest);
                let entry = match self.orientation {
                    Orientation::HigherIsRiskier => tied.max_by_key(|entry| entry.score),
                    Orientation::LowerIsRiskier => tied.min_by_key(|entry| entry.score),
                };
                let entry = entry.expect("data");
                PARTS / u128::from(entry.total) * u128::from(entry.defaulted)
            }
        }
    }

    /// Bad parts and all parts of the assets at these positions.
    fn share(&self, held: &[usize]) -> Rate {
        let assets = || held.iter().map(|position| &self.assets[*position]);
        let all: u128 = assets().map(|asset| self.units(asset) * PARTS).sum();
        let bad = assets().map(|asset| self.units(asset) * self.bad_parts(asset)).sum();
        (all > 0).then_some((bad, all))
    }

    pub fn level_rates(&self, held: &[usize]) -> Vec<Rate> {
        let of_level = |level: usize| {
            let inside = |at: &usize| self.level(&self.assets[*at]) == level;
            self.share(&held.iter().copied().filter(inside).collect::<Vec<_>>())
        };
        (0..self.levels().len()).map(of_level).collect()
    }

    pub fn rate(&self, held: &[usize]) -> Rate {
        let Weights::Fixed(weights) = &self.request.options.weights else {
            return self.share(held);
        };
        let mut sum = (0_u128, 1_u128);
        let mut populated = 0_u128;
        for (rate, weight) in self.level_rates(held).into_iter().zip(weights) {
            if let Some((bad, all)) = rate {
                let (bad, all) = reduced(bad, all);
                populated += u128::from(*weight);
                let added = sum.0 * all + u128::from(*weight) * bad * sum.1;
                sum = reduced(added, sum.1 * all);
            }
        }
        (populated > 0).then(|| reduced(sum.0, sum.1 * populated))
    }

    pub fn removal_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.assets.len()).collect();
        order.sort_by_key(|position| {
            let asset = &self.assets[*position];
            let safety = match self.orientation {
                Orientation::HigherIsRiskier => i64::from(u16::MAX) - i64::from(asset.score),
                Orientation::LowerIsRiskier => i64::from(asset.score),
            };
            (safety, !asset.bad, *position)
        });
        order
    }

    fn without(&self, removed: &[usize]) -> Vec<usize> {
        (0..self.assets.len()).filter(|position| !removed.contains(position)).collect()
    }

    /// The positions that leave, ascending; none when the target can't be reached.
    pub fn removed(&self) -> Option<Vec<usize>> {
        let order = self.removal_order();
        let target = self.request.target_ppb;
        if at_most(self.rate(&self.without(&[])), target) {
            return Some(Vec::new());
        }
        let mut removed = match self.request.mode {
            Mode::WholePack => (1..=order.len())
                .map(|count| order[..count].to_vec())
                .find(|removed| at_most(self.rate(&self.without(removed)), target)),
            Mode::PerLevel { step_ppb } => (1..)
                .map(|number| number * u64::from(step_ppb))
                .take_while(|portion| *portion <= PPB)
                .map(|portion| self.portion(&order, portion))
                .find(|removed| at_most(self.rate(&self.without(removed)), target)),
        }?;
        removed.sort_unstable();
        Some(removed)
    }

    fn portion(&self, order: &[usize], portion_ppb: u64) -> Vec<usize> {
        let mut removed = Vec::new();
        for level in 0..self.levels().len() {
            let inside = |at: &usize| self.level(&self.assets[*at]) == level;
            let own: Vec<usize> = order.iter().copied().filter(inside).collect();
            let count = u64::try_from(own.len()).expect("few");
            let leaving = (portion_ppb * count).div_ceil(PPB);
            removed.extend(&own[..usize::try_from(leaving).expect("few")]);
        }
        removed
    }

    /// Rates after removing the riskiest 0 % to 99 %; the last one where nothing is left to rate.
    pub fn curve(&self) -> Vec<u64> {
        let order = self.removal_order();
        let mut last = 0;
        (0..100)
            .map(|percent| {
                let removed = &order[..order.len() * percent / 100];
                last = ppb(self.rate(&self.without(removed))).unwrap_or(last);
                last
            })
            .collect()
    }
}

fn reduced(numerator: u128, denominator: u128) -> (u128, u128) {
    let (mut a, mut b) = (numerator, denominator);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (numerator / a, denominator / a)
}

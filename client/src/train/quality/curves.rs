//! Counts by output, and the curves and intervals that follow from them.

use super::Part;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Standard deviations to either side that hold 95 % of a normal distribution.
const TWO_SIDED_95: f64 = 1.959_964;

/// Loans by output of the network, ascending, so the riskiest last. Columns of one length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    pub z: Vec<i8>,
    pub score: Vec<u16>,
    pub count: Vec<u64>,
    pub bad_count: Vec<u64>,
}

/// One output's loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputCount {
    pub z: i8,
    pub score: u16,
    pub count: u64,
    pub bad_count: u64,
}

impl OutputCount {
    /// Loans that did not default.
    pub fn good_count(&self) -> u64 {
        self.count.saturating_sub(self.bad_count)
    }
}

/// Where the curves of good and bad over the score are, up to and including a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CumulativePoint {
    pub score: u16,
    /// Share of all good loans, 0 to 1.
    pub good: f64,
    /// Share of all bad loans, 0 to 1.
    pub bad: f64,
}

impl Distribution {
    /// Counts a part's rows.
    pub fn of(part: &Part<'_>) -> Self {
        let mut counts: BTreeMap<i8, (u16, u64, u64)> = BTreeMap::new();
        for ((z, score), bad) in part.outputs.iter().zip(&part.scores).zip(&part.bad) {
            let (_, count, bad_count) = counts.entry(*z).or_insert((*score, 0, 0));
            *count += 1;
            *bad_count += u64::from(*bad);
        }
        let mut columns = Self::default();
        for (z, (score, count, bad_count)) in counts {
            columns.z.push(z);
            columns.score.push(score);
            columns.count.push(count);
            columns.bad_count.push(bad_count);
        }
        columns
    }

    /// The outputs that occur, the safest first.
    pub fn outputs(&self) -> impl DoubleEndedIterator<Item = OutputCount> + '_ {
        let length = [self.score.len(), self.count.len(), self.bad_count.len()]
            .into_iter()
            .fold(self.z.len(), usize::min);
        (0..length).map(|at| OutputCount {
            z: self.z[at],
            score: self.score[at],
            count: self.count[at],
            bad_count: self.bad_count[at],
        })
    }

    /// All good and all bad loans.
    fn totals(&self) -> (f64, f64) {
        let sum = |(good, bad): (u64, u64), output: OutputCount| {
            (good + output.good_count(), bad + output.bad_count)
        };
        let (good, bad) = self.outputs().fold((0, 0), sum);
        (good as f64, bad as f64)
    }

    /// The ROC curve from (0, 0) to (1, 1): share of the good and share of the bad loans that every
    /// output in turn, the riskiest first, would refuse. Empty when either kind is missing.
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let (good, bad) = self.totals();
        if good == 0.0 || bad == 0.0 {
            return Vec::new();
        }
        let mut refused = (0, 0);
        let points = self.outputs().rev().map(|output| {
            refused = (refused.0 + output.good_count(), refused.1 + output.bad_count);
            (refused.0 as f64 / good, refused.1 as f64 / bad)
        });
        std::iter::once((0.0, 0.0)).chain(points).collect()
    }

    /// Shares of good and bad up to each score, the lowest score first; a score that several outputs
    /// have comes several times. Empty when either kind is missing.
    pub fn cumulative(&self) -> Vec<CumulativePoint> {
        let (all_good, all_bad) = self.totals();
        if all_good == 0.0 || all_bad == 0.0 {
            return Vec::new();
        }
        let mut outputs: Vec<OutputCount> = self.outputs().collect();
        if outputs.first().map(|output| output.score) > outputs.last().map(|output| output.score) {
            outputs.reverse();
        }
        let mut below = (0, 0);
        let points = outputs.into_iter().map(|output| {
            below = (below.0 + output.good_count(), below.1 + output.bad_count);
            CumulativePoint {
                score: output.score,
                good: below.0 as f64 / all_good,
                bad: below.1 as f64 / all_bad,
            }
        });
        points.collect()
    }

    /// Where good and bad are furthest apart: its distance is KS.
    pub fn widest_gap(&self) -> Option<CumulativePoint> {
        let gap = |point: &CumulativePoint| (point.good - point.bad).abs();
        self.cumulative().into_iter().max_by(|a, b| gap(a).total_cmp(&gap(b)))
    }

    /// Standard error of the AUC after DeLong; none with fewer than two loans of either kind.
    pub fn auc_standard_error(&self) -> Option<f64> {
        let (good, bad) = self.totals();
        if good < 2.0 || bad < 2.0 {
            return None;
        }
        let (mut good_below, mut bad_below) = (0.0, 0.0);
        let mut sums = [(0.0, 0.0); 2];
        for output in self.outputs() {
            let (goods, bads) = (output.good_count() as f64, output.bad_count as f64);
            let beaten = (good_below + goods / 2.0) / good;
            let beating = (bad - bad_below - bads / 2.0) / bad;
            for (sum, (weight, value)) in sums.iter_mut().zip([(bads, beaten), (goods, beating)]) {
                sum.0 += weight * value;
                sum.1 += weight * value * value;
            }
            good_below += goods;
            bad_below += bads;
        }
        let variance = |(sum, squares): (f64, f64), count: f64| {
            ((squares - sum * sum / count) / (count - 1.0)).max(0.0) / count
        };
        Some((variance(sums[0], bad) + variance(sums[1], good)).sqrt())
    }
}

/// The 95 % interval of a rate after Wilson, from 0 to 1; none of no loans.
pub fn wilson(bad: u64, count: u64) -> Option<(f64, f64)> {
    if count == 0 {
        return None;
    }
    let (n, square) = (count as f64, TWO_SIDED_95 * TWO_SIDED_95);
    let rate = bad as f64 / n;
    let middle = rate + square / (2.0 * n);
    let half = TWO_SIDED_95 * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt();
    let whole = 1.0 + square / n;
    Some((((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0)))
}

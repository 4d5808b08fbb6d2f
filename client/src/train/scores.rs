//! From logits and outputs to scores.

use super::{inputs::at, quantise::OUTPUT_TAIL};
use assay_risk::artifact::{Artifact, Orientation, TABLE_ENTRIES};

/// Narrowest piece of the logit, as a share of all of it.
const NARROWEST: f64 = 1.0 / 512.0;

/// How logits are cut into scores.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreBy {
    /// Equal shares of the training rows for each score, as far as outputs tell them apart.
    Quantiles,
    /// Equal steps of the logit for each score.
    Linear,
}

/// The range of scores and its riskier end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreRange {
    pub min: u16,
    pub max: u16,
    pub orientation: Orientation,
}

/// What scores a model gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scoring {
    pub range: ScoreRange,
    pub by: ScoreBy,
}

/// The scores of a float network: by the same rule as an artifact's, but of logits, which are finer
/// than the 255 outputs.
pub struct FloatScores {
    scoring: Scoring,
    /// Logits of the training rows, ascending.
    sorted: Vec<f32>,
}

impl FloatScores {
    /// From the logits of the training rows; at least one.
    pub fn new(logits: &[f32], scoring: Scoring) -> Self {
        let mut sorted = logits.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        Self { scoring, sorted }
    }

    /// The logits at equal distances in scores that cut all of them into so many pieces; those at the
    /// ends leave out [`OUTPUT_TAIL`] of the rows each. There are fewer pieces where many rows share a
    /// logit: a piece that is hardly wider than what rounding does would only blow that up.
    pub fn knots(&self, pieces: usize) -> Vec<f64> {
        let (low, high) = self.ends();
        let narrowest = (high - low) * NARROWEST;
        let mut knots = vec![low];
        let mut last = low;
        for piece in 1..pieces {
            let share = piece as f64 / pieces as f64;
            let knot = match self.scoring.by {
                ScoreBy::Linear => low + (high - low) * share,
                ScoreBy::Quantiles => f64::from(at(&self.sorted, share)),
            };
            if knot >= last + narrowest && knot <= high - narrowest && knot > last {
                knots.push(knot);
                last = knot;
            }
        }
        knots.push(high);
        knots
    }

    /// The score of a logit.
    pub fn score(&self, logit: f32) -> u16 {
        let steps = u64::from(self.scoring.range.max - self.scoring.range.min) + 1;
        let step = match self.scoring.by {
            ScoreBy::Quantiles => {
                let below = self.sorted.partition_point(|other| *other < logit);
                let upto = self.sorted.partition_point(|other| *other <= logit);
                // The middle of the rows that share a logit decides for all of them.
                (below + upto) as u64 * steps / (2 * self.sorted.len() as u64)
            }
            ScoreBy::Linear => {
                let (low, high) = self.ends();
                let share = (f64::from(logit) - low) / (high - low).max(f64::MIN_POSITIVE);
                (share.clamp(0.0, 1.0) * steps as f64) as u64
            }
        };
        self.nth(step.min(steps - 1) as u16)
    }

    /// Gives an artifact its table, from the outputs `z` of the training rows: an output's score is
    /// that of the logit with as many rows below it.
    pub fn give_table(&self, artifact: Artifact, outputs: &[i8]) -> Artifact {
        let mut counts = [0_u64; TABLE_ENTRIES];
        for z in outputs {
            if let Some(count) = counts.get_mut(usize::from((i16::from(*z) + 127).unsigned_abs())) {
                *count += 1;
            }
        }
        let range = self.scoring.range;
        let steps = u64::from(range.max - range.min) + 1;
        let all = counts.iter().sum::<u64>().max(1);
        let mut below = 0;
        let table = counts.iter().map(|count| {
            // The middle of the rows that share an output decides for all of them.
            let doubled = 2 * below + count;
            below += count;
            match self.scoring.by {
                ScoreBy::Quantiles => self.nth((doubled * steps / (2 * all)).min(steps - 1) as u16),
                ScoreBy::Linear => self.score(at(&self.sorted, doubled as f64 / (2 * all) as f64)),
            }
        });
        Artifact {
            table: table.collect(),
            score_min: range.min,
            score_max: range.max,
            orientation: range.orientation,
            ..artifact
        }
    }

    fn ends(&self) -> (f64, f64) {
        let end = |share| f64::from(at(&self.sorted, share));
        (end(OUTPUT_TAIL), end(1.0 - OUTPUT_TAIL))
    }

    fn nth(&self, step: u16) -> u16 {
        let range = self.scoring.range;
        match range.orientation {
            Orientation::HigherIsRiskier => range.min + step,
            Orientation::LowerIsRiskier => range.max - step,
        }
    }
}

//! What one part of the rows says of a model.

use super::{agreement::Agreement, curves::Distribution, Part};
use crate::train::metrics;
use assay_risk::{
    artifact::Artifact,
    grading::{Levels, Scale},
    rates::{Basis, Calibration, Histogram, LevelTable, Method, RateOptions, Weights},
    ratio::{ratio_up_ppb, PPB},
};
use serde::{Deserialize, Serialize};

/// Levels of equal width in the report, unless there are fewer scores.
const LEVELS: u16 = 10;

/// What one part of the rows says. Measures of the float network are none where there is none, as
/// for a model that was read from a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub rows: u64,
    pub bad_count: u64,
    /// Rounded up.
    pub bad_rate_ppb: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc_float: Option<f64>,
    pub auc_quantised: f64,
    /// DeLong's, of `auc_quantised`; none with fewer than two loans of either kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc_standard_error: Option<f64>,
    /// `2 auc_quantised - 1`.
    pub gini: f64,
    pub ks: f64,
    /// The score at which good and bad are furthest apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks_score: Option<u16>,
    /// Mean of `-ln` of the probability given to what happened, of the float network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// Share of rows that the float network puts on the wrong side of one half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero_one_loss: Option<f64>,
    /// Share of rows whose score is the one that the float network would give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores_equal_share: Option<f64>,
    /// Share of rows whose score is at most 1 off it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores_near_share: Option<f64>,
    pub levels: Vec<LevelQuality>,
    /// None where the rows themselves made the calibration, or there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Agreement>,
    /// All that the curves are drawn from.
    #[serde(default)]
    pub distribution: Distribution,
}

/// One level of equal width over the score range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelQuality {
    pub level: u8,
    pub score_from: u16,
    pub score_to: u16,
    pub count: u64,
    pub bad_count: u64,
    /// Rounded up; none in a level without rows.
    pub bad_rate_ppb: Option<u64>,
    /// The level's bad rate over the part's: 10^9 is as risky as all rows. None in a level without
    /// rows, or when no row is bad.
    #[serde(default)]
    pub lift_ppb: Option<u64>,
    /// Share of all bad rows that this level and the riskier ones hold; none when no row is bad.
    #[serde(default)]
    pub captured_bad_ppb: Option<u64>,
    /// By the calibration (rules, section 5), rounded up; none in a level without rows.
    #[serde(default)]
    pub expected_bad_rate_ppb: Option<u64>,
}

/// Measures a part; `calibration` is what its bad rates are compared with.
pub fn measure(
    artifact: &Artifact,
    part: &Part<'_>,
    calibration: Option<&Calibration>,
) -> Measures {
    let auc_quantised = metrics::auc(&part.outputs, &part.bad);
    let distribution = Distribution::of(part);
    let mut levels = observed(artifact, part).unwrap_or_default();
    let agreement = calibration.and_then(|calibration| {
        let expected = expect(artifact, part, calibration, &mut levels)?;
        Agreement::of(&levels, expected, calibration)
    });
    let of_float = |measure: fn(&[f32], &[bool]) -> f64| {
        (!part.floats.is_empty()).then(|| measure(&part.floats, &part.bad))
    };
    let (bad, good) = part.outcomes();
    Measures {
        rows: part.bad.len() as u64,
        bad_count: bad as u64,
        bad_rate_ppb: ratio_up_ppb(bad as u128, (bad + good) as u128).unwrap_or_default(),
        auc_float: of_float(metrics::auc),
        auc_quantised,
        auc_standard_error: distribution.auc_standard_error(),
        gini: 2.0 * auc_quantised - 1.0,
        ks: metrics::ks(&part.outputs, &part.bad),
        ks_score: distribution.widest_gap().map(|point| point.score),
        log_loss: of_float(metrics::log_loss),
        zero_one_loss: of_float(metrics::zero_one_loss),
        scores_equal_share: near(part, 0),
        scores_near_share: near(part, 1),
        levels,
        calibration: agreement,
        distribution,
    }
}

/// Share of the rows whose score is at most so far off the float network's.
fn near(part: &Part<'_>, most: u16) -> Option<f64> {
    if part.float_scores.is_empty() {
        return None;
    }
    let pairs = part.float_scores.iter().zip(&part.scores);
    let near = pairs.filter(|(float, score)| float.abs_diff(**score) <= most).count();
    Some(near as f64 / part.float_scores.len() as f64)
}

/// The report's levels, as the chain cuts them.
pub(super) fn levels_of(artifact: &Artifact) -> Option<Levels> {
    let (min, max) = (artifact.score_min, artifact.score_max);
    let count = LEVELS.min(max.checked_sub(min)?.saturating_add(1));
    Levels::resolve(&Scale::EqualWidth(u8::try_from(count).ok()?), min, max, None).ok()
}

/// Level table by the chain's own rules.
fn table(
    artifact: &Artifact,
    part: &Part<'_>,
    method: Method,
    calibration: Option<&Calibration>,
) -> Option<LevelTable> {
    let mut histogram = Histogram::default();
    for (score, bad) in part.scores.iter().zip(&part.bad) {
        histogram.add(*score, *bad, 1);
    }
    let options = RateOptions { basis: Basis::Count, method, weights: Weights::Share };
    let levels = levels_of(artifact)?;
    LevelTable::new(&histogram, &levels, &options, artifact.orientation, calibration).ok()
}

fn observed(artifact: &Artifact, part: &Part<'_>) -> Option<Vec<LevelQuality>> {
    let table = table(artifact, part, Method::Observed, None)?;
    let level = |row: &assay_risk::rates::LevelRow| LevelQuality {
        level: row.level,
        score_from: row.score_from,
        score_to: row.score_to,
        count: row.count,
        bad_count: row.bad_count,
        bad_rate_ppb: row.bad_rate_ppb,
        ..LevelQuality::default()
    };
    let mut levels: Vec<LevelQuality> = table.rows.iter().map(level).collect();
    lift(&mut levels, artifact.orientation == assay_risk::artifact::Orientation::HigherIsRiskier);
    Some(levels)
}

/// Fills in lift and captured share of levels in the order of their scores.
pub fn lift(levels: &mut [LevelQuality], higher_is_riskier: bool) {
    let rows: u128 = levels.iter().map(|level| u128::from(level.count)).sum();
    let bad: u128 = levels.iter().map(|level| u128::from(level.bad_count)).sum();
    let mut captured = 0_u128;
    let mut fill = |level: &mut LevelQuality| {
        captured += u128::from(level.bad_count);
        level.lift_ppb =
            rounded_ppb(u128::from(level.bad_count) * rows, u128::from(level.count) * bad);
        level.captured_bad_ppb = rounded_ppb(captured, bad);
    };
    if higher_is_riskier {
        levels.iter_mut().rev().for_each(&mut fill);
    } else {
        levels.iter_mut().for_each(&mut fill);
    }
}

/// A ratio in ppb, to the nearest; none when the denominator is 0.
fn rounded_ppb(numerator: u128, denominator: u128) -> Option<u64> {
    let scaled = numerator.checked_mul(u128::from(PPB))?.checked_add(denominator / 2)?;
    u64::try_from(scaled.checked_div(denominator)?).ok()
}

/// Fills in what the calibration expects of each level, and gives the part's expected rate.
fn expect(
    artifact: &Artifact,
    part: &Part<'_>,
    calibration: &Calibration,
    levels: &mut [LevelQuality],
) -> Option<u64> {
    let table = table(artifact, part, Method::Calibrated, Some(calibration))?;
    for (level, row) in levels.iter_mut().zip(&table.rows) {
        level.expected_bad_rate_ppb = row.bad_rate_ppb;
    }
    Some(table.bad_rate_ppb)
}

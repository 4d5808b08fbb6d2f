//! What a model is worth: ranking, levels, and what its integers lost against floats.

use super::{logits, metrics, network::ConvPlan, quantise::Way, TrainFailure};
use crate::table::Table;
use assay_risk::{
    artifact::Artifact,
    grading::{Levels, Scale},
    network::Network,
    rates::{
        Basis, Calibration, CalibrationEntry, Histogram, LevelTable, Method, RateOptions, Weights,
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Levels of equal width in the report, unless there are fewer scores.
const LEVELS: u16 = 10;

/// Rows of a part with all that models say of them.
pub struct Part {
    bad: Vec<bool>,
    floats: Vec<f32>,
    float_scores: Vec<u16>,
    outputs: Vec<i8>,
    scores: Vec<u16>,
}

/// A model's quality. The figures on top are those of the validation rows, which training did not
/// see, and of the quantised network but for `auc_float`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub auc_float: f64,
    pub auc_quantised: f64,
    pub gini: f64,
    pub ks: f64,
    pub validation: Measures,
    pub training: Measures,
    /// Rows that neither training nor any choice of it has seen, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Measures>,
    pub setup: Setup,
}

/// What one part of the rows says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub rows: u64,
    pub bad_count: u64,
    /// Rounded up.
    pub bad_rate_ppb: u64,
    pub auc_float: f64,
    pub auc_quantised: f64,
    /// `2 auc_quantised - 1`.
    pub gini: f64,
    pub ks: f64,
    /// Mean of `-ln` of the probability given to what happened, of the float network.
    pub log_loss: f64,
    /// Share of rows that the float network puts on the wrong side of one half.
    pub zero_one_loss: f64,
    /// Share of rows whose score is what the float network would give.
    pub scores_equal_share: f64,
    /// Share of rows whose score is at most 1 off.
    pub scores_near_share: f64,
    pub levels: Vec<LevelQuality>,
}

/// One level of equal width over the score range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelQuality {
    pub level: u8,
    pub score_from: u16,
    pub score_to: u16,
    pub count: u64,
    pub bad_count: u64,
    /// Rounded up; none in a level without rows.
    pub bad_rate_ppb: Option<u64>,
}

/// How the model came to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    pub made_by: MadeBy,
    /// How the float network became integers.
    pub quantised_by: Way,
    /// Products of one inference.
    pub products: u32,
}

/// Where the float network came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MadeBy {
    Trained(Trained),
    Imported {
        /// The name of the file.
        file: String,
    },
}

/// How a float network was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    pub hidden: Vec<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conv: Option<ConvPlan>,
    pub teachers: usize,
    pub init: super::network::Init,
    pub loss: super::network::Loss,
    pub optimizer: super::fit::OptimizerKind,
    pub learning_rate: f64,
    pub batch: usize,
    pub seed: u64,
    /// Passes over the training rows until training stopped.
    pub epochs: usize,
    /// The pass whose weights were kept.
    pub best_epoch: usize,
}

impl Part {
    /// Scores rows of a table as the chain does; `floats` are the float network's logits of them, and
    /// `float_scores` the scores that it would give.
    ///
    /// # Errors
    ///
    /// [`TrainFailure::Refused`] when the artifact can't be run.
    pub fn new(
        artifact: &Artifact,
        table: &Table,
        rows: &[usize],
        floats: Vec<f32>,
        float_scores: Vec<u16>,
    ) -> Result<Self, TrainFailure> {
        let network = Network::compile(artifact).map_err(TrainFailure::Refused)?;
        let outputs = logits(artifact, table, rows)?;
        let scores = outputs.iter().map(|z| network.score(*z)).collect();
        let bad = rows.iter().map(|row| table.labels[*row] == Some(true)).collect();
        Ok(Self { bad, floats, float_scores, outputs, scores })
    }
}

/// How many rows of each score there were, and how many of them defaulted.
pub fn calibration(parts: &[&Part]) -> Calibration {
    let mut counts: BTreeMap<u16, (u32, u32)> = BTreeMap::new();
    for (score, bad) in parts.iter().flat_map(|part| part.scores.iter().zip(&part.bad)) {
        let (total, defaulted) = counts.entry(*score).or_default();
        *total += 1;
        *defaulted += u32::from(*bad);
    }
    let entry = |(score, (total, defaulted))| CalibrationEntry { score, total, defaulted };
    Calibration { entries: counts.into_iter().map(entry).collect() }
}

/// The quality report.
pub fn report(
    artifact: &Artifact,
    setup: Setup,
    parts: [&Part; 2],
    held_out: Option<&Part>,
) -> Quality {
    let [training, validation] = parts.map(|part| measure(artifact, part));
    Quality {
        auc_float: validation.auc_float,
        auc_quantised: validation.auc_quantised,
        gini: validation.gini,
        ks: validation.ks,
        validation,
        training,
        held_out: held_out.map(|part| measure(artifact, part)),
        setup,
    }
}

fn measure(artifact: &Artifact, part: &Part) -> Measures {
    let auc_quantised = metrics::auc(&part.outputs, &part.bad);
    let rows = part.bad.len();
    let within = |most: u16| {
        let pairs = part.scores.iter().zip(&part.float_scores);
        let near = pairs.filter(|(score, float)| score.abs_diff(**float) <= most);
        near.count() as f64 / rows.max(1) as f64
    };
    let (levels, bad_rate_ppb) = levels(artifact, part).unwrap_or_default();
    Measures {
        rows: rows as u64,
        bad_count: part.bad.iter().filter(|bad| **bad).count() as u64,
        bad_rate_ppb,
        auc_float: metrics::auc(&part.floats, &part.bad),
        auc_quantised,
        gini: 2.0 * auc_quantised - 1.0,
        ks: metrics::ks(&part.outputs, &part.bad),
        log_loss: metrics::log_loss(&part.floats, &part.bad),
        zero_one_loss: metrics::zero_one_loss(&part.floats, &part.bad),
        scores_equal_share: within(0),
        scores_near_share: within(1),
        levels,
    }
}

/// The level table by the chain's own rules, and the rate of all rows.
fn levels(artifact: &Artifact, part: &Part) -> Option<(Vec<LevelQuality>, u64)> {
    let mut histogram = Histogram::default();
    for (score, bad) in part.scores.iter().zip(&part.bad) {
        histogram.add(*score, *bad, 1);
    }
    let (min, max) = (artifact.score_min, artifact.score_max);
    let count = LEVELS.min((max - min).saturating_add(1));
    let scale = Scale::EqualWidth(u8::try_from(count).ok()?);
    let levels = Levels::resolve(&scale, min, max, None).ok()?;
    let options =
        RateOptions { basis: Basis::Count, method: Method::Observed, weights: Weights::Share };
    let table = LevelTable::new(&histogram, &levels, &options, artifact.orientation, None).ok()?;
    let rows = table.rows.into_iter().map(|row| LevelQuality {
        level: row.level,
        score_from: row.score_from,
        score_to: row.score_to,
        count: row.count,
        bad_count: row.bad_count,
        bad_rate_ppb: row.bad_rate_ppb,
    });
    Some((rows.collect(), table.bad_rate_ppb))
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![("training", &self.training), ("validation", &self.validation)];
        parts.extend(self.held_out.as_ref().map(|part| ("held out", part)));
        write!(f, "{:24}", "")?;
        parts.iter().try_for_each(|(name, _)| write!(f, "{name:>12}"))?;
        writeln!(f)?;
        let mut line = |name: &str, text: &dyn Fn(&Measures) -> String| {
            write!(f, "{name:24}")?;
            parts.iter().try_for_each(|(_, part)| write!(f, "{:>12}", text(part)))?;
            writeln!(f)
        };
        line("loans", &|part| part.rows.to_string())?;
        line("bad rate", &|part| crate::ratio::show(part.bad_rate_ppb))?;
        let ratios: [(&str, fn(&Measures) -> f64); 8] = [
            ("AUC, float", |part| part.auc_float),
            ("AUC, quantised", |part| part.auc_quantised),
            ("Gini", |part| part.gini),
            ("KS", |part| part.ks),
            ("log loss", |part| part.log_loss),
            ("0-1 loss", |part| part.zero_one_loss),
            ("scores as of float", |part| part.scores_equal_share),
            ("scores within 1", |part| part.scores_near_share),
        ];
        for (name, ratio) in ratios {
            line(name, &|part| format!("{:.4}", ratio(part)))?;
        }
        writeln!(f, "quantised by {}", self.setup.quantised_by)?;
        let Some((name, last)) = parts.last() else { return Ok(()) };
        writeln!(f, "\n{name} by level")?;
        write!(f, "{:>5}{:>12}{:>9}{:>7}{:>11}", "level", "scores", "loans", "bad", "bad rate")?;
        for level in &last.levels {
            let scores = format!("{}-{}", level.score_from, level.score_to);
            let rate = level.bad_rate_ppb.map_or_else(|| "-".to_owned(), crate::ratio::show);
            let (number, count, bad) = (level.level, level.count, level.bad_count);
            write!(f, "\n{number:>5}{scores:>12}{count:>9}{bad:>7}{rate:>11}")?;
        }
        Ok(())
    }
}

//! What a model is worth, as a validator of models asks: ranking, levels, calibration, stability,
//! and what its integers lost against floats (`docs/model-quality.md` defines each measure).

pub mod agreement;
pub mod curves;
pub mod measures;
pub mod stability;
mod text;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use agreement::Agreement;
pub use measures::{measure, LevelQuality, Measures};
pub use stability::{FeatureShift, Stability};
pub use text::Measured;

use super::{logits, network::ConvPlan, quantise::Way, TrainFailure};
use crate::{model_file::ModelFeature, table::Table};
use assay_risk::{
    artifact::Artifact,
    network::Network,
    rates::{Calibration, CalibrationEntry},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of a part with all that models say of them.
pub struct Part<'a> {
    table: &'a Table,
    rows: Vec<usize>,
    bad: Vec<bool>,
    /// Logits of the float network; empty where there is none.
    floats: Vec<f32>,
    /// Scores that the float network would give; empty where there is none.
    float_scores: Vec<u16>,
    outputs: Vec<i8>,
    scores: Vec<u16>,
}

/// A model's quality. The figures on top are those of the validation rows, which training did not
/// see, and of the quantised network but for `auc_float`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// None for a model without a float network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc_float: Option<f64>,
    pub auc_quantised: f64,
    pub gini: f64,
    pub ks: f64,
    pub validation: Measures,
    pub training: Measures,
    /// Rows that neither training nor any choice of it has seen, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Measures>,
    /// How the validation rows, then the held-out ones, differ from the training rows.
    #[serde(default)]
    pub stability: Vec<Stability>,
    pub setup: Setup,
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

impl<'a> Part<'a> {
    /// Scores rows of a table as the chain does; `floats` are the float network's logits of them and
    /// `float_scores` what it would score, both empty where there is no float network.
    ///
    /// # Errors
    ///
    /// [`TrainFailure::Refused`] when the artifact can't be run.
    pub fn new(
        artifact: &Artifact,
        table: &'a Table,
        rows: &[usize],
        floats: Vec<f32>,
        float_scores: Vec<u16>,
    ) -> Result<Self, TrainFailure> {
        let network = Network::compile(artifact).map_err(TrainFailure::Refused)?;
        let outputs = logits(artifact, table, rows)?;
        let scores = outputs.iter().map(|z| network.score(*z)).collect();
        let bad = rows.iter().map(|row| table.labels[*row] == Some(true)).collect();
        Ok(Self { table, rows: rows.to_vec(), bad, floats, float_scores, outputs, scores })
    }

    /// The outputs `z`.
    pub fn outputs(&self) -> &[i8] {
        &self.outputs
    }

    /// How many rows default, and how many do not.
    pub fn outcomes(&self) -> (usize, usize) {
        let bad = self.bad.iter().filter(|bad| **bad).count();
        (bad, self.bad.len() - bad)
    }
}

/// How many rows of each score there were, and how many of them defaulted.
pub fn calibration(parts: &[&Part<'_>]) -> Calibration {
    let mut counts: BTreeMap<u16, (u32, u32)> = BTreeMap::new();
    for (score, bad) in parts.iter().flat_map(|part| part.scores.iter().zip(&part.bad)) {
        let (total, defaulted) = counts.entry(*score).or_default();
        *total += 1;
        *defaulted += u32::from(*bad);
    }
    let entry = |(score, (total, defaulted))| CalibrationEntry { score, total, defaulted };
    Calibration { entries: counts.into_iter().map(entry).collect() }
}

/// The quality report of training (or importing) a model; `parts` are training and validation.
///
/// Rows that made a calibration tell nothing of it. So the validation rows are compared with what
/// the training rows alone would have it, and the held-out rows with the contract's own calibration,
/// which counts training and validation.
pub fn report(
    artifact: &Artifact,
    setup: Setup,
    parts: [&Part<'_>; 2],
    held_out: Option<&Part<'_>>,
) -> Quality {
    let [training, validation] = parts;
    let validated = measure(artifact, validation, Some(&calibration(&[training])));
    let compared = [("validation", Some(validation)), ("held_out", held_out)];
    let stability = compared
        .into_iter()
        .filter_map(|(name, part)| {
            Some(Stability::compare(artifact, ("training", training), (name, part?)))
        })
        .collect();
    Quality {
        auc_float: validated.auc_float,
        auc_quantised: validated.auc_quantised,
        gini: validated.gini,
        ks: validated.ks,
        validation: validated,
        training: measure(artifact, training, None),
        held_out: held_out.map(|part| measure(artifact, part, Some(&calibration(&parts)))),
        stability,
        setup,
    }
}

impl Quality {
    /// With the names and units of the contract's features in place of their positions.
    #[must_use]
    pub fn named(mut self, features: &[ModelFeature]) -> Self {
        self.stability.iter_mut().for_each(|stability| stability.name_features(features));
        self
    }

    /// The parts that were measured, by name, the one that tells most of other loans last.
    pub fn parts(&self) -> Vec<(&'static str, &Measures)> {
        let mut parts = vec![("training", &self.training), ("validation", &self.validation)];
        parts.extend(self.held_out.as_ref().map(|part| ("held out", part)));
        parts
    }
}

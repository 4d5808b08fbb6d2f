//! The common end of training and import: from float networks to the artifact that serves best, its
//! calibration and what it is worth.

use super::{
    inputs, logits, metrics,
    quality::{self, MadeBy, Quality, Setup},
    quantise::{quantise, Ranges, Way, RANGES},
    scores::{FloatScores, Scoring},
    TrainFailure,
};
use crate::{float_network::FloatModel, table::Table};
use assay_risk::{
    artifact::{Artifact, ArtifactFault},
    network::Network,
    rates::Calibration,
};

/// The share of validation rows whose scores are to be within 1 of the float network's: a little more
/// than the 99.5 % that other rows are to have. Ways that reach it are chosen among by how well they
/// rank; if none does, units are cut into more pieces.
const NEAR_SHARE: f64 = 0.997;
/// Most pieces that hidden units are cut into.
const MAX_PIECES: usize = 4;

/// The logits of the float network for rows of a table.
pub type Floats<'f> = dyn Fn(&Table, &[usize]) -> Result<Vec<f32>, TrainFailure> + 'f;

/// Rows of tables by what they serve.
pub struct Parts<'t> {
    pub table: &'t Table,
    /// What ranges, scores and the calibration come from.
    pub training: Vec<usize>,
    /// What the choice of the artifact goes by, and the report's own figures; calibrated on, too.
    pub validation: Vec<usize>,
    /// Labelled rows that nothing goes by.
    pub held_out: Option<&'t Table>,
}

/// A finished model.
pub struct Finished {
    pub artifact: Artifact,
    pub calibration: Calibration,
    pub quality: Quality,
    /// Which of the candidates it came of.
    pub candidate: usize,
}

/// Quantises the candidates in each way, takes the artifact that ranks the validation rows best of
/// those whose scores stay near the float network's, gives it the table of scores, calibrates it and
/// measures it. Candidates are the same network under different feature quantisers; `floats` gives
/// the logits of the network that they stand for, from the values of the rows themselves.
///
/// # Errors
///
/// [`TrainFailure`] when no artifact of any candidate is sound, or of `floats`.
pub fn finish(
    candidates: &[FloatModel],
    floats: &Floats<'_>,
    parts: &Parts<'_>,
    scoring: Scoring,
    made_by: MadeBy,
) -> Result<Finished, TrainFailure> {
    let training_floats = floats(parts.table, &parts.training)?;
    let validation_floats = floats(parts.table, &parts.validation)?;
    let scores = FloatScores::new(&training_floats, scoring);
    let judge = Judge {
        parts,
        bad: parts.validation.iter().map(|row| parts.table.labels[*row] == Some(true)).collect(),
        expected: validation_floats.iter().map(|logit| scores.score(*logit)).collect(),
        scores: &scores,
    };
    let best = judge.best(candidates)?;
    let artifact = best.artifact;
    let part = |table, rows: &[usize], floats: Vec<f32>| {
        let expected = floats.iter().map(|logit| scores.score(*logit)).collect();
        quality::Part::new(&artifact, table, rows, floats, expected)
    };
    let training = part(parts.table, &parts.training, training_floats)?;
    let validation = part(parts.table, &parts.validation, validation_floats)?;
    let held_out = parts.held_out.map(|table| {
        let labelled = |row: &usize| table.labels[*row].is_some();
        let rows: Vec<usize> = (0..table.labels.len()).filter(labelled).collect();
        part(table, &rows, floats(table, &rows)?)
    });
    let held_out = held_out.transpose()?;
    let products = artifact.check().map_err(TrainFailure::Refused)?.products;
    let setup = Setup { made_by, quantised_by: best.way, products };
    let quality = quality::report(&artifact, setup, [&training, &validation], held_out.as_ref());
    let calibration = quality::calibration(&[&training, &validation]);
    Ok(Finished { artifact, calibration, quality, candidate: best.candidate })
}

/// An artifact with its table, and how it fares on the validation rows.
struct Tried {
    artifact: Artifact,
    way: Way,
    candidate: usize,
    /// Whether enough scores are within 1 of the float network's.
    is_near: bool,
    near_share: f64,
    auc: f64,
}

impl Tried {
    fn is_better_than(&self, other: &Self) -> bool {
        match (self.is_near, other.is_near) {
            (true, true) => self.auc > other.auc,
            (false, false) => self.near_share > other.near_share,
            (is_near, _) => is_near,
        }
    }
}

/// What artifacts are held against.
struct Judge<'a> {
    parts: &'a Parts<'a>,
    /// Of the validation rows, as are the scores.
    bad: Vec<bool>,
    expected: Vec<u16>,
    scores: &'a FloatScores,
}

impl Judge<'_> {
    /// Ways are tried on the candidate that fares best in the first way, in one piece first.
    fn best(&self, candidates: &[FloatModel]) -> Result<Tried, TrainFailure> {
        let mut best: Option<Tried> = None;
        let mut fault = ArtifactFault::NoLayers;
        let mut keep = |tried: Result<Tried, TrainFailure>| match tried {
            Ok(tried) => {
                if best.as_ref().is_none_or(|best| tried.is_better_than(best)) {
                    best = Some(tried);
                }
                Ok(best.as_ref().map(|best| (best.candidate, best.is_near)))
            }
            Err(TrainFailure::Refused(refused)) => {
                fault = refused;
                Ok(best.as_ref().map(|best| (best.candidate, best.is_near)))
            }
            Err(failure) => Err(failure),
        };
        let first = Way { ranges: RANGES[0], pieces: 1 };
        let mut found = None;
        for (index, candidate) in candidates.iter().enumerate() {
            let inputs = self.inputs(candidate)?;
            found = keep(self.try_way(index, candidate, &inputs, first))?;
        }
        if let Some((index, _)) = found {
            let candidate = &candidates[index];
            let inputs = self.inputs(candidate)?;
            'pieces: for pieces in 1..=MAX_PIECES {
                for ranges in RANGES {
                    let way = Way { ranges, pieces };
                    if way == first {
                        continue;
                    }
                    let tried = self.try_way(index, candidate, &inputs, way);
                    let is_refused = matches!(tried, Err(TrainFailure::Refused(_)));
                    found = keep(tried)?;
                    // What does not fit in so many pieces does not fit in more.
                    if is_refused && pieces > 1 {
                        break 'pieces;
                    }
                }
                if found.is_some_and(|(_, is_near)| is_near) {
                    break;
                }
            }
        }
        best.ok_or(TrainFailure::Refused(fault))
    }

    fn inputs(&self, candidate: &FloatModel) -> Result<Vec<f32>, TrainFailure> {
        inputs::compute(&candidate.features, self.parts.table, &self.parts.training)
    }

    fn try_way(
        &self,
        index: usize,
        candidate: &FloatModel,
        inputs: &[f32],
        way: Way,
    ) -> Result<Tried, TrainFailure> {
        let artifact = quantise(candidate, inputs, way, self.scores);
        let table = self.parts.table;
        let outputs = logits(&artifact, table, &self.parts.training)?;
        let artifact = self.scores.give_table(artifact, &outputs);
        let network = Network::compile(&artifact).map_err(TrainFailure::Refused)?;
        let outputs = logits(&artifact, table, &self.parts.validation)?;
        let near = outputs.iter().zip(&self.expected);
        let near = near.filter(|(z, expected)| network.score(**z).abs_diff(**expected) <= 1);
        let near_share = near.count() as f64 / outputs.len().max(1) as f64;
        let auc = metrics::auc(&outputs, &self.bad);
        let is_near = near_share >= NEAR_SHARE;
        Ok(Tried { artifact, way, candidate: index, is_near, near_share, auc })
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ranges {
            Ranges::Percentile(share) => write!(f, "ranges of {} % of the rows", share * 100.0)?,
            Ranges::LeastSquares => write!(f, "ranges of least squared error")?,
        }
        if self.pieces > 1 {
            write!(f, ", hidden units in {} pieces", self.pieces)?;
        }
        Ok(())
    }
}

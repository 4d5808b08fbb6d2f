//! From an imported network and labelled rows to a model.

use super::{ImportFault, Network};
use crate::{
    model_file::{ModelFeature, ModelFile},
    table::{Map, Table},
    train::{self, finish::finish, quality::MadeBy, scores::Scoring, TrainFailure},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// How an import becomes a model.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// Share of the rows that the choice among artifacts goes by, in ppb.
    pub validation_ppb: u64,
    pub seed: u64,
    pub scoring: Scoring,
}

/// Why no model came of an import.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    #[error(transparent)]
    Fault(#[from] ImportFault),
    #[error(transparent)]
    Model(#[from] TrainFailure),
}

impl ImportOptions {
    /// Refuses what can't give an artifact, before any time is spent.
    ///
    /// # Errors
    ///
    /// [`TrainFailure::Options`].
    pub fn check(&self) -> Result<(), TrainFailure> {
        train::check_scoring(self.scoring, self.validation_ppb)
    }
}

impl Network {
    /// Quantises the network with the rows of a table, calibrates and measures it, also on rows held
    /// out. `file` is the name of the network's file, for the report.
    ///
    /// # Errors
    ///
    /// [`ImportFailure`] when the network does not fit the MAP, the rows are too few, or no artifact
    /// of it is sound.
    pub fn into_model(
        self,
        map: &Map,
        table: &Table,
        held_out: Option<&Table>,
        [name, file]: [&str; 2],
        options: &ImportOptions,
    ) -> Result<ModelFile, ImportFailure> {
        let mut random = ChaCha20Rng::seed_from_u64(options.seed);
        let parts = train::draw(table, held_out, options.validation_ppb, &mut random);
        train::labels(table, &parts.training, "training")?;
        train::labels(table, &parts.validation, "validation")?;
        let imported = self.bind(map, table, &parts.training)?;
        let floats = |table: &Table, rows: &[usize]| Ok(imported.reference.logits(table, rows));
        let made_by = MadeBy::Imported { file: file.to_owned() };
        let finished = finish(&imported.candidates, &floats, &parts, options.scoring, made_by)?;
        let features: Vec<ModelFeature> = map.features.iter().map(ModelFeature::from).collect();
        Ok(ModelFile {
            name: name.to_owned(),
            quality: Some(finished.quality.named(&features)),
            features,
            artifact: finished.artifact,
            calibration: finished.calibration,
        })
    }
}

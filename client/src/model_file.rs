//! MODEL.json: an artifact with what people need to know of it.

use crate::{
    table::{map, Map},
    train::quality::Quality,
};
use assay_risk::{artifact::Artifact, rates::Calibration};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A feature's name and unit, in the artifact's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFeature {
    pub name: String,
    pub unit: String,
}

impl From<&map::Feature> for ModelFeature {
    fn from(feature: &map::Feature) -> Self {
        Self { name: feature.name.clone(), unit: feature.unit.clone() }
    }
}

/// A trained model as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFile {
    pub name: String,
    pub features: Vec<ModelFeature>,
    /// In the form of `score.json` among the vectors.
    pub artifact: Artifact,
    pub calibration: Calibration,
    /// None for a model of unknown making.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

/// Why a MODEL.json can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelFailure {
    #[error("{path}: the model can't be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: the model can't be written: {source}")]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("{path}: no model: {source}")]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{path}: the model contradicts itself: {problem}")]
    Unsound { path: PathBuf, problem: String },
    #[error("feature {position} of the model is \"{model}\", that of {map} is \"{other}\"; use the MAP it was trained with")]
    OtherFeatures { position: usize, model: String, map: PathBuf, other: String },
}

impl ModelFile {
    /// Reads a model and checks that the chain would take it.
    ///
    /// # Errors
    ///
    /// [`ModelFailure`] when the file is no model, or its artifact, calibration or features are
    /// unsound.
    pub fn read(path: &Path) -> Result<Self, ModelFailure> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ModelFailure::Unreadable { path: path.to_owned(), source })?;
        let model: Self = serde_json::from_str(&text)
            .map_err(|source| ModelFailure::Malformed { path: path.to_owned(), source })?;
        let unsound = |problem| ModelFailure::Unsound { path: path.to_owned(), problem };
        model.artifact.check().map_err(|fault| unsound(fault.to_string()))?;
        model.calibration.check().map_err(|fault| unsound(fault.to_string()))?;
        if model.features.len() != model.artifact.features.len() {
            let (names, inputs) = (model.features.len(), model.artifact.features.len());
            return Err(unsound(format!("it names {names} features and takes {inputs}")));
        }
        Ok(model)
    }

    /// Writes the model, one top-level key a line.
    ///
    /// # Errors
    ///
    /// [`ModelFailure`] when the file can't be written.
    pub fn write(&self, path: &Path) -> Result<(), ModelFailure> {
        let malformed = |source| ModelFailure::Malformed { path: path.to_owned(), source };
        let mut lines = vec![
            format!("\"name\":{}", serde_json::to_string(&self.name).map_err(malformed)?),
            format!("\"features\":{}", serde_json::to_string(&self.features).map_err(malformed)?),
            format!("\"artifact\":{}", serde_json::to_string(&self.artifact).map_err(malformed)?),
            format!(
                "\"calibration\":{}",
                serde_json::to_string(&self.calibration).map_err(malformed)?
            ),
        ];
        if let Some(quality) = &self.quality {
            lines.push(format!(
                "\"quality\":{}",
                serde_json::to_string(quality).map_err(malformed)?
            ));
        }
        let text = format!("{{\n{}\n}}\n", lines.join(",\n"));
        std::fs::write(path, text)
            .map_err(|source| ModelFailure::Unwritable { path: path.to_owned(), source })
    }

    /// Refuses a MAP whose features are not the model's, in its order.
    ///
    /// # Errors
    ///
    /// [`ModelFailure::OtherFeatures`] with the first that differs.
    pub fn check_map(&self, map: &Map) -> Result<(), ModelFailure> {
        let name = |feature: Option<&str>| feature.unwrap_or("missing").to_owned();
        for position in 0..self.features.len().max(map.features.len()) {
            let own = self.features.get(position).map(|feature| feature.name.as_str());
            let other = map.features.get(position).map(|feature| feature.name.as_str());
            if own != other {
                return Err(ModelFailure::OtherFeatures {
                    position: position + 1,
                    model: name(own),
                    map: map.path.clone(),
                    other: name(other),
                });
            }
        }
        Ok(())
    }
}

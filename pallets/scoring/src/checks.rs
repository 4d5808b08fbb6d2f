//! What a proposed contract must satisfy, each breach with its own error (rules, section 3).

use crate::pallet::{Config, Error, Pallet};
use assay_primitives::{traits::CreditProfiles, Name, SchemaId, H256};
use assay_risk::{
    artifact::{Artifact, ArtifactFault, Shape},
    rates::{Calibration, CalibrationFault},
};
use codec::{DecodeAll, Encode};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    pub(crate) fn check_name(name: &Name) -> Result<(), Error<T>> {
        ensure!(!name.is_empty(), Error::<T>::NameEmpty);
        ensure!(core::str::from_utf8(name).is_ok(), Error::<T>::NameNotUtf8);
        Ok(())
    }

    pub(crate) fn check_reason(reason: &Name) -> Result<(), Error<T>> {
        ensure!(!reason.is_empty(), Error::<T>::ReasonEmpty);
        ensure!(core::str::from_utf8(reason).is_ok(), Error::<T>::ReasonNotUtf8);
        Ok(())
    }

    /// The artifact of these bytes: all of them, and no other bytes mean the same artifact, as its
    /// hash is its name.
    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Artifact, Error<T>> {
        let whole = bytes;
        let artifact =
            Artifact::decode_all(&mut bytes).map_err(|_| Error::<T>::ArtifactUndecodable)?;
        ensure!(artifact.encode() == whole, Error::<T>::ArtifactUndecodable);
        Ok(artifact)
    }

    pub(crate) fn check_artifact(artifact: &Artifact, schema: SchemaId) -> Result<Shape, Error<T>> {
        let shape = artifact.check().map_err(artifact_error)?;
        let features = T::Profiles::feature_count(schema).ok_or(Error::<T>::SchemaNotFound)?;
        ensure!(artifact.features.len() == features, Error::<T>::SchemaMismatch);
        Ok(shape)
    }

    /// Whether the schema's features are those that the proposer means, by name and unit, in order.
    pub(crate) fn check_features(schema: SchemaId, features_hash: H256) -> Result<(), Error<T>> {
        let known = T::Profiles::features_hash(schema).ok_or(Error::<T>::SchemaNotFound)?;
        ensure!(known == features_hash, Error::<T>::FeaturesMismatch);
        Ok(())
    }

    pub(crate) fn check_calibration(
        calibration: &Calibration,
        artifact: &Artifact,
    ) -> Result<(), Error<T>> {
        calibration.check().map_err(calibration_error)?;
        let scores = artifact.score_min..=artifact.score_max;
        ensure!(
            calibration.entries.iter().all(|entry| scores.contains(&entry.score)),
            Error::<T>::CalibrationOutOfRange
        );
        Ok(())
    }
}

fn calibration_error<T>(fault: CalibrationFault) -> Error<T> {
    match fault {
        CalibrationFault::TooManyEntries => Error::CalibrationTooLarge,
        CalibrationFault::ScoresNotAscending => Error::CalibrationNotSorted,
        CalibrationFault::DefaultedAboveTotal => Error::CalibrationDefaultedAboveTotal,
    }
}

pub(crate) fn artifact_error<T>(fault: ArtifactFault) -> Error<T> {
    match fault {
        ArtifactFault::NoFeatures => Error::NoFeatures,
        ArtifactFault::TooManyFeatures { .. } => Error::TooManyFeatures,
        ArtifactFault::BoundsInverted { .. } => Error::BoundsInverted,
        ArtifactFault::FallbackOutOfBounds { .. } => Error::FallbackOutOfBounds,
        ArtifactFault::FeatureMultiplierNotPositive { .. } => Error::FeatureMultiplierNotPositive,
        ArtifactFault::FeatureShiftTooLarge { .. } => Error::FeatureShiftTooLarge,
        ArtifactFault::NoLayers => Error::NoLayers,
        ArtifactFault::TooManyLayers { .. } => Error::TooManyLayers,
        ArtifactFault::NoUnits { .. } => Error::NoUnits,
        ArtifactFault::TooManyUnits { .. } => Error::TooManyUnits,
        ArtifactFault::TooManyWeights { .. } => Error::TooManyWeights,
        ArtifactFault::InputMismatch { .. } => Error::InputMismatch,
        ArtifactFault::KernelDoesNotFit { .. } => Error::KernelDoesNotFit,
        ArtifactFault::NoStride { .. } => Error::NoStride,
        ArtifactFault::WeightCountMismatch { .. } => Error::WeightCountMismatch,
        ArtifactFault::ParameterCountMismatch { .. } => Error::ParameterCountMismatch,
        ArtifactFault::MultiplierNotPositive { .. } => Error::MultiplierNotPositive,
        ArtifactFault::ShiftTooLarge { .. } => Error::ShiftTooLarge,
        ArtifactFault::AccumulatorOverflow { .. } => Error::AccumulatorOverflow,
        ArtifactFault::PositionOutOfRange { .. } => Error::PositionOutOfRange,
        ArtifactFault::OutputNotSingle { .. } => Error::OutputNotSingle,
        ArtifactFault::TableLength { .. } => Error::TableLength,
        ArtifactFault::ScoreRangeInverted => Error::ScoreRangeInverted,
        ArtifactFault::TableOutOfRange { .. } => Error::TableOutOfRange,
        ArtifactFault::TableTurns { .. } => Error::TableTurns,
    }
}

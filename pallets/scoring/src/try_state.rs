//! What must always be true of the stored contracts.

use crate::pallet::{
    ActiveByName, Artifacts, Config, Contracts, NextSheet, Pallet, Sheets, Versions,
};
use alloc::collections::BTreeSet;
use assay_primitives::scoring::{ContractStatus, MAX_SCORED_SUBJECTS};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Every contract has the sound artifact that its id names and a version of its own; the active
    /// ones are those listed by name; sheets name contracts and are in order.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        let mut versions = BTreeSet::new();
        for (id, info) in Contracts::<T>::iter() {
            let bytes = Artifacts::<T>::get(id).ok_or("contract without an artifact")?;
            ensure!(Pallet::<T>::contract_id(&bytes) == id, "id is not the artifact's hash");
            let artifact = Pallet::<T>::decode(&bytes)?;
            Pallet::<T>::check_artifact(&artifact, info.schema)?;
            Pallet::<T>::check_calibration(&info.calibration, &artifact)?;
            ensure!(
                (1..=Versions::<T>::get(&info.name)).contains(&info.version),
                "version was never given"
            );
            let is_listed = ActiveByName::<T>::get(&info.name) == Some(id);
            let is_active = info.status == ContractStatus::Active;
            let is_revoked = info.status == ContractStatus::Revoked;
            ensure!(
                info.revocation.is_some() == is_revoked,
                "revoked without a reason, or the reverse"
            );
            let was_active = is_active || info.status == ContractStatus::Superseded;
            ensure!(!was_active || info.approved_at.is_some(), "active without approval");
            ensure!(is_listed == is_active, "active contracts are not those listed");
            ensure!(versions.insert((info.name, info.version)), "two contracts have one version");
        }
        ensure!(
            Artifacts::<T>::iter_keys().count() == versions.len(),
            "artifact without a contract"
        );
        ensure!(
            ActiveByName::<T>::iter_values().all(Contracts::<T>::contains_key),
            "active contract is unknown"
        );
        for (number, sheet) in Sheets::<T>::iter() {
            ensure!(number < NextSheet::<T>::get(), "number of a sheet was never given");
            ensure!(Contracts::<T>::contains_key(sheet.contract), "sheet of no contract");
            let scores = u32::try_from(sheet.scores.len()).unwrap_or(u32::MAX);
            ensure!((1..=MAX_SCORED_SUBJECTS).contains(&scores), "sheet over its bound");
            ensure!(sheet.scores.is_sorted_by(|a, b| a.subject < b.subject), "sheet out of order");
        }
        Ok(())
    }
}

//! What the calls, the assessments and the readers need.

use crate::{
    checks::artifact_error,
    pallet::{
        ActiveByName, Artifacts, Config, Contracts, Error, Event, NextSheet, Pallet, Sheets,
        Versions,
    },
    weights::Work,
};
use alloc::vec::Vec;
use assay_primitives::{
    scoring::{
        ArtifactBytes, Contract, ContractInfo, ContractStatus, Reasons, Revocation, ScoreSheet,
        SubjectScore,
    },
    traits::{CreditProfiles, ProfileReader, ScoringContracts},
    AccountId, ContractId, Name, PolicyId, SchemaId, Subject, UnixSecs, H256,
};
use assay_risk::{explanation::reasons, network::Network, profile::Policy, rates::Calibration};
use frame_support::{ensure, traits::UnixTime};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{BlakeTwo256, Hash, SaturatedConversion},
    DispatchError,
};

impl<T: Config> Pallet<T> {
    /// The id of an artifact: BLAKE2b-256 of its encoding.
    pub fn contract_id(artifact: &[u8]) -> ContractId {
        BlakeTwo256::hash(artifact)
    }

    pub(crate) fn register(
        proposer: AccountId,
        name: Name,
        schema: SchemaId,
        features_hash: H256,
        bytes: ArtifactBytes,
        calibration: Calibration,
    ) -> Result<Event<T>, Error<T>> {
        Self::check_name(&name)?;
        let contract = Self::contract_id(&bytes);
        ensure!(!Contracts::<T>::contains_key(contract), Error::<T>::AlreadyExists);
        let artifact = Self::decode(&bytes)?;
        let shape = Self::check_artifact(&artifact, schema)?;
        Self::check_features(schema, features_hash)?;
        Self::check_calibration(&calibration, &artifact)?;
        let version = Versions::<T>::get(&name).saturating_add(1);
        let info = ContractInfo {
            name: name.clone(),
            version,
            status: ContractStatus::Proposed,
            schema,
            proposer: proposer.clone(),
            proposed_at: block_number::<T>(),
            approved_at: None,
            revocation: None,
            score_min: artifact.score_min,
            score_max: artifact.score_max,
            orientation: artifact.orientation,
            calibration,
        };
        Versions::<T>::insert(&name, version);
        Contracts::<T>::insert(contract, info);
        Artifacts::<T>::insert(contract, bytes);
        Ok(Event::Proposed {
            contract,
            name,
            version,
            schema,
            proposer,
            features: shape.features,
            layers: shape.layers,
            weights: shape.weights,
            score_min: artifact.score_min,
            score_max: artifact.score_max,
            orientation: artifact.orientation,
        })
    }

    pub(crate) fn activate(contract: ContractId) -> Result<Event<T>, Error<T>> {
        let mut info = Self::known(&contract)?;
        match info.status {
            ContractStatus::Proposed => (),
            ContractStatus::Active => return Err(Error::AlreadyActive),
            ContractStatus::Superseded => return Err(Error::OlderVersion),
            ContractStatus::Revoked => return Err(Error::AlreadyRevoked),
        }
        let superseded = ActiveByName::<T>::get(&info.name);
        if let Some(earlier) = superseded {
            let mut before = Self::known(&earlier)?;
            ensure!(before.version < info.version, Error::<T>::OlderVersion);
            before.status = ContractStatus::Superseded;
            Contracts::<T>::insert(earlier, before);
        }
        info.status = ContractStatus::Active;
        info.approved_at = Some(block_number::<T>());
        ActiveByName::<T>::insert(&info.name, contract);
        let (name, version) = (info.name.clone(), info.version);
        Contracts::<T>::insert(contract, info);
        Ok(Event::Approved { contract, name, version, superseded })
    }

    pub(crate) fn withdraw(contract: ContractId, reason: Name) -> Result<Event<T>, Error<T>> {
        Self::check_reason(&reason)?;
        let mut info = Self::known(&contract)?;
        let before = info.status;
        ensure!(before != ContractStatus::Revoked, Error::<T>::AlreadyRevoked);
        if before == ContractStatus::Active {
            ActiveByName::<T>::remove(&info.name);
        }
        info.status = ContractStatus::Revoked;
        info.revocation = Some(Revocation { reason: reason.clone(), at: block_number::<T>() });
        let (name, version) = (info.name.clone(), info.version);
        Contracts::<T>::insert(contract, info);
        Ok(Event::Revoked { contract, name, version, before, reason })
    }

    pub(crate) fn store_sheet(
        requested_by: AccountId,
        contract: ContractId,
        policy: PolicyId,
        subjects: &[Subject],
    ) -> Result<(Event<T>, Work), DispatchError> {
        ensure!(!subjects.is_empty(), Error::<T>::SubjectsEmpty);
        ensure!(subjects.is_sorted_by(|a, b| a < b), Error::<T>::SubjectsNotSorted);
        let info = Self::known(&contract)?;
        ensure!(info.status == ContractStatus::Active, Error::<T>::NotActive);
        let (rules, policy_version) =
            T::Profiles::policy(&policy).ok_or(Error::<T>::PolicyNotFound)?;
        let (loaded, products) = Self::load(&contract, info)?;
        let (contract_version, schema) = (loaded.version, loaded.schema);
        let at_secs = T::Clock::now().as_secs();
        let (scores, reads) = Self::score_each(loaded, rules, at_secs, subjects)?;
        let unknown =
            |score: &SubjectScore| score.result.is_none() && !T::Profiles::knows(&score.subject);
        ensure!(!scores.iter().any(unknown), Error::<T>::SubjectNotFound);
        let count = |counts: fn(&SubjectScore) -> bool| {
            u32::try_from(scores.iter().filter(|score| counts(score)).count()).unwrap_or(u32::MAX)
        };
        let scored = count(|score| score.result.is_some());
        let unscored = count(|score| score.result.is_none());
        let propagated = count(|score| score.propagated);
        let work = Work { scored, unscored, reads, products };
        let sheet = NextSheet::<T>::get();
        let by = requested_by.clone();
        let stored = ScoreSheet {
            contract,
            contract_version,
            schema,
            policy,
            policy_version,
            requested_by,
            at_secs,
            scores,
        };
        NextSheet::<T>::put(sheet.saturating_add(1));
        Sheets::<T>::insert(sheet, stored);
        let event = Event::Scored {
            sheet,
            contract,
            contract_version,
            schema,
            policy,
            policy_version,
            by,
            scored,
            unscored,
            propagated,
        };
        Ok((event, work))
    }

    /// Scores in the order asked, and how many values of the registry that took.
    fn score_each(
        mut contract: Contract,
        policy: Policy,
        now_secs: UnixSecs,
        subjects: &[Subject],
    ) -> Result<(Vec<SubjectScore>, u32), Error<T>> {
        let mut reader = T::Profiles::reader(policy, contract.schema, now_secs)
            .ok_or(Error::<T>::SchemaNotFound)?;
        let network = &mut contract.network;
        let mut score = |subject: &Subject| match reader.profile(subject) {
            Some(profile) => {
                let logit = network.logit(&profile.values, profile.present);
                SubjectScore {
                    subject: *subject,
                    result: Some((logit, network.score(logit))),
                    propagated: profile.propagated,
                }
            }
            None => SubjectScore { subject: *subject, result: None, propagated: false },
        };
        let scores = subjects.iter().map(&mut score).collect();
        Ok((scores, reader.reads()))
    }

    fn known(id: &ContractId) -> Result<ContractInfo, Error<T>> {
        Contracts::<T>::get(id).ok_or(Error::<T>::NotFound)
    }

    /// A contract ready to score with, and the products of one inference.
    fn load(id: &ContractId, info: ContractInfo) -> Result<(Contract, u32), Error<T>> {
        let bytes = Artifacts::<T>::get(id).ok_or(Error::<T>::NotFound)?;
        let artifact = Self::decode(&bytes)?;
        let shape = artifact.check().map_err(artifact_error)?;
        let contract = Contract {
            network: Network::compile(&artifact).map_err(artifact_error)?,
            products: shape.products,
            version: info.version,
            schema: info.schema,
            score_min: info.score_min,
            score_max: info.score_max,
            orientation: info.orientation,
            calibration: info.calibration,
        };
        Ok((contract, shape.products))
    }

    /// All contracts, by name and version.
    pub fn contracts() -> Vec<(ContractId, ContractInfo)> {
        let mut all: Vec<_> = Contracts::<T>::iter().collect();
        all.sort_by(|(_, a), (_, b)| (&a.name, a.version).cmp(&(&b.name, b.version)));
        all
    }

    /// The contract of that id.
    pub fn contract(id: &ContractId) -> Option<ContractInfo> {
        Contracts::<T>::get(id)
    }

    /// The SCALE-encoded artifact of a contract.
    pub fn artifact(id: &ContractId) -> Option<Vec<u8>> {
        Artifacts::<T>::get(id).map(ArtifactBytes::into_inner)
    }

    /// Output and score of profiles given as values and presence bits, storing nothing.
    pub fn score_profiles(id: &ContractId, profiles: &[(Vec<i32>, u64)]) -> Option<Vec<(i8, u16)>> {
        let mut network = Self::started(id).ok()?.network;
        let mut score = |(values, present): &(Vec<i32>, u64)| {
            let logit = network.logit(values, *present);
            (logit, network.score(logit))
        };
        Some(profiles.iter().map(&mut score).collect())
    }

    /// Scores of subjects as of now, in the order asked, storing nothing.
    pub fn score_subjects(
        id: &ContractId,
        policy: &PolicyId,
        subjects: &[Subject],
    ) -> Option<Vec<SubjectScore>> {
        let contract = Self::started(id).ok()?;
        let (policy, _) = T::Profiles::policy(policy)?;
        let now_secs = T::Clock::now().as_secs();
        Self::score_each(contract, policy, now_secs, subjects).ok().map(|(scores, _)| scores)
    }

    /// Output and score of a profile, and what raised it (rules, section 3).
    pub fn explain(id: &ContractId, values: &[i32], present: u64) -> Option<(i8, u16, Reasons)> {
        let mut network = Self::started(id).ok()?.network;
        let logit = network.logit(values, present);
        let found = reasons(&mut network, values, present);
        let raised = found.iter().flatten().map(|reason| (reason.feature, reason.raise)).collect();
        Some((logit, network.score(logit), raised))
    }

    /// The scores that a `score` call stored.
    pub fn sheet(number: u32) -> Option<ScoreSheet> {
        Sheets::<T>::get(number)
    }
}

fn block_number<T: Config>() -> u32 {
    let number: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
    number.saturated_into()
}

impl<T: Config> ScoringContracts for Pallet<T> {
    fn active(id: &ContractId) -> Result<Contract, DispatchError> {
        let info = Self::known(id)?;
        ensure!(info.status == ContractStatus::Active, Error::<T>::NotActive);
        Ok(Self::load(id, info)?.0)
    }

    fn started(id: &ContractId) -> Result<Contract, DispatchError> {
        Ok(Self::load(id, Self::known(id)?)?.0)
    }
}

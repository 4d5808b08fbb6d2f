//! What the calls and the readers need.

use crate::{
    bucket::Head,
    pallet::{Config, Error, Event, NextSchema, Pallet, Policies, PolicyVersions, Schemas, Size},
    reader::Reader,
    registry::{Cursor, Editor},
    weights::Work,
};
use alloc::vec::Vec;
use assay_primitives::{
    credit::{
        Held, ListedSchema, PolicyRecord, RegistrySize, Report, Schema, SubjectRecord, MAX_REPORTS,
        MAX_REPORTS_OF_BUREAU,
    },
    traits::{CreditProfiles, ProfileReader},
    AccountId, Name, OrganisationId, PolicyId, SchemaId, Subject, UnixSecs, H256,
};
use assay_risk::profile::{Policy, PolicyFault, Profile};
use codec::Encode;
use frame_support::{ensure, traits::UnixTime};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::SaturatedConversion, DispatchError};

impl<T: Config> Pallet<T> {
    pub(crate) fn check_schema(schema: &Schema) -> Result<(), Error<T>> {
        let names: Vec<_> = schema.features.iter().map(|feature| &feature.name).collect();
        ensure!(!schema.name.is_empty() && !names.is_empty(), Error::<T>::SchemaIncomplete);
        ensure!(names.iter().all(|name| !name.is_empty()), Error::<T>::SchemaIncomplete);
        let units = schema.features.iter().map(|feature| &feature.unit);
        let all = names.iter().copied().chain(units).chain([&schema.name]);
        ensure!(
            all.map(|name| core::str::from_utf8(name)).all(|text| text.is_ok()),
            Error::<T>::NameNotUtf8
        );
        let mut sorted = names;
        sorted.sort();
        let before = sorted.len();
        sorted.dedup();
        ensure!(sorted.len() == before, Error::<T>::FeatureTwice);
        ensure!(
            schema.features.iter().all(|feature| feature.lower <= feature.upper),
            Error::<T>::BoundsReversed
        );
        Ok(())
    }

    pub(crate) fn policy_error(fault: PolicyFault) -> Error<T> {
        match fault {
            PolicyFault::StepsNotAscending | PolicyFault::TooManySteps => {
                Error::<T>::PolicyStepsUnordered
            }
            PolicyFault::WeightAboveOne => Error::<T>::PolicyWeightTooLarge,
            PolicyFault::DistanceOutOfRange => Error::<T>::PolicyDistanceOutOfRange,
            PolicyFault::SourceUnknown => Error::<T>::PolicySourceUnknown,
        }
    }

    pub(crate) fn store_policy(
        by: AccountId,
        name: Name,
        policy: Policy,
    ) -> Result<Event<T>, Error<T>> {
        ensure!(!name.is_empty(), Error::<T>::PolicyNameEmpty);
        ensure!(core::str::from_utf8(&name).is_ok(), Error::<T>::NameNotUtf8);
        policy.validate().map_err(Self::policy_error)?;
        let id = Self::policy_id(&policy);
        ensure!(!Policies::<T>::contains_key(id), Error::<T>::PolicyExists);
        let version = PolicyVersions::<T>::get(&name).saturating_add(1);
        PolicyVersions::<T>::insert(&name, version);
        let at = block_number::<T>();
        let record = PolicyRecord { name: name.clone(), version, policy, by: by.clone(), at };
        Policies::<T>::insert(id, record);
        Ok(Event::PolicyAdded { policy: id, name, version, by })
    }

    /// All policies, by name and version.
    pub fn policies() -> Vec<(PolicyId, PolicyRecord)> {
        let mut all: Vec<_> = Policies::<T>::iter().collect();
        all.sort_by(|(_, a), (_, b)| (&a.name, a.version).cmp(&(&b.name, b.version)));
        all
    }

    /// The policy of that id, as it was added.
    pub fn policy_record(id: &PolicyId) -> Option<PolicyRecord> {
        Policies::<T>::get(id)
    }

    /// The id of a policy: BLAKE2b-256 of its encoding.
    pub fn policy_id(policy: &Policy) -> PolicyId {
        policy.using_encoded(sp_io::hashing::blake2_256).into()
    }

    pub(crate) fn store_reports(
        bureau: OrganisationId,
        schema: SchemaId,
        reports: &[Report],
    ) -> Result<Work, DispatchError> {
        let features = Self::feature_count(schema).ok_or(Error::<T>::SchemaNotFound)?;
        ensure!(!reports.is_empty(), Error::<T>::BatchEmpty);
        ensure!(
            reports.is_sorted_by(|left, right| left.subject < right.subject),
            Error::<T>::BatchNotSorted
        );
        let now_secs = T::Clock::now().as_secs();
        let mut editor = Editor::<T>::default();
        for report in reports {
            ensure!(values_match(report, features), Error::<T>::ValuesMismatch);
            ensure!(report.observed_at_secs <= now_secs, Error::<T>::ReportFromFuture);
            editor.change(report.subject, |entry| {
                store_report::<T>(&mut entry.reports, report, bureau, schema)
            })?;
        }
        Ok(Work { records: length(reports), values: editor.finish() })
    }

    /// All schemas.
    pub fn schemas() -> Vec<ListedSchema> {
        (0..NextSchema::<T>::get())
            .filter_map(|id| Schemas::<T>::get(id).map(|(by, schema)| (id, by, schema)))
            .collect()
    }

    /// Size of the registry.
    pub fn size() -> RegistrySize {
        Size::<T>::get()
    }

    /// All that is known of a subject.
    pub fn record(subject: &Subject) -> Option<SubjectRecord> {
        let mut cursor = Cursor::<T>::default();
        let (bucket, position) = cursor.find(subject)?;
        Some(bucket.record(position)).filter(|record| !record.is_empty())
    }

    /// What a bureau has stored of each subject, in the order asked.
    pub fn held(bureau: OrganisationId, schema: SchemaId, subjects: &[Subject]) -> Vec<Held> {
        let mut cursor = Cursor::<T>::default();
        let mut held = |subject: &Subject| {
            let (bucket, position) = cursor.find(subject)?;
            let mut heads = bucket.heads_and_values(position).map(|(head, _)| head);
            heads
                .find(|head| head.bureau == bureau && head.schema == schema)
                .map(|head| (head.observed_at_secs, head.document_hash))
        };
        subjects.iter().map(&mut held).collect()
    }

    /// The profiles under a policy at a time, in the order asked.
    pub fn profiles(
        policy: Policy,
        schema: SchemaId,
        now_secs: UnixSecs,
        subjects: &[Subject],
    ) -> Vec<Option<Profile>> {
        let Some(mut reader) = <Self as CreditProfiles>::reader(policy, schema, now_secs) else {
            return Vec::new();
        };
        subjects.iter().map(|subject| reader.profile(subject).cloned()).collect()
    }
}

/// The block that is being made.
pub(crate) fn block_number<T: Config>() -> u32 {
    let number: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
    number.saturated_into()
}

fn values_match(report: &Report, features: usize) -> bool {
    let unknown = u32::try_from(features).ok().and_then(|bits| u64::MAX.checked_shl(bits));
    report.values.len() == features && report.present & unknown.unwrap_or(0) == 0
}

fn store_report<T: Config>(
    reports: &mut Vec<(Head, Vec<i32>)>,
    report: &Report,
    bureau: OrganisationId,
    schema: SchemaId,
) -> Result<(), Error<T>> {
    let fresh = (Head::of(report, bureau, schema), report.values.to_vec());
    let same = |(head, _): &&mut (Head, Vec<i32>)| head.bureau == bureau && head.schema == schema;
    if let Some(stored) = reports.iter_mut().find(same) {
        ensure!(report.observed_at_secs > stored.0.observed_at_secs, Error::<T>::ReportNotNewer);
        *stored = fresh;
        return Ok(());
    }
    let own = reports.iter().filter(|(head, _)| head.bureau == bureau).count();
    ensure!(within(own, MAX_REPORTS_OF_BUREAU), Error::<T>::TooManyReports);
    ensure!(within(reports.len(), MAX_REPORTS), Error::<T>::TooManyReports);
    reports.push(fresh);
    Ok(())
}

/// How many there are, for weights and events.
pub(crate) fn length<V>(list: &[V]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// Whether there is room for one more.
pub(crate) fn within(length: usize, limit: u32) -> bool {
    u32::try_from(length).is_ok_and(|length| length < limit)
}

impl<T: Config> CreditProfiles for Pallet<T> {
    type Reader = Reader<T>;

    fn policy(id: &PolicyId) -> Option<(Policy, u32)> {
        Policies::<T>::get(id).map(|record| (record.policy, record.version))
    }

    fn features_hash(schema: SchemaId) -> Option<H256> {
        Schemas::<T>::get(schema).map(|(_, schema)| schema.features_hash())
    }

    fn feature_count(schema: SchemaId) -> Option<usize> {
        Schemas::<T>::get(schema).map(|(_, schema)| schema.features.len())
    }

    fn reader(policy: Policy, schema: SchemaId, now_secs: UnixSecs) -> Option<Reader<T>> {
        let features = Self::feature_count(schema)?;
        Some(Reader::new(policy, schema, features, now_secs))
    }

    fn knows(subject: &Subject) -> bool {
        Self::record(subject).is_some()
    }
}

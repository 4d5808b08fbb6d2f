//! What the calls and the readers need.

use crate::{
    bucket::Head,
    pallet::{Config, Error, NextSchema, Pallet, Policies, Schemas, Size},
    reader::Reader,
    registry::{Cursor, Editor},
    weights::Work,
};
use alloc::vec::Vec;
use assay_primitives::{
    credit::{
        Held, ListedSchema, RegistrySize, Relation, Report, Schema, StoredRelation, SubjectRecord,
        MAX_DISTANCE, MAX_RELATIONS, MAX_REPORTS, MAX_REPORTS_OF_BUREAU,
    },
    traits::{CreditProfiles, ProfileReader},
    OrganisationId, PolicyId, SchemaId, Subject, UnixSecs,
};
use assay_risk::profile::{Policy, PolicyFault, Profile};
use codec::Encode;
use frame_support::{ensure, traits::UnixTime};
use sp_runtime::DispatchError;

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
        }
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

    pub(crate) fn store_relations(
        bureau: OrganisationId,
        relations: &[Relation],
    ) -> Result<Work, DispatchError> {
        ensure!(!relations.is_empty(), Error::<T>::BatchEmpty);
        let mut ends = Vec::with_capacity(relations.len().saturating_mul(2));
        for relation in relations {
            ensure!(relation.from != relation.to, Error::<T>::RelatedToSelf);
            ensure!(
                (1..=MAX_DISTANCE).contains(&relation.distance),
                Error::<T>::DistanceOutOfRange
            );
            ends.push((relation.from, relation.to, relation.distance));
            ends.push((relation.to, relation.from, relation.distance));
        }
        ends.sort();
        let mut editor = Editor::<T>::default();
        for (subject, other, distance) in ends {
            let relation = StoredRelation { other, distance, bureau };
            editor.change(subject, |entry| store_relation::<T>(&mut entry.relations, relation))?;
        }
        Ok(Work { records: length(relations), values: editor.finish() })
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
        Cursor::<T>::default().find(subject).map(|(bucket, position)| bucket.record(position))
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

fn store_relation<T: Config>(
    relations: &mut Vec<StoredRelation>,
    relation: StoredRelation,
) -> Result<(), Error<T>> {
    if let Some(stored) = relations.iter_mut().find(|stored| stored.other == relation.other) {
        ensure!(stored.bureau == relation.bureau, Error::<T>::RelationOfAnother);
        *stored = relation;
        return Ok(());
    }
    ensure!(within(relations.len(), MAX_RELATIONS), Error::<T>::TooManyRelations);
    relations.push(relation);
    Ok(())
}

fn length<V>(list: &[V]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

fn within(length: usize, limit: u32) -> bool {
    u32::try_from(length).is_ok_and(|length| length < limit)
}

impl<T: Config> CreditProfiles for Pallet<T> {
    type Reader = Reader<T>;

    fn policy(id: &PolicyId) -> Option<Policy> {
        Policies::<T>::get(id)
    }

    fn feature_count(schema: SchemaId) -> Option<usize> {
        Schemas::<T>::get(schema).map(|(_, schema)| schema.features.len())
    }

    fn reader(policy: Policy, schema: SchemaId, now_secs: UnixSecs) -> Option<Reader<T>> {
        let features = Self::feature_count(schema)?;
        Some(Reader::new(policy, schema, features, now_secs))
    }

    fn knows(subject: &Subject) -> bool {
        Cursor::<T>::default().find(subject).is_some()
    }
}

//! Relations between subjects: from bureaus only, symmetric, bounded (rules, section 2).

use crate::{
    bucket::Entry,
    impls::{length, within},
    pallet::{Config, Error, Pallet},
    registry::Editor,
    weights::Work,
};
use alloc::vec::Vec;
use assay_primitives::{
    credit::{Ends, Relation, StoredRelation, MAX_DISTANCE, MAX_RELATIONS},
    OrganisationId, Subject,
};
use frame_support::ensure;
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    pub(crate) fn store_relations(
        bureau: OrganisationId,
        relations: &[Relation],
    ) -> Result<Work, DispatchError> {
        ensure!(
            relations.iter().all(|relation| (1..=MAX_DISTANCE).contains(&relation.distance)),
            Error::<T>::DistanceOutOfRange
        );
        let relations = relations.iter().map(|it| (it.from, it.to, it.distance)).collect();
        Self::change_both_ends(relations, |entry, other, distance| {
            store::<T>(&mut entry.relations, StoredRelation { other, distance, bureau })
        })
    }

    pub(crate) fn remove_relations(
        bureau: OrganisationId,
        pairs: &[Ends],
    ) -> Result<Work, DispatchError> {
        let pairs = pairs.iter().map(|(from, to)| (*from, *to, ())).collect();
        Self::change_both_ends(pairs, |entry, other, ()| {
            remove::<T>(&mut entry.relations, other, bureau)
        })
    }

    /// Changes the records of both ends of each pair, each bucket read and written once.
    fn change_both_ends<V: Copy>(
        pairs: Vec<(Subject, Subject, V)>,
        change: impl Fn(&mut Entry, Subject, V) -> Result<(), Error<T>>,
    ) -> Result<Work, DispatchError> {
        ensure!(!pairs.is_empty(), Error::<T>::BatchEmpty);
        let records = length(&pairs);
        let mut ends = Vec::with_capacity(pairs.len().saturating_mul(2));
        for (from, to, value) in pairs {
            ensure!(from != to, Error::<T>::RelatedToSelf);
            ends.push((from, to, value));
            ends.push((to, from, value));
        }
        ends.sort_by_key(|(subject, other, _)| (*subject, *other));
        let mut editor = Editor::<T>::default();
        for (subject, other, value) in ends {
            editor.change(subject, |entry| change(entry, other, value))?;
        }
        Ok(Work { records, values: editor.finish() })
    }
}

fn store<T: Config>(
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

fn remove<T: Config>(
    relations: &mut Vec<StoredRelation>,
    other: Subject,
    bureau: OrganisationId,
) -> Result<(), Error<T>> {
    let place = relations
        .iter()
        .position(|stored| stored.other == other)
        .ok_or(Error::<T>::RelationNotFound)?;
    let own = relations.get(place).is_some_and(|stored| stored.bureau == bureau);
    ensure!(own, Error::<T>::RelationOfAnother);
    relations.remove(place);
    Ok(())
}

use super::mock::*;
use crate::Error;
use assay_primitives::{
    credit::{Relation, StoredRelation, MAX_RELATIONS},
    Subject,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn relate(bureau: u8, relations: Vec<Relation>) -> Result<(), DispatchError> {
    Registry::relate(signed(bureau), relations.try_into().unwrap())
        .map(|_| ())
        .map_err(|failure| failure.error)
}

fn pair(from: Subject, to: Subject, distance: u8) -> Vec<Relation> {
    vec![Relation { from, to, distance }]
}

#[test]
fn should_store_the_relation_with_both_ends_when_given() {
    run(|| {
        let (from, to) = (subject(0, 9), subject(5, 9));
        assert_ok!(relate(1, pair(from, to, 2)));
        let stored = |other| StoredRelation { other, distance: 2, bureau: 1 };
        assert_eq!(Registry::record(&from).unwrap().relations, vec![stored(to)]);
        assert_eq!(Registry::record(&to).unwrap().relations, vec![stored(from)]);
        assert_ok!(relate(1, pair(to, from, 4)));
        assert_eq!(Registry::record(&from).unwrap().relations[0].distance, 4);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        assert_noop!(relate(2, pair(subject(0, 2), subject(1, 2), 1)), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_batch_is_empty() {
    run(|| {
        assert_noop!(relate(1, vec![]), Error::<Test>::BatchEmpty);
    });
}

#[test]
fn should_refuse_when_related_to_itself() {
    run(|| {
        let who = subject(0, 2);
        assert_noop!(relate(1, pair(who, who, 1)), Error::<Test>::RelatedToSelf);
    });
}

#[test]
fn should_refuse_when_the_distance_is_out_of_range() {
    run(|| {
        for distance in [0, 11] {
            let relation = pair(subject(0, 2), subject(1, 2), distance);
            assert_noop!(relate(1, relation), Error::<Test>::DistanceOutOfRange);
        }
    });
}

#[test]
fn should_refuse_when_another_bureau_stored_it() {
    run(|| {
        assert_ok!(relate(1, pair(subject(0, 2), subject(1, 2), 1)));
        let again = pair(subject(0, 2), subject(1, 2), 3);
        assert_noop!(relate(3, again), Error::<Test>::RelationOfAnother);
    });
}

#[test]
fn should_refuse_when_a_subject_has_too_many_relations() {
    run(|| {
        let star = |ends: std::ops::Range<u32>| {
            ends.map(|n| Relation { from: subject(0, 99), to: subject(n, 99), distance: 1 })
                .collect()
        };
        assert_ok!(relate(1, star(1..MAX_RELATIONS + 1)));
        let one_more = star(MAX_RELATIONS + 1..MAX_RELATIONS + 2);
        assert_noop!(relate(1, one_more), Error::<Test>::TooManyRelations);
    });
}

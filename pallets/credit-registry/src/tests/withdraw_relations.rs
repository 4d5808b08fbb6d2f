use super::mock::*;
use crate::{Error, Event};
use assay_primitives::{
    credit::{Ends, Relation},
    traits::CreditProfiles,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn relate(from: u32, to: u32) {
    let relation = Relation { from: subject(from, 9), to: subject(to, 9), distance: 1 };
    assert_ok!(Registry::relate(signed(1), vec![relation].try_into().unwrap()));
}

fn withdraw(bureau: u8, pairs: &[(u32, u32)]) -> Result<(), DispatchError> {
    let pairs: Vec<Ends> =
        pairs.iter().map(|(from, to)| (subject(*from, 9), subject(*to, 9))).collect();
    Registry::withdraw_relations(signed(bureau), pairs.try_into().unwrap())
        .map(|_| ())
        .map_err(|failure| failure.error)
}

#[test]
fn should_take_the_relation_from_both_ends_when_withdrawn() {
    run(|| {
        relate(0, 5);
        relate(5, 7);
        assert_ok!(withdraw(1, &[(5, 0)]));
        assert_eq!(Registry::record(&subject(0, 9)), None);
        assert!(!Registry::knows(&subject(0, 9)));
        let left = Registry::record(&subject(5, 9)).unwrap().relations;
        assert_eq!(left.iter().map(|it| it.other).collect::<Vec<_>>(), [subject(7, 9)]);
        System::assert_last_event(Event::RelationsWithdrawn { bureau: 1, relations: 1 }.into());
    });
}

#[test]
fn should_lend_no_profile_any_more_when_the_relation_is_withdrawn() {
    run(|| {
        relate(0, 5);
        assert_ok!(submit(1, vec![report(subject(5, 9), NOW_SECS, [1, 2, 3])]));
        let lent = || Registry::profiles(policy(Some(1)), 0, NOW_SECS, &[subject(0, 9)]);
        assert!(lent()[0].is_some());
        assert_ok!(withdraw(1, &[(0, 5)]));
        assert_eq!(lent(), [None]);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        relate(0, 5);
        assert_noop!(withdraw(2, &[(0, 5)]), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_batch_is_empty() {
    run(|| {
        assert_noop!(withdraw(1, &[]), Error::<Test>::BatchEmpty);
    });
}

#[test]
fn should_refuse_when_both_ends_are_one() {
    run(|| {
        assert_noop!(withdraw(1, &[(3, 3)]), Error::<Test>::RelatedToSelf);
    });
}

#[test]
fn should_refuse_when_there_is_no_such_relation() {
    run(|| {
        relate(0, 5);
        assert_noop!(withdraw(1, &[(0, 5), (0, 6)]), Error::<Test>::RelationNotFound);
        assert_noop!(withdraw(1, &[(0, 5), (5, 0)]), Error::<Test>::RelationNotFound);
    });
}

#[test]
fn should_refuse_when_another_bureau_stored_it() {
    run(|| {
        relate(0, 5);
        assert_noop!(withdraw(3, &[(0, 5)]), Error::<Test>::RelationOfAnother);
    });
}

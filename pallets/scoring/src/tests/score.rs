use super::mock::*;
use crate::{weights, Error, Event, NextSheet};
use assay_primitives::{
    scoring::{ScoreSheet, SubjectScore},
    ContractId, PolicyId,
};
use frame_support::{assert_err, assert_storage_noop, dispatch::PostDispatchInfo};
use sp_runtime::DispatchError;

fn score_by(
    origin: RuntimeOrigin,
    contract: ContractId,
    policy: PolicyId,
    firsts: &[u8],
) -> Result<PostDispatchInfo, DispatchError> {
    let subjects: Vec<_> = firsts.iter().map(|first| subject(*first)).collect();
    Scoring::score(origin, contract, policy, subjects.try_into().unwrap())
        .map_err(|failure| failure.error)
}

fn score(contract: ContractId, firsts: &[u8]) -> Result<PostDispatchInfo, DispatchError> {
    score_by(signed(1), contract, POLICY, firsts)
}

/// Asserts that nothing is stored, and the call refused as stated.
fn refuses(
    call: impl FnOnce() -> Result<PostDispatchInfo, DispatchError>,
    error: impl Into<DispatchError>,
) {
    assert_storage_noop!({
        assert_err!(call(), error.into());
    });
}

#[test]
fn should_store_the_scores_and_tell_them_when_called() {
    run(|| {
        let contract = approved(1);
        score(contract, &[20]).unwrap();
        let info = score(contract, &[20, 30, 120, 220]).unwrap();
        let unscored = SubjectScore { subject: subject(220), result: None, propagated: false };
        let expected = ScoreSheet {
            contract,
            contract_version: 1,
            schema: 0,
            policy: POLICY,
            policy_version: POLICY_VERSION,
            requested_by: account(1),
            at_secs: NOW_SECS,
            scores: vec![score_of(20, false), score_of(30, false), score_of(120, true), unscored],
        };
        assert_eq!(Scoring::sheet(1), Some(expected));
        assert_eq!(NextSheet::<Test>::get(), 2);
        System::assert_last_event(
            Event::Scored {
                sheet: 1,
                contract,
                contract_version: 1,
                schema: 0,
                policy: POLICY,
                policy_version: POLICY_VERSION,
                by: account(1),
                scored: 3,
                unscored: 1,
                propagated: 1,
            }
            .into(),
        );
        let work = weights::Work { scored: 3, unscored: 1, reads: 4, products: 1 };
        assert_eq!(info.actual_weight, Some(weights::done(work)));
        assert!(weights::done(work).ref_time() < weights::score(4).ref_time());
    });
}

#[test]
fn should_store_scores_that_anyone_can_compute_again_when_called() {
    run(|| {
        let contract = approved(1);
        score(contract, &[20, 30]).unwrap();
        let again = Scoring::score_subjects(&contract, &POLICY, &[subject(20), subject(30)]);
        assert_eq!(Scoring::sheet(0).map(|sheet| sheet.scores), again);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let contract = approved(1);
        refuses(|| score_by(signed(2), contract, POLICY, &[20]), NOT_PERMITTED);
        refuses(|| score_by(council(), contract, POLICY, &[20]), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_no_subject_is_given() {
    run(|| {
        let contract = approved(1);
        refuses(|| score(contract, &[]), Error::<Test>::SubjectsEmpty);
    });
}

#[test]
fn should_refuse_when_subjects_do_not_strictly_ascend() {
    run(|| {
        let contract = approved(1);
        refuses(|| score(contract, &[30, 20]), Error::<Test>::SubjectsNotSorted);
        refuses(|| score(contract, &[20, 20]), Error::<Test>::SubjectsNotSorted);
    });
}

#[test]
fn should_refuse_when_the_contract_is_unknown() {
    run(|| refuses(|| score(ContractId::zero(), &[20]), Error::<Test>::NotFound));
}

#[test]
fn should_refuse_when_the_contract_is_not_active() {
    run(|| {
        let superseded = approved(1);
        let revoked = approved(2);
        Scoring::revoke(council(), revoked, name("wrong data")).unwrap();
        for contract in [superseded, revoked, proposed(3)] {
            refuses(|| score(contract, &[20]), Error::<Test>::NotActive);
        }
    });
}

#[test]
fn should_refuse_when_the_policy_is_unknown() {
    run(|| {
        let contract = approved(1);
        refuses(
            || score_by(signed(1), contract, PolicyId::zero(), &[20]),
            Error::<Test>::PolicyNotFound,
        );
    });
}

#[test]
fn should_refuse_when_nothing_is_known_of_a_subject() {
    run(|| {
        let contract = approved(1);
        refuses(|| score(contract, &[9, 20]), Error::<Test>::SubjectNotFound);
    });
}

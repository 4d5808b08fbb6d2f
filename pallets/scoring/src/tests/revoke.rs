use super::mock::*;
use crate::{ActiveByName, Error, Event};
use assay_primitives::{
    scoring::{ContractStatus, Revocation},
    ContractId, Name,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_withdraw_and_tell_it_when_revoked() {
    run(|| {
        let contract = approved(1);
        assert_ok!(Scoring::revoke(council(), contract, name("wrong data")));
        assert_eq!(status(contract), ContractStatus::Revoked);
        let revocation = Revocation { reason: name("wrong data"), at: 1 };
        assert_eq!(Scoring::contract(&contract).unwrap().revocation, Some(revocation));
        assert_eq!(ActiveByName::<Test>::get(name("Model")), None);
        System::assert_last_event(
            Event::Revoked {
                contract,
                name: name("Model"),
                version: 1,
                before: ContractStatus::Active,
                reason: name("wrong data"),
            }
            .into(),
        );
    });
}

#[test]
fn should_leave_the_active_version_when_another_is_revoked() {
    run(|| {
        let superseded = approved(1);
        let active = approved(2);
        let later = proposed(3);
        assert_ok!(Scoring::revoke(council(), superseded, name("wrong data")));
        assert_ok!(Scoring::revoke(council(), later, name("wrong data")));
        assert_eq!(ActiveByName::<Test>::get(name("Model")), Some(active));
        assert_eq!(status(active), ContractStatus::Active);
    });
}

#[test]
fn should_let_a_later_version_be_approved_when_revoked() {
    run(|| {
        let first = approved(1);
        assert_ok!(Scoring::revoke(council(), first, name("wrong data")));
        let second = approved(2);
        assert_eq!(status(second), ContractStatus::Active);
        assert_eq!(status(first), ContractStatus::Revoked);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        let contract = approved(1);
        assert_noop!(
            Scoring::revoke(signed(1), contract, name("wrong data")),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn should_refuse_when_the_reason_is_empty_or_not_utf8() {
    run(|| {
        let contract = approved(1);
        assert_noop!(Scoring::revoke(council(), contract, name("")), Error::<Test>::ReasonEmpty);
        assert_noop!(
            Scoring::revoke(council(), contract, Name::try_from(vec![0xff]).unwrap()),
            Error::<Test>::ReasonNotUtf8
        );
    });
}

#[test]
fn should_refuse_when_the_contract_is_unknown() {
    run(|| {
        assert_noop!(
            Scoring::revoke(council(), ContractId::zero(), name("wrong data")),
            Error::<Test>::NotFound
        );
    });
}

#[test]
fn should_refuse_when_it_was_revoked_before() {
    run(|| {
        let contract = approved(1);
        assert_ok!(Scoring::revoke(council(), contract, name("wrong data")));
        assert_noop!(
            Scoring::revoke(council(), contract, name("again")),
            Error::<Test>::AlreadyRevoked
        );
    });
}

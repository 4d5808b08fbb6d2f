use super::mock::*;
use crate::{ActiveByName, Error, Event};
use assay_primitives::{scoring::ContractStatus, ContractId};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_activate_and_tell_it_when_approved() {
    run(|| {
        let contract = proposed(1);
        assert_ok!(Scoring::approve(council(), contract));
        assert_eq!(status(contract), ContractStatus::Active);
        assert_eq!(Scoring::contract(&contract).unwrap().approved_at, Some(1));
        assert_eq!(ActiveByName::<Test>::get(name("Model")), Some(contract));
        System::assert_last_event(
            Event::Approved { contract, name: name("Model"), version: 1, superseded: None }.into(),
        );
    });
}

#[test]
fn should_supersede_the_earlier_version_when_approved() {
    run(|| {
        let earlier = approved(1);
        let other = proposed_as("Other", 2);
        assert_ok!(Scoring::approve(council(), other));
        let contract = approved(3);
        assert_eq!(status(earlier), ContractStatus::Superseded);
        assert_eq!(status(other), ContractStatus::Active);
        assert_eq!(status(contract), ContractStatus::Active);
        let superseded = Some(earlier);
        System::assert_last_event(
            Event::Approved { contract, name: name("Model"), version: 2, superseded }.into(),
        );
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        let contract = proposed(1);
        assert_noop!(Scoring::approve(signed(1), contract), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_contract_is_unknown() {
    run(|| {
        assert_noop!(Scoring::approve(council(), ContractId::zero()), Error::<Test>::NotFound);
    });
}

#[test]
fn should_refuse_when_it_is_active() {
    run(|| {
        let contract = approved(1);
        assert_noop!(Scoring::approve(council(), contract), Error::<Test>::AlreadyActive);
    });
}

#[test]
fn should_refuse_when_it_was_revoked() {
    run(|| {
        let contract = proposed(1);
        assert_ok!(Scoring::revoke(council(), contract, name("wrong data")));
        assert_noop!(Scoring::approve(council(), contract), Error::<Test>::AlreadyRevoked);
    });
}

#[test]
fn should_refuse_when_a_newer_version_is_active() {
    run(|| {
        let older = proposed(1);
        approved(2);
        assert_noop!(Scoring::approve(council(), older), Error::<Test>::OlderVersion);
    });
}

#[test]
fn should_refuse_when_it_was_superseded() {
    run(|| {
        let older = approved(1);
        let newer = approved(2);
        assert_noop!(Scoring::approve(council(), older), Error::<Test>::OlderVersion);
        assert_ok!(Scoring::revoke(council(), newer, name("wrong data")));
        assert_noop!(Scoring::approve(council(), older), Error::<Test>::OlderVersion);
    });
}

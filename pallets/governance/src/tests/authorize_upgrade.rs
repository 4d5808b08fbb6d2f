use super::mock::*;
use assay_primitives::H256;
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use frame_system::{Error, Event};
use sp_core::storage::well_known_keys::CODE;
use sp_runtime::{
    traits::{BlakeTwo256, Hash},
    DispatchError,
};

const NEW_CODE: &[u8] = b"the next runtime";

fn authorize(hash: H256) -> DispatchResult {
    Governance::authorize_upgrade(RuntimeOrigin::root(), hash)
}

fn apply(code: &[u8]) -> DispatchResult {
    let applied = System::apply_authorized_upgrade(RuntimeOrigin::signed(7), code.to_vec());
    applied.map(|_| ()).map_err(|refused| refused.error)
}

fn code() -> Option<Vec<u8>> {
    sp_io::storage::get(CODE).map(|code| code.to_vec())
}

#[test]
fn should_tell_it_when_authorized() {
    run(1, || {
        let code_hash = BlakeTwo256::hash(NEW_CODE);
        assert_ok!(authorize(code_hash));
        System::assert_last_event(
            Event::UpgradeAuthorized { code_hash, check_version: true }.into(),
        );
    });
}

#[test]
fn should_take_the_code_of_that_hash_from_anyone_when_it_is_newer() {
    run(1, || {
        assert_ok!(authorize(BlakeTwo256::hash(NEW_CODE)));
        assert_ok!(apply(NEW_CODE));
        assert_eq!(code(), Some(NEW_CODE.to_vec()));
        assert_noop!(apply(NEW_CODE), Error::<Test>::NothingAuthorized);
    });
}

#[test]
fn should_refuse_the_code_when_it_is_not_newer() {
    run(0, || {
        assert_ok!(authorize(BlakeTwo256::hash(NEW_CODE)));
        assert_ok!(apply(NEW_CODE));
        assert_ne!(code(), Some(NEW_CODE.to_vec()));
        let code_hash = BlakeTwo256::hash(NEW_CODE);
        let error = Error::<Test>::SpecVersionNeedsToIncrease.into();
        System::assert_last_event(
            Event::RejectedInvalidAuthorizedUpgrade { code_hash, error }.into(),
        );
    });
}

#[test]
fn should_refuse_the_code_when_its_hash_is_another() {
    run(1, || {
        assert_ok!(authorize(BlakeTwo256::hash(NEW_CODE)));
        assert_noop!(apply(b"other"), Error::<Test>::Unauthorized);
    });
}

#[test]
fn should_forget_what_was_allowed_before_when_another_is_authorized() {
    run(1, || {
        assert_ok!(authorize(BlakeTwo256::hash(NEW_CODE)));
        assert_ok!(authorize(H256::zero()));
        assert_noop!(apply(NEW_CODE), Error::<Test>::Unauthorized);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(1, || {
        assert_noop!(
            Governance::authorize_upgrade(RuntimeOrigin::signed(1), H256::zero()),
            DispatchError::BadOrigin
        );
        assert_noop!(apply(NEW_CODE), Error::<Test>::NothingAuthorized);
    });
}

use super::mock::*;
use crate::{extension::CheckMembership, weights};
use assay_primitives::member::{refusal, Roles};
use codec::Encode;
use frame_support::{
    assert_ok,
    dispatch::{DispatchClass, DispatchInfo},
};
use sp_runtime::{
    traits::{DispatchTransaction, TransactionExtension},
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
};

fn remark() -> RuntimeCall {
    frame_system::Call::remark { remark: vec![1] }.into()
}

fn unlisted() -> RuntimeCall {
    frame_system::Call::remark_with_event { remark: vec![1] }.into()
}

/// What pool and block say of a call; they must agree.
fn validated(origin: RuntimeOrigin, call: RuntimeCall) -> Result<(), TransactionValidityError> {
    let info = DispatchInfo::default();
    let check = CheckMembership::<Test>::new;
    let pool = check()
        .validate_only(origin.clone(), &call, &info, 0, TransactionSource::External, 0)
        .map(|_| ());
    let block = check().validate_and_prepare(origin, &call, &info, 0, 0).map(|_| ());
    assert_eq!(pool, block);
    block
}

fn refused<V>(code: u8) -> Result<V, TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

#[test]
fn should_pass_when_a_role_allows_the_call() {
    run(|| {
        assert_ok!(validated(signed(2), remark()));
    });
}

#[test]
fn should_refuse_when_the_signer_is_a_stranger() {
    run(|| {
        assert_eq!(validated(signed(3), remark()), refused(refusal::NOT_A_MEMBER));
    });
}

#[test]
fn should_refuse_when_the_signer_is_suspended() {
    run(|| {
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_eq!(validated(signed(2), remark()), refused(refusal::SUSPENDED));
        assert_ok!(Organisations::restore(council(), account(2)));
        assert_ok!(validated(signed(2), remark()));
    });
}

#[test]
fn should_refuse_when_no_role_allows_the_call() {
    run(|| {
        assert_eq!(validated(signed(1), remark()), refused(refusal::ROLE_NOT_ALLOWED));
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::SPV));
        assert_eq!(validated(signed(2), remark()), refused(refusal::ROLE_NOT_ALLOWED));
    });
}

#[test]
fn should_refuse_when_the_call_is_for_nobody() {
    run(|| {
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::ALL));
        assert_eq!(validated(signed(2), unlisted()), refused(refusal::ROLE_NOT_ALLOWED));
    });
}

#[test]
fn should_refuse_when_nobody_signed() {
    run(|| {
        assert_eq!(validated(RuntimeOrigin::none(), remark()), refused(refusal::UNSIGNED));
        let info = DispatchInfo::default();
        assert_eq!(
            CheckMembership::<Test>::bare_validate(&remark(), &info, 0),
            refused::<ValidTransaction>(refusal::UNSIGNED)
        );
        assert_eq!(
            CheckMembership::<Test>::bare_validate_and_prepare(&remark(), &info, 0),
            refused(refusal::UNSIGNED)
        );
    });
}

#[test]
fn should_pass_inherents_in_the_block_when_nobody_signed() {
    run(|| {
        let info = DispatchInfo { class: DispatchClass::Mandatory, ..Default::default() };
        assert_ok!(CheckMembership::<Test>::bare_validate_and_prepare(&remark(), &info, 0));
        assert_eq!(
            CheckMembership::<Test>::bare_validate(&remark(), &info, 0),
            refused::<ValidTransaction>(refusal::UNSIGNED)
        );
    });
}

#[test]
fn should_encode_to_nothing_and_weigh_something_when_used() {
    let check = CheckMembership::<Test>::default();
    assert!(check.encode().is_empty());
    assert_eq!(check.weight(&remark()), weights::check());
    assert!(weights::check().ref_time() > 0);
}

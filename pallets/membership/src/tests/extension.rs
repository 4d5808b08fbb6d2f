use super::{certificates::*, mock::*};
use crate::{self as membership, extension::CheckMembership, weights};
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

/// The council's.
fn kill() -> RuntimeCall {
    frame_system::Call::kill_storage { keys: vec![] }.into()
}

fn unlisted() -> RuntimeCall {
    frame_system::Call::remark_with_event { remark: vec![1] }.into()
}

fn report() -> RuntimeCall {
    frame_system::Call::set_heap_pages { pages: 1 }.into()
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
        assert_ok!(enroll(&terms(3, "Other Bureau", Roles::BUREAU)));
        assert_ok!(validated(signed(3), remark()));
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
fn should_refuse_when_the_certificate_is_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Other Bureau", Roles::BUREAU)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_eq!(validated(signed(3), remark()), refused(refusal::CERTIFICATE_REVOKED));
    });
}

#[test]
fn should_refuse_when_the_authority_is_gone() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Other Bureau", Roles::BUREAU)));
        assert_ok!(Organisations::remove_authority(council(), 0));
        assert_eq!(validated(signed(3), remark()), refused(refusal::CERTIFICATE_REVOKED));
    });
}

#[test]
fn should_refuse_when_the_certificate_does_not_hold_at_the_time() {
    run(|| {
        let terms = terms(3, "Other Bureau", Roles::BUREAU);
        assert_ok!(enroll(&terms));
        for (now, result) in [
            (terms.from - 1, refused(refusal::CERTIFICATE_NOT_YET_VALID)),
            (terms.from, Ok(())),
            (terms.until, Ok(())),
            (terms.until + 1, refused(refusal::CERTIFICATE_EXPIRED)),
        ] {
            set_now(now);
            assert_eq!(validated(signed(3), remark()), result);
            assert_ok!(validated(signed(2), remark()));
        }
    });
}

#[test]
fn should_let_only_a_renewal_pass_when_the_certificate_has_ended() {
    run(|| {
        let terms = terms(3, "Other Bureau", Roles::BUREAU);
        assert_ok!(enroll(&terms));
        let renewal = || membership::Call::renew { certificate: Default::default() }.into();
        set_now(terms.until + 1);
        assert_ok!(validated(signed(3), renewal()));
        assert_eq!(validated(signed(3), remark()), refused(refusal::CERTIFICATE_EXPIRED));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_eq!(validated(signed(3), renewal()), refused(refusal::CERTIFICATE_REVOKED));
    });
}

#[test]
fn should_pass_when_there_is_no_time_yet() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Other Bureau", Roles::BUREAU)));
        set_now(0);
        assert_ok!(validated(signed(3), remark()));
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
fn should_refuse_when_the_role_awaits_confirmation() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        assert_eq!(validated(signed(3), kill()), refused(refusal::ROLE_NOT_CONFIRMED));
        assert_eq!(validated(signed(3), remark()), refused(refusal::ROLE_NOT_ALLOWED));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(validated(signed(3), kill()));
    });
}

#[test]
fn should_refuse_when_the_call_is_for_nobody() {
    run(|| {
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::ALL));
        assert_eq!(validated(signed(2), unlisted()), refused(refusal::ROLE_NOT_ALLOWED));
        // That it may enter without a signature does not let anybody sign it.
        assert_eq!(validated(signed(2), report()), refused(refusal::ROLE_NOT_ALLOWED));
    });
}

#[test]
fn should_refuse_when_the_call_is_stopped() {
    run(|| {
        stop();
        assert_eq!(validated(signed(2), remark()), refused(refusal::STOPPED));
    });
}

#[test]
fn should_name_the_first_reason_when_there_are_several() {
    run(|| {
        stop();
        assert_ok!(Organisations::set_quota(council(), None, Some(0)));
        let terms = terms(3, "Bank", Roles::COUNCIL);
        assert_ok!(enroll(&terms));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_ok!(Organisations::suspend(council(), account(3)));
        set_now(terms.until + 1);
        assert_eq!(validated(signed(3), kill()), refused(refusal::SUSPENDED));
        assert_ok!(Organisations::restore(council(), account(3)));
        assert_eq!(validated(signed(3), kill()), refused(refusal::CERTIFICATE_REVOKED));
        let later = Terms { serial: vec![33], until: terms.until + DAY, ..terms };
        assert_ok!(renew(&later));
        set_now(later.until + 1);
        assert_eq!(validated(signed(3), kill()), refused(refusal::CERTIFICATE_EXPIRED));
        set_now(later.until);
        assert_eq!(validated(signed(3), kill()), refused(refusal::ROLE_NOT_CONFIRMED));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_eq!(validated(signed(3), kill()), refused(refusal::STOPPED));
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
fn should_pass_reports_in_pool_and_block_when_nobody_signed() {
    run(|| {
        let info = DispatchInfo::default();
        assert_ok!(CheckMembership::<Test>::bare_validate(&report(), &info, 0));
        assert_ok!(CheckMembership::<Test>::bare_validate_and_prepare(&report(), &info, 0));
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
    let weight = weights::check().saturating_add(weights::charge());
    assert_eq!(check.weight(&remark()), weight);
    assert!(weights::check().ref_time() > 0);
}

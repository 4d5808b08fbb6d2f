use super::{certificates::*, mock::*};
use crate::Error;
use assay_primitives::{member::Roles, traits::Membership};
use frame_support::{assert_noop, assert_ok};

fn ensure(id: u8, any_of: Roles) -> Result<u32, sp_runtime::DispatchError> {
    <Organisations as Membership<_>>::ensure(&account(id), any_of)
}

#[test]
fn should_give_the_number_when_one_of_the_roles_is_held() {
    run(|| {
        assert_eq!(ensure(2, Roles::SPV.with(Roles::BUREAU)), Ok(1));
    });
}

#[test]
fn should_refuse_when_the_signer_is_a_stranger() {
    run(|| {
        assert_noop!(ensure(3, Roles::ALL), Error::<Test>::NotAMember);
    });
}

#[test]
fn should_refuse_when_the_signer_is_suspended() {
    run(|| {
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_noop!(ensure(2, Roles::BUREAU), Error::<Test>::Suspended);
    });
}

#[test]
fn should_refuse_when_no_role_is_held() {
    run(|| {
        assert_noop!(ensure(2, Roles::SPV), Error::<Test>::NotPermitted);
    });
}

#[test]
fn should_refuse_when_the_role_awaits_confirmation() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::VALIDATOR)));
        assert_noop!(ensure(3, Roles::ALL), Error::<Test>::NotPermitted);
    });
}

#[test]
fn should_refuse_when_the_certificate_is_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_noop!(ensure(3, Roles::SPV), Error::<Test>::CertificateRevoked);
    });
}

#[test]
fn should_give_the_number_when_the_certificate_has_ended() {
    // Transactions are refused before; what is asked of others, such as validators, stays.
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        set_now(NOW_SECS + 1_000 * DAY);
        assert_eq!(ensure(3, Roles::SPV), Ok(2));
    });
}

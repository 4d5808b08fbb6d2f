use super::{certificates::*, mock::*};
use crate::{Error, Event};
use assay_primitives::member::{Roles, Status};
use frame_support::{assert_noop, assert_ok};

/// A later certificate of account 3.
fn later(name: &str, roles: Roles) -> Terms {
    Terms { serial: vec![33], until: NOW_SECS + 200 * DAY, ..terms(3, name, roles) }
}

#[test]
fn should_replace_the_certificate_and_tell_it_when_renewed() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::ORIGINATOR)));
        assert_ok!(renew(&later("Bank and Sons", Roles::ORIGINATOR.with(Roles::SERVICER))));
        let renewed = organisation(3);
        assert_eq!(renewed.id, 2);
        assert_eq!(renewed.name, name("Bank and Sons"));
        assert_eq!(renewed.roles, Roles::ORIGINATOR.with(Roles::SERVICER));
        assert_eq!(certificate(3).serial, serial(&[33]));
        assert_eq!(certificate(3).not_after_secs, NOW_SECS + 200 * DAY);
        System::assert_last_event(
            Event::Renewed {
                organisation: 2,
                account: account(3),
                name: name("Bank and Sons"),
                roles: Roles::ORIGINATOR.with(Roles::SERVICER),
                awaiting: Roles::NONE,
            }
            .into(),
        );
    });
}

#[test]
fn should_keep_confirmed_roles_when_the_new_certificate_names_them() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL.with(Roles::ORIGINATOR))));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(renew(&later("Bank", Roles::COUNCIL.with(Roles::VALIDATOR))));
        assert_eq!(organisation(3).roles, Roles::COUNCIL);
        assert_eq!(organisation(3).awaiting, Roles::VALIDATOR);
        assert_eq!(Council::members(), vec![account(1), account(3)]);
    });
}

#[test]
fn should_take_the_seat_when_the_new_certificate_does_not_name_the_council() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(renew(&later("Bank", Roles::SPV)));
        assert_eq!(organisation(3).roles, Roles::SPV);
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_give_a_certificate_when_there_was_none() {
    run(|| {
        assert_ok!(renew(&terms(2, "Bureau", Roles::BUREAU)));
        assert_eq!(certificate(2).authority, 0);
    });
}

#[test]
fn should_refuse_when_another_hands_in_the_first_certificate() {
    run(|| {
        assert_noop!(renew_by(1, &terms(2, "Bureau", Roles::BUREAU)), Error::<Test>::NotItself);
    });
}

#[test]
fn should_let_confirmed_roles_await_again_when_the_certificate_was_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL.with(Roles::SPV))));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_ok!(renew(&later("Bank", Roles::COUNCIL.with(Roles::SPV))));
        assert_eq!(organisation(3).roles, Roles::SPV);
        assert_eq!(organisation(3).awaiting, Roles::COUNCIL);
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_stay_suspended_when_renewed() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::suspend(council(), account(3)));
        assert_ok!(renew(&later("Bank", Roles::SPV)));
        assert_eq!(organisation(3).status, Status::Suspended);
    });
}

#[test]
fn should_hold_again_when_the_revoked_certificate_is_replaced() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_ok!(renew(&later("Bank", Roles::SPV)));
        assert!(!certificate(3).revoked);
    });
}

#[test]
fn should_follow_an_authority_when_it_has_the_same_name_or_the_first_is_gone() {
    run(|| {
        let successor = Signer::new("Bank Authority");
        let other = Signer::new("Other Authority");
        assert_ok!(Organisations::add_authority(council(), successor.root()));
        assert_ok!(Organisations::add_authority(council(), other.root()));
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        let terms = later("Bank", Roles::SPV);
        assert_noop!(
            Organisations::renew(signed(2), other.sign(&terms)),
            Error::<Test>::OtherAuthority
        );
        assert_ok!(Organisations::renew(signed(2), successor.sign(&terms)));
        assert_eq!(certificate(3).authority, 1);
        assert_ok!(Organisations::remove_authority(council(), 1));
        let latest = Terms { serial: vec![34], until: NOW_SECS + 300 * DAY, ..terms };
        assert_ok!(Organisations::renew(signed(2), other.sign(&latest)));
        assert_eq!(certificate(3).authority, 2);
        assert!(!certificate(3).revoked);
    });
}

#[test]
fn should_refuse_when_it_does_not_end_later() {
    run(|| {
        let terms = terms(3, "Bank", Roles::SPV);
        assert_ok!(enroll(&terms));
        assert_noop!(renew(&terms), Error::<Test>::CertificateNotLater);
        let same_end = Terms { serial: vec![33], ..terms };
        assert_noop!(renew(&same_end), Error::<Test>::CertificateNotLater);
    });
}

#[test]
fn should_refuse_when_the_serial_number_is_used() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(enroll(&terms(4, "Exchange", Roles::EXCHANGE)));
        for used in [3, 4] {
            let again = Terms { serial: vec![used], ..later("Bank", Roles::SPV) };
            assert_noop!(renew(&again), Error::<Test>::CertificateUsed);
        }
    });
}

#[test]
fn should_refuse_when_the_name_is_of_another() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_noop!(renew(&later("Bureau", Roles::SPV)), Error::<Test>::AlreadyExists);
    });
}

#[test]
fn should_refuse_when_the_account_is_not_enrolled() {
    run(|| {
        assert_noop!(renew(&later("Bank", Roles::SPV)), Error::<Test>::NotFound);
    });
}

#[test]
fn should_refuse_when_nobody_would_be_the_council() {
    run(|| {
        assert_noop!(
            renew_by(1, &terms(1, "Council", Roles::AUDITOR)),
            Error::<Test>::LastCouncilMember
        );
    });
}

#[test]
fn should_refuse_when_no_member_hands_it_in() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        let der = authority().sign(&later("Bank", Roles::SPV));
        assert_noop!(Organisations::renew(signed(9), der), Error::<Test>::NotAMember);
    });
}

use super::{certificates::*, mock::*};
use crate::{Error, Event, MAX_REVOKED};
use assay_primitives::member::Roles;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_mark_the_certificate_and_tell_it_when_a_member_has_it() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(enroll(&terms(4, "Exchange", Roles::EXCHANGE)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert!(certificate(3).revoked);
        assert!(!certificate(4).revoked);
        assert_eq!(Organisations::revoked(0), vec![(serial(&[3]), NOW_SECS)]);
        System::assert_last_event(
            Event::Revoked { authority: 0, serial: serial(&[3]), account: Some(account(3)) }.into(),
        );
    });
}

#[test]
fn should_list_the_serial_number_and_tell_it_when_nobody_has_it() {
    run(|| {
        for number in [[9, 1], [2, 5], [7, 0]] {
            assert_ok!(Organisations::revoke(council(), 0, serial(&number)));
        }
        let listed: Vec<_> = Organisations::revoked(0).into_iter().map(|(each, _)| each).collect();
        assert_eq!(listed, vec![serial(&[2, 5]), serial(&[7, 0]), serial(&[9, 1])]);
        System::assert_last_event(
            Event::Revoked { authority: 0, serial: serial(&[7, 0]), account: None }.into(),
        );
    });
}

#[test]
fn should_leave_a_member_alone_when_the_serial_number_is_of_another_authority() {
    run(|| {
        let other = Signer::new("Other Authority");
        assert_ok!(Organisations::add_authority(council(), other.root()));
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::revoke(council(), 1, serial(&[3])));
        assert!(!certificate(3).revoked);
    });
}

#[test]
fn should_take_the_seat_in_the_council_when_its_member_is_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_refuse_when_nobody_would_be_the_council() {
    run(|| {
        assert_ok!(renew_by(1, &terms(1, "Council", Roles::COUNCIL)));
        assert_noop!(
            Organisations::revoke(council(), 0, serial(&[1])),
            Error::<Test>::LastCouncilMember
        );
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Organisations::revoke(signed(1), 0, serial(&[3])), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_authority_is_unknown() {
    run(|| {
        assert_noop!(
            Organisations::revoke(council(), 1, serial(&[3])),
            Error::<Test>::AuthorityNotFound
        );
    });
}

#[test]
fn should_refuse_when_the_serial_number_is_none() {
    run(|| {
        for number in [&[][..], &[0], &[0, 3]] {
            assert_noop!(
                Organisations::revoke(council(), 0, serial(number)),
                Error::<Test>::SerialInvalid
            );
        }
    });
}

#[test]
fn should_refuse_when_it_is_revoked_already() {
    run(|| {
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_noop!(
            Organisations::revoke(council(), 0, serial(&[3])),
            Error::<Test>::AlreadyRevoked
        );
    });
}

#[test]
fn should_refuse_when_there_are_as_many_as_there_may_be() {
    run(|| {
        for number in 1..=MAX_REVOKED {
            let number = (number | 1 << 24).to_be_bytes();
            assert_ok!(Organisations::revoke(council(), 0, serial(&number)));
        }
        assert_noop!(
            Organisations::revoke(council(), 0, serial(&[3])),
            Error::<Test>::TooManyRevoked
        );
    });
}

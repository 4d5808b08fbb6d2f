use super::{certificates::*, mock::*};
use crate::{Error, Event};
use assay_primitives::member::Roles;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_revoke_its_certificates_and_tell_it_when_removed() {
    run(|| {
        let other = Signer::new("Other Authority");
        assert_ok!(Organisations::add_authority(council(), other.root()));
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(enroll(&terms(4, "Exchange", Roles::EXCHANGE)));
        let servicer = terms(5, "Servicer", Roles::SERVICER);
        assert_ok!(Organisations::enroll(signed(2), other.sign(&servicer)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_ok!(Organisations::remove_authority(council(), 0));
        assert!(certificate(3).revoked && certificate(4).revoked);
        assert!(!certificate(5).revoked);
        let left: Vec<_> = Organisations::authorities().into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, vec![1]);
        assert_eq!(Organisations::revoked(0), vec![]);
        System::assert_last_event(
            Event::AuthorityRemoved { authority: 0, name: name("Bank Authority"), members: 2 }
                .into(),
        );
    });
}

#[test]
fn should_give_another_number_when_it_is_added_again() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::remove_authority(council(), 0));
        assert_ok!(Organisations::add_authority(council(), authority().root()));
        assert_eq!(Organisations::authorities().pop().unwrap().0, 1);
        assert!(certificate(3).revoked);
    });
}

#[test]
fn should_take_the_seats_of_its_members_when_removed() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_ok!(Organisations::remove_authority(council(), 0));
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_refuse_when_nobody_would_be_the_council() {
    run(|| {
        assert_ok!(renew_by(1, &terms(1, "Council", Roles::COUNCIL)));
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_noop!(
            Organisations::remove_authority(council(), 0),
            Error::<Test>::LastCouncilMember
        );
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Organisations::remove_authority(signed(1), 0), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_authority_is_unknown() {
    run(|| {
        assert_noop!(
            Organisations::remove_authority(council(), 1),
            Error::<Test>::AuthorityNotFound
        );
    });
}

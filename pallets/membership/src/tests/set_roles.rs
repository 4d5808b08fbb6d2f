use super::{certificates::*, mock::*};
use crate::{Error, Event};
use assay_primitives::member::Roles;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_replace_the_roles_and_tell_it_when_set() {
    run(|| {
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::SPV));
        assert_eq!(Organisations::organisation(&account(2)).unwrap().roles, Roles::SPV);
        System::assert_last_event(
            Event::RolesSet {
                organisation: 1,
                account: account(2),
                before: Roles::BUREAU,
                roles: Roles::SPV,
            }
            .into(),
        );
    });
}

#[test]
fn should_hand_the_council_on_when_another_holds_the_role() {
    run(|| {
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::COUNCIL));
        assert_eq!(Council::members(), vec![account(1), account(2)]);
        assert_ok!(Organisations::set_roles(council(), account(1), Roles::AUDITOR));
        assert_eq!(Council::members(), vec![account(2)]);
    });
}

#[test]
fn should_leave_nothing_to_confirm_when_set() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL.with(Roles::VALIDATOR))));
        assert_ok!(Organisations::set_roles(council(), account(3), Roles::COUNCIL));
        assert_eq!(organisation(3).roles, Roles::COUNCIL);
        assert_eq!(organisation(3).awaiting, Roles::NONE);
        assert_eq!(Council::members(), vec![account(1), account(3)]);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(
            Organisations::set_roles(signed(1), account(2), Roles::SPV),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn should_refuse_when_the_account_is_unknown() {
    run(|| {
        assert_noop!(
            Organisations::set_roles(council(), account(3), Roles::SPV),
            Error::<Test>::NotFound
        );
    });
}

#[test]
fn should_refuse_when_the_roles_are_none_or_unknown() {
    run(|| {
        for roles in [Roles::NONE, Roles(1 << 31)] {
            assert_noop!(
                Organisations::set_roles(council(), account(2), roles),
                Error::<Test>::InvalidRoles
            );
        }
    });
}

#[test]
fn should_refuse_when_nobody_would_be_the_council() {
    run(|| {
        assert_noop!(
            Organisations::set_roles(council(), account(1), Roles::AUDITOR),
            Error::<Test>::LastCouncilMember
        );
    });
}

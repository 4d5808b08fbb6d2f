use super::{certificates::*, mock::*};
use crate::{Error, Event};
use assay_primitives::member::Roles;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn run_with_bank(test: impl FnOnce()) {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL.with(Roles::VALIDATOR))));
        test();
    });
}

#[test]
fn should_put_the_roles_in_force_and_tell_it_when_confirmed() {
    run_with_bank(|| {
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::VALIDATOR));
        assert_eq!(organisation(3).roles, Roles::VALIDATOR);
        assert_eq!(organisation(3).awaiting, Roles::COUNCIL);
        System::assert_last_event(
            Event::RolesConfirmed { organisation: 2, account: account(3), roles: Roles::VALIDATOR }
                .into(),
        );
    });
}

#[test]
fn should_enlarge_the_council_when_the_role_is_confirmed() {
    run_with_bank(|| {
        assert_eq!(Council::members(), vec![account(1)]);
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_eq!(Council::members(), vec![account(1), account(3)]);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run_with_bank(|| {
        assert_noop!(
            Organisations::confirm_roles(signed(1), account(3), Roles::COUNCIL),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn should_refuse_when_the_account_is_unknown() {
    run(|| {
        assert_noop!(
            Organisations::confirm_roles(council(), account(3), Roles::COUNCIL),
            Error::<Test>::NotFound
        );
    });
}

#[test]
fn should_refuse_when_the_roles_are_none_or_unknown() {
    run_with_bank(|| {
        for roles in [Roles::NONE, Roles(1 << 13)] {
            assert_noop!(
                Organisations::confirm_roles(council(), account(3), roles),
                Error::<Test>::InvalidRoles
            );
        }
    });
}

#[test]
fn should_refuse_when_not_all_of_the_roles_await_it() {
    run_with_bank(|| {
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::VALIDATOR));
        for roles in [Roles::VALIDATOR, Roles::SPV, Roles::COUNCIL.with(Roles::CUSTODIAN)] {
            assert_noop!(
                Organisations::confirm_roles(council(), account(3), roles),
                Error::<Test>::RolesNotAwaiting
            );
        }
    });
}

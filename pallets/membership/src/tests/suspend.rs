use super::mock::*;
use crate::{Error, Event};
use assay_primitives::member::{Roles, Status};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_mark_the_organisation_and_tell_it_when_suspended() {
    run(|| {
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_eq!(Organisations::organisation(&account(2)).unwrap().status, Status::Suspended);
        System::assert_last_event(Event::Suspended { organisation: 1, account: account(2) }.into());
    });
}

#[test]
fn should_take_the_seat_in_the_council_when_suspended() {
    run(|| {
        assert_ok!(Organisations::set_roles(council(), account(2), Roles::COUNCIL));
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Organisations::suspend(signed(1), account(2)), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_account_is_unknown() {
    run(|| {
        assert_noop!(Organisations::suspend(council(), account(3)), Error::<Test>::NotFound);
    });
}

#[test]
fn should_refuse_when_it_is_suspended_already() {
    run(|| {
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_noop!(
            Organisations::suspend(council(), account(2)),
            Error::<Test>::AlreadySuspended
        );
    });
}

#[test]
fn should_refuse_when_nobody_would_be_the_council() {
    run(|| {
        assert_noop!(
            Organisations::suspend(council(), account(1)),
            Error::<Test>::LastCouncilMember
        );
    });
}

use super::mock::*;
use crate::{Chosen, Error, Event, MAX_VALIDATORS};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_choose_the_validator_and_tell_it_when_added() {
    run(|| {
        register(5, 5);
        assert_ok!(Validators::add(council(), account(5)));
        assert_eq!(Chosen::<Test>::get().into_inner(), accounts(1..=5));
        System::assert_last_event(Event::Added { validator: account(5) }.into());
        assert_eq!(Session::validators(), accounts(1..=4));
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        register(5, 5);
        assert_noop!(Validators::add(signed(1), account(5)), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_it_is_a_validator_already() {
    run(|| {
        assert_noop!(Validators::add(council(), account(1)), Error::<Test>::AlreadyExists);
    });
}

#[test]
fn should_refuse_when_the_organisation_has_not_the_role() {
    run(|| {
        register(200, 5);
        assert_noop!(Validators::add(council(), account(200)), Error::<Test>::NotPermitted);
    });
}

#[test]
fn should_refuse_when_no_keys_are_registered() {
    run(|| {
        assert_noop!(Validators::add(council(), account(5)), Error::<Test>::KeysMissing);
    });
}

#[test]
fn should_refuse_when_there_are_as_many_as_there_may_be() {
    run(|| {
        for id in 5..=MAX_VALIDATORS as u8 + 1 {
            register(id, id.into());
        }
        for id in 5..=MAX_VALIDATORS as u8 {
            assert_ok!(Validators::add(council(), account(id)));
        }
        let one_more = account(MAX_VALIDATORS as u8 + 1);
        assert_noop!(Validators::add(council(), one_more), Error::<Test>::TooManyValidators);
    });
}

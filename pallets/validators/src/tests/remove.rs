use super::mock::*;
use crate::{Chosen, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_choose_the_others_and_tell_it_when_removed() {
    run(|| {
        assert_ok!(Validators::remove(council(), account(2)));
        assert_eq!(Chosen::<Test>::get().into_inner(), accounts([1, 3, 4]));
        System::assert_last_event(Event::Removed { validator: account(2) }.into());
        assert_eq!(Session::validators(), accounts(1..=4));
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Validators::remove(signed(1), account(2)), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_it_is_no_validator() {
    run(|| {
        assert_noop!(Validators::remove(council(), account(5)), Error::<Test>::NotFound);
    });
}

#[test]
fn should_refuse_when_fewer_than_the_minimum_would_be_left() {
    run(|| {
        assert_ok!(Validators::remove(council(), account(2)));
        assert_noop!(Validators::remove(council(), account(1)), Error::<Test>::TooFewValidators);
    });
}

#[test]
fn should_refuse_when_nobody_would_be_left() {
    genesis(&[1], 0, &[1]).execute_with(|| {
        assert_noop!(Validators::remove(council(), account(1)), Error::<Test>::TooFewValidators);
    });
}

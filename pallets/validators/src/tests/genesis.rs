use super::mock::*;
use crate::{Chosen, GenesisConfig, Minimum, DEFAULT_SESSION_BLOCKS};

#[test]
fn should_begin_with_the_validators_when_they_have_keys() {
    genesis(&[3, 1], 2, &[1, 3, 7]).execute_with(|| {
        assert_eq!(Chosen::<Test>::get().into_inner(), accounts([3, 1]));
        assert_eq!(Session::validators(), accounts([3, 1]));
        assert_eq!(Minimum::<Test>::get(), 2);
        Validators::check_state().unwrap();
    });
}

#[test]
fn should_ask_for_four_validators_when_nothing_else_is_said() {
    let config = GenesisConfig::<Test>::default();
    assert_eq!((config.minimum, config.session_blocks), (4, DEFAULT_SESSION_BLOCKS));
    genesis(&[], 4, &[]).execute_with(|| Validators::check_state().unwrap());
}

#[test]
#[should_panic(expected = "TooFewValidators")]
fn should_not_begin_when_there_are_too_few() {
    genesis(&[1, 2, 3], 4, &[1, 2, 3]);
}

#[test]
#[should_panic(expected = "AlreadyExists")]
fn should_not_begin_when_one_is_there_twice() {
    genesis(&[1, 1], 1, &[1]);
}

#[test]
#[should_panic(expected = "NotPermitted")]
fn should_not_begin_when_one_has_not_the_role() {
    genesis(&[1, 200], 1, &[1, 200]);
}

#[test]
#[should_panic(expected = "a validator of the genesis has no session keys")]
fn should_not_begin_when_one_has_no_keys() {
    genesis(&[1, 2], 1, &[1]);
}

use super::mock::*;
use crate::{Error, Event, MAX_SESSION_BLOCKS, MIN_SESSION_BLOCKS};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_lengthen_the_session_under_way_and_tell_it_when_set() {
    run(|| {
        assert_ok!(Validators::set_session_blocks(council(), 7));
        System::assert_last_event(Event::SessionBlocksSet { before: 5, blocks: 7 }.into());
        run_to(6, &[]);
        assert_eq!(Session::current_index(), 0);
        run_to(7, &[]);
        assert_eq!(Session::current_index(), 1);
        run_to(14, &[]);
        assert_eq!(Session::current_index(), 2);
    });
}

#[test]
fn should_end_the_session_with_the_next_block_when_it_has_lasted_longer_already() {
    run(|| {
        assert_ok!(Validators::set_session_blocks(council(), 20));
        run_to(18, &[]);
        assert_ok!(Validators::set_session_blocks(council(), 5));
        assert_eq!(Session::current_index(), 0);
        assert_eq!(Validators::view().next_session_block, 19);
        next_block(&[]);
        assert_eq!(Session::current_index(), 1);
        assert_eq!(Validators::view().next_session_block, 24);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Validators::set_session_blocks(signed(1), 7), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_it_is_too_short_or_too_long() {
    run(|| {
        for blocks in [0, MIN_SESSION_BLOCKS - 1, MAX_SESSION_BLOCKS + 1] {
            assert_noop!(
                Validators::set_session_blocks(council(), blocks),
                Error::<Test>::SessionBlocksInvalid
            );
        }
        assert_ok!(Validators::set_session_blocks(council(), MIN_SESSION_BLOCKS));
        assert_ok!(Validators::set_session_blocks(council(), MAX_SESSION_BLOCKS));
    });
}

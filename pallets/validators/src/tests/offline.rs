use super::mock::*;
use crate::Event;
use frame_support::assert_ok;

fn offline(id: u8, session: u32) -> Event<Test> {
    Event::Offline { validator: account(id), session }
}

#[test]
fn should_tell_it_at_each_sessions_end_when_a_validator_makes_no_block() {
    run(|| {
        run_to_session(1, &[]);
        run_to_session(3, &[2]);
        assert_eq!(events(), vec![offline(2, 1), offline(2, 2)]);
        run_to_session(4, &[]);
        assert_eq!(events().len(), 2);
    });
}

#[test]
fn should_tell_all_when_several_make_no_block() {
    run(|| {
        run_to_session(1, &[]);
        run_to_session(2, &[2, 4]);
        assert_eq!(events(), vec![offline(2, 1), offline(4, 1)]);
    });
}

#[test]
fn should_tell_nothing_when_it_comes_back_before_the_sessions_end() {
    run(|| {
        assert_ok!(Validators::set_session_blocks(council(), 10));
        run_to(5, &[3]);
        run_to_session(1, &[]);
        assert!(!events().contains(&offline(3, 0)));
    });
}

#[test]
fn should_tell_nothing_when_the_session_was_too_short_for_all() {
    let many: Vec<_> = (1..=9).collect();
    genesis(&many, 1, &many).execute_with(|| {
        run_to_session(3, &[]);
        assert!(events().is_empty());
    });
}

#[test]
fn should_count_slots_without_a_block_when_most_are_down() {
    let many: Vec<_> = (1..=9).collect();
    genesis(&many, 1, &many).execute_with(|| {
        run_to_session(1, &[]);
        // Five blocks of one validator take five rounds, in which all had their turns.
        run_to_session(2, &many[1..]);
        assert_eq!(events().len(), 8);
    });
}

#[test]
fn should_not_wait_for_a_validator_that_is_only_chosen() {
    run(|| {
        register(5, 5);
        assert_ok!(Validators::add(council(), account(5)));
        run_to_session(2, &[5]);
        assert!(!events().contains(&offline(5, 0)) && !events().contains(&offline(5, 1)));
        run_to_session(3, &[5]);
        assert!(events().contains(&offline(5, 2)));
    });
}

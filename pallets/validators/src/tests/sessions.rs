use super::mock::*;
use crate::{weights, Event, KEPT_SESSIONS, MAX_VALIDATORS};
use frame_support::{
    assert_ok,
    traits::{EstimateNextSessionRotation, KeyOwnerProofSystem},
};
use pallet_session::{historical::HistoricalSessions, QueuedChanged, QueuedKeys};
use sp_runtime::{key_types::DUMMY, testing::UintAuthorityId};

#[test]
fn should_begin_a_session_every_so_many_blocks_when_nothing_happens() {
    run(|| {
        for (block, session) in [(4, 0), (5, 1), (9, 1), (10, 2), (50, 10)] {
            run_to(block, &[]);
            assert_eq!(Session::current_index(), session, "in block {block}");
        }
        assert!(events().is_empty());
        assert_eq!(Session::validators(), accounts(1..=4));
    });
}

#[test]
fn should_make_blocks_two_sessions_later_when_added() {
    run(|| {
        register(5, 5);
        assert_ok!(Validators::add(council(), account(5)));
        run_to_session(1, &[]);
        let validators = accounts(1..=5);
        System::assert_has_event(Event::SetChanged { session: 2, validators }.into());
        assert_eq!(Session::validators(), accounts(1..=4));
        run_to_session(2, &[]);
        assert_eq!(Session::validators(), accounts(1..=5));
    });
}

#[test]
fn should_make_no_blocks_two_sessions_later_when_removed() {
    run(|| {
        run_to_session(3, &[]);
        assert_ok!(Validators::remove(council(), account(1)));
        run_to_session(4, &[]);
        assert_eq!(Session::validators(), accounts(1..=4));
        run_to_session(5, &[]);
        assert_eq!(Session::validators(), accounts(2..=4));
    });
}

#[test]
fn should_change_nothing_when_added_and_removed_within_a_session() {
    run(|| {
        register(5, 5);
        assert_ok!(Validators::add(council(), account(5)));
        assert_ok!(Validators::remove(council(), account(5)));
        run_to_session(3, &[]);
        assert_eq!(Session::validators(), accounts(1..=4));
        let told = |event: &Event<Test>| matches!(event, Event::SetChanged { .. });
        assert!(!events().iter().any(told));
        assert!(!QueuedChanged::<Test>::get());
    });
}

#[test]
fn should_leave_the_authorities_as_they_are_when_too_few_are_chosen() {
    // As after an upgrade that brings the sessions.
    genesis(&[], MINIMUM, &[1, 2, 3, 4]).execute_with(|| {
        assert_ok!(Validators::add(council(), account(1)));
        assert_ok!(Validators::add(council(), account(2)));
        run_to_session(3, &[]);
        assert_eq!(Session::validators(), accounts(1..=4));
        Validators::check_state().unwrap();
        assert_ok!(Validators::add(council(), account(3)));
        run_to_session(5, &[]);
        assert_eq!(Session::validators(), accounts(1..=3));
        Validators::check_state().unwrap();
    });
}

#[test]
fn should_use_new_keys_two_sessions_later_and_prove_their_owner_when_rotated() {
    run(|| {
        assert_ok!(Session::set_keys(signed(2), UintAuthorityId(22), vec![]));
        run_to_session(1, &[]);
        assert!(QueuedKeys::<Test>::get().contains(&(account(2), UintAuthorityId(22))));
        assert!(QueuedChanged::<Test>::get());
        run_to_session(2, &[]);
        let key = || (DUMMY, UintAuthorityId(22));
        let proof = Historical::prove(key()).unwrap();
        assert_eq!(Historical::check_proof(key(), proof.clone()), Some((account(2), ())));
        // Also when the session is over, for which what was stored at its planning counts.
        run_to_session(3, &[]);
        assert_eq!(Historical::check_proof(key(), proof), Some((account(2), ())));
        assert!(!QueuedChanged::<Test>::get());
    });
}

#[test]
fn should_forget_past_sessions_when_they_are_old() {
    run(|| {
        run_to_session(KEPT_SESSIONS, &[]);
        assert!(HistoricalSessions::<Test>::contains_key(0));
        run_to_session(KEPT_SESSIONS + 3, &[]);
        let oldest = HistoricalSessions::<Test>::iter_keys().min();
        assert_eq!(oldest, Some(3));
    });
}

#[test]
fn should_estimate_the_next_session_when_asked() {
    run(|| {
        type Estimate = Validators;
        assert_eq!(<Estimate as EstimateNextSessionRotation<u64>>::average_session_length(), 5);
        run_to(7, &[]);
        assert_eq!(Estimate::estimate_next_session_rotation(7).0, Some(10));
        let (progress, _) = Estimate::estimate_current_session_progress(7);
        assert_eq!(progress.unwrap().deconstruct(), 600_000);
    });
}

#[test]
fn should_leave_room_for_transactions_when_a_session_ends() {
    let most = weights::session(MAX_VALIDATORS.into());
    assert!(most.ref_time() > weights::session(4).ref_time());
    // A block has a second of compute.
    assert!(most.ref_time() < 50_000_000_000);
}

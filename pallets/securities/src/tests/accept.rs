use super::mock::*;
use crate::{Accepted, Error, Event};
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_mark_the_pack_and_tell_it_when_accepted() {
    run(|| {
        assert_ok!(Securities::accept(signed(1), 0));
        assert_eq!(Packs::status(0).as_deref(), Some("accepted"));
        assert_eq!(Accepted::<Test>::get(0), Some(account(1)));
        System::assert_last_event(
            Event::Accepted { pack: 0, spv: account(1), figures: figures() }.into(),
        );
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        assert_noop!(Securities::accept(signed(2), 0), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_pack_is_not_screened() {
    run(|| {
        assert_noop!(Securities::accept(signed(1), 2), NOT_SCREENED);
    });
}

#[test]
fn should_refuse_when_the_pack_is_accepted_already() {
    run(|| {
        assert_ok!(Securities::accept(signed(1), 0));
        assert_noop!(Securities::accept(signed(1), 0), Error::<Test>::AlreadyAccepted);
    });
}

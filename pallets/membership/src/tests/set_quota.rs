use super::mock::*;
use crate::{Error, Event, DEFAULT_QUOTA_MILLIS};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn quota(id: u8) -> u32 {
    Organisations::usage(&account(id)).1
}

#[test]
fn should_be_the_usual_one_when_nothing_is_set() {
    run(|| {
        assert_eq!(quota(1), DEFAULT_QUOTA_MILLIS);
        assert_eq!(quota(9), DEFAULT_QUOTA_MILLIS);
    });
}

#[test]
fn should_hold_for_everybody_and_tell_it_when_there_is_no_account() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), None, Some(7)));
        assert_eq!((quota(1), quota(2)), (7, 7));
        System::assert_last_event(Event::QuotaSet { account: None, millis: Some(7) }.into());
        assert_ok!(Organisations::set_quota(council(), None, None));
        assert_eq!(quota(1), DEFAULT_QUOTA_MILLIS);
    });
}

#[test]
fn should_hold_for_the_account_and_tell_it_when_there_is_one() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), None, Some(7)));
        assert_ok!(Organisations::set_quota(council(), Some(account(2)), Some(9)));
        assert_eq!((quota(1), quota(2)), (7, 9));
        System::assert_last_event(
            Event::QuotaSet { account: Some(account(2)), millis: Some(9) }.into(),
        );
        assert_ok!(Organisations::set_quota(council(), Some(account(2)), None));
        assert_eq!(quota(2), 7);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(Organisations::set_quota(signed(1), None, Some(7)), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_the_account_is_unknown() {
    run(|| {
        assert_noop!(
            Organisations::set_quota(council(), Some(account(3)), Some(7)),
            Error::<Test>::NotFound
        );
    });
}

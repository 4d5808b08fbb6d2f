use super::{certificates::*, mock::*};
use crate::{pallet::WarnedHour, weights, Event};
use assay_primitives::member::Roles;
use frame_support::{
    assert_ok,
    traits::Hooks,
    weights::{Weight, WeightMeter},
};

/// Certificates of [`terms`] end a hundred days from now.
const END: u64 = NOW_SECS + 100 * DAY;

fn poll() {
    let mut meter = WeightMeter::new();
    Organisations::on_poll(1, &mut meter);
}

/// What is told of account 3 at that time: days, or 0 for the end.
fn told(now_secs: u64) -> Vec<u8> {
    System::reset_events();
    set_now(now_secs);
    poll();
    let told = System::events().into_iter().map(|record| match record.event {
        RuntimeEvent::Organisations(Event::CertificateExpiring {
            organisation: 2,
            account,
            days,
        }) if account == super::mock::account(3) => days,
        RuntimeEvent::Organisations(Event::CertificateExpired { organisation: 2, account })
            if account == super::mock::account(3) =>
        {
            0
        }
        other => panic!("{other:?}"),
    });
    told.collect()
}

fn run_with_bank(test: impl FnOnce()) {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL)));
        test();
    });
}

#[test]
fn should_warn_once_each_when_the_end_comes_nearer() {
    run_with_bank(|| {
        assert!(told(NOW_SECS).is_empty());
        assert!(told(END - 30 * DAY - 1).is_empty());
        assert_eq!(told(END - 29 * DAY), [30]);
        assert!(told(END - 8 * DAY).is_empty());
        assert_eq!(told(END - 7 * DAY + 3_600), [7]);
        assert!(told(END - 2 * DAY).is_empty());
        assert_eq!(told(END - DAY + 3_600), [1]);
        assert!(told(END - 3_600).is_empty());
        assert_eq!(told(END + 3_600), [0]);
        assert!(told(END + 30 * DAY).is_empty());
        assert_eq!(certificate(3).warned_days, Some(0));
    });
}

#[test]
fn should_warn_of_the_nearest_when_others_were_missed() {
    run_with_bank(|| {
        assert_eq!(told(END - 3 * DAY), [7]);
        assert_eq!(told(END + DAY), [0]);
    });
}

#[test]
fn should_warn_again_when_the_certificate_was_renewed() {
    run_with_bank(|| {
        assert_eq!(told(END - DAY), [1]);
        assert_ok!(renew(&Terms {
            serial: vec![33],
            until: END + 20 * DAY,
            ..terms(3, "Bank", Roles::COUNCIL)
        }));
        assert_eq!(certificate(3).warned_days, None);
        assert_eq!(told(END), [30]);
    });
}

#[test]
fn should_not_warn_when_it_is_revoked() {
    run_with_bank(|| {
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert!(told(END + DAY).is_empty());
    });
}

#[test]
fn should_look_once_an_hour_when_blocks_go_by() {
    run_with_bank(|| {
        let hour = (END - 29 * DAY) / 3_600 * 3_600;
        set_now(hour);
        poll();
        assert_eq!(u64::from(WarnedHour::<Test>::get()), hour / 3_600);
        let mut meter = WeightMeter::new();
        set_now(hour + 3_599);
        Organisations::on_poll(1, &mut meter);
        assert_eq!(meter.consumed(), weights::idle());
        set_now(hour + 3_600);
        Organisations::on_poll(1, &mut meter);
        let both = weights::idle().saturating_mul(2);
        assert_eq!(meter.consumed(), both.saturating_add(weights::warn(3)));
    });
}

#[test]
fn should_wait_for_the_next_block_when_this_one_has_no_room() {
    run_with_bank(|| {
        set_now(END - DAY);
        let room = weights::idle().saturating_add(weights::warn(3));
        let short = room.saturating_sub(Weight::from_parts(1, 0));
        for limit in [Weight::zero(), short] {
            let mut meter = WeightMeter::with_limit(limit);
            Organisations::on_poll(1, &mut meter);
            assert_eq!(certificate(3).warned_days, None);
        }
        let mut meter = WeightMeter::with_limit(room);
        Organisations::on_poll(1, &mut meter);
        assert_eq!(certificate(3).warned_days, Some(1));
        assert_eq!(meter.remaining(), Weight::zero());
    });
}

#[test]
fn should_leave_the_seat_in_the_council_when_the_certificate_has_ended() {
    run_with_bank(|| {
        assert_ok!(Organisations::confirm_roles(council(), account(3), Roles::COUNCIL));
        assert_eq!(told(END + DAY), [0]);
        assert_eq!(Council::members(), vec![account(1), account(3)]);
    });
}

#[test]
fn should_warn_once_each_when_an_authoritys_end_comes_nearer() {
    run(|| {
        let ending = Signer::new("Ending").holding(NOW_SECS - 1, END);
        assert_ok!(Organisations::add_authority(council(), ending.root()));
        let name = || b"Ending".to_vec().try_into().unwrap();
        let told = |now_secs| {
            System::reset_events();
            set_now(now_secs);
            poll();
            System::events().into_iter().map(|record| record.event).collect::<Vec<_>>()
        };
        let expiring = |days| {
            let name = name();
            vec![RuntimeEvent::Organisations(Event::AuthorityExpiring { authority: 1, name, days })]
        };
        assert!(told(END - 31 * DAY).is_empty());
        assert_eq!(told(END - 29 * DAY), expiring(30));
        assert!(told(END - 28 * DAY).is_empty());
        assert_eq!(told(END - 7 * DAY + 3_600), expiring(7));
        assert_eq!(told(END - 3_600), expiring(1));
        let expired = Event::AuthorityExpired { authority: 1, name: name() };
        assert_eq!(told(END + 3_600), vec![RuntimeEvent::Organisations(expired)]);
        assert!(told(END + DAY).is_empty());
    });
}

use super::mock::*;
use crate::{Error, Event, Packs as Stored};
use assay_primitives::pack::PackStatus;
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_fix_the_tape_when_count_and_total_agree() {
    run(|| {
        let pack = sealed(&loans(600));
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Sealed);
        let event = Event::Sealed { pack, loans: 600, principal_minor: 60_000 };
        System::assert_last_event(event.into());
    });
}

#[test]
fn should_refuse_when_nothing_was_added() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_noop!(Packs::seal(signed(1), 0, 0, 0), Error::<Test>::PackEmpty);
    });
}

#[test]
fn should_refuse_when_count_or_total_differ() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_ok!(Packs::add_page(signed(1), 0, 0, page(&[(subject(1, 0, 0), 7)])));
        assert_noop!(Packs::seal(signed(1), 0, 2, 7), Error::<Test>::CountMismatch);
        assert_noop!(Packs::seal(signed(1), 0, 1, 8), Error::<Test>::TotalMismatch);
    });
}

#[test]
fn should_refuse_when_unknown_of_another_or_sealed_already() {
    run(|| {
        assert_noop!(Packs::seal(signed(1), 0, 1, 1), Error::<Test>::PackNotFound);
        let pack = sealed(&[(subject(1, 0, 0), 7)]);
        assert_noop!(Packs::seal(signed(3), pack, 1, 7), Error::<Test>::NotOriginator);
        assert_noop!(Packs::seal(signed(1), pack, 1, 7), Error::<Test>::PackSealed);
    });
}

use super::mock::*;
use crate::{Error, Packs as Stored};
use assay_primitives::pack::PackStatus;
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_number_packs_when_opened() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_ok!(Packs::open(signed(3), terms()));
        assert_eq!(Packs::numbers(), vec![0, 1]);
        assert_eq!(Stored::<Test>::get(1).unwrap().status, PackStatus::Open);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        assert_noop!(Packs::open(signed(2), terms()), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_name_is_empty() {
    run(|| {
        let mut nameless = terms();
        nameless.name = Default::default();
        assert_noop!(Packs::open(signed(1), nameless), Error::<Test>::NameEmpty);
    });
}

#[test]
fn should_refuse_when_the_name_is_not_utf8() {
    run(|| {
        let mut broken = terms();
        broken.name = vec![0xff].try_into().unwrap();
        assert_noop!(Packs::open(signed(1), broken), Error::<Test>::NameNotUtf8);
    });
}

#[test]
fn should_refuse_when_the_currency_is_no_code() {
    run(|| {
        let mut odd = terms();
        odd.currency = *b"eur";
        assert_noop!(Packs::open(signed(1), odd), Error::<Test>::CurrencyUnknown);
    });
}

#[test]
fn should_refuse_when_the_cut_off_lies_in_the_future() {
    run(|| {
        let mut early = terms();
        early.cut_off_secs = NOW_SECS + 1;
        assert_noop!(Packs::open(signed(1), early), Error::<Test>::CutOffInFuture);
    });
}

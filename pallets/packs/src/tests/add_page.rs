use super::mock::*;
use crate::{Error, Packs as Stored};
use assay_primitives::{
    pack::{Page, MAX_PAGES},
    Minor,
};
use frame_support::{assert_noop, assert_ok};

fn full(output: i8) -> Page {
    page(&(0..512).map(|place| (subject(output, place, 0), 5)).collect::<Vec<_>>())
}

#[test]
fn should_count_loans_and_principal_when_pages_come_in_order() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_ok!(Packs::add_page(signed(1), 0, 0, full(1)));
        assert_ok!(Packs::add_page(signed(1), 0, 1, page(&[(subject(2, 0, 0), 40)])));
        let pack = Stored::<Test>::get(0).unwrap();
        assert_eq!((pack.loans, pack.pages, pack.principal_minor), (513, 2, 2_600));
        assert_eq!(Packs::page(0, 0), Some(full(1)));
    });
}

#[test]
fn should_refuse_when_the_pack_is_unknown_or_of_another() {
    run(|| {
        let add = |who, pack| Packs::add_page(signed(who), pack, 0, full(1));
        assert_noop!(add(1, 0), Error::<Test>::PackNotFound);
        assert_ok!(Packs::open(signed(1), terms()));
        assert_noop!(add(3, 0), Error::<Test>::NotOriginator);
    });
}

#[test]
fn should_refuse_when_the_page_comes_twice_or_out_of_order() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let add = |number| Packs::add_page(signed(1), 0, number, full(1));
        assert_noop!(add(1), Error::<Test>::PageOutOfOrder);
        assert_ok!(add(0));
        assert_noop!(add(0), Error::<Test>::PageExists);
        assert_noop!(add(2), Error::<Test>::PageOutOfOrder);
    });
}

#[test]
fn should_refuse_when_the_pack_is_sealed() {
    run(|| {
        let pack = sealed(&[(subject(0, 0, 0), 1)]);
        assert_noop!(Packs::add_page(signed(1), pack, 1, full(1)), Error::<Test>::PackSealed);
    });
}

#[test]
fn should_refuse_when_the_page_is_empty_or_too_large() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let add = |page| Packs::add_page(signed(1), 0, 0, page);
        assert_noop!(add(page(&[])), Error::<Test>::PageEmpty);
        let mut large = full(1);
        large.subjects.push(subject(2, 0, 0));
        assert_noop!(add(large), Error::<Test>::PageTooLarge);
    });
}

#[test]
fn should_refuse_when_columns_differ_in_length() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let short: [fn(&mut Page); 5] = [
            |page| _ = page.principals.pop(),
            |page| _ = page.rates_ppb.pop(),
            |page| _ = page.originated_days.pop(),
            |page| _ = page.matures_days.pop(),
            |page| _ = page.defaulted.pop(),
        ];
        for shorten in short {
            let mut uneven = full(1);
            shorten(&mut uneven);
            assert_noop!(Packs::add_page(signed(1), 0, 0, uneven), Error::<Test>::PageUneven);
        }
    });
}

#[test]
fn should_refuse_when_loans_are_not_in_order() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let (low, high) = ((subject(1, 0, 0), 1), (subject(2, 0, 0), 1));
        let add = |number, page| Packs::add_page(signed(1), 0, number, page);
        assert_noop!(add(0, page(&[high, low])), Error::<Test>::PageNotSorted);
        assert_ok!(add(0, full(2)));
        assert_noop!(add(1, page(&[low])), Error::<Test>::PageNotSorted);
    });
}

#[test]
fn should_take_several_loans_when_they_have_one_obligor() {
    run(|| {
        let loan = (subject(1, 0, 0), 9);
        assert_eq!(sealed(&[loan, loan]), 0);
    });
}

#[test]
fn should_refuse_when_an_earlier_page_is_not_full() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_ok!(Packs::add_page(signed(1), 0, 0, page(&[(subject(1, 0, 0), 1)])));
        assert_noop!(Packs::add_page(signed(1), 0, 1, full(2)), Error::<Test>::PageNotFull);
    });
}

#[test]
fn should_refuse_when_a_principal_is_zero() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let worthless = page(&[(subject(1, 0, 0), 0)]);
        assert_noop!(Packs::add_page(signed(1), 0, 0, worthless), Error::<Test>::PrincipalZero);
    });
}

#[test]
fn should_refuse_when_a_loan_matures_before_its_origination() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let mut odd = page(&[(subject(1, 0, 0), 1)]);
        odd.matures_days[0] = odd.originated_days[0] - 1;
        assert_noop!(
            Packs::add_page(signed(1), 0, 0, odd),
            Error::<Test>::MaturityBeforeOrigination
        );
    });
}

#[test]
fn should_refuse_when_there_are_too_many_pages() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let add = || Packs::add_page(signed(1), 0, MAX_PAGES, full(2));
        Stored::<Test>::mutate(0, |pack| {
            let pack = pack.as_mut().unwrap();
            (pack.pages, pack.loans) = (MAX_PAGES, MAX_PAGES * 512);
        });
        assert_noop!(add(), Error::<Test>::TooManyPages);
        Stored::<Test>::remove(0);
    });
}

#[test]
fn should_refuse_when_the_total_cannot_be_counted() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let who = subject(1, 0, 0);
        let huge = page(&[(who, Minor::MAX), (who, 1)]);
        assert_noop!(Packs::add_page(signed(1), 0, 0, huge), Error::<Test>::TotalTooLarge);
    });
}

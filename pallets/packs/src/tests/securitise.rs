use super::mock::*;
use crate::{Error, Packs as Stored};
use assay_primitives::{pack::PackStatus, traits::ScreenedPacks, PackId};
use assay_risk::{rates::Basis, screening::Mode};
use frame_support::{assert_noop, assert_ok};

fn screened() -> PackId {
    let pack = assessed(&loans(600));
    let wanted = request(5_000_000, Mode::WholePack, Basis::Count);
    Packs::screen(signed(2), pack, wanted).unwrap();
    finish_jobs();
    pack
}

#[test]
fn should_give_the_figures_of_the_screening_when_issued() {
    run(|| {
        let pack = screened();
        assert_ok!(<Packs as ScreenedPacks>::accept(pack));
        let figures = <Packs as ScreenedPacks>::issue(pack).unwrap();
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Issued);
        assert_eq!(figures.tape_loans, 600);
        assert_eq!(figures.kept_loans + figures.removed + figures.unscored, 600);
        assert_eq!(figures.kept_minor, u128::from(figures.kept_loans) * 100);
        assert!(figures.bad_rate_after_ppb <= figures.target_ppb);
        assert!(figures.bad_rate_before_ppb > figures.target_ppb);
        assert_eq!(<Packs as ScreenedPacks>::figures(pack).unwrap(), figures);
    });
}

#[test]
fn should_refuse_when_the_pack_is_not_screened() {
    run(|| {
        let accept = <Packs as ScreenedPacks>::accept;
        assert_noop!(accept(0), Error::<Test>::PackNotFound);
        let pack = assessed(&loans(100));
        assert_noop!(accept(pack), Error::<Test>::PackNotScreened);
        assert_noop!(<Packs as ScreenedPacks>::figures(pack), Error::<Test>::PackNotScreened);
    });
}

#[test]
fn should_refuse_when_issued_before_acceptance_or_twice() {
    run(|| {
        let pack = screened();
        let issue = <Packs as ScreenedPacks>::issue;
        assert_noop!(issue(pack), Error::<Test>::PackNotAccepted);
        assert_ok!(<Packs as ScreenedPacks>::accept(pack));
        assert_noop!(<Packs as ScreenedPacks>::accept(pack), Error::<Test>::PackAccepted);
        assert_ok!(issue(pack));
        assert_noop!(issue(pack), Error::<Test>::PackIssued);
        assert_noop!(<Packs as ScreenedPacks>::accept(pack), Error::<Test>::PackIssued);
    });
}

#[test]
fn should_refuse_to_assess_or_screen_when_accepted() {
    run(|| {
        let pack = screened();
        assert_ok!(<Packs as ScreenedPacks>::accept(pack));
        assert_noop!(Packs::assess(signed(2), pack, CONTRACT, POLICY), Error::<Test>::PackAccepted);
        assert_noop!(
            Packs::screen(signed(2), pack, request(0, Mode::WholePack, Basis::Count)),
            Error::<Test>::PackAccepted
        );
    });
}

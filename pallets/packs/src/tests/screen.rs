use super::mock::*;
use crate::{Error, Event, Packs as Stored, Screenings};
use assay_primitives::{
    pack::{LoanRow, PackStatus, Standing},
    Minor, PackId,
};
use assay_risk::{
    grading::Scale,
    rates::{Basis, Method, Weights},
    screening::{Mode, Request},
};
use frame_support::{assert_noop, assert_ok, weights::Weight};

const FIVE_PERCENT: u64 = 50_000_000;
const STEP: Mode = Mode::PerLevel { step_ppb: 10_000_000 };

fn screen(pack: PackId, request: Request) -> sp_runtime::DispatchResult {
    Packs::screen(signed(2), pack, request)
}

fn rows(pack: PackId) -> Vec<LoanRow> {
    (0..).map_while(|page| Packs::loans(pack, page)).flatten().collect()
}

/// Bad rate in ppb of the loans that are kept, rounded up.
fn kept_rate(rows: &[LoanRow], basis: Basis) -> u64 {
    let weight = |row: &LoanRow| match basis {
        Basis::Count => 1,
        Basis::Balance => row.principal_minor,
    };
    let kept = || rows.iter().filter(|row| row.standing == Standing::Kept);
    let bad: Minor = kept().filter(|row| row.bad).map(weight).sum();
    let total: Minor = kept().map(weight).sum();
    (bad * 1_000_000_000).div_ceil(total) as u64
}

#[test]
fn should_meet_the_target_when_the_whole_pack_is_screened() {
    run(|| {
        let pack = assessed(&loans(1_300));
        let before = Packs::table(pack, &request(0, STEP, Basis::Count), false).unwrap();
        assert!(before.bad_rate_ppb > FIVE_PERCENT / 2);
        let target = before.bad_rate_ppb / 2;
        assert_ok!(screen(pack, request(target, Mode::WholePack, Basis::Count)));
        finish_jobs();

        let rows = rows(pack);
        let rate = kept_rate(&rows, Basis::Count);
        assert!(rate <= target);
        let outcome = Packs::view(pack).unwrap().screening.unwrap().outcome.unwrap();
        assert_eq!(outcome.after.bad_rate_ppb, rate);
        assert_eq!(outcome.before.bad_rate_ppb, before.bad_rate_ppb);
        let removed: Vec<_> =
            rows.iter().filter(|row| row.standing == Standing::Screened).collect();
        assert_eq!(outcome.removed_count, removed.len() as u64);
        // The riskiest leave: no kept loan scores above a removed one.
        let kept = rows.iter().filter(|row| row.standing == Standing::Kept);
        let highest_kept = kept.filter_map(|row| row.result).map(|(_, score)| score).max();
        let lowest_removed =
            removed.iter().filter_map(|row| row.result).map(|(_, score)| score).min();
        assert!(highest_kept <= lowest_removed);
        let after = Packs::table(pack, &request(0, STEP, Basis::Count), true).unwrap();
        assert_eq!(after.bad_rate_ppb, rate);
    });
}

#[test]
fn should_leave_no_level_untouched_when_screened_per_level() {
    run(|| {
        for basis in [Basis::Count, Basis::Balance] {
            let pack = assessed(&loans(2_000));
            let before = Packs::table(pack, &request(0, STEP, basis), false).unwrap();
            let target = before.bad_rate_ppb * 9 / 10;
            assert_ok!(screen(pack, request(target, STEP, basis)));
            finish_jobs();
            let rows = rows(pack);
            assert!(kept_rate(&rows, basis) <= target);
            let after = Packs::table(pack, &request(0, STEP, basis), true).unwrap();
            for (before, after) in before.rows.iter().zip(&after.rows) {
                assert!(before.count == 0 || after.count < before.count);
            }
        }
    });
}

#[test]
fn should_end_alike_when_cut_into_many_blocks() {
    run(|| {
        let tape = loans(3_000);
        let (whole, pieces) = (assessed(&tape), assessed(&tape));
        let rate = Packs::table(whole, &request(0, STEP, Basis::Balance), false).unwrap();
        let wanted = request(rate.bad_rate_ppb * 4 / 5, STEP, Basis::Balance);
        assert_ok!(screen(whole, wanted.clone()));
        finish_jobs();
        assert_ok!(screen(pieces, wanted));
        let mut blocks = 0;
        while Stored::<Test>::get(pieces).unwrap().status == PackStatus::Screening {
            poll(Weight::from_parts(600_000_000, 0));
            blocks += 1;
        }
        assert!(blocks > 2, "{blocks} blocks");
        let standings = |pack| rows(pack).iter().map(|row| row.standing).collect::<Vec<_>>();
        assert_eq!(standings(whole), standings(pieces));
        assert_eq!(
            Packs::view(whole).unwrap().screening.unwrap().outcome,
            Packs::view(pieces).unwrap().screening.unwrap().outcome
        );
    });
}

#[test]
fn should_remove_nothing_when_the_target_is_met_already() {
    run(|| {
        let pack = assessed(&loans(600));
        assert_ok!(screen(pack, request(1_000_000_000, Mode::WholePack, Basis::Count)));
        finish_jobs();
        assert!(rows(pack).iter().all(|row| row.standing != Standing::Screened));
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Screened);
    });
}

#[test]
fn should_tell_the_curve_when_asked() {
    run(|| {
        let pack = assessed(&loans(1_300));
        let curve = Packs::curve(pack, &request(0, Mode::WholePack, Basis::Count)).unwrap();
        let table = Packs::table(pack, &request(0, STEP, Basis::Count), false).unwrap();
        assert_eq!(curve.len(), 100);
        assert_eq!(curve[0], table.bad_rate_ppb);
        assert!(curve[99] < curve[0]);
    });
}

#[test]
fn should_screen_anew_when_another_target_is_set() {
    run(|| {
        let pack = assessed(&loans(600));
        assert_ok!(screen(pack, request(5_000_000, Mode::WholePack, Basis::Count)));
        finish_jobs();
        let strict = kept_rate(&rows(pack), Basis::Count);
        assert_ok!(screen(pack, request(1_000_000_000, Mode::WholePack, Basis::Count)));
        finish_jobs();
        assert!(kept_rate(&rows(pack), Basis::Count) > strict);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let pack = assessed(&loans(100));
        let wanted = request(0, Mode::WholePack, Basis::Count);
        assert_noop!(Packs::screen(signed(1), pack, wanted), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_pack_is_unknown_or_not_assessed() {
    run(|| {
        let wanted = || request(0, Mode::WholePack, Basis::Count);
        assert_noop!(screen(0, wanted()), Error::<Test>::PackNotFound);
        let pack = sealed(&loans(100));
        assert_noop!(screen(pack, wanted()), Error::<Test>::PackNotAssessed);
        assert_ok!(Packs::assess(signed(2), pack, CONTRACT, POLICY));
        assert_noop!(screen(pack, wanted()), Error::<Test>::AssessmentRunning);
        finish_jobs();
        assert_ok!(screen(pack, wanted()));
        assert_noop!(screen(pack, wanted()), Error::<Test>::ScreeningRunning);
        finish_jobs();
    });
}

#[test]
fn should_refuse_when_only_an_empty_pack_meets_the_target() {
    run(|| {
        let bad = (0..20).map(|place| (subject(1, place, 2), 100)).collect::<Vec<_>>();
        let pack = assessed(&bad);
        assert_noop!(
            screen(pack, request(0, Mode::WholePack, Basis::Count)),
            Error::<Test>::TargetUnreachable
        );
    });
}

#[test]
fn should_say_so_and_stay_assessed_when_a_survey_finds_the_target_out_of_reach() {
    run(|| {
        let bad = (0..20).map(|place| (subject(1, place, 2), 100)).collect::<Vec<_>>();
        let pack = assessed(&bad);
        let outcome = screen(pack, request(0, STEP, Basis::Balance));
        if outcome.is_ok() {
            finish_jobs();
            let event = Event::TargetUnreachable { pack, target_ppb: 0 };
            System::assert_last_event(event.into());
        }
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Assessed);
        assert!(!Screenings::<Test>::contains_key(pack));
    });
}

#[test]
fn should_let_the_earlier_screening_stand_when_a_new_one_cannot_be() {
    run(|| {
        let mut tape: Vec<_> = (0..600).map(|place| (subject(1, place, 2), 100)).collect();
        tape.extend((0..6).map(|place| (subject(2, place, 0), 100)));
        let pack = assessed(&tape);
        assert_ok!(screen(pack, request(1_000_000_000, Mode::WholePack, Basis::Count)));
        finish_jobs();
        let before = (rows(pack), Screenings::<Test>::get(pack));
        assert_ok!(screen(pack, request(1, STEP, Basis::Balance)));
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Screening);
        finish_jobs();
        let event = Event::TargetUnreachable { pack, target_ppb: 1 };
        System::assert_last_event(event.into());
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Screened);
        assert_eq!((rows(pack), Screenings::<Test>::get(pack)), before);
    });
}

#[test]
fn should_forget_the_marks_when_assessed_anew() {
    run(|| {
        let pack = assessed(&loans(600));
        let all = |kept_only| Packs::table(pack, &request(0, STEP, Basis::Count), kept_only);
        assert_ok!(screen(pack, request(5_000_000, Mode::WholePack, Basis::Count)));
        finish_jobs();
        assert_ne!(all(true).unwrap(), all(false).unwrap());
        assert_ok!(Packs::assess(signed(2), pack, CONTRACT, POLICY));
        finish_jobs();
        assert_eq!(all(true).unwrap(), all(false).unwrap());
    });
}

#[test]
fn should_refuse_when_nothing_is_scored() {
    run(|| {
        let pack = assessed(&[(subject(1, 0, 1), 100)]);
        assert_noop!(
            screen(pack, request(0, Mode::WholePack, Basis::Count)),
            Error::<Test>::NothingScored
        );
    });
}

#[test]
fn should_refuse_when_the_request_makes_no_sense() {
    run(|| {
        let pack = assessed(&loans(100));
        let good = || request(0, Mode::WholePack, Basis::Count);
        let mut scale = good();
        scale.scale = Scale::Fixed(vec![10, 5, 255]);
        assert_noop!(screen(pack, scale), Error::<Test>::ScaleInvalid);
        let mut weights = good();
        weights.options.weights = Weights::Fixed(vec![1, 2]);
        assert_noop!(screen(pack, weights), Error::<Test>::WeightsInvalid);
        assert_noop!(
            screen(pack, request(1_000_000_001, Mode::WholePack, Basis::Count)),
            Error::<Test>::TargetInvalid
        );
        for step_ppb in [0, 1_000_000_001] {
            let step = request(0, Mode::PerLevel { step_ppb }, Basis::Count);
            assert_noop!(screen(pack, step), Error::<Test>::StepInvalid);
        }
        let fine = request(0, Mode::PerLevel { step_ppb: 1 }, Basis::Count);
        assert_noop!(screen(pack, fine), Error::<Test>::StepTooFine);
    });
}

#[test]
fn should_screen_by_calibrated_rates_when_asked() {
    run(|| {
        let pack = assessed(&loans(100));
        let mut calibrated = request(100_000_000, Mode::WholePack, Basis::Count);
        calibrated.options.method = Method::Calibrated;
        // The mock's calibration says 10 % for every score: the target is met exactly.
        assert_ok!(screen(pack, calibrated));
        finish_jobs();
        assert!(rows(pack).iter().all(|row| row.standing != Standing::Screened));
    });
}

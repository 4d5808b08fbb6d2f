use super::mock::*;
use crate::{Error, Jobs, Packs as Stored, Scores, MAX_JOBS};
use assay_primitives::{
    pack::{flag, PackStatus, Standing},
    H256,
};
use assay_risk::screening::Mode;
use frame_support::{assert_noop, assert_ok, weights::Weight};

fn assess(pack: u32) -> sp_runtime::DispatchResult {
    Packs::assess(signed(2), pack, CONTRACT, POLICY)
}

#[test]
fn should_score_every_loan_with_a_profile_when_the_job_is_done() {
    run(|| {
        let tape = loans(1_300);
        let pack = assessed(&tape);
        let view = Packs::view(pack).unwrap();
        let assessment = view.assessment.unwrap();
        let unscored = tape.iter().filter(|(who, _)| who.0[15] == 1).count() as u32;
        assert!(unscored > 0);
        assert_eq!((assessment.scored, assessment.unscored), (1_300 - unscored, unscored));
        assert_eq!(assessment.unscored_minor, u128::from(unscored) * 100);
        assert_eq!(view.pack.status, PackStatus::Assessed);
        let versions = (assessment.contract_version, assessment.policy_version);
        assert_eq!(versions, (CONTRACT_VERSION, POLICY_VERSION));

        let rows: Vec<_> = (0..3).flat_map(|page| Packs::loans(pack, page).unwrap()).collect();
        assert_eq!(rows.len(), 1_300);
        for (index, ((who, principal), row)) in tape.iter().zip(&rows).enumerate() {
            assert_eq!((row.index as usize, row.subject), (index, *who));
            assert_eq!(row.principal_minor, *principal);
            let output = who.0[0] as i8;
            let expected = (who.0[15] != 1).then(|| (output, (i16::from(output) + 128) as u16));
            assert_eq!(row.result, expected);
            assert_eq!(row.bad, who.0[15] == 2);
            assert_eq!(row.propagated, who.0[15] == 3);
            let standing = if expected.is_some() { Standing::Kept } else { Standing::Unscored };
            assert_eq!(row.standing, standing);
        }
        let bad: u64 = assessment.histogram.total().bad_count;
        assert_eq!(bad, rows.iter().filter(|row| row.bad && row.result.is_some()).count() as u64);
    });
}

#[test]
fn should_count_a_loan_as_bad_when_the_tape_says_so() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        let mut marked = page(&[(subject(1, 0, 0), 7), (subject(1, 1, 0), 7)]);
        marked.defaulted = vec![0b10];
        assert_ok!(Packs::add_page(signed(1), 0, 0, marked));
        assert_ok!(Packs::seal(signed(1), 0, 2, 14));
        assert_ok!(assess(0));
        finish_jobs();
        let scores = Scores::<Test>::get((0, 0), 0).unwrap();
        assert_eq!(scores.flags, vec![flag::SCORED, flag::SCORED | flag::BAD]);
    });
}

#[test]
fn should_end_alike_when_cut_into_many_blocks() {
    run(|| {
        let tape = loans(3_000);
        let whole = assessed(&tape);
        let pieces = sealed(&tape);
        assert_ok!(assess(pieces));
        let mut blocks = 0;
        while !Jobs::<Test>::get().is_empty() {
            poll(Weight::from_parts(1_000_000_000, 0));
            blocks += 1;
        }
        assert!(blocks > 2, "{blocks} blocks");
        let (whole, pieces) = (Packs::view(whole).unwrap(), Packs::view(pieces).unwrap());
        let (whole, pieces) = (whole.assessment.unwrap(), pieces.assessment.unwrap());
        assert_eq!(whole.histogram, pieces.histogram);
        assert_eq!(whole.scored, pieces.scored);
        for page in 0..6 {
            assert_eq!(Scores::<Test>::get((0, 0), page), Scores::<Test>::get((1, 0), page));
        }
    });
}

#[test]
fn should_take_turns_when_several_packs_wait() {
    run(|| {
        let (large, small) = (sealed(&loans(10_000)), sealed(&loans(600)));
        assert_ok!(assess(large));
        assert_ok!(assess(small));
        while Stored::<Test>::get(small).unwrap().status == PackStatus::Assessing {
            poll(Weight::from_parts(1_000_000_000, 0));
        }
        assert_eq!(Stored::<Test>::get(large).unwrap().status, PackStatus::Assessing);
        finish_jobs();
        assert_eq!(Stored::<Test>::get(large).unwrap().status, PackStatus::Assessed);
    });
}

#[test]
fn should_use_no_more_than_its_share_and_a_page_when_polled() {
    run(|| {
        let pack = sealed(&loans(10_000));
        assert_ok!(assess(pack));
        let share = Weight::from_parts(50_000_000_000, 0);
        let page = crate::weights::assess_page(512, 512, 1);
        let used = crate::jobs::run::<Test>(share);
        assert!(used.ref_time() >= share.ref_time());
        assert!(used.ref_time() <= share.saturating_add(page).ref_time());
        finish_jobs();
    });
}

#[test]
fn should_end_under_its_contract_when_that_is_superseded_meanwhile() {
    run(|| {
        let pack = sealed(&loans(600));
        assert_ok!(assess(pack));
        supersede_contract();
        finish_jobs();
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Assessed);
    });
}

#[test]
fn should_free_the_pack_when_its_job_cannot_be_taken_up() {
    run(|| {
        let pack = sealed(&loans(600));
        assert_ok!(assess(pack));
        let assessment = crate::Assessments::<Test>::take(pack, 0).unwrap();
        finish_jobs();
        System::assert_last_event(crate::Event::JobAbandoned { pack }.into());
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Sealed);
        crate::Assessments::<Test>::insert(pack, 0, assessment);
        assert_ok!(assess(pack));
        finish_jobs();
        assert_eq!(Stored::<Test>::get(pack).unwrap().status, PackStatus::Assessed);
    });
}

#[test]
fn should_keep_the_scores_of_two_assessments_when_there_are_more() {
    run(|| {
        let pack = assessed(&loans(600));
        for _ in 0..2 {
            assert_ok!(assess(pack));
            finish_jobs();
        }
        let kept = |number| Scores::<Test>::iter_prefix((pack, number)).count();
        assert_eq!([kept(0), kept(1), kept(2)], [0, 2, 2]);
        assert_eq!(crate::Assessments::<Test>::iter_prefix(pack).count(), 3);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let pack = sealed(&loans(10));
        assert_noop!(Packs::assess(signed(1), pack, CONTRACT, POLICY), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_pack_is_unknown_or_not_sealed() {
    run(|| {
        assert_noop!(assess(0), Error::<Test>::PackNotFound);
        assert_ok!(Packs::open(signed(1), terms()));
        assert_noop!(assess(0), Error::<Test>::PackNotSealed);
    });
}

#[test]
fn should_refuse_when_the_contract_is_not_active() {
    run(|| {
        let pack = sealed(&loans(10));
        supersede_contract();
        assert_noop!(assess(pack), NOT_ACTIVE);
    });
}

#[test]
fn should_refuse_when_the_policy_is_unknown() {
    run(|| {
        let pack = sealed(&loans(10));
        assert_noop!(
            Packs::assess(signed(2), pack, CONTRACT, H256::zero()),
            Error::<Test>::PolicyNotFound
        );
    });
}

#[test]
fn should_refuse_when_another_job_of_the_pack_runs() {
    run(|| {
        let pack = sealed(&loans(10));
        assert_ok!(assess(pack));
        assert_noop!(assess(pack), Error::<Test>::AssessmentRunning);
        finish_jobs();
        let target = request(0, Mode::WholePack, assay_risk::rates::Basis::Count);
        assert_ok!(Packs::screen(signed(2), pack, target));
        assert_noop!(assess(pack), Error::<Test>::ScreeningRunning);
        finish_jobs();
    });
}

#[test]
fn should_refuse_when_too_many_jobs_wait() {
    run(|| {
        for _ in 0..MAX_JOBS {
            assert_ok!(assess(sealed(&loans(10))));
        }
        let one_more = sealed(&loans(10));
        assert_noop!(assess(one_more), Error::<Test>::TooManyJobs);
        finish_jobs();
        assert_ok!(assess(one_more));
        finish_jobs();
    });
}

use super::mock::*;
use crate::{Scores, Unscored};
use assay_primitives::{
    inquiry::AssessmentInquiry, traits::PackObligors, AccountId, PackId, Subject,
};
use frame_support::{assert_ok, weights::Weight};

fn numbers(pack: PackId, subject: &Subject) -> Option<Vec<u32>> {
    let found = <Packs as PackObligors>::assessments_of(pack, subject)?;
    Some(found.iter().map(|inquiry| inquiry.assessment).collect())
}

#[test]
fn should_tell_the_loans_only_when_the_pack_is_sealed() {
    run(|| {
        assert_ok!(Packs::open(signed(1), terms()));
        assert_eq!(<Packs as PackObligors>::sealed_loans(0), None);
        let pack = sealed(&loans(30));
        assert_eq!(<Packs as PackObligors>::sealed_loans(pack), Some(30));
        assert_eq!(<Packs as PackObligors>::sealed_loans(9), None);
        assert_eq!(<Packs as PackObligors>::next_pack(), 2);
    });
}

#[test]
fn should_be_an_inquiry_for_each_subject_that_was_scored_when_assessed() {
    run(|| {
        let tape = loans(1_300);
        let pack = assessed(&tape);
        for (subject, _) in &tape {
            let expected = if subject.0[15] == 1 { vec![] } else { vec![0] };
            assert_eq!(numbers(pack, subject), Some(expected), "{subject}");
        }
        assert_eq!(numbers(pack, &subject(3, 60_000, 0)), None);
        assert_eq!(numbers(9, &tape[0].0), None);
        let found = <Packs as PackObligors>::assessments(pack);
        let scored = tape.iter().filter(|(subject, _)| subject.0[15] != 1).count() as u32;
        let expected = AssessmentInquiry {
            assessment: 0,
            by: AccountId::new([2; 32]),
            contract: CONTRACT,
            policy: POLICY,
            scored,
            at: 1,
            at_secs: NOW_SECS,
        };
        assert_eq!(found, [expected]);
    });
}

#[test]
fn should_still_know_whom_it_scored_when_the_scores_are_dropped() {
    run(|| {
        let tape = loans(600);
        let pack = assessed(&tape);
        for _ in 0..3 {
            assert_ok!(Packs::assess(signed(2), pack, CONTRACT, POLICY));
            finish_jobs();
        }
        assert_eq!(Scores::<Test>::iter_prefix((pack, 0)).count(), 0);
        assert!(Unscored::<Test>::iter_prefix((pack, 0)).count() > 0);
        for (subject, _) in &tape {
            let expected = if subject.0[15] == 1 { vec![] } else { vec![0, 1, 2, 3] };
            assert_eq!(numbers(pack, subject), Some(expected));
        }
    });
}

#[test]
fn should_count_only_pages_that_are_done_when_the_assessment_is_under_way() {
    run(|| {
        let tape = loans(10_000);
        let pack = sealed(&tape);
        assert_ok!(Packs::assess(signed(2), pack, CONTRACT, POLICY));
        let (first, last) = (tape[0].0, tape[tape.len() - 1].0);
        assert_eq!(numbers(pack, &first), Some(vec![]));
        poll(Weight::from_parts(1_000_000_000, 0));
        assert_eq!(numbers(pack, &first), Some(vec![0]));
        assert_eq!(numbers(pack, &last), Some(vec![]));
        finish_jobs();
        assert_eq!(numbers(pack, &last), Some(vec![0]));
    });
}

#[test]
fn should_find_a_subject_when_its_loans_cross_a_page() {
    run(|| {
        let who = subject(5, 0, 0);
        let mut tape = loans(400);
        tape.extend((0..700).map(|_| (who, 10)));
        tape.sort();
        let pack = assessed(&tape);
        assert_eq!(numbers(pack, &who), Some(vec![0]));
    });
}

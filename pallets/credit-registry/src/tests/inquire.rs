use super::mock::*;
use crate::{weights, Error, Event, PackAsked};
use assay_primitives::{
    inquiry::{
        Asked, InquiriesInPacks, Inquiry, PackInquiries, Purpose, Scope, SubjectInquiries,
        MAX_RECENT_INQUIRIES,
    },
    Name, Subject, H256,
};
use frame_support::{assert_noop, assert_ok, dispatch::PostDispatchInfo};
use sp_runtime::DispatchError;

const CONSENT: H256 = H256::repeat_byte(6);

fn inquire(
    by: u8,
    scope: Scope,
    purpose: Purpose,
    consent: H256,
) -> Result<PostDispatchInfo, DispatchError> {
    Registry::inquire(signed(by), scope, purpose, consent).map_err(|failure| failure.error)
}

fn of(subjects: &[Subject]) -> Scope {
    Scope::Subjects(subjects.to_vec().try_into().unwrap())
}

fn ask(subjects: &[Subject]) -> Result<PostDispatchInfo, DispatchError> {
    inquire(9, of(subjects), Purpose::CreditDecision, CONSENT)
}

/// Nine subjects with a report each.
fn everyone() -> Vec<Subject> {
    let everyone: Vec<_> = (0..9).map(|place| subject(place, 9)).collect();
    let reports = everyone.iter().map(|who| report(*who, NOW_SECS - 5, [1, 2, 3])).collect();
    submit(1, reports).unwrap();
    everyone
}

fn count(subject: &Subject) -> u32 {
    Registry::subject_inquiries(subject).count
}

#[test]
fn should_log_and_count_the_inquiry_with_each_subject_when_asked() {
    run(|| {
        let everyone = everyone();
        let record = Registry::record(&everyone[2]);
        assert_ok!(ask(&everyone[2..4]));
        let inquiry = Inquiry {
            by: account(9),
            organisation: 9,
            scope: of(&everyone[2..4]),
            purpose: Purpose::CreditDecision,
            consent_hash: CONSENT,
            at: 1,
            at_secs: NOW_SECS,
        };
        let expected = SubjectInquiries { count: 1, recent: vec![(0, inquiry.clone())] };
        assert_eq!(Registry::subject_inquiries(&everyone[3]), expected);
        assert_eq!(Registry::inquiries(0, 10), [(0, inquiry)]);
        let counts: Vec<_> = everyone.iter().map(count).collect();
        assert_eq!(counts, [0, 0, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(Registry::record(&everyone[2]), record);
        System::assert_last_event(
            Event::Inquired {
                inquiry: 0,
                by: account(9),
                pack: None,
                subjects: 2,
                purpose: Purpose::CreditDecision,
                consent_hash: CONSENT,
            }
            .into(),
        );
    });
}

#[test]
fn should_keep_counting_when_more_inquiries_come_than_are_kept_with_the_subject() {
    run(|| {
        let everyone = everyone();
        for _ in 0..MAX_RECENT_INQUIRIES + 3 {
            assert_ok!(ask(&everyone[5..6]));
        }
        let found = Registry::subject_inquiries(&everyone[5]);
        assert_eq!(found.count, MAX_RECENT_INQUIRIES + 3);
        let kept: Vec<_> = found.recent.iter().map(|(number, _)| *number).collect();
        assert_eq!(kept, (3..MAX_RECENT_INQUIRIES + 3).collect::<Vec<_>>());
        let listed: Vec<_> = Registry::inquiries(9, 10).iter().map(|(number, _)| *number).collect();
        assert_eq!(listed, [9, 10]);
    });
}

#[test]
fn should_keep_counts_when_buckets_are_split_and_reports_replaced() {
    run(|| {
        let dense = |place: u16| {
            let mut bytes = [0; 16];
            bytes[2..4].copy_from_slice(&place.to_be_bytes());
            Subject(bytes)
        };
        let some: Vec<_> = (0..30).map(|place| dense(place * 100)).collect();
        let reports = |all: &[Subject], age| {
            all.iter().map(|who| report(*who, NOW_SECS - age, [1, 2, 3])).collect()
        };
        assert_ok!(submit(1, reports(&some, 9)));
        assert_ok!(ask(&some[7..8]));
        assert_ok!(ask(&some[7..20]));
        let between: Vec<_> = (0..30).map(|place| dense(place * 100 + 50)).collect();
        assert_ok!(submit(1, reports(&between, 9)));
        assert_ok!(submit(1, reports(&some, 8)));
        assert!(Registry::size().buckets > 1);
        let counts: Vec<_> = some.iter().map(count).collect();
        let expected: Vec<u32> = (0..30)
            .map(|place| match place {
                7 => 2,
                8..20 => 1,
                _ => 0,
            })
            .collect();
        assert_eq!(counts, expected);
        assert!(between.iter().all(|who| count(who) == 0));
    });
}

#[test]
fn should_write_nothing_for_each_obligor_when_a_pack_is_asked_for() {
    run(|| {
        let everyone = everyone();
        let reads = inquire(9, Scope::Pack(1), Purpose::Assessment, CONSENT).unwrap();
        assert!(reads.actual_weight.unwrap().ref_time() < weights::submit(5).ref_time());
        assert_eq!(count(&everyone[0]), 0);
        let asked = Asked { count: 1, recent: vec![0] };
        assert_eq!(PackAsked::<Test>::get(1), asked);
        let of_pack = Registry::pack_inquiries(1);
        assert_eq!(of_pack.asked, asked);
        assert_eq!(of_pack.assessments, [assessment(0), assessment(1)]);
        System::assert_last_event(
            Event::Inquired {
                inquiry: 0,
                by: account(9),
                pack: Some(1),
                subjects: 40,
                purpose: Purpose::Assessment,
                consent_hash: CONSENT,
            }
            .into(),
        );
    });
}

#[test]
fn should_find_what_packs_add_when_a_subject_is_looked_up() {
    run(|| {
        let (low, high) = (subject(0, 9), subject(8, 9));
        inquire(9, Scope::Pack(1), Purpose::Audit, CONSENT).unwrap();
        let asked = Asked { count: 1, recent: vec![0] };
        let found = PackInquiries { pack: 1, asked, assessments: vec![assessment(1)] };
        let all = InquiriesInPacks { packs: vec![found.clone()], next: None };
        assert_eq!(Registry::inquiries_in_packs(&low, 0, 10), all);
        assert_eq!(Registry::inquiries_in_packs(&high, 0, 10), InquiriesInPacks::default());
        let first = InquiriesInPacks { packs: vec![], next: Some(1) };
        assert_eq!(Registry::inquiries_in_packs(&low, 0, 1), first);
        let second = InquiriesInPacks { packs: vec![found], next: Some(2) };
        assert_eq!(Registry::inquiries_in_packs(&low, 1, 1), second);
    });
}

#[test]
fn should_charge_for_what_was_touched_when_subjects_share_a_bucket() {
    run(|| {
        let neighbours: Vec<_> = (0..4)
            .map(|last| Subject([0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]))
            .collect();
        let reports = neighbours.iter().map(|who| report(*who, NOW_SECS - 5, [1, 2, 3]));
        assert_ok!(submit(1, reports.collect()));
        let charged = ask(&neighbours).unwrap().actual_weight.unwrap();
        assert!(charged.ref_time() < weights::inquire(&of(&neighbours)).ref_time());
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let everyone = everyone();
        for outsider in [1, 8] {
            let asked = inquire(outsider, of(&everyone), Purpose::Audit, CONSENT);
            assert_noop!(asked, NOT_PERMITTED);
        }
    });
}

#[test]
fn should_refuse_when_subjects_are_none_or_out_of_order() {
    run(|| {
        let everyone = everyone();
        assert_noop!(ask(&[]), Error::<Test>::SubjectsEmpty);
        for wrong in [[everyone[1], everyone[0]], [everyone[1], everyone[1]]] {
            assert_noop!(ask(&wrong), Error::<Test>::SubjectsNotSorted);
        }
    });
}

#[test]
fn should_refuse_when_nothing_is_known_of_a_subject() {
    run(|| {
        let everyone = everyone();
        let stranger = Subject([0xff; 16]);
        assert_noop!(ask(&[everyone[0], stranger]), Error::<Test>::SubjectNotFound);
    });
}

#[test]
fn should_refuse_when_the_pack_is_unknown_or_not_sealed() {
    run(|| {
        for pack in [0, 3] {
            let asked = inquire(9, Scope::Pack(pack), Purpose::Audit, CONSENT);
            assert_noop!(asked, Error::<Test>::PackNotFound);
        }
    });
}

#[test]
fn should_refuse_when_the_consent_is_missing() {
    run(|| {
        let asked = inquire(9, of(&everyone()), Purpose::CreditDecision, H256::zero());
        assert_noop!(asked, Error::<Test>::ConsentMissing);
    });
}

#[test]
fn should_refuse_when_the_words_of_the_purpose_are_empty_or_not_utf8() {
    run(|| {
        let everyone = everyone();
        let ask_for = |words| inquire(9, of(&everyone), Purpose::Other(words), CONSENT);
        assert_noop!(ask_for(name("")), Error::<Test>::PurposeEmpty);
        let broken = Name::try_from(vec![0xff]).unwrap();
        assert_noop!(ask_for(broken), Error::<Test>::PurposeNotUtf8);
        assert_ok!(ask_for(name("insolvency proceedings")));
    });
}

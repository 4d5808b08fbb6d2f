use super::mock::*;
use crate::{Buckets, Error, Event};
use assay_primitives::{
    credit::{MAX_REPORTS, MAX_REPORTS_OF_BUREAU},
    Subject,
};
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_store_the_reports_when_the_batch_is_sorted() {
    run(|| {
        let reports = (0..5).map(|n| report(subject(n, 5), 10, [n as i32, 2, 3])).collect();
        assert_ok!(submit(1, reports));
        let record = Registry::record(&subject(3, 5)).unwrap();
        assert_eq!(record.reports.len(), 1);
        assert_eq!(record.reports[0].values, vec![Some(3), Some(2), Some(3)]);
        assert_eq!(record.reports[0].bureau, 1);
        assert_eq!(Registry::record(&Subject([9; 16])), None);
        assert_eq!(Registry::size().subjects, 5);
        System::assert_last_event(Event::ReportsStored { bureau: 1, schema: 0, reports: 5 }.into());
    });
}

#[test]
fn should_split_buckets_when_many_neighbours_come() {
    run(|| {
        // All in one part of the directory, then more between them.
        let dense = |offset: u8| {
            (0..1_000u32)
                .map(|n| {
                    let mut bytes = [0u8; 16];
                    bytes[2..6].copy_from_slice(&(n * 65_536).to_be_bytes());
                    bytes[6] = offset;
                    report(Subject(bytes), 10, [n as i32, offset.into(), 0])
                })
                .collect::<Vec<_>>()
        };
        assert_ok!(submit(1, dense(0)));
        assert_ok!(submit(1, dense(9)));
        assert_ok!(submit(1, dense(5)));
        assert_eq!(Registry::size().subjects, 3_000);
        let buckets = Registry::size().buckets;
        assert!((3_000 / 32..3_000 / 8).contains(&buckets), "{buckets} buckets");
        for report in dense(5).into_iter().chain(dense(9)) {
            let record = Registry::record(&report.subject).unwrap();
            assert_eq!(record.reports[0].values[0], Some(report.values[0]));
        }
    });
}

#[test]
fn should_split_buckets_when_subjects_have_many_reports() {
    run(|| {
        let everyone: Vec<_> = (0..32u8)
            .map(|n| {
                let mut bytes = [0; 16];
                bytes[2] = n;
                Subject(bytes)
            })
            .collect();
        for number in 0..MAX_REPORTS_OF_BUREAU {
            assert_ok!(Registry::add_schema(signed(2), schema(3)));
            for bureau in 10..14 {
                let reports = everyone.iter().map(|who| report(*who, 1, [1, 2, 3])).collect();
                assert_ok!(submit_under(bureau, number, reports));
            }
        }
        assert!(Registry::size().buckets >= 4);
        assert!(everyone.iter().all(|who| Registry::record(who).unwrap().reports.len() == 16));
    });
}

#[test]
fn should_touch_few_buckets_when_a_batch_is_dense() {
    run(|| {
        let everyone: Vec<_> =
            (0..20_000).map(|n| report(subject(n, 20_000), 10, [1, 2, 3])).collect();
        for batch in everyone.chunks(1_000) {
            assert_ok!(submit(1, batch.to_vec()));
        }
        assert_eq!(Registry::size().subjects, 20_000);
        assert!(Buckets::<Test>::iter_keys().count() <= 1_200);
    });
}

#[test]
fn should_replace_the_report_when_it_is_newer() {
    run(|| {
        let who = subject(1, 2);
        assert_ok!(submit(1, vec![report(who, 10, [1, 2, 3])]));
        assert_ok!(submit(1, vec![report(who, 11, [4, 5, 6])]));
        assert_ok!(submit(3, vec![report(who, 5, [7, 8, 9])]));
        let record = Registry::record(&who).unwrap();
        assert_eq!(record.reports.len(), 2);
        assert_eq!(record.reports[0].observed_at_secs, 11);
        assert_eq!(record.reports[1].bureau, 3);
        assert_eq!(Registry::size().subjects, 1);
        let held = Registry::held(1, 0, &[who, subject(0, 2)]);
        assert_eq!(held, vec![Some((11, report(who, 11, [0; 3]).document_hash)), None]);
    });
}

#[test]
fn should_refuse_the_whole_batch_when_one_report_is_not_newer() {
    run(|| {
        assert_ok!(submit(1, vec![report(subject(2, 5), 10, [1, 2, 3])]));
        for observed in [9, 10] {
            let batch = (0..5).map(|n| report(subject(n, 5), observed, [1, 2, 3])).collect();
            assert_noop!(submit(1, batch), Error::<Test>::ReportNotNewer);
        }
    });
}

#[test]
fn should_refuse_when_the_report_is_from_the_future() {
    run(|| {
        assert_ok!(submit(1, vec![report(subject(0, 1), NOW_SECS, [1, 2, 3])]));
        let future = vec![report(subject(1, 2), NOW_SECS + 1, [1, 2, 3])];
        assert_noop!(submit(1, future), Error::<Test>::ReportFromFuture);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let batch = vec![report(subject(0, 1), 1, [1, 2, 3])];
        assert_noop!(submit(2, batch), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_schema_is_unknown() {
    run(|| {
        let batch = vec![report(subject(0, 1), 1, [1, 2, 3])];
        assert_noop!(submit_under(1, 7, batch), Error::<Test>::SchemaNotFound);
    });
}

#[test]
fn should_refuse_when_the_batch_is_empty() {
    run(|| {
        assert_noop!(submit(1, vec![]), Error::<Test>::BatchEmpty);
    });
}

#[test]
fn should_refuse_when_the_batch_is_not_sorted_or_names_a_subject_twice() {
    run(|| {
        let (first, second) = (subject(0, 2), subject(1, 2));
        for subjects in [[second, first], [first, first]] {
            let batch = subjects.map(|who| report(who, 1, [1, 2, 3])).to_vec();
            assert_noop!(submit(1, batch), Error::<Test>::BatchNotSorted);
        }
    });
}

#[test]
fn should_refuse_when_the_values_do_not_fit_the_schema() {
    run(|| {
        let mut short = report(subject(0, 1), 1, [1, 2, 3]);
        short.values.pop();
        assert_noop!(submit(1, vec![short]), Error::<Test>::ValuesMismatch);
        let mut marked = report(subject(0, 1), 1, [1, 2, 3]);
        marked.present = 0b1111;
        assert_noop!(submit(1, vec![marked]), Error::<Test>::ValuesMismatch);
    });
}

#[test]
fn should_refuse_when_a_subject_has_too_many_reports() {
    run(|| {
        let report = || vec![report(subject(0, 1), 1, [1, 2, 3])];
        for number in 0..MAX_REPORTS_OF_BUREAU {
            assert_ok!(Registry::add_schema(signed(2), schema(3)));
            // Bureaus are the accounts 10, 11, ...
            for bureau in 10..10 + (MAX_REPORTS / MAX_REPORTS_OF_BUREAU) as u8 {
                assert_ok!(submit_under(bureau, number, report()));
            }
        }
        let one_more = |bureau| submit_under(bureau, MAX_REPORTS_OF_BUREAU, report());
        assert_noop!(one_more(10), Error::<Test>::TooManyReports);
        assert_noop!(one_more(20), Error::<Test>::TooManyReports);
    });
}

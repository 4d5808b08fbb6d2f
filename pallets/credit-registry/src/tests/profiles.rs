use super::mock::*;
use assay_primitives::{
    credit::Relation,
    traits::{CreditProfiles, ProfileReader},
};
use assay_risk::profile::{Policy, Source};
use frame_support::assert_ok;

#[test]
fn should_merge_reports_of_several_bureaus_when_they_are_usable() {
    run(|| {
        let who = subject(3, 9);
        assert_ok!(submit(1, vec![report(who, NOW_SECS - 10, [10, 20, 31])]));
        let mut second = report(who, NOW_SECS - 20, [20, 0, 34]);
        second.present = 0b101;
        second.has_default = true;
        assert_ok!(submit(3, vec![second]));
        let profiles = Registry::profiles(policy(None), 0, NOW_SECS, &[subject(2, 9), who]);
        assert_eq!(profiles[0], None);
        let merged = profiles[1].clone().unwrap();
        assert_eq!(merged.values, vec![15, 20, 33]);
        assert!(merged.has_default && !merged.propagated);
    });
}

#[test]
fn should_have_no_profile_when_reports_are_too_old_or_of_another_schema() {
    run(|| {
        assert_ok!(Registry::add_schema(signed(2), schema(3)));
        let (old, other) = (subject(1, 9), subject(2, 9));
        assert_ok!(submit(1, vec![report(old, NOW_SECS - 1_001, [1, 1, 1])]));
        assert_ok!(submit_under(1, 1, vec![report(other, NOW_SECS - 1, [1, 1, 1])]));
        assert_eq!(Registry::profiles(policy(None), 0, NOW_SECS, &[old, other]), vec![None, None]);
    });
}

#[test]
fn should_merge_only_reports_of_allowed_sources_when_the_policy_names_some() {
    run(|| {
        let who = subject(3, 9);
        assert_ok!(submit(1, vec![report(who, NOW_SECS - 10, [10, 20, 30])]));
        let mut paid = report(who, NOW_SECS - 20, [30, 0, 50]);
        paid.source = Source::PaymentPlatform;
        assert_ok!(submit(3, vec![paid]));
        let values = |named: Vec<Source>| {
            let policy = Policy { sources: named.into(), ..policy(None) };
            Registry::profiles(policy, 0, NOW_SECS, &[who])[0].clone().map(|found| found.values)
        };
        assert_eq!(values(vec![]), Some(vec![20, 10, 40]));
        assert_eq!(values(vec![Source::PaymentPlatform]), Some(vec![30, 0, 50]));
        assert_eq!(values(vec![Source::ThirdPartyBureau]), None);
    });
}

#[test]
fn should_lend_the_profile_of_neighbours_when_the_policy_allows_it() {
    run(|| {
        let (lonely, near, far) = (subject(1, 9), subject(8, 9), subject(4, 9));
        assert_ok!(submit(1, vec![report(far, NOW_SECS, [30, 0, 0])]));
        let mut bad = report(near, NOW_SECS, [0, 9, 0]);
        bad.has_default = true;
        assert_ok!(submit(1, vec![bad]));
        let relations = [(near, 1), (far, 2)];
        let relations = relations.map(|(to, distance)| Relation { from: lonely, to, distance });
        assert_ok!(Registry::relate(signed(1), relations.to_vec().try_into().unwrap()));

        let lent = |propagation| {
            Registry::profiles(policy(propagation), 0, NOW_SECS, &[lonely])[0].clone()
        };
        assert_eq!(lent(None), None);
        assert_eq!(lent(Some(1)).unwrap().values, vec![0, 9, 0]);
        let both = lent(Some(2)).unwrap();
        assert_eq!(both.values, vec![10, 6, 0]);
        assert!(both.propagated && !both.has_default);
    });
}

#[test]
fn should_read_each_bucket_once_when_asked_in_order() {
    run(|| {
        let everyone: Vec<_> = (0..2_000).map(|n| subject(n, 2_000)).collect();
        for batch in everyone.chunks(1_000) {
            let reports = batch.iter().map(|who| report(*who, NOW_SECS, [1, 2, 3])).collect();
            assert_ok!(submit(1, reports));
        }
        let mut reader = <Registry as CreditProfiles>::reader(policy(None), 0, NOW_SECS).unwrap();
        assert!(everyone.iter().all(|who| reader.profile(who).is_some()));
        let parts = u32::from(crate::registry::DIRECTORY_PAGES);
        assert!(reader.reads() <= parts + Registry::size().buckets);
    });
}

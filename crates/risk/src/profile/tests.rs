use super::*;
use proptest::prelude::*;

const NOW_SECS: u64 = 1_700_000_000;
const DAY_SECS: u64 = 86_400;

fn report(age_secs: u64, values: &[i32]) -> ReportView<'_> {
    ReportView {
        schema: 1,
        observed_at_secs: NOW_SECS - age_secs,
        source: Source::Bank,
        has_default: false,
        present: first_bits(values.len()),
        values,
    }
}

fn policy(steps: &[(u64, u32)]) -> Policy {
    let weights_by_age = steps
        .iter()
        .map(|(up_to_secs, weight_ppb)| AgeStep {
            up_to_secs: *up_to_secs,
            weight_ppb: *weight_ppb,
        })
        .collect();
    Policy {
        max_age_secs: 100 * DAY_SECS,
        weights_by_age,
        propagation: None,
        sources: Sources::ANY,
    }
}

fn merged(policy: &Policy, reports: &[ReportView<'_>]) -> Option<Profile> {
    let mut out = Profile {
        values: alloc::vec![9; 3],
        present: u64::MAX,
        has_default: true,
        propagated: true,
    };
    merge(policy, 1, 2, NOW_SECS, reports.iter().copied(), &mut out).then_some(out)
}

fn profile(values: &[i32], present: u64) -> Profile {
    Profile { values: values.to_vec(), present, has_default: true, propagated: false }
}

#[test]
fn should_weigh_by_age_when_two_reports_are_usable() {
    let policy = policy(&[(DAY_SECS, 1_000_000_000), (10 * DAY_SECS, 500_000_000)]);
    let found = merged(&policy, &[report(0, &[30, -1]), report(2 * DAY_SECS, &[0, -2])]);
    // (2 * 30 + 0) / 3 and (2 * -1 - 2) / 3 = -4/3.
    let expected =
        Profile { values: alloc::vec![20, -1], present: 3, has_default: false, propagated: false };
    assert_eq!(found, Some(expected));
}

#[test]
fn should_round_halves_away_from_zero_when_the_mean_lies_between() {
    let found = merged(&policy(&[]), &[report(0, &[1, -1]), report(5, &[2, -2])]).expect("merged");
    assert_eq!(found.values, [2, -2]);
}

#[test]
fn should_stay_exact_when_sums_leave_64_bits() {
    let policy = policy(&[(1, 1_000_000_000)]);
    let extremes = [i32::MIN, i32::MAX];
    let found = merged(&policy, &[report(0, &extremes); 40]).expect("merged");
    assert_eq!(found.values, extremes);
}

#[test]
fn should_hold_the_last_weight_when_a_report_is_past_the_last_step() {
    let policy = policy(&[(1, 1_000_000_000), (2, 250_000_000)]);
    let found = merged(&policy, &[report(0, &[10, 10]), report(3, &[0, 0])]).expect("merged");
    assert_eq!(found.values, [8, 8]);
}

#[test]
fn should_leave_out_reports_when_they_are_too_old_or_of_another_schema() {
    let old = report(100 * DAY_SECS + 1, &[5, 5]);
    let other = ReportView { schema: 2, has_default: true, ..report(0, &[7, 7]) };
    assert_eq!(merged(&policy(&[]), &[old, other]), None);
    let edge = report(100 * DAY_SECS, &[6, 6]);
    let found = merged(&policy(&[]), &[old, other, edge]).expect("merged");
    assert_eq!((found.values.as_slice(), found.has_default), ([6, 6].as_slice(), false));
}

#[test]
fn should_use_a_report_when_it_is_newer_than_the_time_asked() {
    let newer = ReportView { observed_at_secs: NOW_SECS + 9, ..report(0, &[4, 5]) };
    assert_eq!(merged(&policy(&[]), &[newer]).expect("merged").values, [4, 5]);
}

#[test]
fn should_find_no_profile_when_all_weights_are_zero() {
    let defaulted = ReportView { has_default: true, ..report(5, &[1, 1]) };
    assert_eq!(merged(&policy(&[(1, 1_000_000_000), (2, 0)]), &[defaulted]), None);
    assert_eq!(merged(&policy(&[]), &[]), None);
}

#[test]
fn should_keep_a_default_when_its_report_is_usable_without_weight() {
    let policy = policy(&[(1, 1_000_000_000), (2, 0)]);
    let defaulted = ReportView { has_default: true, ..report(5, &[100, 100]) };
    let found = merged(&policy, &[report(0, &[1, 2]), defaulted]).expect("merged");
    assert_eq!((found.values.as_slice(), found.has_default), ([1, 2].as_slice(), true));
}

#[test]
fn should_leave_a_value_missing_when_only_weightless_reports_have_it() {
    let policy = policy(&[(1, 1_000_000_000), (2, 0)]);
    let partial = ReportView { present: 1, ..report(0, &[3, 77]) };
    let reports = [partial, partial, report(5, &[9, 9])];
    for reports in [&reports[..], &reports[1..]] {
        let found = merged(&policy, reports).expect("merged");
        assert_eq!((found.values.as_slice(), found.present), ([3, 0].as_slice(), 1));
    }
}

#[test]
fn should_ignore_presence_when_there_is_no_value_behind_it() {
    let short = ReportView { present: u64::MAX, ..report(0, &[3]) };
    for reports in [&[short][..], &[short, short]] {
        let found = merged(&policy(&[]), reports).expect("merged");
        assert_eq!((found.values.as_slice(), found.present), ([3, 0].as_slice(), 1));
    }
}

#[test]
fn should_refuse_a_policy_when_it_breaks_a_limit() {
    let sound = Policy { propagation: Some(10), ..policy(&[(1, 1_000_000_000), (2, 0)]) };
    assert_eq!(sound.validate(), Ok(()));
    let steps: Vec<(u64, u32)> = (0..17).map(|age| (age, 1)).collect();
    assert_eq!(policy(&steps[..16]).validate(), Ok(()));
    assert_eq!(policy(&steps).validate(), Err(PolicyFault::TooManySteps));
    assert_eq!(policy(&[(2, 1), (2, 1)]).validate(), Err(PolicyFault::StepsNotAscending));
    assert_eq!(policy(&[(2, 1_000_000_001)]).validate(), Err(PolicyFault::WeightAboveOne));
    for distance in [0, 11] {
        let policy = Policy { propagation: Some(distance), ..policy(&[]) };
        assert_eq!(policy.validate(), Err(PolicyFault::DistanceOutOfRange));
    }
}

#[test]
fn should_count_only_reports_of_the_sources_when_some_are_named() {
    let paid = ReportView { source: Source::PaymentPlatform, ..report(0, &[40, 0]) };
    let reports = [report(0, &[10, 0]), paid];
    let values = |named: &[Source]| {
        let policy = Policy { sources: named.to_vec().into(), ..policy(&[]) };
        merged(&policy, &reports).map(|profile| profile.values)
    };
    assert_eq!(values(&[]), Some(alloc::vec![25, 0]));
    assert_eq!(values(&[Source::PaymentPlatform]), Some(alloc::vec![40, 0]));
    assert_eq!(values(&[Source::Bank, Source::PaymentPlatform]), Some(alloc::vec![25, 0]));
    assert_eq!(values(&[Source::ThirdPartyBureau]), None);
}

#[test]
fn should_refuse_a_policy_when_a_source_is_unknown() {
    let known = Sources::from(Source::ALL.to_vec());
    assert_eq!(known.named().collect::<Vec<_>>(), Source::ALL);
    assert_eq!(Policy { sources: known, ..policy(&[]) }.validate(), Ok(()));
    let sources = Sources::decode(&mut &[8][..]).expect("one byte");
    let unknown = Policy { sources, ..policy(&[]) };
    assert_eq!(unknown.validate(), Err(PolicyFault::SourceUnknown));
}

#[cfg(feature = "serde")]
#[test]
fn should_read_sources_by_name_when_a_policy_is_in_json() {
    let read = |text: &str| serde_json::from_str::<Policy>(text);
    let without = r#"{"max_age_secs":1,"weights_by_age":[],"propagation":null}"#;
    assert_eq!(read(without).expect("a policy").sources, Sources::ANY);
    let with = without.replace('}', r#","sources":["bank","payment_platform"]}"#);
    let named = read(&with).expect("a policy");
    assert!(named.sources.allow(Source::Bank) && !named.sources.allow(Source::ThirdPartyBureau));
    assert_eq!(serde_json::to_string(&named).expect("JSON"), with);
}

#[test]
fn should_weigh_by_inverse_distance_when_propagating() {
    let (near, far) = (profile(&[10, 7], 3), profile(&[40, 0], 1));
    let mut out = Profile::default();
    assert!(propagate(2, [(1, &near), (2, &far)], &mut out));
    // (10 + 40 / 2) / (1 + 1 / 2) = 20.
    let expected =
        Profile { values: alloc::vec![20, 7], present: 3, has_default: false, propagated: true };
    assert_eq!(out, expected);
}

#[test]
fn should_lend_nothing_when_no_neighbour_counts() {
    let lent = Profile { propagated: true, ..profile(&[1, 1], 3) };
    let own = profile(&[1, 1], 3);
    let mut out = Profile::default();
    assert!(!propagate(2, [(1, &lent), (0, &own), (11, &own)], &mut out));
}

#[test]
fn should_lend_an_empty_profile_when_the_neighbour_has_no_values() {
    let empty = profile(&[0, 0], 0);
    let mut out = Profile::default();
    assert!(propagate(2, [(3, &empty)], &mut out));
    assert_eq!((out.values.as_slice(), out.present), ([0, 0].as_slice(), 0));
}

#[derive(Clone, Debug)]
struct Given {
    age_secs: u64,
    present: u64,
    values: Vec<i32>,
}

fn given() -> impl Strategy<Value = Given> {
    (0_u64..5, any::<u64>(), prop::collection::vec(any::<i32>(), 4))
        .prop_map(|(age_secs, present, values)| Given { age_secs, present, values })
}

/// Lowest and highest value of each feature among those that have it.
fn bounds<'a>(
    given: impl Iterator<Item = (u64, &'a [i32])> + Clone,
    feature: usize,
) -> Option<(i32, i32)> {
    let values =
        given.filter(|(present, _)| present >> feature & 1 == 1).map(|(_, values)| values[feature]);
    values.clone().min().zip(values.max())
}

proptest! {
    #[test]
    fn should_stay_among_the_values_when_merging(
        given in prop::collection::vec(given(), 0..20),
        weights in prop::collection::vec(1_u32..=1_000_000_000, 1..5)
    ) {
        let steps: Vec<_> = (0..).zip(weights).collect();
        let views = given.iter().map(|given| ReportView {
            present: given.present,
            ..report(given.age_secs, &given.values)
        });
        let mut out = Profile::default();
        let found = merge(&policy(&steps), 1, 4, NOW_SECS, views, &mut out);
        prop_assert_eq!(found, !given.is_empty());
        let plain = given.iter().map(|given| (given.present, given.values.as_slice()));
        for feature in 0..if found { 4 } else { 0 } {
            let bounds = bounds(plain.clone(), feature);
            prop_assert_eq!(out.present >> feature & 1 == 1, bounds.is_some());
            if let Some((lowest, highest)) = bounds {
                prop_assert!((lowest..=highest).contains(&out.values[feature]));
            }
        }
    }

    #[test]
    fn should_not_depend_on_order_when_merging(
        given in prop::collection::vec(given(), 2..6), weight in 0_u32..=1_000_000_000
    ) {
        let policy = policy(&[(1, 1_000_000_000), (3, weight)]);
        let views = given.iter().map(|given| ReportView {
            present: given.present,
            ..report(given.age_secs, &given.values)
        });
        let (mut one, mut other) = (Profile::default(), Profile::default());
        let found = merge(&policy, 1, 4, NOW_SECS, views.clone(), &mut one);
        prop_assert_eq!(merge(&policy, 1, 4, NOW_SECS, views.rev(), &mut other), found);
        if found {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn should_stay_among_the_values_when_propagating(
        given in prop::collection::vec((1_u8..=10, given()), 1..20)
    ) {
        let profiles: Vec<_> = given
            .iter()
            .map(|(distance, given)| (*distance, profile(&given.values, given.present)))
            .collect();
        let mut out = Profile::default();
        let near = profiles.iter().map(|(distance, profile)| (*distance, profile));
        prop_assert!(propagate(4, near, &mut out));
        prop_assert!(out.propagated && !out.has_default);
        let plain = given.iter().map(|(_, given)| (given.present, given.values.as_slice()));
        for feature in 0..4 {
            if let Some((lowest, highest)) = bounds(plain.clone(), feature) {
                prop_assert!((lowest..=highest).contains(&out.values[feature]));
            } else {
                prop_assert_eq!(out.present >> feature & 1, 0);
            }
        }
    }

    #[test]
    fn should_equal_the_plain_mean_when_many_heavy_reports_are_merged(
        given in prop::collection::vec(given(), 2..40),
        weights in prop::collection::vec(prop_oneof![Just(0), 1_u32..9, 9_u32..=1_000_000_000], 5)
    ) {
        let steps: Vec<_> = (0..).zip(weights.clone()).collect();
        let views = given.iter().map(|given| ReportView {
            present: given.present,
            ..report(given.age_secs, &given.values)
        });
        let mut out = Profile::default();
        let found = merge(&policy(&steps), 1, 4, NOW_SECS, views, &mut out);
        let weight = |given: &Given| i128::from(weights[given.age_secs as usize]);
        prop_assert_eq!(found, given.iter().any(|given| weight(given) > 0));
        for feature in 0..if found { 4 } else { 0 } {
            let having = given.iter().filter(|given| given.present >> feature & 1 == 1);
            let total: i128 = having.clone().map(weight).sum();
            let sum: i128 =
                having.map(|given| weight(given) * i128::from(given.values[feature])).sum();
            let half_up = (2 * sum.abs() + total).checked_div(2 * total);
            let mean = half_up.map(|mean| mean * sum.signum());
            prop_assert_eq!(out.present >> feature & 1 == 1, mean.is_some());
            prop_assert_eq!(i128::from(out.values[feature]), mean.unwrap_or(0));
        }
    }
}

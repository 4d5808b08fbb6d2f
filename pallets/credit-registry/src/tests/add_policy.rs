use super::mock::*;
use crate::{Error, Event};
use assay_primitives::{credit::PolicyRecord, traits::CreditProfiles, Name};
use assay_risk::profile::{AgeStep, Policy, Source, Sources};
use codec::Decode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn add(policy: Policy) -> Result<(), DispatchError> {
    Registry::add_policy(signed(2), name("strict"), policy)
}

#[test]
fn should_find_the_policy_by_its_hash_when_added() {
    run(|| {
        assert_ok!(add(policy(Some(3))));
        let id = Registry::policy_id(&policy(Some(3)));
        assert_eq!(<Registry as CreditProfiles>::policy(&id), Some((policy(Some(3)), 1)));
        assert_eq!(<Registry as CreditProfiles>::policy(&Default::default()), None);
        let record = PolicyRecord {
            name: name("strict"),
            version: 1,
            policy: policy(Some(3)),
            by: account(2),
            at: 1,
        };
        assert_eq!(Registry::policy_record(&id), Some(record));
        System::assert_last_event(
            Event::PolicyAdded { policy: id, name: name("strict"), version: 1, by: account(2) }
                .into(),
        );
    });
}

#[test]
fn should_count_versions_by_name_when_policies_are_added() {
    run(|| {
        let add = |label, distance| Registry::add_policy(signed(2), name(label), policy(distance));
        assert_ok!(add("strict", Some(3)));
        assert_ok!(add("strict", Some(2)));
        assert_ok!(add("lenient", Some(4)));
        let listed: Vec<_> = Registry::policies()
            .into_iter()
            .map(|(_, record)| (record.name, record.version, record.policy.propagation))
            .collect();
        let expected = [("lenient", 1, Some(4)), ("strict", 1, Some(3)), ("strict", 2, Some(2))];
        assert_eq!(listed, expected.map(|(label, version, it)| (name(label), version, it)));
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        let added = Registry::add_policy(signed(1), name("strict"), policy(None));
        assert_noop!(added, NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_name_is_empty_or_not_utf8() {
    run(|| {
        let named = |name| Registry::add_policy(signed(2), name, policy(None));
        assert_noop!(named(name("")), Error::<Test>::PolicyNameEmpty);
        let broken = Name::try_from(vec![0xff]).unwrap();
        assert_noop!(named(broken), Error::<Test>::NameNotUtf8);
    });
}

#[test]
fn should_refuse_when_the_policy_is_there_under_any_name() {
    run(|| {
        assert_ok!(add(policy(None)));
        assert_noop!(add(policy(None)), Error::<Test>::PolicyExists);
        let again = Registry::add_policy(signed(2), name("other"), policy(None));
        assert_noop!(again, Error::<Test>::PolicyExists);
    });
}

#[test]
fn should_refuse_when_the_steps_do_not_ascend_or_are_too_many() {
    run(|| {
        let step = AgeStep { up_to_secs: 5, weight_ppb: 1 };
        let falling = AgeStep { up_to_secs: 4, weight_ppb: 1 };
        let many = (0..17).map(|age| AgeStep { up_to_secs: age, weight_ppb: 1 }).collect();
        for weights_by_age in [vec![step, step], vec![step, falling], many] {
            let unordered = Policy { weights_by_age, ..policy(None) };
            assert_noop!(add(unordered), Error::<Test>::PolicyStepsUnordered);
        }
    });
}

#[test]
fn should_refuse_when_a_weight_is_above_one() {
    run(|| {
        let mut heavy = policy(None);
        heavy.weights_by_age = vec![AgeStep { up_to_secs: 5, weight_ppb: 1_000_000_001 }];
        assert_noop!(add(heavy), Error::<Test>::PolicyWeightTooLarge);
    });
}

#[test]
fn should_refuse_when_the_distance_is_out_of_range() {
    run(|| {
        for distance in [0, 11] {
            assert_noop!(add(policy(Some(distance))), Error::<Test>::PolicyDistanceOutOfRange);
        }
    });
}

#[test]
fn should_refuse_when_a_source_is_unknown() {
    run(|| {
        let unknown = Sources::decode(&mut &[1 << 7][..]).unwrap();
        let named = |sources| Policy { sources, ..policy(None) };
        assert_noop!(add(named(unknown)), Error::<Test>::PolicySourceUnknown);
        assert_ok!(add(named(vec![Source::PaymentPlatform].into())));
    });
}

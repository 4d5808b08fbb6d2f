use super::mock::*;
use crate::Error;
use assay_primitives::traits::CreditProfiles;
use assay_risk::profile::AgeStep;
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_find_the_policy_by_its_hash_when_added() {
    run(|| {
        assert_ok!(Registry::add_policy(signed(2), policy(Some(3))));
        let id = Registry::policy_id(&policy(Some(3)));
        assert_eq!(<Registry as CreditProfiles>::policy(&id), Some(policy(Some(3))));
        assert_eq!(<Registry as CreditProfiles>::policy(&Default::default()), None);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        assert_noop!(Registry::add_policy(signed(1), policy(None)), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_the_policy_is_there() {
    run(|| {
        assert_ok!(Registry::add_policy(signed(2), policy(None)));
        assert_noop!(Registry::add_policy(signed(2), policy(None)), Error::<Test>::PolicyExists);
    });
}

#[test]
fn should_refuse_when_the_steps_do_not_ascend() {
    run(|| {
        let mut unordered = policy(None);
        let step = AgeStep { up_to_secs: 5, weight_ppb: 1 };
        unordered.weights_by_age = vec![step, step];
        assert_noop!(
            Registry::add_policy(signed(2), unordered),
            Error::<Test>::PolicyStepsUnordered
        );
    });
}

#[test]
fn should_refuse_when_a_weight_is_above_one() {
    run(|| {
        let mut heavy = policy(None);
        heavy.weights_by_age = vec![AgeStep { up_to_secs: 5, weight_ppb: 1_000_000_001 }];
        assert_noop!(Registry::add_policy(signed(2), heavy), Error::<Test>::PolicyWeightTooLarge);
    });
}

#[test]
fn should_refuse_when_the_distance_is_out_of_range() {
    run(|| {
        for distance in [0, 11] {
            assert_noop!(
                Registry::add_policy(signed(2), policy(Some(distance))),
                Error::<Test>::PolicyDistanceOutOfRange
            );
        }
    });
}

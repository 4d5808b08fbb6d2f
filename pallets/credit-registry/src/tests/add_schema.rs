use super::mock::*;
use crate::Error;
use frame_support::{assert_noop, assert_ok};

#[test]
fn should_list_the_schema_when_added() {
    run(|| {
        assert_ok!(Registry::add_schema(signed(2), schema(64)));
        let listed = Registry::schemas();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[1], (1, account(2), schema(64)));
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        assert_noop!(Registry::add_schema(signed(9), schema(1)), NOT_PERMITTED);
    });
}

#[test]
fn should_refuse_when_incomplete() {
    run(|| {
        assert_noop!(Registry::add_schema(signed(2), schema(0)), Error::<Test>::SchemaIncomplete);
        let mut nameless = schema(2);
        nameless.features[1].name = Default::default();
        assert_noop!(Registry::add_schema(signed(2), nameless), Error::<Test>::SchemaIncomplete);
    });
}

#[test]
fn should_refuse_when_a_name_is_not_utf8() {
    run(|| {
        let mut broken = schema(1);
        broken.features[0].unit = vec![0xff].try_into().unwrap();
        assert_noop!(Registry::add_schema(signed(2), broken), Error::<Test>::NameNotUtf8);
    });
}

#[test]
fn should_refuse_when_a_feature_comes_twice() {
    run(|| {
        let mut twice = schema(2);
        twice.features[1].name = twice.features[0].name.clone();
        assert_noop!(Registry::add_schema(signed(2), twice), Error::<Test>::FeatureTwice);
    });
}

#[test]
fn should_refuse_when_the_bounds_are_reversed() {
    run(|| {
        let mut reversed = schema(1);
        reversed.features[0].lower = 101;
        assert_noop!(Registry::add_schema(signed(2), reversed), Error::<Test>::BoundsReversed);
    });
}

//! Merged and propagated profiles.

use crate::common::{cases, integer};
use assay_risk::profile::{
    merge, propagate, AgeStep, Policy, Profile, ReportView, Source, Sources,
};
use serde_json::Value;

/// Values and presence bits of a list of integers and nulls.
pub fn values(list: &Value) -> (Vec<i32>, u64) {
    let mut values = Vec::new();
    let mut present = 0;
    for (position, value) in list.as_array().expect("a list of values").iter().enumerate() {
        if let Some(value) = value.as_i64() {
            values.push(i32::try_from(value).expect("a value of 32 bits"));
            present |= 1 << position;
        } else {
            values.push(0);
        }
    }
    (values, present)
}

fn profile(json: &Value, propagated: bool) -> Option<Profile> {
    if json.is_null() {
        return None;
    }
    let (values, present) = values(&json["values"]);
    let has_default = json["has_default"].as_bool().expect("a flag");
    Some(Profile { values, present, has_default, propagated })
}

fn policy(case: &Value) -> Policy {
    let steps = case["steps"].as_array().expect("a list of steps");
    Policy {
        max_age_secs: integer(case, "max_age"),
        weights_by_age: steps
            .iter()
            .map(|step| AgeStep {
                up_to_secs: step[0].as_u64().expect("an age"),
                weight_ppb: step[1].as_u64().expect("a weight").try_into().expect("32 bits"),
            })
            .collect(),
        propagation: None,
        sources: Sources::ANY,
    }
}

#[test]
fn should_merge_as_the_vectors_say_when_reports_are_given() {
    let mut merged = Profile::default();
    for (number, case) in cases("merge.json").unwrap_or_default().iter().enumerate() {
        let policy = policy(case);
        policy.validate().expect("a sound policy");
        let reports = case["reports"].as_array().expect("a list of reports");
        let parsed: Vec<_> = reports.iter().map(|report| values(&report["values"])).collect();
        let views = reports.iter().zip(&parsed).map(|(report, (values, present))| ReportView {
            schema: integer(report, "schema"),
            observed_at_secs: integer(report, "observed_at"),
            source: Source::Bank,
            has_default: report["has_default"].as_bool().expect("a flag"),
            present: *present,
            values,
        });
        let (schema, features, time) =
            (integer(case, "schema"), integer(case, "features"), integer(case, "time"));
        let found = merge(&policy, schema, features, time, views, &mut merged);
        let expected = profile(&case["profile"], false);
        assert_eq!(found.then_some(&merged), expected.as_ref(), "merge.json, case {number}");
    }
}

#[test]
fn should_propagate_as_the_vectors_say_when_relations_are_given() {
    let mut lent = Profile::default();
    for (number, case) in cases("propagate.json").unwrap_or_default().iter().enumerate() {
        let max_distance: u8 = integer(case, "max_distance");
        let neighbours = case["neighbours"].as_array().expect("a list of neighbours");
        let own: Vec<(u64, Profile)> = neighbours
            .iter()
            .filter_map(|other| Some((integer(other, "id"), profile(&other["profile"], false)?)))
            .collect();
        let relations = case["relations"].as_array().expect("a list of relations");
        let near = relations.iter().filter_map(|relation| {
            let distance = u8::try_from(relation[1].as_u64()?).ok()?;
            let (_, profile) = own.iter().find(|(id, _)| Some(*id) == relation[0].as_u64())?;
            (distance <= max_distance).then_some((distance, profile))
        });
        let found = propagate(integer(case, "features"), near, &mut lent);
        let expected = profile(&case["profile"], true);
        assert_eq!(found.then_some(&lent), expected.as_ref(), "propagate.json, case {number}");
    }
}

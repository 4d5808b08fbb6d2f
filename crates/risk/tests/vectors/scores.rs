//! Scores and reasons.

use crate::{
    common::{cases, integer},
    profiles::values,
};
use assay_risk::{artifact::Artifact, explanation::reasons, network::Network};
use codec::{Decode, Encode};

#[test]
fn should_score_as_the_vectors_say_when_profiles_are_given() {
    for (number, case) in cases("score.json").unwrap_or_default().iter().enumerate() {
        let artifact: Artifact =
            serde_json::from_value(case["artifact"].clone()).expect("an artifact");
        let mut network = Network::compile(&artifact).expect("a sound artifact");
        for (row, profile) in case["cases"].as_array().expect("a list").iter().enumerate() {
            let at = format!("score.json, artifact {number}, profile {row}");
            let (values, present) = values(&profile["values"]);
            let logit = network.logit(&values, present);
            assert_eq!(logit, integer::<i8>(profile, "logit"), "{at}");
            assert_eq!(network.score(logit), integer::<u16>(profile, "score"), "{at}");
            let found: Vec<(u64, i64)> = reasons(&mut network, &values, present)
                .iter()
                .flatten()
                .map(|reason| (reason.feature.into(), reason.raise.into()))
                .collect();
            let expected: Vec<(u64, i64)> =
                serde_json::from_value(profile["reasons"].clone()).expect("a list of pairs");
            assert_eq!(found, expected, "{at}");
        }
    }
}

#[test]
fn should_keep_an_artifact_when_it_goes_through_json_and_scale() {
    for case in cases("score.json").unwrap_or_default() {
        let artifact: Artifact =
            serde_json::from_value(case["artifact"].clone()).expect("an artifact");
        assert_eq!(serde_json::to_value(&artifact).expect("JSON"), case["artifact"]);
        let encoded = artifact.encode();
        assert_eq!(Artifact::decode(&mut encoded.as_slice()).expect("SCALE"), artifact);
    }
}

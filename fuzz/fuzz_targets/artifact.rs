//! Scoring contracts from bytes, SCALE or JSON: whatever passes the check must run on every profile.

#![no_main]

use assay_risk::{
    artifact::Artifact,
    explanation::{reasons, REASONS},
    network::Network,
};
use codec::{Decode, Encode};
use libfuzzer_sys::fuzz_target;

/// Profiles that each contract is run on, the last two of extreme values.
const PROFILES: usize = 6;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    if let Ok(artifact) = Artifact::decode(&mut rest) {
        let read = &bytes[..bytes.len() - rest.len()];
        let encoded = artifact.encode();
        assert_eq!(Artifact::decode(&mut &encoded[..]).as_ref(), Ok(&artifact), "SCALE round trip");
        // Lengths have one encoding only, so the contract id is that of the very bytes sent.
        assert_eq!(encoded, read, "another encoding of the same artifact");
        exercise(&artifact, rest);
    }
    if let Ok(artifact) = serde_json::from_slice::<Artifact>(bytes) {
        let text = serde_json::to_vec(&artifact).expect("an artifact has a JSON form");
        let again: Artifact = serde_json::from_slice(&text).expect("its own JSON form is read");
        assert_eq!(again, artifact, "JSON round trip");
        exercise(&artifact, bytes);
    }
});

/// Checks and runs an artifact on profiles drawn from `bytes`.
fn exercise(artifact: &Artifact, bytes: &[u8]) {
    let checked = artifact.check();
    let compiled = Network::compile(artifact);
    assert_eq!(checked.as_ref().err(), compiled.as_ref().err(), "compile accepts what check does");
    let (Ok(shape), Ok(mut network)) = (checked, compiled) else { return };
    assert_eq!(shape.features as usize, network.feature_count());
    for number in 0..PROFILES {
        let (values, present) = profile(bytes, number);
        run(artifact, &mut network, &values, present);
    }
}

fn run(artifact: &Artifact, network: &mut Network, values: &[i32], present: u64) {
    let z = network.logit(values, present);
    assert!(z >= -127, "z is {z}");
    let score = network.score(z);
    assert!((artifact.score_min..=artifact.score_max).contains(&score), "the score is {score}");
    assert_eq!(network.clone().logit(values, present), z, "a copy scores the same");
    let found = reasons(network, values, present);
    assert_eq!(found.iter().flatten().count(), REASONS.min(network.feature_count()));
    for reason in found.into_iter().flatten() {
        let without = network.logit_without(values, present, reason.feature);
        assert_eq!(i16::from(z) - i16::from(without), reason.raise, "reason of {reason:?}");
    }
    assert_eq!(network.logit(values, present), z, "a run leaves nothing behind");
}

/// A profile out of the bytes: values word by word, `present` from what stands before them.
fn profile(bytes: &[u8], number: usize) -> (Vec<i32>, u64) {
    match number {
        0 => (Vec::new(), 0),
        1 => (vec![0; 64], u64::MAX),
        _ if number + 2 == PROFILES => (vec![i32::MAX; 65], u64::MAX),
        _ if number + 1 == PROFILES => (vec![i32::MIN; 64], u64::MAX),
        _ => {
            let from = bytes.get(number..).unwrap_or_default();
            let word = |at: usize| from.get(at).copied().map_or(0, u64::from);
            let present = (0..8).fold(0, |bits, at| bits << 8 | word(at));
            let values = from
                .chunks_exact(4)
                .take(64)
                .map(|four| four.iter().fold(0_i32, |value, byte| value << 8 | i32::from(*byte)));
            (values.collect(), present)
        }
    }
}

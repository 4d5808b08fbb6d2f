//! POLICY.toml: when a report counts, and for how much (rules, section 2; `examples/README.md`
//! explains every key).

use crate::{
    ratio::{Ratio, ONE_PPB},
    table::{read_source, source_word},
};
use assay_risk::profile::{AgeStep, Policy, Source, Sources};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const SECS_PER_DAY: u64 = 86_400;

/// Why a POLICY can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFailure {
    #[error("{path}: the POLICY can't be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Malformed { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{path}: {problem}")]
    Contradictory { path: PathBuf, problem: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    max_age_days: u64,
    propagation_max_distance: Option<u8>,
    #[serde(default, rename = "weight")]
    weights: Vec<RawWeight>,
    sources: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWeight {
    up_to_days: u64,
    weight: Ratio,
}

/// Reads and checks a POLICY.
///
/// # Errors
/// [`PolicyFailure`] with the key that is unknown, missing or contradictory.
pub fn read(path: &Path) -> Result<Policy, PolicyFailure> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| PolicyFailure::Unreadable { path: path.into(), source })?;
    let raw: Raw = toml::from_str(&text).map_err(|source| PolicyFailure::Malformed {
        path: path.into(),
        source: Box::new(source),
    })?;
    parse(raw).map_err(|problem| PolicyFailure::Contradictory { path: path.into(), problem })
}

fn parse(raw: Raw) -> Result<Policy, String> {
    let weights_by_age = raw
        .weights
        .iter()
        .map(|step| {
            let weight_ppb = u32::try_from(step.weight.ppb)
                .ok()
                .filter(|ppb| u64::from(*ppb) <= ONE_PPB)
                .ok_or("a weight is at most \"100 %\"")?;
            Ok(AgeStep { up_to_secs: secs("up_to_days", step.up_to_days)?, weight_ppb })
        })
        .collect::<Result<_, String>>()?;
    let policy = Policy {
        max_age_secs: secs("max_age_days", raw.max_age_days)?,
        weights_by_age,
        propagation: raw.propagation_max_distance,
        sources: sources(raw.sources.as_deref())?,
    };
    policy.validate().map_err(|fault| fault.to_string())?;
    Ok(policy)
}

/// Without the key all sources count; a list that names none would let none count, which no chain
/// can say.
fn sources(named: Option<&[String]>) -> Result<Sources, String> {
    let Some(named) = named else { return Ok(Sources::ANY) };
    if named.is_empty() {
        return Err("sources is empty: take the key out, and all sources count".into());
    }
    let known = named
        .iter()
        .map(|word| {
            read_source(word).ok_or_else(|| {
                let words: Vec<&str> = Source::ALL.into_iter().map(source_word).collect();
                format!("\"{word}\" is no source of reports; there are {}", words.join(", "))
            })
        })
        .collect::<Result<Vec<Source>, String>>()?;
    Ok(known.into())
}

fn secs(key: &str, days: u64) -> Result<u64, String> {
    days.checked_mul(SECS_PER_DAY).ok_or_else(|| format!("{key} = {days} is too many"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<Policy, String> {
        parse(toml::from_str(text).map_err(|fault| fault.to_string())?)
    }

    #[test]
    fn should_turn_days_into_seconds_and_percent_into_ppb() {
        let text = "max_age_days = 2\npropagation_max_distance = 3\n\
                    [[weight]]\nup_to_days = 1\nweight = \"50 %\"\n";
        let step = AgeStep { up_to_secs: 86_400, weight_ppb: 500_000_000 };
        let expected = Policy {
            max_age_secs: 172_800,
            weights_by_age: vec![step],
            propagation: Some(3),
            sources: Sources::ANY,
        };
        assert_eq!(policy(text), Ok(expected));
    }

    #[test]
    fn should_refuse_a_policy_when_a_key_is_unknown_or_a_weight_too_large() {
        assert!(policy("max_age_days = 2\nmax_age = 3\n").unwrap_err().contains("max_age"));
        let heavy = "max_age_days = 2\n[[weight]]\nup_to_days = 1\nweight = \"100.1 %\"\n";
        assert!(policy(heavy).unwrap_err().contains("100 %"));
    }

    #[test]
    fn should_refuse_a_policy_when_its_steps_do_not_ascend() {
        let text = "max_age_days = 9\n[[weight]]\nup_to_days = 3\nweight = \"1 %\"\n\
                    [[weight]]\nup_to_days = 3\nweight = \"1 %\"\n";
        assert!(policy(text).unwrap_err().contains("ascend"));
    }

    #[test]
    fn should_let_only_the_named_sources_count() {
        let named = policy("max_age_days = 2\nsources = [\"bank\", \"payment-platform\"]\n");
        let expected = Sources::from(vec![Source::Bank, Source::PaymentPlatform]);
        assert_eq!(named.map(|policy| policy.sources), Ok(expected));
    }

    #[test]
    fn should_refuse_a_policy_when_a_source_is_unknown_or_none_is_named() {
        let message = policy("max_age_days = 2\nsources = [\"gossip\"]\n").unwrap_err();
        assert!(message.contains("gossip") && message.contains("payment-platform"), "{message}");
        assert!(policy("max_age_days = 2\nsources = []\n").unwrap_err().contains("empty"));
    }
}

//! `assay model explain`: a subject's score as of a block, and what raised it (rules, section 3).

use super::{
    context::{find_block, now_secs, Context},
    contract::{self, title},
    credit_show::SubjectArgs,
    model::direction,
    show::{text, TextTable},
};
use crate::chain::{api, Chain};
use anyhow::Context as _;
use assay_primitives::{
    credit::Schema,
    scoring::{ContractInfo, ContractStatus},
    ContractId, Subject,
};
use assay_risk::profile::Profile;
use clap::Args;
use serde_json::{json, Value as Json};

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Name, whose active version is taken, or the beginning of the id
    contract: String,
    #[command(flatten)]
    who: SubjectArgs,
    /// When reports count: a file, or the name or id of a policy on chain
    #[arg(long, value_name = "POLICY.toml")]
    policy: String,
    /// Contract, reports and policy as they were at that block: number or hash
    #[arg(long, value_name = "BLOCK")]
    at: Option<String>,
}

/// One feature that raised a score.
pub struct Reason {
    pub position: u8,
    pub feature: String,
    pub unit: String,
    /// None when it's missing, and the contract's fallback stands for it.
    pub value: Option<i32>,
    /// By how much it raised the output.
    pub raise: i16,
    /// What the output would have been without it.
    pub z_without: i16,
}

/// A score with what raised it.
pub struct Explanation {
    pub z: i8,
    pub score: u16,
    pub reasons: Vec<Reason>,
}

/// Runs the command.
pub async fn run(context: &Context, args: &ExplainArgs) -> anyhow::Result<()> {
    let subject = args.who.subject()?;
    let chain = context.chain().await?;
    let block = match &args.at {
        Some(words) => find_block(&chain, words).await?,
        None => chain.best().await?.hash,
    };
    let at = Some(block);
    let policy = contract::find_policy(&chain, &args.policy, at).await?;
    let states = [ContractStatus::Active];
    let (id, info) = contract::find(&chain, &args.contract, &states, at).await?;
    let now = now_secs(&chain, at).await?;
    let profiles = api::profiles(&chain, &policy.policy, info.schema, now, &[subject], at).await?;
    let profile = profiles.into_iter().next().flatten().with_context(|| {
        format!("subject {subject} has no profile under the policy, so there is no score")
    })?;
    let explanation = explain(&chain, id, &info, &profile, at).await?;
    let mut object = to_json(id, &info, subject, &profile, &explanation);
    object["block"] = json!(format!("{block:?}"));
    object["as_of_secs"] = json!(now);
    object["policy"] = json!(format!("{:?}", policy.id));
    object["policy_version"] = json!(policy.record.as_ref().map(|record| record.version));
    let said = people(&info, subject, &policy.title(), &profile, &explanation);
    context.output.result(&object, said)
}

/// Has the chain score a profile and say what raised the score.
pub async fn explain(
    chain: &Chain,
    id: ContractId,
    info: &ContractInfo,
    profile: &Profile,
    at: api::At,
) -> anyhow::Result<Explanation> {
    let (z, score, raised) = api::explain(chain, id, &profile.values, profile.present, at)
        .await?
        .context("the node does not explain this contract")?;
    let schemas = api::schemas(chain, at).await?;
    let schema = schemas.iter().find(|(known, _, _)| *known == info.schema);
    let schema = schema.map(|(_, _, schema)| schema);
    let reasons = raised
        .into_iter()
        .map(|(position, raise)| reason(schema, profile, z, position, raise))
        .collect();
    Ok(Explanation { z, score, reasons })
}

fn reason(schema: Option<&Schema>, profile: &Profile, z: i8, position: u8, raise: i16) -> Reason {
    let known = schema.and_then(|schema| schema.features.get(usize::from(position)));
    let there = profile.present.checked_shr(position.into()).unwrap_or_default() & 1 == 1;
    Reason {
        position,
        feature: known.map_or_else(|| position.to_string(), |feature| text(&feature.name)),
        unit: known.map_or_else(String::new, |feature| text(&feature.unit)),
        value: profile.values.get(usize::from(position)).copied().filter(|_| there),
        raise,
        z_without: i16::from(z).saturating_sub(raise),
    }
}

/// The score, the profile's origin, and the reasons.
pub fn to_json(
    id: ContractId,
    info: &ContractInfo,
    subject: Subject,
    profile: &Profile,
    explanation: &Explanation,
) -> Json {
    let reasons: Vec<Json> = explanation
        .reasons
        .iter()
        .map(|reason| {
            json!({
                "feature": reason.feature,
                "position": reason.position,
                "unit": reason.unit,
                "value": reason.value,
                "raise": reason.raise,
                "z_without": reason.z_without,
            })
        })
        .collect();
    json!({
        "contract": format!("{id:?}"),
        "version": info.version,
        "schema": info.schema,
        "subject": subject.to_string(),
        "z": explanation.z,
        "score": explanation.score,
        "has_default": profile.has_default,
        "propagated": profile.propagated,
        "reasons": reasons,
    })
}

/// The same for people.
pub fn people(
    info: &ContractInfo,
    subject: Subject,
    policy: &str,
    profile: &Profile,
    explanation: &Explanation,
) -> String {
    let Explanation { z, score, reasons } = explanation;
    let origin = if profile.propagated { ", by its relations" } else { "" };
    let mut table = TextTable::new(&["feature", ">value", "unit", ">raises z by", ">z without"]);
    for reason in reasons {
        table.row([
            reason.feature.clone(),
            reason.value.map_or("missing".into(), |value| value.to_string()),
            reason.unit.clone(),
            reason.raise.to_string(),
            reason.z_without.to_string(),
        ]);
    }
    format!(
        "subject {subject}{origin}: score {score} (z {z}) by {}, {}, under {policy}\n\n{table}",
        title(info),
        direction(info)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::credit::SchemaFeature;

    fn schema() -> Schema {
        let name = |text: &str| text.as_bytes().to_vec().try_into().unwrap();
        let feature = SchemaFeature { name: name("late"), unit: name("days"), lower: 0, upper: 9 };
        Schema { name: name("card"), features: vec![feature].try_into().unwrap() }
    }

    #[test]
    fn should_tell_what_z_would_have_been_when_a_feature_raised_it() {
        let profile = Profile { values: vec![7], present: 1, ..Default::default() };
        let found = reason(Some(&schema()), &profile, 30, 0, 42);
        assert_eq!((found.feature.as_str(), found.unit.as_str()), ("late", "days"));
        assert_eq!((found.value, found.raise, found.z_without), (Some(7), 42, -12));
    }

    #[test]
    fn should_tell_a_missing_value_when_its_bit_is_not_set() {
        let profile = Profile { values: vec![0], present: 0, ..Default::default() };
        assert_eq!(reason(Some(&schema()), &profile, 30, 0, 42).value, None);
        assert_eq!(reason(None, &profile, 30, 3, 42).feature, "3");
    }
}

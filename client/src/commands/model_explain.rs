//! `assay model explain`: a subject's score as of a block, and what raised it (rules, section 3).

use super::{
    context::{find_block, now_secs, Context},
    contract::{self, title},
    credit_show::SubjectArgs,
    model::direction,
    show::text,
};
use crate::{
    chain::{api, Chain},
    explain::Explanation,
    model_file::ModelFeature,
};
use anyhow::Context as _;
use assay_primitives::{
    credit::{Schema, SchemaFeature},
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
    let features = schema.map_or_else(Vec::new, |(_, _, schema)| features(schema));
    Ok(Explanation::new(z, score, &raised, &features, &profile.values, profile.present))
}

fn features(schema: &Schema) -> Vec<ModelFeature> {
    let named = |feature: &SchemaFeature| ModelFeature {
        name: text(&feature.name),
        unit: text(&feature.unit),
    };
    schema.features.iter().map(named).collect()
}

/// The score, the profile's origin, and the reasons.
pub fn to_json(
    id: ContractId,
    info: &ContractInfo,
    subject: Subject,
    profile: &Profile,
    explanation: &Explanation,
) -> Json {
    json!({
        "contract": format!("{id:?}"),
        "version": info.version,
        "schema": info.schema,
        "subject": subject.to_string(),
        "z": explanation.z,
        "score": explanation.score,
        "has_default": profile.has_default,
        "propagated": profile.propagated,
        "reasons": explanation.reasons,
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
    let origin = if profile.propagated { ", by its relations" } else { "" };
    format!(
        "subject {subject}{origin}, by {}, {}, under {policy}\n\n{explanation}",
        title(info),
        direction(info)
    )
}

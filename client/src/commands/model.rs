//! `assay model` on chain: scoring contracts from proposal to revocation, and why a score is what it is.

use super::{
    context::{now_secs, Context},
    contract::{self, status_word, title},
    credit_schema,
    credit_show::SubjectArgs,
    member::{decide, parse_name},
    show::{address, short, text, Facts, TextTable},
};
use crate::{
    chain::{api, call::scoring, Chain},
    model_file::ModelFile,
    policy_file,
};
use anyhow::{anyhow, bail, Context as _};
use assay_primitives::{
    credit::Schema,
    scoring::{ArtifactBytes, ContractInfo, ContractStatus},
    ContractId, SchemaId,
};
use assay_risk::artifact::Orientation;
use clap::Args;
use codec::Encode;
use serde_json::{json, Value as Json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ProposeArgs {
    #[arg(value_name = "MODEL.json")]
    model: PathBuf,
    /// The contract's name; by default the model's
    #[arg(long)]
    name: Option<String>,
    /// Number or name of the schema it scores; by default the newest with the model's features
    #[arg(long)]
    schema: Option<String>,
}

#[derive(Debug, Args)]
pub struct ContractArgs {
    /// Name, or the beginning of the id
    contract: String,
}

#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Name, or the beginning of the id
    contract: String,
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Name, whose active version is taken, or the beginning of the id
    contract: String,
    #[command(flatten)]
    who: SubjectArgs,
    /// When reports count
    #[arg(long, value_name = "POLICY.toml")]
    policy: PathBuf,
}

/// Proposes a model as a scoring contract.
pub async fn propose(context: &Context, args: &ProposeArgs) -> anyhow::Result<()> {
    let model = ModelFile::read(&args.model)?;
    let name = parse_name(args.name.as_deref().unwrap_or(&model.name))?;
    let artifact = ArtifactBytes::try_from(model.artifact.encode())
        .map_err(|_| anyhow!("{}: the network is too large", args.model.display()))?;
    let key = context.key()?;
    let chain = context.chain().await?;
    let schema = find_schema(&chain, &model, args.schema.as_deref()).await?;
    let call = scoring::propose(&name, schema, &artifact, &model.calibration);
    let receipt = chain.submit(&key, call, context.wait).await?;
    let id = contract_id(&artifact);
    let info = api::contract(&chain, id, Some(receipt.block_hash))
        .await?
        .with_context(|| format!("contract {id:?} is proposed, but the node does not show it"))?;
    let said = format!(
        "{} is proposed as contract {} (block {}); the council approves it with\n  \
         assay model approve {}",
        title(&info),
        short(&id.0),
        receipt.block_number,
        short(&id.0)
    );
    context.output.result(&to_json(id, &info), said)
}

fn contract_id(artifact: &ArtifactBytes) -> ContractId {
    use sp_runtime::traits::{BlakeTwo256, Hash};
    BlakeTwo256::hash(artifact)
}

async fn find_schema(
    chain: &Chain,
    model: &ModelFile,
    given: Option<&str>,
) -> anyhow::Result<SchemaId> {
    let all = api::schemas(chain, None).await?;
    if let Some(words) = given {
        let (id, schema) = credit_schema::pick(&all, words)?;
        if !fits(model, schema) {
            bail!("schema {id} has other features than the model: {}", differences(model, schema));
        }
        return Ok(id);
    }
    let fitting = all.iter().filter(|(_, _, schema)| fits(model, schema));
    fitting.map(|(id, _, _)| *id).max().ok_or_else(|| {
        anyhow!(
            "the chain has no schema with the model's features; `assay credit schema add` adds one"
        )
    })
}

fn fits(model: &ModelFile, schema: &Schema) -> bool {
    model.features.len() == schema.features.len()
        && model.features.iter().zip(&schema.features).all(|(own, other)| {
            own.name.as_bytes() == other.name.as_slice()
                && own.unit.as_bytes() == other.unit.as_slice()
        })
}

fn differences(model: &ModelFile, schema: &Schema) -> String {
    let own = model.features.iter().map(|feature| feature.name.clone());
    let other: Vec<String> = schema.features.iter().map(|feature| text(&feature.name)).collect();
    match own.enumerate().find(|(position, name)| other.get(*position) != Some(name)) {
        Some((position, name)) => format!(
            "feature {} is \"{name}\" in the model, \"{}\" in the schema",
            position + 1,
            other.get(position).map_or("missing", String::as_str)
        ),
        None => format!("it takes {}, the schema has {}", model.features.len(), other.len()),
    }
}

/// Approves a proposed contract, through the council.
pub async fn approve(context: &Context, args: &ContractArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let (id, info) = contract::find(&chain, &args.contract, &[ContractStatus::Proposed]).await?;
    let done = format!("{} is active as contract {}", title(&info), short(&id.0));
    decide(context, &chain, scoring::approve(id), &done).await
}

/// Revokes a contract, through the council.
pub async fn revoke(context: &Context, args: &RevokeArgs) -> anyhow::Result<()> {
    let reason = parse_name(&args.reason)?;
    let chain = context.chain().await?;
    let states = [ContractStatus::Active, ContractStatus::Superseded, ContractStatus::Proposed];
    let (id, info) = contract::find(&chain, &args.contract, &states).await?;
    let done = format!("{} (contract {}) is revoked", title(&info), short(&id.0));
    decide(context, &chain, scoring::revoke(id, &reason), &done).await
}

/// Lists all contracts.
pub async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let mut all = api::contracts(&chain, None).await?;
    all.sort_by(|(_, a), (_, b)| (&a.name, a.version).cmp(&(&b.name, b.version)));
    let mut table =
        TextTable::new(&["contract", "name", ">version", "status", ">schema", "scores"]);
    for (id, info) in &all {
        table.row([
            short(&id.0),
            text(&info.name),
            info.version.to_string(),
            status_word(info.status).into(),
            info.schema.to_string(),
            format!("{}-{}", info.score_min, info.score_max),
        ]);
    }
    let objects: Vec<Json> = all.iter().map(|(id, info)| to_json(*id, info)).collect();
    context.output.result(&json!({ "contracts": objects }), table)
}

/// Shows one contract.
pub async fn show(context: &Context, args: &ContractArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let states = [
        ContractStatus::Active,
        ContractStatus::Proposed,
        ContractStatus::Superseded,
        ContractStatus::Revoked,
    ];
    let (id, info) = contract::find(&chain, &args.contract, &states).await?;
    let facts = Facts::new()
        .fact("contract", format!("{id:?}"))
        .fact("name", title(&info))
        .fact("status", status_word(info.status))
        .fact("schema", info.schema)
        .fact("scores", format!("{} to {}, {}", info.score_min, info.score_max, direction(&info)))
        .fact("proposed by", address(&info.proposer))
        .fact("proposed in", format!("block {}", info.proposed_at))
        .fact("calibrated on", format!("{} loans", calibrated_on(&info)));
    context.output.result(&to_json(id, &info), facts)
}

fn direction(info: &ContractInfo) -> &'static str {
    match info.orientation {
        Orientation::HigherIsRiskier => "higher is riskier",
        Orientation::LowerIsRiskier => "lower is riskier",
    }
}

fn calibrated_on(info: &ContractInfo) -> u64 {
    info.calibration.entries.iter().map(|entry| u64::from(entry.total)).sum()
}

fn to_json(id: ContractId, info: &ContractInfo) -> Json {
    json!({
        "contract": format!("{id:?}"),
        "name": text(&info.name),
        "version": info.version,
        "status": status_word(info.status),
        "schema": info.schema,
        "proposer": address(&info.proposer),
        "proposed_at": info.proposed_at,
        "score_min": info.score_min,
        "score_max": info.score_max,
        "higher_is_riskier": info.orientation == Orientation::HigherIsRiskier,
        "calibration_loans": calibrated_on(info),
    })
}

/// Scores a subject as of now, and tells what raised the score.
pub async fn explain(context: &Context, args: &ExplainArgs) -> anyhow::Result<()> {
    let subject = args.who.subject()?;
    let policy = policy_file::read(&args.policy)?;
    let chain = context.chain().await?;
    let (id, info) = contract::find(&chain, &args.contract, &[ContractStatus::Active]).await?;
    let at = Some(chain.best().await?.hash);
    let now = now_secs(&chain, at).await?;
    let profiles = api::profiles(&chain, &policy, info.schema, now, &[subject], at).await?;
    let profile = profiles.into_iter().next().flatten().with_context(|| {
        format!("subject {subject} has no profile under the policy, so there is no score")
    })?;
    let (z, score, reasons) = api::explain(&chain, id, &profile.values, profile.present, at)
        .await?
        .context("the node does not explain this contract")?;
    let schemas = api::schemas(&chain, at).await?;
    let schema = schemas.iter().find(|(known, _, _)| *known == info.schema);
    let feature = |position: u8| {
        let found = schema.and_then(|(_, _, schema)| schema.features.get(usize::from(position)));
        found.map_or_else(|| position.to_string(), |feature| text(&feature.name))
    };
    let value = |position: u8| {
        let there = profile.present.checked_shr(position.into()).unwrap_or_default() & 1 == 1;
        profile.values.get(usize::from(position)).copied().filter(|_| there)
    };
    let mut table = TextTable::new(&["feature", ">value", ">raises the output by"]);
    let mut objects = Vec::new();
    for (position, raise) in &reasons {
        let shown = value(*position).map_or("missing".into(), |value| value.to_string());
        table.row([feature(*position), shown, raise.to_string()]);
        objects.push(json!({
            "feature": feature(*position),
            "position": position,
            "value": value(*position),
            "raise": raise,
        }));
    }
    let object = json!({
        "contract": format!("{id:?}"),
        "subject": subject.to_string(),
        "z": z,
        "score": score,
        "has_default": profile.has_default,
        "propagated": profile.propagated,
        "reasons": objects,
    });
    let origin = if profile.propagated { ", by its relations" } else { "" };
    let said = format!(
        "subject {subject}{origin}: score {score} (output {z}) by {}, {}\n\n{table}",
        title(&info),
        direction(&info)
    );
    context.output.result(&object, said)
}

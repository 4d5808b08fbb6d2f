//! `assay model` on chain: scoring contracts from proposal to revocation.

use super::{
    context::Context,
    contract::{self, status_word, title},
    credit_schema,
    member::{decide, parse_name},
    show::{address, short, text, Facts, TextTable},
};
use crate::{
    chain::{api, call::scoring, Chain},
    model_file::{ModelFeature, ModelFile},
};
use anyhow::{anyhow, bail, Context as _};
use assay_primitives::{
    credit::{features_hash, Schema},
    scoring::{ArtifactBytes, ContractInfo, ContractStatus},
    ContractId, SchemaId, H256,
};
use assay_risk::artifact::{Artifact, Orientation};
use clap::Args;
use codec::{DecodeAll, Encode};
use serde_json::{json, Value as Json};
use std::path::{Path, PathBuf};

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
pub struct ShowArgs {
    /// Name, or the beginning of the id
    contract: String,
    /// Write the artifact: as MODEL.json where the name ends so, else the bytes whose hash is the id
    #[arg(long, value_name = "FILE")]
    artifact: Option<PathBuf>,
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
    let features = features_hash_of(&model);
    let call = scoring::propose(&name, schema, features, &artifact, &model.calibration);
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

/// What the model takes, for the chain to compare with the schema.
fn features_hash_of(model: &ModelFile) -> H256 {
    let features = model.features.iter();
    features_hash(features.map(|feature| (feature.name.as_bytes(), feature.unit.as_bytes())))
}

fn contract_id(artifact: &[u8]) -> ContractId {
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
    let (id, info) =
        contract::find(&chain, &args.contract, &[ContractStatus::Proposed], None).await?;
    let done = format!("{} is active as contract {}", title(&info), short(&id.0));
    decide(context, &chain, scoring::approve(id), &done).await
}

/// Revokes a contract, through the council.
pub async fn revoke(context: &Context, args: &RevokeArgs) -> anyhow::Result<()> {
    let reason = parse_name(&args.reason)?;
    let chain = context.chain().await?;
    let states = [ContractStatus::Active, ContractStatus::Superseded, ContractStatus::Proposed];
    let (id, info) = contract::find(&chain, &args.contract, &states, None).await?;
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

/// Shows one contract, and writes its artifact where asked to.
pub async fn show(context: &Context, args: &ShowArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let states = [
        ContractStatus::Active,
        ContractStatus::Proposed,
        ContractStatus::Superseded,
        ContractStatus::Revoked,
    ];
    let (id, info) = contract::find(&chain, &args.contract, &states, None).await?;
    if let Some(path) = &args.artifact {
        write_artifact(&chain, id, &info, path).await?;
        context.output.note(format!("{}: the artifact of contract {id:?}", path.display()));
    }
    let mut facts = Facts::new()
        .fact("contract", format!("{id:?}"))
        .fact("name", title(&info))
        .fact("status", status_word(info.status))
        .fact("schema", info.schema)
        .fact("scores", format!("{} to {}, {}", info.score_min, info.score_max, direction(&info)))
        .fact("proposed by", address(&info.proposer))
        .fact("proposed in", format!("block {}", info.proposed_at))
        .fact("calibrated on", format!("{} loans", calibrated_on(&info)));
    if let Some(block) = info.approved_at {
        facts = facts.fact("approved in", format!("block {block}"));
    }
    if let Some(revocation) = &info.revocation {
        let reason = text(&revocation.reason);
        facts = facts.fact("revoked", format!("block {}: {reason}", revocation.at));
    }
    context.output.result(&to_json(id, &info), facts)
}

/// Writes the artifact that the node gives, once its hash is the contract's id.
async fn write_artifact(
    chain: &Chain,
    id: ContractId,
    info: &ContractInfo,
    path: &Path,
) -> anyhow::Result<()> {
    let bytes = api::artifact(chain, id, None)
        .await?
        .with_context(|| format!("the node does not give the artifact of contract {id:?}"))?;
    let artifact = decode_artifact(id, &bytes)?;
    if path.extension().is_none_or(|extension| extension != "json") {
        return std::fs::write(path, bytes).with_context(|| path.display().to_string());
    }
    let schemas = api::schemas(chain, None).await?;
    let schema = schemas.iter().find(|(known, _, _)| *known == info.schema);
    let (_, _, schema) = schema.with_context(|| format!("there is no schema {}", info.schema))?;
    let features = schema.features.iter();
    let features = features
        .map(|feature| ModelFeature { name: text(&feature.name), unit: text(&feature.unit) })
        .collect();
    let model = ModelFile {
        name: text(&info.name),
        features,
        artifact,
        calibration: info.calibration.clone(),
        quality: None,
    };
    Ok(model.write(path)?)
}

fn decode_artifact(id: ContractId, bytes: &[u8]) -> anyhow::Result<Artifact> {
    let hash = contract_id(bytes);
    if hash != id {
        bail!("the node gives an artifact whose hash is {hash:?}, not {id:?}: ask another node");
    }
    Artifact::decode_all(&mut &bytes[..])
        .with_context(|| format!("the artifact of contract {id:?} can't be decoded"))
}

/// Which way the scores go.
pub fn direction(info: &ContractInfo) -> &'static str {
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
        "approved_at": info.approved_at,
        "revoked_at": info.revocation.as_ref().map(|revocation| revocation.at),
        "revocation_reason": info.revocation.as_ref().map(|revocation| text(&revocation.reason)),
        "score_min": info.score_min,
        "score_max": info.score_max,
        "higher_is_riskier": info.orientation == Orientation::HigherIsRiskier,
        "calibration_loans": calibrated_on(info),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_refuse_an_artifact_when_its_hash_is_not_the_id() {
        let message = decode_artifact(H256::zero(), &[1, 2]).unwrap_err().to_string();
        assert!(message.contains("ask another node"), "{message}");
    }

    #[test]
    fn should_refuse_an_artifact_when_it_is_none() {
        let bytes = [1, 2];
        let message = decode_artifact(contract_id(&bytes), &bytes).unwrap_err().to_string();
        assert!(message.contains("can't be decoded"), "{message}");
    }
}

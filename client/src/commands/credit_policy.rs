//! `assay credit policy`: when a report counts, and for how much (rules, section 2).

use super::{
    context::Context,
    contract::{self, policy_id, policy_title},
    member::parse_name,
    show::{address, short, text, Facts, TextTable},
};
use crate::{
    chain::{api, call::credit},
    policy_file, ratio,
    table::source_word,
};
use anyhow::Context as _;
use assay_primitives::{credit::PolicyRecord, PolicyId};
use assay_risk::profile::{AgeStep, Policy};
use clap::Subcommand;
use serde_json::{json, Value as Json};
use std::path::{Path, PathBuf};

const SECS_PER_DAY: u64 = 86_400;

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Add a policy as the next version under its name
    Add {
        #[arg(value_name = "POLICY.toml")]
        file: PathBuf,
        /// The policy's name; by default that of the file
        #[arg(long)]
        name: Option<String>,
    },
    /// List all policies
    List,
    /// Show one policy
    Show {
        /// Name, which stands for its newest version, or the beginning of the id
        policy: String,
    },
}

/// Runs the command.
pub async fn run(context: &Context, command: &PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Add { file, name } => add(context, file, name.as_deref()).await,
        PolicyCommand::List => list(context).await,
        PolicyCommand::Show { policy } => show(context, policy).await,
    }
}

async fn add(context: &Context, file: &Path, name: Option<&str>) -> anyhow::Result<()> {
    let policy = policy_file::read(file)?;
    let name = parse_name(&name.map_or_else(|| contract::file_name(file), String::from))?;
    let key = context.key()?;
    let chain = context.chain().await?;
    let receipt = chain.submit(&key, credit::add_policy(&name, &policy), context.wait).await?;
    let id = policy_id(&policy);
    let record = api::policy(&chain, id, Some(receipt.block_hash))
        .await?
        .with_context(|| format!("policy {id:?} is added, but the node does not show it"))?;
    let said = format!(
        "{} is policy {} (block {})",
        policy_title(&record),
        short(&id.0),
        receipt.block_number
    );
    context.output.result(&to_json(id, &record), said)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let all = api::policies(&chain, None).await?;
    let mut table =
        TextTable::new(&["policy", "name", ">version", "up to", "propagation", "sources"]);
    for (id, record) in &all {
        table.row([
            short(&id.0),
            text(&record.name),
            record.version.to_string(),
            age(record.policy.max_age_secs),
            propagation(&record.policy),
            sources(&record.policy),
        ]);
    }
    let objects: Vec<Json> = all.iter().map(|(id, record)| to_json(*id, record)).collect();
    context.output.result(&json!({ "policies": objects }), table)
}

async fn show(context: &Context, words: &str) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let all = api::policies(&chain, None).await?;
    let (id, record) = contract::pick_policy(&all, words)?;
    let mut facts = Facts::new()
        .fact("policy", format!("{id:?}"))
        .fact("name", policy_title(record))
        .fact("added by", address(&record.by))
        .fact("added in", format!("block {}", record.at))
        .fact("reports count up to", age(record.policy.max_age_secs))
        .fact("sources", sources(&record.policy))
        .fact("propagation", propagation(&record.policy));
    for AgeStep { up_to_secs, weight_ppb } in &record.policy.weights_by_age {
        let name = format!("weight up to {}", age(*up_to_secs));
        facts = facts.fact(&name, ratio::show(u64::from(*weight_ppb)));
    }
    context.output.result(&to_json(*id, record), facts)
}

/// An age in days, or in seconds where it's no whole number of days.
fn age(secs: u64) -> String {
    match secs % SECS_PER_DAY {
        0 => format!("{} days", secs / SECS_PER_DAY),
        _ => format!("{secs} s"),
    }
}

fn propagation(policy: &Policy) -> String {
    policy.propagation.map_or("none".into(), |distance| format!("to distance {distance}"))
}

fn sources(policy: &Policy) -> String {
    let named: Vec<&str> = policy.sources.named().map(source_word).collect();
    if named.is_empty() {
        "all".into()
    } else {
        named.join(", ")
    }
}

fn to_json(id: PolicyId, record: &PolicyRecord) -> Json {
    let policy = &record.policy;
    let weights: Vec<Json> = policy
        .weights_by_age
        .iter()
        .map(|step| json!({ "up_to_secs": step.up_to_secs, "weight_ppb": step.weight_ppb }))
        .collect();
    json!({
        "policy": format!("{id:?}"),
        "name": text(&record.name),
        "version": record.version,
        "added_by": address(&record.by),
        "added_at": record.at,
        "max_age_secs": policy.max_age_secs,
        "weights_by_age": weights,
        "propagation_max_distance": policy.propagation,
        "sources": policy.sources.named().map(source_word).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_risk::profile::{Source, Sources};

    #[test]
    fn should_name_sources_and_ages_as_files_do() {
        let mut policy = Policy {
            max_age_secs: 1,
            weights_by_age: vec![],
            propagation: Some(2),
            sources: Sources::ANY,
        };
        assert_eq!(
            (sources(&policy), propagation(&policy)),
            ("all".into(), "to distance 2".into())
        );
        policy.sources = vec![Source::PaymentPlatform, Source::Bank].into();
        assert_eq!(sources(&policy), "bank, payment-platform");
        assert_eq!((age(172_800), age(5)), ("2 days".into(), "5 s".into()));
    }
}

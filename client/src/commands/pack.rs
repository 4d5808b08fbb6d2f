//! `assay pack`: a loan tape on its way to a security.

use super::{
    context::Context,
    pack_assess::{self, AssessArgs},
    pack_explain::{self, ExplainArgs},
    pack_export::{self, ExportArgs},
    pack_screen::{self, ScreenArgs},
    pack_submit::{self, SubmitArgs},
    pack_table::{self, CurveArgs, TableArgs},
    show::{
        address, currency_name, date, grouped, money, money_json, short, text, Facts, TextTable,
    },
};
use crate::{
    chain::{api, Chain},
    ratio,
};
use anyhow::Context as _;
use assay_primitives::{
    pack::{Assessment, PackStatus, PackView, ScreeningReport},
    ContractId, Minor, PackId, PolicyId, SchemaId, H256,
};
use clap::Subcommand;
use serde_json::{json, Value as Json};

#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Send a tape page by page and seal it; run it again to go on where it stopped
    Submit(SubmitArgs),
    /// Score a sealed pack on chain
    Assess(AssessArgs),
    /// Show the level table
    Table(TableArgs),
    /// Show the bad rate after removing the riskiest 0 %, 1 %, ... 99 %
    Curve(CurveArgs),
    /// Remove loans until the bad rate is at or under a target
    Screen(ScreenArgs),
    /// Show where a pack stands
    Show { pack: PackId },
    /// Say why a loan has its score, from the reports that it was scored by
    Explain(ExplainArgs),
    /// Write every loan with score, level, and whether it's kept or why not
    Export(ExportArgs),
    /// List all packs
    List,
}

/// Runs the command.
pub async fn run(context: &Context, command: &PackCommand) -> anyhow::Result<()> {
    match command {
        PackCommand::Submit(args) => pack_submit::run(context, args).await,
        PackCommand::Assess(args) => pack_assess::run(context, args).await,
        PackCommand::Table(args) => pack_table::table(context, args).await,
        PackCommand::Curve(args) => pack_table::curve(context, args).await,
        PackCommand::Screen(args) => pack_screen::run(context, args).await,
        PackCommand::Show { pack } => show(context, *pack).await,
        PackCommand::Explain(args) => pack_explain::run(context, args).await,
        PackCommand::Export(args) => pack_export::run(context, args).await,
        PackCommand::List => list(context).await,
    }
}

/// The pack of that number.
pub async fn view(chain: &Chain, id: PackId, at: Option<H256>) -> anyhow::Result<PackView> {
    api::pack(chain, id, at)
        .await?
        .with_context(|| format!("there is no pack {id}; `assay pack list` shows all"))
}

/// The balance that a screening kept; none before one has ended.
pub fn kept_minor(view: &PackView) -> Option<Minor> {
    let assessment = view.assessment.as_ref()?;
    let outcome = view.screening.as_ref()?.outcome.as_ref()?;
    view.pack
        .principal_minor
        .checked_sub(assessment.unscored_minor)?
        .checked_sub(outcome.removed_balance)
}

/// The word for where a pack stands.
pub fn status_word(status: PackStatus) -> &'static str {
    match status {
        PackStatus::Open => "open",
        PackStatus::Sealed => "sealed",
        PackStatus::Assessing => "assessing",
        PackStatus::Assessed => "assessed",
        PackStatus::Screening => "screening",
        PackStatus::Screened => "screened",
        PackStatus::Accepted => "accepted",
        PackStatus::Issued => "issued",
    }
}

/// A contract by which something was scored: id, version, schema.
pub fn contract_words(id: &ContractId, version: u32, schema: SchemaId) -> String {
    format!("contract {} version {version} on schema {schema}", short(&id.0))
}

/// A policy under which something was scored: id and version.
pub fn policy_words(id: &PolicyId, version: u32) -> String {
    format!("policy {} version {version}", short(&id.0))
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let mut table =
        TextTable::new(&[">pack", "name", "status", ">loans", ">principal", "originator"]);
    let mut objects = Vec::new();
    for id in api::packs(&chain, None).await? {
        let view = view(&chain, id, None).await?;
        table.row([
            id.to_string(),
            text(&view.pack.terms.name),
            status_word(view.pack.status).into(),
            grouped(view.pack.loans),
            money(view.pack.principal_minor, view.pack.terms.currency),
            address(&view.pack.originator),
        ]);
        objects.push(to_json(id, &view));
    }
    context.output.result(&json!({ "packs": objects }), table)
}

async fn show(context: &Context, id: PackId) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let view = view(&chain, id, None).await?;
    context.output.result(&to_json(id, &view), people(id, &view))
}

/// A pack with its latest assessment and screening.
pub fn to_json(id: PackId, view: &PackView) -> Json {
    let pack = &view.pack;
    json!({
        "pack": id,
        "name": text(&pack.terms.name),
        "originator": address(&pack.originator),
        "status": status_word(pack.status),
        "currency": currency_name(pack.terms.currency),
        "cut_off_secs": pack.terms.cut_off_secs,
        "tape_hash": format!("{:?}", pack.terms.tape_hash),
        "loans": pack.loans,
        "pages": pack.pages,
        "principal_minor": money_json(pack.principal_minor),
        "assessments": pack.assessments,
        "assessment": view.assessment.as_ref().map(assessment_json),
        "screening": view.screening.as_ref().map(|screening| screening_json(view, screening)),
    })
}

/// An assessment, under way or finished.
pub fn assessment_json(assessment: &Assessment) -> Json {
    json!({
        "assessment": assessment.number,
        "requested_by": address(&assessment.requested_by),
        "contract": format!("{:?}", assessment.contract),
        "contract_version": assessment.contract_version,
        "policy": format!("{:?}", assessment.policy),
        "policy_version": assessment.policy_version,
        "schema": assessment.schema,
        "as_of_secs": assessment.as_of_secs,
        "started_at": assessment.started_at,
        "finished_at": assessment.finished_at,
        "next_page": assessment.next_page,
        "scored": assessment.scored,
        "unscored": assessment.unscored,
        "unscored_minor": money_json(assessment.unscored_minor),
        "propagated": assessment.propagated,
    })
}

/// A screening, under way or finished.
pub fn screening_json(view: &PackView, screening: &ScreeningReport) -> Json {
    let outcome = screening.outcome.as_ref();
    let scored = view.assessment.as_ref().map(|assessment| u64::from(assessment.scored));
    let kept =
        scored.zip(outcome).map(|(scored, outcome)| scored.saturating_sub(outcome.removed_count));
    json!({
        "target_ppb": screening.request.target_ppb,
        "finished_at": screening.finished_at,
        "removed": outcome.map(|outcome| outcome.removed_count),
        "removed_minor": outcome.map(|outcome| money_json(outcome.removed_balance)),
        "kept": kept,
        "kept_minor": kept_minor(view).map(money_json),
        "bad_rate_before_ppb": outcome.map(|outcome| outcome.before.bad_rate_ppb),
        "bad_rate_after_ppb": outcome.map(|outcome| outcome.after.bad_rate_ppb),
    })
}

/// What people see of a pack.
pub fn people(id: PackId, view: &PackView) -> String {
    let pack = &view.pack;
    let currency = pack.terms.currency;
    let mut facts = Facts::new()
        .fact("pack", format!("{id} {}", text(&pack.terms.name)))
        .fact("status", status_word(pack.status))
        .fact("originator", address(&pack.originator))
        .fact("cut-off date", date(pack.terms.cut_off_secs))
        .fact("loans", format!("{} on {} pages", grouped(pack.loans), grouped(pack.pages)))
        .fact("principal", money(pack.principal_minor, currency))
        .fact("tape", format!("{:?}", pack.terms.tape_hash));
    if let Some(assessment) = &view.assessment {
        facts = facts
            .fact(
                "assessment",
                match assessment.finished_at {
                    Some(block) => format!("{} (block {block})", assessment.number),
                    None => format!("{} at page {}", assessment.number, assessment.next_page),
                },
            )
            .fact(
                "scored with",
                contract_words(
                    &assessment.contract,
                    assessment.contract_version,
                    assessment.schema,
                ),
            )
            .fact("under", policy_words(&assessment.policy, assessment.policy_version))
            .fact("scored", grouped(assessment.scored))
            .fact(
                "unscored",
                format!(
                    "{} ({})",
                    grouped(assessment.unscored),
                    money(assessment.unscored_minor, currency)
                ),
            )
            .fact("by relations", grouped(assessment.propagated));
    }
    if let Some(screening) = &view.screening {
        facts = facts.fact("target", ratio::show(screening.request.target_ppb));
        if let Some(outcome) = &screening.outcome {
            facts = facts
                .fact(
                    "removed",
                    format!(
                        "{} ({})",
                        grouped(outcome.removed_count),
                        money(outcome.removed_balance, currency)
                    ),
                )
                .fact("kept balance", money(kept_minor(view).unwrap_or_default(), currency))
                .fact("bad rate before", ratio::show(outcome.before.bad_rate_ppb))
                .fact("bad rate after", ratio::show(outcome.after.bad_rate_ppb));
        }
    }
    facts.to_string()
}

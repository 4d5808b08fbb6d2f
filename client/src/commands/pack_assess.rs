//! `assay pack assess`: scoring a pack on chain, and waiting for it.

use super::{context::Context, contract, pack, progress::Progress, show::grouped};
use crate::chain::{call::packs, Chain, ChainFault, Wait};
use anyhow::Context as _;
use assay_primitives::{
    pack::{PackStatus, PackView},
    scoring::ContractStatus,
    BlockNumber, PackId,
};
use clap::Args;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often to look how far a job is.
const POLL: Duration = Duration::from_millis(300);
/// Without any step forward for so long, the chain is taken to stand still.
const HALTED_AFTER: Duration = Duration::from_secs(180);

#[derive(Debug, Args)]
pub struct AssessArgs {
    pack: PackId,
    /// Name of the scoring contract, whose active version is taken, or the beginning of its id
    #[arg(long)]
    model: String,
    /// When reports count: a file, added to the chain if it doesn't have it, or the name or id of a
    /// policy on chain
    #[arg(long, value_name = "POLICY.toml")]
    policy: String,
}

/// Runs the command.
pub async fn run(context: &Context, args: &AssessArgs) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let (id, info) = contract::find(&chain, &args.model, &[ContractStatus::Active], None).await?;
    let policy = contract::ensure_policy(&chain, &key, &args.policy).await?;
    let started = Instant::now();
    chain.submit(&key, packs::assess(args.pack, id, policy), Wait::InBlock).await?;
    let view = wait_for_job(&chain, args.pack, PackStatus::Assessing, "assessing", |view| {
        view.assessment.as_ref().map_or(0, |assessment| assessment.next_page)
    })
    .await?;
    let assessment = view.assessment.as_ref().context("the node shows no assessment")?;
    let finished_at = assessment.finished_at.context("the assessment did not end")?;
    wait_for_finality(&chain, context.wait, finished_at).await?;
    let seconds = started.elapsed().as_secs_f64();
    let blocks = finished_at.saturating_sub(assessment.started_at) + 1;
    let mut object = pack::assessment_json(assessment);
    object["pack"] = json!(args.pack);
    object["model"] = json!(String::from_utf8_lossy(&info.name));
    object["version"] = json!(info.version);
    object["blocks"] = json!(blocks);
    object["seconds"] = json!(seconds);
    let said = format!(
        "pack {}: {} loans scored with {}, {} without a profile, {} by their relations; \
         {blocks} blocks up to {finished_at}, {seconds:.1} s",
        args.pack,
        grouped(assessment.scored),
        contract::title(&info),
        grouped(assessment.unscored),
        grouped(assessment.propagated),
    );
    context.output.result(&object, said)
}

/// Waits while a pack has the status of a job under way; `page` says how far the job is.
pub async fn wait_for_job(
    chain: &Chain,
    id: PackId,
    busy: PackStatus,
    what: &'static str,
    page: impl Fn(&PackView) -> u32,
) -> anyhow::Result<PackView> {
    let mut view = pack::view(chain, id, None).await?;
    let mut progress = Progress::new(what, "pages", view.pack.pages.into());
    let mut last = (page(&view), Instant::now());
    while view.pack.status == busy {
        let now = page(&view);
        progress.set(now.into());
        if now != last.0 {
            last = (now, Instant::now());
        } else if last.1.elapsed() > HALTED_AFTER {
            return Err(ChainFault::Halted { seconds: HALTED_AFTER.as_secs() }.into());
        }
        sleep(POLL).await;
        view = pack::view(chain, id, None).await?;
    }
    progress.finish();
    Ok(view)
}

/// Waits until a block is final, if that's what was asked for.
pub async fn wait_for_finality(
    chain: &Chain,
    wait: Wait,
    number: BlockNumber,
) -> anyhow::Result<()> {
    let started = Instant::now();
    while wait == Wait::Finalized && chain.finalized().await?.number < number {
        if started.elapsed() > HALTED_AFTER {
            return Err(ChainFault::Halted { seconds: HALTED_AFTER.as_secs() }.into());
        }
        sleep(POLL).await;
    }
    Ok(())
}

//! `assay pack explain`: the profile that a loan of a pack was scored with, computed again as of the
//! block in which its page was scored.

use super::{
    context::Context,
    contract, model_explain, pack,
    show::{date, Facts},
};
use crate::chain::{api, Chain};
use anyhow::{bail, Context as _};
use assay_primitives::{
    pack::{Assessment, LoanRow, PackView, MAX_PAGE_LOANS},
    BlockNumber, PackId, H256,
};
use assay_risk::profile::Profile;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    pack: PackId,
    /// The loan's index, as `assay pack export` writes it
    index: u32,
}

/// Runs the command.
pub async fn run(context: &Context, args: &ExplainArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let view = pack::view(&chain, args.pack, None).await?;
    let page = args.index / MAX_PAGE_LOANS;
    let assessment = scored(args, &view, page)?;
    let row = loan(&chain, args).await?;
    let block = scoring_block(&chain, args.pack, assessment, page).await?;
    // The job works before a block's transactions: it read what the block before had left.
    let before = block.saturating_sub(1);
    let at = Some(chain.block_hash(before).await?);
    let Some(profile) = profile(&chain, assessment, &row, at).await? else {
        if row.result.is_some() {
            bail!("loan {} has a score, but at block {before} no profile", args.index);
        }
        let object = json!({
            "pack": args.pack,
            "index": args.index,
            "subject": row.subject.to_string(),
            "scored_in": block,
            "as_of_secs": assessment.as_of_secs,
            "score": null,
        });
        let said = format!("subject {} had no profile in block {block}: no score", row.subject);
        return context.output.result(&object, said);
    };
    let id = assessment.contract;
    let info = api::contract(&chain, id, at)
        .await?
        .with_context(|| format!("contract {id:?} is not on chain"))?;
    let explanation = model_explain::explain(&chain, id, &info, &profile, at).await?;
    if row.result != Some((explanation.z, explanation.score)) {
        bail!(
            "the chain keeps {:?} as output and score of loan {}; computed again as of block \
             {before} they are {} and {}",
            row.result,
            args.index,
            explanation.z,
            explanation.score
        );
    }
    let policy = api::policy(&chain, assessment.policy, at)
        .await?
        .map_or_else(|| "an unknown policy".into(), |record| contract::policy_title(&record));
    let mut object = model_explain::to_json(id, &info, row.subject, &profile, &explanation);
    object["pack"] = json!(args.pack);
    object["index"] = json!(args.index);
    object["assessment"] = json!(assessment.number);
    object["scored_in"] = json!(block);
    object["as_of_secs"] = json!(assessment.as_of_secs);
    object["policy"] = json!(format!("{:?}", assessment.policy));
    object["policy_version"] = json!(assessment.policy_version);
    object["values"] = values_json(&profile);
    let facts = Facts::new()
        .fact("loan", format!("{} of pack {}", args.index, args.pack))
        .fact("assessment", assessment.number)
        .fact("scored in", format!("block {block}"))
        .fact(
            "reports of",
            format!("block {before}, judged as of {}", date(assessment.as_of_secs)),
        );
    let said = model_explain::people(&info, row.subject, &policy, &profile, &explanation);
    context.output.result(&object, format!("{facts}\n\n{said}"))
}

/// The latest assessment, once it has scored the loan's page.
fn scored<'a>(args: &ExplainArgs, view: &'a PackView, page: u32) -> anyhow::Result<&'a Assessment> {
    if args.index >= view.pack.loans {
        bail!("pack {} has {} loans, the first with index 0", args.pack, view.pack.loans);
    }
    match &view.assessment {
        Some(assessment) if page < assessment.next_page => Ok(assessment),
        _ => bail!("loan {} of pack {} is not assessed yet", args.index, args.pack),
    }
}

async fn loan(chain: &Chain, args: &ExplainArgs) -> anyhow::Result<LoanRow> {
    let rows = api::loans(chain, args.pack, args.index / MAX_PAGE_LOANS, None).await?;
    rows.unwrap_or_default()
        .into_iter()
        .find(|row| row.index == args.index)
        .with_context(|| format!("the node does not show loan {}", args.index))
}

async fn profile(
    chain: &Chain,
    assessment: &Assessment,
    row: &LoanRow,
    at: Option<H256>,
) -> anyhow::Result<Option<Profile>> {
    let record = api::policy(chain, assessment.policy, at)
        .await?
        .with_context(|| format!("policy {:?} is not on chain", assessment.policy))?;
    let (schema, as_of) = (assessment.schema, assessment.as_of_secs);
    let found = api::profiles(chain, &record.policy, schema, as_of, &[row.subject], at).await?;
    Ok(found.into_iter().next().flatten())
}

fn values_json(profile: &Profile) -> serde_json::Value {
    let there = |position: usize| {
        let bit = u32::try_from(position).unwrap_or(u32::MAX);
        profile.present.checked_shr(bit).unwrap_or_default() & 1 == 1
    };
    let values = profile.values.iter().enumerate();
    values.map(|(position, value)| there(position).then_some(*value)).collect()
}

/// The block in which the assessment scored a page: the first after which the page is behind it.
async fn scoring_block(
    chain: &Chain,
    pack: PackId,
    assessment: &Assessment,
    page: u32,
) -> anyhow::Result<BlockNumber> {
    let last = match assessment.finished_at {
        Some(block) => block,
        None => chain.best().await?.number,
    };
    let (mut low, mut high) = (assessment.started_at, last);
    while low < high {
        let middle = low + (high - low) / 2;
        let at = chain.block_hash(middle).await?;
        let view = pack::view(chain, pack, Some(at)).await?;
        let done = view
            .assessment
            .is_some_and(|found| found.number == assessment.number && found.next_page > page);
        if done {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(high)
}

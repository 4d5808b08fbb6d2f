//! `assay pack screen`: removing loans until the bad rate is at or under a target.

use super::{
    context::{wrong_use, Context},
    pack,
    pack_assess::{wait_for_finality, wait_for_job},
    pack_request::{mode_words, ModeArgs, RateArgs},
    pack_table,
    show::{grouped, money},
};
use crate::{
    chain::{call::packs, Wait},
    ratio,
};
use anyhow::{bail, Context as _};
use assay_primitives::{
    pack::{PackStatus, PackView},
    PackId,
};
use assay_risk::screening::Outcome;
use clap::Args;
use serde_json::json;
use std::time::Instant;

#[derive(Debug, Args)]
pub struct ScreenArgs {
    pack: PackId,
    #[command(flatten)]
    mode: ModeArgs,
    #[command(flatten)]
    rates: RateArgs,
}

/// Runs the command.
pub async fn run(context: &Context, args: &ScreenArgs) -> anyhow::Result<()> {
    let request = args.mode.request(&args.rates).or_else(wrong_use)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    let started = Instant::now();
    let receipt = chain.submit(&key, packs::screen(args.pack, &request), Wait::InBlock).await?;
    let view = wait_for_job(&chain, args.pack, PackStatus::Screening, "screening", |view| {
        view.screening.as_ref().map_or(0, |screening| screening.next_page)
    })
    .await?;
    let outcome = view.screening.as_ref().and_then(|screening| screening.outcome.as_ref());
    let Some(outcome) = outcome else {
        bail!(
            "pack {}: the target of {} can't be reached: only an empty pack would meet it; \
             nothing was removed",
            args.pack,
            ratio::show(request.target_ppb)
        );
    };
    let finished_at = view
        .screening
        .as_ref()
        .and_then(|screening| screening.finished_at)
        .context("the screening did not end")?;
    wait_for_finality(&chain, context.wait, finished_at).await?;
    let mut object = view
        .screening
        .as_ref()
        .map(|screening| pack::screening_json(&view, screening))
        .unwrap_or_default();
    object["pack"] = json!(args.pack);
    object["mode"] = json!(mode_words(&request.mode));
    object["removed_share_ppb"] = json!(outcome.removed_share_ppb);
    object["removed_balance_share_ppb"] = json!(outcome.removed_balance_share_ppb);
    object["portion_ppb"] = json!(outcome.portion_ppb);
    object["cuts"] = cuts(outcome);
    object["levels"] = outcome.after.rows.iter().map(pack_table::level_json).collect();
    object["started_at"] = json!(receipt.block_number);
    object["seconds"] = json!(started.elapsed().as_secs_f64());
    context.output.result(&object, people(args.pack, &view, outcome))
}

fn cuts(outcome: &Outcome) -> serde_json::Value {
    let cuts = outcome.cuts.iter().map(|cut| {
        json!({
            "level": cut.level,
            "score": cut.score,
            "count": cut.count,
            "removed": cut.removed_count,
        })
    });
    cuts.collect()
}

fn people(id: PackId, view: &PackView, outcome: &Outcome) -> String {
    let currency = view.pack.terms.currency;
    let table = pack_table::people(&outcome.after, currency, false);
    let removed = match outcome.removed_count {
        0 => "nothing had to be removed".to_string(),
        count => format!(
            "{} loans of {} removed ({} of the loans, {} of the balance)",
            grouped(count),
            money(outcome.removed_balance, currency),
            ratio::show(outcome.removed_share_ppb),
            ratio::show(outcome.removed_balance_share_ppb)
        ),
    };
    let cut = match outcome.cuts.as_slice() {
        [only] => format!(
            "\ncut at score {}: {} of the {} loans at it",
            only.score,
            grouped(only.removed_count),
            grouped(only.count)
        ),
        _ => outcome
            .portion_ppb
            .map(|portion| format!("\n{} of every level left", ratio::show(portion)))
            .unwrap_or_default(),
    };
    format!(
        "pack {id}: bad rate {} before, {} after; {removed}{cut}\n\n{table}",
        ratio::show(outcome.before.bad_rate_ppb),
        ratio::show(outcome.after.bad_rate_ppb)
    )
}

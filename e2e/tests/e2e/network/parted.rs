//! Cut cables: a network in two parts.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::{ensure, Result};
use assay_e2e::net::{founding::Plan, scenario::Scenario};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long the parts are apart.
const APART: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_become_one_chain_again_when_two_halves_meet() -> Result<()> {
    let mut scenario = Scenario::begin("a partition of 2 and 2, healed");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    cluster.part(&[2, 3])?;
    sleep(Duration::from_secs(6)).await;
    let apart = cluster.heights_of(&ALL).await?;
    sleep(APART).await;
    let still = cluster.heights_of(&ALL).await?;
    for (before, after) in apart.iter().zip(&still) {
        ensure!(after.finalized == before.finalized, "half of the validators finalised a block");
    }
    ensure!(still[0].best > apart[0].best && still[2].best > apart[2].best, "a half stood still");

    let healed = Instant::now();
    cluster.heal()?;
    let longest = still.iter().map(|heights| heights.best).max().unwrap_or_default();
    cluster.wait_final(longest, &ALL, PATIENCE).await?;
    scenario.finality(watch.seen());
    scenario.time("all final again in", healed.elapsed());
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_finalise_on_when_one_validator_is_cut_off() -> Result<()> {
    let mut scenario = Scenario::begin("a partition of 3 and 1, healed");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    cluster.cut(3)?;
    sleep(Duration::from_secs(6)).await;
    let alone = cluster.machines[3].heights().await?;
    sleep(APART).await;
    cluster.wait_final(alone.finalized + 5, &[0, 1, 2], PATIENCE).await?;
    let still = cluster.machines[3].heights().await?;
    ensure!(still.finalized == alone.finalized, "one validator alone finalised a block");

    let healed = Instant::now();
    cluster.heal()?;
    let caught_up = cluster.caught_up(3, 0, healed).await?;
    scenario.finality(watch.seen());
    scenario.time("caught up in", caught_up);
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

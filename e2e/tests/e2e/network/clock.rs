//! A validator whose clock is wrong.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::{ensure, Result};
use assay_client::chain::api;
use assay_e2e::net::{founding::Plan, scenario::Scenario};
use std::time::Instant;

const AHEAD_SECS: u64 = 10;
/// Blocks to look at, about two sessions.
const BLOCKS: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_finalise_on_when_a_validators_clock_is_ten_seconds_ahead() -> Result<()> {
    let mut scenario = Scenario::begin("a validator's clock 10 s ahead");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    let machine = &mut cluster.machines[3];
    machine.stop().await?;
    machine.set_clock_ahead(AHEAD_SECS)?;
    machine.start().await?;
    cluster.wait_blocks(BLOCKS, &ALL, PATIENCE).await?;
    scenario.finality(watch.seen());
    let chain = cluster.chain(0).await?;
    let account = cluster.founders[3].account();
    let view = api::validators(&chain, None).await?;
    let own = view.validators.iter().find(|known| known.account == account);
    scenario.figure("its blocks of this session", own.map_or(0, |known| known.blocks));

    let machine = &mut cluster.machines[3];
    machine.stop().await?;
    machine.set_clock_right();
    let right = Instant::now();
    machine.start().await?;
    let caught_up = cluster.caught_up(3, 0, right).await?;
    scenario.time("caught up with the right time in", caught_up);
    let sent = load.end().await?;
    sent.all_succeeded()?;
    ensure!(sent.done.len() > BLOCKS as usize, "only {} transactions", sent.done.len());
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

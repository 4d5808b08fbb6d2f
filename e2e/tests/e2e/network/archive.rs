//! An archive node that begins with nothing.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::{ensure, Result};
use assay_client::chain::api;
use assay_e2e::net::{founding::Plan, scenario::Scenario};
use std::time::Instant;

/// Blocks there are before it comes.
const BLOCKS: u32 = 40;
const ARCHIVE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_hold_every_state_when_an_archive_node_comes_late() -> Result<()> {
    let mut scenario = Scenario::begin("a new archive node");
    let plan = Plan { archive: true, ..Plan::default() };
    let Some(mut ground) = started(&mut scenario, plan).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(BLOCKS, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    let from_nothing = Instant::now();
    cluster.machines[ARCHIVE].start().await?;
    let caught_up = cluster.caught_up(ARCHIVE, 0, from_nothing).await?;
    scenario.figure("blocks", cluster.machines[ARCHIVE].heights().await?.finalized);
    scenario.time("caught up in", caught_up);
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.finality(watch.seen());
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    let chain = cluster.chain(ARCHIVE).await?;
    for number in [0, 1, BLOCKS / 2] {
        let block = chain.block_hash(number).await?;
        let members = api::organisations(&chain, Some(block)).await?;
        ensure!(members.len() == cluster.founders.len(), "{} members at {number}", members.len());
    }
    scenario.end();
    Ok(())
}

//! All validators restarted, one after the other, as for an update of the node.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::Result;
use assay_e2e::net::{founding::Plan, scenario::Scenario};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_finalise_on_when_validators_are_restarted_in_turn() -> Result<()> {
    let mut scenario = Scenario::begin("a rolling restart");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    // Through a node that is restarted as well: the client connects again.
    let load = begin_load(cluster, 1).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    let mut longest = Duration::ZERO;
    for position in ALL {
        cluster.machines[position].stop().await?;
        let back = Instant::now();
        cluster.machines[position].start().await?;
        let other = (position + 1) % ALL.len();
        longest = longest.max(cluster.caught_up(position, other, back).await?);
        cluster.wait_blocks(2, &ALL, PATIENCE).await?;
    }
    scenario.finality(watch.seen());
    scenario.time("slowest caught up in", longest);
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

//! A validator whose disk is full.

use super::{begin_load, founded, ALL, PATIENCE};
use anyhow::Result;
use assay_e2e::net::{founding::Plan, scenario::Scenario};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const DISK_MEBIBYTES: u32 = 256;
/// How long a node may run on after its disk is full before its operator ends it.
const NOTICED_AFTER: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_catch_up_when_a_full_disk_has_room_again() -> Result<()> {
    let mut scenario = Scenario::begin("a validator's disk full");
    let Some(mut ground) = founded(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    cluster.machines[3].move_to_disk(DISK_MEBIBYTES)?;
    cluster.launch(&ALL).await?;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    cluster.machines[3].fill_disk()?;
    let full = Instant::now();
    while cluster.machines[3].is_running() && full.elapsed() < NOTICED_AFTER {
        sleep(Duration::from_millis(200)).await;
    }
    match cluster.machines[3].is_running() {
        true => scenario.figure("ended", "by its operator"),
        false => scenario.time("ended by itself after", full.elapsed()),
    }
    cluster.machines[3].kill()?;
    cluster.wait_blocks(5, &[0, 1, 2], PATIENCE).await?;

    cluster.machines[3].free_disk()?;
    let back = Instant::now();
    cluster.machines[3].start().await?;
    let caught_up = cluster.caught_up(3, 0, back).await?;
    scenario.finality(watch.seen());
    scenario.time("caught up in", caught_up);
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

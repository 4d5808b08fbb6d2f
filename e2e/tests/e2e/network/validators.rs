//! Validators that come and go while transactions do.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::{ensure, Result};
use assay_client::chain::api;
use assay_e2e::net::{founding::Plan, scenario::Scenario};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_go_on_when_a_validator_joins_and_another_leaves_under_load() -> Result<()> {
    let mut scenario = Scenario::begin("a validator added and one removed under load");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    let watch = cluster.watch();
    let chain = cluster.chain(0).await?;
    let newcomer = cluster.welcome(&chain, 0).await?;
    cluster.rotate_keys(&chain, &newcomer.key, newcomer.position).await?;
    let added = cluster.take_in(&chain, &newcomer.key.account()).await?;
    scenario.time("makes blocks after", added);

    // A founder takes new keys while it goes on.
    let second = cluster.founders[3].clone();
    cluster.rotate_keys(&chain, &second, 3).await?;
    let leaver = cluster.founders[2].account();
    let removed = cluster.remove(&chain, &leaver).await?;
    scenario.time("made none any more after", removed);
    let view = api::validators(&chain, None).await?;
    let active = view.validators.iter().filter(|known| known.active).count();
    ensure!(active == ALL.len(), "{active} validators are active");
    cluster.wait_blocks(2 * view.session_blocks, &[0, 1, 3, newcomer.position], PATIENCE).await?;
    scenario.finality(watch.seen());

    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

//! The runtime upgraded by motion, after a rehearsal, while transactions come in.

use super::{begin_load, started, ALL, PATIENCE};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{call::governance, Wait};
use assay_e2e::{
    net::{founding::Plan, scenario::Scenario, Cluster},
    next_runtime,
    node::program,
};
use serde_json::{json, Value as Json};
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_go_on_with_the_next_runtime_when_the_council_upgrades_under_load() -> Result<()> {
    let mut scenario = Scenario::begin("an upgrade under load");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let code = next_runtime::CODE.context("the next runtime was not built")?;
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    rehearse(cluster, code).await?;
    scenario.elapsed("rehearsed after");

    let before = spec_version(cluster, 0).await?;
    let chain = cluster.chain(0).await?;
    let authorize = governance::authorize_upgrade(BlakeTwo256::hash(code));
    cluster.decide(&chain, &authorize).await?;
    let applied = Instant::now();
    let apply = governance::apply_upgrade(code);
    let receipt = chain.submit(cluster.bank(), apply, Wait::InBlock).await?;
    cluster.wait_final(receipt.block_number + 1, &ALL, PATIENCE).await?;
    scenario.time("final on all after", applied.elapsed());
    for position in ALL {
        let version = spec_version(cluster, position).await?;
        ensure!(version > before, "node {position} still runs version {version}");
    }
    let done = load.done();
    while load.done() < done + 10 {
        ensure!(applied.elapsed() < PATIENCE, "the bureau's uploads do not go on");
        sleep(Duration::from_millis(200)).await;
    }
    scenario.finality(watch.seen());
    let sent = load.end().await?;
    ensure!(sent.failed.is_empty(), "a call failed: {:?}", sent.failed);
    scenario.figure("transactions", sent.done.len());
    scenario.figure("refused and sent again", sent.refused.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

/// Tries the upgrade on a copy of a validator's data, which stands still for the time of copying.
async fn rehearse(cluster: &mut Cluster, code: &[u8]) -> Result<()> {
    let trial = cluster.directory().join("trial");
    let machine = &mut cluster.machines[3];
    machine.stop().await?;
    let copied = Command::new("cp").arg("-a").arg(machine.directory()).arg(&trial).status();
    machine.start().await?;
    ensure!(copied?.success(), "the validator's data could not be copied");
    let file = trial.join("next.wasm");
    fs::write(&file, code)?;
    let output = Command::new(program("assay-node")?)
        .current_dir(&trial)
        .args(["try-upgrade", "--chain", "consortium", "--base-path", "data", "--json", "--wasm"])
        .arg(&file)
        .output()?;
    let report: Json = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    ensure!(output.status.success() && report["passed"] == true, "the rehearsal: {report}");
    cluster.caught_up(3, 0, Instant::now()).await.map(drop)
}

async fn spec_version(cluster: &Cluster, position: usize) -> Result<u64> {
    let version = cluster.machines[position].ask("state_getRuntimeVersion", json!([])).await?;
    version["specVersion"].as_u64().context("the runtime has no version")
}

//! Strangers send transactions to a member's node as fast as they can.

use super::{begin_load, founded, ALL, PATIENCE};
use anyhow::{ensure, Result};
use assay_client::chain::{call::credit, Chain, Key, Wait};
use assay_e2e::{
    net::{
        flood::{Answered, Strangers},
        founding::Plan,
        scenario::Scenario,
    },
    sample::{name, Sample},
};
use std::time::Duration;
use tokio::{task::JoinHandle, time::sleep};

const PER_SECOND: u64 = 2_000;
const SECONDS: u64 = 60;
/// For the most that a node refuses.
const MOST: u64 = 150_000;
const MOST_SECONDS: u64 = 20;
/// Blocks in which a member's transaction must be on the chain.
const BLOCKS: u32 = 2;
/// Between two transactions of the member.
const PAUSE: Duration = Duration::from_secs(1);
/// Well above what a node takes without a flood, well below what a leak of a minute would be.
const MAX_MEMORY_MIB: f64 = 1_024.0;
const MEMBER_NODE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_serve_members_when_strangers_flood_a_node() -> Result<()> {
    let mut scenario = Scenario::begin("2,000 transactions of strangers a second");
    let plan = Plan { member: true, ..Plan::default() };
    let Some(mut ground) = founded(&mut scenario, plan).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    cluster.launch(&[0, 1, 2, 3, MEMBER_NODE]).await?;
    let chain = cluster.chain(MEMBER_NODE).await?;
    let genesis = chain.genesis();
    let strangers = Strangers::new(0, PER_SECOND * SECONDS, genesis);
    let load = begin_load(cluster, 0).await?;
    let watch = cluster.watch();
    let address = cluster.machines[MEMBER_NODE].rpc();
    let time = Duration::from_secs(2 * SECONDS);
    let flood = tokio::spawn(strangers.send(address, Some(PER_SECOND as f64), time));
    let slowest = send_as_member(&chain, cluster.controller(), &flood).await?;
    let answered = flood.await??;
    ensure!(answered.taken == 0, "{} transactions of strangers were taken", answered.taken);
    scenario.figure("strangers a second", format!("{:.0}", answered.per_second()));
    scenario.figure("slowest member's transaction took blocks", slowest);
    ensure!(slowest <= BLOCKS, "a member's transaction took {slowest} blocks");
    scenario.finality(watch.seen());

    let strangers = Strangers::new(PER_SECOND * SECONDS, MOST, genesis);
    let most = strangers.send(address, None, Duration::from_secs(MOST_SECONDS)).await?;
    ensure!(most.taken == 0, "{} transactions of strangers were taken", most.taken);
    scenario.figure("pool.refused_per_s", format!("{:.0}", most.per_second()));
    for (reason, count) in &most.reasons {
        scenario.figure(&format!("refused by {reason}"), count);
    }
    let memory = cluster.machines[MEMBER_NODE].peak_memory_mib()?;
    scenario.figure("most memory in MiB", format!("{memory:.0}"));
    ensure!(memory < MAX_MEMORY_MIB, "the node took {memory:.0} MiB");

    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.wait_blocks(2, &ALL, PATIENCE).await?;
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

/// Sends a member's transactions, one after the other, through the node that is flooded, as long as it
/// is; gives the most blocks that one took.
async fn send_as_member(
    chain: &Chain,
    key: &Key,
    flood: &JoinHandle<Result<Answered>>,
) -> Result<u32> {
    let mut policy = Sample::new(10, 1_700_000_000, 3)?.policy;
    let mut slowest = 0;
    let mut number = 0;
    while !flood.is_finished() {
        number += 1;
        // No two policies may be the same.
        policy.max_age_secs += 1;
        let call = credit::add_policy(&name(&format!("flooded {number}")), &policy);
        let before = chain.best().await?.number;
        let receipt = chain.submit(key, call, Wait::InBlock).await?;
        slowest = slowest.max(receipt.block_number - before);
        sleep(PAUSE).await;
    }
    Ok(slowest)
}

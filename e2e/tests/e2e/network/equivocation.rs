//! Two nodes with the keys of one validator: what an operator must never do.

use super::{started, ALL, PATIENCE};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{api, call::membership, Wait};
use assay_e2e::net::{founding::Plan, scenario::Scenario, Cluster};
use assay_primitives::member::NodeKeys;
use std::time::{Duration, Instant};

const TWICE: usize = 3;
/// How long it may take until both vote differently in one round.
const PROVOKED_IN: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/e2e"]
async fn should_tell_the_council_when_a_validator_votes_twice() -> Result<()> {
    let mut scenario = Scenario::begin("two nodes with the keys of one validator");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    let owner = cluster.founders[TWICE].clone();
    let chain = cluster.chain(0).await?;
    let (twin, node_key) = cluster.add_twin(TWICE)?;
    let mut nodes = api::nodes(&chain, &owner.account(), None).await?.into_inner();
    nodes.push(node_key);
    let nodes = NodeKeys::try_from(nodes).ok().context("too many nodes")?;
    chain.submit(&owner, membership::set_nodes(&nodes), Wait::Finalized).await?;
    let started = Instant::now();
    cluster.machines[twin].start().await?;

    let event = find_equivocation(cluster).await?;
    scenario.time("reported after", started.elapsed());
    let who = event["validator"].as_str().unwrap_or_default();
    ensure!(who == owner.address(), "{event} is of another validator than {}", owner.address());
    scenario.finality(watch.seen());
    cluster.machines[twin].stop().await?;
    cluster.check_agreement(&[]).await?;
    scenario.end();
    Ok(())
}

/// The fields of the first such event in a final block, waited for.
async fn find_equivocation(cluster: &Cluster) -> Result<serde_json::Value> {
    let chain = &cluster.chain(0).await?;
    let next = &std::sync::atomic::AtomicU32::new(1);
    let what = "an event Validators::Equivocated";
    cluster
        .until(what, PROVOKED_IN, || async move {
            use std::sync::atomic::Ordering::Relaxed;
            let last = chain.finalized().await?.number;
            while next.load(Relaxed) <= last {
                let block = chain.block_hash(next.fetch_add(1, Relaxed)).await?;
                let events = chain.events(block).await?;
                let found = events.into_iter().find(|known| known.is("Validators", "Equivocated"));
                if let Some(found) = found {
                    return Ok(Some(found.fields));
                }
            }
            Ok(None)
        })
        .await
}

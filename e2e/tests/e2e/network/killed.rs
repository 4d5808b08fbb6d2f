//! Validators that lose power.

use super::{begin_load, started, ALL, PATIENCE};
use crate::e2e::support::{all_loans, check_scores};
use anyhow::{ensure, Context, Result};
use assay_client::chain::call::packs;
use assay_e2e::{
    drive,
    net::{founding::Plan, scenario::Scenario},
    sample::{terms, Sample, Tape},
};
use assay_primitives::pack::PackStatus;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Loans that take the chain several blocks to assess, of borrowers with a report each.
const LOANS: usize = 400_000;
const BORROWERS: usize = 20_000;
/// How long finality is seen to stand still.
const STANDSTILL: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn should_finalise_on_when_a_validator_is_killed_during_an_assessment() -> Result<()> {
    let mut scenario = Scenario::begin("one validator killed during an assessment");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let mut sample = Sample::new(BORROWERS, drive::now_secs()?, 7)?;
    let chain = cluster.chain(0).await?;
    drive::prepare(&chain, cluster.controller(), &cluster.council(), &sample).await?;
    drive::upload(&chain, cluster.bureau(), &sample).await?;
    let tape = Tape::draw(&sample.subjects(), LOANS, 6);
    drive::submit(&chain, cluster.bank(), 0, &terms("killed", 1_700_000_000), &tape).await?;
    let call = packs::assess(0, sample.contract, sample.policy_id);
    let watch = cluster.watch();
    drive::send_all(&chain, cluster.controller(), vec![call]).await?;
    let caught = drive::wait_until(&chain, 0, |view| {
        view.assessment.as_ref().is_some_and(|assessment| assessment.next_page > 0)
    })
    .await?;
    cluster.machines[1].kill()?;
    let reached = caught.assessment.context("the pack has no assessment")?.next_page;
    let pages = caught.pack.pages;
    ensure!((1..pages).contains(&reached), "killed at page {reached} of {pages}");

    drive::wait_until(&chain, 0, |view| view.pack.status == PackStatus::Assessed).await?;
    cluster.wait_blocks(5, &[0, 2, 3], PATIENCE).await?;
    let back = Instant::now();
    cluster.machines[1].start().await?;
    let caught_up = cluster.caught_up(1, 0, back).await?;
    scenario.finality(watch.seen());
    scenario.time("caught up in", caught_up);
    let at_killed = cluster.chain(1).await?;
    check_scores(&all_loans(&at_killed, 0).await?, &tape, &mut sample)?;
    cluster.check_agreement(&[]).await?;
    scenario.end();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_lose_nothing_and_resume_when_two_validators_are_killed_and_return() -> Result<()> {
    let mut scenario = Scenario::begin("two validators killed");
    let Some(mut ground) = started(&mut scenario, Plan::default()).await? else { return Ok(()) };
    let cluster = &mut ground.cluster;
    let load = begin_load(cluster, 0).await?;
    cluster.wait_blocks(3, &ALL, PATIENCE).await?;
    let watch = cluster.watch();
    for position in [2, 3] {
        cluster.machines[position].kill()?;
    }
    // What was already voted for may still become final.
    sleep(Duration::from_secs(6)).await;
    let stopped = cluster.machines[0].heights().await?;
    sleep(STANDSTILL).await;
    let still = cluster.machines[0].heights().await?;
    ensure!(still.finalized == stopped.finalized, "block {} became final", still.finalized);
    ensure!(still.best > stopped.best, "no block was made");

    let back = Instant::now();
    for position in [2, 3] {
        cluster.machines[position].launch()?;
    }
    cluster.wait_final(still.best, &ALL, PATIENCE).await?;
    scenario.finality(watch.seen());
    scenario.time("all final again in", back.elapsed());
    let sent = load.end().await?;
    sent.all_succeeded()?;
    scenario.figure("transactions", sent.done.len());
    cluster.check_agreement(&[&sent]).await?;
    scenario.end();
    Ok(())
}

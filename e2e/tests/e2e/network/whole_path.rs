//! The demonstration's whole path, where each organisation has a node and holds some of the roles.

use super::{started, ALL};
use crate::e2e::whole_path::{take_pack, Hands};
use anyhow::Result;
use assay_e2e::{
    drive,
    net::{founding::Plan, scenario::Scenario},
    sample::Sample,
};

#[tokio::test(flavor = "multi_thread")]
async fn should_issue_what_meets_the_target_when_four_organisations_share_the_work() -> Result<()> {
    let mut scenario = Scenario::begin("the whole path over four nodes");
    let plan = Plan { makes_keys: true, ..Plan::default() };
    let Some(mut ground) = started(&mut scenario, plan).await? else { return Ok(()) };
    scenario.elapsed("set up in");
    let cluster = &mut ground.cluster;
    let watch = cluster.watch();
    let mut sample = Sample::new(3_000, drive::now_secs()?, 7)?;
    let (at_bank, at_bureau) = (cluster.chain(0).await?, cluster.chain(1).await?);
    let (at_exchange, at_second) = (cluster.chain(2).await?, cluster.chain(3).await?);

    drive::prepare(&at_second, cluster.controller(), &cluster.council(), &sample).await?;
    cluster.wait_seen(&ALL).await?;
    drive::upload(&at_bureau, cluster.bureau(), &sample).await?;
    cluster.wait_seen(&ALL).await?;
    let hands = Hands {
        originator: (&at_bank, cluster.bank()),
        controller: (&at_second, cluster.controller()),
        spv: (&at_bank, cluster.bank()),
        exchange: (&at_exchange, cluster.exchange()),
        cluster: Some(cluster),
    };
    take_pack(&hands, &mut sample).await?;
    scenario.finality(watch.seen());
    cluster.check_agreement(&[]).await?;
    scenario.end();
    Ok(())
}

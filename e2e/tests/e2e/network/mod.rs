//! A consortium of four validators in network namespaces. `scripts/e2e` runs all of these; those that
//! are not ignored are fast enough for every run of the tests.

mod archive;
mod clock;
mod disk;
mod equivocation;
mod flood;
mod killed;
mod parted;
mod restart;
mod upgrade;
mod validators;
mod whole_path;

use super::support::machine;
use anyhow::{ensure, Result};
use assay_client::chain::call::credit;
use assay_e2e::{
    drive,
    net::{self, founding::Plan, load::Load, scenario::Scenario, Cluster},
    sample::Sample,
};
use std::time::Duration;
use tokio::sync::MutexGuard;

/// Time to wait for blocks that come every few seconds.
const PATIENCE: Duration = Duration::from_secs(180);
/// Set where a network that can't be made is a failure rather than a reason to skip the test.
const REQUIRED_VARIABLE: &str = "ASSAY_NETWORK_REQUIRED";
/// All validators.
const ALL: [usize; 4] = [0, 1, 2, 3];

/// A machine that no other test uses, and a network on it.
struct Ground {
    cluster: Cluster,
    _machine: MutexGuard<'static, ()>,
}

/// A network whose validators run; none where the system lacks what it takes.
async fn started(scenario: &mut Scenario, plan: Plan) -> Result<Option<Ground>> {
    let Some(mut ground) = founded(scenario, plan).await? else { return Ok(None) };
    ground.cluster.launch(&ALL).await?;
    Ok(Some(ground))
}

/// A network of which no node runs yet; none where the system lacks what it takes.
async fn founded(scenario: &mut Scenario, plan: Plan) -> Result<Option<Ground>> {
    if let Err(missing) = net::available() {
        ensure!(std::env::var_os(REQUIRED_VARIABLE).is_none(), missing);
        eprintln!("skipped: {missing}");
        return Ok(None);
    }
    let machine = machine().await;
    scenario.restart();
    Ok(Some(Ground { cluster: Cluster::found(plan)?, _machine: machine }))
}

/// Makes the sample's schema known, and has the bureau upload through a node until it's told to end.
async fn begin_load(cluster: &Cluster, position: usize) -> Result<Load> {
    let now_secs = drive::now_secs()?;
    let sample = Sample::new(10, now_secs, 7)?;
    let chain = cluster.chain(position).await?;
    let schema = vec![credit::add_schema(&sample.schema)];
    drive::send_all(&chain, cluster.controller(), schema).await?;
    Ok(Load::begin(chain, cluster.bureau().clone(), now_secs))
}

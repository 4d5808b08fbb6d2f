//! A consortium of real nodes on this machine, each in a network namespace of its own, so that cables
//! can be cut, clocks be wrong and disks be full.
//!
//! | module | for |
//! |---|---|
//! | [`wires`] | namespaces, cables, the switch and its partitions |
//! | [`founding`] | the network's files, as `assay network init` makes them |
//! | [`machine`] | one node: its process, its clock, its disk |
//! | [`wait`] | waiting with a deadline; what finality does meanwhile |
//! | [`load`] | a bureau that uploads all the while, counted |
//! | [`agreement`] | one finalised chain, one state, every transaction once |
//! | [`newcomer`] | an organisation that joins with a node of its own |
//! | [`flood`] | transactions of strangers |
//! | [`scenario`] | the line that a scenario prints |

pub mod agreement;
pub mod flood;
pub mod founding;
pub mod load;
pub mod machine;
pub mod newcomer;
pub mod scenario;
pub mod wait;
pub mod wires;

use self::{
    founding::{Authority, Founded, Plan},
    machine::{Heights, Machine},
    wait::{until, Watch},
    wires::{Side, Switch},
};
use crate::drive;
use anyhow::{Context, Result};
use assay_client::chain::{Call, Chain, Key, Receipt};
use std::{
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How many validators there are at first.
pub const VALIDATORS: usize = 4;
/// How long the first blocks may take to be final.
const FIRST_PATIENCE: Duration = Duration::from_secs(120);
/// How long any node may take to follow the others again.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(180);
/// Blocks that a node may be behind and still be said to follow.
const FOLLOWING_BLOCKS: u32 = 2;

pub use self::wires::available;

/// A network whose nodes run, and who takes part in it. Dropping it removes all of it.
pub struct Cluster {
    // In the order in which they must go: processes, then cables and mounts, then files.
    pub machines: Vec<Machine>,
    switch: Switch,
    /// The founders' keys: bank, bureau, exchange, second bank. They are the council.
    pub founders: Vec<Key>,
    authority: Option<Authority>,
    directory: PathBuf,
    /// Whether a scenario found at its end that all is well.
    is_agreed: bool,
    _files: TempDir,
}

impl Cluster {
    /// Makes a network's files, namespaces and cables; no node runs yet.
    ///
    /// # Errors
    /// When the system refuses, or `network init` does.
    pub fn found(plan: Plan) -> Result<Cluster> {
        let switch = Switch::new()?;
        let files = tempfile::Builder::new().prefix(wires::PREFIX).tempdir()?;
        let Founded { directory, keys, authority, nodes } = founding::found(plan, files.path())?;
        let mut cluster = Cluster {
            machines: Vec::new(),
            switch,
            founders: keys,
            authority,
            directory,
            is_agreed: false,
            _files: files,
        };
        for (name, directory) in nodes {
            cluster.add(&name, &directory)?;
        }
        Ok(cluster)
    }

    /// As [`Cluster::found`]; then starts the validators and waits until they finalise blocks.
    ///
    /// # Errors
    /// When a node doesn't start, or no block becomes final.
    pub async fn start(plan: Plan) -> Result<Cluster> {
        let mut cluster = Cluster::found(plan)?;
        cluster.launch(&[0, 1, 2, 3]).await?;
        Ok(cluster)
    }

    /// Adds a machine with a node's files; the node is not started.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&mut self, name: &str, directory: &Path) -> Result<usize> {
        let position = self.machines.len();
        let number = u8::try_from(position + 1)?;
        self.switch.plug(number)?;
        self.machines.push(Machine::new(name, number, directory));
        Ok(position)
    }

    /// Starts nodes at once, and waits until they answer and further blocks become final.
    ///
    /// # Errors
    /// When a node doesn't start, or no block becomes final.
    pub async fn launch(&mut self, positions: &[usize]) -> Result<()> {
        for position in positions {
            self.machines[*position].launch()?;
        }
        for position in positions {
            self.machines[*position].wait_for_answer().await?;
        }
        let before = self.machines[positions[0]].heights().await?.finalized;
        self.wait_final(before + 1, positions, FIRST_PATIENCE).await
    }

    /// Where the network's files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The authority that signs newcomers' certificates.
    ///
    /// # Errors
    /// When its key was made by `network init` and stays encrypted.
    pub fn authority(&self) -> Result<&Authority> {
        self.authority.as_ref().context("the authority's key is encrypted")
    }

    /// The key that originates packs and is the SPV.
    pub fn bank(&self) -> &Key {
        &self.founders[0]
    }

    /// The key that uploads reports.
    pub fn bureau(&self) -> &Key {
        &self.founders[1]
    }

    /// The risk controller's key.
    pub fn controller(&self) -> &Key {
        &self.founders[3]
    }

    /// The key that issues securities.
    pub fn exchange(&self) -> &Key {
        &self.founders[2]
    }

    /// A connection to a node.
    ///
    /// # Errors
    /// As [`Machine::connect`].
    pub async fn chain(&self, position: usize) -> Result<Chain> {
        self.machines[position].connect().await
    }

    /// Three of the council's four, as many as it takes: all but the bureau, whose key is often busy
    /// with uploads.
    pub fn council(&self) -> [Key; 3] {
        [self.bank().clone(), self.exchange().clone(), self.controller().clone()]
    }

    /// Has the council make a call.
    ///
    /// # Errors
    /// As [`drive::decide`].
    pub async fn decide(&self, chain: &Chain, call: &Call) -> Result<Receipt> {
        drive::decide(chain, &self.council(), call).await
    }

    /// Moves these machines to the other side of the switch, out of reach for the rest.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn part(&self, others: &[usize]) -> Result<()> {
        for position in others {
            self.switch.place(self.machines[*position].number(), Side::Other)?;
        }
        Ok(())
    }

    /// Brings all machines together again.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn heal(&self) -> Result<()> {
        for machine in &self.machines {
            self.switch.place(machine.number(), Side::One)?;
            self.switch.mend(machine.number())?;
        }
        Ok(())
    }

    /// Cuts a machine's cable.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn cut(&self, position: usize) -> Result<()> {
        self.switch.cut(self.machines[position].number())
    }

    /// Where the RPC of every node is.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.machines.iter().map(Machine::rpc).collect()
    }

    /// The positions of all nodes that run.
    pub fn running(&mut self) -> Vec<usize> {
        let all = self.machines.iter_mut().enumerate();
        all.filter_map(|(position, machine)| machine.is_running().then_some(position)).collect()
    }

    /// Begins to watch finality.
    pub fn watch(&self) -> Watch {
        Watch::begin(self.addresses())
    }

    /// Waits until the probe has something; what all nodes logged last is told otherwise.
    ///
    /// # Errors
    /// As [`until`].
    pub async fn until<T, F>(
        &self,
        what: &str,
        patience: Duration,
        probe: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        until(what, patience, probe).await.with_context(|| self.shown_logs())
    }

    /// Waits until each of these nodes has that final block.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn wait_final(
        &self,
        number: u32,
        positions: &[usize],
        patience: Duration,
    ) -> Result<()> {
        let what = format!("block {number} final on the nodes {positions:?}");
        self.until(&what, patience, || async move {
            let found = self.heights_of(positions).await?;
            Ok(found.iter().all(|heights| heights.finalized >= number).then_some(()))
        })
        .await
    }

    /// Waits until all these nodes have the best block that any of them has: who asks another node
    /// next is told of what was sent to the first.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn wait_seen(&self, positions: &[usize]) -> Result<()> {
        let now = self.heights_of(positions).await?.iter().map(|heights| heights.best).max();
        let number = now.unwrap_or_default();
        let what = format!("block {number} seen by the nodes {positions:?}");
        self.until(&what, CATCH_UP_PATIENCE, || async move {
            let found = self.heights_of(positions).await?;
            Ok(found.iter().all(|heights| heights.best >= number).then_some(()))
        })
        .await
    }

    /// Waits until so many further blocks are final on these nodes.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn wait_blocks(
        &self,
        count: u32,
        positions: &[usize],
        patience: Duration,
    ) -> Result<()> {
        let now = self.heights_of(positions).await?.iter().map(|heights| heights.finalized).max();
        self.wait_final(now.unwrap_or_default() + count, positions, patience).await
    }

    /// Waits until a node is at most a few blocks behind what is final on another, which goes on;
    /// gives the time since `since`.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn caught_up(
        &self,
        position: usize,
        other: usize,
        since: Instant,
    ) -> Result<Duration> {
        let what = format!("node {position} caught up with node {other}");
        self.until(&what, CATCH_UP_PATIENCE, || async move {
            let own = self.machines[position].heights().await?.finalized;
            let others = self.machines[other].heights().await?.finalized;
            Ok((own > 0 && own + FOLLOWING_BLOCKS >= others).then(|| since.elapsed()))
        })
        .await
    }

    /// The last blocks of these nodes.
    ///
    /// # Errors
    /// When one of them is out of reach.
    pub async fn heights_of(&self, positions: &[usize]) -> Result<Vec<Heights>> {
        let asked = positions.iter().map(|position| self.machines[*position].heights());
        futures::future::try_join_all(asked).await
    }

    fn shown_logs(&self) -> String {
        self.machines.iter().map(Machine::shown_log).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.is_agreed {
            eprintln!("{}", self.shown_logs());
        }
    }
}

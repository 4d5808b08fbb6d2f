//! An organisation that joins a running network with a validator of its own, as the operating guide
//! says: a certificate, the council's confirmation, its node's key on chain, session keys, the
//! council's choice.

use super::{founding::CHAIN_ID, machine::Machine, Cluster};
use crate::node::program;
use anyhow::{bail, ensure, Context, Result};
use assay_client::{
    chain::{
        api,
        call::{membership, validators},
        Chain, Key, Wait,
    },
    peer::parse_peer_id,
};
use assay_primitives::{
    member::{NodeKey, NodeKeys, Roles},
    validator::ValidatorView,
    AccountId,
};
use serde_json::{json, Value as Json};
use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Sessions after which a change of the validators holds, with room: three of ten blocks.
const SESSIONS_PATIENCE: Duration = Duration::from_secs(240);
/// The node's secret in the network, below its directory.
const NODE_KEY_FOLDER: &str = "network";
const NODE_KEY_FILE: &str = "secret_ed25519";
const NEWCOMER: &str = "newcomer";

/// A member that was none of the founders.
pub struct Newcomer {
    pub key: Key,
    pub position: usize,
}

impl Cluster {
    /// Makes a new organisation a member with the role of a validator, admits its node, starts that
    /// and waits until it follows the chain. `position` is the node that the others' commands go to.
    ///
    /// # Errors
    /// A refusal, or when it takes too long.
    pub async fn welcome(&mut self, chain: &Chain, position: usize) -> Result<Newcomer> {
        let key = Key::generate();
        let certificate = self.authority()?.issue(&key, "Third Bank", Roles::VALIDATOR)?;
        let enroll = membership::enroll(&certificate);
        chain.submit(self.bank(), enroll, Wait::InBlock).await?;
        let confirm = membership::confirm_roles(&key.account(), Roles::VALIDATOR);
        self.decide(chain, &confirm).await?;

        let directory = self.directory().join("nodes").join(NEWCOMER);
        let template = self.machines[position].directory().to_owned();
        let node_key = write_files(&template, &self.machines[position].name, &directory)?;
        let newcomer = self.add(NEWCOMER, &directory)?;
        give_address(&self.machines[newcomer], &self.machines[position])?;
        let nodes = NodeKeys::try_from(vec![node_key]).ok().context("one node is too many")?;
        chain.submit(&key, membership::set_nodes(&nodes), Wait::Finalized).await?;
        self.machines[newcomer].start().await?;
        self.caught_up(newcomer, position, Instant::now()).await?;
        Ok(Newcomer { key, position: newcomer })
    }

    /// Sets a validator's session keys anew, as its owner does, without stopping its node.
    ///
    /// # Errors
    /// A refusal.
    pub async fn rotate_keys(&self, chain: &Chain, owner: &Key, position: usize) -> Result<()> {
        let account: &[u8; 32] = &owner.account().into();
        let account = sp_core::bytes::to_hex(account, false);
        let machine = &self.machines[position];
        let made = machine.ask("author_rotateKeysWithOwner", json!([account])).await?;
        let call = validators::set_keys(&bytes(&made, "keys")?, &bytes(&made, "proof")?);
        chain.submit(owner, call, Wait::Finalized).await?;
        Ok(())
    }

    /// Has the council take a validator in, and waits until it makes blocks.
    ///
    /// # Errors
    /// A refusal, or when it takes too long.
    pub async fn take_in(&self, chain: &Chain, account: &AccountId) -> Result<Duration> {
        let started = Instant::now();
        self.decide(chain, &validators::add(account)).await?;
        self.until("the new validator makes blocks", SESSIONS_PATIENCE, || async move {
            let view = api::validators(chain, None).await?;
            let found = view.validators.iter().find(|known| known.account == *account);
            Ok(found.is_some_and(|known| known.active && known.blocks > 0).then_some(()))
        })
        .await?;
        Ok(started.elapsed())
    }

    /// Has the council remove a validator, and waits until it makes none any more.
    ///
    /// # Errors
    /// A refusal, or when it takes too long.
    pub async fn remove(&self, chain: &Chain, account: &AccountId) -> Result<Duration> {
        let started = Instant::now();
        self.decide(chain, &validators::remove(account)).await?;
        self.until("the validator is none any more", SESSIONS_PATIENCE, || async move {
            let view = api::validators(chain, None).await?;
            let is_there = |known: &ValidatorView| known.account == *account && known.active;
            Ok((!view.validators.iter().any(is_there)).then_some(()))
        })
        .await?;
        Ok(started.elapsed())
    }
}

impl Cluster {
    /// Adds a machine with the session keys of another and a node key of its own, which it gives.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add_twin(&mut self, position: usize) -> Result<(usize, NodeKey)> {
        let template = self.machines[position].directory().to_owned();
        let directory = self.directory().join("nodes").join(NEWCOMER);
        let node_key = write_files(&template, &self.machines[position].name, &directory)?;
        let keystore = Path::new("data/chains").join(CHAIN_ID).join("keystore");
        fs::create_dir_all(directory.join(&keystore))?;
        for entry in fs::read_dir(template.join(&keystore))? {
            let entry = entry?;
            fs::copy(entry.path(), directory.join(&keystore).join(entry.file_name()))?;
        }
        let twin = self.add(NEWCOMER, &directory)?;
        give_address(&self.machines[twin], &self.machines[position])?;
        Ok((twin, node_key))
    }
}

/// Writes a validator's files but its session keys, after those of another; gives its public key.
fn write_files(template: &Path, name: &str, directory: &Path) -> Result<NodeKey> {
    let network = directory.join("data/chains").join(CHAIN_ID).join(NODE_KEY_FOLDER);
    fs::create_dir_all(&network)?;
    fs::copy(template.join("consortium.json"), directory.join("consortium.json"))?;
    let script = fs::read_to_string(template.join("start"))?;
    let own = script.replace(&format!("--name {name} "), &format!("--name {NEWCOMER} "));
    ensure!(own != script, "the start script names no {name}");
    fs::write(directory.join("start"), own)?;
    fs::set_permissions(
        directory.join("start"),
        fs::metadata(template.join("start"))?.permissions(),
    )?;
    let spec: Json = serde_json::from_slice(&fs::read(template.join("consortium.json"))?)?;
    let addresses = spec["bootNodes"].as_array().context("the specification names no nodes")?;
    let peers: Vec<&str> = addresses.iter().filter_map(Json::as_str).collect();
    fs::write(directory.join("peers"), peers.join("\n"))?;
    make_node_key(&network.join(NODE_KEY_FILE))
}

/// Puts a machine's own address into its start script instead of that of another.
fn give_address(machine: &Machine, template: &Machine) -> Result<()> {
    let path = machine.directory().join("start");
    let script = fs::read_to_string(&path)?;
    let own = script.replace(&template.peer_address(), &machine.peer_address());
    ensure!(own != script, "the start script has no address {}", template.peer_address());
    Ok(fs::write(path, own)?)
}

fn make_node_key(file: &Path) -> Result<NodeKey> {
    let output = Command::new(program("assay-node")?)
        .args(["key", "generate-node-key", "--file"])
        .arg(file)
        .output()?;
    let printed = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("no node key was made: {printed}");
    }
    let name = printed.lines().last().unwrap_or_default().trim();
    parse_peer_id(name).with_context(|| format!("{name:?} is no name of a node"))
}

fn bytes(object: &Json, field: &str) -> Result<Vec<u8>> {
    let text = object[field].as_str().with_context(|| format!("no {field} in {object}"))?;
    Ok(sp_core::bytes::from_hex(text)?)
}

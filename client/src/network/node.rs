//! A node: its keys, its address, whom it knows, and the script that starts it.

use super::{
    files::{self, FileFault},
    plan::{Node, Plan},
    SPEC_FILE,
};
use crate::peer::peer_id;
use assay_primitives::member::NodeKey;
use sp_core::{ed25519, sr25519, Pair};
use std::path::Path;

/// Where nodes' directories are.
const NODES: &str = "nodes";
/// The node's secret in the network, below the chain's directory; the SDK's name.
const NODE_KEY_FILE: &str = "network/secret_ed25519";
/// Where the validator's secrets are, below the chain's directory; the SDK's name.
const KEYSTORE: &str = "keystore";
/// The kind of the key for blocks, as the keystore names it.
const AURA: [u8; 4] = *b"aura";
/// The kind of the key for votes, as the keystore names it.
const GRANDPA: [u8; 4] = *b"gran";
/// Start script of every node.
const START: &str = include_str!("start.sh");

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Makes blocks and votes.
    Validator,
    /// Follows the chain, and serves its owner's commands.
    Member,
    /// As a member, and keeps the state of every block.
    Archive,
}

impl Role {
    const NAMES: [(Role, &'static str); 3] =
        [(Role::Validator, "validator"), (Role::Member, "member"), (Role::Archive, "archive")];

    /// The role of that name.
    pub fn by_name(name: &str) -> Option<Role> {
        Role::NAMES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }

    /// The role's name in files and on the command line.
    pub fn name(self) -> &'static str {
        Role::NAMES.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| *name)
    }
}

/// A validator's public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKeys {
    /// Sr25519, for blocks.
    pub aura: [u8; 32],
    /// Ed25519, for votes.
    pub grandpa: [u8; 32],
}

/// Both keys in hexadecimal, Aura's first.
pub fn parse_session_keys(text: &str) -> Option<SessionKeys> {
    let bytes: [u8; 64] = hex::decode(text.strip_prefix("0x")?).ok()?.try_into().ok()?;
    let (aura, grandpa) = bytes.split_at(32);
    Some(SessionKeys { aura: aura.try_into().ok()?, grandpa: grandpa.try_into().ok()? })
}

/// A node with its keys: the secret ones only where they were made here.
pub struct FoundedNode {
    pub node: Node,
    pub key: NodeKey,
    pub session_keys: Option<SessionKeys>,
    secret: Option<[u8; 32]>,
    session_secrets: Option<[KeystoreEntry; 2]>,
}

/// A file of the keystore.
struct KeystoreEntry {
    name: String,
    seed: [u8; 32],
}

impl FoundedNode {
    /// Where others reach it: `/ip4/10.0.0.1/tcp/30333/p2p/12D3Koo...`.
    pub fn address(&self) -> String {
        format!("{}/p2p/{}", self.listens_at(), peer_id(&self.key))
    }

    /// Its directory, relative to the network's.
    pub fn directory(&self) -> String {
        format!("{NODES}/{}", self.node.name)
    }

    /// Secrets that its owner has to bring.
    pub fn missing_secrets(&self) -> Vec<&'static str> {
        let validator_lacks = self.session_keys.is_some() && self.session_secrets.is_none();
        let node_key = self.secret.is_none().then_some("node key");
        node_key.into_iter().chain(validator_lacks.then_some("session keys")).collect()
    }

    fn listens_at(&self) -> String {
        format!("{}/tcp/{}", self.node.host, self.node.port)
    }
}

/// The plan's nodes with the keys that they have not been given.
pub fn found(plan: &Plan) -> Vec<FoundedNode> {
    plan.nodes.iter().map(found_one).collect()
}

fn found_one(node: &Node) -> FoundedNode {
    let (key, secret) = match node.given_key {
        Some(key) => (key, None),
        None => {
            let (pair, secret) = ed25519::Pair::generate();
            (pair.public().0, Some(secret))
        }
    };
    let (session_keys, session_secrets) = match (node.role, node.given_session_keys) {
        (Role::Validator, None) => {
            let (keys, secrets) = make_session_keys();
            (Some(keys), Some(secrets))
        }
        (_, given) => (given, None),
    };
    FoundedNode { node: node.clone(), key, session_keys, secret, session_secrets }
}

fn make_session_keys() -> (SessionKeys, [KeystoreEntry; 2]) {
    let (aura, aura_seed) = sr25519::Pair::generate();
    let (grandpa, grandpa_seed) = ed25519::Pair::generate();
    let keys = SessionKeys { aura: aura.public().0, grandpa: grandpa.public().0 };
    let entry = |kind: [u8; 4], public: [u8; 32], seed| KeystoreEntry {
        name: hex::encode(kind) + &hex::encode(public),
        seed,
    };
    let entries = [entry(AURA, keys.aura, aura_seed), entry(GRANDPA, keys.grandpa, grandpa_seed)];
    (keys, entries)
}

/// Writes a node's directory.
pub fn write(
    plan: &Plan,
    nodes: &[FoundedNode],
    founded: &FoundedNode,
    spec: &[u8],
    directory: &Path,
) -> Result<(), FileFault> {
    let home = directory.join(founded.directory());
    let chain = home.join("data/chains").join(&plan.id);
    files::secret_directory(&chain.join("network"))?;
    files::secret_directory(&chain.join(KEYSTORE))?;
    files::write(&home.join(SPEC_FILE), spec)?;
    files::write(&home.join("peers"), peers(plan, nodes, founded))?;
    files::write_script(&home.join("start"), start_script(plan, founded))?;
    if let Some(secret) = founded.secret {
        files::write_secret(&chain.join(NODE_KEY_FILE), hex::encode(secret))?;
    }
    for entry in founded.session_secrets.iter().flatten() {
        let text = format!("\"0x{}\"", hex::encode(entry.seed));
        files::write_secret(&chain.join(KEYSTORE).join(&entry.name), text)?;
    }
    Ok(())
}

/// What a node is, for people: `validator of First Bank`.
fn title(plan: &Plan, node: &Node) -> String {
    let owner = plan.organisations.get(node.organisation).map_or("", |owner| &owner.name);
    format!("{} of {owner}", node.role.name())
}

/// All other nodes, one address a line.
fn peers(plan: &Plan, nodes: &[FoundedNode], own: &FoundedNode) -> String {
    let mut text = format!(
        "# The nodes that this one lets in and calls, whatever the chain says: one address a line.\n\
         # This is {} ({}) at\n# {}\n",
        own.node.name,
        title(plan, &own.node),
        own.address()
    );
    for other in nodes.iter().filter(|other| other.key != own.key) {
        let title = title(plan, &other.node);
        text.push_str(&format!("\n# {}, {title}\n{}\n", other.node.name, other.address()));
    }
    text
}

fn start_script(plan: &Plan, founded: &FoundedNode) -> String {
    let node = &founded.node;
    START
        .replace("@TITLE@", &format!("{}, {}", node.name, title(plan, node)))
        .replace("@ROLE@", node.role.name())
        .replace("@NAME@", &node.name)
        .replace("@PORT@", &node.port.to_string())
        .replace("@RPC_PORT@", &node.rpc_port.to_string())
        .replace("@PROMETHEUS_PORT@", &node.prometheus_port.to_string())
        .replace("@PUBLIC_ADDRESS@", &founded.listens_at())
}

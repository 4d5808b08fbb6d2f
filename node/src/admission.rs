//! Whom the node talks to. Open by default; otherwise to the peers of a local list, which nothing on
//! chain can shorten, and to the nodes that the chain admits.
//!
//! Known peers are the reserved ones of the network's set for blocks, which takes no others then. The
//! sets for votes and for transactions need no care: they never take a peer that is not connected
//! for blocks, and drop it with that connection.

use crate::service::FullClient;
use assay_primitives::{apis::MembershipApi, member::NodeKey};
use assay_runtime::{opaque::Block, Hash};
use futures::{FutureExt, StreamExt};
use sc_cli::NetworkParams;
use sc_client_api::BlockchainEvents;
use sc_network::{
    config::{MultiaddrWithPeerId, NetworkConfiguration, NonReservedPeerMode},
    service::traits::NetworkService,
    Multiaddr, NetworkStateInfo, PeerId,
};
use sc_network_sync::SyncingService;
use sp_api::ProvideRuntimeApi;
use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Time between two looks at the local list.
const LIST_INTERVAL: Duration = Duration::from_secs(2);

/// Port on which other nodes are expected.
const DEFAULT_PORT: u16 = 30_333;

const LOG_TARGET: &str = "admission";

/// Which peers the node talks to.
#[derive(Debug, Clone, clap::Args)]
pub struct AdmissionParams {
    /// Talk only to known peers: those of this list and those that the chain admits.
    ///
    /// One address a line, such as /ip4/192.0.2.1/tcp/30333/p2p/PEER; what follows a # is a comment.
    /// The list is read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub peers: Option<PathBuf>,

    /// Talk only to known peers: those that the chain admits, and those of --peers and
    /// --reserved-nodes.
    #[arg(long)]
    pub known_peers_only: bool,
}

/// The peers that the node lets in.
pub struct Admission {
    list: Option<LocalList>,
    /// Peers that other options name.
    fixed: HashSet<PeerId>,
    chain: BTreeSet<NodeKey>,
    /// Whether the chain's list could be read when it was last tried.
    chain_answers: bool,
    /// What the network was last told.
    applied: HashSet<PeerId>,
}

struct LocalList {
    file: PathBuf,
    /// As last read, if it could be read.
    text: Option<String>,
    /// Of the last text without a fault.
    peers: Vec<MultiaddrWithPeerId>,
}

impl Admission {
    /// Reads the local list, if the options ask for known peers only.
    ///
    /// Fails if the list cannot be read or has a line that is no address.
    pub fn from_params(params: &AdmissionParams) -> Result<Option<Self>, String> {
        let list = params.peers.as_deref().map(LocalList::open).transpose()?;
        Ok((list.is_some() || params.known_peers_only).then(|| Self {
            list,
            fixed: HashSet::new(),
            chain: BTreeSet::new(),
            chain_answers: true,
            applied: HashSet::new(),
        }))
    }

    /// Closes the network's configuration to peers that are not on the local list.
    ///
    /// Fails if the node's own key cannot be read.
    pub fn configure(&mut self, network: &mut NetworkConfiguration) -> std::io::Result<()> {
        let own = network.node_key.clone().into_keypair()?.public().to_peer_id();
        let reserved = &mut network.default_peers_set.reserved_nodes;
        self.fixed = reserved.iter().map(|peer| peer.peer_id).collect();
        reserved.extend(self.list.iter().flat_map(|list| list.peers.iter().cloned()));
        reserved.retain(|peer| peer.peer_id != own);
        network.default_peers_set.non_reserved_mode = NonReservedPeerMode::Deny;
        network.enable_dht_random_walk = false;
        self.applied = self.known(own);
        Ok(())
    }

    /// Follows the local list and the chain's, and lets peers in and out.
    pub async fn run(
        mut self,
        client: Arc<FullClient>,
        network: Arc<dyn NetworkService>,
        sync: Arc<SyncingService<Block>>,
    ) {
        let own = network.local_peer_id();
        let mut finality = client.finality_notification_stream();
        let mut look = tokio::time::interval(LIST_INTERVAL);
        self.read_chain(&client, client.chain_info().finalized_hash);
        loop {
            self.apply(own, &*network, &sync);
            tokio::select! {
                notification = finality.next() => {
                    let Some(mut latest) = notification else { return };
                    while let Some(Some(newer)) = finality.next().now_or_never() {
                        latest = newer;
                    }
                    self.read_chain(&client, latest.hash);
                }
                _ = look.tick() => self.read_list(&*network),
            }
        }
    }

    /// Takes the nodes that the chain admits at a block. If it does not say, those that it last
    /// admitted stay.
    fn read_chain(&mut self, client: &FullClient, at: Hash) {
        match client.runtime_api().node_keys(at) {
            Ok(keys) => {
                self.chain = keys.into_iter().collect();
                self.chain_answers = true;
            }
            Err(fault) => {
                if self.chain_answers {
                    log::warn!(
                        target: LOG_TARGET,
                        "the chain does not say which nodes it admits, those known stay: {fault}",
                    );
                }
                self.chain_answers = false;
            }
        }
    }

    fn read_list(&mut self, network: &dyn NetworkService) {
        let Some(list) = &mut self.list else { return };
        for peer in list.read_again() {
            if peer.multiaddr.iter().next().is_some() {
                network.add_known_address(peer.peer_id, peer.multiaddr);
            }
        }
    }

    fn apply(&mut self, own: PeerId, network: &dyn NetworkService, sync: &SyncingService<Block>) {
        let known = self.known(own);
        if known == self.applied {
            return;
        }
        log::info!(
            target: LOG_TARGET,
            "{} peers are known now: {} came and {} went",
            known.len(),
            known.difference(&self.applied).count(),
            self.applied.difference(&known).count(),
        );
        sync.set_no_slot_peers(known.clone());
        network.set_authorized_peers(known.clone());
        self.applied = known;
    }

    /// Everybody whom the list, the options or the chain names, but the node itself.
    fn known(&self, own: PeerId) -> HashSet<PeerId> {
        let listed = self.list.iter().flat_map(|list| &list.peers).map(|peer| peer.peer_id);
        // A key that is no point of the curve belongs to nobody.
        let admitted = self.chain.iter().filter_map(PeerId::from_ed25519);
        let all = listed.chain(self.fixed.iter().copied()).chain(admitted);
        all.filter(|peer| *peer != own).collect()
    }
}

impl LocalList {
    fn open(file: &Path) -> Result<Self, String> {
        let text = read(file)?;
        let peers = parse(file, &text)?;
        Ok(Self { file: file.into(), text: Some(text), peers })
    }

    /// Reads the file; if it changed and has no fault, its peers are the list from now on and are
    /// returned.
    fn read_again(&mut self) -> Vec<MultiaddrWithPeerId> {
        let (text, fault) = match read(&self.file) {
            Ok(text) => (Some(text), None),
            Err(fault) => (None, Some(fault)),
        };
        if text == self.text {
            return Vec::new();
        }
        let parsed = match (&text, fault) {
            (Some(text), _) => parse(&self.file, text),
            (None, fault) => Err(fault.unwrap_or_default()),
        };
        self.text = text;
        match parsed {
            Ok(peers) => {
                self.peers = peers.clone();
                peers
            }
            Err(fault) => {
                log::warn!(target: LOG_TARGET, "{fault}; the list as it was before holds");
                Vec::new()
            }
        }
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file)
        .map_err(|fault| format!("the list of peers {} cannot be read: {fault}", file.display()))
}

/// The peers of a list's text. The error names the file, the line and what is wrong with it.
fn parse(file: &Path, text: &str) -> Result<Vec<MultiaddrWithPeerId>, String> {
    let mut peers = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let address = line.split('#').next().unwrap_or_default().trim();
        if address.is_empty() {
            continue;
        }
        let peer = address.parse::<MultiaddrWithPeerId>().map_err(|fault| {
            format!(
                "{}, line {}: {address} is not of the form /ip4/ADDRESS/tcp/PORT/p2p/PEER: {fault}",
                file.display(),
                index + 1,
            )
        })?;
        peers.push(peer);
    }
    Ok(peers)
}

/// Makes the node listen for plain TCP alone, whatever its role, so that one form of address fits
/// all nodes of a consortium. An address that the command line gives stays.
pub fn listen_on_tcp(params: &mut NetworkParams) -> Result<(), String> {
    if !params.listen_addr.is_empty() {
        return Ok(());
    }
    let port = params.port.unwrap_or(DEFAULT_PORT);
    for host in ["/ip6/::", "/ip4/0.0.0.0"] {
        let address = format!("{host}/tcp/{port}").parse::<Multiaddr>();
        params.listen_addr.push(address.map_err(|fault| fault.to_string())?);
    }
    Ok(())
}

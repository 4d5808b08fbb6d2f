//! Checks of a NETWORK's nodes: whose they are, what they do, and where they are reached.

use super::{
    config::{Faults, RawNetwork, RawNode},
    node::{parse_session_keys, Role, SessionKeys},
    plan::{Node, Organisation},
};
use crate::peer::parse_peer_id;
use assay_primitives::member::{NodeKey, Roles, MAX_NODES};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

const DEFAULT_PORT: u16 = 30_333;
const DEFAULT_RPC_PORT: u16 = 9_944;
const DEFAULT_PROMETHEUS_PORT: u16 = 9_615;
/// Longest name of a node that the SDK takes.
const MAX_NODE_NAME_BYTES: usize = 63;
/// Longest name of a host (RFC 1035, section 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// What no two nodes may share.
#[derive(Default)]
struct Taken {
    names: BTreeSet<String>,
    /// Host and port, with what it's for.
    ports: BTreeMap<(String, u16), String>,
    keys: BTreeSet<NodeKey>,
    session_keys: BTreeSet<[u8; 32]>,
    /// By position of the organisation: its nodes, and whether one is a validator.
    owners: BTreeMap<usize, (u32, bool)>,
}

/// The nodes as far as nothing is wrong with them, in the file's order.
pub fn nodes(
    raw: &RawNetwork,
    organisations: &[Option<Organisation>],
    faults: &mut Faults<'_>,
) -> Vec<Option<Node>> {
    let mut taken = Taken::default();
    let mut check = |given: &RawNode| node(raw, given, organisations, &mut taken, faults);
    raw.nodes.iter().map(&mut check).collect()
}

fn node(
    raw: &RawNetwork,
    given: &RawNode,
    organisations: &[Option<Organisation>],
    taken: &mut Taken,
    faults: &mut Faults<'_>,
) -> Option<Node> {
    check_node_name(given, taken, faults);
    let role = role(given, faults);
    let organisation = owner(raw, given, faults);
    let host = host(given, faults);
    let ports = ports(given, host.as_deref(), taken, faults);
    let given_key = node_key(given, taken, faults);
    let given_session_keys = session_keys(given, role, taken, faults);
    let (role, organisation) = (role?, organisation?);
    check_owner(given, role, organisation, organisations, taken, faults);
    let [port, rpc_port, prometheus_port] = ports;
    Some(Node {
        name: given.name.get_ref().clone(),
        organisation,
        role,
        host: host?,
        port,
        rpc_port,
        prometheus_port,
        given_key,
        given_session_keys,
    })
}

fn check_node_name(given: &RawNode, taken: &mut Taken, faults: &mut Faults<'_>) {
    let name = given.name.get_ref();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !begins || name.len() > MAX_NODE_NAME_BYTES || !name.bytes().all(plain) {
        faults.at(
            &given.name,
            format!("[[node]] \"{name}\" can't be a node's name"),
            format!(
                "use 1 to {MAX_NODE_NAME_BYTES} letters, digits, \"-\" and \"_\", the first a \
                 letter or digit"
            ),
        );
    } else if !taken.names.insert(name.to_lowercase()) {
        faults.at(
            &given.name,
            format!("there are two [[node]] \"{name}\""),
            "give each its own name, which also names its directory",
        );
    }
}

fn role(given: &RawNode, faults: &mut Faults<'_>) -> Option<Role> {
    let found = Role::by_name(given.role.get_ref());
    if found.is_none() {
        let name = given.name.get_ref();
        faults.at(
            &given.role,
            format!("[[node]] \"{name}\": there is no role \"{}\"", given.role.get_ref()),
            "a node is validator, member or archive",
        );
    }
    found
}

fn owner(raw: &RawNetwork, given: &RawNode, faults: &mut Faults<'_>) -> Option<usize> {
    let named = given.organisation.get_ref();
    let found = raw.organisations.iter().position(|known| known.name.get_ref() == named);
    if found.is_none() {
        let name = given.name.get_ref();
        faults.at(
            &given.organisation,
            format!("[[node]] \"{name}\": there is no [[organisation]] \"{named}\""),
            "add it, or name another one",
        );
    }
    found
}

/// A validator is an account of the chain, and an organisation has one account.
fn check_owner(
    given: &RawNode,
    role: Role,
    organisation: usize,
    organisations: &[Option<Organisation>],
    taken: &mut Taken,
    faults: &mut Faults<'_>,
) {
    let (name, owner) = (given.name.get_ref(), given.organisation.get_ref());
    let (count, has_validator) = taken.owners.entry(organisation).or_default();
    *count = count.saturating_add(1);
    if *count == MAX_NODES + 1 {
        faults.at(
            &given.name,
            format!("[[organisation]] \"{owner}\" has more than {MAX_NODES} nodes"),
            "the chain knows no more of one organisation",
        );
    }
    if role != Role::Validator {
        return;
    }
    if std::mem::replace(has_validator, true) {
        faults.at(
            &given.name,
            format!("[[node]] \"{name}\" is a second validator of \"{owner}\""),
            "an organisation has one at most: its account is the validator's; make it a member",
        );
    }
    let known = organisations.get(organisation).and_then(Option::as_ref);
    if known.is_some_and(|known| !known.roles.contains(Roles::VALIDATOR)) {
        faults.at(
            &given.name,
            format!("[[node]] \"{name}\" is a validator, but \"{owner}\" lacks that role"),
            "add \"validator\" to the roles of the organisation, or make the node a member",
        );
    }
}

/// The beginning of the node's address as the network writes it.
fn host(given: &RawNode, faults: &mut Faults<'_>) -> Option<String> {
    let text = given.address.get_ref();
    let found = match text.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() || address.is_multicast() => None,
        Ok(IpAddr::V4(address)) => Some(format!("/ip4/{address}")),
        Ok(IpAddr::V6(address)) => Some(format!("/ip6/{address}")),
        Err(_) => is_host_name(text).then(|| format!("/dns/{}", text.to_lowercase())),
    };
    if found.is_none() {
        let name = given.name.get_ref();
        faults.at(
            &given.address,
            format!("[[node]] \"{name}\": \"{text}\" is no address that others reach"),
            "give the machine's IP address or its DNS name, without a port",
        );
    }
    found
}

fn is_host_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= MAX_HOST_BYTES
        && text.split('.').all(label)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The three ports; no two of one machine are the same.
fn ports(
    given: &RawNode,
    host: Option<&str>,
    taken: &mut Taken,
    faults: &mut Faults<'_>,
) -> [u16; 3] {
    let name = given.name.get_ref();
    let wanted = [
        ("port", &given.port, DEFAULT_PORT),
        ("rpc_port", &given.rpc_port, DEFAULT_RPC_PORT),
        ("prometheus_port", &given.prometheus_port, DEFAULT_PROMETHEUS_PORT),
    ];
    wanted.map(|(key, written, default)| {
        let port = written.as_ref().map_or(default, |written| *written.get_ref());
        let place = |faults: &mut Faults<'_>, problem: String, remedy: &str| match written {
            Some(written) => faults.at(written, problem, remedy),
            None => faults.at(&given.name, problem, remedy),
        };
        if port == 0 {
            let problem = format!("[[node]] \"{name}\": {key} = 0 is no port");
            place(faults, problem, "name a port that others can be told of");
        } else if let Some(host) = host {
            let user = format!("{key} of \"{name}\"");
            if let Some(other) = taken.ports.insert((host.into(), port), user) {
                let problem = format!(
                    "[[node]] \"{name}\": {key} = {port} is taken by {other} on {}",
                    given.address.get_ref()
                );
                place(faults, problem, "give each node of a machine ports of its own");
            }
        }
        port
    })
}

fn node_key(given: &RawNode, taken: &mut Taken, faults: &mut Faults<'_>) -> Option<NodeKey> {
    let peer = given.peer.as_ref()?;
    let found = parse_peer_id(peer.get_ref());
    let name = given.name.get_ref();
    match found {
        None => faults.at(
            peer,
            format!("[[node]] \"{name}\": \"{}\" is no node's public name", peer.get_ref()),
            "write what the node's owner got when making its key: 12D3Koo...",
        ),
        Some(key) if !taken.keys.insert(key) => faults.at(
            peer,
            format!("[[node]] \"{name}\" has the key of another node"),
            "every node has its own",
        ),
        Some(_) => {}
    }
    found
}

fn session_keys(
    given: &RawNode,
    role: Option<Role>,
    taken: &mut Taken,
    faults: &mut Faults<'_>,
) -> Option<SessionKeys> {
    let written = given.session_keys.as_ref()?;
    let name = given.name.get_ref();
    let Some(keys) = parse_session_keys(written.get_ref()) else {
        faults.at(
            written,
            format!("[[node]] \"{name}\": session_keys is no pair of public keys"),
            "write 0x and 128 hexadecimal digits: the key for blocks, then that for votes",
        );
        return None;
    };
    if role.is_some_and(|role| role != Role::Validator) {
        let problem = format!("[[node]] \"{name}\" is no validator, but has session_keys");
        faults.at(written, problem, "take them out, or make it a validator");
    }
    let fresh = [keys.aura, keys.grandpa].map(|key| taken.session_keys.insert(key));
    if fresh.contains(&false) {
        let problem = format!("[[node]] \"{name}\" has session keys that are used already");
        faults.at(written, problem, "every validator has two of its own");
    }
    Some(keys)
}

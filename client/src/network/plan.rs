//! The network that a NETWORK.toml describes, once nothing in it contradicts.

use super::{
    config::{ConfigFault, Faults, RawNetwork, Source},
    members,
    node::{Role, SessionKeys},
    sites,
};
use assay_primitives::{
    member::{NodeKey, Roles},
    validator::MIN_CONSORTIUM_VALIDATORS,
    AccountId, MAX_NAME_BYTES,
};
use std::{ops::RangeInclusive, path::Path};
use toml::Spanned;

/// Blocks of a session unless the file says otherwise: an hour, as on chain. Validators change at its end.
const DEFAULT_SESSION_BLOCKS: u32 = 1_200;
/// What the chain takes: 15 seconds to a day.
const SESSION_BLOCKS: RangeInclusive<u32> = 5..=28_800;
/// Longest identifier of a chain: a directory's name.
const MAX_ID_BYTES: usize = 32;
const SECS_PER_HOUR: u32 = 3_600;
const MILLIS_PER_SEC: u32 = 1_000;

/// A network to make.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: String,
    /// Names the directory of a node's data.
    pub id: String,
    /// Fewest validators.
    pub minimum: u32,
    pub session_blocks: u32,
    /// Compute of a member in an hour; 0 leaves it to the chain.
    pub quota_millis: u32,
    pub authorities: Vec<Authority>,
    pub organisations: Vec<Organisation>,
    pub nodes: Vec<Node>,
    /// When it was planned: certificates begin then.
    pub now_secs: u64,
}

/// Whose certificates the network takes.
#[derive(Clone, Debug)]
pub struct Authority {
    pub name: String,
    /// What its files are called, without their endings.
    pub file: String,
    /// Its certificate, DER encoded, if it was made elsewhere: then its key is not here.
    pub given: Option<Vec<u8>>,
    pub valid_days: u32,
}

/// A founding member.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub name: String,
    /// What its files are called, without their endings.
    pub file: String,
    pub roles: Roles,
    /// Position among the authorities.
    pub authority: usize,
    /// Its account and certificate, DER encoded, if it made its own key.
    pub given: Option<(AccountId, Vec<u8>)>,
    pub valid_days: u32,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    /// Position among the organisations.
    pub organisation: usize,
    pub role: Role,
    /// Where others reach it: `/ip4/10.0.0.1` or `/dns/node.example`.
    pub host: String,
    pub port: u16,
    pub rpc_port: u16,
    pub prometheus_port: u16,
    /// Its public key, if its owner made the key.
    pub given_key: Option<NodeKey>,
    /// Its validator's public keys, if its owner made the keys.
    pub given_session_keys: Option<SessionKeys>,
}

impl Plan {
    /// Reads and checks a NETWORK as of that time.
    ///
    /// # Errors
    /// [`ConfigFault`] with everything that is wrong, where it stands, and what to do.
    pub fn read(path: &Path, now_secs: u64) -> Result<Plan, ConfigFault> {
        let source = Source::read(path)?;
        let raw = source.parse()?;
        let mut faults = Faults::of(&source);
        let plan = check(&raw, &source, now_secs, &mut faults);
        faults.result(plan)
    }

    /// Whether anything is made here that a passphrase must protect.
    pub fn makes_keys(&self) -> bool {
        self.authorities.iter().any(|authority| authority.given.is_none())
            || self.organisations.iter().any(|organisation| organisation.given.is_none())
    }

    /// How many nodes are validators.
    pub fn validators(&self) -> usize {
        self.nodes.iter().filter(|node| node.role == Role::Validator).count()
    }
}

fn check(
    raw: &RawNetwork,
    source: &Source<'_>,
    now_secs: u64,
    faults: &mut Faults<'_>,
) -> Option<Plan> {
    check_names(raw, faults);
    let minimum = minimum(raw, faults);
    let quota_millis = quota_millis(raw, faults);
    let session_blocks = session_blocks(raw, faults);
    let authorities = members::authorities(raw, source, now_secs, faults);
    let organisations = members::organisations(raw, source, &authorities, now_secs, faults);
    let nodes = sites::nodes(raw, &organisations, faults);
    let plan = Plan {
        name: raw.name.get_ref().clone(),
        id: raw.id.get_ref().clone(),
        minimum,
        session_blocks,
        quota_millis,
        authorities: authorities.into_iter().collect::<Option<_>>()?,
        organisations: organisations.into_iter().collect::<Option<_>>()?,
        nodes: nodes.into_iter().collect::<Option<_>>()?,
        now_secs,
    };
    check_whole(&plan, faults);
    Some(plan)
}

fn check_names(raw: &RawNetwork, faults: &mut Faults<'_>) {
    check_name(&raw.name, "name", faults);
    if let Err((problem, remedy)) = check_id(raw.id.get_ref()) {
        faults.at(&raw.id, problem, remedy);
    }
}

/// Whether a chain may be called that: its id is the name of a directory.
///
/// # Errors
/// What is wrong with it, and what to do.
pub fn check_id(id: &str) -> Result<(), (String, String)> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(plain) {
        return Ok(());
    }
    Err((
        format!("id \"{id}\" can't name a directory"),
        format!("use 1 to {MAX_ID_BYTES} lower-case letters, digits and \"_\""),
    ))
}

/// Tells when a name is empty, too long, or has characters that no screen shows.
pub fn check_name(name: &Spanned<String>, what: &str, faults: &mut Faults<'_>) {
    let text = name.get_ref();
    let fits = text.len() <= MAX_NAME_BYTES as usize && !text.chars().any(char::is_control);
    if text.trim().is_empty() || text.trim() != text || !fits {
        faults.at(
            name,
            format!("{what} \"{text}\" has {} bytes", text.len()),
            format!(
                "use 1 to {MAX_NAME_BYTES} bytes, no control characters, and no white space at \
                 the ends"
            ),
        );
    }
}

fn minimum(raw: &RawNetwork, faults: &mut Faults<'_>) -> u32 {
    let Some(given) = &raw.minimum else {
        return if raw.dev { 1 } else { MIN_CONSORTIUM_VALIDATORS };
    };
    let minimum = *given.get_ref();
    if minimum == 0 || (!raw.dev && minimum < MIN_CONSORTIUM_VALIDATORS) {
        faults.at(
            given,
            format!("minimum = {minimum} validators is too few"),
            format!(
                "a consortium has at least {MIN_CONSORTIUM_VALIDATORS}, so that one may fail; \
                 `dev = true` allows 1"
            ),
        );
    }
    minimum
}

fn quota_millis(raw: &RawNetwork, faults: &mut Faults<'_>) -> u32 {
    let Some(given) = &raw.quota_seconds_per_hour else { return 0 };
    let secs = *given.get_ref();
    if secs == 0 || secs > SECS_PER_HOUR {
        faults.at(
            given,
            format!("quota_seconds_per_hour = {secs} is no share of an hour"),
            format!("use 1 to {SECS_PER_HOUR}, or leave it to the chain's default"),
        );
    }
    secs.saturating_mul(MILLIS_PER_SEC)
}

fn session_blocks(raw: &RawNetwork, faults: &mut Faults<'_>) -> u32 {
    let Some(given) = &raw.session_blocks else { return DEFAULT_SESSION_BLOCKS };
    let blocks = *given.get_ref();
    if !SESSION_BLOCKS.contains(&blocks) {
        faults.at(
            given,
            format!("session_blocks = {blocks} is not allowed"),
            format!("use {} to {}", SESSION_BLOCKS.start(), SESSION_BLOCKS.end()),
        );
    }
    blocks
}

fn check_whole(plan: &Plan, faults: &mut Faults<'_>) {
    let council = plan.organisations.iter().any(|known| known.roles.contains(Roles::COUNCIL));
    if !council {
        faults.overall(
            "no organisation has the role council, so nobody could decide anything",
            "give it to those that are to vote",
        );
    }
    let validators = plan.validators();
    if validators < plan.minimum as usize {
        faults.overall(
            format!("there are {validators} validators, and the minimum is {}", plan.minimum),
            "add a [[node]] with role = \"validator\" for further organisations",
        );
    }
}

//! The chain's specification: that of the built-in local chain with this network's own beginning.
//! `assay-node` writes the former, and makes the raw form that all nodes start from.

use super::{
    files::{self, FileFault},
    founders::{FoundedOrganisation, Founders},
    node::{FoundedNode, Role, SessionKeys},
    plan::Plan,
};
use serde_json::{json, Value as Json};
use sp_core::{crypto::Ss58Codec, ed25519, sr25519};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The node's file name.
const PROGRAM: &str = "assay-node";
/// The specification before it's raw; gone when all is done.
const DRAFT_FILE: &str = "draft.json";

/// Why there's no specification.
#[derive(Debug, thiserror::Error)]
pub enum SpecFault {
    #[error(
        "there is no assay-node beside this program or in PATH; name it with --node-program PATH"
    )]
    NoProgram,
    #[error("{program} can't be run: {reason}; name another one with --node-program PATH")]
    NotRun { program: PathBuf, reason: std::io::Error },
    #[error("{program} {what} failed: {message}")]
    Refused { program: PathBuf, what: String, message: String },
    #[error("{program} gives no specification that this release knows: {reason}")]
    Unknown { program: PathBuf, reason: String },
    #[error(transparent)]
    File(#[from] FileFault),
    #[error("{path}: {reason}")]
    Draft { path: PathBuf, reason: std::io::Error },
}

/// The node's program: the one given, else the one beside this program, else in PATH.
///
/// # Errors
/// `NoProgram` when there's none.
pub fn find_program(given: Option<&Path>) -> Result<PathBuf, SpecFault> {
    if let Some(given) = given {
        return Ok(given.into());
    }
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(PROGRAM));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join(PROGRAM));
    let mut all = beside.into_iter().chain(in_path);
    all.find(|program| program.is_file()).ok_or(SpecFault::NoProgram)
}

/// Makes the raw specification, with a draft of it in `directory` meanwhile.
pub fn make(
    plan: &Plan,
    founders: &Founders,
    nodes: &[FoundedNode],
    program: &Path,
    directory: &Path,
) -> Result<Vec<u8>, SpecFault> {
    let local = export(program, &["--chain", "local"])?;
    let unknown =
        |reason: &str| SpecFault::Unknown { program: program.into(), reason: reason.into() };
    let mut spec: Json =
        serde_json::from_slice(&local).map_err(|reason| unknown(&reason.to_string()))?;
    adapt(&mut spec, plan, founders, nodes).ok_or_else(|| unknown("it has no genesis patch"))?;
    let draft = directory.join(DRAFT_FILE);
    files::write(&draft, spec.to_string())?;
    let named = draft.display().to_string();
    let raw = export(program, &["--chain", &named, "--raw"])?;
    fs::remove_file(&draft).map_err(|reason| SpecFault::Draft { path: draft, reason })?;
    let state: Json =
        serde_json::from_slice(&raw).map_err(|reason| unknown(&reason.to_string()))?;
    match state.pointer("/genesis/raw") {
        Some(_) => Ok(raw),
        None => Err(unknown("its raw form has no state")),
    }
}

fn export(program: &Path, words: &[&str]) -> Result<Vec<u8>, SpecFault> {
    let run = Command::new(program).arg("export-chain-spec").args(words).output();
    let output = run.map_err(|reason| SpecFault::NotRun { program: program.into(), reason })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(SpecFault::Refused {
        program: program.into(),
        what: format!("export-chain-spec {}", words.join(" ")),
        message: String::from_utf8_lossy(&output.stderr).trim().into(),
    })
}

/// Makes the local chain's specification that of the network; `None` when it has no patch.
fn adapt(spec: &mut Json, plan: &Plan, founders: &Founders, nodes: &[FoundedNode]) -> Option<()> {
    let patch = spec.pointer_mut("/genesis/runtimeGenesis/patch")?;
    *patch = genesis(plan, founders, nodes);
    let spec = spec.as_object_mut()?;
    let addresses: Vec<String> = nodes.iter().map(FoundedNode::address).collect();
    spec.insert("name".into(), json!(plan.name));
    spec.insert("id".into(), json!(plan.id));
    spec.insert("chainType".into(), json!("Live"));
    spec.insert("bootNodes".into(), json!(addresses));
    Some(())
}

/// What the chain begins with, in the form of the runtime's genesis configuration.
fn genesis(plan: &Plan, founders: &Founders, nodes: &[FoundedNode]) -> Json {
    let owner = |founded: &FoundedNode| founders.organisations.get(founded.node.organisation);
    let validators: Vec<(String, &SessionKeys)> = nodes
        .iter()
        .filter(|founded| founded.node.role == Role::Validator)
        .filter_map(|founded| Some((address(owner(founded)?), founded.session_keys.as_ref()?)))
        .collect();
    let accounts: Vec<&String> = validators.iter().map(|(account, _)| account).collect();
    let keys: Vec<Json> = validators
        .iter()
        .map(|(account, keys)| json!([account, account, session_keys(keys)]))
        .collect();
    let authorities: Vec<&Vec<u8>> =
        founders.authorities.iter().map(|authority| &authority.certificate).collect();
    let members: Vec<&Vec<u8>> =
        founders.organisations.iter().map(|organisation| &organisation.certificate).collect();
    json!({
        "membership": {
            "authorities": authorities,
            "members": members,
            "organisations": [],
            "nodes": node_keys(founders, nodes),
            "quotaMillis": plan.quota_millis,
        },
        "validators": {
            "validators": accounts,
            "minimum": plan.minimum,
            "sessionBlocks": plan.session_blocks,
        },
        "session": { "keys": keys },
    })
}

/// The nodes of each organisation that has any.
fn node_keys(founders: &Founders, nodes: &[FoundedNode]) -> Vec<Json> {
    let of = |position: usize| -> Vec<[u8; 32]> {
        let own = nodes.iter().filter(|founded| founded.node.organisation == position);
        own.map(|founded| founded.key).collect()
    };
    let all = founders.organisations.iter().enumerate();
    all.map(|(position, organisation)| (organisation, of(position)))
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(organisation, keys)| json!([address(organisation), keys]))
        .collect()
}

fn address(organisation: &FoundedOrganisation) -> String {
    organisation.account.to_ss58check()
}

fn session_keys(keys: &SessionKeys) -> Json {
    json!({
        "aura": sr25519::Public::from_raw(keys.aura).to_ss58check(),
        "grandpa": ed25519::Public::from_raw(keys.grandpa).to_ss58check(),
    })
}

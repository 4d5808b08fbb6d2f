//! A consortium of its own, from one small file: NETWORK.toml (`examples/network.toml` explains every
//! key). The founders write it together; [`init`] makes of it what each node starts from.
//!
//! | module | for |
//! |---|---|
//! | `config` | the file as it's written, and what is wrong with it |
//! | `plan`, `members`, `sites` | the network that a file describes, once nothing contradicts |
//! | `founders` | authorities and organisations: their keys and certificates |
//! | `node` | a node's keys, address, list of peers and start script |
//! | `spec` | the chain's specification, with the help of `assay-node` |
//! | `restart` | a new chain with an old one's state |
//! | `files` | writing, secrets with the rights of secrets |

mod config;
mod files;
mod founders;
mod members;
mod node;
mod plan;
mod restart;
mod sites;
mod spec;
#[cfg(test)]
mod tests;

pub use self::{
    config::ConfigFault,
    files::{check_vacant, FileFault},
    founders::{Founders, FoundersFault},
    node::{FoundedNode, Role},
    plan::{check_id, Plan},
    restart::{restart, RestartFault},
    spec::{find_program, SpecFault},
};

use self::files::Draft;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// File of the chain's specification, in the network's directory and in every node's.
pub const SPEC_FILE: &str = "consortium.json";

/// Why a network could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NetworkFault {
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error(transparent)]
    File(#[from] FileFault),
    #[error(transparent)]
    Founders(#[from] FoundersFault),
    #[error(transparent)]
    Spec(#[from] SpecFault),
}

/// What [`init`] made.
pub struct Made {
    pub directory: PathBuf,
    pub founders: Founders,
    pub nodes: Vec<FoundedNode>,
    /// SHA-256 of the specification: what founders compare, since all must start from the same file.
    pub spec_sha256: String,
}

/// Makes the network in `directory`, which must be absent or empty; `note` hears of each step.
///
/// The files are written beside it and renamed at the end: there is all of them or none.
///
/// # Errors
///
/// [`NetworkFault`] when the directory holds something, a file can't be written, a certificate can't
/// be made, or `assay-node` refuses the specification.
pub fn init(
    plan: &Plan,
    directory: &Path,
    node_program: &Path,
    passphrase: &str,
    note: &mut dyn FnMut(&str),
) -> Result<Made, NetworkFault> {
    let draft = Draft::begin(directory)?;
    let founders = founders::found(plan, draft.path(), passphrase, note)?;
    let nodes = node::found(plan);
    note("making the chain's specification");
    let raw = spec::make(plan, &founders, &nodes, node_program, draft.path())?;
    files::write(&draft.path().join(SPEC_FILE), &raw)?;
    for founded in &nodes {
        node::write(plan, &nodes, founded, &raw, draft.path())?;
    }
    let directory = draft.finish()?;
    Ok(Made { directory, founders, nodes, spec_sha256: hex::encode(Sha256::digest(&raw)) })
}

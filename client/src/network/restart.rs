//! A new chain with an old one's state: the last resort when too few validators are left to make a
//! block final.

use super::files::{self, FileFault};
use serde_json::{json, Value as Json};
use sp_crypto_hashing::twox_128;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What counts the old chain's blocks, by pallet and item: the new chain counts from 0.
const COUNTERS: [(&str, &str); 2] = [("System", "Number"), ("Validators", "SessionStart")];

/// Why a state can't begin a chain.
#[derive(Debug, thiserror::Error)]
pub enum RestartFault {
    #[error("{path}: the state can't be read: {reason}")]
    Unreadable { path: PathBuf, reason: std::io::Error },
    #[error("{path} holds no state that `assay-node export-state` wrote: {reason}")]
    NoState { path: PathBuf, reason: String },
    #[error("the new chain needs an id of its own, and the old one's is \"{0}\"")]
    SameId(String),
    #[error(transparent)]
    File(#[from] FileFault),
}

/// Writes the specification of a chain that begins with the state of the file, and gives it back.
///
/// It names no boot nodes: every node has its own list of peers.
///
/// # Errors
/// [`RestartFault`] when the file holds no state, the id is the old one's, or `out` can't be made.
pub fn restart(state: &Path, name: &str, id: &str, out: &Path) -> Result<Vec<u8>, RestartFault> {
    let text = fs::read(state)
        .map_err(|reason| RestartFault::Unreadable { path: state.into(), reason })?;
    let no_state = |reason: String| RestartFault::NoState { path: state.into(), reason };
    let mut spec: Json =
        serde_json::from_slice(&text).map_err(|reason| no_state(reason.to_string()))?;
    if spec["id"] == id {
        return Err(RestartFault::SameId(id.into()));
    }
    let top = spec.pointer_mut("/genesis/raw/top").and_then(Json::as_object_mut);
    let top = top.ok_or_else(|| no_state("it has no raw state".into()))?;
    for (pallet, item) in COUNTERS {
        let counted = top.remove(&storage_key(pallet, item));
        if counted.is_none() {
            return Err(no_state(format!("it lacks {pallet}::{item}, which counts blocks")));
        }
    }
    spec["name"] = json!(name);
    spec["id"] = json!(id);
    spec["bootNodes"] = json!([]);
    let made = spec.to_string().into_bytes();
    files::write(out, &made)?;
    Ok(made)
}

/// The key of a single value in the raw state.
fn storage_key(pallet: &str, item: &str) -> String {
    let hashed = |text: &str| hex::encode(twox_128(text.as_bytes()));
    format!("0x{}{}", hashed(pallet), hashed(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac";
    const SESSION_START: &str =
        "0x88dcde934c658227ee1dfafcd6e1690370f8f520192b8926c3066c84851b01c6";

    fn state(top: &Json) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let spec = json!({ "name": "Old", "id": "old", "bootNodes": ["/ip4/10.0.0.1"],
            "genesis": { "raw": { "top": top } } });
        fs::write(&path, spec.to_string()).unwrap();
        (folder, path)
    }

    #[test]
    fn should_count_blocks_from_the_beginning_and_keep_all_else() {
        let kept = "0x26aa394eea5630e07c48ae0c9558cef78a42f33323cb5ced3b44dd825fda9fcc";
        let (folder, path) =
            state(&json!({ NUMBER: "0x66000000", SESSION_START: "0x64000000", kept: "0x00" }));
        let out = folder.path().join("consortium.json");
        let made = restart(&path, "New", "new", &out).unwrap();
        assert_eq!(fs::read(&out).unwrap(), made);
        let spec: Json = serde_json::from_slice(&made).unwrap();
        assert_eq!(spec["genesis"]["raw"]["top"], json!({ kept: "0x00" }));
        assert_eq!((&spec["name"], &spec["id"]), (&json!("New"), &json!("new")));
        assert_eq!(spec["bootNodes"], json!([]));
        let fault = restart(&path, "New", "new", &out).unwrap_err();
        assert!(matches!(fault, RestartFault::File(_)), "{fault}");
    }

    #[test]
    fn should_refuse_a_state_when_it_is_none_or_the_id_is_the_old_ones() {
        let (folder, path) = state(&json!({ NUMBER: "0x66000000" }));
        let out = folder.path().join("consortium.json");
        let fault = restart(&path, "New", "new", &out).unwrap_err();
        assert!(fault.to_string().contains("Validators::SessionStart"), "{fault}");
        let fault = restart(&path, "New", "old", &out).unwrap_err();
        assert!(matches!(fault, RestartFault::SameId(_)), "{fault}");
        fs::write(&path, "{}").unwrap();
        let fault = restart(&path, "New", "new", &out).unwrap_err();
        assert!(fault.to_string().contains("no raw state"), "{fault}");
        assert!(!out.exists());
    }
}

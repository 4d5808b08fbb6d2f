//! Checks of NETWORK.toml files, and the files of a small network.

mod checks;
mod made;

use super::{ConfigFault, Plan};
use crate::{
    certificate::{self, MemberTerms, CERTIFICATE},
    chain::Key,
};
use assay_primitives::member::Roles;
use std::{fs, path::Path};
use tempfile::TempDir;

/// 2030-01-01.
const NOW_SECS: u64 = 1_893_456_000;
const DAY_SECS: u64 = 86_400;

/// The head of a network that is allowed to be small.
const HEAD: &str = "name = \"Trial\"\nid = \"trial\"\ndev = true\n";
const AUTHORITY: &str = "[[authority]]\nname = \"Root\"\n";

fn organisation(name: &str, roles: &str) -> String {
    format!("[[organisation]]\nname = \"{name}\"\nroles = [{roles}]\nauthority = \"Root\"\n")
}

fn node(name: &str, organisation: &str, role: &str, address: &str) -> String {
    format!(
        "[[node]]\nname = \"{name}\"\norganisation = \"{organisation}\"\nrole = \"{role}\"\n\
         address = \"{address}\"\n"
    )
}

/// One bank with a validator, and one with an archive node.
fn small() -> String {
    [
        HEAD,
        AUTHORITY,
        &organisation("First Bank", "\"council\", \"validator\""),
        &organisation("Bureau", "\"bureau\""),
        &node("bank-1", "First Bank", "validator", "10.0.0.1"),
        &node("bureau-1", "Bureau", "archive", "bureau.example"),
    ]
    .concat()
}

/// A directory with the text as NETWORK.toml.
fn folder_of(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("NETWORK.toml"), text).unwrap();
    folder
}

fn read_in(folder: &Path) -> Result<Plan, ConfigFault> {
    Plan::read(&folder.join("NETWORK.toml"), NOW_SECS)
}

fn read(text: &str) -> Result<Plan, ConfigFault> {
    read_in(folder_of(text).path())
}

/// The message about a network that is refused.
fn refusal(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

/// Writes the certificates of an authority and of a member of that key into the folder.
fn issue_elsewhere(folder: &Path, member: &Key, name: &str, roles: Roles) {
    let root = Key::generate();
    let (from, to) = (NOW_SECS - DAY_SECS, NOW_SECS + DAY_SECS);
    let authority = certificate::authority(&root, "Root", from, to).unwrap();
    let terms =
        MemberTerms { name: name.into(), roles, not_before: from, not_after: to, serial: None };
    let issued = certificate::issue(&root, &authority, &member.account(), &terms).unwrap();
    for (file, der) in [("root.pem", authority), ("member.pem", issued)] {
        fs::write(folder.join(file), certificate::to_pem(CERTIFICATE, &der)).unwrap();
    }
}

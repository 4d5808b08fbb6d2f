//! A consortium's files, made as its founders make them: certificates, one NETWORK.toml, and what
//! `assay network init` makes of both.

use super::wires::data_address;
use crate::node::program;
use anyhow::{ensure, Context, Result};
use assay_client::{
    certificate::{self, MemberTerms, CERTIFICATE},
    chain::Key,
    network,
};
use assay_primitives::member::{CertificateBytes, Roles};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Names the directory of a node's data.
pub const CHAIN_ID: &str = "assay_e2e";
/// The one authority.
const AUTHORITY: &str = "Consortium Authority";
/// Of the keys that are made by `network init`.
const PASSPHRASE: &str = "a passphrase for tests";
const DAY_SECS: u64 = 86_400;
const AUTHORITY_DAYS: u64 = 3_650;
const MEMBER_DAYS: u64 = 365;
/// Clocks of members may be behind.
const BACKDATED_SECS: u64 = 3_600;

/// The council, each with a validator; they share the other roles.
pub const FOUNDERS: [(&str, &str, Roles); 4] = [
    ("bank", "First Bank", Roles::ORIGINATOR.with(Roles::SERVICER).with(Roles::SPV)),
    ("bureau", "Credit Bureau", Roles::BUREAU.with(Roles::AUDITOR)),
    ("exchange", "Exchange", Roles::EXCHANGE.with(Roles::CUSTODIAN).with(Roles::INVESTOR)),
    ("second", "Second Bank", Roles::RISK_CONTROLLER.with(Roles::GUARANTOR)),
];
const COUNCIL: Roles = Roles::COUNCIL.with(Roles::VALIDATOR);

/// What a network consists of besides the four founders and their validators.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Whether there is an archive node; it is the first after the validators.
    pub archive: bool,
    /// Whether there is a node that serves commands and makes no blocks; it is the last.
    pub member: bool,
    pub session_blocks: u32,
    /// Whether `network init` makes the keys: each takes a second, for keys are encrypted.
    pub makes_keys: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { archive: false, member: false, session_blocks: 10, makes_keys: false }
    }
}

/// An authority that signs certificates.
pub struct Authority {
    key: Key,
    certificate: Vec<u8>,
}

/// A network before its first start.
pub struct Founded {
    /// Where all its files are.
    pub directory: PathBuf,
    /// The founders' keys, in the order of [`FOUNDERS`].
    pub keys: Vec<Key>,
    /// None when its key was made by `network init`.
    pub authority: Option<Authority>,
    /// Name and directory of each node.
    pub nodes: Vec<(String, PathBuf)>,
}

impl Authority {
    fn new() -> Result<Authority> {
        let key = Key::generate();
        let (from, to) = validity(AUTHORITY_DAYS);
        let certificate = certificate::authority(&key, AUTHORITY, from, to)?;
        Ok(Authority { key, certificate })
    }

    /// Issues a member's certificate, DER encoded.
    ///
    /// # Errors
    /// When it can't be issued.
    pub fn issue(&self, member: &Key, name: &str, roles: Roles) -> Result<CertificateBytes> {
        let (not_before, not_after) = validity(MEMBER_DAYS);
        let terms =
            MemberTerms { name: name.to_owned(), roles, not_before, not_after, serial: None };
        let der = certificate::issue(&self.key, &self.certificate, &member.account(), &terms)?;
        CertificateBytes::try_from(der).ok().context("the certificate is too large")
    }
}

/// First and last second of certificates.
fn validity(days: u64) -> (u64, u64) {
    let now_secs = certificate::clock_secs();
    (now_secs - BACKDATED_SECS, now_secs + days * DAY_SECS)
}

/// Makes a network's files below the directory.
///
/// # Errors
/// When `network init` refuses, or a file can't be written.
pub fn found(plan: Plan, directory: &Path) -> Result<Founded> {
    let mut text = format!(
        "name = \"Assay end to end\"\nid = \"{CHAIN_ID}\"\nsession_blocks = {}\n\n\
         [[authority]]\nname = \"{AUTHORITY}\"\n",
        plan.session_blocks
    );
    let authority = if plan.makes_keys { None } else { Some(Authority::new()?) };
    let mut keys = Vec::new();
    if let Some(authority) = &authority {
        writeln!(text, "certificate = \"authority.pem\"")?;
        write_pem(&directory.join("authority.pem"), &authority.certificate)?;
    }
    for (file, name, roles) in FOUNDERS {
        let roles = roles.with(COUNCIL);
        write!(text, "\n[[organisation]]\nname = \"{name}\"\nauthority = \"{AUTHORITY}\"\n")?;
        match &authority {
            None => writeln!(text, "roles = {:?}", roles.names())?,
            Some(authority) => {
                let key = Key::generate();
                let der = authority.issue(&key, name, roles)?;
                write_pem(&directory.join(file).with_extension("pem"), &der)?;
                writeln!(text, "certificate = \"{file}.pem\"")?;
                keys.push(key);
            }
        }
    }
    for (number, (name, owner, role)) in (1..).zip(nodes(plan)) {
        write!(
            text,
            "\n[[node]]\nname = \"{name}\"\norganisation = \"{owner}\"\nrole = \"{role}\"\n\
             address = \"{}\"\n",
            data_address(number)
        )?;
    }
    let file = directory.join("network.toml");
    fs::write(&file, text)?;
    let made = init(&file, &directory.join("network"))?;
    if plan.makes_keys {
        keys = made_keys(&made)?;
    }
    let nodes = made
        .nodes
        .iter()
        .map(|node| (node.node.name.clone(), made.directory.join(node.directory())))
        .collect();
    ensure!(keys.len() == FOUNDERS.len(), "there are {} founders", keys.len());
    Ok(Founded { directory: made.directory, keys, authority, nodes })
}

/// Name, owner and role of each node.
fn nodes(plan: Plan) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut nodes: Vec<_> =
        FOUNDERS.iter().map(|(file, name, _)| (*file, *name, "validator")).collect();
    if plan.archive {
        nodes.push(("archive", FOUNDERS[1].1, "archive"));
    }
    if plan.member {
        nodes.push(("member", FOUNDERS[3].1, "member"));
    }
    nodes
}

fn write_pem(path: &Path, der: &[u8]) -> Result<()> {
    Ok(fs::write(path, certificate::to_pem(CERTIFICATE, der))?)
}

fn init(file: &Path, directory: &Path) -> Result<network::Made> {
    let plan = network::Plan::read(file, certificate::clock_secs())?;
    let node_program = program("assay-node")?;
    Ok(network::init(&plan, directory, &node_program, PASSPHRASE, &mut |_| {})?)
}

/// The keys that `network init` made, decrypted.
fn made_keys(made: &network::Made) -> Result<Vec<Key>> {
    let organisations = &made.founders.organisations;
    organisations
        .iter()
        .map(|organisation| {
            let file = organisation.key_file.as_ref().context("a key was not made")?;
            Ok(Key::read(&made.directory.join(file), PASSPHRASE)?)
        })
        .collect()
}

//! `assay member authority`: the authorities whose certificates the consortium takes.

use super::{
    context::{wrong_use, Context},
    member::decide,
    member_certificate::{holding, signing_key, Holding},
    show::{date, moment, text, Facts, TextTable},
};
use crate::{
    certificate::{self, read_pem_or_der, CERTIFICATE},
    chain::{api, call::membership},
};
use anyhow::{anyhow, bail, Context as _};
use assay_certificate::{AuthorityKey, Root};
use assay_primitives::{
    member::{Authority, CertificateBytes, Serial},
    AccountId, AuthorityId, UnixSecs,
};
use clap::Subcommand;
use serde_json::{json, Value as Json};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum AuthorityCommand {
    /// Make an authority: the self-signed certificate of --key
    New {
        /// What it is called
        #[arg(long)]
        name: String,
        /// How long it holds
        #[arg(long)]
        days: u32,
        /// The file to make, in PEM; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List the authorities of the chain
    List,
    /// Show one authority and the serial numbers revoked under it
    Show {
        /// Number or name
        authority: String,
        /// Also write its certificate to this file, in PEM
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take certificates of an authority from now on (council)
    Add {
        /// Its self-signed certificate, PEM or DER
        certificate: PathBuf,
    },
    /// Take no certificates of an authority any more; those that it signed lose effect (council)
    Remove {
        /// Number or name
        authority: String,
    },
}

/// Runs the command.
pub async fn run(context: &Context, command: &AuthorityCommand) -> anyhow::Result<()> {
    match command {
        AuthorityCommand::New { name, days, out } => make(context, name, *days, out),
        AuthorityCommand::List => list(context).await,
        AuthorityCommand::Show { authority, out } => show(context, authority, out.as_deref()).await,
        AuthorityCommand::Add { certificate } => add(context, certificate).await,
        AuthorityCommand::Remove { authority } => {
            let chain = context.chain().await?;
            let authorities = api::authorities(&chain, None).await?;
            let (number, found) = pick(&authorities, authority)?;
            let done = format!("certificates of {} are taken no more", text(&found.name));
            decide(context, &chain, membership::remove_authority(*number), &done).await
        }
    }
}

fn make(context: &Context, name: &str, days: u32, out: &Path) -> anyhow::Result<()> {
    let key = signing_key(context, "the authority's own key")?;
    let Holding { not_before_secs, not_after_secs } = holding(days)?;
    let der = certificate::authority(&key, name, not_before_secs, not_after_secs)?;
    certificate::write_new(out, CERTIFICATE, &der)?;
    let object = json!({
        "file": out,
        "name": name,
        "account": key.address(),
        "not_before_secs": not_before_secs,
        "not_after_secs": not_after_secs,
    });
    let facts = Facts::new()
        .fact("authority", name)
        .fact("valid until", moment(not_after_secs))
        .fact("file", out.display())
        .fact("next", "the council takes it in: assay member authority add FILE");
    context.output.result(&object, facts)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let authorities = api::authorities(&chain, None).await?;
    let mut table = TextTable::new(&[">number", "name", "key", "valid from", "valid until"]);
    for (number, authority) in &authorities {
        table.row([
            number.to_string(),
            text(&authority.name),
            key_word(authority).into(),
            date(authority.not_before_secs),
            date(authority.not_after_secs),
        ]);
    }
    let objects: Vec<Json> =
        authorities.iter().map(|(number, authority)| to_json(*number, authority)).collect();
    context.output.result(&json!({ "authorities": objects }), table)
}

async fn show(context: &Context, words: &str, out: Option<&Path>) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let authorities = api::authorities(&chain, None).await?;
    let (number, authority) = pick(&authorities, words)?;
    let revoked = api::revoked(&chain, *number, None).await?;
    let mut object = to_json(*number, authority);
    object["revoked"] = revoked.iter().map(revoked_json).collect();
    let mut facts = Facts::new()
        .fact("number", number)
        .fact("name", text(&authority.name))
        .fact("key", key_word(authority))
        .fact("hash", format!("{:?}", authority.hash))
        .fact("valid from", moment(authority.not_before_secs))
        .fact("valid until", moment(authority.not_after_secs));
    for (serial, at_secs) in &revoked {
        facts = facts.fact("revoked", format!("{} at {}", hex::encode(serial), moment(*at_secs)));
    }
    if let Some(out) = out {
        certificate::write_new(out, CERTIFICATE, &authority.certificate)?;
        object["file"] = json!(out);
        facts = facts.fact("file", out.display());
    }
    context.output.result(&object, facts)
}

async fn add(context: &Context, path: &Path) -> anyhow::Result<()> {
    let der = read_pem_or_der(path, CERTIFICATE)?;
    let root = assay_certificate::read_root(&der).with_context(|| path.display().to_string())?;
    let bytes = to_bytes(der)?;
    let chain = context.chain().await?;
    let authorities = api::authorities(&chain, None).await?;
    if let Some((number, _)) = authorities.iter().find(|(_, known)| known.hash == root.hash) {
        bail!("{}: the chain has this authority already, by number {number}", path.display());
    }
    let name = text(&root.name);
    context.output.note(format!(
        "authority \"{name}\", {}, valid from {} until {}, hash {:?}",
        root_key_word(&root),
        moment(root.not_before_secs),
        moment(root.not_after_secs),
        root.hash
    ));
    let done = format!("certificates of {name} are taken");
    decide(context, &chain, membership::add_authority(&bytes), &done).await
}

/// The certificate within the chain's limit.
pub fn to_bytes(der: Vec<u8>) -> anyhow::Result<CertificateBytes> {
    let length = der.len();
    CertificateBytes::try_from(der).map_err(|_| {
        anyhow!("the certificate has {length} bytes, which is more than the chain takes")
    })
}

/// The authority that the words name.
pub fn pick<'a>(
    authorities: &'a [(AuthorityId, Authority)],
    words: &str,
) -> anyhow::Result<&'a (AuthorityId, Authority)> {
    let number: Option<AuthorityId> = words.parse().ok();
    let found: Vec<_> = authorities
        .iter()
        .filter(|(id, authority)| Some(*id) == number || text(&authority.name) == words)
        .collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => bail!("no authority \"{words}\"; `assay member authority list` shows them"),
        several => {
            let numbers: Vec<String> = several.iter().map(|(id, _)| id.to_string()).collect();
            wrong_use(format!(
                "\"{words}\" names several authorities: say which of the numbers {}",
                numbers.join(", ")
            ))
        }
    }
}

/// The kind of key that an authority signs with.
fn key_word(authority: &Authority) -> &'static str {
    match assay_certificate::read_root(&authority.certificate) {
        Ok(root) => root_key_word(&root),
        Err(_) => "unknown",
    }
}

fn root_key_word(root: &Root) -> &'static str {
    match root.key {
        AuthorityKey::Ed25519(_) => "Ed25519",
        AuthorityKey::P256(_) => "P-256",
    }
}

fn to_json(number: AuthorityId, authority: &Authority) -> Json {
    let root = assay_certificate::read_root(&authority.certificate).ok();
    let account = root.and_then(|root| match root.key {
        AuthorityKey::Ed25519(key) => Some(super::show::address(&AccountId::new(key))),
        AuthorityKey::P256(_) => None,
    });
    json!({
        "number": number,
        "name": text(&authority.name),
        "key": key_word(authority),
        "account": account,
        "hash": format!("{:?}", authority.hash),
        "not_before_secs": authority.not_before_secs,
        "not_after_secs": authority.not_after_secs,
    })
}

fn revoked_json((serial, at_secs): &(Serial, UnixSecs)) -> Json {
    json!({ "serial": hex::encode(serial), "at_secs": at_secs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::H256;

    fn known(number: AuthorityId, name: &str) -> (AuthorityId, Authority) {
        let (_, der) = certificate::development_authority();
        let authority = Authority {
            name: name.as_bytes().to_vec().try_into().unwrap(),
            hash: H256::repeat_byte(1),
            not_before_secs: 0,
            not_after_secs: 1,
            certificate: der.try_into().unwrap(),
        };
        (number, authority)
    }

    #[test]
    fn should_find_an_authority_by_number_or_by_the_only_name() {
        let all = [known(1, "Bank"), known(2, "Bank"), known(3, "Exchange")];
        assert_eq!(pick(&all, "2").unwrap().0, 2);
        assert_eq!(pick(&all, "Exchange").unwrap().0, 3);
        assert!(pick(&all, "Bank").unwrap_err().to_string().contains("numbers 1, 2"));
        assert!(pick(&all, "7").unwrap_err().to_string().contains("authority list"));
    }

    #[test]
    fn should_tell_the_kind_of_key_when_the_certificate_is_read() {
        let (number, authority) = known(1, "Bank");
        assert_eq!(to_json(number, &authority)["key"], "Ed25519");
    }
}

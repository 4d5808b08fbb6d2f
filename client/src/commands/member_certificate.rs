//! `assay member request`, `certificate`, `enroll` and `renew`: a certificate from its request to the
//! chain.

mod hand_in;

pub use self::hand_in::{enroll, renew, EnrollArgs, RenewArgs};

use super::{
    context::{read_key, wrong_use, Context},
    member::{parse_role, together},
    show::{address, moment, text, Facts},
};
use crate::{
    certificate::{self, clock_secs, read_pem_or_der, read_request, Request, CERTIFICATE, REQUEST},
    chain::Key,
};
use anyhow::Context as _;
use assay_certificate::{Fault, MemberCertificate, Root};
use assay_primitives::{member::Roles, AccountId};
use clap::{Args, Subcommand};
use serde_json::{json, Value as Json};
use std::path::{Path, PathBuf};

/// Certificates begin so much before they are made: other machines' clocks may be slow.
const BACKDATED_SECS: u64 = 3_600;
const DAY_SECS: u64 = 86_400;
/// Longest time for which certificates are made here: twenty years.
const MAX_DAYS: u32 = 7_305;

#[derive(Debug, Args)]
pub struct RequestArgs {
    /// The organisation's name
    #[arg(long)]
    name: String,
    /// What it wants to do: bureau,originator,...
    #[arg(long, value_delimiter = ',', required = true, value_parser = parse_role)]
    roles: Vec<Roles>,
    /// The file to make, in PEM; an existing one is never overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CertificateArgs {
    #[command(subcommand)]
    show: Option<CertificateCommand>,
    /// The request, PEM or DER, made here or by OpenSSL
    #[arg(required = true)]
    request: Option<PathBuf>,
    /// The certificate of the authority that issues, whose key is given with --key
    #[arg(long, required = true, value_name = "ROOT.pem")]
    authority: Option<PathBuf>,
    /// How long it holds
    #[arg(long, required = true)]
    days: Option<u32>,
    /// The file to make, in PEM; an existing one is never overwritten
    #[arg(long, required = true, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum CertificateCommand {
    /// Show what a certificate or a request says
    Show {
        /// PEM or DER
        file: PathBuf,
        /// The certificate of the authority that should have signed it
        #[arg(long, value_name = "ROOT.pem")]
        authority: Option<PathBuf>,
    },
}

/// From when to when a certificate holds.
pub struct Holding {
    pub not_before_secs: u64,
    pub not_after_secs: u64,
}

/// From now on for so many days.
pub fn holding(days: u32) -> anyhow::Result<Holding> {
    if days == 0 || days > MAX_DAYS {
        return wrong_use(format!("a certificate holds for 1 to {MAX_DAYS} days, not {days}"));
    }
    let now = clock_secs();
    Ok(Holding {
        not_before_secs: now.saturating_sub(BACKDATED_SECS),
        not_after_secs: now + u64::from(days) * DAY_SECS,
    })
}

/// The key given with `--key`; `whose` says which one it should be.
pub fn signing_key(context: &Context, whose: &str) -> anyhow::Result<Key> {
    match context.key.as_deref() {
        Some(given) => read_key(given),
        None => wrong_use(format!("name the file of {whose} with --key")),
    }
}

/// `assay member request`.
pub fn request(context: &Context, args: &RequestArgs) -> anyhow::Result<()> {
    let key = signing_key(context, "the member's own key")?;
    let roles = together(&args.roles);
    let der = certificate::request(&key, &args.name, roles)?;
    certificate::write_new(&args.out, REQUEST, &der)?;
    let object = json!({
        "file": args.out,
        "name": args.name,
        "account": key.address(),
        "roles": roles.names(),
    });
    let facts = Facts::new()
        .fact("name", &args.name)
        .fact("account", key.address())
        .fact("roles", roles.names().join(", "))
        .fact("file", args.out.display())
        .fact("next", "give the file to an authority: assay member certificate FILE");
    context.output.result(&object, facts)
}

/// `assay member certificate`.
pub fn run(context: &Context, args: &CertificateArgs) -> anyhow::Result<()> {
    if let Some(CertificateCommand::Show { file, authority }) = &args.show {
        return show(context, file, authority.as_deref());
    }
    match (&args.request, &args.authority, args.days, &args.out) {
        (Some(request), Some(authority), Some(days), Some(out)) => {
            issue(context, request, authority, days, out)
        }
        _ => wrong_use("give the request, --authority, --days and --out"),
    }
}

fn issue(
    context: &Context,
    request: &Path,
    authority: &Path,
    days: u32,
    out: &Path,
) -> anyhow::Result<()> {
    let request_der = read_pem_or_der(request, REQUEST)?;
    let asked = read_request(&request_der).with_context(|| request.display().to_string())?;
    let root_der = read_pem_or_der(authority, CERTIFICATE)?;
    let root = read_root(authority, &root_der)?;
    let Holding { not_before_secs, not_after_secs } = holding(days)?;
    context.output.note(format!(
        "{} grants \"{}\" ({}) the roles {} until {}",
        text(&root.name),
        asked.name,
        address(&asked.account),
        asked.roles.names().join(", "),
        moment(not_after_secs)
    ));
    let key = signing_key(context, "the authority's key")?;
    let der = certificate::issue_for_request(
        &key,
        &root_der,
        &request_der,
        not_before_secs,
        not_after_secs,
    )?;
    let issued = assay_certificate::read_member(&der, &root_der)?;
    certificate::write_new(out, CERTIFICATE, &der)?;
    let mut object = member_json(&issued)?;
    object["file"] = json!(out);
    let facts = member_facts(&issued)?
        .fact("authority", text(&root.name))
        .fact("file", out.display())
        .fact("next", "any member hands it in: assay member enroll FILE");
    context.output.result(&object, facts)
}

fn read_root(path: &Path, der: &[u8]) -> anyhow::Result<Root> {
    assay_certificate::read_root(der).with_context(|| path.display().to_string())
}

/// What a member's certificate says, for machines.
fn member_json(certificate: &MemberCertificate) -> anyhow::Result<Json> {
    Ok(json!({
        "kind": "member",
        "name": text(&certificate.name),
        "account": address(&AccountId::new(certificate.account)),
        "roles": certificate.roles()?.names(),
        "serial": hex::encode(&certificate.serial),
        "hash": format!("{:?}", certificate.hash),
        "not_before_secs": certificate.not_before_secs,
        "not_after_secs": certificate.not_after_secs,
    }))
}

/// What a member's certificate says, for people.
fn member_facts(certificate: &MemberCertificate) -> anyhow::Result<Facts> {
    let roles = certificate.roles()?;
    let confirmed = roles.and(Roles::CONFIRMED);
    let mut facts = Facts::new()
        .fact("name", text(&certificate.name))
        .fact("account", address(&AccountId::new(certificate.account)))
        .fact("roles", roles.names().join(", "));
    if confirmed != Roles::NONE {
        facts = facts.fact("to be confirmed", confirmed.names().join(", "));
    }
    Ok(facts
        .fact("serial", hex::encode(&certificate.serial))
        .fact("valid from", moment(certificate.not_before_secs))
        .fact("valid until", moment(certificate.not_after_secs)))
}

/// Shows a certificate or a request; which one it is its content tells.
fn show(context: &Context, file: &Path, authority: Option<&Path>) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    if let Ok(der) = read_pem_or_der(file, REQUEST) {
        let asked = read_request(&der);
        if asked.is_ok() || read_pem_or_der(file, CERTIFICATE).is_err() {
            return show_request(context, &asked.with_context(named)?);
        }
    }
    let der = read_pem_or_der(file, CERTIFICATE)?;
    if let Some(authority) = authority {
        let root_der = read_pem_or_der(authority, CERTIFICATE)?;
        let root = read_root(authority, &root_der)?;
        let member = assay_certificate::read_member(&der, &root_der).with_context(named)?;
        return show_member(context, &member, &text(&root.name), true);
    }
    match assay_certificate::read_root(&der) {
        Ok(root) => show_root(context, &root),
        Err(Fault::NotAnAuthority) => {
            let (member, issuer) = certificate::inspect(&der).with_context(named)?;
            show_member(context, &member, &issuer, false)
        }
        Err(fault) => Err(fault).with_context(named),
    }
}

fn show_member(
    context: &Context,
    member: &MemberCertificate,
    issuer: &str,
    is_checked: bool,
) -> anyhow::Result<()> {
    let mut object = member_json(member)?;
    object["issuer"] = json!(issuer);
    object["signature_checked"] = json!(is_checked);
    let facts = member_facts(member)?.fact("issuer", issuer).fact(
        "signature",
        match is_checked {
            true => "of that authority",
            false => "not checked: name the authority's certificate with --authority",
        },
    );
    context.output.result(&object, facts)
}

fn show_request(context: &Context, asked: &Request) -> anyhow::Result<()> {
    let (account, roles) = (address(&asked.account), asked.roles.names());
    let facts = Facts::new()
        .fact("kind", "request, signed by its own key")
        .fact("name", &asked.name)
        .fact("account", &account)
        .fact("roles", roles.join(", "));
    let object =
        json!({ "kind": "request", "name": asked.name, "account": account, "roles": roles });
    context.output.result(&object, facts)
}

fn show_root(context: &Context, root: &Root) -> anyhow::Result<()> {
    let object = json!({
        "kind": "authority",
        "name": text(&root.name),
        "hash": format!("{:?}", root.hash),
        "not_before_secs": root.not_before_secs,
        "not_after_secs": root.not_after_secs,
    });
    let facts = Facts::new()
        .fact("kind", "authority, signed by itself")
        .fact("name", text(&root.name))
        .fact("hash", format!("{:?}", root.hash))
        .fact("valid from", moment(root.not_before_secs))
        .fact("valid until", moment(root.not_after_secs));
    context.output.result(&object, facts)
}

//! Handing certificates in: an organisation's first, and those that follow.

use super::{holding, member_facts, Holding};
use crate::{
    certificate::{self, find_issuer, read_pem_or_der, MemberTerms, CERTIFICATE},
    chain::{api, call::membership, Chain, Key},
    commands::{
        context::{wrong_use, Context},
        member::{chain_time, parse_name, parse_role, to_json, together},
        member_authority::to_bytes,
        show::{address, moment, text},
    },
};
use anyhow::{bail, Context as _};
use assay_certificate::MemberCertificate;
use assay_primitives::{
    member::{Authority, Organisation, Roles, Serial},
    AccountId, AuthorityId, UnixSecs,
};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// How long a certificate of the development authority holds.
const DEVELOPMENT_DAYS: u32 = 365;

#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// The organisation's certificate, PEM or DER
    #[arg(required_unless_present = "account", conflicts_with_all = ["account", "name", "roles"])]
    certificate: Option<PathBuf>,
    /// On a development chain instead: //Name, for which the development authority issues one
    #[arg(long, requires = "name", requires = "roles", value_name = "//NAME")]
    account: Option<String>,
    /// On a development chain: the organisation's name
    #[arg(long, requires = "account")]
    name: Option<String>,
    /// On a development chain: what it may do
    #[arg(long, value_delimiter = ',', requires = "account", value_parser = parse_role)]
    roles: Vec<Roles>,
}

#[derive(Debug, Args)]
pub struct RenewArgs {
    /// The member's next certificate, PEM or DER
    certificate: PathBuf,
}

/// Which of a member's certificates it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    First,
    Next,
}

/// `assay member enroll`.
pub async fn enroll(context: &Context, args: &EnrollArgs) -> anyhow::Result<()> {
    match (&args.certificate, &args.account, &args.name) {
        (Some(path), _, _) => {
            let der = read_pem_or_der(path, CERTIFICATE)?;
            let chain = context.chain().await?;
            let handed = hand_in(context, &chain, der, Occasion::First).await;
            handed.with_context(|| path.display().to_string())
        }
        (None, Some(account), Some(name)) => {
            let der = develop(account, name, together(&args.roles))?;
            let chain = context.chain().await?;
            let known = api::authorities(&chain, None).await?;
            let (_, root_der) = certificate::development_authority();
            if known
                .iter()
                .all(|(_, authority)| authority.certificate.as_slice() != root_der.as_slice())
            {
                bail!("this is no development chain: {}", without_development(account));
            }
            hand_in(context, &chain, der, Occasion::First).await
        }
        _ => wrong_use("give the organisation's certificate, or --account, --name and --roles"),
    }
}

/// `assay member renew`.
pub async fn renew(context: &Context, args: &RenewArgs) -> anyhow::Result<()> {
    let der = read_pem_or_der(&args.certificate, CERTIFICATE)?;
    let chain = context.chain().await?;
    let handed = hand_in(context, &chain, der, Occasion::Next).await;
    handed.with_context(|| args.certificate.display().to_string())
}

/// Issues a certificate by the authority whose key everybody knows.
fn develop(account: &str, name: &str, roles: Roles) -> anyhow::Result<Vec<u8>> {
    if !account.starts_with("//") {
        return wrong_use(format!(
            "only //Name of a development chain is enrolled without a certificate: {}",
            without_development(account)
        ));
    }
    parse_name(name)?;
    let member = Key::development(account)?.account();
    let (key, root_der) = certificate::development_authority();
    let Holding { not_before_secs, not_after_secs } = holding(DEVELOPMENT_DAYS)?;
    let terms = MemberTerms {
        name: name.into(),
        roles,
        not_before: not_before_secs,
        not_after: not_after_secs,
        serial: None,
    };
    Ok(certificate::issue(&key, &root_der, &member, &terms)?)
}

/// How an organisation is enrolled that isn't of a development chain.
fn without_development(account: &str) -> String {
    format!(
        "the holder of {account} makes a request with `assay member request`, an authority answers \
         it with `assay member certificate`, and any member hands that in with `assay member enroll \
         CERT.pem`"
    )
}

/// Checks a certificate against the chain, says what it gives, and sends it.
async fn hand_in(
    context: &Context,
    chain: &Chain,
    der: Vec<u8>,
    occasion: Occasion,
) -> anyhow::Result<()> {
    let key = context.key()?;
    context.organisation(chain, &key).await?;
    let authorities = api::authorities(chain, None).await?;
    let (number, certificate) = find_issuer(&der, &authorities)?;
    let account = AccountId::new(certificate.account);
    let before = api::organisation(chain, &account, None).await?;
    let revoked = api::revoked(chain, number, None).await?;
    check_time(&certificate, chain_time(chain).await?)?;
    check_serial(&certificate, &revoked)?;
    check_occasion(&account, before.as_ref(), occasion)?;
    context.output.note(forecast(number, &authorities, &certificate, before.as_ref())?);
    let bytes = to_bytes(der)?;
    let call = match occasion {
        Occasion::First => membership::enroll(&bytes),
        Occasion::Next => membership::renew(&bytes),
    };
    let receipt = chain.submit(&key, call, context.wait).await?;
    let after = api::organisation(chain, &account, Some(receipt.block_hash)).await?;
    let after = after.context("the chain has no such organisation after all")?;
    let mut object = to_json(&account, &after, chain_time(chain).await?);
    object["block"] = json!(receipt.block_number);
    context.output.result(&object, outcome(&after, occasion, receipt.block_number))
}

fn check_time(certificate: &MemberCertificate, now: UnixSecs) -> anyhow::Result<()> {
    if now < certificate.not_before_secs {
        bail!(
            "the certificate does not hold before {}, and on the chain it is {}",
            moment(certificate.not_before_secs),
            moment(now)
        );
    }
    if now > certificate.not_after_secs {
        bail!(
            "the certificate expired at {}; its authority issues a new one with `assay member \
             certificate`",
            moment(certificate.not_after_secs)
        );
    }
    Ok(())
}

fn check_serial(
    certificate: &MemberCertificate,
    revoked: &[(Serial, UnixSecs)],
) -> anyhow::Result<()> {
    match revoked.iter().find(|(serial, _)| serial.as_slice() == certificate.serial.as_slice()) {
        Some((_, at_secs)) => bail!(
            "the council revoked the certificate's serial number {} at {}; its authority issues one \
             of another number with `assay member certificate`",
            hex::encode(&certificate.serial),
            moment(*at_secs)
        ),
        None => Ok(()),
    }
}

fn check_occasion(
    account: &AccountId,
    known: Option<&Organisation>,
    occasion: Occasion,
) -> anyhow::Result<()> {
    match (known, occasion) {
        (Some(known), Occasion::First) => bail!(
            "{} is a member already ({}); hand in its next certificate with `assay member renew`",
            known.display_name(),
            address(account)
        ),
        (None, Occasion::Next) => bail!(
            "{} belongs to no member; take its organisation in with `assay member enroll`",
            address(account)
        ),
        _ => Ok(()),
    }
}

/// What the certificate gives its member: roles that only the council gives take effect at once where
/// the council gave them before.
fn forecast(
    number: AuthorityId,
    authorities: &[(AuthorityId, Authority)],
    certificate: &MemberCertificate,
    before: Option<&Organisation>,
) -> anyhow::Result<String> {
    let asked = certificate.roles()?;
    let confirmed = before.map_or(Roles::NONE, |organisation| organisation.roles);
    let waiting = asked.and(Roles::CONFIRMED).without(confirmed);
    let signer = authorities.iter().find(|(id, _)| *id == number);
    let signer = signer.map_or(String::new(), |(_, authority)| text(&authority.name));
    let facts = member_facts(certificate)?
        .fact("signed by", format!("authority {number} ({signer})"))
        .fact("takes effect", listed(asked.without(waiting)))
        .fact("waits for council", listed(waiting));
    Ok(facts.to_string())
}

fn listed(roles: Roles) -> String {
    match roles {
        Roles::NONE => "nothing".into(),
        roles => roles.names().join(", "),
    }
}

fn outcome(after: &Organisation, occasion: Occasion, block: u32) -> String {
    let done = match occasion {
        Occasion::First => format!("enrolled {}", after.display_name()),
        Occasion::Next => format!("{} has its next certificate", after.display_name()),
    };
    let roles = listed(after.roles);
    match after.awaiting {
        Roles::NONE => format!("{done} with the roles {roles} (block {block})"),
        awaiting => format!(
            "{done} with the roles {roles} (block {block}); the council confirms {} with `assay \
             member confirm {}`",
            listed(awaiting),
            after.id
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::{member::Status, H256};

    fn certificate() -> MemberCertificate {
        MemberCertificate {
            account: [1; 32],
            name: b"Bank".to_vec(),
            units: vec![b"bureau".to_vec(), b"council".to_vec()],
            serial: vec![5],
            not_before_secs: 1_000,
            not_after_secs: 2_000,
            hash: H256::repeat_byte(1),
        }
    }

    fn organisation(roles: Roles, awaiting: Roles) -> Organisation {
        Organisation {
            id: 4,
            name: b"Bank".to_vec().try_into().unwrap(),
            roles,
            awaiting,
            status: Status::Active,
            certificate: None,
            quota_millis: None,
        }
    }

    #[test]
    fn should_refuse_a_certificate_when_it_does_not_hold_now() {
        assert!(check_time(&certificate(), 1_000).is_ok());
        assert!(check_time(&certificate(), 2_000).is_ok());
        let early = check_time(&certificate(), 999).unwrap_err().to_string();
        assert!(early.contains("does not hold before 1970-01-01 00:16"), "{early}");
        let late = check_time(&certificate(), 2_001).unwrap_err().to_string();
        assert!(late.contains("expired at") && late.contains("assay member certificate"), "{late}");
    }

    #[test]
    fn should_refuse_a_certificate_when_its_serial_number_is_revoked() {
        let revoked = |number: u8| (Serial::try_from(vec![number]).unwrap(), 7);
        assert!(check_serial(&certificate(), &[revoked(4)]).is_ok());
        assert!(check_serial(&certificate(), &[revoked(4), revoked(5)]).is_err());
    }

    #[test]
    fn should_name_the_other_command_when_the_member_is_known_or_not() {
        let account = AccountId::new([1; 32]);
        let known = organisation(Roles::BUREAU, Roles::NONE);
        let fault = check_occasion(&account, Some(&known), Occasion::First).unwrap_err();
        assert!(fault.to_string().contains("assay member renew"));
        let fault = check_occasion(&account, None, Occasion::Next).unwrap_err();
        assert!(fault.to_string().contains("assay member enroll"));
        assert!(check_occasion(&account, None, Occasion::First).is_ok());
        assert!(check_occasion(&account, Some(&known), Occasion::Next).is_ok());
    }

    #[test]
    fn should_tell_what_waits_unless_the_council_gave_it_before() {
        let shown = forecast(1, &[], &certificate(), None).unwrap();
        assert!(shown.contains("takes effect       bureau\n"), "{shown}");
        assert!(shown.ends_with("waits for council  council"), "{shown}");
        let known = organisation(Roles::COUNCIL, Roles::NONE);
        let shown = forecast(1, &[], &certificate(), Some(&known)).unwrap();
        assert!(shown.contains("takes effect       council, bureau\n"), "{shown}");
    }

    #[test]
    fn should_say_how_the_council_confirms_when_roles_wait() {
        let text = outcome(&organisation(Roles::BUREAU, Roles::COUNCIL), Occasion::First, 9);
        assert!(text.contains("`assay member confirm 4`"), "{text}");
        let text = outcome(&organisation(Roles::BUREAU, Roles::NONE), Occasion::Next, 9);
        assert!(text.ends_with("with the roles bureau (block 9)"), "{text}");
    }

    #[test]
    fn should_issue_for_a_development_account_only() {
        let der = develop("//Bob", "Bank", Roles::BUREAU).unwrap();
        let (_, root_der) = certificate::development_authority();
        let read = assay_certificate::read_member(&der, &root_der).unwrap();
        assert_eq!(AccountId::new(read.account), Key::development("//Bob").unwrap().account());
        let fault = develop("5FA9nQDV", "Bank", Roles::BUREAU).unwrap_err();
        assert!(fault.to_string().contains("assay member request"), "{fault}");
    }
}

//! `assay member`: organisations, their certificates, roles, quotas and nodes.

mod display;
mod nodes;
mod quota;

pub(super) use self::display::{chain_time, to_json};

use self::{
    display::{facts, list_line, list_table},
    nodes::NodesCommand,
    quota::QuotaArgs,
};
use super::{
    context::{parse_account, wrong_use, Context},
    member_authority::{self, AuthorityCommand},
    member_certificate::{self, CertificateArgs, EnrollArgs, RenewArgs, RequestArgs},
};
use crate::chain::{api, call::membership, council, Call, Chain};
use anyhow::{anyhow, bail};
use assay_primitives::{
    member::{Organisation, Roles, Serial},
    AccountId, Name,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value as Json};

#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// List all organisations
    List,
    /// Show one organisation with its certificate, quota and nodes
    Show {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Make a request for a certificate, signed by the member's own key
    Request(RequestArgs),
    /// The authorities whose certificates the consortium takes
    #[command(subcommand)]
    Authority(AuthorityCommand),
    /// Issue a certificate to whoever requests it, or show one
    Certificate(CertificateArgs),
    /// Take an organisation into the consortium by its certificate (any member)
    Enroll(EnrollArgs),
    /// Hand in a member's next certificate (any member)
    Renew(RenewArgs),
    /// Let roles take effect that a certificate asks for (council)
    Confirm {
        /// Name, number, address or //Name
        organisation: String,
        /// Those to confirm; all that wait, unless given
        #[arg(long, value_delimiter = ',', value_parser = parse_role)]
        roles: Vec<Roles>,
    },
    /// Revoke a certificate by its serial number (council)
    Revoke(RevokeArgs),
    /// Show who may use how much compute an hour, or change that (council)
    Quota(QuotaArgs),
    /// The nodes of an organisation that others let in
    #[command(subcommand)]
    Nodes(NodesCommand),
    /// Give an organisation other roles than it has (council)
    SetRoles {
        /// Name, number, address or //Name
        organisation: String,
        #[arg(long, value_delimiter = ',', required = true, value_parser = parse_role)]
        roles: Vec<Roles>,
    },
    /// Keep an organisation from acting (council)
    Suspend {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Let a suspended organisation act again (council)
    Restore {
        /// Name, number, address or //Name
        organisation: String,
    },
}

#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Whose present certificate to revoke: name, number, address or //Name
    #[arg(required_unless_present = "authority", conflicts_with_all = ["authority", "serial"])]
    organisation: Option<String>,
    /// Number or name of the authority that signed it
    #[arg(long, requires = "serial")]
    authority: Option<String>,
    /// The serial number, in hexadecimal
    #[arg(long, requires = "authority", value_name = "HEX", value_parser = parse_serial)]
    serial: Option<Serial>,
}

/// A role by its name on the command line.
pub(super) fn parse_role(text: &str) -> Result<Roles, String> {
    Roles::by_name(text.trim()).ok_or_else(|| {
        let names: Vec<&str> = Roles::NAMES.iter().map(|(_, name)| *name).collect();
        format!("there is no role \"{text}\"; there are {}", names.join(", "))
    })
}

/// A serial number in hexadecimal, also with colons as OpenSSL writes it.
pub(super) fn parse_serial(text: &str) -> Result<Serial, String> {
    let digits: String = text.trim_start_matches("0x").chars().filter(|c| *c != ':').collect();
    let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
    let bytes = hex::decode(padded).map_err(|_| format!("\"{text}\" is not hexadecimal"))?;
    let number: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    match Serial::try_from(number) {
        Ok(serial) if !serial.is_empty() => Ok(serial),
        _ => Err(format!("\"{text}\" is no serial number: it has 1 to 20 bytes and is above 0")),
    }
}

/// Runs the command.
pub async fn run(context: &Context, command: &MemberCommand) -> anyhow::Result<()> {
    match command {
        MemberCommand::List => list(context).await,
        MemberCommand::Show { organisation } => show(context, organisation).await,
        MemberCommand::Request(args) => member_certificate::request(context, args),
        MemberCommand::Authority(command) => member_authority::run(context, command).await,
        MemberCommand::Certificate(args) => member_certificate::run(context, args),
        MemberCommand::Enroll(args) => member_certificate::enroll(context, args).await,
        MemberCommand::Renew(args) => member_certificate::renew(context, args).await,
        MemberCommand::Confirm { organisation, roles } => {
            confirm(context, organisation, together(roles)).await
        }
        MemberCommand::Revoke(args) => revoke(context, args).await,
        MemberCommand::Quota(args) => quota::run(context, args).await,
        MemberCommand::Nodes(command) => nodes::run(context, command).await,
        MemberCommand::SetRoles { organisation, roles } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let call = membership::set_roles(&account, together(roles));
            let done = format!("{} has new roles", found.display_name());
            decide(context, &chain, call, &done).await
        }
        MemberCommand::Suspend { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let done = format!("{} is suspended", found.display_name());
            decide(context, &chain, membership::suspend(&account), &done).await
        }
        MemberCommand::Restore { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let done = format!("{} may act again", found.display_name());
            decide(context, &chain, membership::restore(&account), &done).await
        }
    }
}

/// Has the council make a call, and tells what became of it.
pub async fn decide(
    context: &Context,
    chain: &Chain,
    call: Call,
    done: &str,
) -> anyhow::Result<()> {
    let key = context.key()?;
    let motion = council::decide(chain, &key, &call, context.wait).await?;
    super::council::tell(context, &motion, done)
}

/// A name within the chain's limit.
pub fn parse_name(text: &str) -> anyhow::Result<Name> {
    let bytes = text.as_bytes().to_vec();
    let length = bytes.len();
    match Name::try_from(bytes) {
        Ok(name) if length > 0 => Ok(name),
        _ => wrong_use(format!("a name has 1 to 64 bytes, \"{text}\" has {length}")),
    }
}

pub(super) fn together(roles: &[Roles]) -> Roles {
    roles.iter().fold(Roles::NONE, |all, role| all.with(*role))
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let now = chain_time(&chain).await?;
    let mut all = api::organisations(&chain, None).await?;
    all.sort_by_key(|(_, organisation)| organisation.id);
    let mut table = list_table();
    for (account, organisation) in &all {
        table.row(list_line(account, organisation, now));
    }
    let objects: Vec<Json> =
        all.iter().map(|(account, organisation)| to_json(account, organisation, now)).collect();
    context.output.result(&json!({ "organisations": objects }), table)
}

async fn show(context: &Context, words: &str) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let (account, organisation) = find(&chain, words).await?;
    let now = chain_time(&chain).await?;
    let authorities = api::authorities(&chain, None).await?;
    let (usage, quota_millis) = api::usage(&chain, &account, None).await?;
    let nodes = nodes::names(&api::nodes(&chain, &account, None).await?);
    let mut object = to_json(&account, &organisation, now);
    object["used_micros"] = json!(usage.micros);
    object["quota_millis"] = json!(quota_millis);
    object["nodes"] = json!(nodes);
    let mut shown = facts(&account, &organisation, &authorities, now)
        .fact("compute", quota::sentence(&usage, quota_millis));
    for node in &nodes {
        shown = shown.fact("node", node);
    }
    context.output.result(&object, shown)
}

async fn confirm(context: &Context, words: &str, chosen: Roles) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let (account, organisation) = find(&chain, words).await?;
    let roles = confirmable(&organisation, chosen)?;
    let done =
        format!("{} also has the roles {}", organisation.display_name(), roles.names().join(", "));
    decide(context, &chain, membership::confirm_roles(&account, roles), &done).await
}

/// The roles to confirm: those chosen, or all that wait.
pub(super) fn confirmable(organisation: &Organisation, chosen: Roles) -> anyhow::Result<Roles> {
    let name = organisation.display_name();
    if organisation.awaiting == Roles::NONE {
        bail!("no role of {name} waits for the council; a role comes with a certificate that names it");
    }
    let surplus = chosen.without(organisation.awaiting);
    if surplus != Roles::NONE {
        return wrong_use(format!(
            "{} of {name} does not wait for the council; what waits is {}",
            surplus.names().join(", "),
            organisation.awaiting.names().join(", ")
        ));
    }
    Ok(if chosen == Roles::NONE { organisation.awaiting } else { chosen })
}

async fn revoke(context: &Context, args: &RevokeArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let (authority, serial) = match (&args.organisation, &args.authority, &args.serial) {
        (_, Some(words), Some(serial)) => {
            let authorities = api::authorities(&chain, None).await?;
            let (authority, _) = member_authority::pick(&authorities, words)?;
            (*authority, serial.clone())
        }
        (Some(words), _, _) => {
            let (_, organisation) = find(&chain, words).await?;
            let name = organisation.display_name();
            let certificate = organisation.certificate.ok_or_else(|| {
                anyhow!(
                    "{name} is a member without a certificate; `assay member suspend` keeps it \
                     from acting"
                )
            })?;
            (certificate.authority, certificate.serial)
        }
        _ => return wrong_use("say whose certificate to revoke, or its --authority and --serial"),
    };
    let done =
        format!("the certificate {} of authority {authority} is revoked", hex::encode(&serial));
    decide(context, &chain, membership::revoke(authority, &serial), &done).await
}

/// The organisation that the words name.
pub(super) async fn find(chain: &Chain, words: &str) -> anyhow::Result<(AccountId, Organisation)> {
    let all = api::organisations(chain, None).await?;
    let number: Option<u32> = words.parse().ok();
    let by_name = all.iter().filter(|(_, organisation)| {
        Some(organisation.id) == number || organisation.display_name() == words
    });
    let mut found: Vec<&(AccountId, Organisation)> = by_name.collect();
    if found.is_empty() {
        if let Ok(account) = parse_account(words) {
            found = all.iter().filter(|(known, _)| *known == account).collect();
        }
    }
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(anyhow!("no organisation \"{words}\"; `assay member list` shows them")),
        several => {
            let numbers: Vec<String> =
                several.iter().map(|(_, organisation)| organisation.id.to_string()).collect();
            wrong_use(format!(
                "\"{words}\" names several organisations: say which of the numbers {}",
                numbers.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::member::Status;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: MemberCommand,
    }

    fn parse(line: &str) -> Result<MemberCommand, clap::Error> {
        Line::try_parse_from(format!("assay {line}").split(' ')).map(|line| line.command)
    }

    #[test]
    fn should_read_the_words_that_people_write() {
        for line in [
            "request --name Bank --roles bureau,council --out bank.csr",
            "certificate bank.csr --authority root.pem --days 365 --out bank.pem",
            "certificate show bank.pem",
            "certificate show bank.pem --authority root.pem",
            "enroll bank.pem",
            "enroll --account //Bob --name Bank --roles bureau",
            "renew bank.pem",
            "confirm Bank",
            "confirm Bank --roles council",
            "revoke Bank",
            "revoke --authority 1 --serial 0a:0b",
            "quota",
            "quota Bank",
            "quota --seconds-per-hour 120",
            "quota Bank --default",
            "nodes set --none",
            "nodes show Bank",
            "authority new --name CA --days 30 --out root.pem",
            "authority add root.pem",
            "authority remove 1",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn should_refuse_words_when_some_are_missing_or_too_many() {
        for line in [
            "certificate",
            "certificate bank.csr --authority root.pem --days 365",
            "certificate --authority root.pem --days 365 --out bank.pem",
            "enroll",
            "enroll --account //Bob --roles bureau",
            "enroll --account //Bob --name Bank",
            "enroll bank.pem --account //Bob --name Bank --roles bureau",
            "revoke",
            "revoke --authority 1",
            "revoke Bank --authority 1 --serial 0a",
            "quota Bank --default --seconds-per-hour 120",
            "nodes set",
            "nodes set 5FA9nQDV",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn should_name_the_known_roles_when_one_is_unknown() {
        assert_eq!(parse_role("bureau"), Ok(Roles::BUREAU));
        let message = parse_role("king").unwrap_err();
        assert!(message.contains("risk-controller"), "{message}");
    }

    #[test]
    fn should_refuse_a_name_when_it_is_empty_or_too_long() {
        assert!(parse_name("").is_err());
        assert!(parse_name(&"x".repeat(65)).is_err());
        assert_eq!(parse_name("Bank").unwrap().to_vec(), b"Bank");
    }

    #[test]
    fn should_read_a_serial_number_when_written_in_any_way() {
        for text in ["0a0b", "0x0A0B", "0A:0B", "a0b", "00000a0b"] {
            assert_eq!(parse_serial(text).unwrap().to_vec(), [0x0a, 0x0b], "{text}");
        }
        for text in ["", "0", "xyz", &"11".repeat(21)] {
            assert!(parse_serial(text).is_err(), "{text}");
        }
    }

    fn waiting(awaiting: Roles) -> Organisation {
        Organisation {
            id: 1,
            name: parse_name("Bank").unwrap(),
            roles: Roles::BUREAU,
            awaiting,
            status: Status::Active,
            certificate: None,
            quota_millis: None,
        }
    }

    #[test]
    fn should_confirm_all_that_waits_unless_roles_are_chosen() {
        let both = Roles::COUNCIL.with(Roles::VALIDATOR);
        assert_eq!(confirmable(&waiting(both), Roles::NONE).unwrap(), both);
        assert_eq!(confirmable(&waiting(both), Roles::COUNCIL).unwrap(), Roles::COUNCIL);
        let message = confirmable(&waiting(both), Roles::BUREAU).unwrap_err().to_string();
        assert!(message.contains("what waits is council, validator"), "{message}");
        assert!(confirmable(&waiting(Roles::NONE), Roles::NONE).is_err());
    }
}

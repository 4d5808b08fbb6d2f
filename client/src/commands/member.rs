//! `assay member`: organisations and their roles.

use super::{
    context::{parse_account, wrong_use, Context},
    show::{address, Facts, TextTable},
};
use crate::chain::{api, call::membership, council, Call, Chain};
use anyhow::anyhow;
use assay_primitives::{
    member::{Organisation, Roles, Status},
    AccountId, Name,
};
use clap::Subcommand;
use serde_json::{json, Value as Json};

#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// List all organisations
    List,
    /// Show one organisation
    Show {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Take an organisation into the consortium (council)
    Enroll {
        /// Address of its key, or //Name on a development chain
        #[arg(long)]
        account: String,
        #[arg(long)]
        name: String,
        /// What it may do: bureau,originator,... (`member list` shows roles in use)
        #[arg(long, value_delimiter = ',', required = true, value_parser = parse_role)]
        roles: Vec<Roles>,
    },
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

/// A role by its name on the command line.
fn parse_role(text: &str) -> Result<Roles, String> {
    Roles::by_name(text.trim()).ok_or_else(|| {
        let names: Vec<&str> = Roles::NAMES.iter().map(|(_, name)| *name).collect();
        format!("there is no role \"{text}\"; there are {}", names.join(", "))
    })
}

/// Runs the command.
pub async fn run(context: &Context, command: &MemberCommand) -> anyhow::Result<()> {
    match command {
        MemberCommand::List => list(context).await,
        MemberCommand::Show { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            context.output.result(&to_json(&account, &found), facts(&account, &found))
        }
        MemberCommand::Enroll { account, name, roles } => {
            let account = parse_account(account)?;
            let name = parse_name(name)?;
            let call = membership::enroll(&account, &name, together(roles));
            let done = format!("enrolled {}", address(&account));
            decide(context, &context.chain().await?, call, &done).await
        }
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
    let object = match &motion {
        council::Motion::Executed(receipt) => {
            json!({ "executed": true, "block": receipt.block_number })
        }
        council::Motion::Open { motion, ayes, threshold, missing } => json!({
            "executed": false,
            "motion": format!("{motion:?}"),
            "ayes": ayes,
            "threshold": threshold,
            "missing": missing.iter().map(address).collect::<Vec<_>>(),
        }),
    };
    context.output.result(&object, motion.sentence(done))
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

fn together(roles: &[Roles]) -> Roles {
    roles.iter().fold(Roles::NONE, |all, role| all.with(*role))
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let mut all = api::organisations(&chain, None).await?;
    all.sort_by_key(|(_, organisation)| organisation.id);
    let mut table = TextTable::new(&[">number", "name", "status", "account", "roles"]);
    for (account, organisation) in &all {
        table.row([
            organisation.id.to_string(),
            organisation.display_name(),
            status(organisation).into(),
            address(account),
            organisation.roles.names().join(", "),
        ]);
    }
    let objects: Vec<Json> =
        all.iter().map(|(account, organisation)| to_json(account, organisation)).collect();
    context.output.result(&json!({ "organisations": objects }), table)
}

/// The organisation that the words name.
async fn find(chain: &Chain, words: &str) -> anyhow::Result<(AccountId, Organisation)> {
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

fn status(organisation: &Organisation) -> &'static str {
    match organisation.status {
        Status::Active => "active",
        Status::Suspended => "suspended",
    }
}

fn to_json(account: &AccountId, organisation: &Organisation) -> Json {
    json!({
        "number": organisation.id,
        "name": organisation.display_name(),
        "account": address(account),
        "status": status(organisation),
        "roles": organisation.roles.names(),
    })
}

fn facts(account: &AccountId, organisation: &Organisation) -> Facts {
    Facts::new()
        .fact("number", organisation.id)
        .fact("name", organisation.display_name())
        .fact("account", address(account))
        .fact("status", status(organisation))
        .fact("roles", organisation.roles.names().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

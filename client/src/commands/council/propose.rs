//! `assay council propose`: everything that the council decides.

use super::{read_runtime, tell, Hall};
use crate::{
    certificate::{read_pem_or_der, CERTIFICATE},
    chain::{
        api,
        call::{governance, membership, scoring, validators},
        council, Call, Chain, Runtime,
    },
    commands::{
        context::{wrong_use, Context},
        contract,
        member::{confirmable, find, parse_name, parse_role, parse_serial, together},
        member_authority,
    },
};
use anyhow::Context as _;
use assay_primitives::{
    member::{CertificateBytes, Roles, Serial},
    scoring::ContractStatus,
    AuthorityId, BlockNumber,
};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Proposal {
    /// Keep an organisation from acting
    Suspend {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Let a suspended organisation act again
    Restore {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Give an organisation other roles than it has
    Roles {
        /// Name, number, address or //Name
        organisation: String,
        #[arg(long, value_delimiter = ',', required = true, value_parser = parse_role)]
        roles: Vec<Roles>,
    },
    /// Confirm roles that an organisation's certificate asks for
    Confirm {
        /// Name, number, address or //Name
        organisation: String,
        /// By default all that await it
        #[arg(long, value_delimiter = ',', value_parser = parse_role)]
        roles: Vec<Roles>,
    },
    /// Revoke a certificate for good
    Revoke {
        /// Number or name of the authority that signed it
        #[arg(long)]
        authority: String,
        /// Its serial number in hexadecimal, as `openssl x509 -serial` shows it
        #[arg(long, value_name = "HEX", value_parser = parse_serial)]
        serial: Serial,
    },
    /// Take certificates of another authority
    AuthorityAdd {
        /// Its self-signed certificate, PEM or DER
        file: PathBuf,
    },
    /// Take no more certificates of an authority
    AuthorityRemove {
        /// Number or name
        authority: String,
    },
    /// Let an organisation make blocks
    ValidatorAdd {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// No longer have an organisation make blocks
    ValidatorRemove {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Set the length of sessions, after which changes of validators take effect
    SessionBlocks { blocks: BlockNumber },
    /// Set how much of the chain's compute organisations may use
    Quota {
        /// Name, number, address or //Name; by default all that have no quota of their own
        organisation: Option<String>,
        /// Milliseconds of compute an hour
        #[arg(long, required_unless_present = "reset")]
        millis: Option<u32>,
        /// As before any quota was set
        #[arg(long, conflicts_with = "millis")]
        reset: bool,
    },
    /// Approve a proposed scoring contract
    ApproveContract {
        /// Name, or the beginning of the id
        contract: String,
    },
    /// Revoke a scoring contract
    RevokeContract {
        /// Name, or the beginning of the id
        contract: String,
        #[arg(long)]
        reason: String,
    },
    /// Allow another runtime to take the present one's place
    Upgrade {
        /// The runtime
        #[arg(value_name = "WASM_FILE")]
        code: PathBuf,
    },
    /// Stop the chain in an emergency: only the council, renewals and validators' keys go on
    Stop,
    /// Extend the emergency stop
    ExtendStop,
    /// End the emergency stop
    Resume,
    /// Refuse one call from everybody
    Pause {
        #[arg(value_name = "PALLET::CALL")]
        call: String,
    },
    /// Take a paused call again
    Unpause {
        #[arg(value_name = "PALLET::CALL")]
        call: String,
    },
    /// Any call, encoded
    Raw {
        #[arg(value_name = "HEX")]
        call: String,
    },
}

/// Runs the command.
pub async fn run(context: &Context, proposal: &Proposal) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let hall = Hall::enter(&chain).await?;
    let encoded = encoded(&chain, &hall.runtime, proposal).await?;
    let does = hall.read(&encoded).0;
    context.output.note(format!("for the council to decide: {does}"));
    let motion = council::decide_encoded(&chain, &key, &encoded, context.wait).await?;
    tell(context, &motion, &format!("decided and done: {does}"))?;
    if let Proposal::Upgrade { code } = proposal {
        context.output.note(format!(
            "once it is carried, `assay council apply-upgrade {}` puts it in force",
            code.display()
        ));
    }
    Ok(())
}

/// The call that the council is to make.
async fn encoded(chain: &Chain, runtime: &Runtime, proposal: &Proposal) -> anyhow::Result<Vec<u8>> {
    let call = match proposal {
        Proposal::Suspend { organisation } => {
            membership::suspend(&find(chain, organisation).await?.0)
        }
        Proposal::Restore { organisation } => {
            membership::restore(&find(chain, organisation).await?.0)
        }
        Proposal::Roles { organisation, roles } => {
            membership::set_roles(&find(chain, organisation).await?.0, together(roles))
        }
        Proposal::Confirm { organisation, roles } => confirm(chain, organisation, roles).await?,
        Proposal::Revoke { authority, serial } => {
            membership::revoke(authority_id(chain, authority).await?, serial)
        }
        Proposal::AuthorityAdd { file } => membership::add_authority(&read_authority(file)?),
        Proposal::AuthorityRemove { authority } => {
            membership::remove_authority(authority_id(chain, authority).await?)
        }
        Proposal::ValidatorAdd { organisation } => {
            validators::add(&find(chain, organisation).await?.0)
        }
        Proposal::ValidatorRemove { organisation } => {
            validators::remove(&find(chain, organisation).await?.0)
        }
        Proposal::SessionBlocks { blocks } => validators::set_session_blocks(*blocks),
        Proposal::Quota { organisation, millis, .. } => match organisation {
            Some(words) => membership::set_quota(Some(&find(chain, words).await?.0), *millis),
            None => membership::set_quota(None, *millis),
        },
        Proposal::ApproveContract { contract } => {
            let states = [ContractStatus::Proposed];
            scoring::approve(contract::find(chain, contract, &states, None).await?.0)
        }
        Proposal::RevokeContract { contract, reason } => {
            let reason = parse_name(reason)?;
            let states =
                [ContractStatus::Active, ContractStatus::Superseded, ContractStatus::Proposed];
            scoring::revoke(contract::find(chain, contract, &states, None).await?.0, &reason)
        }
        Proposal::Upgrade { code } => governance::authorize_upgrade(read_runtime(code)?.1),
        Proposal::Stop => governance::stop(),
        Proposal::ExtendStop => governance::extend_stop(),
        Proposal::Resume => governance::resume(),
        Proposal::Pause { call } => {
            let (pallet, name) = call_name(runtime, call)?;
            governance::pause(pallet, name)
        }
        Proposal::Unpause { call } => {
            let (pallet, name) = call_name(runtime, call)?;
            governance::unpause(pallet, name)
        }
        Proposal::Raw { call } => return raw(runtime, call),
    };
    Ok(runtime.encode_call(&call)?)
}

async fn confirm(chain: &Chain, words: &str, roles: &[Roles]) -> anyhow::Result<Call> {
    let (account, organisation) = find(chain, words).await?;
    let wanted = confirmable(&organisation, together(roles))?;
    Ok(membership::confirm_roles(&account, wanted))
}

/// The authority's certificate, if it is one that the chain would take.
fn read_authority(path: &Path) -> anyhow::Result<CertificateBytes> {
    let der = read_pem_or_der(path, CERTIFICATE)?;
    assay_certificate::read_root(&der).with_context(|| path.display().to_string())?;
    member_authority::to_bytes(der)
}

async fn authority_id(chain: &Chain, words: &str) -> anyhow::Result<AuthorityId> {
    let authorities = api::authorities(chain, None).await?;
    Ok(member_authority::pick(&authorities, words)?.0)
}

/// Pallet and call, if the runtime has them.
fn call_name<'a>(runtime: &Runtime, words: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
    let Some((pallet, name)) = words.split_once("::") else {
        return wrong_use(format!("\"{words}\" is no call: write Packs::assess, for instance"));
    };
    let known = runtime.metadata.pallet_by_name(pallet);
    match known.and_then(|pallet| pallet.call_variant_by_name(name)) {
        Some(_) => Ok((pallet, name)),
        None => wrong_use(format!("the chain's runtime has no call {words}")),
    }
}

/// An encoded call that the runtime knows, to its last byte.
fn raw(runtime: &Runtime, digits: &str) -> anyhow::Result<Vec<u8>> {
    let Ok(bytes) = hex::decode(digits.strip_prefix("0x").unwrap_or(digits)) else {
        return wrong_use("the call is not in hexadecimal");
    };
    match runtime.decode_call(&bytes) {
        Ok(_) => Ok(bytes),
        Err(reason) => wrong_use(format!("a motion for an unknown call: {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_read_a_serial_number_as_tools_show_it() {
        for text in ["0A41", "a41", "0a:41", "0x000a41"] {
            assert_eq!(parse_serial(text).unwrap().to_vec(), vec![0x0a, 0x41], "{text}");
        }
        for wrong in ["", "00", "serial", &"ab".repeat(21)] {
            assert!(parse_serial(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn should_name_the_file_when_an_authority_is_no_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bank.pem");
        std::fs::write(&path, [0x30, 0x03, 0x02, 0x01, 0x01]).unwrap();
        let message = format!("{:#}", read_authority(&path).unwrap_err());
        assert!(message.contains("bank.pem"), "{message}");
    }
}

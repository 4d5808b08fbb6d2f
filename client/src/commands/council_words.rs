//! What a motion would do, in plain words: a sentence for each call that the council makes, and for
//! any other what the chain's own documentation says of it.

use super::{
    contract::title,
    show::{address, date, moment, short, text},
};
use crate::chain::{api, Chain, ChainFault, DecodedCall};
use assay_primitives::{
    member::{Authority, CertificateBytes, Organisation, Roles, Serial, Status},
    scoring::ContractInfo,
    AccountId, AuthorityId, BlockNumber, ContractId, Name, H256,
};
use codec::DecodeAll;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// The names that the words need, as of one block.
#[derive(Default)]
pub struct Words {
    organisations: Vec<(AccountId, Organisation)>,
    authorities: Vec<(AuthorityId, Authority)>,
    contracts: Vec<(ContractId, ContractInfo)>,
}

impl Words {
    /// Asks the chain for the names.
    pub async fn read(chain: &Chain, at: api::At) -> Result<Words, ChainFault> {
        Ok(Words {
            organisations: api::organisations(chain, at).await?,
            authorities: api::authorities(chain, at).await?,
            contracts: api::contracts(chain, at).await?,
        })
    }

    /// What a call does, as a sentence that begins with a verb.
    pub fn sentence(&self, call: &DecodedCall) -> String {
        self.written(&call.pallet, &call.name, &call.arguments).unwrap_or_else(|| documented(call))
    }

    /// The name of the account's organisation, or its address.
    pub fn name(&self, account: &AccountId) -> String {
        match self.find(account) {
            Some(organisation) => organisation.display_name(),
            None => address(account),
        }
    }

    /// Name and address.
    pub fn organisation(&self, account: &AccountId) -> String {
        match self.find(account) {
            Some(organisation) => {
                format!(
                    "the organisation \"{}\" ({})",
                    organisation.display_name(),
                    address(account)
                )
            }
            None => format!("{}, which is no organisation of the consortium", address(account)),
        }
    }

    fn find(&self, account: &AccountId) -> Option<&Organisation> {
        let found = self.organisations.iter().find(|(known, _)| known == account);
        found.map(|(_, organisation)| organisation)
    }

    fn authority(&self, id: AuthorityId) -> String {
        match self.authorities.iter().find(|(known, _)| *known == id) {
            Some((_, authority)) => format!("the authority {id}, \"{}\"", text(&authority.name)),
            None => format!("the authority {id}, which there is not"),
        }
    }

    fn contract(&self, id: &ContractId) -> String {
        match self.contracts.iter().find(|(known, _)| known == id) {
            Some((_, info)) => format!(
                "the scoring contract {} ({}) for schema {}, proposed by {}",
                title(info),
                short(&id.0),
                info.schema,
                self.organisation(&info.proposer)
            ),
            None => format!("the scoring contract {id:?}, which there is not"),
        }
    }

    /// The sentence written for a call; none for those that the council doesn't make as a rule, or
    /// whose arguments are others than this client knows.
    fn written(&self, pallet: &str, name: &str, arguments: &[u8]) -> Option<String> {
        match pallet {
            "Membership" => {
                self.on_members(name, arguments).or_else(|| self.on_authorities(name, arguments))
            }
            "Validators" => self.on_validators(name, arguments),
            "Scoring" => self.on_contracts(name, arguments),
            "Governance" | "SafeMode" | "TxPause" => on_the_chain(pallet, name, arguments),
            _ => None,
        }
    }

    fn on_members(&self, name: &str, arguments: &[u8]) -> Option<String> {
        Some(match name {
            "suspend" => {
                let who = self.organisation(&decode(arguments)?);
                format!("suspend {who}: its transactions are refused until it is restored")
            }
            "restore" => {
                let account = decode(arguments)?;
                let who = self.organisation(&account);
                match self.find(&account).map(|organisation| organisation.status) {
                    Some(Status::Active) => format!("restore {who}, which is not suspended"),
                    _ => format!("restore {who}: it is no longer suspended, and may act again"),
                }
            }
            "set_roles" => {
                let (account, roles): (AccountId, Roles) = decode(arguments)?;
                let held = self.find(&account).map_or(Roles::NONE, |found| found.roles);
                let who = self.organisation(&account);
                format!("give {who} the roles {} instead of {}", listed(roles), listed(held))
            }
            "confirm_roles" => {
                let (account, roles): (AccountId, Roles) = decode(arguments)?;
                let who = self.organisation(&account);
                format!(
                    "confirm the roles {}, for which its certificate asks, of {who}",
                    listed(roles)
                )
            }
            "set_quota" => {
                let (account, millis): (Option<AccountId>, Option<u32>) = decode(arguments)?;
                self.on_quota(account.as_ref(), millis)
            }
            _ => return None,
        })
    }

    fn on_quota(&self, account: Option<&AccountId>, millis: Option<u32>) -> String {
        match (account.map(|account| self.organisation(account)), millis) {
            (Some(who), Some(millis)) => {
                format!("let {who} use {millis} ms of the chain's compute an hour")
            }
            (Some(who), None) => {
                format!("let {who} use as much of the chain's compute an hour as everybody")
            }
            (None, Some(millis)) => format!(
                "let every organisation without a quota of its own use {millis} ms of the chain's \
                 compute an hour"
            ),
            (None, None) => "let every organisation without a quota of its own use as much of the \
                             chain's compute an hour as the runtime provides for"
                .into(),
        }
    }

    fn on_authorities(&self, name: &str, arguments: &[u8]) -> Option<String> {
        Some(match name {
            "revoke" => {
                let (authority, serial): (AuthorityId, Serial) = decode(arguments)?;
                format!(
                    "revoke the certificate {} of {} for good: {}",
                    hex::encode(&serial),
                    self.authority(authority),
                    self.held_by(authority, Some(&serial), "the transactions of")
                )
            }
            "add_authority" => {
                let certificate: CertificateBytes = decode(arguments)?;
                add_authority(&certificate)
            }
            "remove_authority" => {
                let authority = decode(arguments)?;
                format!(
                    "take no more certificates of {}: {}",
                    self.authority(authority),
                    self.held_by(
                        authority,
                        None,
                        "until they renew elsewhere, the transactions of"
                    )
                )
            }
            _ => return None,
        })
    }

    /// Whose transactions are refused without a certificate, or without all of an authority.
    fn held_by(&self, authority: AuthorityId, serial: Option<&Serial>, what: &str) -> String {
        let holds = |organisation: &Organisation| {
            organisation.certificate.as_ref().is_some_and(|held| {
                held.authority == authority && serial.is_none_or(|serial| held.serial == *serial)
            })
        };
        let holders = self.organisations.iter().filter(|(_, organisation)| holds(organisation));
        let holders: Vec<String> = holders.map(|(account, _)| self.organisation(account)).collect();
        match holders.as_slice() {
            [] => "no organisation acts by it".into(),
            some => format!("{what} {} are refused", some.join(", ")),
        }
    }

    fn on_validators(&self, name: &str, arguments: &[u8]) -> Option<String> {
        Some(match name {
            "add" => {
                let who = self.organisation(&decode(arguments)?);
                format!("let {who} make blocks, from the session after the next on")
            }
            "remove" => {
                let who = self.organisation(&decode(arguments)?);
                format!("no longer have {who} make blocks, from the session after the next on")
            }
            "set_session_blocks" => {
                let blocks: BlockNumber = decode(arguments)?;
                format!(
                    "let sessions of validators last {blocks} blocks, after which changes of \
                     validators and of their keys take effect"
                )
            }
            _ => return None,
        })
    }

    fn on_contracts(&self, name: &str, arguments: &[u8]) -> Option<String> {
        Some(match name {
            "approve" => {
                let contract = self.contract(&decode(arguments)?);
                format!("approve {contract}: loans may be scored with it, instead of its versions before")
            }
            "revoke" => {
                let (id, reason): (ContractId, Name) = decode(arguments)?;
                let contract = self.contract(&id);
                format!("revoke {contract}, so that nothing is scored with it: {}", text(&reason))
            }
            _ => return None,
        })
    }
}

fn on_the_chain(pallet: &str, name: &str, arguments: &[u8]) -> Option<String> {
    Some(match (pallet, name) {
        ("Governance", "authorize_upgrade") => {
            let hash: H256 = decode(arguments)?;
            format!(
                "allow an upgrade of the chain's runtime to the code with the BLAKE2b-256 {} (`b2sum \
                 -l 256 FILE` shows a file's); a member of the council then puts it in force",
                hex::encode(hash)
            )
        }
        ("SafeMode", "force_enter") => "stop the chain in an emergency: all transactions but the \
                                        council's, renewals and validators' keys are refused, until \
                                        the stop ends by itself or the council resumes"
            .into(),
        ("SafeMode", "force_extend") => {
            "extend the emergency stop, during which all transactions but the council's, renewals and \
             validators' keys are refused"
                .into()
        }
        ("SafeMode", "force_exit") => "end the emergency stop: transactions are taken again".into(),
        ("TxPause", "pause") => {
            format!("refuse the call {} from everybody, until it is unpaused", paused(arguments)?)
        }
        ("TxPause", "unpause") => {
            format!("take the call {} again, which is paused", paused(arguments)?)
        }
        _ => return None,
    })
}

fn paused(arguments: &[u8]) -> Option<String> {
    let (pallet, name): (Vec<u8>, Vec<u8>) = decode(arguments)?;
    Some(format!("{}::{}", text(&pallet), text(&name)))
}

/// An authority's certificate with what voters compare.
fn add_authority(certificate: &[u8]) -> String {
    match assay_certificate::read_root(certificate) {
        Ok(root) => format!(
            "take certificates of the authority \"{}\", which enrol organisations and renew them; its \
             own certificate holds from {} to {} and has the hash {:?}, the SHA-256 fingerprint {}",
            text(&root.name),
            date(root.not_before_secs),
            moment(root.not_after_secs),
            root.hash,
            fingerprint(certificate)
        ),
        Err(fault) => format!(
            "take certificates of an authority whose own certificate is none: {fault}; the motion \
             would have no effect"
        ),
    }
}

/// As `openssl x509 -fingerprint -sha256` shows it.
fn fingerprint(der: &[u8]) -> String {
    let digest = Sha256::digest(der);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// What the chain says of a call, and its arguments.
fn documented(call: &DecodedCall) -> String {
    let docs = call.docs.trim();
    let sentence = docs.split_once(". ").map_or(docs, |(first, _)| first).trim_end_matches('.');
    let mut words = call.to_string();
    if !sentence.is_empty() {
        words.push_str(&format!(" ({sentence})"));
    }
    if let Json::Object(fields) = &call.fields {
        for (name, value) in fields {
            let value = value.as_str().map_or_else(|| value.to_string(), String::from);
            words.push_str(&format!(", {name}: {value}"));
        }
    }
    words
}

fn listed(roles: Roles) -> String {
    match roles.names().as_slice() {
        [] => "none".into(),
        names => names.join(", "),
    }
}

fn decode<A: DecodeAll>(arguments: &[u8]) -> Option<A> {
    A::decode_all(&mut &arguments[..]).ok()
}

#[cfg(test)]
mod tests;

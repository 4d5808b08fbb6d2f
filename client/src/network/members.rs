//! Checks of a NETWORK's authorities and organisations.

use super::{
    config::{Faults, RawAuthority, RawNetwork, RawOrganisation, Source},
    plan::{check_name, Authority, Organisation},
};
use crate::certificate::{self, CERTIFICATE};
use assay_certificate::{read_member, read_root, MemberCertificate};
use assay_primitives::{member::Roles, AccountId};
use std::{collections::BTreeMap, path::PathBuf};
use toml::Spanned;

const DEFAULT_AUTHORITY_DAYS: u32 = 3_650;
const DEFAULT_ORGANISATION_DAYS: u32 = 365;
/// Longest time for which certificates are made here: twenty years.
const MAX_DAYS: u32 = 7_305;

/// The authorities as far as nothing is wrong with them, in the file's order.
pub fn authorities(
    raw: &RawNetwork,
    source: &Source<'_>,
    now_secs: u64,
    faults: &mut Faults<'_>,
) -> Vec<Option<Authority>> {
    if raw.authorities.is_empty() {
        faults.overall(
            "there is no [[authority]], so nobody could be a member",
            "add one: its certificate is made here unless the file names it",
        );
    }
    let mut files = FileNames::default();
    let mut check = |given: &RawAuthority| {
        check_name(&given.name, "[[authority]] name", faults);
        let file = files.of(&given.name, "[[authority]]", faults)?;
        let valid_days = days(&given.valid_days, DEFAULT_AUTHORITY_DAYS, faults);
        let certificate = match &given.certificate {
            Some(path) => Some(given_root(given, path, source, now_secs, faults)?),
            None => None,
        };
        Some(Authority { name: given.name.get_ref().clone(), file, given: certificate, valid_days })
    };
    raw.authorities.iter().map(&mut check).collect()
}

fn given_root(
    given: &RawAuthority,
    path: &Spanned<PathBuf>,
    source: &Source<'_>,
    now_secs: u64,
    faults: &mut Faults<'_>,
) -> Option<Vec<u8>> {
    refuse_days(&given.valid_days, faults);
    let der = read_certificate(path, source, faults)?;
    match read_root(&der) {
        Ok(root) => {
            let holds = (root.not_before_secs, root.not_after_secs);
            check_holds(path, holds, now_secs, faults);
            Some(der)
        }
        Err(fault) => {
            faults.at(
                path,
                format!("{}: {fault}", path.get_ref().display()),
                "name the self-signed certificate of an authority (CA:TRUE)",
            );
            None
        }
    }
}

/// The organisations as far as nothing is wrong with them, in the file's order.
pub fn organisations(
    raw: &RawNetwork,
    source: &Source<'_>,
    authorities: &[Option<Authority>],
    now_secs: u64,
    faults: &mut Faults<'_>,
) -> Vec<Option<Organisation>> {
    let mut files = FileNames::default();
    let mut accounts: BTreeMap<AccountId, String> = BTreeMap::new();
    let mut check = |given: &RawOrganisation| {
        check_name(&given.name, "[[organisation]] name", faults);
        let file = files.of(&given.name, "[[organisation]]", faults);
        let valid_days = days(&given.valid_days, DEFAULT_ORGANISATION_DAYS, faults);
        let roles = roles(given, faults);
        let position = find_authority(raw, given, faults)?;
        let authority = authorities.get(position)?.as_ref()?;
        let (roles, certificate) = match &given.certificate {
            Some(path) => {
                let (found, member, der) = given_member(given, path, source, authority, faults)?;
                let holds = (member.not_before_secs, member.not_after_secs);
                check_holds(path, holds, now_secs, faults);
                check_agrees(given, roles, found, &member, faults);
                let account = AccountId::new(member.account);
                check_account(given, &account, &mut accounts, faults);
                (found, Some((account, der)))
            }
            None => {
                check_can_issue(given, authority, valid_days, faults);
                (roles?, None)
            }
        };
        let name = given.name.get_ref().clone();
        let given = certificate;
        Some(Organisation { name, file: file?, roles, authority: position, given, valid_days })
    };
    raw.organisations.iter().map(&mut check).collect()
}

/// The roles that the file names; all of them must be known, and without a certificate that names
/// them there must be one.
fn roles(given: &RawOrganisation, faults: &mut Faults<'_>) -> Option<Roles> {
    let named = given.roles.as_deref().unwrap_or_default();
    let mut all = Some(Roles::NONE);
    for word in named {
        let role = Roles::by_name(word.get_ref());
        if role.is_none() {
            let known: Vec<&str> = Roles::NAMES.iter().map(|(_, name)| *name).collect();
            faults.at(
                word,
                format!("there is no role \"{}\"", word.get_ref()),
                format!("there are {}", known.join(", ")),
            );
        }
        all = all.zip(role).map(|(all, role)| all.with(role));
    }
    if named.is_empty() && given.certificate.is_none() {
        faults.at(
            &given.name,
            format!("[[organisation]] \"{}\" has no roles", given.name.get_ref()),
            "name them: roles = [\"originator\"], for instance",
        );
        return None;
    }
    all
}

fn find_authority(
    raw: &RawNetwork,
    given: &RawOrganisation,
    faults: &mut Faults<'_>,
) -> Option<usize> {
    let named = given.authority.get_ref();
    let found = raw.authorities.iter().position(|known| known.name.get_ref() == named);
    if found.is_none() {
        faults.at(
            &given.authority,
            format!(
                "[[organisation]] \"{}\": there is no [[authority]] \"{named}\"",
                given.name.get_ref()
            ),
            "add it, or name another one",
        );
    }
    found
}

/// A certificate that was made elsewhere, with the roles it names.
fn given_member(
    given: &RawOrganisation,
    path: &Spanned<PathBuf>,
    source: &Source<'_>,
    authority: &Authority,
    faults: &mut Faults<'_>,
) -> Option<(Roles, MemberCertificate, Vec<u8>)> {
    refuse_days(&given.valid_days, faults);
    let der = read_certificate(path, source, faults)?;
    let Some(issuer) = &authority.given else {
        faults.at(
            path,
            format!(
                "the certificate is here already, but that of its [[authority]] \"{}\" is to be \
                 made",
                authority.name
            ),
            "name the authority's certificate, too",
        );
        return None;
    };
    let shown = path.get_ref().display();
    match read_member(&der, issuer).and_then(|member| Ok((member.roles()?, member))) {
        Ok((roles, member)) => Some((roles, member, der)),
        Err(fault) => {
            faults.at(
                path,
                format!("{shown}: {fault}"),
                format!("have \"{}\" issue one that the chain takes", authority.name),
            );
            None
        }
    }
}

/// The file and a certificate that both name an organisation and its roles must say the same.
fn check_agrees(
    given: &RawOrganisation,
    named: Option<Roles>,
    found: Roles,
    member: &MemberCertificate,
    faults: &mut Faults<'_>,
) {
    let name = given.name.get_ref();
    if member.name != name.as_bytes() {
        let issued = String::from_utf8_lossy(&member.name);
        faults.at(
            &given.name,
            format!("[[organisation]] \"{name}\" has the certificate of \"{issued}\""),
            "write the name as the certificate has it, or name another certificate",
        );
    }
    if given.roles.is_some() && named.is_some_and(|named| named != found) {
        faults.at(
            &given.name,
            format!(
                "[[organisation]] \"{name}\" has a certificate with the roles {}",
                found.names().join(", ")
            ),
            "leave `roles` out, or have a certificate issued that names the same",
        );
    }
}

fn check_account(
    given: &RawOrganisation,
    account: &AccountId,
    accounts: &mut BTreeMap<AccountId, String>,
    faults: &mut Faults<'_>,
) {
    let name = given.name.get_ref();
    if let Some(other) = accounts.insert(account.clone(), name.clone()) {
        faults.at(
            &given.name,
            format!("[[organisation]] \"{name}\" has the same key as \"{other}\""),
            "every organisation makes its own key",
        );
    }
}

/// Certificates are made here by authorities that are made here, and end before these.
fn check_can_issue(
    given: &RawOrganisation,
    authority: &Authority,
    valid_days: u32,
    faults: &mut Faults<'_>,
) {
    let name = given.name.get_ref();
    if authority.given.is_some() {
        faults.at(
            &given.name,
            format!(
                "[[organisation]] \"{name}\" has no certificate, and \"{}\" keeps its key elsewhere",
                authority.name
            ),
            "have it issue one with `assay member certificate`, and name the file as `certificate`",
        );
    } else if valid_days > authority.valid_days {
        faults.at(
            &given.name,
            format!(
                "[[organisation]] \"{name}\": {valid_days} days are more than the {} of \"{}\"",
                authority.valid_days, authority.name
            ),
            "lower valid_days, or raise those of the authority",
        );
    }
}

fn read_certificate(
    path: &Spanned<PathBuf>,
    source: &Source<'_>,
    faults: &mut Faults<'_>,
) -> Option<Vec<u8>> {
    let file = source.beside(path.get_ref());
    match certificate::read_pem_or_der(&file, CERTIFICATE) {
        Ok(der) => Some(der),
        Err(fault) => {
            faults.at(path, fault, "name a certificate in PEM or DER, relative to this file");
            None
        }
    }
}

fn check_holds(
    path: &Spanned<PathBuf>,
    (not_before_secs, not_after_secs): (u64, u64),
    now_secs: u64,
    faults: &mut Faults<'_>,
) {
    let shown = path.get_ref().display();
    if now_secs > not_after_secs {
        faults.at(path, format!("{shown} has expired"), "have it issued anew");
    } else if now_secs < not_before_secs {
        faults.at(path, format!("{shown} does not hold yet"), "wait, or set the clock right");
    }
}

fn days(given: &Option<Spanned<u32>>, default: u32, faults: &mut Faults<'_>) -> u32 {
    let Some(given) = given else { return default };
    let days = *given.get_ref();
    if days == 0 || days > MAX_DAYS {
        faults.at(given, format!("valid_days = {days}"), format!("use 1 to {MAX_DAYS}"));
    }
    days
}

fn refuse_days(given: &Option<Spanned<u32>>, faults: &mut Faults<'_>) {
    if let Some(given) = given {
        faults.at(
            given,
            "valid_days is for certificates that are made here",
            "take it out: the given certificate says how long it holds",
        );
    }
}

/// Files that are called after what people named, each by its own name.
#[derive(Default)]
pub struct FileNames(BTreeMap<String, String>);

impl FileNames {
    /// `first-bank` for "First Bank": lower-case letters of any script, digits and dashes.
    pub fn of(
        &mut self,
        name: &Spanned<String>,
        section: &str,
        faults: &mut Faults<'_>,
    ) -> Option<String> {
        let text = name.get_ref();
        let file = file_name(text);
        let problem = match self.0.get(&file) {
            _ if file.is_empty() => {
                format!("{section} \"{text}\" has no letter or digit to name its files by")
            }
            Some(other) => format!("{section} \"{text}\" would share its files with \"{other}\""),
            None => {
                self.0.insert(file.clone(), text.clone());
                return Some(file);
            }
        };
        faults.at(name, problem, "give it another name");
        None
    }
}

fn file_name(text: &str) -> String {
    let dashed: String = text
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '-' })
        .collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

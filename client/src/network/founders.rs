//! The founding authorities and organisations: keys and certificates that are made here.

use super::{
    files::{self, FileFault},
    plan::{Authority, Organisation, Plan},
};
use crate::{
    certificate::{self, CertificateFault, MemberTerms, CERTIFICATE},
    chain::{Key, KeyFault},
};
use assay_primitives::{member::Roles, AccountId};
use std::path::Path;

/// Where authorities' certificates and keys are kept.
const AUTHORITIES: &str = "authorities";
/// Where organisations' certificates and keys are kept.
const ORGANISATIONS: &str = "organisations";
const SECS_PER_DAY: u64 = 86_400;
/// Certificates begin an hour ago, since machines' clocks differ.
const BACKDATED_SECS: u64 = 3_600;

/// Why a founder can't be made.
#[derive(Debug, thiserror::Error)]
pub enum FoundersFault {
    #[error(transparent)]
    File(#[from] FileFault),
    #[error(transparent)]
    Key(#[from] KeyFault),
    #[error("the certificate of \"{name}\" can't be made: {reason}")]
    Certificate { name: String, reason: CertificateFault },
    #[error("nobody can issue the certificate of \"{name}\": name one that was issued elsewhere")]
    NoIssuer { name: String },
}

/// Those whom a chain begins with.
pub struct Founders {
    pub authorities: Vec<FoundedAuthority>,
    pub organisations: Vec<FoundedOrganisation>,
}

/// An authority with its certificate.
pub struct FoundedAuthority {
    pub name: String,
    /// DER encoded.
    pub certificate: Vec<u8>,
    /// Its certificate's file, relative to the network's directory.
    pub certificate_file: String,
    /// Its key's file, if the key was made here.
    pub key_file: Option<String>,
    key: Option<Key>,
}

/// An organisation with its account and certificate.
pub struct FoundedOrganisation {
    pub name: String,
    pub roles: Roles,
    pub account: AccountId,
    /// DER encoded.
    pub certificate: Vec<u8>,
    /// Its certificate's file, relative to the network's directory.
    pub certificate_file: String,
    /// Its key's file, if the key was made here.
    pub key_file: Option<String>,
}

/// Makes what the plan has not been given, and writes it below `directory`.
pub fn found(
    plan: &Plan,
    directory: &Path,
    passphrase: &str,
    note: &mut dyn FnMut(&str),
) -> Result<Founders, FoundersFault> {
    files::secret_directory(&directory.join(AUTHORITIES))?;
    files::secret_directory(&directory.join(ORGANISATIONS))?;
    let mut authorities = Vec::new();
    for authority in &plan.authorities {
        note(&format!("authority {}", authority.name));
        authorities.push(found_authority(authority, plan.now_secs, directory, passphrase)?);
    }
    let mut organisations = Vec::new();
    for organisation in &plan.organisations {
        note(&format!("organisation {}", organisation.name));
        let issuer = authorities.get(organisation.authority);
        let made = found_organisation(organisation, issuer, plan.now_secs, directory, passphrase)?;
        organisations.push(made);
    }
    Ok(Founders { authorities, organisations })
}

fn found_authority(
    authority: &Authority,
    now_secs: u64,
    directory: &Path,
    passphrase: &str,
) -> Result<FoundedAuthority, FoundersFault> {
    let name = authority.name.clone();
    let place = format!("{AUTHORITIES}/{}", authority.file);
    let (key, key_file, certificate) = match &authority.given {
        Some(der) => (None, None, der.clone()),
        None => {
            let (key, key_file) = make_key(&place, directory, passphrase)?;
            let (from, to) = validity(now_secs, authority.valid_days);
            let der = certificate::authority(&key, &name, from, to)
                .map_err(|reason| FoundersFault::Certificate { name: name.clone(), reason })?;
            (Some(key), Some(key_file), der)
        }
    };
    let certificate_file = write_certificate(&place, &certificate, directory)?;
    Ok(FoundedAuthority { name, certificate, certificate_file, key_file, key })
}

fn found_organisation(
    organisation: &Organisation,
    issuer: Option<&FoundedAuthority>,
    now_secs: u64,
    directory: &Path,
    passphrase: &str,
) -> Result<FoundedOrganisation, FoundersFault> {
    let Organisation { name, roles, .. } = organisation.clone();
    let place = format!("{ORGANISATIONS}/{}", organisation.file);
    let issuer_key = issuer.and_then(|issuer| Some((issuer.key.as_ref()?, &issuer.certificate)));
    let (account, key_file, certificate) = match (&organisation.given, issuer_key) {
        (Some((account, der)), _) => (account.clone(), None, der.clone()),
        (None, Some((issuer_key, issuer_der))) => {
            let (key, key_file) = make_key(&place, directory, passphrase)?;
            let (not_before, not_after) = validity(now_secs, organisation.valid_days);
            let terms =
                MemberTerms { name: name.clone(), roles, not_before, not_after, serial: None };
            let der = certificate::issue(issuer_key, issuer_der, &key.account(), &terms)
                .map_err(|reason| FoundersFault::Certificate { name: name.clone(), reason })?;
            (key.account(), Some(key_file), der)
        }
        (None, None) => return Err(FoundersFault::NoIssuer { name }),
    };
    let certificate_file = write_certificate(&place, &certificate, directory)?;
    Ok(FoundedOrganisation { name, roles, account, certificate, certificate_file, key_file })
}

fn make_key(
    place: &str,
    directory: &Path,
    passphrase: &str,
) -> Result<(Key, String), FoundersFault> {
    let key = Key::generate();
    let file = format!("{place}.key");
    key.write(&directory.join(&file), passphrase)?;
    Ok((key, file))
}

fn write_certificate(place: &str, der: &[u8], directory: &Path) -> Result<String, FileFault> {
    let file = format!("{place}.pem");
    files::write(&directory.join(&file), certificate::to_pem(CERTIFICATE, der))?;
    Ok(file)
}

/// First and last second of a certificate.
fn validity(now_secs: u64, days: u32) -> (u64, u64) {
    let length = u64::from(days).saturating_mul(SECS_PER_DAY);
    (now_secs.saturating_sub(BACKDATED_SECS), now_secs.saturating_add(length))
}

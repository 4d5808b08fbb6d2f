//! X.509 certificates: authorities, requests, and what an authority grants a member. Keys are
//! [`Key`]s, which sign here and are never given away.

mod file;
mod inspect;
mod layout;
mod request;
#[cfg(test)]
mod tests;

pub use self::{
    file::{read_pem_or_der, to_pem, write_new, CERTIFICATE, REQUEST},
    inspect::inspect,
    request::{read_request, Request},
};

use crate::chain::{Key, KeyFault};
use assay_certificate::{AuthorityKey, Fault, MemberCertificate, Root};
use assay_primitives::{
    member::{Authority, Roles, MAX_SERIAL_BYTES},
    AccountId, AuthorityId, MAX_NAME_BYTES,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyUsagePurpose};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_cert::der::{asn1::ObjectIdentifier, DateTime};

/// id-Ed25519, of keys and of signatures (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The last second that a certificate can name: the end of the year 9999.
const MAX_SECS: u64 = 253_402_300_799;
/// Bytes of a serial number that nobody chose: enough never to meet twice.
const SERIAL_BYTES: usize = 16;
/// The development authority's certificate, which every development chain begins with.
const DEVELOPMENT_AUTHORITY: &[u8] = include_bytes!("../../runtime/src/development_authority.der");
/// The key of the development authority, known to everybody.
const DEVELOPMENT_AUTHORITY_KEY: &str = "//Authority";

/// Why a certificate can't be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    #[error("{path}: {reason}")]
    File { path: String, reason: std::io::Error },
    #[error("{path} exists already, and no certificate is overwritten: name another file")]
    Exists { path: String },
    #[error("{path} holds no {label}: {reason}")]
    Content { path: String, label: String, reason: String },
    #[error("a certificate's name has 1 to {MAX_NAME_BYTES} bytes, \"{}\" has {}", .0, .0.len())]
    Name(String),
    #[error("a member needs at least one role, which its authority grants it by the certificate")]
    NoRoles,
    #[error(
        "a certificate can't hold from {} to {}: it ends before it begins, or after the year 9999",
        day(*.0), day(*.1)
    )]
    Validity(u64, u64),
    #[error(
        "a serial number has 1 to {MAX_SERIAL_BYTES} bytes and is above 0; this one is 0x{}",
        hex::encode(.0)
    )]
    Serial(Vec<u8>),
    #[error(
        "{key} is not the key of the authority \"{authority}\": name that one's file with --key"
    )]
    OtherKey { key: String, authority: String },
    #[error(
        "the authority \"{0}\" has a P-256 key, which OpenSSL keeps: issue with `openssl x509 -req`, \
         as the operating guide shows"
    )]
    KeptByOpenSsl(String),
    #[error(
        "the certificate of the authority \"{authority}\" ends on {}: grant fewer days, or renew \
         the authority first",
        day(*.not_after_secs)
    )]
    OutlivesAuthority { authority: String, not_after_secs: u64 },
    #[error("the authority's certificate can't be used: {0}")]
    Authority(Fault),
    #[error("the chain would refuse the certificate: {0}")]
    Member(Fault),
    #[error(
        "none of the {0} authorities of this chain signed the certificate; `assay member authority \
         list` shows them"
    )]
    Stranger(usize),
    #[error("the request can't be read as PKCS#10: {0}; make one with `assay member request`")]
    Request(String),
    #[error("the request's signature is not of the key in it: make it anew with that key")]
    NotPossessed,
    #[error(
        "the request's key is no Ed25519 key, which a member's account is: make one with `assay \
         key new` and the request with `assay member request`"
    )]
    NotAnAccountKey,
    #[error(
        "the request asks for \"{}\", which is no role: its organisational units (OU) are among {}",
        .0,
        Roles::ALL.names().join(", ")
    )]
    UnknownRole(String),
    #[error("the certificate can't be written: {0}")]
    Layout(String),
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl From<rcgen::Error> for CertificateFault {
    fn from(fault: rcgen::Error) -> Self {
        CertificateFault::Layout(fault.to_string())
    }
}

impl From<x509_cert::der::Error> for CertificateFault {
    fn from(fault: x509_cert::der::Error) -> Self {
        CertificateFault::Layout(fault.to_string())
    }
}

/// What a member's certificate says besides its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberTerms {
    /// The organisation's name.
    pub name: String,
    pub roles: Roles,
    /// First second at which it holds, since 1970.
    pub not_before: u64,
    /// Last second at which it holds.
    pub not_after: u64,
    /// None for a random one.
    pub serial: Option<Vec<u8>>,
}

/// Makes the self-signed certificate of an authority, DER encoded.
///
/// # Errors
/// `Name` or `Validity` when that is out of bounds.
pub fn authority(
    key: &Key,
    name: &str,
    not_before_secs: u64,
    not_after_secs: u64,
) -> Result<Vec<u8>, CertificateFault> {
    check_name(name)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = layout::plain_name(name);
    set_validity(&mut params, not_before_secs, not_after_secs)?;
    params.serial_number = Some(serial(None)?.into());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let der = params.self_signed(&layout::Signer::new(key))?.der().to_vec();
    assay_certificate::read_root(&der).map_err(CertificateFault::Authority)?;
    Ok(der)
}

/// Makes a request for a member's certificate (PKCS#10), DER encoded; the key's signature shows that
/// whoever asks holds it.
///
/// # Errors
/// `Name` or `NoRoles` when that is out of bounds.
pub fn request(key: &Key, name: &str, roles: Roles) -> Result<Vec<u8>, CertificateFault> {
    check_name(name)?;
    check_roles(roles)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = layout::plain_name(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let plain = params.serialize_request(&layout::Signer::new(key))?;
    let subject = layout::member_name(name, roles)?;
    Ok(layout::with_subject(plain.der(), layout::Document::Request, subject, key)?)
}

/// Issues a member's certificate, DER encoded, that the chain takes from the authority.
///
/// # Errors
/// What is out of bounds in the terms; `OtherKey` or `KeptByOpenSsl` when the key isn't the
/// authority's; `Member` when the chain would refuse the result.
pub fn issue(
    authority_key: &Key,
    authority_der: &[u8],
    account: &AccountId,
    terms: &MemberTerms,
) -> Result<Vec<u8>, CertificateFault> {
    let root = own_root(authority_key, authority_der)?;
    check_name(&terms.name)?;
    check_roles(terms.roles)?;
    if terms.not_after > root.not_after_secs {
        let authority = text(&root.name);
        let not_after_secs = root.not_after_secs;
        return Err(CertificateFault::OutlivesAuthority { authority, not_after_secs });
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = layout::plain_name(&terms.name);
    set_validity(&mut params, terms.not_before, terms.not_after)?;
    params.serial_number = Some(serial(terms.serial.as_deref())?.into());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let signer = layout::Signer::new(authority_key);
    let issuer = Issuer::from_ca_cert_der(&authority_der.into(), signer)?;
    let plain = params.signed_by(&layout::Account::new(account), &issuer)?;
    let subject = layout::member_name(&terms.name, terms.roles)?;
    let document = layout::Document::Certificate;
    let der = layout::with_subject(plain.der(), document, subject, authority_key)?;
    assay_certificate::read_member(&der, authority_der).map_err(CertificateFault::Member)?;
    Ok(der)
}

/// Issues what a request asks for, after checking that whoever asks holds the key.
///
/// # Errors
/// As [`read_request`] and [`issue`].
pub fn issue_for_request(
    authority_key: &Key,
    authority_der: &[u8],
    request_der: &[u8],
    not_before: u64,
    not_after: u64,
) -> Result<Vec<u8>, CertificateFault> {
    let Request { account, name, roles } = read_request(request_der)?;
    let terms = MemberTerms { name, roles, not_before, not_after, serial: None };
    issue(authority_key, authority_der, &account, &terms)
}

/// The authority of a chain that signed a member's certificate, and what it says.
///
/// # Errors
/// `Member` when no authority's certificate would make it readable, `Stranger` when it's of another.
pub fn find_issuer(
    der: &[u8],
    authorities: &[(AuthorityId, Authority)],
) -> Result<(AuthorityId, MemberCertificate), CertificateFault> {
    let mut faults = Vec::new();
    for (id, authority) in authorities {
        match assay_certificate::read_member(der, &authority.certificate) {
            Ok(certificate) => return Ok((*id, certificate)),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.iter().find(|fault| **fault != Fault::BadSignature) {
        Some(fault) => Err(CertificateFault::Member(*fault)),
        None => Err(CertificateFault::Stranger(authorities.len())),
    }
}

/// The authority that every development chain takes: its key, which everybody knows, and its
/// certificate.
pub fn development_authority() -> (Key, Vec<u8>) {
    let key = Key::development(DEVELOPMENT_AUTHORITY_KEY).expect("the path is a derivation");
    (key, DEVELOPMENT_AUTHORITY.to_vec())
}

/// This machine's time, in seconds since 1970.
pub fn clock_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The authority, if the key is its own.
fn own_root(key: &Key, authority_der: &[u8]) -> Result<Root, CertificateFault> {
    let root = assay_certificate::read_root(authority_der).map_err(CertificateFault::Authority)?;
    match root.key {
        AuthorityKey::Ed25519(public) if AccountId::new(public) == key.account() => Ok(root),
        AuthorityKey::Ed25519(_) => {
            let authority = text(&root.name);
            Err(CertificateFault::OtherKey { key: key.label().into(), authority })
        }
        AuthorityKey::P256(_) => Err(CertificateFault::KeptByOpenSsl(text(&root.name))),
    }
}

fn check_name(name: &str) -> Result<(), CertificateFault> {
    let is_within = u32::try_from(name.len()).is_ok_and(|bytes| bytes <= MAX_NAME_BYTES);
    match is_within && !name.is_empty() {
        true => Ok(()),
        false => Err(CertificateFault::Name(name.into())),
    }
}

fn check_roles(roles: Roles) -> Result<(), CertificateFault> {
    roles.is_valid().then_some(()).ok_or(CertificateFault::NoRoles)
}

/// Sets from when to when a certificate holds.
fn set_validity(
    params: &mut CertificateParams,
    not_before_secs: u64,
    not_after_secs: u64,
) -> Result<(), CertificateFault> {
    if not_before_secs >= not_after_secs || not_after_secs > MAX_SECS {
        return Err(CertificateFault::Validity(not_before_secs, not_after_secs));
    }
    let since_1970 = |secs| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(secs);
    params.not_before = since_1970(not_before_secs);
    params.not_after = since_1970(not_after_secs);
    Ok(())
}

/// The serial number given, without leading zeros, or a random one.
fn serial(given: Option<&[u8]>) -> Result<Vec<u8>, CertificateFault> {
    let Some(given) = given else {
        let mut random: [u8; SERIAL_BYTES] = rand::random();
        // Positive, and of full length.
        random[0] = (random[0] & 0x7f) | 0x40;
        return Ok(random.to_vec());
    };
    let number: Vec<u8> = given.iter().copied().skip_while(|byte| *byte == 0).collect();
    let is_negative = number.first().is_some_and(|byte| byte & 0x80 != 0);
    let is_within = number.len() + usize::from(is_negative) <= MAX_SERIAL_BYTES as usize;
    match is_within && !number.is_empty() {
        true => Ok(number),
        false => Err(CertificateFault::Serial(given.to_vec())),
    }
}

/// Bytes of a name as text; those that are not UTF-8 are replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The day of a second, in UTC.
fn day(secs: u64) -> String {
    DateTime::from_unix_duration(Duration::from_secs(secs))
        .map_or_else(|_| "after 9999".into(), |time| time.to_string().chars().take(10).collect())
}

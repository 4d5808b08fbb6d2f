//! Certificates to read, made by rcgen.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber, SignatureAlgorithm,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
};
use std::time::Duration;

pub const NOT_BEFORE: u64 = 1_700_000_000;
pub const NOT_AFTER: u64 = 1_800_000_000;

/// Object identifier of the basic constraints.
pub const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
/// Object identifier of the name constraints, which are not known here.
pub const NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];

/// A public key whose secret nobody needs.
pub struct Account(pub [u8; 32]);

impl PublicKeyData for Account {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

pub fn ed25519() -> KeyPair {
    KeyPair::generate_for(&PKCS_ED25519).unwrap()
}

pub fn p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

pub fn named(parts: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, text) in parts {
        name.push(kind.clone(), *text);
    }
    name
}

/// rcgen's names hold each kind once; as a kind of its own a second one fits, too.
pub fn unit() -> DnType {
    DnType::CustomDnType(vec![2, 5, 4, 11])
}

pub fn validity(params: &mut CertificateParams, not_before: u64, not_after: u64) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(not_before);
    params.not_after = epoch + Duration::from_secs(not_after);
}

pub fn root_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    validity(&mut params, NOT_BEFORE, NOT_AFTER);
    params.serial_number = Some(SerialNumber::from_slice(&[1]));
    params.distinguished_name = named(&[
        (DnType::OrganizationName, "Bank Authority"),
        (DnType::CommonName, "Root of the bank"),
    ]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

pub fn member_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    validity(&mut params, NOT_BEFORE + 10, NOT_AFTER - 10);
    params.serial_number = Some(SerialNumber::from_slice(&[0x9a, 2, 3]));
    params.distinguished_name = named(&[
        (DnType::OrganizationName, "First Bank"),
        (DnType::OrganizationalUnitName, "bureau"),
        (unit(), "originator"),
    ]);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

pub fn root(key: &KeyPair) -> Vec<u8> {
    root_params().self_signed(key).unwrap().der().to_vec()
}

pub fn signed(params: &CertificateParams, subject: &impl PublicKeyData, key: &KeyPair) -> Vec<u8> {
    let issuer_params = root_params();
    let issuer = Issuer::from_params(&issuer_params, key);
    params.signed_by(subject, &issuer).unwrap().der().to_vec()
}

/// A member's certificate for the account of sevens.
pub fn member(params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
    signed(params, &Account([7; 32]), key)
}

pub fn extension(oid: &[u64], critical: bool, content: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, content.to_vec());
    extension.set_criticality(critical);
    extension
}

/// The certificate with these bytes in place of those, where they are first or last.
pub fn replaced(der: &[u8], from: &[u8], to: &[u8], last: bool) -> Vec<u8> {
    let mut places = (0..der.len()).filter(|at| der[*at..].starts_with(from));
    let at = if last { places.next_back() } else { places.next() }.unwrap();
    [&der[..at], to, &der[at + from.len()..]].concat()
}

//! Authorities that sign, and what they sign.

use super::mock::NOW_SECS;
use assay_primitives::{
    member::{CertificateBytes, Roles, Serial},
    UnixSecs,
};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber, SignatureAlgorithm,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
};
use std::time::Duration;

pub const DAY: u64 = 86_400;

/// The key of an account; nobody signs with it here.
struct Account([u8; 32]);

impl PublicKeyData for Account {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

/// What a certificate says.
#[derive(Clone)]
pub struct Terms {
    pub account: [u8; 32],
    pub name: String,
    pub units: Vec<String>,
    pub serial: Vec<u8>,
    pub from: UnixSecs,
    pub until: UnixSecs,
}

/// Of the account and its serial number alike; holds for a hundred days.
pub fn terms(account: u8, name: &str, roles: Roles) -> Terms {
    Terms {
        account: [account; 32],
        name: name.into(),
        units: roles.names().into_iter().map(String::from).collect(),
        serial: vec![account],
        from: NOW_SECS - DAY,
        until: NOW_SECS + 100 * DAY,
    }
}

pub fn serial(bytes: &[u8]) -> Serial {
    bytes.to_vec().try_into().unwrap()
}

/// The time as rcgen has it.
macro_rules! at {
    ($secs:expr) => {
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs($secs)
    };
}

fn params(
    name: &str,
    units: &[String],
    serial: &[u8],
    [from, until]: [u64; 2],
) -> CertificateParams {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (at!(from), at!(until));
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, name);
    // rcgen's names hold each kind once, and know this one as two.
    let kinds = [DnType::OrganizationalUnitName, DnType::CustomDnType(vec![2, 5, 4, 11])];
    assert!(units.len() <= kinds.len());
    for (kind, unit) in kinds.into_iter().zip(units) {
        params.distinguished_name.push(kind, unit.as_str());
    }
    params
}

/// An authority with its key.
pub struct Signer {
    pub params: CertificateParams,
    key: KeyPair,
}

impl Signer {
    pub fn new(name: &str) -> Self {
        Signer::with_key(name, KeyPair::generate_for(&PKCS_ED25519).unwrap())
    }

    pub fn p256(name: &str) -> Self {
        Signer::with_key(name, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    fn with_key(name: &str, key: KeyPair) -> Self {
        let mut params = params(name, &[], &[1], [NOW_SECS - 1_000 * DAY, NOW_SECS + 1_000 * DAY]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Signer { params, key }
    }

    /// The authority with another time.
    pub fn holding(mut self, from: UnixSecs, until: UnixSecs) -> Self {
        (self.params.not_before, self.params.not_after) = (at!(from), at!(until));
        self
    }

    pub fn root(&self) -> CertificateBytes {
        self.params.self_signed(&self.key).unwrap().der().to_vec().try_into().unwrap()
    }

    pub fn sign(&self, terms: &Terms) -> CertificateBytes {
        self.sign_as(terms, |_| {})
    }

    /// The certificate of the terms, with something changed before it is signed.
    pub fn sign_as(
        &self,
        terms: &Terms,
        change: impl FnOnce(&mut CertificateParams),
    ) -> CertificateBytes {
        let validity = [terms.from, terms.until];
        let mut params = params(&terms.name, &terms.units, &terms.serial, validity);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        self.sign_key(&params, &Account(terms.account))
    }

    /// A certificate whose subject's key is not of an account.
    pub fn sign_other_key(&self, terms: &Terms) -> CertificateBytes {
        let params = params(&terms.name, &terms.units, &terms.serial, [terms.from, terms.until]);
        self.sign_key(&params, &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    /// A certificate of these parameters for that key.
    pub fn sign_key(
        &self,
        params: &CertificateParams,
        key: &impl PublicKeyData,
    ) -> CertificateBytes {
        let issuer = Issuer::from_params(&self.params, &self.key);
        params.signed_by(key, &issuer).unwrap().der().to_vec().try_into().unwrap()
    }
}

/// A critical extension that nobody knows.
pub fn unknown_extension() -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0x05, 0]);
    extension.set_criticality(true);
    extension
}

//! Keys and signatures of authorities.

use crate::{AuthorityKey, Fault};
use der::asn1::ObjectIdentifier;
use p256::ecdsa::{signature::Verifier, Signature, VerifyingKey};
use sp_core::ed25519;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// Ed25519, of keys and signatures (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Keys on elliptic curves (RFC 5480).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curve P-256 (RFC 5480).
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// ECDSA with SHA-256 (RFC 5758).
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// How a certificate is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Ed25519,
    EcdsaSha256,
}

impl Algorithm {
    /// Both algorithms are without parameters.
    pub(crate) fn of(identifier: &AlgorithmIdentifierOwned) -> Result<Self, Fault> {
        match (identifier.oid, &identifier.parameters) {
            (ED25519, None) => Ok(Algorithm::Ed25519),
            (ECDSA_SHA256, None) => Ok(Algorithm::EcdsaSha256),
            _ => Err(Fault::UnsupportedSignature),
        }
    }
}

/// The Ed25519 key, when it is one.
pub(crate) fn ed25519_key(info: &SubjectPublicKeyInfoOwned) -> Option<[u8; 32]> {
    if info.algorithm.oid != ED25519 || info.algorithm.parameters.is_some() {
        return None;
    }
    info.subject_public_key.as_bytes()?.try_into().ok()
}

/// The key of an authority.
pub(crate) fn authority_key(info: &SubjectPublicKeyInfoOwned) -> Result<AuthorityKey, Fault> {
    if let Some(key) = ed25519_key(info) {
        return Ok(AuthorityKey::Ed25519(key));
    }
    let curve = info.algorithm.parameters.as_ref();
    let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
    if info.algorithm.oid != EC_PUBLIC_KEY || curve != Some(P256) {
        return Err(Fault::UnsupportedKey);
    }
    let point = info.subject_public_key.as_bytes().ok_or(Fault::UnsupportedKey)?;
    let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| Fault::UnsupportedKey)?;
    Ok(AuthorityKey::P256(key.to_sec1_point(false).as_bytes().to_vec()))
}

/// Whether the key signed the message.
pub(crate) fn is_signed(
    key: &AuthorityKey,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    match (key, algorithm) {
        (AuthorityKey::Ed25519(key), Algorithm::Ed25519) => <[u8; 64]>::try_from(signature)
            .is_ok_and(|signature| {
                sp_io::crypto::ed25519_verify(
                    &ed25519::Signature::from_raw(signature),
                    message,
                    &ed25519::Public::from_raw(*key),
                )
            }),
        (AuthorityKey::P256(point), Algorithm::EcdsaSha256) => {
            let key = VerifyingKey::from_sec1_bytes(point);
            let signature = Signature::from_der(signature);
            matches!((key, signature), (Ok(key), Ok(signature))
                if key.verify(message, &signature).is_ok())
        }
        _ => false,
    }
}

//! X.509 certificates (RFC 5280) of authorities and members, read and checked without std: the
//! chain and the client read them with the same code.
//!
//! An authority is a self-signed root; it signs the certificates of members itself, so that there
//! are no chains of certificates to follow. A member's certificate holds its Ed25519 account key,
//! its name (O, or else CN) and the roles that it asks for (each an OU). Signatures are Ed25519, or
//! ECDSA on P-256 with SHA-256. Whether a certificate holds at a time is not judged here.
//!
//! The work is bounded by the size of the input: what is longer than [`MAX_BYTES`] is refused
//! unread, nothing recurs, and what is not exactly DER is refused.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

extern crate alloc;

mod fault;
mod parsed;
mod signature;
#[cfg(test)]
mod tests;

pub use fault::Fault;

use alloc::vec::Vec;
use assay_primitives::member::{Roles, MAX_CERTIFICATE_BYTES};
use parsed::Parsed;
use sp_core::H256;

/// Longest certificate that is read.
pub const MAX_BYTES: u32 = MAX_CERTIFICATE_BYTES;

/// The key by which an authority signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityKey {
    Ed25519([u8; 32]),
    /// SEC 1, uncompressed.
    P256(Vec<u8>),
}

/// What the self-signed certificate of an authority says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The organisation name of its subject, or else the common name; UTF-8.
    pub name: Vec<u8>,
    pub key: AuthorityKey,
    /// First second at which it holds.
    pub not_before_secs: u64,
    /// Last second at which it holds.
    pub not_after_secs: u64,
    /// BLAKE2b-256 of the DER encoding.
    pub hash: H256,
}

/// What the certificate of a member says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberCertificate {
    /// The subject's Ed25519 key.
    pub account: [u8; 32],
    /// The organisation name of its subject, or else the common name; UTF-8.
    pub name: Vec<u8>,
    /// The organisational units of its subject: names of roles.
    pub units: Vec<Vec<u8>>,
    /// Big endian, without leading zeros.
    pub serial: Vec<u8>,
    /// First second at which it holds.
    pub not_before_secs: u64,
    /// Last second at which it holds.
    pub not_after_secs: u64,
    /// BLAKE2b-256 of the DER encoding.
    pub hash: H256,
}

impl MemberCertificate {
    /// The roles that the units name. Of a certificate that was read there is at least one.
    pub fn roles(&self) -> Result<Roles, Fault> {
        let named = self.units.iter().try_fold(Roles::NONE, |roles, unit| {
            let role = core::str::from_utf8(unit).ok().and_then(Roles::by_name);
            role.map(|role| roles.with(role)).ok_or(Fault::UnknownRole)
        })?;
        if named == Roles::NONE {
            return Err(Fault::NoRoles);
        }
        Ok(named)
    }
}

/// Reads the certificate of an authority: self-signed, and for signing certificates.
pub fn read_root(der: &[u8]) -> Result<Root, Fault> {
    let root = Parsed::read(der)?;
    let key = root.authority_key()?;
    if root.issuer() != root.subject() {
        return Err(Fault::NotSelfSigned);
    }
    root.check_signature(&key)?;
    Ok(Root {
        name: root.name()?,
        key,
        not_before_secs: root.not_before_secs(),
        not_after_secs: root.not_after_secs(),
        hash: root.hash(),
    })
}

/// The key of an authority whose certificate [`read_root`] took before: its own signature is not
/// checked again.
pub fn authority_key(root_der: &[u8]) -> Result<AuthorityKey, Fault> {
    Parsed::read(root_der)?.authority_key()
}

/// Reads the certificate of a member that the authority signed. `issuer_der` is a certificate that
/// [`read_root`] took before: its own signature is not checked again. When another authority
/// signed, the fault is [`Fault::BadSignature`], and every other fault of the member's certificate comes
/// before it.
pub fn read_member(der: &[u8], issuer_der: &[u8]) -> Result<MemberCertificate, Fault> {
    let unverified = UnverifiedMember::read(der)?;
    unverified.check_issuer(issuer_der)?;
    Ok(unverified.into_verified())
}

/// A member's certificate that is sound but for its signature, which is still to be checked: read
/// once, however many authorities may have signed it.
pub struct UnverifiedMember {
    parsed: Parsed,
    member: MemberCertificate,
}

impl UnverifiedMember {
    /// Reads all of it but the signature.
    pub fn read(der: &[u8]) -> Result<Self, Fault> {
        let parsed = Parsed::read(der)?;
        let account = parsed.account_key()?;
        let member = MemberCertificate {
            account,
            name: parsed.name()?,
            units: parsed.units()?,
            serial: parsed.serial().to_vec(),
            not_before_secs: parsed.not_before_secs(),
            not_after_secs: parsed.not_after_secs(),
            hash: parsed.hash(),
        };
        member.roles()?;
        Ok(UnverifiedMember { parsed, member })
    }

    /// Checks that the authority signed it, as [`read_member`] does.
    pub fn check_issuer(&self, issuer_der: &[u8]) -> Result<(), Fault> {
        let issuer = Parsed::read(issuer_der)?;
        if self.parsed.issuer() != issuer.subject() {
            return Err(Fault::BadSignature);
        }
        self.parsed.check_signature(&issuer.authority_key()?)
    }

    /// What it says, after an authority's signature was found.
    pub fn into_verified(self) -> MemberCertificate {
        self.member
    }
}

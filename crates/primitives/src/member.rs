//! Organisations and what they may do.

use crate::{AuthorityId, Name, OrganisationId, UnixSecs, H256};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Longest certificate, DER encoded: those of members have some 400 bytes, and a policy text or a
/// few more extensions still fit.
pub const MAX_CERTIFICATE_BYTES: u32 = 4_096;
/// A certificate, DER encoded.
pub type CertificateBytes = BoundedVec<u8, ConstU32<MAX_CERTIFICATE_BYTES>>;
/// Longest serial number of a certificate (RFC 5280, section 4.1.2.2).
pub const MAX_SERIAL_BYTES: u32 = 20;
/// A certificate's serial number: big endian, without leading zeros.
pub type Serial = BoundedVec<u8, ConstU32<MAX_SERIAL_BYTES>>;
/// Most nodes of one organisation that others let in.
pub const MAX_NODES: u32 = 16;
/// The Ed25519 public key that is a node's identity in the network.
pub type NodeKey = [u8; 32];
/// The nodes of one organisation.
pub type NodeKeys = BoundedVec<NodeKey, ConstU32<MAX_NODES>>;

/// Roles of an organisation, one bit each.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
// Also without std: a chain begins from a configuration in JSON.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Roles(pub u32);

impl Roles {
    pub const NONE: Roles = Roles(0);
    pub const COUNCIL: Roles = Roles(1);
    pub const VALIDATOR: Roles = Roles(1 << 1);
    pub const BUREAU: Roles = Roles(1 << 2);
    pub const RISK_CONTROLLER: Roles = Roles(1 << 3);
    pub const ORIGINATOR: Roles = Roles(1 << 4);
    pub const SPV: Roles = Roles(1 << 5);
    pub const SERVICER: Roles = Roles(1 << 6);
    pub const CUSTODIAN: Roles = Roles(1 << 7);
    pub const EXCHANGE: Roles = Roles(1 << 8);
    pub const GUARANTOR: Roles = Roles(1 << 9);
    pub const INVESTOR: Roles = Roles(1 << 10);
    pub const AUDITOR: Roles = Roles(1 << 11);
    pub const REGULATOR: Roles = Roles(1 << 12);
    pub const ALL: Roles = Roles((1 << 13) - 1);
    /// Roles that a certificate only asks for: the council confirms them.
    pub const CONFIRMED: Roles = Roles::COUNCIL.with(Roles::VALIDATOR).with(Roles::CUSTODIAN);

    /// Every role with its name on the command line.
    pub const NAMES: [(Roles, &'static str); 13] = [
        (Roles::COUNCIL, "council"),
        (Roles::VALIDATOR, "validator"),
        (Roles::BUREAU, "bureau"),
        (Roles::RISK_CONTROLLER, "risk-controller"),
        (Roles::ORIGINATOR, "originator"),
        (Roles::SPV, "spv"),
        (Roles::SERVICER, "servicer"),
        (Roles::CUSTODIAN, "custodian"),
        (Roles::EXCHANGE, "exchange"),
        (Roles::GUARANTOR, "guarantor"),
        (Roles::INVESTOR, "investor"),
        (Roles::AUDITOR, "auditor"),
        (Roles::REGULATOR, "regulator"),
    ];

    /// Both sets of roles together.
    pub const fn with(self, other: Roles) -> Roles {
        Roles(self.0 | other.0)
    }

    /// The roles that are in both sets.
    pub const fn and(self, other: Roles) -> Roles {
        Roles(self.0 & other.0)
    }

    /// These roles without the others.
    pub const fn without(self, other: Roles) -> Roles {
        Roles(self.0 & !other.0)
    }

    /// Whether all of the other's roles are among these.
    pub const fn contains(self, other: Roles) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the two sets share a role.
    pub const fn intersects(self, other: Roles) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether only known roles are named, and at least one.
    pub const fn is_valid(self) -> bool {
        self.0 != 0 && self.0 & !Roles::ALL.0 == 0
    }

    /// The roles' names in a fixed order.
    pub fn names(self) -> Vec<&'static str> {
        Roles::NAMES
            .iter()
            .filter(|(role, _)| self.intersects(*role))
            .map(|(_, name)| *name)
            .collect()
    }

    /// The role of that name.
    pub fn by_name(name: &str) -> Option<Roles> {
        Roles::NAMES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
}

/// Whether an organisation may act.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Status {
    Active,
    Suspended,
}

/// What the chain keeps of a certificate: enough to find the document and to judge it at any time.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Certificate {
    /// The authority that signed it.
    pub authority: AuthorityId,
    /// BLAKE2b-256 of the DER encoding.
    pub hash: H256,
    pub serial: Serial,
    /// First second at which it holds.
    pub not_before_secs: UnixSecs,
    /// Last second at which it holds.
    pub not_after_secs: UnixSecs,
    /// By its serial number, or with its authority.
    pub revoked: bool,
    /// Days before the end that the last warning named; 0 once it told of the end itself.
    pub warned_days: Option<u8>,
}

/// A member of the consortium.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Organisation {
    pub id: OrganisationId,
    /// The organisation name of the certificate's subject.
    pub name: Name,
    /// In force.
    pub roles: Roles,
    /// Asked for by the certificate, but not confirmed by the council.
    pub awaiting: Roles,
    pub status: Status,
    /// None only where a development chain began with the organisation.
    pub certificate: Option<Certificate>,
    /// Milliseconds of compute an hour, where it differs from everybody's.
    pub quota_millis: Option<u32>,
}

/// An authority whose certificates the consortium takes.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Authority {
    /// The organisation name, or else the common name, of its certificate's subject.
    pub name: Name,
    /// BLAKE2b-256 of the DER encoding.
    pub hash: H256,
    pub not_before_secs: UnixSecs,
    pub not_after_secs: UnixSecs,
    /// Its self-signed certificate, DER encoded.
    pub certificate: CertificateBytes,
}

/// What a member used of its quota.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Usage {
    /// Hours since 1970.
    pub hour: u32,
    /// Compute used in that hour.
    pub micros: u64,
}

impl Organisation {
    /// The name for people; bytes that are not UTF-8 are replaced.
    pub fn display_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

/// Why the pool refuses a transaction, as the byte of `InvalidTransaction::Custom`.
pub mod refusal {
    /// The signer belongs to no organisation.
    pub const NOT_A_MEMBER: u8 = 1;
    /// The signer's organisation is suspended.
    pub const SUSPENDED: u8 = 2;
    /// None of the signer's roles allows the call.
    pub const ROLE_NOT_ALLOWED: u8 = 3;
    /// The call needs a signature of a member.
    pub const UNSIGNED: u8 = 4;
    /// The certificate of the signer's organisation has expired.
    pub const CERTIFICATE_EXPIRED: u8 = 5;
    /// The certificate of the signer's organisation does not hold yet.
    pub const CERTIFICATE_NOT_YET_VALID: u8 = 6;
    /// The certificate of the signer's organisation is revoked, or its authority was removed.
    pub const CERTIFICATE_REVOKED: u8 = 7;
    /// The signer's organisation used up its compute of this hour.
    pub const QUOTA_EXCEEDED: u8 = 8;
    /// The council stopped this call, or all of them.
    pub const STOPPED: u8 = 9;
    /// The role that allows the call waits for the council's confirmation.
    pub const ROLE_NOT_CONFIRMED: u8 = 10;

    /// Every code.
    pub const ALL: [u8; 10] = [
        NOT_A_MEMBER,
        SUSPENDED,
        ROLE_NOT_ALLOWED,
        UNSIGNED,
        CERTIFICATE_EXPIRED,
        CERTIFICATE_NOT_YET_VALID,
        CERTIFICATE_REVOKED,
        QUOTA_EXCEEDED,
        STOPPED,
        ROLE_NOT_CONFIRMED,
    ];
}

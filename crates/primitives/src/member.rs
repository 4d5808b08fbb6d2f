//! Organisations and what they may do.

use crate::{Name, OrganisationId};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

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

/// A member of the consortium.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: Name,
    pub roles: Roles,
    pub status: Status,
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
}

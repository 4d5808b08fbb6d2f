//! Identifiers, roles, money, and the traits through which the pallets of Assay meet.
//!
//! The types here cross the boundary between chain and client: calls, events and runtime APIs are
//! made of them, so that the client encodes and decodes exactly what the chain does.

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

pub mod apis;
pub mod costs;
pub mod credit;
pub mod inquiry;
pub mod member;
pub mod pack;
pub mod scoring;
pub mod security;
pub mod traits;
pub mod validator;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

pub use sp_core::{crypto::AccountId32 as AccountId, H256};

/// Height of a block.
pub type BlockNumber = u32;
/// Number of an organisation, given at enrolment, never reused.
pub type OrganisationId = u32;
/// Number of a certificate authority, given when it is added, never reused.
pub type AuthorityId = u32;
/// Number of a feature schema.
pub type SchemaId = u32;
/// BLAKE2b-256 of the SCALE-encoded policy.
pub type PolicyId = H256;
/// BLAKE2b-256 of the SCALE-encoded artifact (rules, section 3).
pub type ContractId = H256;
/// Number of a pack.
pub type PackId = u32;
/// Number of a security.
pub type SecurityId = u32;
/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixSecs = u64;
/// Days since 1970-01-01.
pub type UnixDays = u32;
/// Money in minor units of a currency.
pub type Minor = u128;
/// ISO 4217 code of a currency, in ASCII.
pub type Currency = [u8; 3];

/// Longest name of anything: organisation, contract, feature, unit, pack, tranche.
pub const MAX_NAME_BYTES: u32 = 64;
/// A name in UTF-8.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME_BYTES>>;

/// Whose credit it is: the first half of the HMAC-SHA-256 of the national identifier under the
/// consortium's key (rules, section 2). Uniform, so that order by it is random order.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Subject(pub [u8; 16]);

impl core::fmt::Display for Subject {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

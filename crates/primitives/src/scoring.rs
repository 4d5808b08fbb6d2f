//! Scoring contracts and their life (rules, section 3).

use crate::{AccountId, BlockNumber, ContractId, Name, SchemaId, Subject, UnixSecs};
use alloc::vec::Vec;
use assay_risk::{artifact::Orientation, network::Network, rates::Calibration};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Largest SCALE-encoded artifact: 16,384 weights, the biases, multipliers and shifts of 1,024
/// units, 64 features, the table.
pub const MAX_ARTIFACT_BYTES: u32 = 32 * 1_024;
/// Most subjects that one call scores: each may cost a read of its own.
pub const MAX_SCORED_SUBJECTS: u32 = 512;

/// A SCALE-encoded artifact.
pub type ArtifactBytes = BoundedVec<u8, ConstU32<MAX_ARTIFACT_BYTES>>;

/// Where a scoring contract stands.
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
pub enum ContractStatus {
    Proposed,
    Active,
    Superseded,
    Revoked,
}

/// Why and when a contract was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Revocation {
    pub reason: Name,
    pub at: BlockNumber,
}

/// What is known of a scoring contract beside its artifact.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ContractInfo {
    pub name: Name,
    /// 1.. under one name, in the order of proposal.
    pub version: u32,
    pub status: ContractStatus,
    pub schema: SchemaId,
    pub proposer: AccountId,
    pub proposed_at: BlockNumber,
    /// When the council made it the active one.
    pub approved_at: Option<BlockNumber>,
    pub revocation: Option<Revocation>,
    pub score_min: u16,
    pub score_max: u16,
    pub orientation: Orientation,
    pub calibration: Calibration,
}

/// A contract ready to score with.
pub struct Contract {
    pub network: Network,
    /// Products of one inference, for weights.
    pub products: u32,
    /// 1.. under the contract's name.
    pub version: u32,
    pub schema: SchemaId,
    pub score_min: u16,
    pub score_max: u16,
    pub orientation: Orientation,
    pub calibration: Calibration,
}

/// The score of one subject outside of a pack.
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
pub struct SubjectScore {
    pub subject: Subject,
    /// The network's output and the score, or nothing when the subject has no profile.
    pub result: Option<(i8, u16)>,
    pub propagated: bool,
}

/// A list of scores that one call stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ScoreSheet {
    pub contract: ContractId,
    pub contract_version: u32,
    pub schema: SchemaId,
    pub policy: crate::PolicyId,
    pub policy_version: u32,
    pub requested_by: AccountId,
    pub at_secs: UnixSecs,
    pub scores: Vec<SubjectScore>,
}

/// Why one profile got its score: (feature position, raise of the output).
pub type Reasons = Vec<(u8, i16)>;

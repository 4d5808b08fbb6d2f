//! Credit reports, their schemas, and relations between subjects (rules, section 2).

use crate::{AccountId, BlockNumber, Name, OrganisationId, SchemaId, Subject, UnixSecs, H256};
use alloc::vec::Vec;
use assay_risk::profile::{Policy, Source};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Most features of a schema: what a scoring contract can take (rules, section 3), and what the
/// 64 bits of `present` can mark.
pub const MAX_FEATURES: u32 = 64;
/// Most reports in one transaction: 512 reports of 24 features are some 84 kB.
pub const MAX_BATCH_REPORTS: u32 = 1_024;
/// Most relations in one transaction.
pub const MAX_BATCH_RELATIONS: u32 = 512;
/// Most relations of a subject: each may cost a read of its own when a profile is propagated.
pub const MAX_RELATIONS: u32 = 8;
/// Most reports of a subject: bureaus times schemas in use at once.
pub const MAX_REPORTS: u32 = 16;
/// Most reports of a subject by one bureau, so that none can keep the others out.
pub const MAX_REPORTS_OF_BUREAU: u32 = 4;
/// Largest distance of a relation (rules, section 2: 2520 is divisible by all of 1..=10).
pub const MAX_DISTANCE: u8 = 10;

/// One feature of a schema.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SchemaFeature {
    pub name: Name,
    pub unit: Name,
    /// Smallest plausible value; smaller ones are clamped by scoring contracts, not refused.
    pub lower: i32,
    /// Largest plausible value.
    pub upper: i32,
}

/// What the values of a report mean, in order.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Schema {
    pub name: Name,
    pub features: BoundedVec<SchemaFeature, ConstU32<MAX_FEATURES>>,
}

impl Schema {
    /// What a scoring contract is proposed for: names and units of the features, in order.
    pub fn features_hash(&self) -> H256 {
        features_hash(
            self.features.iter().map(|feature| (feature.name.as_slice(), feature.unit.as_slice())),
        )
    }
}

/// BLAKE2b-256 of the SCALE-encoded list of features, each its name and its unit.
pub fn features_hash<'a>(features: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> H256 {
    BlakeTwo256::hash_of(&features.collect::<Vec<_>>())
}

/// A policy as it stands in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PolicyRecord {
    pub name: Name,
    /// 1.. under one name, in the order of addition.
    pub version: u32,
    pub policy: Policy,
    pub by: AccountId,
    pub at: BlockNumber,
}

/// A report as a bureau submits it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Report {
    pub subject: Subject,
    pub observed_at_secs: UnixSecs,
    pub source: Source,
    /// A default is on record.
    pub has_default: bool,
    /// Hash of the full document, which stays off chain.
    pub document_hash: H256,
    /// Bit `k` tells that value `k` is there.
    pub present: u64,
    /// Values in the schema's order and units; 0 where missing.
    pub values: BoundedVec<i32, ConstU32<MAX_FEATURES>>,
}

/// A relation as a bureau submits it: symmetric, between two different subjects.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Relation {
    pub from: Subject,
    pub to: Subject,
    /// 1..=10; a greater distance weighs less.
    pub distance: u8,
}

/// The two ends of a relation that is withdrawn, in either order.
pub type Ends = (Subject, Subject);

/// A report as it stands in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct StoredReport {
    pub bureau: OrganisationId,
    pub schema: SchemaId,
    pub observed_at_secs: UnixSecs,
    pub source: Source,
    pub has_default: bool,
    pub document_hash: H256,
    pub values: Vec<Option<i32>>,
}

/// A relation as it stands with one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct StoredRelation {
    pub other: Subject,
    pub distance: u8,
    pub bureau: OrganisationId,
}

/// All that the registry knows of a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct SubjectRecord {
    pub reports: Vec<StoredReport>,
    pub relations: Vec<StoredRelation>,
}

impl SubjectRecord {
    /// Whether there is neither a report nor a relation.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty() && self.relations.is_empty()
    }
}

/// Size of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct RegistrySize {
    pub subjects: u64,
    pub buckets: u32,
}

/// What a bureau has stored of a subject under a schema: when observed, and the document's hash.
pub type Held = Option<(UnixSecs, H256)>;

/// A schema with its number and who added it.
pub type ListedSchema = (SchemaId, AccountId, Schema);

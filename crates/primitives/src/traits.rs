//! How the pallets meet. Each trait is implemented by one pallet and named by the `Config` of
//! those that need it.

use crate::{
    inquiry::AssessmentInquiry, member::Roles, pack::PackFigures, scoring::Contract, ContractId,
    OrganisationId, PackId, PolicyId, SchemaId, Subject, UnixSecs, H256,
};
use alloc::vec::Vec;
use assay_risk::profile::{Policy, Profile};
use frame_support::dispatch::DispatchResult;
use sp_runtime::DispatchError;

/// Who may act, by role.
pub trait Membership<AccountId> {
    /// The active organisation of `who`, when it has any of the roles.
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError>;
}

/// Merged profiles of subjects under a policy at a time (rules, section 2).
pub trait ProfileReader {
    /// The profile of a subject, its own or propagated; none when it has neither. Cheapest when
    /// subjects are asked for in ascending order.
    fn profile(&mut self, subject: &Subject) -> Option<&Profile>;
    /// Values read from the state so far, for weights.
    fn reads(&self) -> u32;
}

/// Access to credit data.
pub trait CreditProfiles {
    type Reader: ProfileReader;
    /// The policy of that id, and its version under its name.
    fn policy(id: &PolicyId) -> Option<(Policy, u32)>;
    /// The hash of the names and units of a schema's features, in order.
    fn features_hash(schema: SchemaId) -> Option<H256>;
    /// How many features the schema has.
    fn feature_count(schema: SchemaId) -> Option<usize>;
    /// Whether anything at all is stored of the subject: a report or a relation.
    fn knows(subject: &Subject) -> bool;
    /// A reader of profiles; none when the schema is unknown.
    fn reader(policy: Policy, schema: SchemaId, now_secs: UnixSecs) -> Option<Self::Reader>;
}

/// Scoring contracts to assess with.
pub trait ScoringContracts {
    /// The contract, when it is active.
    fn active(id: &ContractId) -> Result<Contract, DispatchError>;
    /// The contract in whatever state it is: what started under a version ends under it.
    fn started(id: &ContractId) -> Result<Contract, DispatchError>;
}

/// Packs as lists of those whose credit they rest on.
pub trait PackObligors {
    /// Number of the next pack: all packs have lower ones.
    fn next_pack() -> PackId;
    /// Loans of a pack whose tape is complete.
    fn sealed_loans(pack: PackId) -> Option<u32>;
    /// The assessments of a pack that scored the subject, in order; none when the pack doesn't hold
    /// it.
    fn assessments_of(pack: PackId, subject: &Subject) -> Option<Vec<AssessmentInquiry>>;
    /// All assessments of a pack, in order.
    fn assessments(pack: PackId) -> Vec<AssessmentInquiry>;
}

/// Packs on their way to a security.
pub trait ScreenedPacks {
    /// Marks a screened pack as accepted by the SPV.
    fn accept(pack: PackId) -> DispatchResult;
    /// Marks an accepted pack as issued and gives the figures of its screening.
    fn issue(pack: PackId) -> Result<PackFigures, DispatchError>;
    /// The figures of a screened, accepted or issued pack.
    fn figures(pack: PackId) -> Result<PackFigures, DispatchError>;
}

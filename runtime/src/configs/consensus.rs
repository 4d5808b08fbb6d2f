//! Time and consensus: Aura makes blocks, GRANDPA makes them final, and sessions say whose turn it
//! is.

use super::{members::CouncilOrigin, SLOT_MILLIS};
use crate::{
    opaque::SessionKeys, AccountId, Aura, Historical, Membership, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeHoldReason, Session, UncheckedExtrinsic, Validators,
};
use assay_primitives::BlockNumber;
use assay_validators::{EndedByValidators, NoCurrency, NothingMore, KEPT_SESSIONS, MAX_VALIDATORS};
use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU128, ConstU32, ConstU64, Get},
};
use frame_system::offchain::{CreateBare, CreateTransactionBase};
use pallet_session::{historical::NoteHistoricalRoot, FindAccountFromAuthorIndex};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// Blocks for which a report of an equivocation waits in the pool: a day.
const REPORT_LONGEVITY: u64 = 28_800;

parameter_types! {
    /// Sets of authorities whose equivocations can be proved: at most one for each session that
    /// is kept.
    pub MaxSetIdSessionEntries: u64 = KEPT_SESSIONS.into();
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Aura;
    type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
    type WeightInfo = ();
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type DisabledValidators = Session;
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = ConstU64<SLOT_MILLIS>;
}

/// Tells the validators' pallet who made the block.
pub struct BlocksOfAuthors;

impl pallet_authorship::EventHandler<AccountId, BlockNumber> for BlocksOfAuthors {
    fn note_author(author: AccountId) {
        Validators::note_author(&author);
    }
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = FindAccountFromAuthorIndex<Runtime, Aura>;
    type EventHandler = BlocksOfAuthors;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_grandpa::EquivocationReportSystem<
        Runtime,
        Validators,
        Historical,
        ConstU64<REPORT_LONGEVITY>,
    >;
}

/// Reports of equivocations are transactions that a node makes by itself, without a signature.
impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateBare<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}

/// The slot of the block.
pub struct Slot;

impl Get<u64> for Slot {
    fn get() -> u64 {
        pallet_aura::CurrentSlot::<Runtime>::get().into()
    }
}

impl assay_validators::Config for Runtime {
    type CouncilOrigin = CouncilOrigin;
    type Members = Membership;
    type Sessions = Session;
    type Slot = Slot;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = EndedByValidators;
    type NextSessionRotation = Validators;
    type SessionManager = NoteHistoricalRoot<Runtime, Validators>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    // The council judges, not the chain.
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = NoCurrency<RuntimeHoldReason>;
    type KeyDeposit = ConstU128<0>;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NothingMore;
}

//! How each pallet is configured.

mod consensus;
mod governance;
mod members;
mod risk_control;

pub use governance::{Needed, STOP_BLOCKS};
pub use members::CallRoles;

use crate::{
    migrations, AccountId, AccountIdLookup, Block, Hash, Nonce, PalletInfo, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeOrigin, RuntimeTask, VERSION,
};
use assay_primitives::BlockNumber;
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::ConstU32,
    weights::{
        constants::{ParityDbWeight, WEIGHT_REF_TIME_PER_SECOND},
        Weight,
    },
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Time between blocks.
pub const SLOT_MILLIS: u64 = 3_000;

/// Share of a block that transactions of members may take together; the rest is for inherents.
const NORMAL_RATIO: Perbill = Perbill::from_percent(95);

/// Compute of a block: the author and then the next author execute it before the next slot begins,
/// and more would fork.
const MAX_BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// Bytes of a block's transactions.
pub const MAX_BLOCK_BYTES: u32 = 8 * 1024 * 1024;

parameter_types! {
    pub const BlockHashCount: BlockNumber = 2_400;
    pub const Version: RuntimeVersion = VERSION;
    pub const Ss58Prefix: u8 = 42;
    pub RuntimeBlockWeights: BlockWeights =
        BlockWeights::with_sensible_defaults(MAX_BLOCK_WEIGHT, NORMAL_RATIO);
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(MAX_BLOCK_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |length| {
            *length = NORMAL_RATIO * MAX_BLOCK_BYTES
        })
        .build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = governance::NotStopped;
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type BlockHashCount = BlockHashCount;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = ();
    type SS58Prefix = Ss58Prefix;
    type MaxConsumers = ConstU32<16>;
    type SingleBlockMigrations = migrations::InForce;
}

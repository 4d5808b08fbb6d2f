//! The Assay runtime: a table of contents. What each part is configured to do stands in
//! [`configs`], what readers can ask in [`apis`], how a chain begins in [`genesis`], and how the
//! state of an earlier version becomes this one's in [`migrations`].

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
pub mod configs;
pub mod genesis;
pub mod migrations;

use alloc::vec::Vec;
use assay_primitives::BlockNumber;
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{AccountIdLookup, BlakeTwo256},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use assay_primitives::AccountId;

/// Signature of a transaction: members sign with Ed25519.
pub type Signature = MultiSignature;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// Number of a member's transaction.
pub type Nonce = u32;
/// Hash of blocks and state.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction as it comes from outside.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What is signed.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What every transaction passes, in order. There are no fees: membership and roles take their
/// place.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    // Before the nonce, which an account that is no member does not even have.
    assay_membership::extension::CheckMembership<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// Dispatches what happens in a block.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// Opaque types, for the node, which need not know what calls there are.
pub mod opaque {
    use super::*;

    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
    /// A block whose transactions are bytes.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;

    impl_opaque_keys! {
        pub struct SessionKeys {
            pub aura: super::Aura,
            pub grandpa: super::Grandpa,
        }
    }
}

/// The version has to be written as a number, and rises by a feature.
macro_rules! version {
    ($spec_version:tt) => {
        /// Version of the runtime. `spec_version` rises with every change of behaviour.
        #[sp_version::runtime_version]
        pub const VERSION: RuntimeVersion = RuntimeVersion {
            spec_name: alloc::borrow::Cow::Borrowed("assay"),
            impl_name: alloc::borrow::Cow::Borrowed("assay"),
            authoring_version: 1,
            spec_version: $spec_version,
            impl_version: 1,
            apis: apis::RUNTIME_API_VERSIONS,
            transaction_version: 2,
            system_version: 1,
        };
    };
}

#[cfg(not(feature = "increment-spec-version"))]
version!(2);
// The same runtime as its own successor, to rehearse an upgrade with.
#[cfg(feature = "increment-spec-version")]
version!(3);

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;

    #[runtime::pallet_index(2)]
    pub type Aura = pallet_aura;

    #[runtime::pallet_index(3)]
    pub type Grandpa = pallet_grandpa;

    #[runtime::pallet_index(4)]
    pub type Council = pallet_collective<Instance1>;

    #[runtime::pallet_index(5)]
    pub type Authorship = pallet_authorship;

    #[runtime::pallet_index(10)]
    pub type Membership = assay_membership;

    #[runtime::pallet_index(11)]
    pub type CreditRegistry = assay_credit_registry;

    #[runtime::pallet_index(12)]
    pub type Scoring = assay_scoring;

    #[runtime::pallet_index(13)]
    pub type Packs = assay_packs;

    #[runtime::pallet_index(14)]
    pub type Securities = assay_securities;

    // Begins before the sessions, which ask it for their validators.
    #[runtime::pallet_index(20)]
    pub type Validators = assay_validators;

    #[runtime::pallet_index(21)]
    pub type Session = pallet_session;

    #[runtime::pallet_index(22)]
    pub type Historical = pallet_session::historical;

    #[runtime::pallet_index(30)]
    pub type Governance = assay_governance;

    #[runtime::pallet_index(31)]
    pub type SafeMode = pallet_safe_mode;

    #[runtime::pallet_index(32)]
    pub type TxPause = pallet_tx_pause;
}

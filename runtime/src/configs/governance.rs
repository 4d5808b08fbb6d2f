//! What the council decides for the chain itself: upgrades, and the emergency stop.

use super::members::CouncilOrigin;
use crate::{Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, SafeMode, TxPause};
use assay_primitives::BlockNumber;
use assay_validators::NoCurrency;
use frame_support::traits::{
    CallMetadata, ConstU32, Contains, GetCallMetadata, InsideBoth, MapSuccess,
};
use frame_system::EnsureNever;
use pallet_tx_pause::RuntimeCallNameOf;
use sp_runtime::traits::Replace;

/// Blocks for which a stop holds unless the council extends or ends it: 4 hours, long enough for
/// people to meet, short enough that a lost quorum cannot keep the chain stopped.
pub const STOP_BLOCKS: BlockNumber = 4 * 1_200;

/// Longest name of a pallet or a call.
const MAX_CALL_NAME_BYTES: u32 = 64;

/// The calls that no stop holds up.
pub type NotStopped = InsideBoth<SafeMode, TxPause>;

impl assay_governance::Config for Runtime {
    type CouncilOrigin = CouncilOrigin;
}

/// What an emergency needs, so that it is neither stopped nor paused: blocks and finality, the
/// council's motions, its decisions about members and validators, renewals, without which a council
/// whose certificates end could not lift a stop, and upgrades.
pub struct Needed;

impl Needed {
    /// Calls of the membership pallet that are the council's, and by which it stays able to act.
    const OF_MEMBERSHIP: [&'static str; 9] = [
        "renew",
        "set_roles",
        "suspend",
        "restore",
        "confirm_roles",
        "revoke",
        "add_authority",
        "remove_authority",
        "set_quota",
    ];

    fn holds(pallet: &str, call: &str) -> bool {
        match pallet {
            "System" | "Timestamp" | "Grandpa" | "Council" | "Validators" | "Session"
            | "Governance" | "SafeMode" | "TxPause" => true,
            "Membership" => Needed::OF_MEMBERSHIP.contains(&call),
            _ => false,
        }
    }
}

impl Contains<RuntimeCall> for Needed {
    fn contains(call: &RuntimeCall) -> bool {
        let CallMetadata { pallet_name, function_name } = call.get_call_metadata();
        Needed::holds(pallet_name, function_name)
    }
}

impl Contains<RuntimeCallNameOf<Runtime>> for Needed {
    fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
        match (core::str::from_utf8(pallet), core::str::from_utf8(call)) {
            (Ok(pallet), Ok(call)) => Needed::holds(pallet, call),
            _ => false,
        }
    }
}

/// The council's decision to stop the chain, and for how long.
type CouncilStops = MapSuccess<CouncilOrigin, Replace<ConstU32<STOP_BLOCKS>>>;

impl pallet_safe_mode::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = NoCurrency<RuntimeHoldReason>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WhitelistedCalls = Needed;
    type EnterDuration = ConstU32<STOP_BLOCKS>;
    type ExtendDuration = ConstU32<STOP_BLOCKS>;
    // Without deposits nobody but the council stops the chain.
    type EnterDepositAmount = ();
    type ExtendDepositAmount = ();
    type ForceEnterOrigin = CouncilStops;
    type ForceExtendOrigin = CouncilStops;
    type ForceExitOrigin = CouncilOrigin;
    type ForceDepositOrigin = EnsureNever<()>;
    type Notify = ();
    type ReleaseDelay = ();
    type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

impl pallet_tx_pause::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PauseOrigin = CouncilOrigin;
    type UnpauseOrigin = CouncilOrigin;
    type WhitelistedCalls = Needed;
    type MaxNameLen = ConstU32<MAX_CALL_NAME_BYTES>;
    type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}

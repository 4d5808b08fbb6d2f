//! Who may do what: the council, the organisations, and the calls that each role may send.

use super::{governance::NotStopped, RuntimeBlockWeights};
use crate::{AccountId, Council, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Timestamp};
use assay_primitives::{inquiry::INQUIRERS, member::Roles, BlockNumber};
use frame_support::{
    parameter_types,
    traits::{ConstU32, Contains},
    weights::Weight,
};
use frame_system::EnsureNever;
use pallet_collective::{EnsureProportionAtLeast, Instance1, PrimeDefaultVote};
use sp_runtime::Perbill;

parameter_types! {
    /// A week of blocks to vote on a motion.
    pub const MotionDuration: BlockNumber = 7 * 24 * 1_200;
    pub MaxProposalWeight: Weight = Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
}

impl pallet_collective::Config<Instance1> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<64>;
    type MaxMembers = ConstU32<100>;
    type DefaultVote = PrimeDefaultVote;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
    type SetMembersOrigin = EnsureNever<AccountId>;
    type MaxProposalWeight = MaxProposalWeight;
    type DisapproveOrigin = EnsureNever<AccountId>;
    type KillOrigin = EnsureNever<AccountId>;
    type Consideration = ();
}

/// A motion with at least two thirds of the council. Nobody has root.
pub type CouncilOrigin = EnsureProportionAtLeast<AccountId, Instance1, 2, 3>;

impl assay_membership::Config for Runtime {
    type CouncilOrigin = CouncilOrigin;
    type CouncilChanged = Council;
    type CallRoles = CallRoles;
    type Clock = Timestamp;
}

/// The calls that each role may send; a call that is not listed is for nobody.
pub struct CallRoles;

impl assay_membership::CallRoles<RuntimeCall> for CallRoles {
    fn roles(call: &RuntimeCall) -> Option<Roles> {
        use assay_credit_registry::Call as Credit;
        use assay_membership::Call as Members;
        use assay_packs::Call as Packs;
        use assay_scoring::Call as Scoring;
        use assay_securities::Call as Securities;
        use pallet_collective::Call as Motion;

        match call {
            RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { .. }) => {
                Some(Roles::COUNCIL)
            }
            RuntimeCall::Council(
                Motion::propose { .. } | Motion::vote { .. } | Motion::close { .. },
            ) => Some(Roles::COUNCIL),
            RuntimeCall::Membership(
                Members::enroll { .. } | Members::renew { .. } | Members::set_nodes { .. },
            ) => Some(Roles::ALL),
            RuntimeCall::Session(pallet_session::Call::set_keys { .. }) => Some(Roles::VALIDATOR),
            RuntimeCall::CreditRegistry(Credit::add_schema { .. } | Credit::add_policy { .. }) => {
                Some(Roles::RISK_CONTROLLER)
            }
            RuntimeCall::CreditRegistry(
                Credit::submit { .. } | Credit::relate { .. } | Credit::withdraw_relations { .. },
            ) => Some(Roles::BUREAU),
            RuntimeCall::CreditRegistry(Credit::inquire { .. }) => Some(INQUIRERS),
            RuntimeCall::Scoring(Scoring::propose { .. } | Scoring::score { .. }) => {
                Some(Roles::RISK_CONTROLLER)
            }
            RuntimeCall::Packs(
                Packs::open { .. } | Packs::add_page { .. } | Packs::seal { .. },
            ) => Some(Roles::ORIGINATOR),
            RuntimeCall::Packs(Packs::assess { .. } | Packs::screen { .. }) => {
                Some(Roles::RISK_CONTROLLER)
            }
            RuntimeCall::Securities(Securities::accept { .. }) => Some(Roles::SPV),
            RuntimeCall::Securities(Securities::issue { .. }) => Some(Roles::EXCHANGE),
            _ => None,
        }
    }

    fn is_bare(call: &RuntimeCall) -> bool {
        use pallet_grandpa::Call as Finality;

        matches!(call, RuntimeCall::Grandpa(Finality::report_equivocation_unsigned { .. }))
    }

    fn is_stopped(call: &RuntimeCall) -> bool {
        !NotStopped::contains(call)
    }
}

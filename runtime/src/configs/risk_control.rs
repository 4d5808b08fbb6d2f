//! From credit reports to an issued security.

use super::members::CouncilOrigin;
use crate::{CreditRegistry, Membership, Packs, Runtime, Scoring, Timestamp};
use frame_support::parameter_types;
use sp_runtime::Perbill;

parameter_types! {
    /// Share of a block that jobs may take: neither does traffic starve them, nor they the traffic.
    pub const JobShare: Perbill = Perbill::from_percent(50);
}

impl assay_credit_registry::Config for Runtime {
    type Members = Membership;
    type Packs = Packs;
    type Clock = Timestamp;
}

impl assay_scoring::Config for Runtime {
    type Members = Membership;
    type CouncilOrigin = CouncilOrigin;
    type Profiles = CreditRegistry;
    type Clock = Timestamp;
}

impl assay_packs::Config for Runtime {
    type Members = Membership;
    type Profiles = CreditRegistry;
    type Contracts = Scoring;
    type Clock = Timestamp;
    type JobShare = JobShare;
}

impl assay_securities::Config for Runtime {
    type Members = Membership;
    type Packs = Packs;
}

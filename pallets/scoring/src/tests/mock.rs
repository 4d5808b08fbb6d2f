//! A runtime of this pallet alone. Account 1 is a risk controller, the council is root. Schemas 0
//! and 1 have one feature, schema 64 has 64. Of subjects, the first byte tells what is known: below
//! 10 nothing, below 100 a profile whose value it is, below 200 one lent by relations, from there
//! on reports of which none is usable.

use crate as scoring;
use assay_primitives::{
    member::Roles,
    scoring::{ArtifactBytes, ContractStatus, SubjectScore},
    traits::{CreditProfiles, Membership, ProfileReader},
    AccountId, ContractId, Name, OrganisationId, PolicyId, SchemaId, Subject, UnixSecs, H256,
};
use assay_risk::{
    artifact::{Artifact, Dense, Feature, Layer, Orientation},
    profile::{Policy, Profile, Sources},
    rates::{Calibration, CalibrationEntry},
};
use codec::Encode;
use frame_support::{derive_impl, traits::UnixTime};
use frame_system::EnsureRoot;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError};
use std::time::Duration;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Scoring: scoring,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

impl scoring::Config for Test {
    type Members = Members;
    type CouncilOrigin = EnsureRoot<AccountId>;
    type Profiles = Profiles;
    type Clock = Clock;
}

pub const NOW_SECS: UnixSecs = 1_700_000_000;
pub const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");
pub const POLICY: PolicyId = H256::repeat_byte(7);
pub const POLICY_VERSION: u32 = 3;
pub const FEATURES_HASH: H256 = H256::repeat_byte(8);

pub struct Clock;
impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(NOW_SECS)
    }
}

pub struct Members;
impl Membership<AccountId> for Members {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        if *who == account(1) && any_of.intersects(Roles::RISK_CONTROLLER) {
            Ok(1)
        } else {
            Err(NOT_PERMITTED)
        }
    }
}

pub struct Profiles;
#[derive(Default)]
pub struct Reader {
    profile: Profile,
    reads: u32,
}

impl ProfileReader for Reader {
    fn profile(&mut self, subject: &Subject) -> Option<&Profile> {
        self.reads += 1;
        let value = subject.0[0];
        self.profile = Profile {
            values: vec![value.into()],
            present: 1,
            has_default: false,
            propagated: value >= 100,
        };
        (10..200).contains(&value).then_some(&self.profile)
    }

    fn reads(&self) -> u32 {
        self.reads
    }
}

impl CreditProfiles for Profiles {
    type Reader = Reader;

    fn policy(id: &PolicyId) -> Option<(Policy, u32)> {
        let policy = Policy {
            max_age_secs: 1,
            weights_by_age: vec![],
            propagation: None,
            sources: Sources::ANY,
        };
        (*id == POLICY).then_some((policy, POLICY_VERSION))
    }

    fn features_hash(schema: SchemaId) -> Option<H256> {
        Self::feature_count(schema).map(|_| FEATURES_HASH)
    }

    fn feature_count(schema: SchemaId) -> Option<usize> {
        match schema {
            0 | 1 => Some(1),
            64 => Some(64),
            _ => None,
        }
    }

    fn knows(subject: &Subject) -> bool {
        subject.0[0] >= 10
    }

    fn reader(_: Policy, schema: SchemaId, now_secs: UnixSecs) -> Option<Reader> {
        assert_eq!(now_secs, NOW_SECS);
        Self::feature_count(schema).map(|_| Reader::default())
    }
}

pub fn account(id: u8) -> AccountId {
    AccountId::new([id; 32])
}

pub fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub fn council() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

pub fn name(name: &str) -> Name {
    name.as_bytes().to_vec().try_into().unwrap()
}

pub fn subject(first: u8) -> Subject {
    let mut bytes = [0; 16];
    bytes[0] = first;
    Subject(bytes)
}

/// Runs a test in block 1; the state must be sound afterwards.
pub fn run(test: impl FnOnce()) {
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        test();
        Scoring::check_state().unwrap();
    });
}

pub fn feature() -> Feature {
    Feature { lower: -127, upper: 127, fallback: 5, center: 0, multiplier: 1, shift: 0 }
}

pub fn dense(inputs: u16, outputs: u16) -> Dense {
    Dense {
        inputs,
        outputs,
        weights: vec![1; usize::from(inputs) * usize::from(outputs)],
        bias: vec![0; usize::from(outputs)],
        multiplier: vec![1; usize::from(outputs)],
        shift: vec![0; usize::from(outputs)],
        relu: false,
    }
}

/// Its output is the value, its scores 1..=255 the output counted from 1.
pub fn artifact() -> Artifact {
    Artifact {
        features: vec![feature()],
        layers: vec![Layer::Dense(dense(1, 1))],
        table: (1..=255).collect(),
        score_min: 1,
        score_max: 255,
        orientation: Orientation::HigherIsRiskier,
    }
}

/// A contract unlike those of other numbers.
pub fn numbered(number: i32) -> Artifact {
    let mut artifact = artifact();
    artifact.features[0].fallback = number;
    artifact
}

pub fn bytes(artifact: &Artifact) -> ArtifactBytes {
    artifact.encode().try_into().unwrap()
}

pub fn id(artifact: &Artifact) -> ContractId {
    Scoring::contract_id(&artifact.encode())
}

pub fn calibration() -> Calibration {
    let entry = |score| CalibrationEntry { score, total: 10, defaulted: 1 };
    Calibration { entries: vec![entry(1), entry(255)] }
}

/// Proposes a numbered contract under the name `Model`, or that name.
pub fn proposed_as(label: &str, number: i32) -> ContractId {
    let artifact = numbered(number);
    let bytes = bytes(&artifact);
    Scoring::propose(signed(1), name(label), 0, FEATURES_HASH, bytes, calibration()).unwrap();
    id(&artifact)
}

pub fn proposed(number: i32) -> ContractId {
    proposed_as("Model", number)
}

pub fn approved(number: i32) -> ContractId {
    let contract = proposed(number);
    Scoring::approve(council(), contract).unwrap();
    contract
}

pub fn status(contract: ContractId) -> ContractStatus {
    Scoring::contract(&contract).unwrap().status
}

pub fn score_of(first: u8, propagated: bool) -> SubjectScore {
    let result = Some((first.min(127) as i8, u16::from(first.min(127)) + 128));
    SubjectScore { subject: subject(first), result, propagated }
}

//! A runtime of this pallet alone. Account 1 is an originator, 2 a risk controller, 3 another
//! originator, 9 a member without a role here.
//!
//! A subject's first byte, as a signed number, is its only feature and its network output; its last
//! byte tells 1: no profile, 2: a default on record, 3: propagated.

use crate as packs;
use assay_primitives::{
    member::Roles,
    pack::{PackTerms, Page},
    scoring::Contract,
    traits::{CreditProfiles, Membership, ProfileReader, ScoringContracts},
    AccountId, ContractId, Minor, OrganisationId, PackId, PolicyId, SchemaId, Subject, UnixSecs,
    H256,
};
use assay_risk::{
    artifact::{Artifact, Dense, Feature, Layer, Orientation},
    grading::Scale,
    network::Network,
    profile::{Policy, Profile, Sources},
    rates::{Basis, Calibration, CalibrationEntry, Method, RateOptions, Weights},
    screening::{Mode, Request},
};
use codec::Compact;
use frame_support::{
    derive_impl,
    traits::{Hooks, UnixTime},
    weights::{Weight, WeightMeter},
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, Perbill};
use std::{cell::Cell, time::Duration};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Packs: packs,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

frame_support::parameter_types! {
    pub const JobShare: Perbill = Perbill::from_percent(100);
}

impl packs::Config for Test {
    type Members = Members;
    type Profiles = Profiles;
    type Contracts = Contracts;
    type Clock = Clock;
    type JobShare = JobShare;
}

pub const NOW_SECS: UnixSecs = 1_700_000_000;
pub const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");
pub const NOT_ACTIVE: DispatchError = DispatchError::Other("contract not active");
pub const CONTRACT: ContractId = H256::repeat_byte(1);
pub const POLICY: PolicyId = H256::repeat_byte(2);
pub const POLICY_VERSION: u32 = 4;
pub const CONTRACT_VERSION: u32 = 5;

thread_local! {
    static CONTRACT_ACTIVE: Cell<bool> = const { Cell::new(true) };
}

/// From now on the contract counts as superseded.
pub fn supersede_contract() {
    CONTRACT_ACTIVE.set(false);
}

pub struct Clock;
impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(NOW_SECS)
    }
}

pub struct Members;
impl Membership<AccountId> for Members {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let [id, ..] = *AsRef::<[u8; 32]>::as_ref(who);
        let roles = match id {
            1 | 3 => Roles::ORIGINATOR,
            2 => Roles::RISK_CONTROLLER,
            _ => Roles::INVESTOR,
        };
        if roles.intersects(any_of) {
            Ok(id.into())
        } else {
            Err(NOT_PERMITTED)
        }
    }
}

pub struct Profiles;
pub struct Reader(Profile, u32);

impl ProfileReader for Reader {
    fn profile(&mut self, subject: &Subject) -> Option<&Profile> {
        self.1 += 1;
        self.0 = Profile {
            values: vec![i32::from(subject.0[0] as i8)],
            present: 1,
            has_default: subject.0[15] == 2,
            propagated: subject.0[15] == 3,
        };
        (subject.0[15] != 1).then_some(&self.0)
    }

    fn reads(&self) -> u32 {
        self.1
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

    fn features_hash(_: SchemaId) -> Option<H256> {
        None
    }

    fn feature_count(schema: SchemaId) -> Option<usize> {
        (schema == 0).then_some(1)
    }

    fn knows(_: &Subject) -> bool {
        true
    }

    fn reader(_: Policy, _: SchemaId, _: UnixSecs) -> Option<Reader> {
        Some(Reader(Profile::default(), 0))
    }
}

/// Scores 1..=255 are the network's output counted from 1.
pub fn artifact() -> Artifact {
    Artifact {
        features: vec![Feature {
            lower: -127,
            upper: 127,
            fallback: 0,
            center: 0,
            multiplier: 1,
            shift: 0,
        }],
        layers: vec![Layer::Dense(Dense {
            inputs: 1,
            outputs: 1,
            weights: vec![1],
            bias: vec![0],
            multiplier: vec![1],
            shift: vec![0],
            relu: false,
        })],
        table: (1..=255).collect(),
        score_min: 1,
        score_max: 255,
        orientation: Orientation::HigherIsRiskier,
    }
}

pub struct Contracts;
impl ScoringContracts for Contracts {
    fn active(id: &ContractId) -> Result<Contract, DispatchError> {
        if CONTRACT_ACTIVE.get() {
            Self::started(id)
        } else {
            Err(NOT_ACTIVE)
        }
    }

    fn started(id: &ContractId) -> Result<Contract, DispatchError> {
        if *id != CONTRACT {
            return Err(NOT_ACTIVE);
        }
        Ok(Contract {
            network: Network::compile(&artifact()).unwrap(),
            products: 1,
            version: CONTRACT_VERSION,
            schema: 0,
            score_min: 1,
            score_max: 255,
            orientation: Orientation::HigherIsRiskier,
            calibration: Calibration {
                entries: vec![CalibrationEntry { score: 100, total: 10, defaulted: 1 }],
            },
        })
    }
}

pub fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(AccountId::new([id; 32]))
}

/// Runs a test; the state must be sound afterwards.
pub fn run(test: impl FnOnce()) {
    CONTRACT_ACTIVE.set(true);
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        test();
        Packs::check_state().unwrap();
    });
}

pub fn terms() -> PackTerms {
    PackTerms {
        name: b"cars".to_vec().try_into().unwrap(),
        currency: *b"EUR",
        cut_off_secs: NOW_SECS,
        tape_hash: H256::repeat_byte(7),
    }
}

/// A loan's subject: network output, place within it, kind as described above.
pub fn subject(output: i8, place: u16, kind: u8) -> Subject {
    let mut bytes = [0; 16];
    bytes[0] = output as u8;
    bytes[1..3].copy_from_slice(&place.to_be_bytes());
    bytes[15] = kind;
    Subject(bytes)
}

pub fn page(loans: &[(Subject, Minor)]) -> Page {
    Page {
        subjects: loans.iter().map(|(subject, _)| *subject).collect(),
        principals: loans.iter().map(|(_, principal)| Compact(*principal)).collect(),
        rates_ppb: vec![50_000_000; loans.len()],
        originated_days: vec![18_000; loans.len()],
        matures_days: vec![20_000; loans.len()],
        defaulted: vec![0; loans.len().div_ceil(8)],
    }
}

/// Loans of 100 each with outputs 0..=99, `count` of them, some of which have no profile or a
/// default on record: the higher the output, the more often.
pub fn loans(count: u16) -> Vec<(Subject, Minor)> {
    let mut loans: Vec<_> = (0..count)
        .map(|n| {
            let output = (n % 100) as i8;
            let kind = match n {
                _ if n % 50 == 13 => 1,
                _ if n % 110 < (n % 100) / 10 => 2,
                _ if n % 7 == 0 => 3,
                _ => 0,
            };
            (subject(output, n, kind), 100)
        })
        .collect();
    loans.sort();
    loans
}

/// Opens a pack, fills it with these loans and seals it.
pub fn sealed(loans: &[(Subject, Minor)]) -> PackId {
    let pack = packs::NextPack::<Test>::get();
    Packs::open(signed(1), terms()).unwrap();
    for (number, chunk) in (0..).zip(loans.chunks(512)) {
        Packs::add_page(signed(1), pack, number, page(chunk)).unwrap();
    }
    let total = loans.iter().map(|(_, principal)| principal).sum();
    Packs::seal(signed(1), pack, loans.len() as u32, total).unwrap();
    pack
}

/// Lets the jobs run for one block within this weight; gives what they used.
pub fn poll(limit: Weight) -> Weight {
    System::set_block_number(System::block_number() + 1);
    let mut meter = WeightMeter::with_limit(limit);
    <Packs as Hooks<u64>>::on_poll(System::block_number(), &mut meter);
    meter.consumed()
}

/// Lets the jobs run until none is left.
pub fn finish_jobs() {
    while !packs::Jobs::<Test>::get().is_empty() {
        poll(Weight::MAX);
    }
}

/// A pack of these loans, assessed.
pub fn assessed(loans: &[(Subject, Minor)]) -> PackId {
    let pack = sealed(loans);
    Packs::assess(signed(2), pack, CONTRACT, POLICY).unwrap();
    finish_jobs();
    pack
}

pub fn request(target_ppb: u64, mode: Mode, basis: Basis) -> Request {
    Request {
        scale: Scale::EqualWidth(10),
        options: RateOptions { basis, method: Method::Observed, weights: Weights::Share },
        target_ppb,
        mode,
    }
}

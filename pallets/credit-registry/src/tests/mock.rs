//! A runtime of this pallet alone. Accounts 1, 3 and 10 to 20 are bureaus, 2 is a risk controller,
//! 9 an investor, 8 a member without a role here. Pack 0 is not sealed; packs 1 and 2 are, of 40
//! loans each. Pack 1 holds everybody whose subject begins with a byte below 128, and was assessed
//! twice; its first assessment scored none of them.

use crate as credit_registry;
use assay_primitives::{
    credit::{Report, Schema, SchemaFeature},
    inquiry::AssessmentInquiry,
    member::Roles,
    traits::{Membership, PackObligors},
    AccountId, Name, OrganisationId, PackId, SchemaId, Subject, UnixSecs, H256,
};
use assay_risk::profile::{Policy, Source, Sources};
use frame_support::{derive_impl, traits::UnixTime};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError};
use std::{cell::Cell, time::Duration};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Registry: credit_registry,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

impl credit_registry::Config for Test {
    type Members = Members;
    type Packs = Packs;
    type Clock = Clock;
}

pub const NOW_SECS: UnixSecs = 1_700_000_000;
pub const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");

thread_local! {
    static NOW: Cell<UnixSecs> = const { Cell::new(NOW_SECS) };
}

pub struct Clock;
impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(NOW.get())
    }
}

pub struct Members;
impl Membership<AccountId> for Members {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let [id, ..] = *AsRef::<[u8; 32]>::as_ref(who);
        let roles = match id {
            1 | 3 | 10..=20 => Roles::BUREAU,
            2 => Roles::RISK_CONTROLLER,
            8 => Roles::CUSTODIAN,
            _ => Roles::INVESTOR,
        };
        if roles.intersects(any_of) {
            Ok(id.into())
        } else {
            Err(NOT_PERMITTED)
        }
    }
}

pub struct Packs;

/// An assessment of pack 1.
pub fn assessment(number: u32) -> AssessmentInquiry {
    AssessmentInquiry {
        assessment: number,
        by: account(2),
        contract: H256::repeat_byte(1),
        policy: H256::repeat_byte(2),
        scored: 40 * number,
        at: 1,
        at_secs: NOW_SECS,
    }
}

impl PackObligors for Packs {
    fn next_pack() -> PackId {
        3
    }

    fn sealed_loans(pack: PackId) -> Option<u32> {
        (1..3).contains(&pack).then_some(40)
    }

    fn assessments_of(pack: PackId, subject: &Subject) -> Option<Vec<AssessmentInquiry>> {
        (pack == 1 && subject.0[0] < 128).then(|| vec![assessment(1)])
    }

    fn assessments(pack: PackId) -> Vec<AssessmentInquiry> {
        if pack == 1 {
            vec![assessment(0), assessment(1)]
        } else {
            vec![]
        }
    }
}

pub fn name(text: &str) -> Name {
    text.as_bytes().to_vec().try_into().unwrap()
}

pub fn account(id: u8) -> AccountId {
    AccountId::new([id; 32])
}

pub fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

/// Runs a test on a chain with one schema of three features, number 0; the state must be sound
/// afterwards.
pub fn run(test: impl FnOnce()) {
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        Registry::add_schema(signed(2), schema(3)).unwrap();
        test();
        Registry::check_state().unwrap();
    });
}

pub fn schema(features: u8) -> Schema {
    let feature = |position: u8| SchemaFeature {
        name: vec![b'0' + position].try_into().unwrap(),
        unit: b"EUR".to_vec().try_into().unwrap(),
        lower: 0,
        upper: 100,
    };
    Schema {
        name: b"test".to_vec().try_into().unwrap(),
        features: (0..features).map(feature).collect::<Vec<_>>().try_into().unwrap(),
    }
}

/// Subjects spread over the whole space, ascending with `position` of `count`.
pub fn subject(position: u32, count: u32) -> Subject {
    let step = u32::MAX / count.max(1);
    let mut bytes = [0u8; 16];
    bytes[..4].copy_from_slice(&(position * step).to_be_bytes());
    bytes[15] = 7;
    Subject(bytes)
}

pub fn report(subject: Subject, observed_at_secs: UnixSecs, values: [i32; 3]) -> Report {
    Report {
        subject,
        observed_at_secs,
        source: Source::Bank,
        has_default: false,
        document_hash: H256::repeat_byte(5),
        present: 0b111,
        values: values.to_vec().try_into().unwrap(),
    }
}

pub fn submit(bureau: u8, reports: Vec<Report>) -> Result<(), DispatchError> {
    submit_under(bureau, 0, reports)
}

pub fn submit_under(
    bureau: u8,
    schema: SchemaId,
    reports: Vec<Report>,
) -> Result<(), DispatchError> {
    Registry::submit(signed(bureau), schema, reports.try_into().unwrap())
        .map(|_| ())
        .map_err(|failure| failure.error)
}

pub fn policy(propagation: Option<u8>) -> Policy {
    Policy { max_age_secs: 1_000, weights_by_age: Vec::new(), propagation, sources: Sources::ANY }
}

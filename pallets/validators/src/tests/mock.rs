//! A runtime of this pallet, the sessions and a clock. Accounts 1 to 4 are the validators that the
//! chain begins with, of which 3 must stay; accounts below 200 have the role; a session has 5
//! blocks. Calls are the council's when signed by root.

use crate::{self as validators, EndedByValidators, NoCurrency, NothingMore};
use assay_primitives::{member::Roles, traits::Membership, AccountId, OrganisationId};
use frame_support::{
    derive_impl,
    traits::{ConstU128, Get, OnInitialize},
};
use frame_system::EnsureRoot;
use pallet_session::{historical, TestSessionHandler};
use sp_runtime::{
    testing::UintAuthorityId,
    traits::{ConvertInto, IdentityLookup},
    BuildStorage, DispatchError,
};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Timestamp: pallet_timestamp,
        Validators: validators,
        Session: pallet_session,
        Historical: historical,
    }
);

pub const SLOT_MILLIS: u64 = 3_000;
pub const SESSION_BLOCKS: u32 = 5;
pub const MINIMUM: u32 = 3;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

impl pallet_session::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = EndedByValidators;
    type NextSessionRotation = Validators;
    type SessionManager = historical::NoteHistoricalRoot<Test, Validators>;
    type SessionHandler = TestSessionHandler;
    type Keys = UintAuthorityId;
    type DisablingStrategy = ();
    type WeightInfo = ();
    type Currency = NoCurrency<RuntimeHoldReason>;
    type KeyDeposit = ConstU128<0>;
}

impl historical::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NothingMore;
}

impl validators::Config for Test {
    type CouncilOrigin = EnsureRoot<AccountId>;
    type Members = Members;
    type Sessions = Session;
    type Slot = Slot;
}

pub struct Members;
impl Membership<AccountId> for Members {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let id = AsRef::<[u8]>::as_ref(who)[0];
        if id < 200 && any_of == Roles::VALIDATOR {
            Ok(id.into())
        } else {
            Err(DispatchError::Other("not permitted"))
        }
    }
}

pub struct Slot;
impl Get<u64> for Slot {
    fn get() -> u64 {
        Timestamp::get() / SLOT_MILLIS
    }
}

pub fn account(id: u8) -> AccountId {
    AccountId::new([id; 32])
}

pub fn accounts(ids: impl IntoIterator<Item = u8>) -> Vec<AccountId> {
    ids.into_iter().map(account).collect()
}

pub fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub fn council() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

/// Registers session keys for an account.
pub fn register(id: u8, key: u64) {
    System::inc_providers(&account(id));
    Session::set_keys(signed(id), UintAuthorityId(key), vec![]).unwrap();
}

/// A chain that begins with these validators, and with keys for those.
pub fn genesis(chosen: &[u8], minimum: u32, with_keys: &[u8]) -> sp_io::TestExternalities {
    let keys = with_keys.iter().map(|id| {
        let account = account(*id);
        (account.clone(), account, UintAuthorityId(u64::from(*id)))
    });
    let genesis = RuntimeGenesisConfig {
        validators: validators::GenesisConfig {
            validators: accounts(chosen.iter().copied()),
            minimum,
            session_blocks: SESSION_BLOCKS,
        },
        session: pallet_session::GenesisConfig { keys: keys.collect(), ..Default::default() },
        ..Default::default()
    };
    genesis.build_storage().unwrap().into()
}

/// Runs a test in the first block of a chain with the validators 1 to 4; the state must be sound
/// afterwards.
pub fn run(test: impl FnOnce()) {
    genesis(&[1, 2, 3, 4], MINIMUM, &[1, 2, 3, 4]).execute_with(|| {
        pallet_timestamp::Now::<Test>::put(1_700_000_000_000);
        next_block(&[]);
        test();
        Validators::check_state().unwrap();
    });
}

/// Makes the next block, in the first slot whose author is not among those that are down.
pub fn next_block(down: &[u8]) {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    let active = Session::validators();
    let down = accounts(down.iter().copied());
    let author = loop {
        pallet_timestamp::Now::<Test>::mutate(|now| *now += SLOT_MILLIS);
        let author = &active[(Slot::get() % active.len() as u64) as usize];
        if !down.contains(author) {
            break author.clone();
        }
    };
    Validators::note_author(&author);
    Validators::on_initialize(number);
    Session::on_initialize(number);
}

/// Makes blocks until that one.
pub fn run_to(block: u64, down: &[u8]) {
    while System::block_number() < block {
        next_block(down);
    }
}

/// Makes blocks until a session begins.
pub fn run_to_session(session: u32, down: &[u8]) {
    while Session::current_index() < session {
        next_block(down);
    }
}

/// This pallet's events so far, without those of sessions' changes.
pub fn events() -> Vec<crate::Event<Test>> {
    System::read_events_for_pallet::<crate::Event<Test>>()
}

//! A runtime of this pallet alone. Account 1 is the council, account 2 a bureau, both without a
//! certificate; authority 0 is [`authority`]. The council's calls are signed by root.

use super::certificates::{Signer, Terms};
use crate::{self as membership, CallRoles};
use assay_primitives::{
    member::{Certificate, Organisation, Roles},
    AccountId, Name, UnixSecs,
};
use frame_support::{
    derive_impl,
    storage::unhashed,
    traits::{ChangeMembers, UnixTime},
};
use frame_system::EnsureRoot;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult};
use std::{cell::Cell, rc::Rc, time::Duration};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Organisations: membership,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

impl membership::Config for Test {
    type CouncilOrigin = EnsureRoot<AccountId>;
    type CouncilChanged = Council;
    type CallRoles = Calls;
    type Clock = Clock;
}

pub const NOW_SECS: UnixSecs = 1_700_000_000;

thread_local! {
    static NOW: Cell<UnixSecs> = const { Cell::new(NOW_SECS) };
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    static AUTHORITY: Rc<Signer> = Rc::new(Signer::new("Bank Authority"));
}

pub struct Clock;
impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(NOW.get())
    }
}

/// Lets it be another time, for this test.
pub fn set_now(now_secs: UnixSecs) {
    NOW.set(now_secs);
}

/// Stops all calls, for this test.
pub fn stop() {
    STOPPED.set(true);
}

const COUNCIL_KEY: &[u8] = b"council";

/// Holds what it was told last, in the state, so that it is rolled back with it.
pub struct Council;
impl ChangeMembers<AccountId> for Council {
    fn change_members_sorted(incoming: &[AccountId], outgoing: &[AccountId], new: &[AccountId]) {
        let mut expected = Council::members();
        expected.retain(|member| !outgoing.contains(member));
        expected.extend_from_slice(incoming);
        expected.sort();
        assert_eq!(expected, new, "told of other changes than those there were");
        unhashed::put(COUNCIL_KEY, &new.to_vec());
    }
}

impl Council {
    pub fn members() -> Vec<AccountId> {
        unhashed::get_or_default(COUNCIL_KEY)
    }
}

/// `remark` is for bureaus, `kill_storage` for the council, `renew` for everybody; `set_heap_pages`
/// enters without a signature, and everything else is for nobody.
pub struct Calls;
impl CallRoles<RuntimeCall> for Calls {
    fn roles(call: &RuntimeCall) -> Option<Roles> {
        match call {
            RuntimeCall::System(frame_system::Call::remark { .. }) => Some(Roles::BUREAU),
            RuntimeCall::System(frame_system::Call::kill_storage { .. }) => Some(Roles::COUNCIL),
            RuntimeCall::Organisations(membership::Call::renew { .. }) => Some(Roles::ALL),
            _ => None,
        }
    }

    fn is_bare(call: &RuntimeCall) -> bool {
        matches!(call, RuntimeCall::System(frame_system::Call::set_heap_pages { .. }))
    }

    fn is_stopped(_: &RuntimeCall) -> bool {
        STOPPED.get()
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

/// The authority that there is from the start, number 0.
pub fn authority() -> Rc<Signer> {
    AUTHORITY.with(Rc::clone)
}

/// Enrols by a certificate of the authority, handed in by the bureau.
pub fn enroll(terms: &Terms) -> DispatchResult {
    Organisations::enroll(signed(2), authority().sign(terms))
}

/// Renews by a certificate of the authority, handed in by the bureau.
pub fn renew(terms: &Terms) -> DispatchResult {
    renew_by(2, terms)
}

/// Renews by a certificate of the authority, handed in by that account.
pub fn renew_by(id: u8, terms: &Terms) -> DispatchResult {
    Organisations::renew(signed(id), authority().sign(terms))
}

pub fn organisation(id: u8) -> Organisation {
    Organisations::organisation(&account(id)).unwrap()
}

pub fn certificate(id: u8) -> Certificate {
    organisation(id).certificate.unwrap()
}

pub fn config(organisations: &[(u8, &str, Roles)]) -> membership::GenesisConfig<Test> {
    let organisations =
        organisations.iter().map(|(id, name, roles)| (account(*id), name.to_string(), *roles));
    membership::GenesisConfig { organisations: organisations.collect(), ..Default::default() }
}

pub fn begun(organisations: membership::GenesisConfig<Test>) -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig { system: Default::default(), organisations };
    genesis.build_storage().unwrap().into()
}

/// Runs a test on a chain with a council of one and a bureau; the state must be sound afterwards,
/// and the council be told who its members are.
pub fn run(test: impl FnOnce()) {
    NOW.set(NOW_SECS);
    STOPPED.set(false);
    let mut config = config(&[(1, "Council", Roles::COUNCIL), (2, "Bureau", Roles::BUREAU)]);
    config.authorities = vec![authority().root().into_inner()];
    begun(config).execute_with(|| {
        System::set_block_number(1);
        test();
        Organisations::check_state().unwrap();
        assert_eq!(Council::members(), Organisations::council());
    });
}

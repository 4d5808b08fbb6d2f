//! A runtime of this pallet alone. Account 1 is the council, account 2 a bureau; calls are the
//! council's when signed by root.

use crate::{self as membership, CallRoles};
use assay_primitives::{member::Roles, AccountId, Name};
use frame_support::{derive_impl, storage::unhashed, traits::ChangeMembers};
use frame_system::EnsureRoot;
use sp_runtime::{traits::IdentityLookup, BuildStorage};

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

/// `remark` is for bureaus, everything else for nobody.
pub struct Calls;
impl CallRoles<RuntimeCall> for Calls {
    fn roles(call: &RuntimeCall) -> Option<Roles> {
        match call {
            RuntimeCall::System(frame_system::Call::remark { .. }) => Some(Roles::BUREAU),
            _ => None,
        }
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

pub fn genesis(organisations: &[(u8, &str, Roles)]) -> sp_io::TestExternalities {
    let organisations =
        organisations.iter().map(|(id, name, roles)| (account(*id), name.to_string(), *roles));
    let genesis = RuntimeGenesisConfig {
        system: Default::default(),
        organisations: membership::GenesisConfig { organisations: organisations.collect() },
    };
    genesis.build_storage().unwrap().into()
}

/// Runs a test on a chain with a council of one and a bureau; the state must be sound afterwards,
/// and the council be told who its members are.
pub fn run(test: impl FnOnce()) {
    let members = [(1, "Council", Roles::COUNCIL), (2, "Bureau", Roles::BUREAU)];
    genesis(&members).execute_with(|| {
        System::set_block_number(1);
        test();
        crate::try_state::do_try_state::<Test>().unwrap();
        assert_eq!(Council::members(), Organisations::council());
    });
}

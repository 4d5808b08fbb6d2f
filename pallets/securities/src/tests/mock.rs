//! A runtime of this pallet alone. Account 1 is an SPV, account 2 an exchange. Packs 0 and 1 are
//! screened, no other; both kept a balance of 1,000.

use crate as securities;
use assay_primitives::{
    member::Roles,
    pack::PackFigures,
    security::{Tranche, Tranches},
    traits::{Membership, ScreenedPacks},
    AccountId, Minor, Name, OrganisationId, PackId, H256,
};
use frame_support::{derive_impl, dispatch::DispatchResult, ensure, storage::unhashed};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Securities: securities,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
}

impl securities::Config for Test {
    type Members = Members;
    type Packs = Packs;
}

pub const NOT_PERMITTED: DispatchError = DispatchError::Other("not permitted");
pub const NOT_SCREENED: DispatchError = DispatchError::Other("not screened");
pub const NOT_ACCEPTED: DispatchError = DispatchError::Other("not accepted");
pub const KEPT_MINOR: Minor = 1_000;

pub struct Members;
impl Membership<AccountId> for Members {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let bytes: &[u8] = who.as_ref();
        let id = bytes[0];
        let roles = match id {
            1 => Roles::SPV,
            2 => Roles::EXCHANGE,
            _ => Roles::NONE,
        };
        if roles.intersects(any_of) {
            Ok(id.into())
        } else {
            Err(NOT_PERMITTED)
        }
    }
}

/// Holds where a pack stands in the state: nothing, `accepted` or `issued`.
pub struct Packs;

impl Packs {
    fn key(pack: PackId) -> Vec<u8> {
        format!("pack {pack}").into_bytes()
    }

    pub fn status(pack: PackId) -> Option<String> {
        unhashed::get(&Packs::key(pack))
    }

    fn set(pack: PackId, status: &str) {
        unhashed::put(&Packs::key(pack), &status.to_string());
    }
}

impl ScreenedPacks for Packs {
    fn accept(pack: PackId) -> DispatchResult {
        ensure!(pack < 2 && Packs::status(pack).is_none(), NOT_SCREENED);
        Packs::set(pack, "accepted");
        Ok(())
    }

    fn issue(pack: PackId) -> Result<PackFigures, DispatchError> {
        ensure!(Packs::status(pack).as_deref() == Some("accepted"), NOT_ACCEPTED);
        Packs::set(pack, "issued");
        Packs::figures(pack)
    }

    fn figures(pack: PackId) -> Result<PackFigures, DispatchError> {
        ensure!(pack < 2, NOT_SCREENED);
        Ok(figures())
    }
}

pub fn figures() -> PackFigures {
    PackFigures {
        originator: account(9),
        currency: *b"EUR",
        contract: H256::repeat_byte(1),
        contract_version: 1,
        policy: H256::repeat_byte(2),
        policy_version: 1,
        schema: 0,
        assessment: 0,
        tape_loans: 12,
        tape_minor: 1_200,
        unscored: 1,
        removed: 1,
        kept_loans: 10,
        kept_minor: KEPT_MINOR,
        target_ppb: 60_000_000,
        bad_rate_before_ppb: 90_000_000,
        bad_rate_after_ppb: 50_000_000,
    }
}

pub fn account(id: u8) -> AccountId {
    AccountId::new([id; 32])
}

pub fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub fn name(name: &str) -> Name {
    name.as_bytes().to_vec().try_into().unwrap()
}

pub fn tranche(label: &str, principal_minor: Minor) -> Tranche {
    Tranche { name: name(label), principal_minor, coupon_ppb: 30_000_000 }
}

pub fn tranches(list: &[(&str, Minor)]) -> Tranches {
    let list: Vec<_> = list.iter().map(|(label, minor)| tranche(label, *minor)).collect();
    list.try_into().unwrap()
}

/// Runs a test in block 1; the state must be sound afterwards.
pub fn run(test: impl FnOnce()) {
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        System::set_block_number(1);
        test();
        Securities::check_state().unwrap();
    });
}

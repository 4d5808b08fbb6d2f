//! Upgrades of the runtime: by motion, and only to what the motion named.

use super::support::*;
use assay_runtime::{Hash, Runtime, RuntimeOrigin, System, VERSION};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use frame_system::{Error, LastRuntimeUpgrade};
use sp_core::{
    storage::well_known_keys::CODE,
    traits::{Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt},
};
use sp_keyring::Ed25519Keyring::{Alice, Bob};
use sp_runtime::{
    traits::{BlakeTwo256, Hash as _},
    DispatchError,
};

const NEW_CODE: &[u8] = b"the next runtime";

/// Reads from any code that it is this runtime's successor.
struct Successor;
impl ReadRuntimeVersion for Successor {
    fn read_runtime_version(&self, _: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
        let mut version = VERSION;
        version.spec_version += 1;
        Ok(version.encode())
    }
}

fn run(test: impl FnOnce()) {
    let mut chain = chain("local_testnet");
    chain.register_extension(ReadRuntimeVersionExt::new(Successor));
    run_on(chain, test);
}

fn authorize(code_hash: Hash) -> assay_governance::Call<Runtime> {
    assay_governance::Call::authorize_upgrade { code_hash }
}

fn apply(code: &[u8]) -> DispatchResult {
    let origin = RuntimeOrigin::signed(account(Alice));
    let applied = System::apply_authorized_upgrade(origin, code.to_vec());
    applied.map(|_| ()).map_err(|refused| refused.error)
}

#[test]
fn should_take_the_code_when_a_motion_named_its_hash() {
    run(|| {
        assert_ok!(decide(authorize(BlakeTwo256::hash(NEW_CODE))));
        assert_ok!(apply(NEW_CODE));
        assert_eq!(sp_io::storage::get(CODE).map(|code| code.to_vec()), Some(NEW_CODE.to_vec()));
    });
}

#[test]
fn should_refuse_the_code_when_it_is_not_what_the_motion_named() {
    run(|| {
        assert_noop!(apply(NEW_CODE), Error::<Runtime>::NothingAuthorized);
        assert_ok!(decide(authorize(BlakeTwo256::hash(NEW_CODE))));
        assert_noop!(apply(b"another runtime"), Error::<Runtime>::Unauthorized);
    });
}

#[test]
fn should_allow_nothing_when_less_than_two_thirds_of_the_council_want_it() {
    run(|| {
        let carried = motion(&[Alice, Bob], 2, authorize(BlakeTwo256::hash(NEW_CODE)));
        assert_eq!(carried, Some(Err(DispatchError::BadOrigin)));
        assert_noop!(apply(NEW_CODE), Error::<Runtime>::NothingAuthorized);
    });
}

#[test]
fn should_stay_sound_when_the_first_block_after_an_upgrade_finds_nothing_to_migrate() {
    run(|| {
        LastRuntimeUpgrade::<Runtime>::kill();
        next_block(vec![]);
        let last = LastRuntimeUpgrade::<Runtime>::get().unwrap();
        assert_eq!(last.spec_version.0, VERSION.spec_version);
    });
}

//! The emergency stop: of everything, and of single calls.

use super::{roles::every_call, support::*};
use assay_primitives::{member::refusal, pack::PackTerms, H256};
use assay_runtime::{
    configs::{Needed, STOP_BLOCKS},
    Runtime, RuntimeCall, RuntimeOrigin, SafeMode, Session, System,
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{CallMetadata, Contains, GetCallMetadata, OnInitialize},
};
use sp_keyring::Ed25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::{traits::Dispatchable, DispatchError};

type Stop = pallet_safe_mode::Call<Runtime>;
type Pause = pallet_tx_pause::Call<Runtime>;

/// Traffic: a bank opens a pack.
fn open() -> RuntimeCall {
    let terms = PackTerms {
        name: b"cars".to_vec().try_into().unwrap(),
        currency: *b"EUR",
        cut_off_secs: 0,
        tape_hash: H256::repeat_byte(1),
    };
    assay_packs::Call::open { terms }.into()
}

fn full_name(pallet: &str, call: &str) -> pallet_tx_pause::RuntimeCallNameOf<Runtime> {
    let bounded = |name: &str| name.as_bytes().to_vec().try_into().unwrap();
    (bounded(pallet), bounded(call))
}

fn pause(pallet: &str, call: &str) -> sp_runtime::DispatchResult {
    decide(Pause::pause { full_name: full_name(pallet, call) })
}

fn send(key: Ed25519Keyring, call: RuntimeCall) -> sp_runtime::DispatchResult {
    let sent = call.dispatch(RuntimeOrigin::signed(account(key)));
    sent.map(|_| ()).map_err(|refused| refused.error)
}

#[test]
fn should_refuse_traffic_at_the_pool_when_the_council_stopped_the_chain() {
    run("local_testnet", || {
        assert_eq!(refusal_of(Alice, open()), None);
        assert_ok!(decide(Stop::force_enter {}));
        assert_eq!(refusal_of(Alice, open()), Some(refusal::STOPPED));
        let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
        assert_noop!(send(Alice, open()), filtered);
    });
}

#[test]
fn should_go_on_with_blocks_sessions_and_motions_when_stopped() {
    run("local_testnet", || {
        assert_ok!(decide(Stop::force_enter {}));
        let session = Session::current_index();
        (0..20).for_each(|_| drop(next_block(vec![])));
        assert_eq!(Session::current_index(), session + 1);
        assert_ok!(decide(assay_validators::Call::set_session_blocks { blocks: 50 }));
        assert_ok!(decide(assay_membership::Call::suspend { account: account(Dave) }));
    });
}

#[test]
fn should_go_on_when_the_council_lifts_the_stop() {
    run("local_testnet", || {
        assert_ok!(decide(Stop::force_enter {}));
        assert_ok!(decide(Stop::force_exit {}));
        assert_eq!(refusal_of(Alice, open()), None);
        assert_ok!(send(Alice, open()));
    });
}

#[test]
fn should_go_on_by_itself_when_nobody_extends_the_stop() {
    run("local_testnet", || {
        assert_ok!(decide(Stop::force_enter {}));
        let until = System::block_number() + STOP_BLOCKS;
        assert_eq!(pallet_safe_mode::EnteredUntil::<Runtime>::get(), Some(until));
        SafeMode::on_initialize(until);
        assert_eq!(refusal_of(Alice, open()), Some(refusal::STOPPED));
        SafeMode::on_initialize(until + 1);
        assert_eq!(refusal_of(Alice, open()), None);
    });
}

#[test]
fn should_stay_stopped_for_longer_when_the_council_extends_it() {
    run("local_testnet", || {
        assert_ok!(decide(Stop::force_enter {}));
        assert_ok!(decide(Stop::force_extend {}));
        let until = System::block_number() + 2 * STOP_BLOCKS;
        assert_eq!(pallet_safe_mode::EnteredUntil::<Runtime>::get(), Some(until));
    });
}

#[test]
fn should_not_stop_when_less_than_two_thirds_of_the_council_want_it() {
    run("local_testnet", || {
        let carried = motion(&[Alice, Bob], 2, Stop::force_enter {});
        assert_eq!(carried, Some(Err(DispatchError::BadOrigin)));
        assert_eq!(motion(&[Alice, Charlie], 3, Stop::force_enter {}), None);
        for call in [Stop::enter {}, Stop::force_enter {}] {
            assert_eq!(refusal_of(Alice, call), Some(refusal::ROLE_NOT_ALLOWED));
        }
        assert!(!SafeMode::is_entered());
    });
}

#[test]
fn should_refuse_one_call_alone_when_the_council_pauses_it() {
    run("local_testnet", || {
        assert_ok!(pause("Packs", "open"));
        assert_eq!(refusal_of(Alice, open()), Some(refusal::STOPPED));
        let seal = assay_packs::Call::seal { pack: 0, loans: 1, principal_minor: 1 };
        assert_eq!(refusal_of(Alice, seal), None);
        assert_ok!(decide(Pause::unpause { ident: full_name("Packs", "open") }));
        assert_eq!(refusal_of(Alice, open()), None);
    });
}

#[test]
fn should_refuse_to_pause_what_an_emergency_needs_when_asked() {
    run("local_testnet", || {
        let calls = every_call();
        let needed =
            calls.values().filter(|call| <Needed as Contains<RuntimeCall>>::contains(call));
        let unpausable: DispatchError = pallet_tx_pause::Error::<Runtime>::Unpausable.into();
        let mut pallets = std::collections::BTreeSet::new();
        for call in needed {
            let CallMetadata { pallet_name, function_name } = call.get_call_metadata();
            assert_eq!(pause(pallet_name, function_name), Err(unpausable));
            pallets.insert(pallet_name);
        }
        // Timestamps among them, without which there are no blocks.
        let expected = [
            "Council",
            "Governance",
            "Grandpa",
            "Membership",
            "SafeMode",
            "Session",
            "System",
            "Timestamp",
            "TxPause",
            "Validators",
        ];
        assert_eq!(pallets.into_iter().collect::<Vec<_>>(), expected);
    });
}

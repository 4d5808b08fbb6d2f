//! Validators and sessions with the real consensus pallets.

use super::support::*;
use assay_primitives::{
    apis::runtime_decl_for_validators_api::ValidatorsApiV1,
    member::{refusal, Roles},
};
use assay_runtime::{
    opaque::SessionKeys, Aura, Block, Grandpa, Historical, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeOrigin, Session, System, UncheckedExtrinsic, Validators,
};
use assay_validators::Event;
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok, traits::KeyOwnerProofSystem};
use sp_consensus_grandpa::{AuthorityId, EquivocationProof, KEY_TYPE};
use sp_core::{Pair, H256};
use sp_keyring::{
    Ed25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve},
    Sr25519Keyring,
};
use sp_runtime::{
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource},
    DispatchResult,
};

const PRESET: &str = "local_testnet";

fn set_keys(key: Ed25519Keyring, (keys, proof): (SessionKeys, Vec<u8>)) -> DispatchResult {
    let call: RuntimeCall = pallet_session::Call::set_keys { keys, proof }.into();
    let sent = call.dispatch(RuntimeOrigin::signed(account(key)));
    sent.map(|_| ()).map_err(|refused| refused.error)
}

/// Makes blocks until a session begins.
fn run_to_session(session: u32) {
    while Session::current_index() < session {
        next_block(vec![]);
    }
}

fn told() -> Vec<Event<Runtime>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Validators(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// A chain that has a fifth member with the role, Eve.
fn with_fifth_member() -> sp_io::TestExternalities {
    chain_with(PRESET, |config| {
        let member = (account(Eve), "Third Bank", Roles::VALIDATOR);
        let organisations = &mut config["membership"]["organisations"];
        organisations.as_array_mut().unwrap().push(serde_json::to_value(member).unwrap());
    })
}

#[test]
fn should_refuse_session_keys_when_another_validator_uses_them() {
    run(PRESET, || {
        // Bob holds Alice's keys, and can prove it.
        let stolen = session_keys(Sr25519Keyring::Alice, Ed25519Keyring::Ferdie, Bob);
        assert_noop!(set_keys(Bob, stolen), pallet_session::Error::<Runtime>::DuplicatedKey);
        let stolen = session_keys(Sr25519Keyring::Ferdie, Ed25519Keyring::Alice, Bob);
        assert_noop!(set_keys(Bob, stolen), pallet_session::Error::<Runtime>::DuplicatedKey);
    });
}

#[test]
fn should_refuse_session_keys_when_the_proof_is_of_another_account() {
    run(PRESET, || {
        let (keys, proof) = session_keys(Sr25519Keyring::Ferdie, Ed25519Keyring::Ferdie, Alice);
        let wrong = pallet_session::Error::<Runtime>::InvalidProof;
        assert_noop!(set_keys(Bob, (keys.clone(), proof)), wrong);
        let wrong = pallet_session::Error::<Runtime>::InvalidProof;
        assert_noop!(set_keys(Bob, (keys, vec![])), wrong);
    });
}

#[test]
fn should_refuse_to_purge_session_keys_when_their_owner_asks() {
    run(PRESET, || {
        let purge = pallet_session::Call::<Runtime>::purge_keys {};
        assert_eq!(refusal_of(Alice, purge), Some(refusal::ROLE_NOT_ALLOWED));
    });
}

#[test]
fn should_make_blocks_with_new_keys_two_sessions_later_when_rotated() {
    run(PRESET, || {
        let before = pallet_aura::Authorities::<Runtime>::get();
        let set = pallet_grandpa::CurrentSetId::<Runtime>::get();
        let new = session_keys(Sr25519Keyring::Ferdie, Ed25519Keyring::Ferdie, Bob);
        let (keys, proof) = new.clone();
        let call = pallet_session::Call::set_keys { keys, proof };
        assert_ok!(next_block(vec![sign(Bob, call)]).remove(0).unwrap());
        run_to_session(1);
        assert_eq!(pallet_aura::Authorities::<Runtime>::get(), before);
        run_to_session(2);
        let aura = pallet_aura::Authorities::<Runtime>::get();
        assert_eq!((&aura[1], &aura[0]), (&new.0.aura, &before[0]));
        assert_eq!(Grandpa::grandpa_authorities()[1].0, new.0.grandpa);
        assert_eq!(pallet_grandpa::CurrentSetId::<Runtime>::get(), set + 1);
        // The blocks of the new keys are Bob's.
        run_to_session(3);
        assert!(!told().iter().any(|event| matches!(event, Event::Offline { .. })));
    });
}

#[test]
fn should_keep_the_same_authorities_when_nothing_changes() {
    run(PRESET, || {
        run_to_session(3);
        assert_eq!(pallet_grandpa::CurrentSetId::<Runtime>::get(), 0);
        assert!(told().is_empty());
    });
}

#[test]
fn should_add_and_remove_a_validator_when_the_council_wants_it() {
    run_on(with_fifth_member(), || {
        let add = assay_validators::Call::add { account: account(Eve) };
        let missing = assay_validators::Error::<Runtime>::KeysMissing;
        assert_eq!(decide(add.clone()), Err(missing.into()));
        assert_ok!(set_keys(Eve, session_keys(Sr25519Keyring::Eve, Eve, Eve)));
        assert_ok!(decide(add));
        run_to_session(2);
        assert_eq!(Session::validators().len(), 5);
        assert_eq!(Aura::authorities_len(), 5);
        let remove = assay_validators::Call::remove { account: account(Alice) };
        assert_ok!(decide(remove));
        run_to_session(4);
        assert_eq!(Session::validators(), [Bob, Charlie, Dave, Eve].map(account).to_vec());
        let view = <Runtime as ValidatorsApiV1<Block>>::validators();
        assert!(view.validators.iter().all(|one| one.active && one.chosen && one.keys.is_some()));
    });
}

#[test]
fn should_refuse_to_remove_a_validator_when_fewer_than_four_would_be_left() {
    run(PRESET, || {
        let remove = assay_validators::Call::remove { account: account(Alice) };
        let few = assay_validators::Error::<Runtime>::TooFewValidators;
        assert_eq!(decide(remove), Err(few.into()));
    });
}

#[test]
fn should_tell_the_council_when_a_validator_makes_no_block() {
    run(PRESET, || {
        run_to_session(1);
        // Whoever's slot comes next, Bob's among them, is passed over where it is Bob's.
        while Session::current_index() == 1 {
            let slot = u64::from(pallet_aura::CurrentSlot::<Runtime>::get());
            let next_is_bobs = Session::validators()[(slot as usize + 1) % 4] == account(Bob);
            next_block_after(if next_is_bobs { 2 } else { 1 }, vec![]);
        }
        assert_eq!(told(), vec![Event::Offline { validator: account(Bob), session: 1 }]);
    });
}

/// Two votes of a key in one round, for different blocks.
fn equivocation(key: Ed25519Keyring, set: u64) -> EquivocationProof<H256, u32> {
    let round = 7u64;
    let vote = |block: u8| {
        let vote = (H256::repeat_byte(block), 5u32);
        // A message of kind 0 is a vote before the commitment.
        let signature = key.pair().sign(&((0u8, vote), round, set).encode());
        (vote, signature)
    };
    let proof = (set, 0u8, round, key.public(), vote(1), vote(2)).encode();
    EquivocationProof::decode(&mut &proof[..]).unwrap()
}

#[test]
fn should_tell_the_council_once_when_a_validator_votes_twice_in_a_round() {
    run(PRESET, || {
        let id: AuthorityId = Alice.public().into();
        let call = pallet_grandpa::Call::report_equivocation_unsigned {
            equivocation_proof: Box::new(equivocation(Alice, 0)),
            key_owner_proof: Historical::prove((KEY_TYPE, id)).unwrap(),
        };
        let report = UncheckedExtrinsic::new_bare(call.into());
        // Only its own node brings it into the pool, and needs no signature for it.
        let foreign = validate_from(TransactionSource::External, report.clone());
        assert_eq!(foreign, Err(InvalidTransaction::Call.into()));
        assert!(validate_from(TransactionSource::Local, report.clone()).is_ok());

        assert_ok!(next_block(vec![report.clone()]).remove(0).unwrap());
        let kind = b"grandpa".to_vec().try_into().unwrap();
        let event = Event::Equivocated { validator: account(Alice), kind, session: 0 };
        assert_eq!(told(), vec![event]);
        assert!(Validators::view().validators.iter().all(|one| one.active && one.chosen));
        let again = validate_from(TransactionSource::Local, report);
        assert_eq!(again, Err(InvalidTransaction::Stale.into()));
    });
}

#[test]
fn should_be_sound_when_a_day_has_passed() {
    run_on(with_fifth_member(), || {
        assert_ok!(set_keys(Eve, session_keys(Sr25519Keyring::Eve, Eve, Eve)));
        assert_ok!(decide(assay_validators::Call::add { account: account(Eve) }));
        let new = session_keys(Sr25519Keyring::Ferdie, Ed25519Keyring::Ferdie, Bob);
        assert_ok!(set_keys(Bob, new));
        // Every 101 slots, so that all have their turns.
        for _ in 0..28_800 / 101 + 1 {
            next_block_after(101, vec![]);
        }
        assert_eq!(Session::current_index(), 14);
        assert_eq!(Session::validators().len(), 5);
    });
}

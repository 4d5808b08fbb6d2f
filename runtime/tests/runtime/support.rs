//! Chains of the presets, blocks as validators make them, transactions as members sign them, and
//! motions of the council.

use assay_primitives::{apis::runtime_decl_for_state_check_api::StateCheckApiV1, member::refusal};
use assay_runtime::{
    configs::SLOT_MILLIS, genesis, opaque::SessionKeys, AccountId, Address, Executive, Hash,
    Header, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin, Signature,
    SignedPayload, System, Timestamp, TxExtension, UncheckedExtrinsic, VERSION,
};
use codec::Encode;
use frame_support::{
    assert_ok, genesis_builder_helper::build_state, storage::with_transaction_unchecked,
};
use serde_json::Value;
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::Pair;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{
    generic::Era,
    traits::{BlakeTwo256, Dispatchable, Hash as _, Header as _},
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
    },
    ApplyExtrinsicResult, Digest, DigestItem, DispatchResult, TransactionOutcome,
};

/// 2026-01-01T00:00:00Z, in slots.
const FIRST_SLOT: u64 = 1_767_225_600_000 / SLOT_MILLIS;

pub fn account(key: Ed25519Keyring) -> AccountId {
    key.to_account_id()
}

/// Puts a patch into a value, field by field.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

/// The genesis of a preset, as a node puts it together.
pub fn chain(preset: &str) -> sp_io::TestExternalities {
    chain_with(preset, |_| ())
}

/// The genesis of a preset with changes.
pub fn chain_with(preset: &str, change: impl FnOnce(&mut Value)) -> sp_io::TestExternalities {
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
    let patch = genesis::preset(&PresetId::from(preset)).unwrap();
    merge(&mut config, serde_json::from_slice(&patch).unwrap());
    change(&mut config);
    let mut chain = sp_io::TestExternalities::new_empty();
    chain.execute_with(|| {
        build_state::<RuntimeGenesisConfig>(serde_json::to_vec(&config).unwrap()).unwrap();
    });
    chain
}

/// Runs a test on the chain of a preset after its first block; the state must be sound afterwards.
pub fn run(preset: &str, test: impl FnOnce()) {
    run_on(chain(preset), test);
}

/// Runs a test on a chain after its first block; the state must be sound afterwards.
pub fn run_on(mut chain: sp_io::TestExternalities, test: impl FnOnce()) {
    chain.execute_with(|| {
        next_block(vec![]);
        test();
        assert_eq!(check_state(), Ok(()));
    });
}

/// Asks the runtime whether its state is sound.
pub fn check_state() -> Result<(), String> {
    <Runtime as StateCheckApiV1<assay_runtime::Block>>::check_state()
}

/// Makes the next block of these transactions.
pub fn next_block(transactions: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
    next_block_after(1, transactions)
}

/// Makes the next block so many slots after the last.
pub fn next_block_after(
    slots: u64,
    transactions: Vec<UncheckedExtrinsic>,
) -> Vec<ApplyExtrinsicResult> {
    let slot = (Timestamp::get() / SLOT_MILLIS).max(FIRST_SLOT) + slots;
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    let number = System::block_number() + 1;
    let unknown = Hash::default();
    Executive::initialize_block(&Header::new(number, unknown, unknown, unknown, digest));
    let time = pallet_timestamp::Call::set { now: slot * SLOT_MILLIS };
    assert_ok!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time.into())).unwrap());
    let results = transactions.into_iter().map(Executive::apply_extrinsic).collect();
    Executive::finalize_block();
    results
}

/// The call in a transaction of the key, with the nonce that is due.
pub fn sign(key: Ed25519Keyring, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    let call = call.into();
    let extension: TxExtension = (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        assay_membership::extension::CheckMembership::<Runtime>::new(),
        frame_system::CheckNonce::from(System::account_nonce(account(key))),
        frame_system::CheckWeight::new(),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    );
    let genesis = System::block_hash(0);
    let (spec, transaction) = (VERSION.spec_version, VERSION.transaction_version);
    let implicit = ((), (), spec, transaction, genesis, genesis, (), (), (), None, ());
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| Signature::Ed25519(key.pair().sign(bytes)));
    UncheckedExtrinsic::new_signed(call, Address::Id(account(key)), signature, extension)
}

/// What the pool says of a transaction that came that way; leaves the state as it was.
pub fn validate_from(
    source: TransactionSource,
    transaction: UncheckedExtrinsic,
) -> TransactionValidity {
    with_transaction_unchecked(|| {
        let validity = Executive::validate_transaction(source, transaction, Hash::default());
        TransactionOutcome::Rollback(validity)
    })
}

/// The code with which the pool refuses the call of that key; none when it lets it in.
pub fn refusal_of(key: Ed25519Keyring, call: impl Into<RuntimeCall>) -> Option<u8> {
    match validate_from(TransactionSource::External, sign(key, call)) {
        Ok(_) => None,
        Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => {
            assert!(refusal::ALL.contains(&code), "the code {code} says nothing to a client");
            Some(code)
        }
        Err(other) => panic!("refused otherwise: {other:?}"),
    }
}

/// Has these keys vote for a motion of the call, which the first proposes with that threshold, and
/// closes it; gives the result of the call, or none when it was not carried.
pub fn motion(
    keys: &[Ed25519Keyring],
    threshold: u32,
    call: impl Into<RuntimeCall>,
) -> Option<DispatchResult> {
    use pallet_collective::{Call, Event, Instance1};

    let proposal = Box::new(call.into());
    let length_bound = proposal.encoded_size() as u32;
    let proposal_hash = BlakeTwo256::hash_of(&*proposal);
    let send = |key: Ed25519Keyring, call: Call<Runtime, Instance1>| {
        RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(account(key)))
    };
    let index = pallet_collective::ProposalCount::<Runtime, Instance1>::get();
    System::reset_events();
    assert_ok!(send(keys[0], Call::propose { threshold, proposal, length_bound }));
    if threshold > 1 {
        for key in keys {
            assert_ok!(send(*key, Call::vote { proposal: proposal_hash, index, approve: true }));
        }
        let proposal_weight_bound = frame_support::weights::Weight::MAX;
        let close = Call::close { proposal_hash, index, proposal_weight_bound, length_bound };
        let _ = send(keys[0], close);
    }
    System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Council(Event::Executed { result, .. }) => Some(result),
        _ => None,
    })
}

/// Has the council of the preset `local_testnet` decide a call.
pub fn decide(call: impl Into<RuntimeCall>) -> DispatchResult {
    use Ed25519Keyring::{Alice, Bob, Charlie};

    motion(&[Alice, Bob, Charlie], 3, call).expect("three of four carry a motion")
}

/// The session keys of two keyrings' keys, and the proof that their holder means that account.
pub fn session_keys(
    aura: Sr25519Keyring,
    grandpa: Ed25519Keyring,
    owner: Ed25519Keyring,
) -> (SessionKeys, Vec<u8>) {
    let keys = SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() };
    let statement =
        sp_core::proof_of_possession::statement_of_ownership(account(owner).encode().as_slice());
    let proof = (aura.pair().sign(&statement), grandpa.pair().sign(&statement)).encode();
    (keys, proof)
}

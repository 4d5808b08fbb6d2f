//! How a chain begins: the presets `development` and `local_testnet`.

use crate::{opaque::SessionKeys, AccountId, RuntimeGenesisConfig};
use alloc::{format, string::String, vec, vec::Vec};
use assay_primitives::{member::Roles, validator::MIN_CONSORTIUM_VALIDATORS, BlockNumber};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

type Member = (AccountId, String, Roles);
/// An account, the same account as a validator, and its keys.
type Validator = (AccountId, AccountId, SessionKeys);

/// The authority of development chains: the self-signed certificate of the key `//Authority`.
pub const DEVELOPMENT_AUTHORITY: &[u8] = include_bytes!("development_authority.der");

/// Sessions of a minute: whoever tries something out does not wait an hour for it.
const DEVELOPMENT_SESSION_BLOCKS: BlockNumber = 20;

/// What a bank does beside its part in the consortium.
const BANK: Roles = Roles::ORIGINATOR.with(Roles::SERVICER).with(Roles::SPV);

fn genesis(minimum: u32, validators: Vec<Validator>, organisations: Vec<Member>) -> Value {
    let accounts = validators.iter().map(|(account, _, _)| account.clone()).collect();
    build_struct_json_patch!(RuntimeGenesisConfig {
        membership: assay_membership::GenesisConfig {
            authorities: vec![DEVELOPMENT_AUTHORITY.to_vec()],
            organisations,
        },
        validators: assay_validators::GenesisConfig {
            validators: accounts,
            minimum,
            session_blocks: DEVELOPMENT_SESSION_BLOCKS,
        },
        session: pallet_session::GenesisConfig { keys: validators },
    })
}

fn validator(aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> Validator {
    let account = grandpa.to_account_id();
    let keys = SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() };
    (account.clone(), account, keys)
}

fn member(key: Ed25519Keyring, name: &str, roles: Roles) -> Member {
    (key.to_account_id(), name.into(), roles)
}

/// One validator; one key, `//Alice`, that holds all roles and is a council of one.
fn development() -> Value {
    genesis(
        1,
        vec![validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        vec![member(Ed25519Keyring::Alice, "Assay Development", Roles::ALL)],
    )
}

/// Four validators that are the council, and between them hold the other roles.
fn local() -> Value {
    let council = Roles::COUNCIL.with(Roles::VALIDATOR);
    let names = [
        (Ed25519Keyring::Alice, "First Bank", BANK),
        (
            Ed25519Keyring::Bob,
            "Credit Bureau",
            Roles::BUREAU.with(Roles::RISK_CONTROLLER).with(Roles::AUDITOR),
        ),
        (
            Ed25519Keyring::Charlie,
            "Exchange",
            Roles::EXCHANGE.with(Roles::CUSTODIAN).with(Roles::INVESTOR),
        ),
        (Ed25519Keyring::Dave, "Second Bank", BANK),
    ];
    genesis(
        MIN_CONSORTIUM_VALIDATORS,
        vec![
            validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
            validator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
            validator(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
            validator(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
        ],
        names.map(|(key, name, roles)| member(key, name, roles.with(council))).into(),
    )
}

/// The genesis of that preset, as a patch of the default one.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        DEV_RUNTIME_PRESET => development(),
        LOCAL_TESTNET_RUNTIME_PRESET => local(),
        _ => return None,
    };
    Some(format!("{patch}").into_bytes())
}

/// The presets there are.
pub fn presets() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}

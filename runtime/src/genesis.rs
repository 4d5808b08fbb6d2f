//! How a chain begins: the presets `development` and `local_testnet`.

use crate::{AccountId, RuntimeGenesisConfig};
use alloc::{format, string::String, vec, vec::Vec};
use assay_primitives::member::Roles;
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

type Member = (AccountId, String, Roles);
type Validator = (AuraId, GrandpaId);

fn genesis(validators: Vec<Validator>, organisations: Vec<Member>) -> Value {
    let (aura, grandpa): (Vec<_>, Vec<_>) =
        validators.into_iter().map(|(aura, grandpa)| (aura, (grandpa, 1))).unzip();
    build_struct_json_patch!(RuntimeGenesisConfig {
        aura: pallet_aura::GenesisConfig { authorities: aura },
        grandpa: pallet_grandpa::GenesisConfig { authorities: grandpa },
        membership: assay_membership::GenesisConfig { organisations },
    })
}

fn validator(aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> Validator {
    (aura.public().into(), grandpa.public().into())
}

fn member(key: Ed25519Keyring, name: &str, roles: Roles) -> Member {
    (key.to_account_id(), name.into(), roles)
}

/// One validator; one key, `//Alice`, that holds all roles and is a council of one.
fn development() -> Value {
    genesis(
        vec![validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        vec![member(Ed25519Keyring::Alice, "Assay Development", Roles::ALL)],
    )
}

/// Three validators that are the council, and between them hold the other roles.
fn local() -> Value {
    let council = Roles::COUNCIL.with(Roles::VALIDATOR);
    let names = [
        (
            Ed25519Keyring::Alice,
            "First Bank",
            Roles::ORIGINATOR.with(Roles::SERVICER).with(Roles::SPV),
        ),
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
    ];
    genesis(
        vec![
            validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
            validator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
            validator(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
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

//! Whether a chain's specification, the database and this node belong together.

use crate::service::{Executor, FullBackend};
use assay_primitives::apis::MembershipApi;
use assay_runtime::{opaque::Block, Hash, VERSION};
use codec::Decode;
use sc_client_api::{Backend, BlockImportOperation, HeaderBackend, TrieCacheContext};
use sc_service::{construct_genesis_block, ChainType, Configuration, Error};
use sp_api::{Core, RuntimeApiInfo};
use sp_block_builder::BlockBuilder;
use sp_consensus_aura::{sr25519::AuthorityId as AuraId, AuraApi};
use sp_consensus_grandpa::GrandpaApi;
use sp_core::{
    storage::{well_known_keys::CODE, Storage},
    traits::ReadRuntimeVersion,
};
use sp_runtime::traits::Block as _;
use sp_session::SessionKeys;
use sp_state_machine::{Backend as _, BasicExternalities};
use sp_version::RuntimeVersion;

/// The interfaces of a runtime without which this node cannot follow the chain, by name.
const NEEDED: [(&str, [u8; 8]); 6] = [
    ("Core", <dyn Core<Block> as RuntimeApiInfo>::ID),
    ("BlockBuilder", <dyn BlockBuilder<Block> as RuntimeApiInfo>::ID),
    ("AuraApi", <dyn AuraApi<Block, AuraId> as RuntimeApiInfo>::ID),
    ("GrandpaApi", <dyn GrandpaApi<Block> as RuntimeApiInfo>::ID),
    ("SessionKeys", <dyn SessionKeys<Block> as RuntimeApiInfo>::ID),
    ("MembershipApi", <dyn MembershipApi<Block> as RuntimeApiInfo>::ID),
];

/// Refuses a specification whose runtime this node cannot run, and a database of another chain.
pub fn check(
    config: &Configuration,
    genesis: &Storage,
    backend: &FullBackend,
    executor: &Executor,
) -> Result<(), Error> {
    let code = genesis.top.get(CODE).ok_or("the chain's specification holds no runtime")?;
    let version = version_of(code, executor)
        .map_err(|fault| format!("the runtime of the chain's specification: {fault}"))?;
    let info = backend.blockchain().info();
    if info.finalized_state.is_none() {
        return Ok(check_version(&version)?);
    }
    check_genesis(config, genesis, &version, backend, info.genesis_hash)?;
    let state = backend.state_at(info.best_hash, TrieCacheContext::Untrusted)?;
    let code = state.storage(CODE)?.ok_or("the best block of the database holds no runtime")?;
    let version = version_of(&code, executor)
        .map_err(|fault| format!("the runtime of the database's best block: {fault}"))?;
    Ok(check_version(&version)?)
}

/// What a runtime says of itself; it is not executed.
///
/// Fails if the bytes are no runtime, compressed or not.
pub fn version_of(code: &[u8], executor: &Executor) -> Result<RuntimeVersion, String> {
    let encoded = executor.read_runtime_version(code, &mut BasicExternalities::new_empty())?;
    RuntimeVersion::decode(&mut encoded.as_slice()).map_err(|fault| fault.to_string())
}

/// Refuses a runtime that is none of Assay's, or lacks what this node asks of it.
pub fn check_version(version: &RuntimeVersion) -> Result<(), String> {
    if version.spec_name != VERSION.spec_name {
        return Err(format!(
            "the chain's runtime is \"{}\", and this node runs \"{}\" only",
            version.spec_name, VERSION.spec_name,
        ));
    }
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, id)| version.api_version(id).is_none())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the chain's runtime {} {} lacks interfaces that this node needs: {}",
        version.spec_name,
        version.spec_version,
        missing.join(", "),
    ))
}

/// Refuses a database whose first block is not the specification's. Chains for development are built
/// in: theirs changes with every build of the node, and a warning does.
fn check_genesis(
    config: &Configuration,
    genesis: &Storage,
    version: &RuntimeVersion,
    backend: &FullBackend,
    stored: Hash,
) -> Result<(), Error> {
    let state_version = version.state_version();
    let mut operation = backend.begin_operation()?;
    let root = operation.set_genesis_state(genesis.clone(), false, state_version)?;
    let expected = construct_genesis_block::<Block>(root, state_version).header().hash();
    if expected == stored {
        return Ok(());
    }
    let path = config.database.path().unwrap_or(&config.data_path).display();
    let name = config.chain_spec.name();
    let sentence = format!(
        "the database {path} belongs to another chain: its first block is {stored:?}, and that of \
         \"{name}\" is {expected:?}",
    );
    match config.chain_spec.chain_type() {
        ChainType::Development | ChainType::Local => {
            log::warn!("{sentence}; the database's chain goes on");
            Ok(())
        }
        _ => Err(format!("{sentence}; give --base-path another directory, or purge-chain").into()),
    }
}

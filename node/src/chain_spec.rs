//! The chains that the node knows by name; any other comes as a file.

use assay_runtime::WASM_BINARY;
use sc_service::{ChainType, Properties};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

/// A chain's specification, with no fields beyond the SDK's.
pub type ChainSpec = sc_service::GenericChainSpec;

/// Prefix of addresses as people see them. There is no token.
const SS58_FORMAT: u16 = 42;

/// The chain of one developer: one validator, Alice.
///
/// Fails if the runtime was built without its Wasm.
pub fn development() -> Result<ChainSpec, String> {
    built_in("Assay Development", "assay_dev", ChainType::Development, DEV_RUNTIME_PRESET)
}

/// A consortium on one machine: the validators Alice, Bob and Charlie.
///
/// Fails if the runtime was built without its Wasm.
pub fn local() -> Result<ChainSpec, String> {
    built_in("Assay Local", "assay_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
}

fn built_in(
    name: &str,
    id: &str,
    chain_type: ChainType,
    preset: &str,
) -> Result<ChainSpec, String> {
    let code = WASM_BINARY.ok_or(
        "this node was built without the runtime's Wasm: build it without SKIP_WASM_BUILD, or \
         name a file with --chain",
    )?;
    let properties = Properties::from_iter([("ss58Format".to_string(), SS58_FORMAT.into())]);
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_properties(properties)
        .with_genesis_config_preset_name(preset)
        .build())
}

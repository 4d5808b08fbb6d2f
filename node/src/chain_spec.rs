//! The chains that the node knows by name; any other comes as a file.

use assay_runtime::WASM_BINARY;
use sc_service::{ChainType, Properties};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use std::path::PathBuf;

/// A chain's specification, with no fields beyond the SDK's.
pub type ChainSpec = sc_service::GenericChainSpec;

/// Prefix of addresses as people see them. There is no token.
const SS58_FORMAT: u16 = 42;

/// The specification of a consortium's own chain, beside its nodes' start scripts.
const CONSORTIUM_FILE: &str = "consortium.json";

/// The chain of one developer: one validator, Alice.
///
/// Fails if the runtime was built without its Wasm.
pub fn development() -> Result<ChainSpec, String> {
    built_in("Assay Development", "assay_dev", ChainType::Development, DEV_RUNTIME_PRESET)
}

/// A consortium on one machine: the validators Alice, Bob, Charlie and Dave.
///
/// Fails if the runtime was built without its Wasm.
pub fn local() -> Result<ChainSpec, String> {
    built_in("Assay Local", "assay_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
}

/// The chain of the consortium whose directory the node is started in.
///
/// Fails if the file is not there or is no specification.
pub fn consortium() -> Result<ChainSpec, String> {
    let path = PathBuf::from(CONSORTIUM_FILE);
    if !path.is_file() {
        return Err(format!(
            "--chain consortium reads {CONSORTIUM_FILE} in the current directory, and there is \
             none: go to the directory that `assay network init` made, or name the file with \
             --chain"
        ));
    }
    ChainSpec::from_json_file(path)
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

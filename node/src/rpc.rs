//! JSON-RPC methods beyond those that the SDK's service brings: an account's next nonce and the dry
//! run of a transaction. Everything else is asked through the runtime's APIs (`state_call`).

use crate::service::{FullClient, FullPool};
use assay_runtime::{opaque::Block, AccountId, Hash, Nonce};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// The methods `system_accountNextIndex` and `system_dryRun`.
///
/// Fails if one of their names is taken.
pub fn module(
    client: Arc<FullClient>,
    pool: Arc<FullPool>,
) -> Result<RpcModule<()>, RegisterMethodError> {
    let system = System::<FullPool, FullClient, Block>::new(client, pool);
    let mut module = RpcModule::new(());
    module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(system))?;
    Ok(module)
}

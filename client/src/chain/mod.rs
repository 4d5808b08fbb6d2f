//! The chain as a library: connect, ask, send.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use assay_client::chain::{api, call, Chain, Key, Wait};
//!
//! let chain = Chain::connect("ws://127.0.0.1:9944").await?;
//! let packs = api::packs(&chain, None).await?;
//! let key = Key::development("//Alice")?;
//! let receipt = chain.submit(&key, call::securities::accept(packs[0]), Wait::Finalized).await?;
//! println!("in block {}", receipt.block_number);
//! # Ok(())
//! # }
//! ```
//!
//! Calls, and the results of runtime APIs, are of the chain's own types (`assay_primitives`). A lost
//! connection is made anew; a transaction on its way survives a restart of the node ([`Pipeline`]).

pub mod api;
pub mod call;
pub mod council;
mod event;
mod fault;
mod key;
mod pipeline;
mod rpc;
mod runtime;
mod transaction;

pub use self::{
    call::{Call, DecodedCall},
    event::Event,
    fault::{ChainFault, Refused},
    key::{Key, KeyFault},
    pipeline::{Failure, Limits, Pipeline, Progress, Receipt},
    runtime::Runtime,
};

use assay_primitives::{AccountId, BlockNumber, H256};
use codec::{Decode, Encode};
use rpc::{Header, Rpc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use subxt::{ext::frame_decode::storage::encode_storage_key_prefix, metadata::Metadata};

/// How long to try to reach a node again that went away.
const PATIENCE: Duration = Duration::from_secs(120);
/// The version of metadata to ask for: the first that has all that is needed here.
const METADATA_VERSION: u32 = 15;

/// When a transaction counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Once a block has it; another fork may still take its place.
    InBlock,
    /// Once its block is final.
    Finalized,
}

/// A block by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockRef {
    pub number: BlockNumber,
    pub hash: H256,
}

/// Session keys that a node made and keeps, encoded, and what shows that it made them for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKeys {
    pub keys: Vec<u8>,
    pub proof: Vec<u8>,
}

/// A connection to a node of the chain.
pub struct Chain {
    pub(crate) rpc: Rpc,
    genesis: H256,
    /// By version of the runtime: old blocks are read with what was true of them.
    runtimes: Mutex<HashMap<u32, Arc<Runtime>>>,
}

impl Chain {
    /// Connects to a node, and checks that its runtime is one that this client knows.
    ///
    /// # Errors
    /// `Unreachable` when nothing answers at the address, `OtherRuntime` when calls are missing.
    pub async fn connect(url: &str) -> Result<Chain, ChainFault> {
        Chain::connect_with_patience(url, PATIENCE).await
    }

    /// Like [`Chain::connect`]; `patience` is how long to try to reach a node again that was there
    /// and went away.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn connect_with_patience(url: &str, patience: Duration) -> Result<Chain, ChainFault> {
        let rpc = Rpc::connect(url, patience).await?;
        let genesis =
            rpc.need("chain_getBlockHash", |node| async move { node.genesis_hash().await }).await?;
        let chain = Chain { rpc, genesis, runtimes: Mutex::default() };
        chain.runtime(None).await?.check()?;
        Ok(chain)
    }

    /// The hash of the chain's first block, which tells chains apart.
    pub fn genesis(&self) -> H256 {
        self.genesis
    }

    /// The runtime of a block, or of the best one.
    ///
    /// # Errors
    /// `Unreadable` when its metadata can't be read.
    pub async fn runtime(&self, at: Option<H256>) -> Result<Arc<Runtime>, ChainFault> {
        let version = self
            .rpc
            .need("state_getRuntimeVersion", |node| async move {
                node.state_get_runtime_version(at).await
            })
            .await?;
        let known = self.cached(version.spec_version);
        if let Some(runtime) = known {
            return Ok(runtime);
        }
        let metadata: Option<Vec<u8>> =
            self.call_api("Metadata_metadata_at_version", METADATA_VERSION, at).await?;
        let metadata = metadata.ok_or_else(|| {
            ChainFault::OtherRuntime(format!("it has no metadata of version {METADATA_VERSION}"))
        })?;
        let metadata = Metadata::decode_from(&metadata)
            .map_err(|reason| ChainFault::unreadable("Metadata_metadata_at_version", reason))?;
        let runtime = Arc::new(Runtime {
            metadata,
            spec_version: version.spec_version,
            transaction_version: version.transaction_version,
            genesis: self.genesis,
        });
        if let Ok(mut runtimes) = self.runtimes.lock() {
            runtimes.insert(version.spec_version, runtime.clone());
        }
        Ok(runtime)
    }

    fn cached(&self, spec_version: u32) -> Option<Arc<Runtime>> {
        self.runtimes.lock().ok()?.get(&spec_version).cloned()
    }

    /// Calls a runtime API, `PacksApi_pack` for instance, at a block or at the best one.
    ///
    /// # Errors
    /// `Rpc` when the node refuses, `Pruned` when it no longer has that block's state, `Unreadable`
    /// when the result is of another type.
    pub async fn call_api<R: Decode>(
        &self,
        method: &str,
        arguments: impl Encode,
        at: Option<H256>,
    ) -> Result<R, ChainFault> {
        let arguments = arguments.encode();
        let arguments = arguments.as_slice();
        let bytes = self
            .rpc
            .need(method, |node| async move { node.state_call(method, Some(arguments), at).await })
            .await
            .map_err(|fault| pruned(fault, at))?;
        decode_all(method, &bytes)
    }

    /// Reads a value of the storage by pallet, entry and the encoded (and hashed) key.
    ///
    /// # Errors
    /// As [`Chain::call_api`].
    pub async fn storage<R: Decode>(
        &self,
        pallet: &str,
        entry: &str,
        key: &[u8],
        at: Option<H256>,
    ) -> Result<Option<R>, ChainFault> {
        let what = format!("{pallet}::{entry}");
        let bytes = self.storage_bytes(pallet, entry, key, at).await?;
        bytes.map(|bytes| decode_all(&what, &bytes)).transpose()
    }

    async fn storage_bytes(
        &self,
        pallet: &str,
        entry: &str,
        key: &[u8],
        at: Option<H256>,
    ) -> Result<Option<Vec<u8>>, ChainFault> {
        let mut full = encode_storage_key_prefix(pallet, entry).to_vec();
        full.extend_from_slice(key);
        let full = full.as_slice();
        self.rpc
            .need("state_getStorage", |node| async move { node.state_get_storage(full, at).await })
            .await
            .map_err(|fault| pruned(fault, at))
    }

    /// The events of a block.
    ///
    /// # Errors
    /// As [`Chain::call_api`].
    pub async fn events(&self, block: H256) -> Result<Vec<Event>, ChainFault> {
        let runtime = self.executing_runtime(block).await?;
        match self.storage_bytes("System", "Events", &[], Some(block)).await? {
            Some(bytes) => runtime.events(&bytes),
            None => Ok(Vec::new()),
        }
    }

    /// The runtime that a block was executed with, and that wrote its events: where the block
    /// upgrades it, that of the block before.
    async fn executing_runtime(&self, block: H256) -> Result<Arc<Runtime>, ChainFault> {
        let parent = self.header(Some(block)).await?.parent_hash;
        match self.runtime(Some(parent)).await {
            // The first block has no parent, and the oldest that a node keeps has one without state.
            Err(ChainFault::Rpc { .. } | ChainFault::Pruned(_)) => self.runtime(Some(block)).await,
            runtime => runtime,
        }
    }

    /// Has the node make session keys for an account and keep them. Nodes do so only for callers
    /// whom they trust, on the same machine as a rule.
    ///
    /// # Errors
    /// `Rpc` when the node doesn't trust the caller.
    pub async fn rotate_session_keys(&self, owner: &AccountId) -> Result<SessionKeys, ChainFault> {
        let method = "author_rotateKeysWithOwner";
        let owner: [u8; 32] = owner.clone().into();
        let made = self
            .rpc
            .need(method, |node| async move { node.author_rotate_keys_with_owner(owner).await })
            .await?;
        let proof = made.proof.ok_or_else(|| {
            ChainFault::OtherRuntime("it doesn't prove whom session keys are for".into())
        })?;
        Ok(SessionKeys { keys: made.keys.0, proof: proof.0 })
    }

    /// Whether the node keeps all of these session keys. Asked of the node as
    /// [`Chain::rotate_session_keys`].
    ///
    /// # Errors
    /// `Rpc` when the node doesn't trust the caller, or the keys are none.
    pub async fn has_session_keys(&self, keys: &[u8]) -> Result<bool, ChainFault> {
        self.rpc
            .need("author_hasSessionKeys", |node| async move {
                node.author_has_session_keys(keys.to_vec()).await
            })
            .await
    }

    /// The best block.
    ///
    /// # Errors
    /// `Unreachable`, or what the node refuses.
    pub async fn best(&self) -> Result<BlockRef, ChainFault> {
        let header = self.header(None).await?;
        let number = block_number(header.number)?;
        // The hash is asked for by number: hashing the header here would repeat the chain's rule.
        let hash = self.block_hash(number).await?;
        Ok(BlockRef { number, hash })
    }

    /// The last finalised block.
    ///
    /// # Errors
    /// `Unreachable`, or what the node refuses.
    pub async fn finalized(&self) -> Result<BlockRef, ChainFault> {
        let hash =
            self.rpc
                .need("chain_getFinalizedHead", |node| async move {
                    node.chain_get_finalized_head().await
                })
                .await?;
        let number = block_number(self.header(Some(hash)).await?.number)?;
        Ok(BlockRef { number, hash })
    }

    async fn header(&self, at: Option<H256>) -> Result<Header, ChainFault> {
        self.rpc
            .need("chain_getHeader", |node| async move { node.chain_get_header(at).await })
            .await?
            .ok_or_else(|| {
                ChainFault::UnknownBlock(at.map_or("best".into(), |hash| format!("{hash:?}")))
            })
    }

    /// The hash of the block of that number on the best chain.
    ///
    /// # Errors
    /// `UnknownBlock` when the chain isn't that long.
    pub async fn block_hash(&self, number: BlockNumber) -> Result<H256, ChainFault> {
        self.rpc
            .need("chain_getBlockHash", |node| async move {
                node.chain_get_block_hash(Some(number.into())).await
            })
            .await?
            .ok_or_else(|| ChainFault::UnknownBlock(number.to_string()))
    }

    /// The transactions of a block, as bytes.
    pub(crate) async fn transactions(&self, block: H256) -> Result<Vec<Vec<u8>>, ChainFault> {
        let details = self
            .rpc
            .need("chain_getBlock", |node| async move { node.chain_get_block(Some(block)).await })
            .await
            .map_err(|fault| too_large(fault, block))?
            .ok_or_else(|| ChainFault::UnknownBlock(format!("{block:?}")))?;
        Ok(details.block.extrinsics.into_iter().map(|bytes| bytes.0).collect())
    }

    /// Signs and sends one call, and waits for what becomes of it.
    ///
    /// # Errors
    /// `Pool` when it isn't taken, `Dispatch` when it fails in its block.
    pub async fn submit(&self, key: &Key, call: Call, wait: Wait) -> Result<Receipt, Refused> {
        Pipeline::new(self, key, wait).one(call).await
    }
}

fn pruned(fault: ChainFault, at: Option<H256>) -> ChainFault {
    match (&fault, at) {
        (ChainFault::Rpc { reason, .. }, Some(hash)) if reason.contains("already discarded") => {
            ChainFault::Pruned(format!("{hash:?}"))
        }
        _ => fault,
    }
}

fn too_large(fault: ChainFault, block: H256) -> ChainFault {
    match &fault {
        ChainFault::Rpc { reason, .. } if reason.contains("too big") => {
            ChainFault::TooLarge(format!("{block:?}"))
        }
        _ => fault,
    }
}

fn block_number(number: u64) -> Result<BlockNumber, ChainFault> {
    BlockNumber::try_from(number)
        .map_err(|reason| ChainFault::unreadable("chain_getHeader", reason))
}

fn decode_all<R: Decode>(what: &str, bytes: &[u8]) -> Result<R, ChainFault> {
    let input = &mut &bytes[..];
    let value = R::decode(input).map_err(|reason| ChainFault::unreadable(what, reason))?;
    match input.len() {
        0 => Ok(value),
        rest => Err(ChainFault::unreadable(what, format!("{rest} bytes are left over"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_refuse_an_answer_when_bytes_are_left_over() {
        assert_eq!(decode_all::<u8>("an answer", &[1]).unwrap(), 1);
        assert!(matches!(
            decode_all::<u8>("an answer", &[1, 2]),
            Err(ChainFault::Unreadable { .. })
        ));
    }

    #[test]
    fn should_advise_a_larger_limit_when_a_block_is_too_big_to_answer() {
        let fault = ChainFault::Rpc {
            method: "chain_getBlock".into(),
            reason: "Response is too big: \"Exceeded max limit of 15728640\"".into(),
        };
        let sentence = too_large(fault, H256::repeat_byte(1)).to_string();
        assert!(sentence.contains("--rpc-max-response-size"), "{sentence}");
    }

    #[test]
    fn should_advise_an_archive_node_when_the_state_is_discarded() {
        let fault = ChainFault::Rpc {
            method: "state_call".into(),
            reason: "UnknownBlock: State already discarded for 0x01".into(),
        };
        let sentence = pruned(fault, Some(H256::repeat_byte(1))).to_string();
        assert!(sentence.contains("archive node"), "{sentence}");
    }
}

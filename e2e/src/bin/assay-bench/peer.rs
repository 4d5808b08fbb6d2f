//! A node's database and executor without its network: what executes and keeps blocks.

use anyhow::{anyhow, ensure, Context, Result};
use assay_runtime::{apis::RuntimeApi, opaque::Block, Hash, WASM_BINARY};
use sc_block_builder::{BlockBuilderBuilder, BuiltBlock};
use sc_client_api::{execution_extensions::ExecutionExtensions, Backend as _, StorageProvider};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction};
use sc_service::{
    config::ExecutorConfiguration, BlocksPruning, ChainType, ClientConfig, DatabaseSource,
    GenericChainSpec, GenesisBlockBuilder, PruningMode, TaskManager,
};
use sp_api::{ApiExt, Core, ProvideRuntimeApi, StorageChanges};
use sp_blockchain::{ApplyExtrinsicFailed, Error as BlockchainError, HeaderBackend};
use sp_consensus::BlockOrigin;
use sp_core::{
    storage::{StorageData, StorageKey},
    traits::CallContext,
};
use sp_inherents::InherentData;
use sp_runtime::{
    traits::{Block as _, Header as _},
    Digest, OpaqueExtrinsic,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::runtime::Handle;

type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// What answers runtime APIs.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;
type Backend = sc_service::TFullBackend<Block>;

/// As in the node's command line: a cache of 256 MiB, the states of the last 256 blocks.
const TRIE_CACHE_BYTES: usize = 256 * 1024 * 1024;
const KEPT_STATES: u32 = 256;
/// How long a peer's tasks may take to let go of its database.
const CLOSE_PATIENCE: Duration = Duration::from_secs(30);
const CLOSE_POLL: Duration = Duration::from_millis(20);
/// The name of the genesis preset with one validator and one key that holds all roles.
const PRESET: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;

/// A database on disk with the chain in it, and the executor.
pub struct Peer {
    pub client: Arc<Client>,
    backend: Arc<Backend>,
    executor: Executor,
    handle: Handle,
    tasks: TaskManager,
    directory: TempDir,
}

/// What a peer needed for a block that another made.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// `Core_execute_block`, the storage root included.
    pub execute: Duration,
    /// Collecting the changes and writing them, and the block, to the database.
    pub commit: Duration,
}

impl Peer {
    /// A peer with nothing but the genesis block of the `development` preset.
    pub fn start(handle: &Handle) -> Result<Peer> {
        let executor = sc_service::new_wasm_executor(&ExecutorConfiguration::default());
        Peer::open(executor, handle.clone(), tempfile::tempdir()?)
    }

    /// The same database, opened anew: no cache of it is left. The compiled runtime is kept.
    pub fn restart(self) -> Result<Peer> {
        let Peer { client, backend, executor, handle, tasks, directory } = self;
        let (ends, database) = (Arc::downgrade(&client), Arc::downgrade(&backend));
        drop((client, backend, tasks));
        let deadline = Instant::now() + CLOSE_PATIENCE;
        while ends.strong_count() + database.strong_count() > 0 {
            ensure!(Instant::now() < deadline, "the database is still in use");
            std::thread::sleep(CLOSE_POLL);
        }
        Peer::open(executor, handle, directory)
    }

    fn open(executor: Executor, handle: Handle, directory: TempDir) -> Result<Peer> {
        let tasks = TaskManager::new(handle.clone(), None)?;
        let backend = sc_service::new_db_backend::<Block>(sc_client_db::DatabaseSettings {
            trie_cache_maximum_size: Some(TRIE_CACHE_BYTES),
            state_pruning: Some(PruningMode::blocks_pruning(KEPT_STATES)),
            source: DatabaseSource::ParityDb { path: directory.path().join("paritydb") },
            blocks_pruning: BlocksPruning::KeepFinalized,
            pruning_filters: Vec::new(),
            metrics_registry: None,
        })?;
        let spec = chain_spec()?;
        let genesis = GenesisBlockBuilder::<Block, _, _>::new(
            &spec,
            true,
            backend.clone(),
            executor.clone(),
        )?;
        let client = sc_service::new_client::<_, Block, RuntimeApi, _>(
            backend.clone(),
            executor.clone(),
            genesis,
            Default::default(),
            Default::default(),
            ExecutionExtensions::new(None, Arc::new(executor.clone())),
            Box::new(tasks.spawn_handle()),
            None,
            None,
            ClientConfig::default(),
        )?;
        Ok(Peer { client: Arc::new(client), backend, executor, handle, tasks, directory })
    }

    /// The hash of the best block.
    pub fn best(&self) -> Hash {
        self.client.info().best_hash
    }

    /// Builds and imports, as an author does, a block of as many of the transactions, from the first
    /// on, as the runtime's limits of weight and length have room for. Gives the block and how many
    /// it took.
    pub fn author(
        &self,
        digest: Digest,
        inherents: InherentData,
        transactions: &[OpaqueExtrinsic],
    ) -> Result<(Block, usize)> {
        let mut builder = BlockBuilderBuilder::new(&*self.client)
            .on_parent_block(self.best())
            .fetch_parent_block_number(&*self.client)?
            .with_inherent_digests(digest)
            .build()?;
        for inherent in builder.create_inherents(inherents)? {
            builder.push(inherent)?;
        }
        let mut taken = 0;
        for transaction in transactions {
            match builder.push(transaction.clone()) {
                Ok(()) => taken += 1,
                Err(BlockchainError::ApplyExtrinsicFailed(ApplyExtrinsicFailed::Validity(
                    validity,
                ))) if validity.exhausted_resources() => break,
                Err(fault) => return Err(fault).context("a transaction can't be in a block"),
            }
        }
        let BuiltBlock { block, storage_changes } = builder.build()?;
        self.import(block.clone(), storage_changes, BlockOrigin::Own)?;
        Ok((block, taken))
    }

    /// Executes and imports a block that another peer made.
    pub fn validate(&self, block: &Block) -> Result<Imported> {
        let parent = *block.header().parent_hash();
        let context = CallContext::Onchain { import: true };
        let mut api = self.client.runtime_api();
        api.set_call_context(context);
        let unexecuted = block.clone().into();
        let started = Instant::now();
        api.execute_block(parent, unexecuted)?;
        let execute = started.elapsed();
        let imported = block.clone();
        let started = Instant::now();
        let state = self.backend.state_at(parent, context.into())?;
        let changes = api.into_storage_changes(&state, parent).map_err(|reason| anyhow!(reason))?;
        self.import(imported, changes, BlockOrigin::NetworkBroadcast)?;
        Ok(Imported { execute, commit: started.elapsed() })
    }

    fn import(
        &self,
        block: Block,
        changes: StorageChanges<Block>,
        origin: BlockOrigin,
    ) -> Result<()> {
        let (header, body) = block.deconstruct();
        let mut params = BlockImportParams::new(origin, header);
        params.body = Some(body);
        params.state_action =
            StateAction::ApplyChanges(sc_consensus::StorageChanges::Changes(changes));
        params.fork_choice = Some(ForkChoiceStrategy::LongestChain);
        // With one validator a block is final as soon as it is there; unfinal ones would pile up in
        // memory.
        params.finalized = true;
        match self.handle.block_on(self.client.import_block(params))? {
            ImportResult::Imported(_) => Ok(()),
            other => Err(anyhow!("a block was not imported: {other:?}")),
        }
    }

    /// The value under a key of the best state.
    pub fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let key = StorageKey(key.to_vec());
        Ok(self.client.storage(self.best(), &key)?.map(|StorageData(value)| value))
    }

    /// Bytes of all keys and values of the best state whose keys begin so.
    pub fn bytes_under(&self, prefix: &[u8]) -> Result<u64> {
        let prefix = StorageKey(prefix.to_vec());
        let pairs = self.client.storage_pairs(self.best(), Some(&prefix), None)?;
        let bytes = pairs.map(|(StorageKey(key), StorageData(value))| key.len() + value.len());
        Ok(u64::try_from(bytes.sum::<usize>())?)
    }
}

fn chain_spec() -> Result<GenericChainSpec> {
    let code = WASM_BINARY.context("the runtime was built without its Wasm")?;
    Ok(<GenericChainSpec>::builder(code, None)
        .with_name("Assay Benchmark")
        .with_id("assay-benchmark")
        .with_chain_type(ChainType::Development)
        .with_genesis_config_preset_name(PRESET)
        .build())
}

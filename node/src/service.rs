//! Puts a node together out of the SDK's parts: client, transaction pool, network, and for a
//! validator block production (Aura) and finality (GRANDPA).

use crate::{admission::Admission, compatibility, rpc};
use assay_runtime::{apis::RuntimeApi, configs::MAX_BLOCK_BYTES, opaque::Block, Hash};
use sc_basic_authorship::ProposerFactory;
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_aura::{
    standalone::slot_duration_at, ImportQueueParams, SlotDuration, SlotProportion, StartAuraParams,
};
use sc_consensus_grandpa::{
    warp_proof::NetworkProvider, GrandpaBlockImport, GrandpaParams, GrandpaPruningFilter, LinkHalf,
    SharedVoterState, ThreeQuartersOfTheUnfinalizedChain, VotingRulesBuilder,
};
use sc_executor::WasmExecutor;
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NetworkService, NetworkBackend,
    NotificationMetrics, NotificationService, ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_service::{
    BuildNetworkParams, Configuration, Error, GenesisBlockBuilder, KeystoreContainer,
    PartialComponents, Role, SpawnTasksParams, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::{
    inherents::InherentDataProvider as SlotInherent,
    sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair},
};
use sp_io::SubstrateHostFunctions;
use sp_timestamp::InherentDataProvider as TimestampInherent;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// What executes runtimes.
pub type Executor = WasmExecutor<SubstrateHostFunctions>;
/// The chain as this node holds it.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// Transactions that wait for a block.
pub type FullPool = TransactionPoolHandle<Block, FullClient>;
/// The parts that every command on the database needs.
pub type Components = PartialComponents<
    FullClient,
    FullBackend,
    SelectChain,
    DefaultImportQueue<Block>,
    FullPool,
    Consensus,
>;

type SelectChain = LongestChain<FullBackend, Block>;
type FinalityImport = GrandpaBlockImport<FullBackend, Block, FullClient, SelectChain>;
type FinalityLink = LinkHalf<Block, FullClient, SelectChain>;

/// Blocks between two justifications that are kept: what a node that joins late verifies.
const JUSTIFICATION_PERIOD_BLOCKS: u32 = 512;

/// Time in which a finality vote is expected to have reached everybody.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// Share of a slot that its author may use: 1.5 s of 3 s for the runtime's 1 s of compute and the
/// state root, which leaves the next author the same time to execute the block. After slots
/// without a block the SDK gives more, so that a slow machine makes fewer blocks rather than none.
pub const PROPOSAL_SLOT_PORTION: f32 = 0.5;

/// Messages to telemetry that may wait.
const TELEMETRY_BUFFER: usize = 16;

/// What consensus needs beyond the SDK's components.
pub struct Consensus {
    block_import: FinalityImport,
    finality_link: FinalityLink,
    telemetry: Option<Telemetry>,
}

/// Opens the database and puts together what works without a network.
///
/// Fails if the database cannot be opened or belongs to another chain, or if this node cannot run the
/// chain's runtime.
pub fn new_partial(config: &Configuration) -> Result<Components, Error> {
    let telemetry = telemetry(config)?;
    let executor = sc_service::new_wasm_executor::<SubstrateHostFunctions>(&config.executor);
    let (backend, genesis) = open(config, &executor)?;
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            backend,
            genesis,
            false,
        )?;
    let client = Arc::new(client);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

    let select_chain = LongestChain::new(backend.clone());
    let pool = sc_transaction_pool::Builder::new(
        task_manager.spawn_essential_handle(),
        client.clone(),
        config.role.is_authority().into(),
    )
    .with_options(config.transaction_pool.clone())
    .with_prometheus(config.prometheus_registry())
    .build();
    let (block_import, finality_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD_BLOCKS,
        &client,
        select_chain.clone(),
        telemetry_handle.clone(),
    )?;
    let import_queue =
        import_queue(config, &client, &block_import, &task_manager, telemetry_handle)?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        import_queue,
        select_chain,
        transaction_pool: Arc::new(pool),
        other: Consensus { block_import, finality_link, telemetry },
    })
}

/// Opens the database, once it is sure that the chain's specification, the database and this node
/// belong together.
fn open(
    config: &Configuration,
    executor: &Executor,
) -> Result<(Arc<FullBackend>, GenesisBlockBuilder<Block, FullBackend, Executor>), Error> {
    let genesis = config
        .chain_spec
        .as_storage_builder()
        .build_storage()
        .map_err(|fault| format!("the chain's specification begins no chain: {fault}"))?;
    let mut settings = config.db_config();
    settings.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
    let backend = sc_service::new_db_backend::<Block>(settings)?;
    compatibility::check(config, &genesis, &backend, executor)?;
    let genesis = GenesisBlockBuilder::new_with_storage(
        genesis,
        !config.no_genesis(),
        backend.clone(),
        executor.clone(),
    )?;
    Ok((backend, genesis))
}

fn telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, Error> {
    let Some(endpoints) = config.telemetry_endpoints.clone().filter(|all| !all.is_empty()) else {
        return Ok(None);
    };
    let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
    let telemetry = worker.handle().new_telemetry(endpoints);
    Ok(Some((worker, telemetry)))
}

fn import_queue(
    config: &Configuration,
    client: &Arc<FullClient>,
    block_import: &FinalityImport,
    task_manager: &TaskManager,
    telemetry: Option<TelemetryHandle>,
) -> Result<DefaultImportQueue<Block>, Error> {
    let slot_client = client.clone();
    let queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |parent: Hash, ()| {
            let client = slot_client.clone();
            async move {
                let duration = slot_duration_at::<AuraId, Block, FullClient>(&client, parent)?;
                Ok(inherents(duration))
            }
        },
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry,
        compatibility_mode: Default::default(),
    })?;
    Ok(queue)
}

/// What a block made now would say of its time, in the order that Aura expects: slot, timestamp.
fn inherents(slot_duration: SlotDuration) -> (SlotInherent, TimestampInherent) {
    let timestamp = TimestampInherent::from_system_time();
    let slot = SlotInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration);
    (slot, timestamp)
}

/// Starts a node on the network backend `N`. It talks to whom `admission` lets in, which has
/// configured it, or else to everybody.
///
/// Fails if the database cannot be opened, the network or RPC cannot be set up, or the runtime does
/// not answer.
pub fn new_full<N: NetworkBackend<Block, Hash>>(
    config: Configuration,
    admission: Option<Admission>,
) -> Result<TaskManager, Error> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool: pool,
        other: Consensus { block_import, finality_link, mut telemetry },
    } = new_partial(&config)?;

    let registry = config.prometheus_registry();
    let metrics = N::register_notification_metrics(registry);
    let mut net_config = FullNetworkConfiguration::new(&config.network, registry.cloned());
    let votes = Votes::register::<N>(&config, &client, &mut net_config, metrics.clone());
    let warp_sync = Arc::new(NetworkProvider::new(
        backend.clone(),
        finality_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync, _) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let node = Node::new(&config, client, pool, sync, keystore_container, telemetry.as_ref());
    let (rpc_client, rpc_pool) = (node.client.clone(), node.pool.clone());
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: node.client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: node.keystore.keystore(),
        transaction_pool: node.pool.clone(),
        rpc_builder: Box::new(move |_| {
            rpc::module(rpc_client.clone(), rpc_pool.clone())
                .map_err(|fault| Error::Application(fault.into()))
        }),
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: node.sync.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    node.start_admission(&task_manager, admission, network.clone());
    if node.role.is_authority() {
        node.start_authoring(&task_manager, select_chain, block_import)?;
    }
    if let Some(votes) = votes {
        node.start_finality(&task_manager, finality_link, network, votes)?;
    }
    Ok(task_manager)
}

/// The way of finality votes through the network.
struct Votes {
    protocol: ProtocolName,
    notifications: Box<dyn NotificationService>,
}

impl Votes {
    /// Adds the protocol of votes to the network's, unless the node is told to do without.
    fn register<N: NetworkBackend<Block, Hash>>(
        config: &Configuration,
        client: &FullClient,
        net_config: &mut FullNetworkConfiguration<Block, Hash, N>,
        metrics: NotificationMetrics,
    ) -> Option<Self> {
        if config.disable_grandpa {
            return None;
        }
        let genesis_hash = client.chain_info().genesis_hash;
        let protocol =
            sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
        let (votes_config, notifications) =
            sc_consensus_grandpa::grandpa_peers_set_config::<Block, N>(
                protocol.clone(),
                metrics,
                net_config.peer_store_handle(),
            );
        net_config.add_notification_protocol(votes_config);
        Some(Self { protocol, notifications })
    }
}

/// A node whose network runs, and what of its configuration consensus asks for.
struct Node {
    role: Role,
    name: String,
    force_authoring: bool,
    client: Arc<FullClient>,
    pool: Arc<FullPool>,
    sync: Arc<SyncingService<Block>>,
    keystore: KeystoreContainer,
    registry: Option<Registry>,
    telemetry: Option<TelemetryHandle>,
}

impl Node {
    fn new(
        config: &Configuration,
        client: Arc<FullClient>,
        pool: Arc<FullPool>,
        sync: Arc<SyncingService<Block>>,
        keystore: KeystoreContainer,
        telemetry: Option<&Telemetry>,
    ) -> Self {
        Self {
            role: config.role,
            name: config.network.node_name.clone(),
            force_authoring: config.force_authoring,
            client,
            pool,
            sync,
            keystore,
            registry: config.prometheus_registry().cloned(),
            telemetry: telemetry.map(Telemetry::handle),
        }
    }

    /// Lets peers in and out, unless everybody is let in. The node stops if this task does.
    fn start_admission(
        &self,
        task_manager: &TaskManager,
        admission: Option<Admission>,
        network: Arc<dyn NetworkService>,
    ) {
        let Some(admission) = admission else { return };
        let task = admission.run(self.client.clone(), network, self.sync.clone());
        task_manager.spawn_essential_handle().spawn_blocking("admission", Some("networking"), task);
    }

    /// Makes a block in each slot of this validator. The node stops if this task does.
    fn start_authoring(
        &self,
        task_manager: &TaskManager,
        select_chain: SelectChain,
        block_import: FinalityImport,
    ) -> Result<(), Error> {
        let mut proposer_factory = ProposerFactory::new(
            task_manager.spawn_handle(),
            self.client.clone(),
            self.pool.clone(),
            self.registry.as_ref(),
            self.telemetry.clone(),
        );
        proposer_factory.set_default_block_size_limit(MAX_BLOCK_BYTES as usize);
        let slot_duration =
            sc_consensus_aura::slot_duration::<AuraId, Block, FullClient>(&self.client)?;
        let aura = sc_consensus_aura::start_aura::<AuraPair, Block, _, _, _, _, _, _, _, _, _>(
            StartAuraParams {
                slot_duration,
                client: self.client.clone(),
                select_chain,
                block_import,
                proposer_factory,
                create_inherent_data_providers: move |_: Hash, ()| async move {
                    Ok(inherents(slot_duration))
                },
                force_authoring: self.force_authoring,
                backoff_authoring_blocks: None::<()>,
                keystore: self.keystore.keystore(),
                sync_oracle: self.sync.clone(),
                justification_sync_link: self.sync.clone(),
                block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SLOT_PORTION),
                max_block_proposal_slot_portion: None,
                telemetry: self.telemetry.clone(),
                compatibility_mode: Default::default(),
            },
        )?;
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
        Ok(())
    }

    /// Follows the votes on finality and, as a validator, votes. The node stops if this task does.
    fn start_finality(
        &self,
        task_manager: &TaskManager,
        link: FinalityLink,
        network: Arc<dyn NetworkService>,
        votes: Votes,
    ) -> Result<(), Error> {
        // The SDK's rule of staying two blocks behind the best one would add 6 s to every
        // transaction that waits for finality. Voters who lag or see another fork agree on the
        // common ancestor without it.
        let voting_rule = VotingRulesBuilder::<Block, FullClient>::new()
            .add(ThreeQuartersOfTheUnfinalizedChain)
            .build();
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GOSSIP_DURATION,
                justification_generation_period: JUSTIFICATION_PERIOD_BLOCKS,
                name: Some(self.name.clone()),
                observer_enabled: false,
                keystore: self.role.is_authority().then(|| self.keystore.keystore()),
                local_role: self.role,
                telemetry: self.telemetry.clone(),
                protocol_name: votes.protocol,
            },
            link,
            network,
            sync: self.sync.clone(),
            notification_service: votes.notifications,
            voting_rule,
            prometheus_registry: self.registry.clone(),
            shared_voter_state: SharedVoterState::empty(),
            telemetry: self.telemetry.clone(),
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(self.pool.clone()),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
        Ok(())
    }
}

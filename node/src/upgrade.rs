//! `try-upgrade`: rehearses a runtime upgrade on a node's state, of which nothing is written.
//!
//! What happens is what the block after the upgrade does: the new code begins it, which runs its
//! migrations, the inherents are applied, and the block is finished. The same block under the present
//! code shows what of the changes is the migrations'.

use crate::{
    compatibility::{check_version, version_of},
    service::{Executor, FullBackend, PROPOSAL_SLOT_PORTION},
};
use assay_runtime::{opaque::Block, Hash, Header};
use codec::{Compact, Decode, Encode};
use sc_cli::{CliConfiguration, DatabaseParams, SharedParams};
use sc_client_api::{Backend, HeaderBackend, TrieCacheContext};
use sc_service::Configuration;
use sp_consensus_aura::{
    digests::CompatibleDigestItem, inherents::INHERENT_IDENTIFIER as SLOT_IDENTIFIER,
    sr25519::AuthoritySignature, Slot, SlotDuration,
};
use sp_core::{
    storage::well_known_keys::CODE,
    traits::{CallContext, RuntimeCode, WrappedRuntimeCode},
};
use sp_inherents::InherentData;
use sp_io::hashing::{blake2_256, twox_128};
use sp_runtime::{
    traits::{BlakeTwo256, Header as _},
    ApplyExtrinsicResult, Digest, DigestItem, ExtrinsicInclusionMode, OpaqueExtrinsic,
};
use sp_state_machine::{Backend as _, OverlayedChanges, StateMachine};
use sp_timestamp::{Timestamp, INHERENT_IDENTIFIER as TIMESTAMP_IDENTIFIER};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// Picoseconds, which weights count, in a microsecond.
const PICOS_PER_MICRO: u64 = 1_000_000;

type State = <FullBackend as Backend<Block>>::State;
/// Values by key as a block leaves them; `None` where it removed one.
type Values = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Rehearse a runtime upgrade on the state of the last final block. Nothing is written; stop the node
/// before, or name a copy of its directory.
#[derive(Debug, Clone, clap::Args)]
pub struct TryUpgradeCmd {
    /// The new runtime as Wasm, compressed or not.
    #[arg(long, value_name = "FILE")]
    wasm: PathBuf,

    /// Print one JSON object.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    shared_params: SharedParams,

    #[command(flatten)]
    database_params: DatabaseParams,
}

impl CliConfiguration for TryUpgradeCmd {
    fn shared_params(&self) -> &SharedParams {
        &self.shared_params
    }

    fn database_params(&self) -> Option<&DatabaseParams> {
        Some(&self.database_params)
    }
}

/// What a rehearsal found.
#[derive(serde::Serialize)]
struct Report {
    /// The final block whose state the upgrade was tried on.
    block: u32,
    spec_name: String,
    from_version: u32,
    to_version: u32,
    values_added: usize,
    values_changed: usize,
    values_removed: usize,
    /// Milliseconds in which the block was made, and those that an author has.
    block_millis: u64,
    limit_millis: u64,
    /// Of all that the block did.
    weight_micros: u64,
    /// What is wrong with the state afterwards.
    state_fault: Option<String>,
    passed: bool,
}

impl TryUpgradeCmd {
    /// Rehearses the upgrade and prints what came of it.
    ///
    /// Fails if the upgrade does not pass, or cannot be tried.
    pub fn run(&self, config: &Configuration) -> sc_cli::Result<()> {
        let report = match self.rehearse(config) {
            Ok(report) => report,
            Err(fault) => {
                if self.json {
                    println!("{}", serde_json::json!({ "passed": false, "fault": &fault }));
                }
                return Err(fault.into());
            }
        };
        if self.json {
            println!("{}", serde_json::to_string(&report).map_err(|fault| fault.to_string())?);
        } else {
            report.print();
        }
        if report.passed {
            return Ok(());
        }
        Err("the upgrade does not pass".into())
    }

    fn rehearse(&self, config: &Configuration) -> Result<Report, String> {
        let code = fs::read(&self.wasm)
            .map_err(|fault| format!("{} cannot be read: {fault}", self.wasm.display()))?;
        let executor = sc_service::new_wasm_executor(&config.executor);
        let new = version_of(&code, &executor)
            .map_err(|fault| format!("{} is no runtime: {fault}", self.wasm.display()))?;
        let backend = open(config)?;
        let parent = parent(&backend)?;
        let state = backend
            .state_at(parent.hash(), TrieCacheContext::Untrusted)
            .map_err(|fault| format!("the state of block {}: {fault}", parent.number))?;
        let present = read(&state, CODE)?.ok_or("the final block holds no runtime")?;
        let old = version_of(&present, &executor)?;
        if new.spec_name != old.spec_name || new.spec_version <= old.spec_version {
            return Err(format!(
                "the chain runs {} {}, and the file is {} {}: an upgrade keeps the name and has a \
                 higher version",
                old.spec_name, old.spec_version, new.spec_name, new.spec_version,
            ));
        }
        check_version(&new)?;

        let begun = Rehearsal::new(&state, &executor, present)
            .begin(&parent)
            .map_err(|fault| format!("the present runtime cannot begin the next block: {fault}"))?
            .values;
        let mut rehearsal = Rehearsal::new(&state, &executor, code);
        let block = rehearsal.make_block(&parent)?;
        let changes = Changes::between(&state, &begun, &block.begun)?;
        let state_fault = rehearsal.check_state()?;
        Ok(Report {
            block: parent.number,
            spec_name: new.spec_name.into_owned(),
            from_version: old.spec_version,
            to_version: new.spec_version,
            values_added: changes.added,
            values_changed: changes.changed,
            values_removed: changes.removed,
            block_millis: millis(block.time),
            limit_millis: millis(block.limit),
            weight_micros: rehearsal.weight_micros()?,
            passed: state_fault.is_none() && block.time <= block.limit,
            state_fault,
        })
    }
}

impl Report {
    fn print(&self) {
        println!(
            "{} {} -> {}, tried on the state of block {}",
            self.spec_name, self.from_version, self.to_version, self.block,
        );
        println!(
            "values of the state: {} added, {} changed, {} removed",
            self.values_added, self.values_changed, self.values_removed,
        );
        println!(
            "the block took {} ms of the {} ms that an author has; its weight is {} us",
            self.block_millis, self.limit_millis, self.weight_micros,
        );
        match &self.state_fault {
            None => println!("the state afterwards is sound"),
            Some(fault) => println!("the state afterwards is NOT sound: {fault}"),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Opens the database of a chain that exists.
fn open(config: &Configuration) -> Result<Arc<FullBackend>, String> {
    let path = config.database.path().unwrap_or(&config.data_path);
    if !path.exists() {
        return Err(format!(
            "there is no database in {}: name the chain and the directory of a node",
            path.display(),
        ));
    }
    sc_service::new_db_backend::<Block>(config.db_config()).map_err(|fault| {
        format!(
            "the database in {} cannot be opened: {fault}; stop the node, or copy its directory",
            path.display(),
        )
    })
}

/// The last final block.
fn parent(backend: &FullBackend) -> Result<Header, String> {
    let blockchain = backend.blockchain();
    let hash: Hash = blockchain.info().finalized_hash;
    blockchain
        .header(hash)
        .map_err(|fault| fault.to_string())?
        .ok_or_else(|| "the database holds no block yet".into())
}

fn read(state: &State, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
    state.storage(key).map_err(|fault| fault.to_string())
}

/// What a block did to the state until its first transaction, and when it lies.
struct Begun {
    values: Values,
    slot: Slot,
    duration: SlotDuration,
    time: Duration,
}

/// A whole block.
struct Made {
    begun: Values,
    time: Duration,
    limit: Duration,
}

/// A state, a runtime, and what the runtime did to the state.
struct Rehearsal<'a> {
    state: &'a State,
    executor: &'a Executor,
    code: Vec<u8>,
    overlay: OverlayedChanges<BlakeTwo256>,
}

impl<'a> Rehearsal<'a> {
    fn new(state: &'a State, executor: &'a Executor, code: Vec<u8>) -> Self {
        let mut overlay = OverlayedChanges::default();
        overlay.set_storage(CODE.to_vec(), Some(code.clone()));
        Self { state, executor, code, overlay }
    }

    fn call<R: Decode>(
        &mut self,
        method: &str,
        arguments: &[u8],
        context: CallContext,
    ) -> Result<R, String> {
        let fetcher = WrappedRuntimeCode(self.code.as_slice().into());
        let code = RuntimeCode {
            code_fetcher: &fetcher,
            heap_pages: None,
            hash: blake2_256(&self.code).to_vec(),
        };
        let mut extensions = Default::default();
        let answer = StateMachine::new(
            self.state,
            &mut self.overlay,
            self.executor,
            method,
            arguments,
            &mut extensions,
            &code,
            context,
        )
        .execute()
        .map_err(|fault| format!("{method}: {fault}"))?;
        R::decode(&mut answer.as_slice()).map_err(|fault| format!("{method}: {fault}"))
    }

    fn on_chain<R: Decode>(&mut self, method: &str, arguments: &[u8]) -> Result<R, String> {
        self.call(method, arguments, CallContext::Onchain { import: false })
    }

    /// Begins the block after `parent` in the next slot.
    fn begin(&mut self, parent: &Header) -> Result<Begun, String> {
        // Also compiles the code, which a node has done before the block comes.
        let duration: SlotDuration =
            self.call("AuraApi_slot_duration", &[], CallContext::Offchain)?;
        let slot = slot_after(parent, duration)?;
        let digest =
            <DigestItem as CompatibleDigestItem<AuthoritySignature>>::aura_pre_digest(slot);
        let header = Header::new(
            parent.number.saturating_add(1),
            Hash::default(),
            Hash::default(),
            parent.hash(),
            Digest { logs: vec![digest] },
        );
        let start = Instant::now();
        let _: ExtrinsicInclusionMode = self.on_chain("Core_initialize_block", &header.encode())?;
        let time = start.elapsed();
        Ok(Begun { values: self.values(), slot, duration, time })
    }

    /// Makes the block after `parent`: its beginning, the inherents, and its end.
    fn make_block(&mut self, parent: &Header) -> Result<Made, String> {
        let begun = self.begin(parent)?;
        let inherents = inherents(begun.slot, begun.duration)?;
        let start = Instant::now();
        let extrinsics: Vec<OpaqueExtrinsic> =
            self.on_chain("BlockBuilder_inherent_extrinsics", &inherents.encode())?;
        for extrinsic in extrinsics {
            let result: ApplyExtrinsicResult =
                self.on_chain("BlockBuilder_apply_extrinsic", &extrinsic.encode())?;
            match result {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => return Err(format!("an inherent fails: {fault:?}")),
                Err(fault) => return Err(format!("an inherent is refused: {fault:?}")),
            }
        }
        let _: Header = self.on_chain("BlockBuilder_finalize_block", &[])?;
        Ok(Made {
            begun: begun.values,
            time: begun.time + start.elapsed(),
            limit: begun.duration.as_duration().mul_f32(PROPOSAL_SLOT_PORTION),
        })
    }

    /// What is wrong with the state as the block left it, if anything.
    fn check_state(&mut self) -> Result<Option<String>, String> {
        let sound: Result<(), String> =
            self.call("StateCheckApi_check_state", &[], CallContext::Offchain)?;
        Ok(sound.err())
    }

    /// Weight of the block, all classes together.
    fn weight_micros(&mut self) -> Result<u64, String> {
        let key = [twox_128(b"System"), twox_128(b"BlockWeight")].concat();
        let Some(Some(encoded)) = self.overlay.storage(&key) else { return Ok(0) };
        // For each class of calls the picoseconds and the bytes of proof.
        let weights = <[(Compact<u64>, Compact<u64>); 3]>::decode(&mut &*encoded)
            .map_err(|fault| format!("the weight of the block: {fault}"))?;
        Ok(weights.iter().map(|(time, _)| time.0 / PICOS_PER_MICRO).sum())
    }

    fn values(&mut self) -> Values {
        let changes = self.overlay.changes_mut();
        changes.map(|(key, value)| (key.clone(), value.value().cloned())).collect()
    }
}

/// The slot after a block's; now, if it is the first one, which has none.
fn slot_after(parent: &Header, duration: SlotDuration) -> Result<Slot, String> {
    if parent.number == 0 {
        return Ok(Slot::from_timestamp(Timestamp::current(), duration));
    }
    let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(parent)
        .map_err(|fault| format!("the slot of block {}: {fault}", parent.number))?;
    Ok(slot + 1u64)
}

/// What an author says of the time, in the last moment of the slot: any moment of the slot before is
/// far enough from it.
fn inherents(slot: Slot, duration: SlotDuration) -> Result<InherentData, String> {
    let end = (slot + 1u64).timestamp(duration).ok_or("the slot lies too far in the future")?;
    let now = Timestamp::new(end.as_millis().saturating_sub(1));
    let mut data = InherentData::new();
    data.put_data(TIMESTAMP_IDENTIFIER, &now)
        .and_then(|()| data.put_data(SLOT_IDENTIFIER, &slot))
        .map_err(|fault| fault.to_string())?;
    Ok(data)
}

/// How many values two blocks left different. The system's own are not counted: they hold each
/// block's number, weight and version.
#[derive(Default)]
struct Changes {
    added: usize,
    changed: usize,
    removed: usize,
}

impl Changes {
    fn between(state: &State, old: &Values, new: &Values) -> Result<Self, String> {
        let system = twox_128(b"System");
        let keys: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
        let mut changes = Self::default();
        for key in keys {
            if key.as_slice() == CODE || key.starts_with(&system) {
                continue;
            }
            let stored = read(state, key)?;
            let before = old.get(key).unwrap_or(&stored);
            let after = new.get(key).unwrap_or(&stored);
            match (before, after) {
                (before, after) if before == after => {}
                (None, _) => changes.added += 1,
                (_, None) => changes.removed += 1,
                _ => changes.changed += 1,
            }
        }
        Ok(changes)
    }
}

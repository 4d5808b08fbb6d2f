//! Blocks as fast as they can be made: one peer authors each block, another executes it, and only
//! the other is measured, whose caches have not seen the block yet.

use crate::peer::{Client, Imported, Peer};
use anyhow::{bail, ensure, Context, Result};
use assay_e2e::transaction::sign;
use assay_primitives::UnixSecs;
use assay_runtime::{configs::SLOT_MILLIS, Hash, RuntimeCall, RuntimeEvent};
use codec::{Decode, Encode};
use frame_system::EventRecord;
use sp_api::{ApiRef, ProvideRuntimeApi};
use sp_consensus_aura::{digests::CompatibleDigestItem, sr25519::AuthoritySignature, Slot};
use sp_inherents::InherentData;
use sp_io::hashing::twox_128;
use sp_keyring::Ed25519Keyring;
use sp_runtime::{Digest, DigestItem, OpaqueExtrinsic};
use std::{collections::VecDeque, time::Duration};
use tokio::runtime::Handle;

/// 2026-01-01T00:00:00Z: a little before the first block's time.
pub const START_SECS: UnixSecs = 1_767_225_600;
/// Blocks without transactions of which the median says what an empty block costs.
const EMPTY_BLOCKS: usize = 15;
/// Blocks after a restart until all that is always needed is in the caches.
const FIRST_BLOCKS: usize = 3;
/// Blocks that any job here ends within; more means that it stands still.
const MAX_JOB_BLOCKS: usize = 10_000;

/// The runtime API of a peer.
pub type Api<'a> = ApiRef<'a, <Client as ProvideRuntimeApi<assay_runtime::opaque::Block>>::Api>;

/// The chain as an author and a validator hold it, and `//Alice`, who holds all roles.
pub struct BenchChain {
    /// The author, then the validator.
    peers: Vec<Peer>,
    genesis: Hash,
    nonce: u32,
    height: u64,
    waiting: VecDeque<OpaqueExtrinsic>,
}

/// A block that the validator took.
pub struct Made {
    pub imported: Imported,
    pub events: Vec<RuntimeEvent>,
}

/// The time of both parts of all blocks.
pub fn sum(blocks: &[Imported]) -> Imported {
    Imported {
        execute: blocks.iter().map(|block| block.execute).sum(),
        commit: blocks.iter().map(|block| block.commit).sum(),
    }
}

impl BenchChain {
    /// A chain of the `development` preset, at its genesis block.
    pub fn start(handle: &Handle) -> Result<BenchChain> {
        let author = Peer::start(handle)?;
        let validator = Peer::start(handle)?;
        let genesis = author.best();
        ensure!(genesis == validator.best(), "the peers' genesis blocks differ");
        let peers = vec![author, validator];
        Ok(BenchChain { peers, genesis, nonce: 0, height: 0, waiting: VecDeque::new() })
    }

    /// Restarts both peers, so that their caches are empty, and makes a few blocks: what every block
    /// needs is in the caches of any node.
    pub fn restart(&mut self) -> Result<()> {
        self.peers = self.peers.drain(..).map(Peer::restart).collect::<Result<_>>()?;
        (0..FIRST_BLOCKS).try_for_each(|_| self.make_block().map(drop))
    }

    fn author(&self) -> &Peer {
        &self.peers[0]
    }

    fn validator(&self) -> &Peer {
        &self.peers[1]
    }

    /// Signs a call, to be in one of the next blocks.
    pub fn send(&mut self, call: RuntimeCall) {
        let key = Ed25519Keyring::Alice.pair();
        let transaction = sign(call, &key, self.nonce, self.genesis);
        self.nonce += 1;
        self.waiting.push_back(transaction.into());
    }

    /// Has the council of one make a call.
    pub fn decide(&mut self, call: RuntimeCall) {
        let length_bound = u32::try_from(call.encoded_size()).unwrap_or(u32::MAX);
        let proposal = Box::new(call);
        let motion = pallet_collective::Call::propose { threshold: 1, proposal, length_bound };
        self.send(RuntimeCall::Council(motion));
    }

    /// Makes one block of what waits, as far as it has room.
    pub fn make_block(&mut self) -> Result<Made> {
        self.height += 1;
        let slot = START_SECS * 1_000 / SLOT_MILLIS + self.height;
        let digest = <DigestItem as CompatibleDigestItem<AuthoritySignature>>::aura_pre_digest(
            Slot::from(slot),
        );
        let mut inherents = InherentData::new();
        let now = sp_timestamp::Timestamp::new(slot * SLOT_MILLIS);
        inherents.put_data(sp_timestamp::INHERENT_IDENTIFIER, &now)?;
        let digest = Digest { logs: vec![digest] };
        let (block, taken) =
            self.peers[0].author(digest, inherents, self.waiting.make_contiguous())?;
        ensure!(taken > 0 || self.waiting.is_empty(), "a transaction is too large for any block");
        self.waiting.drain(..taken);
        let imported = self.validator().validate(&block)?;
        let events = self.events()?;
        Ok(Made { imported, events })
    }

    /// Makes blocks until all that waits is in them.
    pub fn include_all(&mut self) -> Result<Vec<Made>> {
        let mut made = Vec::new();
        while !self.waiting.is_empty() {
            made.push(self.make_block()?);
        }
        Ok(made)
    }

    /// Makes blocks without transactions, of which the last is the first with such an event.
    pub fn run_until(&mut self, is_end: impl Fn(&RuntimeEvent) -> bool) -> Result<Vec<Imported>> {
        let mut blocks = Vec::new();
        while blocks.len() < MAX_JOB_BLOCKS {
            let made = self.make_block()?;
            blocks.push(made.imported);
            if made.events.iter().any(&is_end) {
                return Ok(blocks);
            }
        }
        bail!("a job has not ended after {MAX_JOB_BLOCKS} blocks")
    }

    /// The median time to execute a block without transactions.
    pub fn empty_block(&mut self) -> Result<Duration> {
        let times: Result<Vec<Duration>> =
            (0..EMPTY_BLOCKS).map(|_| Ok(self.make_block()?.imported.execute)).collect();
        Ok(crate::figures::median(times?))
    }

    /// The validator's runtime API, and the block that answers.
    pub fn validator_api(&self) -> (Api<'_>, Hash) {
        (self.validator().client.runtime_api(), self.validator().best())
    }

    /// The author's runtime API: asking it leaves the validator's caches as they are.
    pub fn author_api(&self) -> (Api<'_>, Hash) {
        (self.author().client.runtime_api(), self.author().best())
    }

    /// Bytes of the keys and values of some storage entries of a pallet.
    pub fn state_bytes(&self, pallet: &str, entries: &[&str]) -> Result<u64> {
        entries
            .iter()
            .map(|entry| self.validator().bytes_under(&storage_prefix(pallet, entry)))
            .sum()
    }

    /// The last block's events; fails if one says that a call failed.
    fn events(&self) -> Result<Vec<RuntimeEvent>> {
        let bytes = self.validator().value(&storage_prefix("System", "Events"))?;
        let records: Vec<EventRecord<RuntimeEvent, Hash>> =
            Decode::decode(&mut &bytes.unwrap_or_else(|| vec![0])[..])
                .context("the block's events can't be read")?;
        let events: Vec<RuntimeEvent> = records.into_iter().map(|record| record.event).collect();
        for event in &events {
            match event {
                RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
                    dispatch_error: fault,
                    ..
                })
                | RuntimeEvent::Council(pallet_collective::Event::Executed {
                    result: Err(fault),
                    ..
                }) => bail!("a call failed: {fault:?}"),
                _ => {}
            }
        }
        Ok(events)
    }
}

fn storage_prefix(pallet: &str, entry: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(entry.as_bytes())].concat()
}

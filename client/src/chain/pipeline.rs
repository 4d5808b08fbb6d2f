//! Many transactions of one key on their way at once; a single one is the smallest case.
//!
//! Transactions are sent with ascending nonces, and sent again after a restart of the node or when
//! they were dropped. Whether one got into a block is read from the blocks themselves, never assumed
//! from what the pool says. An upgrade of the runtime on the way has them signed anew, each with its
//! own nonce still.

mod journey;
mod sending;

use self::journey::{fail, outcome, settle, Journey, Upgrade};
use super::{
    call::Call,
    event::Event,
    fault::{ChainFault, Refused},
    key::Key,
    transaction::{self, Lifetime},
    BlockRef, Chain, Runtime, Wait,
};
use assay_primitives::{BlockNumber, H256};
use futures::{Stream, StreamExt};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::time::{sleep, Instant};

/// How often to look for a new block.
const POLL: Duration = Duration::from_millis(200);
/// Without any of the transactions getting into a block for so long, they are sent again.
const RESEND_AFTER: Duration = Duration::from_secs(15);
/// Without a new block for so long, the chain is taken to stand still.
const HALTED_AFTER: Duration = Duration::from_secs(180);
/// How often in a row blocks may be gone when they are asked for: more means that it is no restart.
const MAX_LOSSES: u32 = 20;
/// How far back to look again when another fork won.
const REORG_BLOCKS: BlockNumber = 16;

/// How much to have on the way in no block yet: so that the node's pool has room for others, and so
/// that a block of these alone, in hexadecimal JSON, is less than the 15 MiB that nodes answer with
/// by default.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub transactions: usize,
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { transactions: 256, bytes: 6 * 1024 * 1024 }
    }
}

/// What became of a transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub block_hash: H256,
    pub block_number: BlockNumber,
    pub transaction: H256,
    /// What the call told, in order.
    pub events: Vec<Event>,
}

impl Receipt {
    /// The first event `pallet::name`.
    pub fn event(&self, pallet: &str, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.is(pallet, name))
    }
}

/// A transaction that had no effect, by what its sender called it.
#[derive(Debug)]
pub struct Failure<T> {
    pub tag: T,
    pub refused: Refused,
}

/// What to tell the sender on the way.
pub enum Progress<'a, T> {
    /// In a block that may still be replaced by another.
    InBlock(&'a T),
    /// Done as the sender asked.
    Done(&'a T, &'a Receipt),
    /// Without effect.
    Failed(&'a T, &'a Refused),
}

/// Sends the calls of one key.
pub struct Pipeline<'c> {
    chain: &'c Chain,
    key: &'c Key,
    wait: Wait,
    limits: Limits,
    stop_at_failure: bool,
}

impl<'c> Pipeline<'c> {
    pub fn new(chain: &'c Chain, key: &'c Key, wait: Wait) -> Self {
        Pipeline { chain, key, wait, limits: Limits::default(), stop_at_failure: false }
    }

    /// Bounds what is on the way at once.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Takes no further call once one has failed; those on their way are waited for.
    pub fn stop_at_failure(mut self) -> Self {
        self.stop_at_failure = true;
        self
    }

    /// Sends a single call.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn one(&self, call: Call) -> Result<Receipt, Refused> {
        let mut outcome = None;
        let calls = futures::stream::iter([Ok::<_, Refused>(((), call))]);
        let failures = self
            .run(calls, |progress| {
                if let Progress::Done((), receipt) = progress {
                    outcome = Some(receipt.clone());
                }
            })
            .await?;
        match (outcome, failures.into_iter().next()) {
            (_, Some(failure)) => Err(failure.refused),
            (Some(receipt), None) => Ok(receipt),
            (None, None) => Err(ChainFault::unreadable("the transaction", "it is lost").into()),
        }
    }

    /// Waits until none of the key's transactions of an earlier run is in the node's pool any more,
    /// or a minute has passed: what they do should be seen before deciding what is left to do.
    ///
    /// # Errors
    /// When the node can't be asked.
    pub async fn settle(&self) -> Result<(), ChainFault> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let best = self.chain.best().await?;
            if self.pool_nonce().await? <= self.nonce_at(best.hash).await? {
                break;
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Sends calls as they come, in order, each with what the sender calls it. Gives those that
    /// failed.
    ///
    /// # Errors
    /// The stream's own, or a `ChainFault` when the node can't be asked any more.
    pub async fn run<T, E: From<ChainFault>>(
        &self,
        calls: impl Stream<Item = Result<(T, Call), E>>,
        mut progress: impl FnMut(Progress<'_, T>),
    ) -> Result<Vec<Failure<T>>, E> {
        futures::pin_mut!(calls);
        let mut runtime = self.chain.runtime(None).await?;
        let mut journey = self.begin().await?;
        let mut more = true;
        let mut losses = 0;
        loop {
            while more && !self.is_stopped(&journey) && self.has_room(&journey) {
                match calls.next().await {
                    Some(item) => {
                        let (tag, call) = item?;
                        self.launch(&runtime, &mut journey, tag, call, &mut progress).await?;
                    }
                    None => more = false,
                }
            }
            if journey.flights.is_empty() && (!more || self.is_stopped(&journey)) {
                return Ok(journey.failures);
            }
            match self.turn(&mut runtime, &mut journey, &mut progress).await {
                Ok(()) => losses = 0,
                Err(fault) if fault.is_lost_block() && losses < MAX_LOSSES => {
                    losses += 1;
                    journey.best = H256::zero();
                }
                Err(fault) => return Err(fault.into()),
            }
            if !journey.flights.is_empty() || journey.upgrade.is_awaited() {
                sleep(POLL).await;
            }
        }
    }

    /// Sees what became of what is on its way, and sends again what needs it.
    async fn turn<T>(
        &self,
        runtime: &mut Arc<Runtime>,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let best = journey.best;
        self.look(journey, progress).await?;
        if journey.best != best && !journey.best.is_zero() {
            self.follow(runtime, journey, progress).await?;
        }
        self.resend(runtime, journey, progress).await
    }

    async fn begin<T>(&self) -> Result<Journey<T>, ChainFault> {
        let next_nonce = self.pool_nonce().await?;
        let best = self.chain.best().await?;
        Ok(Journey {
            flights: BTreeMap::new(),
            next_nonce,
            scanned: best.number,
            first: best.number,
            best: best.hash,
            connection: self.chain.rpc.connections(),
            last_block: Instant::now(),
            last_inclusion: Instant::now(),
            upgrade: Upgrade::default(),
            lifetime: self.lifetime().await?,
            failures: Vec::new(),
        })
    }

    /// How long what is signed now may wait.
    async fn lifetime(&self) -> Result<Lifetime, ChainFault> {
        let last = self.chain.finalized().await?;
        Ok(Lifetime::at(self.chain.best().await?.number, last))
    }

    fn is_stopped<T>(&self, journey: &Journey<T>) -> bool {
        self.stop_at_failure && !journey.failures.is_empty()
    }

    /// Room is taken by what is in no block yet, and to a lesser degree by what isn't final; during
    /// an upgrade there is none.
    fn has_room<T>(&self, journey: &Journey<T>) -> bool {
        let (count, bytes) = journey.open_bytes();
        let unsettled = journey.flights.len() < self.limits.transactions.saturating_mul(16);
        let fits = count < self.limits.transactions && bytes < self.limits.bytes;
        unsettled && fits && !journey.upgrade.is_awaited()
    }

    /// Looks through new blocks, and settles what is done.
    async fn look<T>(
        &self,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let best = self.chain.best().await?;
        if best.hash == journey.best {
            if journey.last_block.elapsed() > HALTED_AFTER {
                return Err(ChainFault::Halted { seconds: HALTED_AFTER.as_secs() });
            }
        } else {
            journey.last_block = Instant::now();
            // A shorter chain than was looked through means that another fork won.
            journey.scanned = journey.scanned.min(best.number.saturating_sub(1));
            while journey.scanned < best.number {
                let number = journey.scanned + 1;
                let hash = self.chain.block_hash(number).await?;
                self.search(journey, BlockRef { number, hash }, progress).await?;
                journey.scanned = number;
            }
            journey.best = best.hash;
        }
        match self.wait {
            Wait::InBlock => settle(journey, |_| true, progress),
            Wait::Finalized => self.settle_final(journey, progress).await?,
        }
        Ok(())
    }

    /// Marks the transactions that a block has.
    async fn search<T>(
        &self,
        journey: &mut Journey<T>,
        block: BlockRef,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        // The nonce tells whether it can have any: bodies are large.
        let used = self.nonce_at(block.hash).await?;
        let sought: HashMap<H256, u64> = journey
            .flights
            .range(..used)
            .filter(|(_, flight)| flight.included.is_none())
            .flat_map(|(nonce, flight)| flight.hashes.iter().map(|hash| (*hash, *nonce)))
            .collect();
        if sought.is_empty() {
            return Ok(());
        }
        let mut found = Vec::new();
        for (index, bytes) in (0_u32..).zip(self.chain.transactions(block.hash).await?) {
            let hash = transaction::transaction_hash(&bytes);
            if let Some(nonce) = sought.get(&hash) {
                found.push((index, *nonce, hash));
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        journey.last_inclusion = Instant::now();
        let mut events: HashMap<u32, Vec<Event>> = HashMap::new();
        for event in self.chain.events(block.hash).await? {
            if let Some(index) = event.extrinsic {
                events.entry(index).or_default().push(event);
            }
        }
        for (index, nonce, hash) in found {
            if let Some(flight) = journey.flights.get_mut(&nonce) {
                let events = events.remove(&index).unwrap_or_default();
                flight.included = Some((block, outcome(block, hash, events)));
                progress(Progress::InBlock(&flight.tag));
            }
        }
        Ok(())
    }

    /// Settles what is in final blocks; forgets inclusions in blocks that lost.
    async fn settle_final<T>(
        &self,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let oldest = journey.flights.values().find_map(|flight| flight.included.as_ref());
        if oldest.is_none() && journey.last_inclusion.elapsed() < RESEND_AFTER {
            return Ok(());
        }
        let last = self.chain.finalized().await?;
        self.forget_lost(journey, |number| number <= last.number).await?;
        settle(journey, |block| block.number <= last.number, progress);
        self.drop_displaced(journey, last, progress).await
    }

    /// Forgets inclusions in blocks that are no longer of the best chain: another fork won, or the
    /// node lost its last blocks when it was killed.
    async fn forget_lost<T>(
        &self,
        journey: &mut Journey<T>,
        is_looked_at: impl Fn(BlockNumber) -> bool,
    ) -> Result<(), ChainFault> {
        let mut canonical: HashMap<BlockNumber, Option<H256>> = HashMap::new();
        for flight in journey.flights.values_mut() {
            let Some((block, _)) = &flight.included else { continue };
            let number = block.number;
            if !is_looked_at(number) {
                continue;
            }
            let hash = match canonical.get(&number) {
                Some(hash) => *hash,
                None => {
                    let hash = match self.chain.block_hash(number).await {
                        Ok(hash) => Some(hash),
                        Err(ChainFault::UnknownBlock(_)) => None,
                        Err(fault) => return Err(fault),
                    };
                    canonical.insert(number, hash);
                    hash
                }
            };
            if hash != Some(block.hash) {
                flight.included = None;
                let again = number.saturating_sub(REORG_BLOCKS).max(journey.first);
                journey.scanned = journey.scanned.min(again);
                journey.best = H256::zero();
            }
        }
        Ok(())
    }

    /// Fails what can't be included any more because its nonce is used by something else. Only the
    /// block that used the nonce can tell.
    async fn drop_displaced<T>(
        &self,
        journey: &mut Journey<T>,
        last: BlockRef,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        if journey.scanned < last.number || journey.last_inclusion.elapsed() < RESEND_AFTER {
            return Ok(());
        }
        let used = self.nonce_at(last.hash).await?;
        let is_open = |journey: &Journey<T>, nonce: u64| {
            journey.flights.get(&nonce).is_some_and(|flight| flight.included.is_none())
        };
        let nonces: Vec<u64> = journey.flights.range(..used).map(|(nonce, _)| *nonce).collect();
        for nonce in nonces {
            if !is_open(journey, nonce) {
                continue;
            }
            let block = self.block_using(nonce, journey.first, last).await?;
            self.search(journey, block, progress).await?;
            if is_open(journey, nonce) {
                fail(journey, nonce, Refused::Displaced { nonce }, progress);
            }
        }
        Ok(())
    }

    /// The block that used a nonce: after `first`, where it was free, up to `last`, where it's used.
    async fn block_using(
        &self,
        nonce: u64,
        first: BlockNumber,
        last: BlockRef,
    ) -> Result<BlockRef, ChainFault> {
        let (mut free, mut using) = (first, last);
        while using.number > free.saturating_add(1) {
            let number = free + (using.number - free) / 2;
            let hash = self.chain.block_hash(number).await?;
            if self.nonce_at(hash).await? > nonce {
                using = BlockRef { number, hash };
            } else {
                free = number;
            }
        }
        Ok(using)
    }

    async fn nonce_at(&self, block: H256) -> Result<u64, ChainFault> {
        let account = self.key.account();
        let nonce: u32 =
            self.chain.call_api("AccountNonceApi_account_nonce", account, Some(block)).await?;
        Ok(nonce.into())
    }

    /// The next nonce, transactions in the node's pool counted.
    async fn pool_nonce(&self) -> Result<u64, ChainFault> {
        let account = subxt::utils::AccountId32(self.key.account().into());
        let account = &account;
        self.chain
            .rpc
            .need("system_accountNextIndex", |node| async move {
                node.system_account_next_index(account).await
            })
            .await
    }
}

//! A bureau that uploads small batches of reports all the while, and counts what became of each.

use crate::{drive::SCHEMA, sample};
use anyhow::{bail, ensure, Result};
use assay_client::chain::{
    call::credit, Call, Chain, Key, Limits, Pipeline, Progress, Refused, Wait,
};
use assay_primitives::{AccountId, BlockNumber, UnixSecs, H256};
use futures::{stream, Stream, StreamExt};
use rand::SeedableRng;
use std::{
    collections::VecDeque,
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering},
        Arc,
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::sleep};

/// Reports of a batch: a bureau's updates of a few seconds.
const BATCH_REPORTS: usize = 20;
/// Between two batches.
const PAUSE: Duration = Duration::from_millis(250);
/// Few at once, so that the pipeline often looks what became of them.
const LIMITS: Limits = Limits { transactions: 8, bytes: 1024 * 1024 };
/// Runs of the pipeline: a further one begins when the pool refused something, as it does with what
/// was signed for a runtime that was replaced.
const MAX_RUNS: usize = 50;

/// What became of a load's transactions.
#[derive(Clone, Debug)]
pub struct Sent {
    pub account: AccountId,
    /// The account's nonce before the first.
    pub first_nonce: u32,
    /// The chain's height before the first.
    pub first_block: BlockNumber,
    /// Those in final blocks.
    pub done: Vec<H256>,
    /// Those in final blocks whose call failed: why.
    pub failed: Vec<String>,
    /// Those that the pool refused, and that were sent again: why.
    pub refused: Vec<String>,
}

/// A load that goes on until it is ended.
pub struct Load {
    stops: Arc<AtomicBool>,
    done: Arc<AtomicU32>,
    task: JoinHandle<Result<Sent>>,
}

impl Load {
    /// Begins to upload with the bureau's key through that node.
    pub fn begin(chain: Chain, key: Key, now_secs: UnixSecs) -> Load {
        let (stops, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let task = tokio::spawn(upload(chain, key, now_secs, stops.clone(), done.clone()));
        Load { stops, done, task }
    }

    /// How many are in final blocks by now.
    pub fn done(&self) -> u32 {
        self.done.load(Ordering::Relaxed)
    }

    /// Sends nothing more, and waits until all is settled.
    ///
    /// # Errors
    /// When the chain or its node could not be asked any more.
    pub async fn end(self) -> Result<Sent> {
        self.stops.store(true, Ordering::Relaxed);
        self.task.await?
    }
}

async fn upload(
    chain: Chain,
    key: Key,
    now_secs: UnixSecs,
    stops: Arc<AtomicBool>,
    done: Arc<AtomicU32>,
) -> Result<Sent> {
    let best = chain.best().await?;
    let first_nonce = nonce_at(&chain, &key.account(), best.hash).await?;
    let mut sent = Sent {
        account: key.account(),
        first_nonce,
        first_block: best.number,
        done: Vec::new(),
        failed: Vec::new(),
        refused: Vec::new(),
    };
    let mut again: VecDeque<u64> = VecDeque::new();
    let mut next = 0;
    for _ in 0..MAX_RUNS {
        let calls = batches(&mut again, &mut next, now_secs, &stops);
        let pipeline = Pipeline::new(&chain, &key, Wait::Finalized).limits(LIMITS);
        let failures = pipeline
            .stop_at_failure()
            .run(calls, |progress| {
                if let Progress::Done(_, receipt) = progress {
                    sent.done.push(receipt.transaction);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
            .await?;
        for failure in failures {
            match failure.refused {
                Refused::Pool(reason) => {
                    sent.refused.push(reason);
                    again.push_back(failure.tag);
                }
                Refused::Chain(fault) => return Err(fault.into()),
                other => sent.failed.push(other.to_string()),
            }
        }
        if again.is_empty() && stops.load(Ordering::Relaxed) {
            return Ok(sent);
        }
    }
    bail!("refused again and again: {:?}", sent.refused.last())
}

/// The batches to send again, then new ones until the load is stopped.
fn batches<'a>(
    again: &'a mut VecDeque<u64>,
    next: &'a mut u64,
    now_secs: UnixSecs,
    stops: &'a AtomicBool,
) -> impl Stream<Item = Result<(u64, Call)>> + 'a {
    let numbers = stream::unfold((again, next), move |(again, next)| async move {
        let number = match again.pop_front() {
            Some(number) => number,
            None if stops.load(Ordering::Relaxed) => return None,
            None => {
                *next += 1;
                *next
            }
        };
        sleep(PAUSE).await;
        Some((number, (again, next)))
    });
    numbers.map(move |number| Ok((number, batch(number, now_secs)?)))
}

/// The batch of that number: always the same borrowers.
fn batch(number: u64, now_secs: UnixSecs) -> Result<Call> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(number);
    let reports = sample::batch(BATCH_REPORTS, now_secs, &mut random)?;
    Ok(credit::submit(SCHEMA, &reports))
}

/// The nonce of an account at a block.
///
/// # Errors
/// When the node can't be asked.
pub async fn nonce_at(chain: &Chain, account: &AccountId, block: H256) -> Result<u32> {
    Ok(chain.call_api("AccountNonceApi_account_nonce", account, Some(block)).await?)
}

impl Sent {
    /// Fails unless all transactions succeeded.
    ///
    /// # Errors
    /// The first failure.
    pub fn all_succeeded(&self) -> Result<()> {
        ensure!(self.failed.is_empty(), "a call failed: {}", self.failed[0]);
        ensure!(self.refused.is_empty(), "the pool refused: {}", self.refused[0]);
        ensure!(!self.done.is_empty(), "nothing was sent");
        Ok(())
    }
}

//! Transactions of strangers: valid signatures of accounts that nobody enrolled.

use crate::{rpc::Rpc, sample::terms, transaction::sign};
use anyhow::{Context, Result};
use assay_primitives::H256;
use assay_runtime::RuntimeCall;
use codec::Encode;
use rayon::prelude::*;
use serde_json::{json, Value as Json};
use sp_core::{ed25519, Pair};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};
use tokio::time::sleep_until;

/// Connections over which they come.
const CONNECTIONS: usize = 8;
/// Transactions of one request.
const BATCH: usize = 25;

/// Signed transactions of as many strangers, in hexadecimal.
pub struct Strangers(Vec<String>);

/// What the node answered.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    pub taken: usize,
    pub refused: usize,
    pub time: Duration,
    /// How often the node gave which reason.
    pub reasons: BTreeMap<String, usize>,
}

impl Strangers {
    /// Signs one transaction of each of so many strangers, whose numbers begin at `first`.
    pub fn new(first: u64, count: u64, genesis: H256) -> Strangers {
        let transactions = (first..first + count)
            .into_par_iter()
            .map(|number| {
                let mut seed = [0x57; 32];
                seed[..8].copy_from_slice(&number.to_le_bytes());
                let key = ed25519::Pair::from_seed(&seed);
                let call = assay_packs::Call::open { terms: terms("a stranger's", number) };
                let transaction = sign(RuntimeCall::Packs(call), &key, 0, genesis);
                sp_core::bytes::to_hex(&transaction.encode(), false)
            })
            .collect();
        Strangers(transactions)
    }

    /// Sends them to a node: so many a second, or as many as it answers, until all are sent or the
    /// time is over.
    ///
    /// # Errors
    /// When the node can't be reached any more.
    pub async fn send(
        self,
        address: SocketAddr,
        per_second: Option<f64>,
        time: Duration,
    ) -> Result<Answered> {
        let (all, next) = (Arc::new(self.0), Arc::new(AtomicUsize::new(0)));
        let started = Instant::now();
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (all, next) = (all.clone(), next.clone());
                tokio::spawn(send_some(address, all, next, per_second, started, time))
            })
            .collect();
        let mut answered = Answered::default();
        for sender in senders {
            let part = sender.await??;
            answered.taken += part.taken;
            answered.refused += part.refused;
            for (reason, count) in part.reasons {
                *answered.reasons.entry(reason).or_default() += count;
            }
        }
        answered.time = started.elapsed();
        Ok(answered)
    }
}

async fn send_some(
    address: SocketAddr,
    all: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
    per_second: Option<f64>,
    started: Instant,
    time: Duration,
) -> Result<Answered> {
    let mut rpc = Rpc::connect(address).await?;
    let mut answered = Answered::default();
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= all.len() || started.elapsed() > time {
            return Ok(answered);
        }
        if let Some(per_second) = per_second {
            let due = started + Duration::from_secs_f64(first as f64 / per_second);
            sleep_until(due.into()).await;
        }
        let last = (first + BATCH).min(all.len());
        let parameters: Vec<Json> = all[first..last].iter().map(|text| json!([text])).collect();
        for answer in rpc.batch("author_submitExtrinsic", &parameters).await? {
            answered.count(&answer)?;
        }
    }
}

impl Answered {
    fn count(&mut self, answer: &Json) -> Result<()> {
        if answer.get("result").is_some() {
            self.taken += 1;
            return Ok(());
        }
        let fault = answer.get("error").context("neither a result nor an error")?;
        self.refused += 1;
        let text = |field: &str| fault[field].as_str().unwrap_or_default().to_owned();
        let reason = format!("{}: {}", text("message"), text("data"));
        *self.reasons.entry(reason).or_default() += 1;
        Ok(())
    }

    /// Answers a second.
    pub fn per_second(&self) -> f64 {
        (self.taken + self.refused) as f64 / self.time.as_secs_f64()
    }
}

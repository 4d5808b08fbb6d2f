//! Waiting with a deadline, and what finality does meanwhile.

use super::machine::{heights, Heights};
use anyhow::{bail, Result};
use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{task::JoinHandle, time::sleep};

const POLL: Duration = Duration::from_millis(300);

/// Waits until the probe has something.
///
/// # Errors
/// The probe's last fault, or that it had nothing until the deadline. A fault before the deadline is
/// no reason to give up: nodes come and go.
pub async fn until<T, F>(what: &str, patience: Duration, mut probe: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let started = Instant::now();
    loop {
        let last = match probe().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(fault) => Some(fault),
        };
        if started.elapsed() > patience {
            match last {
                Some(fault) => return Err(fault.context(format!("{what}: not in {patience:?}"))),
                None => bail!("{what}: not in {patience:?}"),
            }
        }
        sleep(POLL).await;
    }
}

/// What finality did since the watch began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finality {
    /// Most blocks that any node had beyond the last one that was final anywhere.
    pub most_unfinal: u32,
    /// Longest time in which no further block became final.
    pub longest_pause: Duration,
}

#[derive(Default)]
struct Record {
    seen: Finality,
    last: Option<(u32, Instant)>,
}

/// Looks at all nodes again and again.
pub struct Watch {
    record: Arc<Mutex<Record>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to look at the nodes of these addresses; those that don't run don't count.
    pub fn begin(addresses: Vec<SocketAddr>) -> Watch {
        let record = Arc::new(Mutex::new(Record::default()));
        let written = record.clone();
        let task = tokio::spawn(async move {
            loop {
                let looks = addresses.iter().map(|address| heights(*address));
                let found: Vec<Heights> =
                    futures::future::join_all(looks).await.into_iter().flatten().collect();
                if let Ok(mut record) = written.lock() {
                    record.add(&found);
                }
                sleep(POLL).await;
            }
        });
        Watch { record, task }
    }

    /// What was seen until now.
    pub fn seen(&self) -> Finality {
        self.record.lock().map(|record| record.seen).unwrap_or_default()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Record {
    fn add(&mut self, found: &[Heights]) {
        let best = found.iter().map(|heights| heights.best).max();
        let finalized = found.iter().map(|heights| heights.finalized).max();
        let (Some(best), Some(finalized)) = (best, finalized) else { return };
        let now = Instant::now();
        match self.last {
            Some((number, since)) if finalized <= number => {
                let pause = now.duration_since(since);
                self.seen.longest_pause = self.seen.longest_pause.max(pause);
                self.seen.most_unfinal = self.seen.most_unfinal.max(best.saturating_sub(number));
            }
            _ => {
                self.last = Some((finalized, now));
                let ahead = best.saturating_sub(finalized);
                self.seen.most_unfinal = self.seen.most_unfinal.max(ahead);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_count_blocks_beyond_the_last_final_one_when_nodes_differ() {
        let mut record = Record::default();
        let at = |best, finalized| Heights { best, finalized };
        record.add(&[at(10, 8), at(9, 9)]);
        record.add(&[at(14, 8), at(9, 9)]);
        record.add(&[]);
        assert_eq!(record.seen.most_unfinal, 5);
        record.add(&[at(15, 15)]);
        assert_eq!(
            (record.seen.most_unfinal, record.last.map(|(number, _)| number)),
            (5, Some(15))
        );
    }
}

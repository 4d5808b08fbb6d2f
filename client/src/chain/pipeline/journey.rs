//! What is on the way, and what becomes of it.

use super::{Failure, Progress, Receipt};
use crate::chain::{transaction::Signed, BlockRef, Event, Refused};
use assay_primitives::{BlockNumber, H256};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// A transaction on its way.
pub(super) struct Flight<T> {
    pub tag: T,
    pub call: String,
    pub signed: Signed,
    pub included: Option<(BlockRef, Result<Receipt, Refused>)>,
}

/// What is on the way, by nonce, and how far the chain was looked through.
pub(super) struct Journey<T> {
    pub flights: BTreeMap<u64, Flight<T>>,
    pub next_nonce: u64,
    pub scanned: BlockNumber,
    pub first: BlockNumber,
    pub best: H256,
    pub connection: u64,
    pub last_block: Instant,
    pub last_inclusion: Instant,
    pub failures: Vec<Failure<T>>,
}

impl<T> Journey<T> {
    /// How many are in no block yet, and their bytes.
    pub fn open_bytes(&self) -> (usize, usize) {
        let open = self.flights.values().filter(|flight| flight.included.is_none());
        open.fold((0, 0), |(count, bytes), flight| (count + 1, bytes + flight.signed.bytes.len()))
    }
}

/// Tells and removes what is included in a block that counts.
pub(super) fn settle<T>(
    journey: &mut Journey<T>,
    counts: impl Fn(&BlockRef) -> bool,
    progress: &mut impl FnMut(Progress<'_, T>),
) {
    let done: Vec<u64> = journey
        .flights
        .iter()
        .filter(|(_, flight)| flight.included.as_ref().is_some_and(|(block, _)| counts(block)))
        .map(|(nonce, _)| *nonce)
        .collect();
    for nonce in done {
        let Some(flight) = journey.flights.remove(&nonce) else { continue };
        match flight.included {
            Some((_, Ok(receipt))) => progress(Progress::Done(&flight.tag, &receipt)),
            Some((_, Err(refused))) => {
                progress(Progress::Failed(&flight.tag, &refused));
                journey.failures.push(Failure { tag: flight.tag, refused });
            }
            None => {}
        }
    }
}

/// Takes a transaction off that can't have an effect any more.
pub(super) fn fail<T>(
    journey: &mut Journey<T>,
    nonce: u64,
    refused: Refused,
    progress: &mut impl FnMut(Progress<'_, T>),
) {
    if let Some(flight) = journey.flights.remove(&nonce) {
        progress(Progress::Failed(&flight.tag, &refused));
        journey.failures.push(Failure { tag: flight.tag, refused });
    }
}

/// A transaction failed when its last word is `System::ExtrinsicFailed`.
pub(super) fn outcome(
    block: BlockRef,
    transaction: H256,
    events: Vec<Event>,
) -> Result<Receipt, Refused> {
    let failed = events.iter().find(|event| event.is("System", "ExtrinsicFailed"));
    match failed {
        Some(event) => Err(event.refusal().unwrap_or_else(|| Refused::Dispatch {
            name: "Unknown".into(),
            sentence: "the chain refuses the call".into(),
        })),
        None => {
            Ok(Receipt { block_hash: block.hash, block_number: block.number, transaction, events })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::event::RefusalText;

    fn journey(included: &[(u64, Option<BlockNumber>)]) -> Journey<u64> {
        let flights = included.iter().map(|(nonce, number)| {
            let signed = Signed { bytes: vec![0; 100], hash: H256::from_low_u64_be(*nonce) };
            let included = number.map(|number| {
                let block = BlockRef { number, hash: H256::zero() };
                (block, outcome(block, signed.hash, Vec::new()))
            });
            (*nonce, Flight { tag: *nonce, call: "Packs::open".into(), signed, included })
        });
        Journey {
            flights: flights.collect(),
            next_nonce: 9,
            scanned: 0,
            first: 0,
            best: H256::zero(),
            connection: 1,
            last_block: Instant::now(),
            last_inclusion: Instant::now(),
            failures: Vec::new(),
        }
    }

    #[test]
    fn should_count_only_what_is_in_no_block_when_looking_for_room() {
        assert_eq!(journey(&[(1, Some(5)), (2, None), (3, None)]).open_bytes(), (2, 200));
    }

    #[test]
    fn should_settle_only_what_counts_when_blocks_become_final() {
        let mut journey = journey(&[(1, Some(5)), (2, Some(6)), (3, None)]);
        let mut done = Vec::new();
        settle(&mut journey, |block| block.number <= 5, &mut |progress| {
            if let Progress::Done(tag, receipt) = progress {
                done.push((*tag, receipt.block_number));
            }
        });
        assert_eq!(done, vec![(1, 5)]);
        assert_eq!(journey.flights.keys().copied().collect::<Vec<_>>(), vec![2, 3]);
        assert!(journey.failures.is_empty());
    }

    #[test]
    fn should_give_the_runtimes_error_when_the_transaction_failed() {
        let failed = Event {
            extrinsic: Some(1),
            pallet: "System".into(),
            name: "ExtrinsicFailed".into(),
            fields: serde_json::Value::Null,
            refusal: Some(RefusalText {
                name: "Packs::NotFound".into(),
                sentence: "There is no such pack".into(),
            }),
        };
        let block = BlockRef { number: 1, hash: H256::zero() };
        let refused = outcome(block, H256::zero(), vec![failed]).unwrap_err();
        assert_eq!(refused.to_string(), "Packs::NotFound: There is no such pack");
    }
}

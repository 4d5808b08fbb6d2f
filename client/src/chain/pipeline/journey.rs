//! What is on the way, and what becomes of it.

use super::{Failure, Progress, Receipt};
use crate::chain::{
    call::Call,
    transaction::{Lifetime, Signed},
    BlockRef, Event, Refused,
};
use assay_primitives::{BlockNumber, H256};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// How many blocks after the first of a new runtime its transactions are sent: nodes that still judge
/// by the runtime before would keep them out, and not all forget at once what they hold.
const UPGRADE_BLOCKS: BlockNumber = 2;

/// A call on its way with one nonce.
pub(super) struct Flight<T> {
    pub tag: T,
    pub call: Call,
    /// Of the call as it was signed: once for each version of the runtime and each lifetime.
    pub hashes: Vec<H256>,
    pub bytes: usize,
    pub included: Option<(BlockRef, Result<Receipt, Refused>)>,
}

impl<T> Flight<T> {
    pub fn new(tag: T, call: Call, signed: &Signed) -> Self {
        let bytes = signed.bytes.len();
        Flight { tag, call, hashes: vec![signed.hash], bytes, included: None }
    }

    /// Also to be recognised by this.
    pub fn is_signed_as(&mut self, signed: &Signed) {
        if !self.hashes.contains(&signed.hash) {
            self.hashes.push(signed.hash);
        }
    }
}

/// An upgrade of the runtime that the chain isn't settled on: the version, and the first block that
/// was seen with it.
#[derive(Debug, Default)]
pub(super) struct Upgrade(Option<(u32, BlockNumber)>);

impl Upgrade {
    /// Whether to sign for the version that the best block has, instead of the present one.
    pub fn is_due(&mut self, present: u32, version: u32, best: BlockNumber) -> bool {
        if version == present {
            self.0 = None;
            return false;
        }
        let first = match self.0 {
            Some((seen, first)) if seen == version => first.min(best),
            _ => best,
        };
        let due = best >= first.saturating_add(UPGRADE_BLOCKS);
        self.0 = (!due).then_some((version, first));
        due
    }

    pub fn is_awaited(&self) -> bool {
        self.0.is_some()
    }
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
    pub upgrade: Upgrade,
    pub lifetime: Lifetime,
    pub failures: Vec<Failure<T>>,
}

impl<T> Journey<T> {
    /// How many are in no block yet, and their bytes.
    pub fn open_bytes(&self) -> (usize, usize) {
        let open = self.flights.values().filter(|flight| flight.included.is_none());
        open.fold((0, 0), |(count, bytes), flight| (count + 1, bytes + flight.bytes))
    }

    /// The nonces of what is in no block yet, in order.
    pub fn open_nonces(&self) -> Vec<u64> {
        let open = self.flights.iter().filter(|(_, flight)| flight.included.is_none());
        open.map(|(nonce, _)| *nonce).collect()
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

/// Takes off a transaction that the chain refuses, and what was to come after it: without its nonce
/// theirs are never reached. The next call takes the nonce.
pub(super) fn refuse<T>(
    journey: &mut Journey<T>,
    nonce: u64,
    reason: &str,
    progress: &mut impl FnMut(Progress<'_, T>),
) {
    let after: Vec<u64> = journey.open_nonces().into_iter().filter(|open| *open > nonce).collect();
    fail(journey, nonce, Refused::Pool(reason.into()), progress);
    for nonce in after {
        let reason = format!("an earlier transaction of the same key was refused: {reason}");
        fail(journey, nonce, Refused::Pool(reason), progress);
    }
    journey.next_nonce = nonce;
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
    use crate::chain::{call::securities, event::RefusalText};

    fn signed(hash: u64) -> Signed {
        Signed { bytes: vec![0; 100], hash: H256::from_low_u64_be(hash) }
    }

    fn journey(included: &[(u64, Option<BlockNumber>)]) -> Journey<u64> {
        let flights = included.iter().map(|(nonce, number)| {
            let signed = signed(*nonce);
            let included = number.map(|number| {
                let block = BlockRef { number, hash: H256::zero() };
                (block, outcome(block, signed.hash, Vec::new()))
            });
            let flight = Flight::new(*nonce, securities::accept(1), &signed);
            (*nonce, Flight { included, ..flight })
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
            upgrade: Upgrade::default(),
            lifetime: Lifetime::Endless,
            failures: Vec::new(),
        }
    }

    #[test]
    fn should_count_only_what_is_in_no_block_when_looking_for_room() {
        assert_eq!(journey(&[(1, Some(5)), (2, None), (3, None)]).open_bytes(), (2, 200));
    }

    #[test]
    fn should_sign_for_another_runtime_once_when_the_chain_has_settled_on_it() {
        let mut upgrade = Upgrade::default();
        let due: Vec<bool> = (10..=12).map(|best| upgrade.is_due(1, 2, best)).collect();
        assert_eq!(due, [false, false, true]);
        assert!(!upgrade.is_awaited());
        assert!(!upgrade.is_due(2, 2, 13));
    }

    #[test]
    fn should_stay_with_its_runtime_when_the_fork_with_another_loses() {
        let mut upgrade = Upgrade::default();
        assert!(!upgrade.is_due(1, 2, 10) && upgrade.is_awaited());
        assert!(!upgrade.is_due(1, 1, 11) && !upgrade.is_awaited());
        assert!(!upgrade.is_due(1, 2, 12));
        assert!(!upgrade.is_due(1, 2, 11), "a shorter fork begins anew");
        assert!(!upgrade.is_due(1, 2, 12));
        assert!(upgrade.is_due(1, 2, 13));
    }

    #[test]
    fn should_begin_anew_when_a_second_upgrade_follows_the_first_at_once() {
        let mut upgrade = Upgrade::default();
        assert!(!upgrade.is_due(1, 2, 10) && !upgrade.is_due(1, 3, 11));
        assert!(!upgrade.is_due(1, 3, 12) && upgrade.is_due(1, 3, 13));
    }

    #[test]
    fn should_be_recognised_by_each_signature_when_signed_for_several_runtimes() {
        let mut flight = Flight::new((), securities::accept(1), &signed(1));
        for hash in [1, 2, 2, 1] {
            flight.is_signed_as(&signed(hash));
        }
        assert_eq!(flight.hashes, vec![signed(1).hash, signed(2).hash]);
    }

    #[test]
    fn should_take_off_what_cannot_follow_when_one_is_refused() {
        let mut journey = journey(&[(1, Some(5)), (2, None), (3, None), (4, None)]);
        let mut failed = Vec::new();
        refuse(&mut journey, 3, "the quota of this hour is used up", &mut |progress| {
            if let Progress::Failed(tag, refused) = progress {
                failed.push((*tag, refused.to_string()));
            }
        });
        let tags: Vec<u64> = failed.iter().map(|(tag, _)| *tag).collect();
        assert_eq!(tags, vec![3, 4]);
        assert!(failed.iter().all(|(_, reason)| reason.ends_with("is used up")));
        assert_eq!(journey.flights.keys().copied().collect::<Vec<_>>(), vec![1, 2]);
        assert_eq!((journey.next_nonce, journey.failures.len()), (3, 2));
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

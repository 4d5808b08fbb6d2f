//! The council: what only it may call, proposed, voted for and closed as one step for each member; and
//! the motions of others, one by one.

use super::{
    call::{council, Call},
    Chain, ChainFault, Event, Key, Receipt, Refused, Wait,
};
use assay_primitives::{AccountId, BlockNumber, H256};
use codec::Decode;
use sp_core::crypto::Ss58Codec;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// What the council keeps of an open motion (`pallet_collective::Votes`).
#[derive(Clone, Debug, Decode)]
struct Votes {
    index: u32,
    threshold: u32,
    ayes: Vec<AccountId>,
    nays: Vec<AccountId>,
    end: BlockNumber,
}

/// A motion that the council votes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMotion {
    /// The hash of the call, by which the motion is known.
    pub hash: H256,
    /// Its number, counted from the first motion of the chain.
    pub index: u32,
    /// How many ayes carry it.
    pub threshold: u32,
    /// In the order of their votes.
    pub ayes: Vec<AccountId>,
    pub nays: Vec<AccountId>,
    /// The block from which on it can be closed without enough votes.
    pub end: BlockNumber,
    /// The encoded call that is executed when the motion is carried.
    pub call: Vec<u8>,
}

/// Where the votes leave a motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has enough ayes.
    Carried,
    /// Those who didn't say nay are too few to carry it.
    Lost,
    /// The time to vote is over.
    Ended,
    /// It waits for votes.
    Undecided,
}

impl OpenMotion {
    /// Where the votes leave it, in a council of so many seats at a block.
    pub fn standing(&self, seats: usize, best: BlockNumber) -> Standing {
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        if self.ayes.len() >= threshold {
            return Standing::Carried;
        }
        if seats.saturating_sub(self.nays.len()) < threshold {
            return Standing::Lost;
        }
        match best >= self.end {
            true => Standing::Ended,
            false => Standing::Undecided,
        }
    }
}

/// What became of a motion after a vote, or when it was to be closed.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Its call was executed.
    Carried(Receipt),
    Rejected(Receipt),
    /// It waits for votes, or for the end of its time.
    Open(OpenMotion),
}

/// What became of a motion after this member's part in it.
#[derive(Clone, Debug)]
pub enum Motion {
    /// It had enough ayes, and its call was executed.
    Executed(Receipt),
    /// It waits for others.
    Open {
        motion: H256,
        ayes: u32,
        threshold: u32,
        /// The members of the council who did not say aye yet.
        missing: Vec<AccountId>,
    },
}

impl Motion {
    /// One sentence for people; `done` says what an executed motion did.
    pub fn sentence(&self, done: &str) -> String {
        match self {
            Motion::Executed(receipt) => format!("{done} (block {})", receipt.block_number),
            Motion::Open { motion, ayes, threshold, missing } => {
                let missing: Vec<String> = missing.iter().map(AccountId::to_ss58check).collect();
                format!(
                    "the motion {motion:?} has {ayes} of {threshold} ayes; the same command by {} \
                     of these members carries it: {}",
                    threshold.saturating_sub(*ayes),
                    missing.join(", ")
                )
            }
        }
    }
}

/// At least two thirds of the council.
fn two_thirds(members: u32) -> u32 {
    members.saturating_mul(2).div_ceil(3).max(1)
}

/// The members of the council.
///
/// # Errors
/// As [`Chain::storage`].
pub async fn members(chain: &Chain, at: Option<H256>) -> Result<Vec<AccountId>, ChainFault> {
    Ok(chain.storage("Council", "Members", &[], at).await?.unwrap_or_default())
}

/// All motions that the council votes on, oldest first.
///
/// # Errors
/// As [`Chain::storage`].
pub async fn motions(chain: &Chain, at: Option<H256>) -> Result<Vec<OpenMotion>, ChainFault> {
    let hashes: Vec<H256> =
        chain.storage("Council", "Proposals", &[], at).await?.unwrap_or_default();
    let mut motions = Vec::with_capacity(hashes.len());
    for hash in hashes {
        motions.extend(motion(chain, hash, at).await?);
    }
    motions.sort_by_key(|motion| motion.index);
    Ok(motions)
}

/// The motion of that hash, while it is open.
///
/// # Errors
/// As [`Chain::storage`].
pub async fn motion(
    chain: &Chain,
    hash: H256,
    at: Option<H256>,
) -> Result<Option<OpenMotion>, ChainFault> {
    let votes = votes(chain, hash, at).await?;
    let call = chain.storage_bytes("Council", "ProposalOf", hash.as_bytes(), at).await?;
    let open = votes.zip(call).map(|(votes, call)| {
        let Votes { index, threshold, ayes, nays, end } = votes;
        OpenMotion { hash, index, threshold, ayes, nays, end, call }
    });
    Ok(open)
}

/// Votes on a motion, and closes it when the votes settle it.
///
/// # Errors
/// As [`Chain::submit`]; also when the motion is executed and its call fails.
pub async fn vote(
    chain: &Chain,
    key: &Key,
    motion: &OpenMotion,
    aye: bool,
    wait: Wait,
) -> Result<Outcome, Refused> {
    must_be_member(&members(chain, None).await?, key, "vote on its motions")?;
    let said = if aye { &motion.ayes } else { &motion.nays };
    if !said.contains(&key.account()) {
        chain.submit(key, council::vote(motion.hash, motion.index, aye), wait).await?;
    }
    close(chain, key, motion.hash, wait).await
}

/// Closes a motion when its votes settle it or its time to vote is over; else gives it as it stands.
///
/// # Errors
/// As [`Chain::submit`]; also when the motion is executed and its call fails.
pub async fn close(chain: &Chain, key: &Key, hash: H256, wait: Wait) -> Result<Outcome, Refused> {
    let best = chain.best().await?;
    let open = motion(chain, hash, Some(best.hash)).await?.ok_or_else(closed_meanwhile)?;
    let seats = members(chain, Some(best.hash)).await?.len();
    if open.standing(seats, best.number) == Standing::Undecided {
        return Ok(Outcome::Open(open));
    }
    let length = u32::try_from(open.call.len()).unwrap_or(u32::MAX);
    let receipt = chain.submit(key, council::close(hash, open.index, length), wait).await?;
    if receipt.event("Council", "Disapproved").is_some() {
        return Ok(Outcome::Rejected(receipt));
    }
    executed(receipt).map(Outcome::Carried)
}

/// Has the council make a call: executes it at once where the council is of one member; else moves
/// it, or says aye to the same motion of another member; and closes it once it has enough ayes.
///
/// # Errors
/// As [`Chain::submit`]; also when the motion is executed and its call fails.
pub async fn decide(chain: &Chain, key: &Key, call: &Call, wait: Wait) -> Result<Motion, Refused> {
    let proposal = chain.runtime(None).await?.encode_call(call)?;
    decide_encoded(chain, key, &proposal, wait).await
}

/// Like [`decide`], with a call that is encoded already.
///
/// # Errors
/// As [`decide`].
pub async fn decide_encoded(
    chain: &Chain,
    key: &Key,
    proposal: &[u8],
    wait: Wait,
) -> Result<Motion, Refused> {
    let motion = BlakeTwo256::hash(proposal);
    let members = members(chain, None).await?;
    must_be_member(&members, key, "decide that")?;
    let threshold = two_thirds(u32::try_from(members.len()).unwrap_or(u32::MAX));
    if threshold == 1 {
        let receipt = chain.submit(key, council::propose(1, proposal), wait).await?;
        return Ok(Motion::Executed(executed(receipt)?));
    }
    if votes(chain, motion, None).await?.is_none() {
        chain.submit(key, council::propose(threshold, proposal), wait).await?;
    }
    let open = open_votes(chain, motion).await?;
    if !open.ayes.contains(&key.account()) {
        chain.submit(key, council::vote(motion, open.index, true), wait).await?;
    }
    let open = open_votes(chain, motion).await?;
    let ayes = u32::try_from(open.ayes.len()).unwrap_or(u32::MAX);
    if ayes < open.threshold {
        let missing = members.into_iter().filter(|member| !open.ayes.contains(member)).collect();
        return Ok(Motion::Open { motion, ayes, threshold: open.threshold, missing });
    }
    let length = u32::try_from(proposal.len()).unwrap_or(u32::MAX);
    let close = council::close(motion, open.index, length);
    Ok(Motion::Executed(executed(chain.submit(key, close, wait).await?)?))
}

fn must_be_member(members: &[AccountId], key: &Key, what: &str) -> Result<(), Refused> {
    match members.contains(&key.account()) {
        true => Ok(()),
        false => Err(Refused::Pool(format!(
            "{} is no member of the council, which alone may {what}; `assay council members` shows \
             who is",
            key.label()
        ))),
    }
}

async fn votes(chain: &Chain, motion: H256, at: Option<H256>) -> Result<Option<Votes>, ChainFault> {
    chain.storage("Council", "Voting", motion.as_bytes(), at).await
}

async fn open_votes(chain: &Chain, motion: H256) -> Result<Votes, Refused> {
    votes(chain, motion, None).await?.ok_or_else(closed_meanwhile)
}

fn closed_meanwhile() -> Refused {
    Refused::Pool("the motion was closed by another member in the meantime".into())
}

/// The call's own result is told by an event: the motion succeeds even if its call does not.
fn executed(receipt: Receipt) -> Result<Receipt, Refused> {
    let refusal = receipt
        .events
        .iter()
        .filter(|event| event.is("Council", "Executed") || event.is("Council", "MemberExecuted"))
        .find_map(Event::refusal);
    match refusal {
        Some(refused) => Err(refused),
        None => Ok(receipt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_need_two_thirds_rounded_up_when_the_council_votes() {
        let needed: Vec<u32> = (1..=7).map(two_thirds).collect();
        assert_eq!(needed, vec![1, 2, 2, 3, 4, 4, 5]);
    }

    fn motion(ayes: usize, nays: usize) -> OpenMotion {
        let voters = |count: usize| vec![AccountId::new([1; 32]); count];
        OpenMotion {
            hash: H256::zero(),
            index: 0,
            threshold: 3,
            ayes: voters(ayes),
            nays: voters(nays),
            end: 100,
            call: Vec::new(),
        }
    }

    #[test]
    fn should_settle_a_motion_only_when_no_vote_can_change_it() {
        assert_eq!(motion(3, 0).standing(4, 5), Standing::Carried);
        assert_eq!(motion(0, 2).standing(4, 5), Standing::Lost);
        assert_eq!(motion(2, 1).standing(4, 99), Standing::Undecided);
        assert_eq!(motion(2, 1).standing(4, 100), Standing::Ended);
    }

    #[test]
    fn should_name_the_missing_members_when_a_motion_is_open() {
        let bob = Key::development("//Bob").unwrap();
        let motion = Motion::Open {
            motion: H256::repeat_byte(5),
            ayes: 1,
            threshold: 2,
            missing: vec![bob.account()],
        };
        let sentence = motion.sentence("approved");
        assert!(sentence.contains("1 of 2 ayes"), "{sentence}");
        assert!(sentence.contains(&bob.address()), "{sentence}");
    }
}

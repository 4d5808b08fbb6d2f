//! Calls that only the council may make: proposed, voted for and closed as one step for each member.

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
    _nays: Vec<AccountId>,
    _end: BlockNumber,
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

/// Has the council make a call: executes it at once where the council is of one member; else moves
/// it, or says aye to the same motion of another member; and closes it once it has enough ayes.
///
/// # Errors
/// As [`Chain::submit`]; also when the motion is executed and its call fails.
pub async fn decide(chain: &Chain, key: &Key, call: &Call, wait: Wait) -> Result<Motion, Refused> {
    let runtime = chain.runtime(None).await?;
    let proposal = runtime.encode_call(call)?;
    let motion = BlakeTwo256::hash(&proposal);
    let members: Vec<AccountId> =
        chain.storage("Council", "Members", &[], None).await?.unwrap_or_default();
    if !members.contains(&key.account()) {
        return Err(Refused::Pool(format!(
            "{} is no member of the council, which alone may call {call}",
            key.label()
        )));
    }
    let threshold = two_thirds(u32::try_from(members.len()).unwrap_or(u32::MAX));
    if threshold == 1 {
        let receipt = chain.submit(key, council::propose(1, &proposal), wait).await?;
        return executed(receipt);
    }
    if votes(chain, motion).await?.is_none() {
        chain.submit(key, council::propose(threshold, &proposal), wait).await?;
    }
    let open = open_votes(chain, motion).await?;
    if !open.ayes.contains(&key.account()) {
        chain.submit(key, council::vote_aye(motion, open.index), wait).await?;
    }
    let open = open_votes(chain, motion).await?;
    let ayes = u32::try_from(open.ayes.len()).unwrap_or(u32::MAX);
    if ayes < open.threshold {
        let missing = members.into_iter().filter(|member| !open.ayes.contains(member)).collect();
        return Ok(Motion::Open { motion, ayes, threshold: open.threshold, missing });
    }
    let length = u32::try_from(proposal.len()).unwrap_or(u32::MAX);
    let close = council::close(motion, open.index, length);
    executed(chain.submit(key, close, wait).await?)
}

async fn votes(chain: &Chain, motion: H256) -> Result<Option<Votes>, ChainFault> {
    chain.storage("Council", "Voting", motion.as_bytes(), None).await
}

async fn open_votes(chain: &Chain, motion: H256) -> Result<Votes, Refused> {
    votes(chain, motion).await?.ok_or_else(|| {
        Refused::Pool("the motion was closed by another member in the meantime".into())
    })
}

/// The call's own result is told by an event: the motion succeeds even if its call does not.
fn executed(receipt: Receipt) -> Result<Motion, Refused> {
    let refusal = receipt
        .events
        .iter()
        .filter(|event| event.is("Council", "Executed") || event.is("Council", "MemberExecuted"))
        .find_map(Event::refusal);
    match refusal {
        Some(refused) => Err(refused),
        None => Ok(Motion::Executed(receipt)),
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

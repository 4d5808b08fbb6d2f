//! Bounds, and what the pallet needs of the sessions.

use alloc::vec::Vec;
use assay_primitives::{AccountId, BlockNumber};
use sp_staking::SessionIndex;

/// Most validators: each signs every finality vote, which every other receives.
pub const MAX_VALIDATORS: u32 = 100;
/// Fewest blocks of a session: a change of authorities is final before the next comes.
pub const MIN_SESSION_BLOCKS: BlockNumber = 5;
/// Most blocks of a session: a day, so that a validator is never waited for longer than two.
pub const MAX_SESSION_BLOCKS: BlockNumber = 28_800;
/// Blocks of a session where the chain does not begin with another number: an hour.
pub const DEFAULT_SESSION_BLOCKS: BlockNumber = 1_200;
/// Sessions after which an equivocation cannot be proved any more: a week of hours.
pub const KEPT_SESSIONS: SessionIndex = 168;
/// Most equivocations of one validator that are told in [`KEPT_SESSIONS`]: the council must hear of
/// them, but not for every round of votes.
pub const MAX_KNOWN_OFFENCES: u32 = 16;

/// The sessions whose validators this pallet decides.
pub trait Sessions {
    /// Number of the session.
    fn index() -> SessionIndex;
    /// Accounts of the validators of this session.
    fn active() -> Vec<AccountId>;
    /// The keys that `who` registered, encoded.
    fn keys(who: &AccountId) -> Option<Vec<u8>>;
    /// Ends this session and begins the next.
    fn rotate();
    /// Forgets who the validators of the sessions before that one were.
    fn forget_before(session: SessionIndex);
}

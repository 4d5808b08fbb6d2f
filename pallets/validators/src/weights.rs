//! Weights from the measured costs of [`assay_primitives::costs`].

use assay_primitives::costs;
use frame_support::weights::Weight;

const READS_OF_BLOCK: u64 = 4;
const READS_OF_KEYS: u64 = 4;
const WRITES_OF_SESSION: u64 = 20;

/// Reads the member, its keys, the validators; writes these.
pub fn add() -> Weight {
    costs::call(3, 1, 0)
}

/// Reads the validators and their minimum; writes them.
pub fn remove() -> Weight {
    costs::call(2, 1, 0)
}

/// Writes the length.
pub fn set_session_blocks() -> Weight {
    costs::call(0, 1, 0)
}

/// Of each block: reads the session's start and length and its first slot, and counts the block.
pub fn block() -> Weight {
    costs::nanos(
        READS_OF_BLOCK.saturating_mul(costs::READ_NANOS).saturating_add(costs::WRITE_NANOS),
    )
}

/// Of the block that ends a session: the sessions, their history, Aura and GRANDPA write some values
/// each, and each validator's keys are read by all of them.
pub fn session(validators: u64) -> Weight {
    let reads = READS_OF_KEYS.saturating_mul(validators).saturating_add(WRITES_OF_SESSION);
    costs::call(reads, WRITES_OF_SESSION, validators).saturating_add(block())
}

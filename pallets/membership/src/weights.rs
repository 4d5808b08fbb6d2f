//! Weights from the measured costs of [`assay_primitives::costs`].
//!
//! A change of the council reads all organisations, so every call is charged for the most that
//! there may be: councils decide rarely.

use crate::MAX_ORGANISATIONS;
use assay_primitives::costs;
use frame_support::weights::Weight;

/// Values written beside the organisation: the council and the votes of its open motions.
const COUNCIL_WRITES: u64 = 66;

fn all_organisations(passes: u64, writes: u64) -> Weight {
    let reads = u64::from(MAX_ORGANISATIONS).saturating_mul(passes);
    costs::call(reads.saturating_add(COUNCIL_WRITES), writes.saturating_add(COUNCIL_WRITES), 0)
}

/// Looks for the name among all, then for the council; writes the organisation, its counter, the
/// next number, the account.
pub fn enroll() -> Weight {
    all_organisations(2, 4)
}

/// Looks for the council among all; writes the organisation.
pub fn change() -> Weight {
    all_organisations(1, 1)
}

/// One organisation read, in the pool and in the block.
pub fn check() -> Weight {
    costs::nanos(costs::READ_NANOS)
}

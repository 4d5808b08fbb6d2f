//! Weights from the measured costs of [`assay_primitives::costs`].

use assay_primitives::costs;
use frame_support::weights::Weight;

/// Values that hold a pack, its assessment and its screening, read for the figures.
const FIGURE_READS: u64 = 4;

/// Reads the member, the acceptance and the figures; writes the pack and the acceptance.
pub fn accept() -> Weight {
    costs::call(FIGURE_READS.saturating_add(3), 2, 0)
}

/// So many tranches: reads the member, the acceptance, the number, and the figures twice; writes
/// the pack, the security, its number and its pack.
pub fn issue(tranches: usize) -> Weight {
    let reads = FIGURE_READS.saturating_mul(2).saturating_add(4);
    costs::call(reads, 4, u64::try_from(tranches).unwrap_or(u64::MAX))
}

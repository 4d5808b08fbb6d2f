//! Weights from the measured costs of [`assay_primitives::costs`].
//!
//! A change of the council reads all organisations, so every call is charged for the most that
//! there may be: councils decide rarely.

use crate::{MAX_AUTHORITIES, MAX_AUTHORITIES_OF_ONE_NAME, MAX_ORGANISATIONS};
use assay_primitives::costs;
use frame_support::weights::Weight;

/// Values written beside the organisation: the council and the votes of its open motions.
const COUNCIL_WRITES: u64 = 66;
/// Reading a certificate of some hundred bytes, without its signature: 8 us natively, and some
/// times as much in Wasm.
const PARSE_NANOS: u64 = 80_000;
/// Checking a P-256 signature, the dearer of the two kinds: 320 us natively, and some times as much
/// in Wasm, where an Ed25519 signature is the host's work.
const VERIFY_NANOS: u64 = 3_000_000;

fn all_organisations(passes: u64, writes: u64) -> Weight {
    let reads = u64::from(MAX_ORGANISATIONS).saturating_mul(passes);
    costs::call(reads.saturating_add(COUNCIL_WRITES), writes.saturating_add(COUNCIL_WRITES), 0)
}

/// Reading all authorities to find the one that signed, or one like it.
fn all_authorities() -> Weight {
    let parse = costs::READ_NANOS.saturating_add(PARSE_NANOS);
    let verify = VERIFY_NANOS.saturating_mul(MAX_AUTHORITIES_OF_ONE_NAME.into());
    costs::nanos(parse.saturating_mul(MAX_AUTHORITIES.into()).saturating_add(verify))
}

/// Looks for the authority, for the name and the serial number among all, then for the council;
/// writes the organisation, its counter, the next number, the account.
pub fn enroll() -> Weight {
    all_organisations(2, 4).saturating_add(all_authorities())
}

/// Looks for the council among all; writes the organisation.
pub fn change() -> Weight {
    all_organisations(1, 1)
}

/// Reads and writes the authority's list, looks for the member among all, then for the council.
pub fn revoke() -> Weight {
    all_organisations(2, 2)
}

/// Reads all authorities; writes one, its counter, the next number.
pub fn add_authority() -> Weight {
    costs::call(1, 3, 0).saturating_add(all_authorities())
}

/// Every organisation may be a member of the authority; removes it, its counter, its list.
pub fn remove_authority() -> Weight {
    all_organisations(2, u64::from(MAX_ORGANISATIONS).saturating_add(3))
}

/// Writes the quota of everybody or of one organisation.
pub fn set_quota() -> Weight {
    costs::call(1, 1, 0)
}

/// Reads the nodes of all organisations; writes those of one.
pub fn set_nodes() -> Weight {
    costs::call(u64::from(MAX_ORGANISATIONS).saturating_add(1), 1, MAX_ORGANISATIONS.into())
}

/// Reads the organisation, the time, the quota and its use, and two values of the emergency stop.
pub fn check() -> Weight {
    costs::nanos(costs::READ_NANOS.saturating_mul(6))
}

/// Writes the use of the quota after a call.
pub fn charge() -> Weight {
    costs::nanos(costs::READ_NANOS.saturating_add(costs::WRITE_NANOS))
}

/// Looks at the time, to see whether an hour has passed.
pub fn idle() -> Weight {
    costs::nanos(costs::READ_NANOS.saturating_mul(2))
}

/// Looks at so many organisations, each of which may have to be warned, and at all authorities.
pub fn warn(organisations: u32) -> Weight {
    let authorities = costs::READ_NANOS.saturating_mul(MAX_AUTHORITIES.into());
    migrate(organisations).saturating_add(costs::nanos(authorities))
}

/// Reads and writes so many organisations.
pub fn migrate(organisations: u32) -> Weight {
    let each = costs::READ_NANOS.saturating_add(costs::WRITE_NANOS);
    costs::nanos(each.saturating_mul(organisations.into()).saturating_add(costs::WRITE_NANOS))
}

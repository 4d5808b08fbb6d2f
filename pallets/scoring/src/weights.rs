//! Weights from the measured costs of [`assay_primitives::costs`].
//!
//! Scoring is charged for the worst case before it runs, for what it read and computed once it has
//! run.

use assay_primitives::costs;
use frame_support::weights::Weight;

/// Bytes of an artifact that are decoded, hashed and checked at the price of one record.
const BYTES_PER_RECORD: u64 = 64;
/// Largest artifact, in such records.
const MAX_ARTIFACT_RECORDS: u64 = 512;
/// Values that a subject can cost: bucket and directory page, its own and of each of up to 8
/// relations, and once more to tell whether it is known.
const MAX_READS_PER_SUBJECT: u64 = 2 * (1 + 8 + 1);
/// Products of the largest network: eight layers of 128 units after 128.
const MAX_PRODUCTS: u32 = 8 * 128 * 128;
/// Values that any scoring touches: member, contract, artifact, policy, schema, number, sheet.
const READS_PER_SHEET: u64 = 7;
const WRITES_PER_SHEET: u64 = 2;

/// What a scoring did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Subjects with a score.
    pub scored: u32,
    /// Subjects without.
    pub unscored: u32,
    /// Values of the registry read.
    pub reads: u32,
    /// Products of one inference.
    pub products: u32,
}

fn count(records: usize) -> u64 {
    u64::try_from(records).unwrap_or(u64::MAX)
}

fn sheet(reads: u64, subjects: u64, products: u32) -> Weight {
    let scores = costs::nanos(costs::score_nanos(products.into())).saturating_mul(subjects);
    let reads = reads.saturating_add(READS_PER_SHEET);
    costs::call(reads, WRITES_PER_SHEET, MAX_ARTIFACT_RECORDS).saturating_add(scores)
}

/// An artifact of so many bytes with a calibration of so many entries.
pub fn propose(artifact_bytes: usize, calibration_entries: usize) -> Weight {
    let records = count(artifact_bytes).div_ceil(BYTES_PER_RECORD);
    costs::call(5, 3, records.saturating_add(count(calibration_entries)))
}

/// Reads the contract, the active one and its entry; writes them.
pub fn approve() -> Weight {
    costs::call(3, 3, 0)
}

/// Reads the contract; writes it and the entry of the active one.
pub fn revoke() -> Weight {
    costs::call(1, 2, 0)
}

/// So many subjects, at the worst.
pub fn score(subjects: usize) -> Weight {
    let subjects = count(subjects);
    sheet(subjects.saturating_mul(MAX_READS_PER_SUBJECT), subjects, MAX_PRODUCTS)
}

/// What a scoring has cost.
pub fn done(work: Work) -> Weight {
    let subjects = u64::from(work.scored).saturating_add(work.unscored.into());
    // Whether an unscored subject is known takes its directory page and its bucket.
    let reads = u64::from(work.unscored).saturating_mul(2).saturating_add(work.reads.into());
    sheet(reads, subjects, work.products)
}

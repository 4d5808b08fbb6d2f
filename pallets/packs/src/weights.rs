//! Weights from the measured costs of [`assay_primitives::costs`].

use assay_primitives::costs;
use assay_risk::screening::MAX_CUTS;
use frame_support::weights::Weight;

/// Passing over one loan of a page with its score, to survey or to mark it: 0.5 us.
const PASS_NANOS: u64 = 500;
/// What a job reads when it is taken up: pack, assessment, contract and its artifact, policy,
/// schema, screening.
const JOB_READS: u64 = 8;
/// What a job writes when it is laid down.
const JOB_WRITES: u64 = 3;
/// The largest artifact of a contract, 32 kB, at 64 bytes a record.
const CONTRACT_RECORDS: u64 = 512;

fn count(loans: usize) -> u64 {
    u64::try_from(loans).unwrap_or(u64::MAX)
}

/// A new pack.
pub fn open() -> Weight {
    costs::call(2, 2, 1)
}

/// A page of so many loans.
pub fn add_page(loans: usize) -> Weight {
    costs::call(3, 2, count(loans))
}

/// The end of a tape.
pub fn seal() -> Weight {
    costs::call(2, 1, 1)
}

/// The beginning of an assessment: the contract is decoded and checked.
pub fn assess() -> Weight {
    costs::call(JOB_READS, JOB_WRITES, CONTRACT_RECORDS)
}

/// The beginning of a screening: every cut that may be tried is planned.
pub fn screen() -> Weight {
    costs::call(JOB_READS, JOB_WRITES, MAX_CUTS)
}

/// Looking whether there are jobs.
pub fn idle() -> Weight {
    costs::nanos(costs::READ_NANOS)
}

/// Taking up and laying down one job in a block: its contract is decoded and checked anew.
pub fn take_up() -> Weight {
    costs::nanos(
        costs::READ_NANOS
            .saturating_mul(JOB_READS)
            .saturating_add(costs::WRITE_NANOS.saturating_mul(JOB_WRITES))
            .saturating_add(costs::RECORD_NANOS.saturating_mul(CONTRACT_RECORDS)),
    )
}

/// The end of a survey: every cut that may be tried is tried.
pub fn settle() -> Weight {
    costs::nanos(costs::RECORD_NANOS.saturating_mul(MAX_CUTS))
}

/// Scoring a page of so many loans with a network of so many products, having read so many values of
/// the registry.
pub fn assess_page(loans: usize, reads: u32, products: u32) -> Weight {
    costs::nanos(
        costs::READ_NANOS
            .saturating_mul(u64::from(reads).saturating_add(1))
            .saturating_add(costs::WRITE_NANOS)
            .saturating_add(costs::score_nanos(products.into()).saturating_mul(count(loans))),
    )
}

/// Keeping which loans of a page have no score.
pub fn keep_unscored() -> Weight {
    costs::nanos(costs::WRITE_NANOS)
}

/// Passing over a page of so many loans.
pub fn screen_page(loans: usize) -> Weight {
    costs::nanos(
        costs::READ_NANOS
            .saturating_mul(2)
            .saturating_add(costs::WRITE_NANOS)
            .saturating_add(PASS_NANOS.saturating_mul(count(loans))),
    )
}

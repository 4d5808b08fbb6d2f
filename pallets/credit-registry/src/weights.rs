//! Weights from the measured costs of [`assay_primitives::costs`].
//!
//! A batch is charged for the worst case before it runs, a bucket and a directory page of its own
//! for each record, and for what it touched once it has run: sorted uploads share buckets, so that
//! a block takes a whole sequence of batches.

use assay_primitives::{costs, inquiry::Scope};
use frame_support::weights::Weight;

/// Values that a record can touch at the most: its directory page, its bucket, and the new bucket when
/// that one is split.
const VALUES_PER_RECORD: u64 = 3;
/// Values that any batch touches: the schema, the size, the member.
const VALUES_PER_BATCH: u64 = 3;

/// What a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Reports or relations.
    pub records: u32,
    /// Buckets and directory pages read, of which each may have been written.
    pub values: u32,
}

fn batch(values: u64, records: u64) -> Weight {
    let values = values.saturating_add(VALUES_PER_BATCH);
    costs::call(values, values, records)
}

fn count(records: usize) -> u64 {
    u64::try_from(records).unwrap_or(u64::MAX)
}

/// One schema.
pub fn add_schema() -> Weight {
    costs::call(2, 2, 64)
}

/// One policy.
pub fn add_policy() -> Weight {
    costs::call(3, 2, 16)
}

/// So many reports, at the worst.
pub fn submit(reports: usize) -> Weight {
    let reports = count(reports);
    batch(reports.saturating_mul(VALUES_PER_RECORD), reports)
}

/// So many relations, at the worst: each has two ends.
pub fn relate(relations: usize) -> Weight {
    submit(relations.saturating_mul(2))
}

/// An inquiry for so many subjects at the worst, or for a pack.
pub fn inquire(scope: &Scope) -> Weight {
    let subjects = match scope {
        Scope::Subjects(subjects) => subjects.len(),
        Scope::Pack(_) => 1,
    };
    submit(subjects).saturating_add(log())
}

/// What an inquiry has cost.
pub fn inquired(work: Work) -> Weight {
    done(work).saturating_add(log())
}

/// The entry of the log, its number, and the pack.
fn log() -> Weight {
    let nanos = costs::READ_NANOS.saturating_add(costs::WRITE_NANOS).saturating_mul(3);
    costs::nanos(nanos)
}

/// What a batch has cost.
pub fn done(work: Work) -> Weight {
    batch(work.values.into(), work.records.into())
}

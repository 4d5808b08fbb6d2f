//! CSV files under a MAP: read whole, checked row by row, kept as compact columns.
//!
//! A feature's value is refused when `i32` can't hold it after scaling, or when it is no number. One
//! outside of the MAP's `lower..=upper` is kept as it is, since the contract clamps it (rules,
//! section 3); how many there are is noted.

pub mod date;
pub mod decimal;
pub mod fault;
pub mod map;
pub mod relations;
pub mod text;

mod builder;
mod fields;
mod marks;
mod plan;
mod record;
mod row;
pub(crate) mod rows;
#[cfg(test)]
mod tests;

pub use fault::{Fault, TableFailure};
pub use fields::{read_source, source_word};
pub use map::Map;

use crate::subject::{ConsortiumKey, SubjectBytes};
use blake2::{digest::consts::U32, Blake2b, Digest};
use builder::Builder;
use map::Source;
use plan::Plan;
use rows::Rows;
use std::path::Path;
use text::FileText;

/// What a file is read for; it decides which tables of the MAP are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `credit upload`: one report a subject; rows without any feature are no reports.
    Reports,
    /// `model train`: features and labels; rows without a label are left out.
    Training,
    /// `model score`: features; subjects and labels where the file has them.
    Scoring,
    /// `pack submit`: loans.
    Tape,
}

/// How a file is read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The key under which identifiers are hashed.
    pub key: ConsortiumKey,
    /// Tell of each bad row and go on without it, instead of refusing the file.
    pub skip_bad_rows: bool,
}

/// Columns of a report beside its values; one entry a row.
#[derive(Clone, Debug, Default)]
pub struct ReportColumns {
    pub observed_at_secs: Vec<u64>,
    pub sources: Vec<Source>,
    /// BLAKE2b-256 of the full document, or of the row's fields joined by a zero byte.
    pub document_hashes: Vec<[u8; 32]>,
}

/// Columns of a loan; one entry a row.
#[derive(Clone, Debug, Default)]
pub struct LoanColumns {
    /// Outstanding principal in minor units, above 0.
    pub principals_minor: Vec<u128>,
    /// Interest a year.
    pub rates_ppb: Vec<u32>,
    /// Days since 1970.
    pub originated_days: Vec<u32>,
    /// Days since 1970; not before the origination.
    pub matures_days: Vec<u32>,
    /// Marked as defaulted by the tape itself.
    pub defaulted: Vec<bool>,
    /// ISO 4217 code, the same for the whole tape.
    pub currency: [u8; 3],
    /// BLAKE2b-256 of the file: the tape's hash on chain.
    pub file_digest: [u8; 32],
}

/// A file's rows in the file's order, column by column. Columns that the purpose does not need are
/// empty.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Values a row: the MAP's number of features, or 0.
    pub features: usize,
    /// Line of the file on which the row begins, 1-based.
    pub lines: Vec<u32>,
    /// Empty when the purpose needs none and the file has none.
    pub subjects: Vec<SubjectBytes>,
    /// Row by row, in the schema's order and units; 0 where missing.
    pub values: Vec<i32>,
    /// Bit `k` tells that value `k` is there.
    pub present: Vec<u64>,
    /// Whether the row is a default; none where the label is missing.
    pub labels: Vec<Option<bool>>,
    /// [`Purpose::Reports`] only.
    pub reports: Option<ReportColumns>,
    /// [`Purpose::Tape`] only.
    pub loans: Option<LoanColumns>,
    /// Bad rows that were left out (`skip_bad_rows`).
    pub skipped: Vec<Fault>,
    /// Rows left out of [`Purpose::Reports`] because no feature is there.
    pub without_report: u64,
    /// Rows left out of [`Purpose::Training`] because the label is missing.
    pub without_label: u64,
    /// What people should know: the encoding, values that contracts will clamp.
    pub notes: Vec<String>,
}

impl Table {
    /// Reads a whole file and checks every row of it.
    ///
    /// # Errors
    ///
    /// [`TableFailure`] when the MAP lacks a table that the purpose needs, the file lacks a column,
    /// has no rows, or (without `skip_bad_rows`) any row is bad: ragged, of a wrong type, out of
    /// `i32`'s range, or of a subject (for loans: a loan number) that an earlier row has.
    pub fn read(
        path: &Path,
        map: &Map,
        purpose: Purpose,
        options: &ReadOptions,
    ) -> Result<Self, TableFailure> {
        let (file, digest) = match purpose {
            Purpose::Tape => FileText::read_and_hash(path, map.csv.encoding)?,
            _ => (FileText::read(path, map.csv.encoding)?, [0; 32]),
        };
        let mut rows = Rows::new(&file, &map.csv)?;
        let plan = Plan::bind(&rows.header, map, purpose)?;
        let mut builder = Builder::new(&plan, purpose, options);
        builder.read(&mut rows)?;
        let mut table = builder.finish(&rows)?;
        table.notes.splice(..0, file.note);
        if let Some(loans) = &mut table.loans {
            loans.file_digest = digest;
        }
        Ok(table)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no rows; [`Self::read`] never returns such a table.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What people should be told on stderr: each bad row left out, how many rows were left out and
    /// why, and the notes.
    pub fn messages(&self) -> impl Iterator<Item = String> + '_ {
        let count = |count: u64, what: &str| (count > 0).then(|| format!("{count} {what}"));
        let counts = [
            count(self.skipped.len() as u64, "bad rows are left out"),
            count(self.without_report, "rows have no value at all: no reports"),
            count(self.without_label, "rows without a label are left out"),
        ];
        let skipped = self.skipped.iter().map(Fault::to_string);
        skipped.chain(self.notes.iter().cloned()).chain(counts.into_iter().flatten())
    }

    /// The values of a row, in the schema's order; 0 where missing.
    pub fn row_values(&self, row: usize) -> &[i32] {
        &self.values[row * self.features..][..self.features]
    }
}

/// BLAKE2b-256, the chain's own hash.
pub fn blake2b_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

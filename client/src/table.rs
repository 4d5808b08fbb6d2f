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

mod fields;
mod plan;
mod row;
pub(crate) mod rows;
#[cfg(test)]
mod tests;

pub use fault::{Fault, TableFailure};
pub use fields::{read_source, source_word};
pub use map::Map;

use crate::subject::{ConsortiumKey, SubjectBytes};
use blake2::{digest::consts::U32, Blake2b, Digest};
use fault::MAX_FAULTS_TOLD;
use map::Source;
use plan::Plan;
use row::Row;
use rows::Rows;
use std::{collections::HashMap, path::Path};
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
    /// BLAKE2b-256 of the file: a tape's hash on chain.
    pub digest: [u8; 32],
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
        let file = FileText::read(path, map.csv.encoding)?;
        let mut rows = Rows::new(&file, &map.csv)?;
        let plan = Plan::bind(&rows.header, map, purpose)?;
        let mut builder = Builder::new(&file, &plan, purpose, options);
        let mut row = Row::default();
        while let Some(line) = rows.advance()? {
            let parsed = rows
                .check_width(line)
                .and_then(|()| plan.parse(&rows, line, &options.key, &mut row))
                .and_then(|()| builder.check_new(&rows, line, &row));
            match parsed {
                Ok(()) => builder.push(line, &row),
                Err(fault) => builder.fault(*fault),
            }
        }
        builder.finish(&rows)
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

/// A table under way.
struct Builder<'a> {
    table: Table,
    file: &'a FileText,
    plan: &'a Plan<'a>,
    purpose: Purpose,
    skip_bad_rows: bool,
    faults: Vec<Fault>,
    more_faults: u64,
    /// What must not come twice, by the line it first came on.
    seen: HashMap<[u8; 16], u64>,
    /// Values outside of `lower..=upper`, by feature.
    outside: Vec<u64>,
}

impl<'a> Builder<'a> {
    fn new(
        file: &'a FileText,
        plan: &'a Plan<'a>,
        purpose: Purpose,
        options: &ReadOptions,
    ) -> Self {
        let table = Table {
            features: plan.features.len(),
            digest: file.digest,
            notes: file.note.iter().cloned().collect(),
            reports: (purpose == Purpose::Reports).then(ReportColumns::default),
            loans: (purpose == Purpose::Tape).then(LoanColumns::default),
            ..Table::default()
        };
        Self {
            table,
            file,
            plan,
            purpose,
            skip_bad_rows: options.skip_bad_rows,
            faults: Vec::new(),
            more_faults: 0,
            seen: HashMap::new(),
            outside: vec![0; plan.features.len()],
        }
    }

    /// Refuses what must be unique and is not: the subject of a report, the number of a loan; and a
    /// currency that is not the tape's.
    fn check_new(&mut self, rows: &Rows<'_>, line: u64, row: &Row) -> Result<(), Box<Fault>> {
        if let Some((loan, first)) = row.loan.as_ref().zip(self.table.loans.as_ref()) {
            if !self.table.lines.is_empty() && loan.currency != first.currency {
                return Err(self.plan.other_currency(rows, line, first.currency));
            }
        }
        let (unique, what) = match self.purpose {
            Purpose::Reports if row.present != 0 => (row.subject, "subject"),
            Purpose::Tape => (row.loan.as_ref().map(|loan| loan.identifier), "loan number"),
            _ => return Ok(()),
        };
        let Some(unique) = unique else { return Ok(()) };
        match self.seen.entry(unique) {
            std::collections::hash_map::Entry::Occupied(first) => {
                Err(self.plan.duplicate(rows, line, what, *first.get()))
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(line);
                Ok(())
            }
        }
    }

    fn push(&mut self, line: u64, row: &Row) {
        if self.purpose == Purpose::Reports && row.present == 0 {
            self.table.without_report += 1;
            return;
        }
        if self.purpose == Purpose::Training && row.label.is_none() {
            self.table.without_label += 1;
            return;
        }
        let table = &mut self.table;
        table.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        table.subjects.extend(row.subject);
        if table.features > 0 {
            table.values.extend_from_slice(&row.values);
            table.present.push(row.present);
            table.labels.push(row.label);
        }
        for (position, (_, feature)) in self.plan.features.iter().enumerate() {
            let plausible = (feature.lower..=feature.upper).contains(&row.values[position]);
            let outside = row.present >> position & 1 == 1 && !plausible;
            self.outside[position] += u64::from(outside);
        }
        if let Some((columns, report)) = table.reports.as_mut().zip(row.report.as_ref()) {
            columns.observed_at_secs.push(report.observed_at_secs);
            columns.sources.push(report.source);
            columns.document_hashes.push(report.document_hash);
        }
        if let Some((columns, loan)) = table.loans.as_mut().zip(row.loan.as_ref()) {
            columns.principals_minor.push(loan.principal_minor);
            columns.rates_ppb.push(loan.rate_ppb);
            columns.originated_days.push(loan.originated_days);
            columns.matures_days.push(loan.matures_days);
            columns.defaulted.push(loan.defaulted);
            columns.currency = loan.currency;
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.skip_bad_rows {
            self.table.skipped.push(fault);
        } else if self.faults.len() < MAX_FAULTS_TOLD {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }

    fn finish(mut self, rows: &Rows<'_>) -> Result<Table, TableFailure> {
        if !self.faults.is_empty() {
            return Err(TableFailure::Faults { faults: self.faults, more: self.more_faults });
        }
        if self.table.lines.is_empty() {
            return Err(rows.nothing_left(&self.table).into());
        }
        let outside = self.plan.features.iter().zip(&self.outside).filter(|(_, count)| **count > 0);
        let outside: Vec<_> =
            outside.map(|((_, feature), count)| format!("{} {count}", feature.name)).collect();
        if !outside.is_empty() {
            self.table.notes.push(format!(
                "{}: values outside of `lower` to `upper` are kept, and contracts clamp them: {}",
                self.file.path.display(),
                outside.join(", ")
            ));
        }
        Ok(self.table)
    }
}

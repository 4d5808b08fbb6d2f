//! One row of a file, checked.

use super::map::Source;
use crate::subject::SubjectBytes;

/// What a row holds; the parts that the purpose does not need are none.
#[derive(Default)]
pub struct Row {
    pub subject: Option<SubjectBytes>,
    /// In the schema's order; 0 where missing. Kept between rows for its memory.
    pub values: Vec<i32>,
    pub present: u64,
    pub label: Option<bool>,
    pub report: Option<ReportRow>,
    pub loan: Option<LoanRow>,
}

/// A report beside its values.
pub struct ReportRow {
    pub observed_at_secs: u64,
    pub source: Source,
    pub document_hash: [u8; 32],
}

/// A loan of a tape.
pub struct LoanRow {
    /// Hash of the loan's number: enough to find it twice.
    pub identifier: [u8; 16],
    pub principal_minor: u128,
    pub rate_ppb: u32,
    pub originated_days: u32,
    pub matures_days: u32,
    pub defaulted: bool,
    pub currency: [u8; 3],
}

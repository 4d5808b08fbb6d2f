//! Bytes of the state.

use super::{Laboratory, JOB_RUNS, KEPT_SCORES};
use anyhow::Result;

impl Laboratory<'_> {
    /// Prints the bytes of a report, once all are stored.
    pub(super) fn print_registry(&self) -> Result<()> {
        let entries = ["Buckets", "Directory", "Size"];
        let bytes = self.chain.state_bytes("CreditRegistry", &entries)? as f64;
        let count = self.sample.reports.len() as f64;
        self.printer.print("state.bytes_per_report", bytes / count, "B");
        Ok(())
    }

    /// Prints the bytes of a loan, once the pack has been assessed as often as it is.
    pub(super) fn print_pack(&self) -> Result<()> {
        let loans = self.sizes.loans as f64;
        let pack = self.chain.state_bytes("Packs", &["Pages", "Packs", "Assessments"])? as f64;
        self.printer.print("state.bytes_per_loan", pack / loans, "B");
        let scores = self.chain.state_bytes("Packs", &["Scores"])? as f64;
        let kept = JOB_RUNS.min(KEPT_SCORES) as f64;
        self.printer.print("state.bytes_per_loan_scores", scores / kept / loans, "B");
        Ok(())
    }
}

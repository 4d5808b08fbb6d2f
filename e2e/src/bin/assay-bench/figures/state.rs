//! Bytes of the state.

use super::Laboratory;
use anyhow::Result;

impl Laboratory<'_> {
    /// Prints the bytes of a report, and of a loan once a pack of so many has been assessed.
    pub(super) fn state(&self, loans: Option<usize>) -> Result<()> {
        let bytes = |pallet: &str, entries: &[&str], count: usize| -> Result<f64> {
            Ok(self.chain.state_bytes(pallet, entries)? as f64 / count as f64)
        };
        if let Some(loans) = loans {
            let pack = bytes("Packs", &["Pages", "Packs", "Assessments"], loans)?;
            self.printer.print("state.bytes_per_loan", pack, "B");
            let scores = bytes("Packs", &["Scores"], loans)?;
            self.printer.print("state.bytes_per_loan_scores", scores, "B");
        }
        let reports = self.sample.reports.len();
        let registry = bytes("CreditRegistry", &["Buckets", "Directory", "Size"], reports)?;
        self.printer.print("state.bytes_per_report", registry, "B");
        Ok(())
    }
}

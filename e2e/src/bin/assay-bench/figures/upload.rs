//! Reports into the registry.

use super::Laboratory;
use crate::{chain::sum, peer::Imported};
use anyhow::{ensure, Result};
use assay_e2e::drive::SCHEMA;
use assay_primitives::apis::CreditApi;
use assay_runtime::RuntimeCall;

impl Laboratory<'_> {
    /// Stores all reports and prints how fast.
    pub(super) fn upload(&mut self) -> Result<()> {
        let time = self.store_reports()?;
        let per_second = |seconds: f64| self.sample.reports.len() as f64 / seconds;
        let execute = time.execute.as_secs_f64();
        self.printer.print("upload.reports_per_s", per_second(execute), "1/s");
        let both = execute + time.commit.as_secs_f64();
        self.printer.print("upload.reports_per_s_commit", per_second(both), "1/s");
        Ok(())
    }

    /// Stores all reports and gives how long that took.
    pub(super) fn store_reports(&mut self) -> Result<Imported> {
        for reports in self.sample.batches()? {
            self.chain.send(RuntimeCall::CreditRegistry(assay_credit_registry::Call::submit {
                schema: SCHEMA,
                reports,
            }));
        }
        let made = self.chain.include_all()?;
        let (api, at) = self.chain.author_api();
        let stored = api.size(at)?.subjects;
        let reports = self.sample.reports.len();
        ensure!(stored == reports as u64, "{stored} of {reports} subjects are in the registry");
        let blocks: Vec<Imported> = made.iter().map(|made| made.imported).collect();
        Ok(sum(&blocks))
    }
}

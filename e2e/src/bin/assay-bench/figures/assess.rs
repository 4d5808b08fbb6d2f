//! Packs assessed, and where the time goes.

use super::{fastest_secs, Laboratory, JOB_RUNS};
use anyhow::{ensure, Context, Result};
use assay_primitives::{
    apis::PacksApi,
    pack::{Assessment, PackStatus},
    PackId, Subject,
};
use assay_runtime::RuntimeEvent;

/// A subject that no bureau knows.
const UNKNOWN: Subject = Subject([0x55; 16]);

impl Laboratory<'_> {
    /// Assesses the pack, prints how fast, and gives the seconds.
    pub(super) fn print_assessment(&mut self, pack: PackId) -> Result<f64> {
        let loans = self.sizes.loans as f64;
        let seconds = self.assess(pack, |found| found.unscored == 0)?;
        self.printer.print("assess.loans_per_s", loans / seconds, "1/s");
        self.printer.print("assess.seconds_100k", seconds, "s");
        Ok(seconds)
    }

    /// Prints how the seconds of an assessment divide. A pack of as many loans of a subject that
    /// nobody knows is the same work without reading, merging and scoring obligors.
    pub(super) fn print_division(&mut self, seconds: f64, network_micros: f64) -> Result<()> {
        let loans = self.sizes.loans as f64;
        let pack = self.submit(&[UNKNOWN])?;
        let write = self.assess(pack, |found| found.scored == 0)?;
        let score = network_micros * 1e-6 * loans;
        let percent = |part: f64| 100.0 * part / seconds;
        self.printer.print("assess.read_share_percent", percent(seconds - score - write), "%");
        self.printer.print("assess.score_share_percent", percent(score), "%");
        self.printer.print("assess.write_share_percent", percent(write), "%");
        Ok(())
    }

    /// Assesses the pack as often as jobs are run, and gives the seconds of the fastest run.
    pub(super) fn assess(
        &mut self,
        pack: PackId,
        is_right: impl Fn(&Assessment) -> bool,
    ) -> Result<f64> {
        let (contract, policy) = (self.sample.contract, self.sample.policy_id);
        let call = assay_packs::Call::assess { pack, contract, policy };
        let mut times = Vec::with_capacity(JOB_RUNS);
        for _ in 0..JOB_RUNS {
            self.chain.restart()?;
            times.push(self.job(&call, |event| {
                matches!(event, RuntimeEvent::Packs(assay_packs::Event::AssessmentFinished { .. }))
            })?);
            let (api, at) = self.chain.author_api();
            let view = api.pack(at, pack)?.context("the pack is gone")?;
            let assessment = view.assessment.context("the pack has no assessment")?;
            ensure!(view.pack.status == PackStatus::Assessed, "the pack is {:?}", view.pack.status);
            ensure!(is_right(&assessment), "{} loans were scored", assessment.scored);
        }
        Ok(fastest_secs(&times))
    }
}

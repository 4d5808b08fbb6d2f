//! A pack screened.

use super::Laboratory;
use anyhow::Result;
use assay_primitives::PackId;
use assay_risk::{
    grading::Scale,
    rates::{Basis, Method, RateOptions, Weights},
    screening::{Mode, Request},
};
use assay_runtime::{RuntimeCall, RuntimeEvent};

/// A bad rate that the sample's packs only meet without their riskiest loans.
const TARGET_PPB: u64 = 50_000_000;
/// Per level, one in a hundred more at each step.
const STEP_PPB: u32 = 10_000_000;

impl Laboratory<'_> {
    /// Screens the assessed pack in both modes and prints how long each takes.
    pub(super) fn screen(&mut self, pack: PackId) -> Result<()> {
        let whole = self.screen_as(pack, Mode::WholePack, Basis::Count)?;
        self.printer.print("screen.seconds_100k", whole, "s");
        let per_level = Mode::PerLevel { step_ppb: STEP_PPB };
        let levels = self.screen_as(pack, per_level, Basis::Balance)?;
        self.printer.print("screen.seconds_100k_per_level", levels, "s");
        Ok(())
    }

    fn screen_as(&mut self, pack: PackId, mode: Mode, basis: Basis) -> Result<f64> {
        let options = RateOptions { basis, method: Method::Observed, weights: Weights::Share };
        let request =
            Request { scale: Scale::EqualWidth(10), options, target_ppb: TARGET_PPB, mode };
        let start =
            self.start_job(RuntimeCall::Packs(assay_packs::Call::screen { pack, request }))?;
        let mut blocks = vec![start.imported];
        blocks.extend(self.chain.run_until(|event| {
            matches!(event, RuntimeEvent::Packs(assay_packs::Event::ScreeningFinished { .. }))
        })?);
        Ok(self.beyond_empty(&blocks))
    }
}

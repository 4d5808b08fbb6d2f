//! A pack screened.

use super::{fastest_secs, Laboratory, JOB_RUNS};
use anyhow::Result;
use assay_primitives::PackId;
use assay_risk::{
    grading::Scale,
    rates::{Basis, Method, RateOptions, Weights},
    screening::{Mode, Request},
};
use assay_runtime::RuntimeEvent;

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
        let call = assay_packs::Call::screen { pack, request };
        let mut times = Vec::with_capacity(JOB_RUNS);
        for _ in 0..JOB_RUNS {
            self.chain.restart()?;
            times.push(self.job(&call, |event| {
                matches!(event, RuntimeEvent::Packs(assay_packs::Event::ScreeningFinished { .. }))
            })?);
        }
        Ok(fastest_secs(&times))
    }
}

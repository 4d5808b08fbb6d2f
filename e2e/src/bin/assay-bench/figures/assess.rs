//! Packs assessed, and where the time goes.

use super::{median, Laboratory};
use anyhow::{ensure, Context, Result};
use assay_primitives::{
    apis::{PacksApi, ScoringApi},
    pack::PackStatus,
    PackId,
};
use assay_runtime::{RuntimeCall, RuntimeEvent};
use std::time::{Duration, Instant};

/// Calls of which the median says what a call costs that finds nothing to do.
const EMPTY_CALLS: usize = 51;

impl Laboratory<'_> {
    /// Assesses the pack, prints how fast and how the time divides, and gives the seconds.
    pub(super) fn assess_and_divide(&mut self, pack: PackId, network_micros: f64) -> Result<f64> {
        let loans = self.sizes.loans as f64;
        // Before the assessment, and from the author: the validator's caches stay as they are.
        let read_and_scored = self.read_and_score(pack)?.as_secs_f64();
        let seconds = self.assess(pack)?;
        let score = network_micros * 1e-6 * loans;
        let read = (read_and_scored - score).max(0.0);
        let percent = |part: f64| 100.0 * part / seconds;
        self.printer.print("assess.loans_per_s", loans / seconds, "1/s");
        self.printer.print("assess.seconds_100k", seconds, "s");
        self.printer.print("assess.read_share_percent", percent(read), "%");
        self.printer.print("assess.score_share_percent", percent(score), "%");
        self.printer.print("assess.write_share_percent", 100.0 - percent(read + score), "%");
        Ok(seconds)
    }

    /// Assesses the large pack, prints how long it takes, and how that compares to the small one.
    pub(super) fn assess_many(&mut self, small_seconds: f64) -> Result<()> {
        let pack = self.submit(self.sizes.many_loans)?;
        let seconds = self.assess(pack)?;
        self.printer.print("assess.seconds_1m", seconds, "s");
        self.printer.print("assess.ratio_1m_to_100k", seconds / small_seconds, "times");
        Ok(())
    }

    /// Seconds beyond those of empty blocks, from the block that starts the job to its end.
    fn assess(&mut self, pack: PackId) -> Result<f64> {
        let start = self.start_job(RuntimeCall::Packs(assay_packs::Call::assess {
            pack,
            contract: self.sample.contract,
            policy: self.sample.policy_id,
        }))?;
        let mut blocks = vec![start.imported];
        blocks.extend(self.chain.run_until(|event| {
            matches!(event, RuntimeEvent::Packs(assay_packs::Event::AssessmentFinished { .. }))
        })?);
        let (api, at) = self.chain.author_api();
        let view = api.pack(at, pack)?.context("the pack is gone")?;
        let assessment = view.assessment.context("the pack has no assessment")?;
        ensure!(view.pack.status == PackStatus::Assessed, "the pack is {:?}", view.pack.status);
        ensure!(assessment.scored == view.pack.loans, "not every loan was scored");
        Ok(self.beyond_empty(&blocks))
    }

    /// The time to read all pages, and to read and score all their subjects, without what the calls
    /// themselves cost.
    fn read_and_score(&self, pack: PackId) -> Result<Duration> {
        let (api, at) = self.chain.author_api();
        let pages = api.pack(at, pack)?.context("the pack is gone")?.pack.pages;
        let (contract, policy) = (self.sample.contract, self.sample.policy_id);
        let mut overheads = Vec::with_capacity(EMPTY_CALLS);
        for _ in 0..EMPTY_CALLS {
            let started = Instant::now();
            let nothing = api.page(at, pack, u32::MAX)?;
            let nobody = api.score_subjects(at, contract, policy, Vec::new())?;
            overheads.push(started.elapsed());
            ensure!(nothing.is_none() && nobody.is_some_and(|scores| scores.is_empty()));
        }
        let overhead = median(overheads);
        let mut total = Duration::ZERO;
        for number in 0..pages {
            let started = Instant::now();
            let page = api.page(at, pack, number)?;
            total += started.elapsed();
            let subjects = page.context("a page is gone")?.subjects;
            let count = subjects.len();
            let started = Instant::now();
            let scores = api.score_subjects(at, contract, policy, subjects)?;
            total += started.elapsed();
            let scores = scores.context("the subjects can't be scored")?;
            ensure!(scores.len() == count, "not every subject was scored");
        }
        Ok(total.saturating_sub(overhead * pages))
    }
}

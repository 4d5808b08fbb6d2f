//! Packs assessed, and where the time goes.

use super::{fastest_secs, median, Laboratory, JOB_RUNS};
use anyhow::{ensure, Context, Result};
use assay_primitives::{
    apis::{PacksApi, ScoringApi},
    pack::{PackStatus, Page},
    ContractId, PackId, Subject,
};
use assay_runtime::RuntimeEvent;
use sp_api::ApiExt;
use sp_core::traits::CallContext;
use std::time::{Duration, Instant};

/// Calls of which the median says what a call costs that finds nothing to do.
const EMPTY_CALLS: usize = 51;

impl Laboratory<'_> {
    /// Assesses the pack, prints how fast and how the time divides, and gives the seconds.
    pub(super) fn assess_and_divide(&mut self, pack: PackId, network_micros: f64) -> Result<f64> {
        let loans = self.sizes.loans as f64;
        let (mut reads, mut assessments) = (Vec::new(), Vec::new());
        for _ in 0..JOB_RUNS {
            self.chain.restart()?;
            // Asked of the author: the validator's caches stay empty.
            reads.push(self.read_and_score(pack)?);
            assessments.push(self.assess(pack)?);
        }
        let (read_and_scored, seconds) = (fastest_secs(&reads), fastest_secs(&assessments));
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

    /// Assesses the pack and gives the time.
    pub(super) fn assess(&mut self, pack: PackId) -> Result<Duration> {
        let (contract, policy) = (self.sample.contract, self.sample.policy_id);
        let call = assay_packs::Call::assess { pack, contract, policy };
        let time = self.job(&call, |event| {
            matches!(event, RuntimeEvent::Packs(assay_packs::Event::AssessmentFinished { .. }))
        })?;
        let (api, at) = self.chain.author_api();
        let view = api.pack(at, pack)?.context("the pack is gone")?;
        let assessment = view.assessment.context("the pack has no assessment")?;
        ensure!(view.pack.status == PackStatus::Assessed, "the pack is {:?}", view.pack.status);
        ensure!(assessment.scored == view.pack.loans, "not every loan was scored");
        Ok(time)
    }

    /// The time to read the pages, and to read, merge and score their obligors, as the job does, but
    /// to store nothing.
    fn read_and_score(&self, pack: PackId) -> Result<Duration> {
        let (mut api, at) = self.chain.author_api();
        // As the job's state is: what it reads once it keeps.
        api.set_call_context(CallContext::Onchain { import: true });
        let (contract, policy) = (self.sample.contract, self.sample.policy_id);
        let pages = api.pack(at, pack)?.context("the pack is gone")?.pack.pages;
        let mut overheads = Vec::with_capacity(EMPTY_CALLS);
        for _ in 0..EMPTY_CALLS {
            let started = Instant::now();
            let nothing = api.page(at, pack, u32::MAX)?;
            overheads.push(started.elapsed());
            ensure!(nothing.is_none(), "there is a page beyond the last");
        }
        let started = Instant::now();
        let tape: Vec<Page> = (0..pages)
            .map(|number| api.page(at, pack, number)?.context("a page is gone"))
            .collect::<Result<_>>()?;
        let read = started.elapsed().saturating_sub(median(overheads) * pages);
        let obligors = || tape.iter().flat_map(|page| page.subjects.iter().copied()).collect();
        let time = |contract| -> Result<Duration> {
            let asked: Vec<Subject> = obligors();
            let started = Instant::now();
            let scores = api.score_subjects(at, contract, policy, asked)?;
            let time = started.elapsed();
            ensure!(scores.is_none_or(|scores| scores.iter().all(|score| score.result.is_some())));
            Ok(time)
        };
        // Without a contract the same subjects are decoded, and that is all.
        let decoded = time(ContractId::zero())?;
        Ok(read + time(contract)?.saturating_sub(decoded))
    }
}

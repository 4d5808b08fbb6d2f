//! One network, inside the Wasm runtime and outside.

use super::{median, Laboratory};
use anyhow::{ensure, Context, Result};
use assay_primitives::{apis::ScoringApi, ContractId};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const REPEATS: usize = 7;

type Profiles = Vec<(Vec<i32>, u64)>;

impl Laboratory<'_> {
    /// Prints the time of one network and gives it, in microseconds.
    pub(super) fn score(&mut self) -> Result<f64> {
        let profiles: Profiles = self
            .sample
            .reports
            .iter()
            .take(self.sizes.profiles)
            .map(|report| (report.values.to_vec(), report.present))
            .collect();
        let count = profiles.len() as f64;
        let scored = self.time_calls(self.sample.contract, &profiles)?;
        let unscored = self.time_calls(ContractId::zero(), &profiles)?;
        let micros = scored.saturating_sub(unscored).as_secs_f64() * 1e6 / count;
        self.printer.print("score.us_per_network", micros, "us");
        let native = self.time_native(&profiles).as_secs_f64() * 1e6 / count;
        self.printer.print("score.us_per_network_native", native, "us");
        Ok(micros)
    }

    fn time_calls(&mut self, contract: ContractId, profiles: &Profiles) -> Result<Duration> {
        let mut times = Vec::with_capacity(REPEATS);
        for _ in 0..REPEATS {
            let asked = profiles.clone();
            let (api, at) = self.chain.validator_api();
            let started = Instant::now();
            let scores = api.score(at, contract, asked)?;
            times.push(started.elapsed());
            if contract == self.sample.contract {
                let scores = scores.context("the contract is not known")?;
                ensure!(scores.len() == profiles.len(), "not every profile was scored");
            } else {
                ensure!(scores.is_none(), "an unknown contract has scores");
            }
        }
        Ok(median(times))
    }

    fn time_native(&mut self, profiles: &Profiles) -> Duration {
        let network = &mut self.sample.network;
        let times = (0..REPEATS).map(|_| {
            let started = Instant::now();
            for (values, present) in profiles {
                black_box(network.logit(black_box(values), *present));
            }
            started.elapsed()
        });
        median(times.collect())
    }
}

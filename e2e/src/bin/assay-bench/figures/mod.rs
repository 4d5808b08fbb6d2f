//! The figures, in the order in which one needs what another left behind.

mod assess;
pub mod demo;
pub mod node;
mod score;
mod screen;
mod state;
mod upload;

use crate::chain::{BenchChain, Made, START_SECS};
use anyhow::Result;
use assay_e2e::{
    drive::SCHEMA,
    sample::{name, Sample, Tape},
};
use assay_primitives::{PackId, Subject};
use assay_runtime::RuntimeCall;
use std::time::Duration;
use tokio::runtime::Runtime as Tokio;

/// All figures, in the order in which they are printed.
pub const NAMES: [&str; 17] = [
    "score.us_per_network",
    "score.us_per_network_native",
    "upload.reports_per_s",
    "upload.reports_per_s_commit",
    "assess.loans_per_s",
    "assess.seconds_100k",
    "assess.read_share_percent",
    "assess.score_share_percent",
    "assess.write_share_percent",
    "screen.seconds_100k",
    "screen.seconds_100k_per_level",
    "state.bytes_per_loan",
    "state.bytes_per_loan_scores",
    "state.bytes_per_report",
    "assess.seconds_1m",
    "assess.ratio_1m_to_100k",
    "node.rss_mib",
];
/// Takes minutes and repeats what the others show: not printed unless asked for.
const ON_DEMAND: &str = "demo.seconds";
/// The same data in every run.
pub const SEED: u64 = 1;

/// Prints the figures that are asked for.
pub struct Printer {
    prefix: Option<String>,
    json: bool,
}

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub subjects: usize,
    /// Loans of the small pack.
    pub loans: usize,
    /// Loans of the large pack: ten times as many.
    pub many_loans: usize,
    pub profiles: usize,
}

/// The chain, and what is on it.
pub struct Laboratory<'a> {
    printer: &'a Printer,
    sizes: Sizes,
    sample: Sample,
    subjects: Vec<Subject>,
    chain: BenchChain,
    packs: PackId,
    empty_block: Duration,
    // The peers' tasks run on it, so it must outlive them.
    _tokio: Tokio,
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

impl Printer {
    /// Prints what begins with `prefix`, for people or as JSON.
    pub fn new(prefix: Option<String>, json: bool) -> Printer {
        Printer { prefix, json }
    }

    /// Whether any figure is asked for.
    pub fn wants_any(&self) -> bool {
        self.is_asked_for(ON_DEMAND) || NAMES.iter().any(|name| self.wants(name))
    }

    /// Whether a figure is asked for, if only among all.
    pub fn wants(&self, name: &str) -> bool {
        self.prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
    }

    /// Whether a figure is asked for by name.
    pub fn is_asked_for(&self, name: &str) -> bool {
        self.prefix.is_some() && self.wants(name)
    }

    /// Whether a figure of any of these groups is asked for.
    pub fn wants_group(&self, groups: &[&str]) -> bool {
        let is_of = |name: &str| groups.iter().any(|group| name.starts_with(group));
        NAMES.iter().any(|name| is_of(name) && self.wants(name))
    }

    /// Prints a figure if it is asked for.
    pub fn print(&self, name: &str, value: f64, unit: &str) {
        if !self.wants(name) {
            return;
        }
        let value = (value * 1_000.0).round() / 1_000.0;
        if self.json {
            println!("{{\"name\": \"{name}\", \"value\": {value}, \"unit\": \"{unit}\"}}");
        } else {
            println!("{name:<32} {value:>14} {unit}");
        }
    }
}

impl Sizes {
    /// The full sizes, or a tenth of them.
    pub fn new(subjects: usize, quick: bool) -> Sizes {
        let divisor = if quick { 10 } else { 1 };
        Sizes {
            subjects: subjects / divisor,
            loans: 100_000 / divisor,
            many_loans: 1_000_000 / divisor,
            profiles: 20_000 / divisor,
        }
    }
}

impl<'a> Laboratory<'a> {
    /// A chain with the sample's schema, policy and active contract.
    pub fn new(printer: &'a Printer, sizes: Sizes) -> Result<Laboratory<'a>> {
        let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let sample = Sample::new(sizes.subjects, START_SECS, SEED)?;
        let mut chain = BenchChain::start(tokio.handle())?;
        let schema = sample.schema.clone();
        chain.send(RuntimeCall::CreditRegistry(assay_credit_registry::Call::add_schema { schema }));
        let policy = sample.policy.clone();
        chain.send(RuntimeCall::CreditRegistry(assay_credit_registry::Call::add_policy { policy }));
        chain.send(RuntimeCall::Scoring(assay_scoring::Call::propose {
            name: name("sample"),
            schema: SCHEMA,
            artifact: sample.artifact_bytes()?,
            calibration: sample.calibration.clone(),
        }));
        let contract = sample.contract;
        chain.decide(RuntimeCall::Scoring(assay_scoring::Call::approve { contract }));
        chain.include_all()?;
        let empty_block = chain.empty_block()?;
        let subjects = sample.subjects();
        Ok(Laboratory {
            printer,
            sizes,
            sample,
            subjects,
            chain,
            packs: 0,
            empty_block,
            _tokio: tokio,
        })
    }

    /// Measures and prints what is asked for.
    pub fn run(mut self) -> Result<()> {
        let network_micros = self.score()?;
        if !self.printer.wants_group(&["upload.", "assess.", "screen.", "state."]) {
            return Ok(());
        }
        self.upload()?;
        self.empty_block = self.chain.empty_block()?;
        if !self.printer.wants_group(&["assess.", "screen.", "state.bytes_per_loan"]) {
            return self.state(None);
        }
        let pack = self.submit(self.sizes.loans)?;
        let small = self.assess_and_divide(pack, network_micros)?;
        if self.printer.wants_group(&["screen."]) {
            self.screen(pack)?;
        }
        self.state(Some(self.sizes.loans))?;
        if self.printer.wants("assess.seconds_1m") || self.printer.wants("assess.ratio_1m_to_100k")
        {
            self.assess_many(small)?;
        }
        Ok(())
    }

    /// Puts a sealed pack of so many loans on the chain.
    fn submit(&mut self, loans: usize) -> Result<PackId> {
        let tape = Tape::draw(&self.subjects, loans, SEED);
        let pack = self.packs;
        self.packs += 1;
        let terms = assay_e2e::sample::terms("benchmark", START_SECS);
        self.chain.send(RuntimeCall::Packs(assay_packs::Call::open { terms }));
        for (number, page) in (0..).zip(tape.pages) {
            self.chain.send(RuntimeCall::Packs(assay_packs::Call::add_page { pack, number, page }));
        }
        self.chain.send(RuntimeCall::Packs(assay_packs::Call::seal {
            pack,
            loans: tape.loans,
            principal_minor: tape.principal_minor,
        }));
        self.chain.include_all()?;
        Ok(pack)
    }

    /// The time to execute these blocks, less that of as many empty ones.
    fn beyond_empty(&self, blocks: &[crate::peer::Imported]) -> f64 {
        let execute = crate::chain::sum(blocks).execute.as_secs_f64();
        let empty = self.empty_block.as_secs_f64() * blocks.len() as f64;
        (execute - empty).max(0.0)
    }

    /// Makes the block that starts a job, and gives what it took.
    fn start_job(&mut self, call: RuntimeCall) -> Result<Made> {
        self.chain.send(call);
        self.chain.make_block()
    }
}

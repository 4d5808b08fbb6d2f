//! The figures, in the order in which one needs what another left behind.

mod assess;
mod demo;
mod files;
mod importing;
mod node;
mod score;
mod screen;
mod state;
mod upload;

use crate::chain::{sum, BenchChain, START_SECS};
use anyhow::Result;
use assay_e2e::{
    drive::SCHEMA,
    sample::{name, Sample, Tape},
};
use assay_primitives::{PackId, Subject};
use assay_runtime::{RuntimeCall, RuntimeEvent};
use std::time::Duration;
use tokio::runtime::Runtime as Tokio;

/// The figures by what must be on the chain, each after those that need less.
const OF_CONTRACT: [&str; 2] = ["score.us_per_network", "score.us_per_network_native"];
const OF_REPORTS: [&str; 3] =
    ["upload.reports_per_s", "upload.reports_per_s_commit", "state.bytes_per_report"];
const OF_PACK: [&str; 4] = [
    "assess.loans_per_s",
    "assess.seconds_100k",
    "state.bytes_per_loan",
    "state.bytes_per_loan_scores",
];
const OF_SCREENING: [&str; 2] = ["screen.seconds_100k", "screen.seconds_100k_per_level"];
const OF_DIVISION: [&str; 3] =
    ["assess.read_share_percent", "assess.score_share_percent", "assess.write_share_percent"];
const OF_LARGE_PACK: [&str; 2] = ["assess.seconds_1m", "assess.ratio_1m_to_100k"];
const OF_NODE: [&str; 1] = ["node.rss_mib"];
/// Takes minutes and repeats what the others show: not measured unless asked for.
const ON_DEMAND: &str = "demo.seconds";
/// How much larger the large pack and its registry are.
const SCALE: usize = 10;
/// Runs of each job, of which the fastest counts: whatever else the machine does only adds.
const JOB_RUNS: usize = 3;
/// Assessments of a pack whose scores the chain keeps.
const KEPT_SCORES: usize = 2;
/// The same data in every run.
const SEED: u64 = 1;

type PacksCall = assay_packs::Call<assay_runtime::Runtime>;

/// Prints the figures that are asked for.
pub struct Printer {
    prefix: Option<String>,
    json: bool,
}

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Subjects of the registry, one report each.
    subjects: usize,
    /// Loans of the pack, each of another obligor.
    loans: usize,
    /// Profiles to score in one call.
    profiles: usize,
    /// Rows of the file that is read and scored.
    rows: u64,
    /// Borrowers to train on.
    borrowers: u64,
}

/// The chain, and what is on it.
struct Laboratory<'a> {
    printer: &'a Printer,
    sizes: Sizes,
    sample: Sample,
    chain: BenchChain,
    packs: PackId,
    // The peers' tasks run on it, so it must outlive them.
    _tokio: Tokio,
}

/// All figures that can be asked for.
pub fn names() -> Vec<&'static str> {
    let others: [&[&str]; 4] = [&importing::OF_IMPORT, &OF_LARGE_PACK, &OF_NODE, &[ON_DEMAND]];
    [&of_laboratory()[..], &of_files(), &others.concat()].concat()
}

fn of_laboratory() -> Vec<&'static str> {
    [&OF_CONTRACT[..], &OF_REPORTS, &of_assessed_pack()].concat()
}

fn of_files() -> Vec<&'static str> {
    [&files::OF_READING[..], &files::OF_TRAINING, &files::OF_SCORING, &files::OF_REAL].concat()
}

fn of_assessed_pack() -> Vec<&'static str> {
    [&OF_PACK[..], &OF_SCREENING, &OF_DIVISION].concat()
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The shortest.
fn fastest_secs(times: &[Duration]) -> f64 {
    times.iter().min().map_or(0.0, Duration::as_secs_f64)
}

/// Measures and prints what is asked for.
pub fn run(printer: &Printer, sizes: Sizes) -> Result<()> {
    let mut small = None;
    if printer.wants_any(&of_laboratory()) {
        small = Laboratory::new(printer, sizes)?.run()?;
    }
    if printer.wants_any(&of_files()) {
        files::run(printer, sizes)?;
    }
    if printer.wants_any(&importing::OF_IMPORT) {
        importing::run(printer)?;
    }
    if printer.wants_any(&OF_LARGE_PACK) {
        let small = small.map_or_else(|| sizes.seconds(printer), Ok)?;
        let large = sizes.times(SCALE).seconds(printer)?;
        printer.print("assess.seconds_1m", large, "s");
        printer.print("assess.ratio_1m_to_100k", large / small, "times");
    }
    if printer.wants_any(&OF_NODE) {
        node::run(printer, sizes)?;
    }
    if printer.prefix.is_some() && printer.wants(ON_DEMAND) {
        demo::run(printer)?;
    }
    Ok(())
}

impl Printer {
    /// Prints what begins with `prefix`, for people or as JSON.
    pub fn new(prefix: Option<String>, json: bool) -> Printer {
        Printer { prefix, json }
    }

    /// Whether any of these figures is asked for.
    pub fn wants_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name))
    }

    fn wants(&self, name: &str) -> bool {
        self.prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
    }

    /// Prints a figure if it is asked for.
    fn print(&self, name: &str, value: f64, unit: &str) {
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
    pub fn new(quick: bool) -> Sizes {
        let divisor = if quick { 10 } else { 1 };
        Sizes {
            subjects: 200_000 / divisor,
            loans: 100_000 / divisor,
            profiles: 20_000 / divisor,
            rows: 300_000 / divisor as u64,
            borrowers: 21_000 / divisor as u64,
        }
    }

    fn times(self, factor: usize) -> Sizes {
        Sizes { subjects: self.subjects * factor, loans: self.loans * factor, ..self }
    }

    /// Seconds to assess a pack of these sizes on a new chain.
    fn seconds(self, printer: &Printer) -> Result<f64> {
        let mut laboratory = Laboratory::new(printer, self)?;
        laboratory.store_reports()?;
        let subjects = laboratory.sample.subjects();
        let pack = laboratory.submit(&subjects)?;
        laboratory.assess(pack, |found| found.unscored == 0)
    }
}

impl<'a> Laboratory<'a> {
    /// A chain with the sample's schema, policy and active contract, and reports to come.
    fn new(printer: &'a Printer, sizes: Sizes) -> Result<Laboratory<'a>> {
        let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let sample = Sample::new(sizes.subjects, START_SECS, SEED)?;
        let mut chain = BenchChain::start(tokio.handle())?;
        let schema = sample.schema.clone();
        let features_hash = schema.features_hash();
        chain.send(RuntimeCall::CreditRegistry(assay_credit_registry::Call::add_schema { schema }));
        let policy = sample.policy.clone();
        let add_policy = assay_credit_registry::Call::add_policy { name: name("sample"), policy };
        chain.send(RuntimeCall::CreditRegistry(add_policy));
        chain.send(RuntimeCall::Scoring(assay_scoring::Call::propose {
            name: name("sample"),
            schema: SCHEMA,
            features_hash,
            artifact: sample.artifact_bytes()?,
            calibration: sample.calibration.clone(),
        }));
        let contract = sample.contract;
        chain.decide(RuntimeCall::Scoring(assay_scoring::Call::approve { contract }));
        chain.include_all()?;
        Ok(Laboratory { printer, sizes, sample, chain, packs: 0, _tokio: tokio })
    }

    /// Measures and prints what needs but one pack. Gives the seconds to assess it, if it did.
    fn run(mut self) -> Result<Option<f64>> {
        let network_micros = self.score()?;
        let needs_pack = self.printer.wants_any(&of_assessed_pack());
        if !needs_pack && !self.printer.wants_any(&OF_REPORTS) {
            return Ok(None);
        }
        self.upload()?;
        self.print_registry()?;
        if !needs_pack {
            return Ok(None);
        }
        let subjects = self.sample.subjects();
        let pack = self.submit(&subjects)?;
        let seconds = self.print_assessment(pack)?;
        if self.printer.wants_any(&OF_SCREENING) {
            self.screen(pack)?;
        }
        self.print_pack()?;
        if self.printer.wants_any(&OF_DIVISION) {
            self.print_division(seconds, network_micros)?;
        }
        Ok(Some(seconds))
    }

    /// Puts a sealed pack on the chain, of loans of these subjects.
    fn submit(&mut self, subjects: &[Subject]) -> Result<PackId> {
        let tape = Tape::draw(subjects, self.sizes.loans, SEED);
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

    /// The time of a job, from the block with the call that starts it to the block with the event of
    /// its end, less that of as many empty blocks.
    fn job(
        &mut self,
        call: &PacksCall,
        is_end: impl Fn(&RuntimeEvent) -> bool,
    ) -> Result<Duration> {
        let empty = self.chain.empty_block()?;
        self.chain.send(RuntimeCall::Packs(call.clone()));
        let mut blocks = vec![self.chain.make_block()?.imported];
        blocks.extend(self.chain.run_until(is_end)?);
        let count = u32::try_from(blocks.len())?;
        Ok(sum(&blocks).execute.saturating_sub(empty * count))
    }
}

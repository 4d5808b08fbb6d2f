//! Made-up borrowers and loans, always the same for the same seed, and a scoring contract that tells
//! how likely each of them defaults.

use anyhow::{anyhow, bail, Result};
use assay_client::chain::call::ReportBatch;
use assay_primitives::{
    credit::{Report, Schema, SchemaFeature},
    pack::{PackTerms, Page, MAX_PAGE_LOANS},
    scoring::ArtifactBytes,
    ContractId, Minor, Name, PolicyId, Subject, UnixSecs, H256,
};
use assay_risk::{
    artifact::{Artifact, Dense, Feature, Layer, Orientation},
    network::Network,
    profile::{AgeStep, Policy, Source, Sources},
    rates::{Calibration, CalibrationEntry},
};
use codec::{Compact, Encode};
use rand::{seq::index, Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::collections::BTreeMap;

/// Features of a report.
pub const FEATURES: usize = 24;
/// Reports of one transaction, as `assay credit upload` sends them.
pub const BATCH_REPORTS: usize = 512;

/// Values lie within the bounds of all features.
const VALUE_BOUND: i32 = 1_000;
const DAY_SECS: UnixSecs = 86_400;
const MAX_REPORT_AGE_DAYS: UnixSecs = 300;
/// One value in so many is missing.
const MISSING_ONE_IN: u32 = 32;
/// The layers: inputs, outputs, multiplier, shift. The multipliers keep about the same spread.
const LAYERS: [(u16, u16, i32, u8); 3] = [(24, 32, 205, 15), (32, 16, 360, 15), (16, 1, 700, 15)];
const LARGEST_WEIGHT: i8 = 40;
/// Random networks that are tried.
const MAX_NETWORKS: usize = 1_000;

/// Borrowers with a report each, and what scores them.
pub struct Sample {
    pub schema: Schema,
    pub policy: Policy,
    pub policy_id: PolicyId,
    pub artifact: Artifact,
    pub contract: ContractId,
    pub network: Network,
    pub calibration: Calibration,
    /// In ascending order of subject, one for each.
    pub reports: Vec<Report>,
}

/// A loan tape in pages.
pub struct Tape {
    pub pages: Vec<Page>,
    pub loans: u32,
    pub principal_minor: Minor,
}

/// A name as the chain keeps it.
///
/// # Panics
/// When it is longer than a name may be.
pub fn name(text: &str) -> Name {
    text.as_bytes().to_vec().try_into().expect("names here are short")
}

impl Sample {
    /// So many borrowers with reports of the last 300 days before `now_secs`.
    ///
    /// # Errors
    /// When the contract can't be made ready to run.
    pub fn new(borrowers: usize, now_secs: UnixSecs, seed: u64) -> Result<Sample> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut reports: Vec<Report> = subjects(borrowers, &mut random)
            .into_iter()
            .map(|subject| report(subject, now_secs, &mut random))
            .collect::<Result<_>>()?;
        let (artifact, mut network) = contract(&reports, &mut random)?;
        decide_defaults(&mut reports, &mut network, &mut random);
        let calibration = calibration(&reports, &mut network);
        let policy = policy();
        Ok(Sample {
            schema: schema(),
            policy_id: BlakeTwo256::hash(&policy.encode()),
            policy,
            contract: BlakeTwo256::hash(&artifact.encode()),
            artifact,
            network,
            calibration,
            reports,
        })
    }

    /// The borrowers, ascending.
    pub fn subjects(&self) -> Vec<Subject> {
        self.reports.iter().map(|report| report.subject).collect()
    }

    /// The artifact as it is proposed.
    ///
    /// # Errors
    /// When it is too large for the chain.
    pub fn artifact_bytes(&self) -> Result<ArtifactBytes> {
        self.artifact.encode().try_into().map_err(|_| anyhow!("the artifact is too large"))
    }

    /// All reports in transactions of 512.
    ///
    /// # Errors
    /// None: the batches are within the chain's bound.
    pub fn batches(&self) -> Result<Vec<ReportBatch>> {
        self.reports
            .chunks(BATCH_REPORTS)
            .map(|reports| reports.to_vec().try_into().map_err(|_| anyhow!("a batch is too large")))
            .collect()
    }

    /// The report of a subject.
    pub fn report(&self, subject: &Subject) -> Option<&Report> {
        let position = self.reports.binary_search_by_key(subject, |report| report.subject).ok()?;
        self.reports.get(position)
    }

    /// What the contract makes of a subject's report, computed here: output and score.
    pub fn score(&mut self, subject: &Subject) -> Option<(i8, u16)> {
        let report = self.report(subject)?.clone();
        let logit = self.network.logit(&report.values, report.present);
        Some((logit, self.network.score(logit)))
    }
}

impl Tape {
    /// So many loans of these subjects: of different ones as long as there are enough.
    pub fn draw(subjects: &[Subject], loans: usize, seed: u64) -> Tape {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut obligors: Vec<Subject> = if loans <= subjects.len() {
            index::sample(&mut random, subjects.len(), loans)
                .into_iter()
                .map(|position| subjects[position])
                .collect()
        } else {
            (0..loans).map(|_| subjects[random.random_range(0..subjects.len())]).collect()
        };
        obligors.sort_unstable();
        let pages: Vec<Page> = obligors
            .chunks(MAX_PAGE_LOANS as usize)
            .map(|obligors| page(obligors, &mut random))
            .collect();
        let principals = pages.iter().flat_map(|page| &page.principals);
        Tape {
            loans: u32::try_from(loans).unwrap_or(u32::MAX),
            principal_minor: principals.map(|principal| principal.0).sum(),
            pages,
        }
    }
}

/// A transaction's reports of as many borrowers that no other batch has.
///
/// # Errors
/// When there are too many for one transaction.
pub fn batch(borrowers: usize, now_secs: UnixSecs, random: &mut impl Rng) -> Result<ReportBatch> {
    let reports: Vec<Report> = subjects(borrowers, random)
        .into_iter()
        .map(|subject| report(subject, now_secs, random))
        .collect::<Result<_>>()?;
    reports.try_into().map_err(|_| anyhow!("a batch is too large"))
}

/// What an originator says of a tape.
pub fn terms(text: &str, cut_off_secs: UnixSecs) -> PackTerms {
    let tape_hash = BlakeTwo256::hash(text.as_bytes());
    PackTerms { name: name(text), currency: *b"EUR", cut_off_secs, tape_hash }
}

/// Different subjects, ascending.
pub fn subjects(count: usize, random: &mut impl Rng) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::with_capacity(count);
    while subjects.len() < count {
        let missing = count - subjects.len();
        subjects.extend((0..missing).map(|_| Subject(random.random())));
        subjects.sort_unstable();
        subjects.dedup();
    }
    subjects
}

fn schema() -> Schema {
    let features: Vec<SchemaFeature> = (1..=FEATURES)
        .map(|number| SchemaFeature {
            name: name(&format!("feature_{number}")),
            unit: name("points"),
            lower: -VALUE_BOUND,
            upper: VALUE_BOUND,
        })
        .collect();
    Schema { name: name("sample"), features: features.try_into().expect("24 are not too many") }
}

/// Weighs by age, so that merging is part of the work, and passes nothing on to relations.
fn policy() -> Policy {
    let step = |days, weight_ppb| AgeStep { up_to_secs: days * DAY_SECS, weight_ppb };
    Policy {
        max_age_secs: 2 * 365 * DAY_SECS,
        weights_by_age: vec![
            step(90, 1_000_000_000),
            step(180, 800_000_000),
            step(730, 500_000_000),
        ],
        propagation: None,
        sources: Sources::ANY,
    }
}

fn report(subject: Subject, now_secs: UnixSecs, random: &mut impl Rng) -> Result<Report> {
    let mut present = 0_u64;
    let mut values = Vec::with_capacity(FEATURES);
    for position in 0..FEATURES {
        let is_missing = random.random_ratio(1, MISSING_ONE_IN);
        let value = random.random_range(-VALUE_BOUND..=VALUE_BOUND);
        present |= u64::from(!is_missing) << position;
        values.push(if is_missing { 0 } else { value });
    }
    let age_secs = random.random_range(DAY_SECS..MAX_REPORT_AGE_DAYS * DAY_SECS);
    Ok(Report {
        subject,
        observed_at_secs: now_secs.saturating_sub(age_secs),
        source: Source::Bank,
        has_default: false,
        document_hash: H256(random.random()),
        present,
        values: values.try_into().map_err(|_| anyhow!("a report has too many values"))?,
    })
}

/// A contract whose scores of these reports are spread out: not every random network's are.
fn contract(reports: &[Report], random: &mut impl Rng) -> Result<(Artifact, Network)> {
    let looked_at = &reports[..reports.len().min(1_000)];
    for _ in 0..MAX_NETWORKS {
        let artifact = artifact(random);
        let mut network = Network::compile(&artifact).map_err(|fault| anyhow!("{fault}"))?;
        let mut logits = logits(looked_at, &mut network);
        logits.sort_unstable();
        let at = |percent: usize| logits.get(logits.len() * percent / 100).copied();
        if at(10) > Some(-120) && at(90) < Some(120) && at(90) > Some(20) {
            return Ok((artifact, network));
        }
    }
    bail!("no network of {MAX_NETWORKS} spreads the scores")
}

fn logits(reports: &[Report], network: &mut Network) -> Vec<i8> {
    reports.iter().map(|report| network.logit(&report.values, report.present)).collect()
}

/// The riskier a borrower's output among all, the likelier a default: 8 % of them in all.
fn decide_defaults(reports: &mut [Report], network: &mut Network, random: &mut impl Rng) {
    let logits = logits(reports, network);
    let mut order: Vec<usize> = (0..reports.len()).collect();
    order.sort_by_key(|position| logits[*position]);
    let count = reports.len() as f64;
    for (rank, position) in order.into_iter().enumerate() {
        let risk = rank as f64 / count;
        reports[position].has_default = random.random_bool(0.01 + 0.3 * risk.powi(3));
    }
}

/// A 24-32-16-1 network of random weights over features of -1000..=1000, with scores 1..=100.
fn artifact(random: &mut impl Rng) -> Artifact {
    let feature = Feature {
        lower: -VALUE_BOUND,
        upper: VALUE_BOUND,
        fallback: 0,
        center: 0,
        multiplier: 127,
        shift: 10,
    };
    let layers = LAYERS.iter().map(|(inputs, outputs, multiplier, shift)| {
        let units = usize::from(*outputs);
        let weights = (0..usize::from(*inputs) * units)
            .map(|_| random.random_range(-LARGEST_WEIGHT..=LARGEST_WEIGHT))
            .collect();
        Layer::Dense(Dense {
            inputs: *inputs,
            outputs: *outputs,
            weights,
            bias: vec![0; units],
            multiplier: vec![*multiplier; units],
            shift: vec![*shift; units],
            relu: *outputs > 1,
        })
    });
    Artifact {
        features: vec![feature; FEATURES],
        layers: layers.collect(),
        table: (0..=254_u16).map(|output| 1 + output * 99 / 254).collect(),
        score_min: 1,
        score_max: 100,
        orientation: Orientation::HigherIsRiskier,
    }
}

fn calibration(reports: &[Report], network: &mut Network) -> Calibration {
    let mut counts: BTreeMap<u16, (u32, u32)> = BTreeMap::new();
    for report in reports {
        let logit = network.logit(&report.values, report.present);
        let (total, defaulted) = counts.entry(network.score(logit)).or_default();
        *total += 1;
        *defaulted += u32::from(report.has_default);
    }
    let entry = |(score, (total, defaulted))| CalibrationEntry { score, total, defaulted };
    Calibration { entries: counts.into_iter().map(entry).collect() }
}

fn page(obligors: &[Subject], random: &mut impl Rng) -> Page {
    let loans = obligors.len();
    let mut page = Page {
        subjects: obligors.to_vec(),
        defaulted: vec![0; loans.div_ceil(8)],
        ..Page::default()
    };
    for index in 0..loans {
        let originated_days = random.random_range(18_000..20_000);
        page.principals.push(Compact(random.random_range(50_000..5_000_000)));
        page.rates_ppb.push(random.random_range(30_000_000..150_000_000));
        page.originated_days.push(originated_days);
        page.matures_days.push(originated_days + random.random_range(365..3_650));
        page.defaulted[index / 8] |= u8::from(random.random_ratio(1, 200)) << (index % 8);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn should_spread_scores_and_defaults_when_borrowers_differ() {
        let mut sample = Sample::new(2_000, 1_767_225_600, 1).unwrap();
        let scores: BTreeSet<u16> = sample
            .subjects()
            .iter()
            .filter_map(|subject| sample.score(subject))
            .map(|(_, score)| score)
            .collect();
        let defaults = sample.reports.iter().filter(|report| report.has_default).count();
        assert!(scores.len() > 40, "only {} scores: {scores:?}", scores.len());
        assert!((120..220).contains(&defaults), "{defaults} defaults");
    }

    #[test]
    fn should_draw_different_obligors_when_there_are_enough() {
        let sample = Sample::new(1_000, 1_767_225_600, 2).unwrap();
        let subjects = sample.subjects();
        let all = Tape::draw(&subjects, 1_000, 3);
        let drawn: Vec<Subject> =
            all.pages.iter().flat_map(|page| page.subjects.iter().copied()).collect();
        assert_eq!((drawn, all.loans, all.pages.len()), (subjects.clone(), 1_000, 2));
        let repeated = Tape::draw(&subjects, 3_000, 3);
        assert!(repeated.pages.iter().all(|page| page.subjects.is_sorted()));
        assert_eq!(repeated.pages.iter().map(|page| page.subjects.len()).sum::<usize>(), 3_000);
    }
}

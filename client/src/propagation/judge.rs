//! Loans assessed by own and by lent profiles, and the figures of it.

use super::{
    AtDistance, Bootstrap, Estimate, Group, Inputs, Level, Likeness, Options, Ranking, Registry,
    StudyFailure,
};
use crate::{ratio::ONE_PPB, table::date::DAY_SECS};
use assay_risk::{
    grading::{Levels, Scale},
    network::Network,
    profile::{Policy, Profile},
    rates::{Basis, Histogram, LevelTable, Method, RateOptions, Weights},
};
use std::collections::BTreeSet;

/// Levels of equal width, unless there are fewer scores.
const LEVELS: u16 = 10;

/// A loan and the outputs `z` that profiles give it.
#[derive(Clone)]
pub struct Assessed {
    pub bad: bool,
    pub own: Option<i8>,
    pub withheld: Option<i8>,
    /// By position in the list of distances.
    pub lent: Vec<Option<i8>>,
}

impl Group {
    /// The counts of loans, by whether each is bad.
    pub fn count(bad: impl Iterator<Item = bool>) -> Self {
        let (loans, bad_count) =
            bad.fold((0, 0), |(loans, bads), bad| (loans + 1, bads + u64::from(bad)));
        let bad_rate_ppb = (loans > 0).then(|| (bad_count * ONE_PPB).div_ceil(loans));
        Self { loans, bad_count, bad_rate_ppb, ..Self::default() }
    }
}

/// The model and what figures are made with.
pub struct Judge<'a> {
    inputs: &'a Inputs<'a>,
    as_of_secs: Option<u64>,
    bootstrap: Bootstrap,
    network: Network,
    levels: Option<Levels>,
    /// Output of the fallback values alone.
    fallback: i8,
}

impl<'a> Judge<'a> {
    pub fn new(inputs: &'a Inputs<'a>, options: &Options) -> Result<Self, StudyFailure> {
        let mut network = Network::compile(inputs.artifact).map_err(StudyFailure::Refused)?;
        let fallback = network.logit(&vec![0; inputs.artifact.features.len()], 0);
        let (min, max) = (inputs.artifact.score_min, inputs.artifact.score_max);
        let count = u8::try_from(LEVELS.min(max.saturating_sub(min).saturating_add(1))).ok();
        let levels =
            count.and_then(|count| Levels::resolve(&Scale::EqualWidth(count), min, max, None).ok());
        Ok(Self {
            inputs,
            as_of_secs: options.as_of_secs,
            bootstrap: Bootstrap { resamples: options.resamples, seed: options.seed },
            network,
            levels,
            fallback,
        })
    }

    /// Score of the fallback values alone.
    pub fn fallback_score(&self) -> u16 {
        self.network.score(self.fallback)
    }

    /// Every loan's outputs, and how many reports were too late to count.
    pub fn assess(
        &self,
        registry: &Registry<'_>,
        distances: &[u8],
    ) -> Result<(Vec<Assessed>, u64), StudyFailure> {
        let loans = self.inputs.loans;
        let columns = loans.loans.as_ref().ok_or(StudyFailure::NoTape)?;
        let farthest = distances.last().copied().unwrap_or(0);
        let policies: Vec<Policy> = distances
            .iter()
            .map(|distance| Policy { propagation: Some(*distance), ..self.inputs.policy.clone() })
            .collect();
        let mut network = self.network.clone();
        let mut z = |profile: Profile| network.logit(&profile.values, profile.present);
        let mut later = BTreeSet::new();
        let mut assessed = Vec::with_capacity(loans.len());
        let rows = loans.subjects.iter().zip(&columns.originated_days).zip(&columns.defaulted);
        for ((subject, originated_days), bad) in rows {
            let began_secs = u64::from(*originated_days) * DAY_SECS;
            let now_secs = self.as_of_secs.unwrap_or(began_secs);
            later.extend(registry.later_reports(subject, farthest, now_secs));
            let own = registry.own(self.inputs.policy, subject, now_secs);
            let lent = policies.iter().map(|policy| {
                let lone = own.is_none();
                lone.then(|| registry.lent(policy, subject, now_secs)).flatten().map(&mut z)
            });
            let lent = lent.collect();
            let hidden = registry.withholds(subject);
            let withheld = hidden
                .then(|| registry.reported(self.inputs.policy, subject, now_secs))
                .flatten()
                .map(&mut z);
            assessed.push(Assessed { bad: *bad, own: own.map(&mut z), withheld, lent });
        }
        Ok((assessed, later.len() as u64))
    }

    /// What relations up to the distance at position `at` of those assessed give.
    pub fn at(&self, loans: &[Assessed], at: usize, max_distance: u8) -> AtDistance {
        let lent = |loan: &Assessed| loan.lent.get(at).copied().flatten();
        let lone: Vec<Assessed> = loans.iter().filter(|loan| loan.own.is_none()).cloned().collect();
        let unscored = lone.iter().filter(|loan| lent(loan).is_none()).map(|loan| loan.bad);
        let group = self.group(&lone, lent);
        let scored = (loans.len() - lone.len()) as u64 + group.loans;
        let related = |loan: &Assessed| i8::from(lent(loan).is_none());
        AtDistance {
            max_distance,
            unscored: Group::count(unscored),
            scored_share_ppb: (scored * ONE_PPB).checked_div(loans.len() as u64).unwrap_or(0),
            without_own: self.ranking(&lone, lent),
            auc_related: self.auc(&lone, related),
            all: self.ranking(loans, lent),
            likeness: self.likeness(&lone, lent),
            lent: group,
        }
    }

    fn ranking(&self, loans: &[Assessed], lent: impl Fn(&Assessed) -> Option<i8>) -> Ranking {
        let bad: Vec<bool> = loans.iter().map(|loan| loan.bad).collect();
        let without: Vec<i8> = loans.iter().map(|loan| loan.own.unwrap_or(self.fallback)).collect();
        let with: Vec<i8> = loans
            .iter()
            .map(|loan| loan.own.or_else(|| lent(loan)).unwrap_or(self.fallback))
            .collect();
        Ranking {
            loans: loans.len() as u64,
            bad_count: bad.iter().filter(|bad| **bad).count() as u64,
            auc_fallback: self.bootstrap.auc(&without, &bad),
            auc_lent: self.bootstrap.auc(&with, &bad),
            gain: self.bootstrap.gain(&with, &without, &bad),
        }
    }

    fn auc(&self, loans: &[Assessed], value: impl Fn(&Assessed) -> i8) -> Option<Estimate> {
        let values: Vec<i8> = loans.iter().map(value).collect();
        let bad: Vec<bool> = loans.iter().map(|loan| loan.bad).collect();
        self.bootstrap.auc(&values, &bad)
    }

    /// The loans that have an output, and what these outputs are worth.
    pub fn group(&self, loans: &[Assessed], output: impl Fn(&Assessed) -> Option<i8>) -> Group {
        let (outputs, bad): (Vec<i8>, Vec<bool>) =
            loans.iter().filter_map(|loan| Some((output(loan)?, loan.bad))).unzip();
        let scores: Vec<u16> = outputs.iter().map(|z| self.network.score(*z)).collect();
        let sum: f64 = scores.iter().map(|score| f64::from(*score)).sum();
        Group {
            auc: self.bootstrap.auc(&outputs, &bad),
            mean_score: (!scores.is_empty()).then(|| sum / scores.len() as f64),
            levels: self.level_table(&scores, &bad).unwrap_or_default(),
            ..Group::count(bad.iter().copied())
        }
    }

    /// By the chain's own rules; none without loans.
    fn level_table(&self, scores: &[u16], bad: &[bool]) -> Option<Vec<Level>> {
        let mut histogram = Histogram::default();
        for (score, bad) in scores.iter().zip(bad) {
            histogram.add(*score, *bad, 1);
        }
        let options =
            RateOptions { basis: Basis::Count, method: Method::Observed, weights: Weights::Share };
        let orientation = self.inputs.artifact.orientation;
        let table =
            LevelTable::new(&histogram, self.levels.as_ref()?, &options, orientation, None).ok()?;
        let rows = table.rows.into_iter().map(|row| Level {
            level: row.level,
            score_from: row.score_from,
            score_to: row.score_to,
            count: row.count,
            bad_count: row.bad_count,
            bad_rate_ppb: row.bad_rate_ppb,
        });
        Some(rows.collect())
    }

    fn likeness(
        &self,
        loans: &[Assessed],
        lent: impl Fn(&Assessed) -> Option<i8>,
    ) -> Option<Likeness> {
        let score = |z: i8| self.network.score(z);
        let pairs: Vec<(u16, u16)> = loans
            .iter()
            .filter_map(|loan| Some((score(lent(loan)?), score(loan.withheld?))))
            .collect();
        let level = |score: u16| self.levels.as_ref().and_then(|levels| levels.of(score));
        let count = pairs.len() as f64;
        let differences = || pairs.iter().map(|(lent, own)| f64::from(*lent) - f64::from(*own));
        let same = pairs.iter().filter(|(lent, own)| level(*lent) == level(*own)).count();
        (!pairs.is_empty()).then(|| Likeness {
            loans: pairs.len() as u64,
            mean_difference: differences().sum::<f64>() / count,
            mean_absolute_difference: differences().map(f64::abs).sum::<f64>() / count,
            same_level_share: same as f64 / count,
        })
    }
}

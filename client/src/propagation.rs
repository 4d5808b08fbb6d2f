//! What social propagation gives on a bureau's own data (rules, section 2): how many more loans can
//! be scored, and how well the scores of lent profiles rank defaults.
//!
//! Profiles are merged and lent by `assay-risk`, as on chain, each as of the day its loan began.
//! Reports of a share of the borrowers can be withheld: then what relations lend stands beside what
//! the borrower's own report would have said.

mod estimate;
mod judge;
mod page;
mod registry;
#[cfg(test)]
mod tests;
mod text;

pub use estimate::{Bootstrap, Estimate};
pub use page::render;
pub use registry::Registry;

use crate::{
    ratio::ONE_PPB,
    split::Share,
    table::{relations::RelationRow, Table},
};
use assay_risk::{
    artifact::{Artifact, ArtifactFault},
    profile::Policy,
};
use judge::Judge;
use serde::Serialize;

/// What a study looks at.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// One table a bureau, all under the MAP that the model was trained with.
    pub reports: &'a [Table],
    pub relations: &'a [RelationRow],
    /// A tape whose loans are marked as defaulted or not. That mark alone is the outcome: a default
    /// on record in a report lies before the loan.
    pub loans: &'a Table,
    pub artifact: &'a Artifact,
    /// Its distance is the largest that is looked at.
    pub policy: &'a Policy,
}

/// How a study is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Share of the borrowers whose reports are withheld: those that `assay split` with the rest of
    /// this share and the same seed puts into the second file.
    pub withheld_ppb: u64,
    pub seed: u64,
    /// Of each bootstrap.
    pub resamples: u32,
    /// The moment of all profiles; none means the day each loan began.
    pub as_of_secs: Option<u64>,
}

/// Why there is no study.
#[derive(Debug, thiserror::Error)]
pub enum StudyFailure {
    #[error("the policy lends nothing; set propagation_max_distance in the POLICY")]
    PropagationForbidden,
    #[error("--withhold is above 100 %")]
    ShareAboveOne,
    #[error("the loans have no origination; read them as a tape")]
    NoTape,
    #[error("the model can't be run: {0}")]
    Refused(ArtifactFault),
}

/// Loans of one kind, with what their scores are worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Group {
    pub loans: u64,
    pub bad_count: u64,
    /// Rounded up; none without loans.
    pub bad_rate_ppb: Option<u64>,
    /// None when no loan, or every loan, is bad.
    pub auc: Option<Estimate>,
    pub mean_score: Option<f64>,
    /// Empty without loans.
    pub levels: Vec<Level>,
}

/// One level of equal width over the score range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    pub level: u8,
    pub score_from: u16,
    pub score_to: u16,
    pub count: u64,
    pub bad_count: u64,
    /// Rounded up; none in a level without loans.
    pub bad_rate_ppb: Option<u64>,
}

/// How the same loans are ranked with lent profiles and without them. Where no profile is, the
/// model's fallback values stand in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    pub loans: u64,
    pub bad_count: u64,
    pub auc_fallback: Option<Estimate>,
    pub auc_lent: Option<Estimate>,
    /// `auc_lent` above `auc_fallback`.
    pub gain: Option<Estimate>,
}

/// Scores of lent profiles beside those of the same borrowers' withheld reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Likeness {
    pub loans: u64,
    /// Mean of lent less withheld, in points of the score.
    pub mean_difference: f64,
    pub mean_absolute_difference: f64,
    /// Share of the loans that land in the same level.
    pub same_level_share: f64,
}

/// What relations up to a distance give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtDistance {
    pub max_distance: u8,
    /// Loans scored by a lent profile.
    pub lent: Group,
    /// Loans that stay without a profile, thus without a score: counts alone.
    pub unscored: Group,
    /// Scored loans, by an own or a lent profile, of all.
    pub scored_share_ppb: u64,
    /// Over the loans without an own profile.
    pub without_own: Ranking,
    /// The loans without an own profile, ranked by nothing but this: those with a lent one are safer.
    pub auc_related: Option<Estimate>,
    /// Over all loans.
    pub all: Ranking,
    /// None when no loan has both.
    pub likeness: Option<Likeness>,
}

/// A study's findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Study {
    pub loans: u64,
    pub bad_count: u64,
    pub bad_rate_ppb: Option<u64>,
    pub reports: u64,
    pub relations: u64,
    /// Relations beyond the chain's bound a subject, the most distant ones.
    pub relations_dropped: u64,
    pub withheld_ppb: u64,
    pub seed: u64,
    pub resamples: u32,
    /// Reports that were left out because they were observed after the loan began.
    pub later_reports: u64,
    /// Score of the fallback values alone.
    pub fallback_score: u16,
    /// Loans scored by an own profile.
    pub own: Group,
    /// Loans whose borrower's reports are withheld, scored by these reports all the same.
    pub withheld: Group,
    /// For each distance at which there are relations, ascending.
    pub distances: Vec<AtDistance>,
}

/// Makes a study.
///
/// # Errors
///
/// [`StudyFailure`] when the policy lends nothing, the share is no share, the loans are no tape, or
/// the artifact can't be run.
pub fn study(inputs: &Inputs<'_>, options: &Options) -> Result<Study, StudyFailure> {
    let max_distance = inputs.policy.propagation.ok_or(StudyFailure::PropagationForbidden)?;
    let known_ppb = ONE_PPB.checked_sub(options.withheld_ppb).ok_or(StudyFailure::ShareAboveOne)?;
    let share = Share { ppb: known_ppb, seed: options.seed };
    let mut registry = Registry::new(inputs.reports);
    let relations_dropped = registry.relate(inputs.relations);
    let borrowers = inputs.loans.subjects.iter();
    borrowers.filter(|subject| !share.takes(subject)).for_each(|s| registry.withhold(*s));
    let distances = registry.distances().into_iter().filter(|distance| *distance <= max_distance);
    let distances: Vec<u8> = distances.collect();
    let judge = Judge::new(inputs, options)?;
    let (loans, later_reports) = judge.assess(&registry, &distances)?;
    let total = Group::count(loans.iter().map(|loan| loan.bad));
    let at = distances.iter().enumerate();
    Ok(Study {
        loans: total.loans,
        bad_count: total.bad_count,
        bad_rate_ppb: total.bad_rate_ppb,
        reports: inputs.reports.iter().map(|table| table.len() as u64).sum(),
        relations: inputs.relations.len() as u64,
        relations_dropped,
        withheld_ppb: options.withheld_ppb,
        seed: options.seed,
        resamples: options.resamples,
        later_reports,
        fallback_score: judge.fallback_score(),
        own: judge.group(&loans, |loan| loan.own),
        withheld: judge.group(&loans, |loan| loan.withheld),
        distances: at.map(|(at, distance)| judge.at(&loans, at, *distance)).collect(),
    })
}

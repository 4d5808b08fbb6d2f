//! How far scores and features have moved from a baseline: PSI and CSI.
//!
//! Both are the chain's own integer index (rules, section 8; [`psi_ppb`]): over counts of bins, with
//! shares floored at 0.0001, so that no empty bin makes it infinite. Only the bins differ: the
//! report's levels for the score, the baseline's quantiles for a feature.

use super::{measures::levels_of, Part};
use crate::model_file::ModelFeature;
use assay_risk::{
    artifact::Artifact,
    surveillance::{psi_ppb, PSI_ALERT_PPB, PSI_NOTE_PPB},
};
use serde::{Deserialize, Serialize};

/// Bins of a feature's values that are present, at most.
pub const QUANTILE_BINS: usize = 10;

/// How one part differs from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Name of the part that the bins come from.
    pub baseline: String,
    /// Name of the part that is compared with it.
    pub compared: String,
    pub baseline_rows: u64,
    pub compared_rows: u64,
    /// PSI of the score over the report's levels; none when either part has no rows.
    pub score_psi_ppb: Option<u64>,
    /// By level, from the lowest score upward.
    pub score_bins: Vec<ShiftBin>,
    /// In the contract's order.
    pub features: Vec<FeatureShift>,
}

/// How one feature differs from the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureShift {
    pub feature: String,
    pub unit: String,
    /// None when either part has no rows.
    pub csi_ppb: Option<u64>,
    pub baseline_missing: u64,
    pub compared_missing: u64,
    /// Bins of present values, ascending, then the missing ones.
    pub bins: Vec<ShiftBin>,
}

/// One bin of values, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftBin {
    /// None in the lowest bin, which is open downward, and for missing values.
    pub from: Option<i32>,
    /// None in the highest bin, which is open upward, and for missing values.
    pub to: Option<i32>,
    /// Whether the bin is of missing values.
    pub missing: bool,
    pub baseline_count: u64,
    pub compared_count: u64,
}

/// What an index says, by the chain's own limits (rules, section 8).
pub fn verdict(psi_ppb: Option<u64>) -> &'static str {
    match psi_ppb {
        None => "no rows",
        Some(psi) if psi >= PSI_ALERT_PPB => "shifted",
        Some(psi) if psi >= PSI_NOTE_PPB => "moving",
        Some(_) => "stable",
    }
}

impl Stability {
    /// Compares a part with a baseline, each given with its name. Features are called by position
    /// until [`Self::name_features`] names them.
    pub fn compare(
        artifact: &Artifact,
        baseline: (&str, &Part<'_>),
        compared: (&str, &Part<'_>),
    ) -> Self {
        let ((baseline_name, baseline), (compared_name, compared)) = (baseline, compared);
        let score_bins = score_bins(artifact, baseline, compared);
        let features = 0..artifact.features.len();
        Self {
            baseline: baseline_name.to_owned(),
            compared: compared_name.to_owned(),
            baseline_rows: baseline.rows.len() as u64,
            compared_rows: compared.rows.len() as u64,
            score_psi_ppb: index(&score_bins),
            score_bins,
            features: features
                .map(|position| {
                    let name = format!("feature {}", position + 1);
                    FeatureShift::new(
                        name,
                        &column(baseline, position),
                        &column(compared, position),
                    )
                })
                .collect(),
        }
    }

    /// Gives the features their names and units, in the contract's order.
    pub fn name_features(&mut self, features: &[ModelFeature]) {
        for (shift, feature) in self.features.iter_mut().zip(features) {
            shift.feature.clone_from(&feature.name);
            shift.unit.clone_from(&feature.unit);
        }
    }

    /// The features, the one that moved most first, ties in the contract's order.
    pub fn sorted(&self) -> Vec<&FeatureShift> {
        let mut sorted: Vec<&FeatureShift> = self.features.iter().collect();
        sorted.sort_by_key(|shift| std::cmp::Reverse(shift.csi_ppb));
        sorted
    }
}

impl FeatureShift {
    /// Compares the values of one feature, none where missing.
    pub fn new(feature: String, baseline: &[Option<i32>], compared: &[Option<i32>]) -> Self {
        let mut bins = bins(baseline);
        let missing =
            |values: &[Option<i32>]| values.iter().filter(|value| value.is_none()).count() as u64;
        let (baseline_missing, compared_missing) = (missing(baseline), missing(compared));
        for value in baseline.iter().flatten() {
            let at = place(&bins, *value);
            bins[at].baseline_count += 1;
        }
        for value in compared.iter().flatten() {
            let at = place(&bins, *value);
            bins[at].compared_count += 1;
        }
        bins.push(ShiftBin {
            missing: true,
            baseline_count: baseline_missing,
            compared_count: compared_missing,
            ..ShiftBin::default()
        });
        Self {
            feature,
            unit: String::new(),
            csi_ppb: index(&bins),
            baseline_missing,
            compared_missing,
            bins,
        }
    }
}

fn index(bins: &[ShiftBin]) -> Option<u64> {
    let (baseline, compared): (Vec<u64>, Vec<u64>) =
        bins.iter().map(|bin| (bin.baseline_count, bin.compared_count)).unzip();
    psi_ppb(&baseline, &compared)
}

fn score_bins(artifact: &Artifact, baseline: &Part<'_>, compared: &Part<'_>) -> Vec<ShiftBin> {
    let Some(levels) = levels_of(artifact) else { return Vec::new() };
    let bin = |(from, to): (u16, u16)| {
        let inside = |part: &Part<'_>| {
            part.scores.iter().filter(|s| (from..=to).contains(*s)).count() as u64
        };
        ShiftBin {
            from: Some(from.into()),
            to: Some(to.into()),
            missing: false,
            baseline_count: inside(baseline),
            compared_count: inside(compared),
        }
    };
    levels.bounds().map(bin).collect()
}

fn column(part: &Part<'_>, position: usize) -> Vec<Option<i32>> {
    let table = part.table;
    let value = |row: &usize| {
        (table.present[*row] >> position & 1 == 1).then(|| table.row_values(*row)[position])
    };
    part.rows.iter().map(value).collect()
}

/// Position of the bin that holds a value.
fn place(bins: &[ShiftBin], value: i32) -> usize {
    bins.partition_point(|bin| bin.to.is_some_and(|to| to < value)).min(bins.len() - 1)
}

/// Empty bins by the quantiles of a baseline's present values; at least one.
///
/// A value on which several quantiles fall has a bin of its own. A feature that is constant in the
/// baseline has three: under, at and over its value, since any other value is then a shift.
pub fn bins(baseline: &[Option<i32>]) -> Vec<ShiftBin> {
    let mut values: Vec<i32> = baseline.iter().flatten().copied().collect();
    values.sort_unstable();
    let ends = match (values.first(), values.last()) {
        (Some(only), Some(last)) if only == last => {
            let mut ends = vec![only.saturating_sub(1), *only];
            ends.dedup();
            ends.retain(|end| *end < i32::MAX);
            ends
        }
        (Some(lowest), Some(highest)) => quantile_ends(&values, *lowest, *highest),
        _ => Vec::new(),
    };
    let froms = std::iter::once(None).chain(ends.iter().map(|end| end.checked_add(1)));
    let tos = ends.iter().copied().map(Some).chain([None]);
    froms.zip(tos).map(|(from, to)| ShiftBin { from, to, ..ShiftBin::default() }).collect()
}

/// The upper ends of all bins but the last, ascending.
fn quantile_ends(sorted: &[i32], lowest: i32, highest: i32) -> Vec<i32> {
    let quantile = |part: usize| sorted[(part * sorted.len()).div_ceil(QUANTILE_BINS) - 1];
    let quantiles: Vec<i32> = (1..QUANTILE_BINS).map(quantile).collect();
    let mut ends = Vec::new();
    for run in quantiles.chunk_by(|a, b| a == b) {
        let value = run[0];
        if run.len() > 1 && value > lowest {
            ends.push(value - 1);
        }
        if value < highest {
            ends.push(value);
        }
    }
    ends.dedup();
    ends
}

//! A model's quality for people, within 100 columns.

use super::{stability::verdict, FeatureShift, Measures, Quality, Stability};
use crate::ratio::show;
use serde::Serialize;
use std::fmt;

/// Features that the text lists; JSON and the page have all.
const FEATURES_SHOWN: usize = 10;

/// A finished model on labelled rows, and how they differ from a baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The model's name.
    pub name: String,
    /// Rows without any value, which have no score and are not measured.
    pub unscored: u64,
    #[serde(flatten)]
    pub measures: Measures,
    /// What the baseline's own rows say, where all of them are labelled and both kinds are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Measures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stability: Option<Stability>,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts();
        figures(f, &parts)?;
        writeln!(f, "quantised by {}", self.setup.quantised_by)?;
        if let Some((name, part)) = parts.last() {
            levels(f, name, part)?;
        }
        for (name, part) in &parts {
            agreement(f, name, part)?;
        }
        self.stability.iter().try_for_each(|stability| score_shift(f, stability))?;
        self.stability.last().map_or(Ok(()), |stability| feature_shifts(f, stability))
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<(&str, &Measures)> = Vec::new();
        parts.extend(self.baseline.as_ref().map(|part| ("baseline", part)));
        parts.push(("data", &self.measures));
        figures(f, &parts)?;
        if self.unscored > 0 {
            writeln!(f, "{} more loans have no value at all, so no score", self.unscored)?;
        }
        levels(f, "data", &self.measures)?;
        agreement(f, "data", &self.measures)?;
        let Some(stability) = &self.stability else { return Ok(()) };
        score_shift(f, stability)?;
        feature_shifts(f, stability)
    }
}

/// One line a measure, one column a part.
fn figures(f: &mut fmt::Formatter<'_>, parts: &[(&str, &Measures)]) -> fmt::Result {
    write!(f, "{:24}", "")?;
    parts.iter().try_for_each(|(name, _)| write!(f, "{name:>12}"))?;
    writeln!(f)?;
    let mut line = |name: &str, text: &dyn Fn(&Measures) -> String| {
        write!(f, "{name:24}")?;
        parts.iter().try_for_each(|(_, part)| write!(f, "{:>12}", text(part)))?;
        writeln!(f)
    };
    line("loans", &|part| part.rows.to_string())?;
    line("bad rate", &|part| show(part.bad_rate_ppb))?;
    let ratios: [(&str, fn(&Measures) -> Option<f64>); 9] = [
        ("AUC, float", |part| part.auc_float),
        ("AUC, quantised", |part| Some(part.auc_quantised)),
        ("  standard error", |part| part.auc_standard_error),
        ("Gini", |part| Some(part.gini)),
        ("KS", |part| Some(part.ks)),
        ("log loss", |part| part.log_loss),
        ("0-1 loss", |part| part.zero_one_loss),
        ("scores equal to float", |part| part.scores_equal_share),
        ("scores within 1", |part| part.scores_near_share),
    ];
    for (name, ratio) in ratios {
        if parts.iter().any(|(_, part)| ratio(part).is_some()) {
            line(name, &|part| ratio(part).map_or_else(dash, |ratio| format!("{ratio:.4}")))?;
        }
    }
    Ok(())
}

fn dash() -> String {
    "-".to_owned()
}

fn levels(f: &mut fmt::Formatter<'_>, name: &str, part: &Measures) -> fmt::Result {
    writeln!(f, "\n{name} by level")?;
    write!(f, "{:>5}{:>12}{:>9}{:>8}", "level", "scores", "loans", "bad")?;
    write!(f, "{:>11}{:>8}{:>14}{:>12}", "bad rate", "lift", "bad captured", "expected")?;
    for level in &part.levels {
        let scores = format!("{}-{}", level.score_from, level.score_to);
        let rate = |ppb: Option<u64>| ppb.map_or_else(dash, show);
        let lift = level.lift_ppb.map_or_else(dash, |lift| format!("{:.2}", lift as f64 / 1e9));
        write!(f, "\n{:>5}{scores:>12}{:>9}{:>8}", level.level, level.count, level.bad_count)?;
        write!(f, "{:>11}{lift:>8}", rate(level.bad_rate_ppb))?;
        write!(f, "{:>14}{:>12}", rate(level.captured_bad_ppb), rate(level.expected_bad_rate_ppb))?;
    }
    writeln!(f)
}

fn agreement(f: &mut fmt::Formatter<'_>, name: &str, part: &Measures) -> fmt::Result {
    let Some(found) = &part.calibration else { return Ok(()) };
    writeln!(
        f,
        "\ncalibration of {name}, by {} loans: expected {}, observed {},\n  error {} in the mean",
        found.calibration_rows,
        show(found.expected_bad_rate_ppb),
        show(part.bad_rate_ppb),
        show(found.expected_calibration_error_ppb)
    )?;
    let Some(test) = &found.hosmer_lemeshow else { return Ok(()) };
    writeln!(
        f,
        "  Hosmer-Lemeshow {:.2} with {} degrees of freedom, p = {:.4}",
        test.chi_square, test.groups, test.p_value
    )
}

fn index(ppb: Option<u64>) -> String {
    ppb.map_or_else(dash, |ppb| format!("{:.4}", ppb as f64 / 1e9))
}

fn score_shift(f: &mut fmt::Formatter<'_>, stability: &Stability) -> fmt::Result {
    writeln!(
        f,
        "\nPSI of the score, {} ({}) to {} ({}), {} levels: {}, {}",
        stability.baseline.replace('_', " "),
        stability.baseline_rows,
        stability.compared.replace('_', " "),
        stability.compared_rows,
        stability.score_bins.len(),
        index(stability.score_psi_ppb),
        verdict(stability.score_psi_ppb)
    )
}

fn feature_shifts(f: &mut fmt::Formatter<'_>, stability: &Stability) -> fmt::Result {
    let (baseline, compared) = (stability.baseline_rows, stability.compared_rows);
    let name = stability.compared.replace('_', " ");
    write!(f, "CSI of the features, the same loans\n{:40}{:>8}{:>6}", "feature", "CSI", "bins")?;
    write!(f, "{:>17}{:>17}", "missing before", "missing now")?;
    let sorted = stability.sorted();
    for shift in sorted.iter().take(FEATURES_SHOWN) {
        write!(f, "\n{:40}{:>8}{:>6}", label(shift), index(shift.csi_ppb), shift.bins.len())?;
        let missing = [(shift.baseline_missing, baseline), (shift.compared_missing, compared)];
        for (missing, rows) in missing {
            write!(f, "{:>17}", show(share_ppb(missing, rows)))?;
        }
        write!(f, "  {}", verdict(shift.csi_ppb))?;
    }
    let more = sorted.len().saturating_sub(FEATURES_SHOWN);
    if more > 0 {
        write!(f, "\nand {more} more of {name} that moved no further")?;
    }
    Ok(())
}

/// Name and unit, cut to its column.
fn label(shift: &FeatureShift) -> String {
    let unit = if shift.unit.is_empty() { String::new() } else { format!(" [{}]", shift.unit) };
    format!("{}{unit}", shift.feature).chars().take(39).collect()
}

fn share_ppb(count: u64, rows: u64) -> u64 {
    assay_risk::ratio::ratio_up_ppb(count.into(), rows.into()).unwrap_or_default()
}

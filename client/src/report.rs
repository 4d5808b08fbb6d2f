//! Reports for people: one HTML file each without anything from elsewhere, fit for print. A pack's
//! is here, a model's in [`model`].

mod charts;
pub mod format;
pub mod model;
mod model_charts;
#[cfg(test)]
mod tests;

use crate::train::quality::Quality;
use askama::Template;
use format::{count, money, percent};
use serde::{Deserialize, Serialize};

/// All that a report shows; the online half fills it from the chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    pub pack: u32,
    pub pack_name: String,
    pub originator: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `YYYY-MM-DD`.
    pub cut_off_date: String,
    /// The scoring contract: name, version, and id as `0x` and 64 hexadecimal digits.
    pub contract_name: String,
    pub contract_version: u32,
    pub contract_id: String,
    pub policy_id: String,
    pub assessment: u32,
    /// The finalised block the figures were read at.
    pub block_number: u32,
    pub block_hash: String,
    pub score_min: u16,
    pub score_max: u16,
    /// Whether a higher score is the riskier one.
    pub higher_is_riskier: bool,
    /// `by count` or `by balance`.
    pub basis: String,
    /// `whole pack` or `per level, steps of 1 %`.
    pub mode: String,
    pub target_ppb: u64,
    /// The tape as submitted, unscored loans included.
    pub tape: Figures,
    pub unscored: Figures,
    /// The scored loans before the screening.
    pub before: Figures,
    /// The loans kept.
    pub after: Figures,
    /// Removed by the screening, without the unscored.
    pub removed: Figures,
    /// Removed share of the scored loans, on the screening's basis.
    pub removed_share_ppb: u64,
    /// The score at which the removal stopped, and how many were removed at that score.
    pub cut: Option<Cut>,
    /// In the order of their numbers.
    pub levels: Vec<Level>,
    /// Pack's rate after removing the riskiest 0 %, 1 %, ... 99 %; none where it has too few loans.
    pub curve_ppb: Vec<Option<u64>>,
    /// From the model's file, where there is one.
    pub model: Option<ModelQuality>,
    /// Commands by which a reader recomputes the figures, one a line.
    pub verify: Vec<String>,
}

/// A set of loans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub count: u64,
    /// In minor units.
    pub balance_minor: u128,
    pub bad_count: u64,
    pub bad_rate_ppb: u64,
}

/// Where a screening stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    pub score: u16,
    pub removed_at_score: u64,
}

/// A level of the scale, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    pub level: u8,
    pub score_from: u16,
    pub score_to: u16,
    pub before: Figures,
    pub after: Figures,
}

/// What the model's file says of its worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelQuality {
    pub auc_quantised: f64,
    pub auc_float: Option<f64>,
    pub gini: f64,
    pub ks: f64,
    pub training_rows: u64,
    pub validation_rows: u64,
}

impl From<&Quality> for ModelQuality {
    fn from(quality: &Quality) -> Self {
        Self {
            auc_quantised: quality.auc_quantised,
            auc_float: quality.auc_float,
            gini: quality.gini,
            ks: quality.ks,
            training_rows: quality.training.rows,
            validation_rows: quality.validation.rows,
        }
    }
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportFailure {
    #[error("a chart can't be drawn: {0}")]
    Chart(String),
    #[error("the page can't be made: {0}")]
    Page(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    data: &'a ReportData,
    rows: Vec<LevelRow>,
    curve: String,
    shares: String,
    rates: String,
}

/// A level's line of the table, as text.
struct LevelRow {
    level: u8,
    scores: String,
    before: [String; 4],
    after: [String; 4],
    removed: String,
}

/// The report as one HTML page.
///
/// # Errors
///
/// [`ReportFailure`] when a chart can't be drawn.
pub fn render(data: &ReportData) -> Result<String, ReportFailure> {
    let page = Page {
        data,
        rows: data.levels.iter().map(|level| level_row(level, &data.currency)).collect(),
        curve: charts::curve(data)?,
        shares: charts::shares(data)?,
        rates: charts::rates(data)?,
    };
    Ok(page.render()?)
}

fn level_row(level: &Level, currency: &str) -> LevelRow {
    let cells = |figures: &Figures| {
        [
            count(figures.count),
            money(figures.balance_minor, currency),
            count(figures.bad_count),
            if figures.count > 0 { percent(figures.bad_rate_ppb) } else { "–".to_owned() },
        ]
    };
    LevelRow {
        level: level.level,
        scores: format!("{} – {}", level.score_from, level.score_to),
        before: cells(&level.before),
        after: cells(&level.after),
        removed: count(level.before.count.saturating_sub(level.after.count)),
    }
}

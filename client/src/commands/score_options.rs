//! What scores a model gives: options of `model train` and of `model import`.

use crate::train::scores::{ScoreBy, ScoreRange, Scoring};
use assay_risk::artifact::Orientation;

/// The range of scores and how outputs become them.
#[derive(Clone, Debug, clap::Args)]
pub struct ScoreOptions {
    /// Lowest score.
    #[arg(long, default_value_t = 1)]
    pub score_min: u16,
    /// Highest score.
    #[arg(long, default_value_t = 100)]
    pub score_max: u16,
    /// How outputs become scores.
    #[arg(long, value_enum, default_value_t = ScoreBy::Quantiles)]
    pub score_by: ScoreBy,
    /// Make the lowest score the riskiest, as with credit scores of 300 to 850.
    #[arg(long)]
    pub lower_is_riskier: bool,
}

impl ScoreOptions {
    /// What they ask for; the range is not checked.
    pub fn scoring(&self) -> Scoring {
        let orientation = if self.lower_is_riskier {
            Orientation::LowerIsRiskier
        } else {
            Orientation::HigherIsRiskier
        };
        let range = ScoreRange { min: self.score_min, max: self.score_max, orientation };
        Scoring { range, by: self.score_by }
    }
}

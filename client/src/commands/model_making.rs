//! What `model train` and `model import` share: options, the rows they read, the model they keep.

use crate::{
    commands::model_quality::write_page,
    model_file::ModelFile,
    output::Output,
    ratio::Ratio,
    report::model::ModelPage,
    subject::ConsortiumKey,
    table::{Map, Purpose, ReadOptions, Table},
    train::{
        quality::Quality,
        scores::{ScoreBy, ScoreRange, Scoring},
    },
};
use assay_risk::artifact::Orientation;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Options of whatever makes a model out of labelled rows.
#[derive(Clone, Debug, clap::Args)]
pub struct Making {
    /// Which columns are what; its features are the network's inputs, in their order.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Where the model goes.
    #[arg(long, value_name = "MODEL.json")]
    pub out: PathBuf,
    /// Labelled rows of other borrowers, on which the finished model is measured.
    #[arg(long, value_name = "DATA.csv")]
    pub held_out: Option<PathBuf>,
    /// Where a page on the model's quality, with its curves, goes.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The model's name on chain; by default that of the MAP.
    #[arg(long)]
    pub name: Option<String>,
    /// Share of the rows that choices go by and quality is measured on.
    #[arg(long, default_value = "20 %")]
    pub validation: Ratio,
    /// The same seed gives the same model.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
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
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// What the command prints as JSON.
#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    model: &'a Path,
    #[serde(flatten)]
    quality: &'a Quality,
}

impl Making {
    /// The scores that are asked for; the range is not checked.
    pub fn scoring(&self) -> Scoring {
        let orientation = if self.lower_is_riskier {
            Orientation::LowerIsRiskier
        } else {
            Orientation::HigherIsRiskier
        };
        let range = ScoreRange { min: self.score_min, max: self.score_max, orientation };
        Scoring { range, by: self.score_by }
    }

    /// The model's name.
    pub fn name<'a>(&'a self, map: &'a Map) -> &'a str {
        self.name.as_deref().unwrap_or(&map.name)
    }

    /// The labelled rows, and those held out where there are such.
    ///
    /// # Errors
    ///
    /// When a file can't be read or, without `skip_bad_rows`, a row of it is bad.
    pub fn read(
        &self,
        data: &Path,
        map: &Map,
        output: &Output,
    ) -> anyhow::Result<(Table, Option<Table>)> {
        let read =
            |path: &Path| read_rows(path, map, Purpose::Training, self.skip_bad_rows, output);
        Ok((read(data)?, self.held_out.as_deref().map(read).transpose()?))
    }

    /// Writes the model and the page on its quality, and prints the quality.
    ///
    /// # Errors
    ///
    /// When a file can't be written, or stdout takes no more.
    pub fn keep(&self, model: &ModelFile, output: &Output) -> anyhow::Result<()> {
        model.write(&self.out)?;
        output.note(format!("{} is written", self.out.display()));
        let Some(quality) = &model.quality else { return Ok(()) };
        if let Some(path) = &self.html {
            write_page(&ModelPage::of_training(model, quality), path, output)?;
        }
        output.result(&Made { name: &model.name, model: &self.out, quality }, quality)
    }
}

/// Rows of a file whose subjects do not matter, so that no key is needed.
///
/// # Errors
///
/// When the file can't be read or, without `skip_bad_rows`, a row of it is bad.
pub fn read_rows(
    path: &Path,
    map: &Map,
    purpose: Purpose,
    skip_bad_rows: bool,
    output: &Output,
) -> anyhow::Result<Table> {
    let reading = ReadOptions { key: ConsortiumKey::development(), skip_bad_rows };
    let table = Table::read(path, map, purpose, &reading)?;
    table.messages().for_each(|message| output.note(message));
    Ok(table)
}

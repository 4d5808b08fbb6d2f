//! `assay model quality`: what a finished model is worth on labelled rows.

use super::model_making::read_rows;
use crate::{
    model_file::ModelFile,
    output::Output,
    report::model::{render, ModelPage},
    table::{Map, Purpose, Table},
    train::quality::{measure, Measured, Part, Stability},
};
use anyhow::{bail, Context as _};
use std::path::{Path, PathBuf};

/// Measures a model on labelled rows: ranking, levels, calibration, and shifts from a baseline.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The model.
    pub model: PathBuf,
    /// Labelled rows, one borrower each.
    pub data: PathBuf,
    /// Which columns are what.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Rows that the model was made with: scores and features are compared with theirs.
    #[arg(long, value_name = "TRAIN.csv")]
    pub baseline: Option<PathBuf>,
    /// Where a page with the curves goes.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// Runs the command.
///
/// # Errors
///
/// When the model, the MAP and the data do not go together, the data lack defaults or other rows, or
/// the page can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let model = ModelFile::read(&args.model)?;
    let map = Map::read(&args.map)?;
    model.check_map(&map)?;
    let read = |path: &Path, purpose| read_rows(path, &map, purpose, args.skip_bad_rows, output);
    let data = read(&args.data, Purpose::Training)?;
    let baseline = args.baseline.as_deref().map(|path| read(path, Purpose::Scoring)).transpose()?;
    let measured = measured(&model, &data, baseline.as_ref())
        .with_context(|| args.data.display().to_string())?;
    if let Some(path) = &args.html {
        let page = ModelPage::of_measured(&model, &measured, command(args));
        write_page(&page, path, output)?;
    }
    output.result(&measured, &measured)
}

/// Writes a model's page and says so.
///
/// # Errors
///
/// When the page can't be drawn or written.
pub fn write_page(page: &ModelPage<'_>, path: &Path, output: &Output) -> anyhow::Result<()> {
    std::fs::write(path, render(page)?)
        .with_context(|| format!("{}: can't be written", path.display()))?;
    output.note(format!("{} is written", path.display()));
    Ok(())
}

/// Measures a model on the rows that have a score.
///
/// # Errors
///
/// When no row is a default, or every one is.
pub fn measured(
    model: &ModelFile,
    data: &Table,
    baseline: Option<&Table>,
) -> anyhow::Result<Measured> {
    let part = scored(model, data)?;
    let (bad, good) = part.outcomes();
    if bad == 0 || good == 0 {
        bail!("{bad} rows are defaults and {good} are not; a measure needs both");
    }
    let calibration = (!model.calibration.entries.is_empty()).then_some(&model.calibration);
    let mut measured = Measured {
        name: model.name.clone(),
        unscored: unscored(data),
        measures: measure(&model.artifact, &part, calibration),
        baseline: None,
        stability: None,
    };
    if let Some(table) = baseline {
        let baseline = scored(model, table)?;
        let mut stability =
            Stability::compare(&model.artifact, ("baseline", &baseline), ("data", &part));
        stability.name_features(&model.features);
        measured.stability = Some(stability);
        let (bad, good) = baseline.outcomes();
        let is_labelled = table.labels.iter().all(Option::is_some);
        measured.baseline =
            (is_labelled && bad > 0 && good > 0).then(|| measure(&model.artifact, &baseline, None));
    }
    Ok(measured)
}

/// The rows with any value: others have no score on chain either.
fn scored<'a>(model: &ModelFile, table: &'a Table) -> anyhow::Result<Part<'a>> {
    let rows: Vec<usize> = (0..table.len()).filter(|row| table.present[*row] != 0).collect();
    Ok(Part::new(&model.artifact, table, &rows, Vec::new(), Vec::new())?)
}

fn unscored(table: &Table) -> u64 {
    table.present.iter().filter(|present| **present == 0).count() as u64
}

/// The command as a reader would give it again.
fn command(args: &Args) -> String {
    let mut words = format!(
        "assay model quality {} {} --map {}",
        args.model.display(),
        args.data.display(),
        args.map.display()
    );
    if let Some(baseline) = &args.baseline {
        words.push_str(&format!(" --baseline {}", baseline.display()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::quality::fixture::{model, rows, table};

    #[test]
    fn should_measure_without_floats_when_a_model_comes_from_a_file() {
        let mut data = [rows(-100, 100, 10), rows(100, 100, 30)].concat();
        data.push((None, Some(true)));
        let measured = measured(&model(), &table(&data), None).unwrap();
        assert_eq!((measured.measures.rows, measured.unscored), (200, 1));
        assert_eq!(measured.measures.auc_float, None);
        let expected = measured.measures.calibration.unwrap().expected_bad_rate_ppb;
        assert_eq!(expected, 225_000_000);
        assert!(measured.stability.is_none());
    }

    #[test]
    fn should_compare_with_a_baseline_when_one_is_given() {
        let data = table(&[rows(-100, 50, 10), rows(100, 50, 15)].concat());
        let before = table(&[rows(-100, 75, 10), rows(100, 25, 15)].concat());
        let measured = measured(&model(), &data, Some(&before)).unwrap();
        let stability = measured.stability.unwrap();
        assert_eq!(stability.features[0].feature, "arrears");
        assert!(stability.score_psi_ppb.unwrap() > 250_000_000);
        assert_eq!(measured.baseline.unwrap().bad_count, 25);
    }

    #[test]
    fn should_use_only_scores_of_a_baseline_when_it_has_no_labels() {
        let data = table(&[rows(-100, 50, 10), rows(100, 50, 15)].concat());
        let before = table(&[(Some(1), None), (Some(100), Some(true))]);
        let measured = measured(&model(), &data, Some(&before)).unwrap();
        assert!(measured.baseline.is_none() && measured.stability.is_some());
    }

    #[test]
    fn should_refuse_rows_when_only_one_kind_of_loan_is_there() {
        let failure = measured(&model(), &table(&rows(5, 3, 0)), None).unwrap_err();
        assert!(failure.to_string().contains("0 rows are defaults and 3 are not"), "{failure}");
        assert!(measured(&model(), &table(&rows(5, 3, 3)), None).is_err());
    }

    #[test]
    fn should_name_the_model_and_put_figures_on_top_when_written_as_json() {
        let data = table(&[rows(-100, 50, 10), rows(100, 50, 15)].concat());
        let json = serde_json::to_value(measured(&model(), &data, Some(&data)).unwrap()).unwrap();
        for key in ["name", "auc_quantised", "gini", "ks", "levels", "baseline", "stability"] {
            assert!(json.get(key).is_some(), "{key}");
        }
    }
}

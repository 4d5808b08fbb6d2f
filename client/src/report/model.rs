//! A model's quality as a page for people: one HTML file without anything from elsewhere, fit for
//! print, in the style of a pack's report.

use super::{
    charts::{AFTER, BEFORE, TARGET},
    format::{self, count, percent},
    model_charts, ReportFailure,
};
use crate::{
    model_file::ModelFile,
    table::blake2b_256,
    train::quality::{
        agreement::Agreement, curves::wilson, stability::verdict, FeatureShift, LevelQuality,
        MadeBy, Measured, Measures, Quality, Setup, Stability,
    },
};
use askama::Template;
use assay_risk::{
    artifact::{Artifact, Orientation},
    ratio::ratio_up_ppb,
    surveillance::{PSI_ALERT_PPB, PSI_NOTE_PPB},
};
use codec::Encode;
use plotters::style::RGBColor;

/// What a page shows.
pub struct ModelPage<'a> {
    pub name: &'a str,
    pub artifact: &'a Artifact,
    /// By name, the most telling one last; at least one.
    pub parts: Vec<(&'static str, &'a Measures)>,
    /// How parts differ from the baseline; the last one is shown in full.
    pub stability: Vec<&'a Stability>,
    /// How the model came to be, by words.
    pub facts: Vec<(String, String)>,
    /// Commands by which a reader gets the figures again, one a line.
    pub verify: Vec<String>,
    pub made_by: &'static str,
}

impl<'a> ModelPage<'a> {
    /// The page of a model that was just trained or imported.
    pub fn of_training(model: &'a ModelFile, quality: &'a Quality) -> Self {
        let verify = "assay model quality MODEL.json DATA.csv --map MAP.toml --baseline TRAIN.csv";
        Self {
            name: &model.name,
            artifact: &model.artifact,
            parts: quality.parts(),
            stability: quality.stability.iter().collect(),
            facts: facts(&quality.setup),
            verify: vec![verify.to_owned()],
            made_by: match quality.setup.made_by {
                MadeBy::Trained(_) => "assay model train",
                MadeBy::Imported { .. } => "assay model import",
            },
        }
    }

    /// The page of a finished model on labelled rows; `verify` is the command that measured them.
    pub fn of_measured(model: &'a ModelFile, measured: &'a Measured, verify: String) -> Self {
        let mut parts: Vec<(&'static str, &Measures)> = Vec::new();
        parts.extend(measured.baseline.as_ref().map(|part| ("baseline", part)));
        parts.push(("measured", &measured.measures));
        Self {
            name: &model.name,
            artifact: &model.artifact,
            parts,
            stability: measured.stability.iter().collect(),
            facts: model.quality.as_ref().map(|quality| facts(&quality.setup)).unwrap_or_default(),
            verify: vec![verify],
            made_by: "assay model quality",
        }
    }
}

/// How a model came to be, as words.
fn facts(setup: &Setup) -> Vec<(String, String)> {
    let mut facts = match &setup.made_by {
        MadeBy::Trained(trained) => {
            let mut facts = vec![("Made by".to_owned(), "training".to_owned())];
            facts.extend(entries(&serde_json::to_value(trained).unwrap_or_default()));
            facts
        }
        MadeBy::Imported { file } => {
            vec![("Made by".to_owned(), "import".to_owned()), ("File".to_owned(), file.clone())]
        }
    };
    facts.push(("Quantised by".to_owned(), setup.quantised_by.to_string()));
    facts.push(("Products of a score".to_owned(), count(setup.products)));
    facts
}

/// Keys and values of an object, as words.
fn entries(object: &serde_json::Value) -> Vec<(String, String)> {
    let entries = object.as_object().into_iter().flatten();
    let entry = |(key, value): (&String, &serde_json::Value)| {
        (capitalised(&key.replace('_', " ")), words(value))
    };
    entries.map(entry).collect()
}

fn words(value: &serde_json::Value) -> String {
    use serde_json::Value::{Array, Object, String as Text};
    match value {
        Text(text) => text.clone(),
        Array(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", words(value)));
            entries.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[derive(Template)]
#[template(path = "model.html")]
struct Page<'a> {
    name: &'a str,
    summary: String,
    main: &'a Measures,
    main_name: &'a str,
    auc: String,
    interval: String,
    psi: (String, String),
    parts_note: &'static str,
    heads: Vec<&'a str>,
    lines: Vec<(&'static str, Vec<String>)>,
    /// Class of the colour, and name.
    legend: Vec<(&'static str, &'a str)>,
    charts: Charts,
    higher_is_riskier: bool,
    rows: Vec<LevelRow>,
    all_interval: String,
    all_expected: String,
    all_difference: String,
    agreements: Vec<[String; 8]>,
    shift: Option<ShiftTables>,
    facts: &'a [(String, String)],
    id: String,
    verify: &'a [String],
    made_by: &'static str,
}

struct Charts {
    roc: String,
    ks: String,
    rates: String,
    calibration: String,
    scores: String,
}

/// A level's line of the table, as text.
struct LevelRow {
    level: u8,
    scores: String,
    count: String,
    bad: String,
    rate: String,
    interval: String,
    lift: String,
    captured: String,
    expected: String,
    difference: String,
}

/// Text of the tables on stability.
struct ShiftTables {
    summary: String,
    baseline: String,
    compared: String,
    scores: Vec<[String; 6]>,
    features: Vec<FeatureRow>,
}

struct FeatureRow {
    name: String,
    unit: String,
    csi: String,
    /// Percent of the bar.
    width: u64,
    reading: &'static str,
    shifted: bool,
    bins: usize,
    before: String,
    now: String,
}

/// The page.
///
/// # Errors
///
/// [`ReportFailure`] when there is no part to show or a chart can't be drawn.
pub fn render(page: &ModelPage<'_>) -> Result<String, ReportFailure> {
    let nothing = || ReportFailure::Chart("no rows were measured".to_owned());
    let (main_name, main) = *page.parts.last().ok_or_else(nothing)?;
    let colours = colours(page.parts.len());
    let names = page.parts.iter().map(|(name, _)| *name);
    let expected = main.calibration.as_ref().map(|found| found.expected_bad_rate_ppb);
    let rendered = Page {
        name: page.name,
        summary: summary(page, main, main_name),
        main,
        main_name,
        auc: format::decimal(&main.auc_quantised),
        interval: interval(main),
        psi: psi_figure(page),
        parts_note: if main.auc_float.is_some() {
            "Float is the network before its numbers became integers; quantised is what the chain \
             runs. Scores are compared loan by loan."
        } else {
            "Of the integers that the chain runs."
        },
        heads: names.clone().collect(),
        lines: lines(&page.parts),
        legend: colours.iter().map(|(class, _)| *class).zip(names).collect(),
        charts: charts(page, main, &colours)?,
        higher_is_riskier: page.artifact.orientation == Orientation::HigherIsRiskier,
        rows: main.levels.iter().map(level_row).collect(),
        all_interval: interval_of(main.bad_count, main.rows),
        all_expected: expected.map_or_else(dash, percent),
        all_difference: expected
            .map_or_else(dash, |expected| difference(main.bad_rate_ppb, expected)),
        agreements: page.parts.iter().filter_map(|part| agreement_row(part)).collect(),
        shift: page.stability.last().map(|last| shift_tables(page, last)),
        facts: &page.facts,
        id: format!("0x{}", hex::encode(blake2b_256(&page.artifact.encode()))),
        verify: &page.verify,
        made_by: page.made_by,
    };
    Ok(rendered.render()?)
}

/// Class and colour of each part: the last and most telling one is blue, the first of several grey.
fn colours(parts: usize) -> Vec<(&'static str, RGBColor)> {
    const ALL: [(&str, RGBColor); 3] = [("before", BEFORE), ("held", TARGET), ("after", AFTER)];
    match parts {
        0 | 1 => vec![ALL[2]],
        2 => vec![ALL[0], ALL[2]],
        _ => ALL.to_vec(),
    }
}

fn charts(
    page: &ModelPage<'_>,
    main: &Measures,
    colours: &[(&'static str, RGBColor)],
) -> Result<Charts, ReportFailure> {
    let range = f64::from(page.artifact.score_min)..f64::from(page.artifact.score_max);
    let curves = colours.iter().zip(&page.parts).map(|((_, colour), (_, part))| (*colour, *part));
    let baseline = page.parts.first().map_or(main, |(_, part)| part);
    Ok(Charts {
        roc: model_charts::roc(&curves.collect::<Vec<_>>())?,
        ks: model_charts::ks(main, range.clone())?,
        rates: model_charts::rates(main)?,
        calibration: model_charts::calibration(main)?,
        scores: model_charts::scores(&baseline.distribution, &main.distribution, range)?,
    })
}

fn dash() -> String {
    "–".to_owned()
}

fn index(ppb: Option<u64>) -> String {
    ppb.map_or_else(dash, |ppb| format!("{:.4}", ppb as f64 / 1e9))
}

fn summary(page: &ModelPage<'_>, main: &Measures, main_name: &str) -> String {
    format!(
        "{} features, scores {} to {}; {} {main_name} loans, {} of them bad ({})",
        page.artifact.features.len(),
        page.artifact.score_min,
        page.artifact.score_max,
        count(main.rows),
        count(main.bad_count),
        percent(main.bad_rate_ppb)
    )
}

fn interval(main: &Measures) -> String {
    let Some(error) = main.auc_standard_error else { return "too few loans".to_owned() };
    let half = 1.96 * error;
    let (low, high) = ((main.auc_quantised - half).max(0.0), (main.auc_quantised + half).min(1.0));
    format!("95 % interval {low:.3} to {high:.3}")
}

fn psi_figure(page: &ModelPage<'_>) -> (String, String) {
    match page.stability.last() {
        Some(last) => {
            let reading = format!("{}, against {}", verdict(last.score_psi_ppb), last.baseline);
            (index(last.score_psi_ppb), reading)
        }
        None => (dash(), "no baseline given".to_owned()),
    }
}

/// One line a measure, one cell a part.
fn lines(parts: &[(&'static str, &Measures)]) -> Vec<(&'static str, Vec<String>)> {
    let mut lines = vec![
        ("Loans", parts.iter().map(|(_, part)| count(part.rows)).collect()),
        ("Bad", parts.iter().map(|(_, part)| count(part.bad_count)).collect()),
        ("Bad rate", parts.iter().map(|(_, part)| percent(part.bad_rate_ppb)).collect()),
    ];
    let ratios: [(&str, fn(&Measures) -> Option<f64>); 7] = [
        ("AUC, float", |part| part.auc_float),
        ("AUC, quantised", |part| Some(part.auc_quantised)),
        ("AUC, standard error", |part| part.auc_standard_error),
        ("Gini", |part| Some(part.gini)),
        ("KS", |part| Some(part.ks)),
        ("Log loss, float", |part| part.log_loss),
        ("0-1 loss, float", |part| part.zero_one_loss),
    ];
    let shares: [(&str, fn(&Measures) -> Option<f64>); 2] = [
        ("Scores equal to float", |part| part.scores_equal_share),
        ("Scores within 1 of float", |part| part.scores_near_share),
    ];
    let ratios = ratios.map(|(name, value)| (name, value, false)).into_iter();
    for (name, value, is_share) in ratios.chain(shares.map(|(name, value)| (name, value, true))) {
        let cell = |part: &Measures| match value(part) {
            Some(share) if is_share => format!("{:.2}\u{202f}%", share * 100.0),
            Some(ratio) => format!("{ratio:.4}"),
            None => dash(),
        };
        if parts.iter().any(|(_, part)| value(part).is_some()) {
            lines.push((name, parts.iter().map(|(_, part)| cell(part)).collect()));
        }
    }
    lines
}

fn interval_of(bad: u64, all: u64) -> String {
    wilson(bad, all).map_or_else(dash, |(low, high)| {
        format!("{:.1} – {:.1}\u{202f}%", low * 100.0, high * 100.0)
    })
}

/// Observed less expected, in percentage points.
fn difference(observed_ppb: u64, expected_ppb: u64) -> String {
    let points = (observed_ppb as f64 - expected_ppb as f64) / 1e7;
    format!("{points:+.2}").replace('-', "−")
}

fn level_row(level: &LevelQuality) -> LevelRow {
    let both = level.bad_rate_ppb.zip(level.expected_bad_rate_ppb);
    LevelRow {
        level: level.level,
        scores: format!("{} – {}", level.score_from, level.score_to),
        count: count(level.count),
        bad: count(level.bad_count),
        rate: level.bad_rate_ppb.map_or_else(dash, percent),
        interval: interval_of(level.bad_count, level.count),
        lift: level.lift_ppb.map_or_else(dash, |lift| format!("{:.2}", lift as f64 / 1e9)),
        captured: level.captured_bad_ppb.map_or_else(dash, percent),
        expected: level.expected_bad_rate_ppb.map_or_else(dash, percent),
        difference: both.map_or_else(dash, |(observed, expected)| difference(observed, expected)),
    }
}

fn agreement_row(part: &(&'static str, &Measures)) -> Option<[String; 8]> {
    let (name, measures) = part;
    let found: &Agreement = measures.calibration.as_ref()?;
    let test = found.hosmer_lemeshow.as_ref();
    Some([
        (*name).to_owned(),
        count(found.calibration_rows),
        percent(found.expected_bad_rate_ppb),
        percent(measures.bad_rate_ppb),
        percent(found.expected_calibration_error_ppb),
        test.map_or_else(dash, |test| format!("{:.2}", test.chi_square)),
        test.map_or_else(dash, |test| test.groups.to_string()),
        test.map_or_else(dash, |test| format!("{:.4}", test.p_value)),
    ])
}

fn shift_tables(page: &ModelPage<'_>, last: &Stability) -> ShiftTables {
    let words = |name: &str| name.replace('_', " ");
    let score = |stability: &&Stability| {
        [
            words(&stability.compared),
            count(stability.baseline_rows),
            count(stability.compared_rows),
            stability.score_bins.len().to_string(),
            index(stability.score_psi_ppb),
            verdict(stability.score_psi_ppb).to_owned(),
        ]
    };
    ShiftTables {
        summary: format!(
            "The population stability index of the score over its levels is {}.",
            index(last.score_psi_ppb)
        ),
        baseline: words(&last.baseline),
        compared: words(&last.compared),
        scores: page.stability.iter().map(score).collect(),
        features: last.sorted().into_iter().map(|shift| feature_row(shift, last)).collect(),
    }
}

fn feature_row(shift: &FeatureShift, of: &Stability) -> FeatureRow {
    let share = |missing: u64, rows: u64| {
        ratio_up_ppb(missing.into(), rows.into()).map_or_else(dash, percent)
    };
    let csi = shift.csi_ppb.unwrap_or_default();
    FeatureRow {
        name: shift.feature.clone(),
        unit: shift.unit.clone(),
        csi: index(shift.csi_ppb),
        width: (csi.min(PSI_ALERT_PPB) * 100).div_ceil(PSI_ALERT_PPB),
        reading: verdict(shift.csi_ppb),
        shifted: csi >= PSI_NOTE_PPB,
        bins: shift.bins.len(),
        before: share(shift.baseline_missing, of.baseline_rows),
        now: share(shift.compared_missing, of.compared_rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::model_quality::measured,
        train::quality::fixture::{model, quality, rows, table},
    };

    #[test]
    fn should_show_curves_and_tables_when_a_trained_model_is_rendered() {
        let (model, quality) = (model(), quality());
        let page = render(&ModelPage::of_training(&model, &quality)).unwrap();
        assert_eq!(page.matches("<svg").count(), 5);
        for text in ["arrears<small>days", "AUC, float", "Hidden", "8, 4", "20.00\u{202f}%", "1.20"]
        {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn should_hold_nothing_from_elsewhere_when_rendered() {
        let (model, quality) = (model(), quality());
        let page = render(&ModelPage::of_training(&model, &quality)).unwrap();
        let namespaces = page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
        assert_eq!(page.matches("://").count(), namespaces);
        for loader in ["<script", "<link", "<img", "@import", "url("] {
            assert!(!page.contains(loader), "{loader}");
        }
    }

    #[test]
    fn should_escape_names_when_they_hold_markup() {
        let (model, quality) = (model(), quality());
        let page = render(&ModelPage::of_training(&model, &quality)).unwrap();
        assert!(!page.contains("<on>"));
        assert!(page.contains("hands &#60;on&#62;"));
    }

    #[test]
    fn should_leave_out_stability_when_there_is_no_baseline() {
        let model = model();
        let measured = measured(&model, &table(&rows(5, 4, 1)), None).unwrap();
        let command = "assay model quality m.json d.csv --map m.toml".to_owned();
        let page = render(&ModelPage::of_measured(&model, &measured, command)).unwrap();
        assert!(page.contains("no baseline given") && page.contains("model quality m.json"));
        assert!(!page.contains("Stability of the features") && !page.contains("AUC, float"));
        assert!(!page.contains("NaN") && !page.contains("inf "));
    }

    #[test]
    fn should_refuse_a_page_when_nothing_was_measured() {
        let model = model();
        let quality = quality();
        let page = ModelPage { parts: Vec::new(), ..ModelPage::of_training(&model, &quality) };
        assert!(matches!(render(&page), Err(ReportFailure::Chart(_))));
    }
}

//! A model that hands its one feature on, so that tests choose every output.

use super::{report, MadeBy, Part, Quality, Setup, Trained};
use crate::{
    model_file::{ModelFeature, ModelFile},
    table::Table,
    train::{
        fit::OptimizerKind,
        network::{Init, Loss},
        quantise::{Ranges, Way},
    },
};
use assay_risk::{
    artifact::{Artifact, Feature, Layer, Orientation, Select, TABLE_ENTRIES},
    rates::{Calibration, CalibrationEntry},
};

/// Output = feature, score = output + 127, levels of 25 or 26 scores.
pub fn artifact() -> Artifact {
    let feature =
        Feature { lower: -127, upper: 127, fallback: 0, center: 0, multiplier: 1, shift: 0 };
    Artifact {
        features: vec![feature],
        layers: vec![Layer::Select(Select { positions: vec![0] })],
        table: (0..TABLE_ENTRIES as u16).collect(),
        score_min: 0,
        score_max: 254,
        orientation: Orientation::HigherIsRiskier,
    }
}

pub fn model() -> ModelFile {
    let entry = |score, total, defaulted| CalibrationEntry { score, total, defaulted };
    ModelFile {
        name: "hands <on>".to_owned(),
        features: vec![ModelFeature { name: "arrears".to_owned(), unit: "days".to_owned() }],
        artifact: artifact(),
        calibration: Calibration { entries: vec![entry(10, 100, 5), entry(200, 100, 40)] },
        quality: None,
    }
}

/// Rows of (value, label), none where missing.
pub fn table(rows: &[(Option<i32>, Option<bool>)]) -> Table {
    Table {
        features: 1,
        lines: (1..).take(rows.len()).collect(),
        values: rows.iter().map(|(value, _)| value.unwrap_or_default()).collect(),
        present: rows.iter().map(|(value, _)| u64::from(value.is_some())).collect(),
        labels: rows.iter().map(|(_, label)| *label).collect(),
        ..Table::default()
    }
}

/// So many rows of one value, the first of them bad.
pub fn rows(value: i32, count: usize, bad: usize) -> Vec<(Option<i32>, Option<bool>)> {
    (0..count).map(|row| (Some(value), Some(row < bad))).collect()
}

/// All rows of a table, with floats that would give the scores that the integers give.
pub fn part(table: &Table) -> Part<'_> {
    let rows: Vec<usize> = (0..table.len()).collect();
    let floats = table.values.iter().map(|value| *value as f32 / 100.0).collect();
    let scores = table.values.iter().map(|value| (*value + 127) as u16).collect();
    Part::new(&artifact(), table, &rows, floats, scores).unwrap()
}

/// As [`part`], as for a model that was read from a file.
pub fn part_without_floats(table: &Table) -> Part<'_> {
    let rows: Vec<usize> = (0..table.len()).collect();
    Part::new(&artifact(), table, &rows, Vec::new(), Vec::new()).unwrap()
}

pub fn setup() -> Setup {
    let trained = Trained {
        hidden: vec![8, 4],
        conv: None,
        teachers: 0,
        init: Init::He,
        loss: Loss::Log,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        batch: 64,
        seed: 3,
        epochs: 6,
        best_epoch: 5,
    };
    let quantised_by = Way { ranges: Ranges::LeastSquares, pieces: 1 };
    Setup { made_by: MadeBy::Trained(trained), quantised_by, products: 1 }
}

/// Training with 10 % and 30 % bad in its two levels, validation with 20 % and 30 %.
pub fn quality() -> Quality {
    let training = table(&[rows(-100, 100, 10), rows(100, 100, 30)].concat());
    let validation = table(&[rows(-100, 50, 10), rows(100, 50, 15)].concat());
    report(&artifact(), setup(), [&part(&training), &part(&validation)], None)
        .named(&model().features)
}

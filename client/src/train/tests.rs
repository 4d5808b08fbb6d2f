mod convolving;
mod measuring;
mod quantising;
mod scoring;

use super::*;
use crate::{
    float_network::{FloatDense, FloatLayer},
    generate::{map_toml, write_csv, Recipe},
    subject::ConsortiumKey,
    table::{Purpose, ReadOptions},
};
use assay_risk::artifact::Orientation;
use scores::{ScoreBy, ScoreRange};
use std::path::Path;

/// Made-up borrowers, few enough to train on in a moment.
fn borrowers() -> (Map, Table) {
    let recipe = Recipe { borrowers: 1_500, seed: 7, as_of_days: 20_000 };
    let map = Map::parse(&map_toml(&recipe), Path::new("made-up.toml")).unwrap();
    let mut csv = Vec::new();
    write_csv(&recipe, &mut csv, &|_| ()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), csv).unwrap();
    let reading = ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: false };
    let table = Table::read(file.path(), &map, Purpose::Training, &reading).unwrap();
    (map, table)
}

fn options() -> TrainOptions {
    TrainOptions {
        hidden: vec![8, 4],
        conv: None,
        teachers: 0,
        init: Init::Uniform01,
        loss: Loss::Log,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        weight_decay: 0.01,
        batch: 64,
        epochs: 6,
        patience: 6,
        validation_ppb: 300_000_000,
        seed: 3,
        scoring: HUNDRED,
    }
}

/// Scores 1 to 100 by quantiles.
const HUNDRED: Scoring = Scoring {
    range: ScoreRange { min: 1, max: 100, orientation: Orientation::HigherIsRiskier },
    by: ScoreBy::Quantiles,
};

fn trained(options: &TrainOptions) -> ModelFile {
    let (map, table) = borrowers();
    train(&table, None, &map, "made-up", options, &|_| ()).unwrap()
}

#[test]
fn should_rank_as_well_in_integers_when_quantised() {
    let long = TrainOptions { hidden: vec![16, 8], epochs: 30, patience: 30, ..options() };
    let quality = trained(&long).quality.unwrap();
    for part in [&quality.training, &quality.validation] {
        let auc_float = part.auc_float.unwrap();
        assert!(auc_float > 0.72, "{part:?}");
        assert!((auc_float - part.auc_quantised).abs() < 0.003, "{part:?}");
        assert!(part.scores_near_share.unwrap() >= 0.99, "{part:?}");
    }
    assert_eq!(quality.training.rows + quality.validation.rows, 1_500);
}

#[test]
fn should_give_the_same_model_when_seed_and_data_are_the_same() {
    let model = trained(&options());
    assert_eq!(trained(&options()), model);
    assert_ne!(trained(&TrainOptions { seed: 4, ..options() }).artifact, model.artifact);
}

#[test]
fn should_learn_when_begun_stepped_and_measured_in_any_way() {
    let sgd =
        TrainOptions { optimizer: OptimizerKind::Sgd, learning_rate: 0.1, epochs: 12, ..options() };
    let ways = [
        TrainOptions { init: Init::He, ..options() },
        TrainOptions { init: Init::Xavier, ..options() },
        TrainOptions { loss: Loss::Squared, ..options() },
        TrainOptions { loss: Loss::Absolute, ..options() },
        TrainOptions { hidden: vec![], ..options() },
        TrainOptions { teachers: 2, ..options() },
        sgd,
    ];
    for way in ways {
        let quality = trained(&way).quality.unwrap();
        assert!(quality.auc_quantised > 0.65, "{way:?}: {}", quality.auc_quantised);
    }
}

#[test]
fn should_start_positive_when_weights_begin_uniform() {
    let mut random = ChaCha20Rng::seed_from_u64(1);
    let plan = Plan { features: 24, conv: None, hidden: vec![32, 16] };
    let network = network::FloatNetwork::new(&plan, Init::Uniform01, &mut random).unwrap();
    for layer in network.weights().unwrap() {
        let FloatLayer::Dense(layer) = layer else { panic!("{layer:?}") };
        assert!(layer.weights.iter().all(|weight| (0.0..1.0).contains(weight)));
    }
}

#[test]
fn should_count_every_labelled_row_when_calibrating() {
    let model = trained(&options());
    let entries = &model.calibration.entries;
    assert_eq!(entries.iter().map(|entry| entry.total).sum::<u32>(), 1_500);
    let bad =
        model.quality.map(|quality| quality.training.bad_count + quality.validation.bad_count);
    assert_eq!(entries.iter().map(|entry| u64::from(entry.defaulted)).sum::<u64>(), bad.unwrap());
    assert_eq!(model.calibration.check(), Ok(()));
}

#[test]
fn should_refuse_options_when_no_artifact_can_come_of_them() {
    let (map, table) = borrowers();
    for refused in [
        TrainOptions { hidden: vec![129], ..options() },
        TrainOptions { hidden: vec![0], ..options() },
        TrainOptions { hidden: vec![4; 8], ..options() },
        TrainOptions { hidden: vec![128, 128], ..options() },
        TrainOptions { batch: 0, ..options() },
        TrainOptions { learning_rate: f64::NAN, ..options() },
        TrainOptions { validation_ppb: 0, ..options() },
        TrainOptions {
            scoring: Scoring { range: ScoreRange { min: 5, max: 5, ..HUNDRED.range }, ..HUNDRED },
            ..options()
        },
    ] {
        let failure = train(&table, None, &map, "made-up", &refused, &|_| ()).unwrap_err();
        assert!(matches!(failure, TrainFailure::Options(_)), "{failure}");
    }
}

#[test]
fn should_refuse_rows_when_hardly_any_is_a_default() {
    let (map, mut table) = borrowers();
    table.labels.fill(Some(false));
    let failure = train(&table, None, &map, "made-up", &options(), &|_| ()).unwrap_err();
    assert!(matches!(failure, TrainFailure::TooFewRows { bad: 0, .. }), "{failure}");
}

#[test]
fn should_read_the_model_that_was_written() {
    let model = trained(&options());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    model.write(&path).unwrap();
    let read = ModelFile::read(&path).unwrap();
    assert_eq!((&read.artifact, &read.features), (&model.artifact, &model.features));
    assert_eq!((read.calibration, &read.name), (model.calibration.clone(), &model.name));
    assert!(read.quality.is_some());
    let (map, _) = borrowers();
    assert!(model.check_map(&map).is_ok());
    let mut other = map;
    other.features.swap(0, 1);
    assert!(model.check_map(&other).is_err());
}

#[test]
fn should_refuse_model_when_its_artifact_is_unsound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    let mut model = trained(&options());
    model.artifact.table[0] = 101;
    model.write(&path).unwrap();
    let failure = ModelFile::read(&path).unwrap_err().to_string();
    assert!(failure.contains("contradicts itself"), "{failure}");
    std::fs::write(&path, "{}").unwrap();
    assert!(ModelFile::read(&path).is_err());
}

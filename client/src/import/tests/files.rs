//! What the libraries exported gives the probabilities that the libraries gave.

use crate::{
    import::{read, ImportOptions},
    table::{Map, Table},
    train::{
        metrics,
        scores::{ScoreBy, ScoreRange, Scoring},
    },
};
use assay_risk::artifact::Orientation;
use std::path::{Path, PathBuf};

const FILES: [&str; 9] = [
    "sklearn_mlp",
    "sklearn_logistic",
    "sklearn_columns",
    "torch_mlp",
    "torch_dynamo",
    "torch_softmax",
    "torch_conv",
    "keras_dense",
    "keras_conv",
];

#[derive(serde::Deserialize)]
struct Expected {
    rows: Vec<Vec<Option<f64>>>,
    probabilities: Vec<f64>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx").join(name)
}

fn file(name: &str) -> (Vec<u8>, Expected) {
    let bytes = std::fs::read(fixture(&format!("{name}.onnx"))).unwrap();
    let expected = std::fs::read_to_string(fixture(&format!("{name}.json"))).unwrap();
    (bytes, serde_json::from_str(&expected).unwrap())
}

/// A MAP of so many whole-numbered features, and the rows under it; the upper half of the expected
/// probabilities defaulted.
fn table(expected: &Expected) -> (Map, Table) {
    let features = expected.rows[0].len();
    let mut text = "name = \"t\"\n".to_owned();
    for position in 0..features {
        text += &format!(
            "[[feature]]\nname = \"f{position}\"\ncolumn = \"{position}\"\nunit = \"u\"\n\
             lower = -1000000\nupper = 1000000\nscale = 1\n"
        );
    }
    let map = Map::parse(&text, Path::new("map.toml")).unwrap();
    let mut sorted = expected.probabilities.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let present = |row: &Vec<Option<f64>>| {
        row.iter().enumerate().fold(0, |bits, (at, x)| bits | u64::from(x.is_some()) << at)
    };
    let table = Table {
        features,
        lines: (1..=expected.rows.len() as u32).collect(),
        values: expected.rows.iter().flatten().map(|x| x.unwrap_or(0.0) as i32).collect(),
        present: expected.rows.iter().map(present).collect(),
        labels: expected.probabilities.iter().map(|p| Some(*p >= middle)).collect(),
        ..Table::default()
    };
    (map, table)
}

/// Each row once for training and once for validation, about.
fn twice(mut table: Table) -> Table {
    table.lines.extend_from_within(..);
    table.values.extend_from_within(..);
    table.present.extend_from_within(..);
    table.labels.extend_from_within(..);
    table
}

fn sigmoid(logit: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(logit)).exp())
}

#[test]
fn should_give_the_probabilities_of_the_library() {
    for name in FILES {
        let (bytes, expected) = file(name);
        let network = read(&bytes).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let (map, table) = table(&expected);
        let rows: Vec<usize> = (0..table.len()).collect();
        let imported = network.bind(&map, &table, &rows).unwrap();
        let logits = imported.reference.logits(&table, &rows);
        for ((row, logit), probability) in rows.iter().zip(logits).zip(&expected.probabilities) {
            let own = sigmoid(logit);
            assert!((own - probability).abs() < 1e-4, "{name} row {row}: {own} {probability}");
        }
    }
}

#[test]
fn should_give_candidates_that_compute_what_the_graph_does_where_inputs_do_not_saturate() {
    for name in FILES {
        let (bytes, expected) = file(name);
        let (map, table) = table(&expected);
        let rows: Vec<usize> = (0..table.len()).collect();
        let imported = read(&bytes).unwrap().bind(&map, &table, &rows).unwrap();
        let reference = imported.reference.logits(&table, &rows);
        assert!(!imported.candidates.is_empty());
        for model in &imported.candidates {
            let input = |(feature, value): (&assay_risk::artifact::Feature, &i32)| {
                let step = f64::from(feature.multiplier) / f64::from(1_u32 << feature.shift);
                (f64::from(value - feature.center) * step / 127.0) as f32
            };
            for row in rows
                .iter()
                .filter(|row| table.present[**row].count_ones() as usize == table.features)
            {
                let inputs: Vec<f32> =
                    model.features.iter().zip(table.row_values(*row)).map(input).collect();
                let own = sigmoid(model.logits(&inputs)[0]);
                let wanted = sigmoid(reference[*row]);
                assert!((own - wanted).abs() < 1e-4, "{name} row {row}: {own} {wanted}");
            }
        }
    }
}

#[test]
fn should_keep_convolutions_as_such() {
    use crate::float_network::FloatLayer;
    let conv = |layers: &[FloatLayer]| {
        layers.iter().any(|layer| match layer {
            FloatLayer::Conv1d(_) => true,
            FloatLayer::Concat { left, right } => {
                left.iter().chain(right).any(|layer| matches!(layer, FloatLayer::Conv1d(_)))
            }
            _ => false,
        })
    };
    for name in ["torch_conv", "keras_conv"] {
        let (bytes, expected) = file(name);
        let (map, table) = table(&expected);
        let rows: Vec<usize> = (0..table.len()).collect();
        let imported = read(&bytes).unwrap().bind(&map, &table, &rows).unwrap();
        assert!(imported.candidates.iter().all(|model| conv(&model.layers)), "{name}");
    }
}

#[test]
fn should_take_the_imputed_value_for_missing_ones() {
    let (bytes, expected) = file("sklearn_mlp");
    let (map, table) = table(&expected);
    let rows: Vec<usize> = (0..table.len()).collect();
    assert!(table.present.iter().any(|present| present.count_ones() < 14));
    let imported = read(&bytes).unwrap().bind(&map, &table, &rows).unwrap();
    // The mean age that make.py drew, rounded to a year.
    assert_eq!(imported.candidates[0].features[12].fallback, 48);
}

/// Every beginning of every file. One that lacks nothing but what comes after the graph, as notes
/// do, is the same network.
#[test]
fn should_refuse_files_cut_short() {
    for name in FILES {
        let (bytes, _) = file(name);
        let whole = read(&bytes).unwrap();
        assert!(read(&bytes[..bytes.len() / 2]).is_err(), "{name}");
        for length in 0..bytes.len() {
            if let Ok(network) = read(&bytes[..length]) {
                assert!(network == whole, "{name} cut to {length} bytes");
            }
        }
    }
}

/// Bytes changed here and there: whatever the reader says, it comes back.
#[test]
fn should_come_back_from_files_with_wrong_bytes() {
    let mut refused = 0;
    for name in FILES {
        let (bytes, _) = file(name);
        for at in (0..bytes.len()).step_by(11) {
            for wrong in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let mut bytes = bytes.clone();
                bytes[at] = wrong;
                refused += u64::from(read(&bytes).is_err());
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn should_rank_about_as_the_library_does_once_quantised() {
    let scoring = Scoring {
        range: ScoreRange { min: 1, max: 100, orientation: Orientation::HigherIsRiskier },
        by: ScoreBy::Quantiles,
    };
    let options = ImportOptions { validation_ppb: 500_000_000, seed: 1, scoring };
    for name in FILES {
        let (bytes, expected) = file(name);
        let (map, table) = table(&expected);
        let table = twice(table);
        let network = read(&bytes).unwrap();
        let model = network.into_model(&map, &table, None, [name, "file.onnx"], &options).unwrap();
        let rows: Vec<usize> = (0..table.len()).collect();
        let outputs = crate::train::logits(&model.artifact, &table, &rows).unwrap();
        let bad: Vec<bool> = table.labels.iter().map(|label| *label == Some(true)).collect();
        // The labels are the library's own ranking, so this is how much of it is kept.
        let kept = metrics::auc(&outputs, &bad);
        assert!(kept > 0.97, "{name}: {kept}");
        assert_eq!(model.features.len(), table.features);
    }
}

use super::*;
use crate::table::{decimal::Decimal, map::Feature};
use assay_risk::artifact::{Feature as Input, Layer};
use quantise::Ranges;

const RANGES: Ranges = Ranges { held: 1.0, per_channel: false };

fn feature(lower: i32, upper: i32) -> Feature {
    Feature {
        name: "a".to_owned(),
        column: "a".to_owned(),
        unit: "x".to_owned(),
        lower,
        upper,
        scale: Decimal::integer(1),
        codes: Default::default(),
    }
}

fn column(values: &[i32]) -> Table {
    Table {
        features: 1,
        lines: vec![0; values.len()],
        values: values.to_vec(),
        present: vec![1; values.len()],
        ..Table::default()
    }
}

fn chosen(lower: i32, upper: i32, values: &[i32]) -> Input {
    let rows: Vec<usize> = (0..values.len()).collect();
    inputs::choose(&[feature(lower, upper)], &column(values), &rows)[0]
}

fn quantised(input: Input, values: &[i32]) -> Vec<f32> {
    let rows: Vec<usize> = (0..values.len()).collect();
    let inputs = inputs::compute(&[input], &column(values), &rows).unwrap();
    inputs.into_iter().map(|x| x * 127.0).collect()
}

#[test]
fn should_span_the_bulk_of_the_values_when_the_tail_is_long() {
    let values: Vec<i32> = (0..1_000).chain([1_000_000; 3]).collect();
    let input = chosen(0, 2_000_000, &values);
    assert_eq!(quantised(input, &[0, 500, 1_000, 1_000_000]), [-127.0, 0.0, 127.0, 127.0]);
    assert_eq!(input.fallback, 501);
}

#[test]
fn should_tell_small_codes_apart_when_most_rows_have_the_same() {
    let mut values = vec![0; 980];
    values.extend([1; 20]);
    assert_eq!(quantised(chosen(-2, 8, &values), &[0, 1]), [0.0, 127.0]);
}

#[test]
fn should_stay_sound_when_a_column_is_constant_missing_or_extreme() {
    for input in [
        chosen(0, 10, &[4; 20]),
        chosen(3, 10, &[]),
        chosen(i32::MIN, i32::MAX, &[i32::MIN, i32::MAX]),
        chosen(5, 5, &[9; 20]),
    ] {
        assert!((input.lower..=input.upper).contains(&input.fallback));
        assert_eq!(quantised(input, &[i32::MIN, i32::MAX]).len(), 2);
    }
    let wide = chosen(i32::MIN, i32::MAX, &[i32::MIN, i32::MAX]);
    assert_eq!(quantised(wide, &[i32::MIN, i32::MAX]), [-127.0, 127.0]);
}

#[test]
fn should_find_the_nearest_factor_when_made_fixed_point() {
    for factor in [1e-6, 0.003, 0.5, 1.0, 254.0, 1e5] {
        let (multiplier, shift) = inputs::fixed_point(factor, 16_777_216.0);
        let found = f64::from(multiplier) / 2_f64.powi(shift.into());
        assert!((found - factor).abs() / factor < 1e-3, "{factor}: {found}");
    }
}

/// One unit of each sign, then their difference: the identity but for saturation.
fn identity() -> Vec<LayerWeights> {
    vec![
        LayerWeights { inputs: 1, outputs: 2, weights: vec![0.5, -0.5], bias: vec![0.0, 0.0] },
        LayerWeights { inputs: 2, outputs: 1, weights: vec![2.0, -2.0], bias: vec![0.25] },
    ]
}

fn run(layers: &[LayerWeights], ranges: Ranges) -> Vec<i8> {
    let input = Input { lower: -127, upper: 127, fallback: 0, center: 0, multiplier: 1, shift: 0 };
    let values: Vec<i32> = (-127..=127).collect();
    let floats: Vec<f32> = values.iter().map(|value| *value as f32 / 127.0).collect();
    let activations = Activations::observe(layers, &floats);
    let artifact = quantise(layers, &[input], &activations, ranges);
    artifact.check().unwrap();
    let rows: Vec<usize> = (0..values.len()).collect();
    logits(&artifact, &column(&values), &rows).unwrap()
}

#[test]
fn should_compute_what_the_float_network_does_when_quantised() {
    for ranges in [RANGES, Ranges { per_channel: true, ..RANGES }] {
        let outputs = run(&identity(), ranges);
        for (z, expected) in outputs.iter().zip(-127_i16..) {
            assert!((i16::from(*z) - expected).abs() <= 1, "{z} {expected}");
        }
    }
}

#[test]
fn should_stay_within_the_accumulator_when_weights_are_tiny_or_dead() {
    let mut layers = identity();
    layers[0].weights = vec![1e-30, 0.0];
    layers[0].bias = vec![100.0, -5.0];
    let outputs = run(&layers, RANGES);
    assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]));
}

fn with_outputs(outputs: &[i8], range: ScoreRange, by: ScoreBy) -> Artifact {
    let input = Input { lower: 0, upper: 1, fallback: 0, center: 0, multiplier: 1, shift: 0 };
    let activations = Activations::observe(&identity(), &[0.0, 1.0]);
    let artifact = quantise(&identity(), &[input], &activations, RANGES);
    assert!(matches!(artifact.layers[0], Layer::Dense(_)));
    let artifact = with_table(artifact, outputs, range, by);
    artifact.check().unwrap();
    artifact
}

#[test]
fn should_spread_rows_evenly_over_scores_when_cut_by_quantiles() {
    let outputs: Vec<i8> = (-100..100).flat_map(|z| [z; 5]).collect();
    let range = ScoreRange { min: 1, max: 100, orientation: Orientation::HigherIsRiskier };
    let table = with_outputs(&outputs, range, ScoreBy::Quantiles).table;
    let mut counts = [0; 101];
    for z in outputs {
        counts[usize::from(table[(i16::from(z) + 127) as usize])] += 1;
    }
    assert!(counts[1..].iter().all(|count| *count == 10), "{counts:?}");
}

#[test]
fn should_turn_the_table_when_lower_is_riskier() {
    let range = ScoreRange { min: 300, max: 850, orientation: Orientation::LowerIsRiskier };
    let outputs: Vec<i8> = (-127..=127).collect();
    for by in [ScoreBy::Quantiles, ScoreBy::Linear] {
        let table = with_outputs(&outputs, range, by).table;
        assert!(table.is_sorted_by(|a, b| a >= b));
        assert!(table[0] > 840 && table[254] < 310, "{table:?}");
    }
}

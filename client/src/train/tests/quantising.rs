use super::*;
use crate::table::{decimal::Decimal, map::Feature};
use assay_risk::artifact::Feature as Input;
use quantise::{quantise, Ranges, Way, RANGES};
use scores::FloatScores;

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
        let (multiplier, shift) = inputs::fixed_point(factor);
        let found = f64::from(multiplier) / 2_f64.powi(shift.into());
        assert!((found - factor).abs() / factor < 1e-3, "{factor}: {found}");
    }
}

/// One unit of each sign, then their difference: the identity but for saturation.
fn identity() -> Vec<FloatLayer> {
    vec![dense(1, &[0.5, -0.5], &[0.0, 0.0], true), dense(2, &[2.0, -2.0], &[0.25], false)]
}

fn dense(inputs: usize, weights: &[f32], bias: &[f32], relu: bool) -> FloatLayer {
    let (weights, bias) = (weights.to_vec(), bias.to_vec());
    FloatLayer::Dense(FloatDense { inputs, outputs: bias.len(), weights, bias, relu })
}

/// The scores 1..=255 of the inputs -127..=127, by the float network and by integers.
fn run(layers: &[FloatLayer], way: Way, by: ScoreBy) -> Vec<(u16, u16)> {
    let input = Input { lower: -127, upper: 127, fallback: 0, center: 0, multiplier: 1, shift: 0 };
    let model = FloatModel { features: vec![input], layers: layers.to_vec() };
    let values: Vec<i32> = (-127..=127).collect();
    let inputs: Vec<f32> = values.iter().map(|value| *value as f32 / 127.0).collect();
    let floats = model.logits(&inputs);
    let range = ScoreRange { min: 1, max: 255, orientation: Orientation::HigherIsRiskier };
    let scores = FloatScores::new(&floats, Scoring { range, by });
    let artifact = quantise(&model, &inputs, way, &scores);
    artifact.check().unwrap();
    let rows: Vec<usize> = (0..values.len()).collect();
    let outputs = logits(&artifact, &column(&values), &rows).unwrap();
    let artifact = scores.give_table(artifact, &outputs);
    artifact.check().unwrap();
    let network = Network::compile(&artifact).unwrap();
    floats.iter().zip(outputs).map(|(float, z)| (scores.score(*float), network.score(z))).collect()
}

#[test]
fn should_score_as_the_float_network_does_when_quantised_in_any_way() {
    for by in [ScoreBy::Quantiles, ScoreBy::Linear] {
        for (ranges, pieces) in RANGES.into_iter().zip([1, 2, 3, 4]) {
            let scores = run(&identity(), Way { ranges, pieces }, by);
            assert!(scores.iter().all(|(float, own)| float.abs_diff(*own) <= 2), "{scores:?}");
            assert!(scores[254].1 - scores[0].1 > 250, "{scores:?}");
        }
    }
}

#[test]
fn should_stay_within_the_accumulator_when_weights_are_tiny_or_dead() {
    let layers = [dense(1, &[1e-30, 0.0], &[100.0, -5.0], true), identity()[1].clone()];
    let way = Way { ranges: Ranges::LeastSquares, pieces: 2 };
    let scores = run(&layers, way, ScoreBy::Quantiles);
    assert!(scores.windows(2).all(|pair| pair[0].1 == pair[1].1), "{scores:?}");
}

#[test]
fn should_leave_out_what_adds_up_pieces_when_no_layer_is_left_for_it() {
    let copy = dense(1, &[1.0], &[1.0], true);
    let mut layers = vec![copy; 7];
    layers.push(dense(1, &[1.0], &[0.0], false));
    let scores = run(&layers, Way { ranges: RANGES[0], pieces: 1 }, ScoreBy::Quantiles);
    assert!(scores.iter().all(|(float, own)| float.abs_diff(*own) <= 3), "{scores:?}");
}

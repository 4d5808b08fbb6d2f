use super::*;
use assay_risk::artifact::{Feature, Layer, Select, TABLE_ENTRIES};
use scores::FloatScores;

/// An artifact that hands its one input on, with the table that outputs -127..=127 get.
fn with_outputs(outputs: &[i8], scoring: Scoring) -> Artifact {
    let feature = Feature { lower: 0, upper: 1, fallback: 0, center: 0, multiplier: 1, shift: 0 };
    let artifact = Artifact {
        features: vec![feature],
        layers: vec![Layer::Select(Select { positions: vec![0] })],
        table: vec![0; TABLE_ENTRIES],
        score_min: 0,
        score_max: 0,
        orientation: Orientation::HigherIsRiskier,
    };
    let floats: Vec<f32> = outputs.iter().map(|z| f32::from(*z)).collect();
    let artifact = FloatScores::new(&floats, scoring).give_table(artifact, outputs);
    artifact.check().unwrap();
    artifact
}

#[test]
fn should_spread_rows_evenly_over_scores_when_cut_by_quantiles() {
    let outputs: Vec<i8> = (-100..100).flat_map(|z| [z; 5]).collect();
    let table = with_outputs(&outputs, HUNDRED).table;
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
        let table = with_outputs(&outputs, Scoring { range, by }).table;
        assert!(table.is_sorted_by(|a, b| a >= b));
        assert!(table[0] > 840 && table[254] < 310, "{table:?}");
    }
}

#[test]
fn should_score_floats_by_the_share_of_rows_below_when_cut_by_quantiles() {
    let floats: Vec<f32> = (0..1_000).map(|row| (row as f32).exp2().min(1e30)).collect();
    let scores = FloatScores::new(&floats[..100], HUNDRED);
    assert_eq!(scores.score(-1.0), 1);
    assert_eq!(scores.score(floats[49]), 50);
    assert_eq!(scores.score(f32::MAX), 100);
}

#[test]
fn should_score_floats_by_their_size_when_cut_linearly() {
    let floats: Vec<f32> = (0..=1_000).map(|row| row as f32).collect();
    let scores = FloatScores::new(&floats, Scoring { by: ScoreBy::Linear, ..HUNDRED });
    assert_eq!(
        [0.0, 1.0, 505.0, 999.0, 5_000.0].map(|logit| scores.score(logit)),
        [1, 1, 51, 100, 100]
    );
}

#[test]
fn should_cut_no_narrow_pieces_when_many_rows_share_a_logit() {
    let floats: Vec<f32> = (0..1_000).map(|row| (row as f32).max(400.0)).collect();
    let knots = |floats: &[f32]| FloatScores::new(floats, HUNDRED).knots(10);
    assert_eq!(knots(&floats), [400.0, 500.0, 599.0, 699.0, 799.0, 899.0, 999.0]);
    assert_eq!(knots(&[2.0; 50]), [2.0, 2.0]);
}

use super::{
    agreement::{chi_square_above, hosmer_lemeshow},
    curves::{wilson, CumulativePoint, Distribution},
    fixture::{artifact, model, part, part_without_floats, quality, rows, setup, table},
    measures::lift,
    stability::{bins, verdict, ShiftBin},
    *,
};
use assay_risk::artifact::Orientation;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

fn ends(bins: &[ShiftBin]) -> Vec<(Option<i32>, Option<i32>)> {
    bins.iter().map(|bin| (bin.from, bin.to)).collect()
}

fn present(values: impl IntoIterator<Item = i32>) -> Vec<Option<i32>> {
    values.into_iter().map(Some).collect()
}

fn repeated(groups: &[(i32, usize)]) -> Vec<Option<i32>> {
    groups.iter().flat_map(|(value, count)| vec![Some(*value); *count]).collect()
}

fn level(count: u64, bad_count: u64, expected_percent: u64) -> LevelQuality {
    let expected_bad_rate_ppb = Some(expected_percent * 10_000_000);
    LevelQuality { count, bad_count, expected_bad_rate_ppb, ..LevelQuality::default() }
}

#[test]
fn should_cut_a_baseline_in_tenths_when_its_values_differ() {
    let bins = bins(&present(1..=100));
    assert_eq!(bins.len(), 10);
    assert_eq!(ends(&bins)[0], (None, Some(10)));
    assert_eq!(ends(&bins)[1], (Some(11), Some(20)));
    assert_eq!(ends(&bins)[9], (Some(91), None));
}

#[test]
fn should_give_a_frequent_value_its_own_bin_when_several_quantiles_fall_on_it() {
    let middle = bins(&repeated(&[(-1, 5), (0, 90), (1, 5)]));
    assert_eq!(ends(&middle), [(None, Some(-1)), (Some(0), Some(0)), (Some(1), None)]);
    let top = bins(&repeated(&[(0, 5), (7, 95)]));
    assert_eq!(ends(&top), [(None, Some(6)), (Some(7), None)]);
    let bottom = bins(&repeated(&[(0, 95), (7, 5)]));
    assert_eq!(ends(&bottom), [(None, Some(0)), (Some(1), None)]);
}

#[test]
fn should_see_a_shift_when_the_baseline_is_constant() {
    let shift = FeatureShift::new("x".into(), &vec![Some(4); 100], &vec![Some(5); 100]);
    assert_eq!(ends(&shift.bins[..3]), [(None, Some(3)), (Some(4), Some(4)), (Some(5), None)]);
    // Two bins change from 1 to the floor of 0.0001 and back: 2 * 0.9999 * ln 10,000.
    let expected = 2.0 * 0.9999 * 10_000_f64.ln();
    assert!(close(shift.csi_ppb.unwrap() as f64 / 1e9, expected), "{shift:?}");
    let same = FeatureShift::new("x".into(), &vec![Some(4); 100], &vec![Some(4); 9]);
    assert_eq!(same.csi_ppb, Some(0));
}

#[test]
fn should_hold_every_value_when_the_baseline_is_at_the_ends_of_its_type() {
    for constant in [i32::MIN, i32::MAX] {
        let compared = present([i32::MIN, 0, i32::MAX]);
        let shift = FeatureShift::new("x".into(), &[Some(constant)], &compared);
        assert_eq!(shift.bins.iter().map(|bin| bin.compared_count).sum::<u64>(), 3);
        assert!(shift.csi_ppb.unwrap() > 0);
    }
}

#[test]
fn should_compute_csi_by_hand_when_shares_move() {
    let baseline = repeated(&[(0, 50), (1, 50)]);
    let compared = repeated(&[(0, 25), (1, 75)]);
    let shift = FeatureShift::new("x".into(), &baseline, &compared);
    // (0.25 - 0.5) ln 0.5 + (0.75 - 0.5) ln 1.5
    assert!(close(shift.csi_ppb.unwrap() as f64 / 1e9, 0.274_653_072), "{shift:?}");
    assert_eq!(shift.bins.len(), 3);
}

#[test]
fn should_count_missing_values_in_their_own_bin_when_they_appear() {
    let baseline = repeated(&[(0, 50), (1, 50)]);
    let mut compared = baseline.clone();
    compared.extend(vec![None; 100]);
    let shift = FeatureShift::new("x".into(), &baseline, &compared);
    assert_eq!((shift.baseline_missing, shift.compared_missing), (0, 100));
    // Twice (0.25 - 0.5) ln 0.5, and (0.5 - 0.0001) ln(0.5 / 0.0001).
    let expected = 0.5 * 2_f64.ln() + 0.4999 * 5_000_f64.ln();
    assert!(close(shift.csi_ppb.unwrap() as f64 / 1e9, expected), "{shift:?}");
    let last = shift.bins.last().unwrap();
    assert!(last.missing && last.from.is_none() && last.to.is_none());
}

#[test]
fn should_stay_finite_when_the_baseline_has_no_value_at_all() {
    let shift = FeatureShift::new("x".into(), &[None; 10], &present(0..10));
    assert_eq!(shift.bins.len(), 2);
    let expected = 2.0 * 0.9999 * 10_000_f64.ln();
    assert!(close(shift.csi_ppb.unwrap() as f64 / 1e9, expected), "{shift:?}");
}

#[test]
fn should_have_no_csi_when_a_part_has_no_rows() {
    assert_eq!(FeatureShift::new("x".into(), &[], &present(0..10)).csi_ppb, None);
    assert_eq!(FeatureShift::new("x".into(), &present(0..10), &[]).csi_ppb, None);
}

#[test]
fn should_take_bins_from_the_baseline_only_when_the_other_part_reaches_further() {
    let baseline = present(1..=100);
    let near = FeatureShift::new("x".into(), &baseline, &present(1..=100));
    let far = FeatureShift::new("x".into(), &baseline, &present(-5_000..5_000));
    assert_eq!(ends(&near.bins), ends(&far.bins));
    assert_eq!(far.bins.iter().map(|bin| bin.compared_count).sum::<u64>(), 10_000);
    assert_eq!(near.csi_ppb, Some(0));
}

#[test]
fn should_compute_psi_over_levels_when_scores_move() {
    let before = table(&[rows(-100, 50, 5), rows(100, 50, 5)].concat());
    let now = table(&[rows(-100, 25, 5), rows(100, 75, 5)].concat());
    let stability =
        Stability::compare(&artifact(), ("before", &part(&before)), ("now", &part(&now)));
    assert!(close(stability.score_psi_ppb.unwrap() as f64 / 1e9, 0.274_653_072));
    assert_eq!(stability.score_bins.len(), 10);
    assert_eq!((stability.baseline_rows, stability.compared_rows), (100, 100));
    assert_eq!(stability.features[0].feature, "feature 1");
}

#[test]
fn should_read_an_index_by_the_chains_limits() {
    let words = [None, Some(99_999_999), Some(100_000_000), Some(250_000_000)].map(verdict);
    assert_eq!(words, ["no rows", "stable", "moving", "shifted"]);
}

#[test]
fn should_weigh_distances_by_loans_when_measuring_calibration() {
    let levels = [level(100, 10, 5), level(100, 30, 40), level(0, 0, 99)];
    let agreement = Agreement::of(&levels, 225_000_000, &model().calibration).unwrap();
    assert_eq!(agreement.expected_calibration_error_ppb, 75_000_000);
    assert_eq!(agreement.calibration_rows, 200);
    let test = agreement.hosmer_lemeshow.unwrap();
    // 25 / 4.75 + 100 / 24; with two degrees of freedom p = e^(-chi / 2).
    assert!(close(test.chi_square, 9.429_824_561), "{test:?}");
    assert!(close(test.p_value, (-test.chi_square / 2.0).exp()), "{test:?}");
    assert_eq!(test.groups, 2);
}

#[test]
fn should_join_levels_when_they_expect_too_few_bad_loans() {
    // 4 and 4 expected make one group of 8; the last level's 1 joins it, too.
    let levels = [level(100, 4, 4), level(100, 6, 4), level(100, 0, 1)];
    let test = hosmer_lemeshow(&levels).unwrap();
    assert_eq!(test.groups, 1);
    assert!(close(test.chi_square, 1.0 / (9.0 * (1.0 - 9.0 / 300.0))), "{test:?}");
    assert_eq!(hosmer_lemeshow(&[level(100, 4, 4)]), None);
    assert_eq!(hosmer_lemeshow(&[]), None);
}

#[test]
fn should_agree_with_printed_tables_when_giving_the_chance_of_a_chi_square() {
    for (value, freedom) in [(3.841_459, 1), (5.991_465, 2), (11.070_498, 5), (18.307_038, 10)] {
        assert!((chi_square_above(value, freedom) - 0.05).abs() < 1e-6, "{value} {freedom}");
    }
    assert_eq!(chi_square_above(0.0, 3), 1.0);
}

#[test]
fn should_have_no_agreement_when_there_are_no_loans() {
    assert_eq!(Agreement::of(&[level(0, 0, 10)], 0, &Calibration::default()), None);
}

#[test]
fn should_compare_rates_when_computing_lift() {
    let mut levels = [level(100, 10, 0), level(100, 30, 0), level(0, 0, 0)];
    lift(&mut levels, true);
    let lifts = levels.map(|level| level.lift_ppb);
    assert_eq!(lifts, [Some(500_000_000), Some(1_500_000_000), None]);
    let captured = levels.map(|level| level.captured_bad_ppb.unwrap());
    assert_eq!(captured, [1_000_000_000, 750_000_000, 0]);
    lift(&mut levels, false);
    assert_eq!(levels[0].captured_bad_ppb, Some(250_000_000));
}

#[test]
fn should_have_no_lift_when_no_loan_is_bad() {
    let mut levels = [level(100, 0, 0)];
    lift(&mut levels, true);
    assert_eq!((levels[0].lift_ppb, levels[0].captured_bad_ppb), (None, None));
}

fn four_loans() -> Distribution {
    let table = table(&[
        (Some(1), Some(false)),
        (Some(2), Some(false)),
        (Some(2), Some(true)),
        (Some(3), Some(true)),
    ]);
    Distribution::of(&part(&table))
}

#[test]
fn should_go_from_the_riskiest_to_the_safest_when_drawing_roc() {
    let roc = four_loans().roc();
    assert_eq!(roc, [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
    let area: f64 =
        roc.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0).sum();
    assert_eq!(area, 0.875);
}

#[test]
fn should_add_up_from_the_lowest_score_when_drawing_ks() {
    let curves = four_loans();
    let last = CumulativePoint { score: 130, good: 1.0, bad: 1.0 };
    assert_eq!(curves.cumulative().last(), Some(&last));
    let gap = curves.widest_gap().unwrap();
    assert_eq!((gap.good - gap.bad).abs(), 0.5);
    let mut reversed = four_loans();
    reversed.score.reverse();
    let scores: Vec<u16> = reversed.cumulative().iter().map(|point| point.score).collect();
    assert_eq!(scores, [128, 129, 130]);
    assert_eq!(reversed.cumulative()[0].bad, 0.5);
}

#[test]
fn should_follow_delong_when_giving_the_standard_error_of_an_auc() {
    // Placements 0.75 and 1 of either kind: variance 0.03125 / 2 each.
    assert!(close(four_loans().auc_standard_error().unwrap(), 0.03125_f64.sqrt()));
}

#[test]
fn should_have_no_curves_when_one_kind_of_loan_is_missing() {
    let table = table(&rows(5, 3, 3));
    let measures = measure(&artifact(), &part(&table), None);
    assert!(measures.distribution.roc().is_empty());
    assert_eq!(measures.distribution.widest_gap(), None);
    assert_eq!((measures.auc_quantised, measures.ks, measures.ks_score), (0.5, 0.0, None));
    assert_eq!(measures.auc_standard_error, None);
}

#[test]
fn should_bound_a_rate_after_wilson() {
    let (low, high) = wilson(0, 10).unwrap();
    assert!(low == 0.0 && (high - 0.277_53).abs() < 1e-4, "{high}");
    let (low, high) = wilson(5, 10).unwrap();
    assert!((low - 0.236_6).abs() < 1e-4 && (high - 0.763_4).abs() < 1e-4);
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn should_take_the_nearest_calibrated_rate_when_expecting_bad_loans() {
    let table = table(&[rows(-100, 100, 10), rows(100, 100, 30)].concat());
    let measures = measure(&artifact(), &part(&table), Some(&model().calibration));
    // Scores 27 and 227 are nearest to the entries 10 (5 %) and 200 (40 %).
    assert_eq!(measures.levels[1].expected_bad_rate_ppb, Some(50_000_000));
    assert_eq!(measures.levels[8].expected_bad_rate_ppb, Some(400_000_000));
    assert_eq!(measures.levels[0].expected_bad_rate_ppb, None);
    let found = measures.calibration.unwrap();
    assert_eq!(found.expected_bad_rate_ppb, 225_000_000);
    assert_eq!(found.expected_calibration_error_ppb, 75_000_000);
}

#[test]
fn should_capture_from_the_lowest_score_when_lower_is_riskier() {
    let mut artifact = artifact();
    artifact.orientation = Orientation::LowerIsRiskier;
    artifact.table.reverse();
    let table = table(&[rows(-100, 100, 10), rows(100, 100, 30)].concat());
    let all: Vec<usize> = (0..table.len()).collect();
    let part = Part::new(&artifact, &table, &all, Vec::new(), Vec::new()).unwrap();
    let levels = measure(&artifact, &part, None).levels;
    assert_eq!(levels[1].captured_bad_ppb, Some(750_000_000));
    assert_eq!(levels[1].lift_ppb, Some(1_500_000_000));
}

#[test]
fn should_leave_float_measures_out_when_there_is_no_float_network() {
    let table = table(&[rows(-100, 100, 10), rows(100, 100, 30)].concat());
    let without = measure(&artifact(), &part_without_floats(&table), None);
    let json = serde_json::to_value(&without).unwrap();
    for absent in ["auc_float", "log_loss", "scores_equal_share", "calibration"] {
        assert!(json.get(absent).is_none(), "{absent}");
    }
    let with = measure(&artifact(), &part(&table), None);
    assert_eq!(with.auc_float, Some(with.auc_quantised));
    assert_eq!((with.scores_equal_share, with.scores_near_share), (Some(1.0), Some(1.0)));
}

#[test]
fn should_count_scores_off_when_the_float_network_gives_others() {
    let table = table(&rows(0, 4, 2));
    let scores = vec![127, 128, 126, 129];
    let part = Part::new(&artifact(), &table, &[0, 1, 2, 3], vec![0.0; 4], scores).unwrap();
    let measures = measure(&artifact(), &part, None);
    assert_eq!(measures.scores_equal_share, Some(0.25));
    assert_eq!(measures.scores_near_share, Some(0.75));
}

#[test]
fn should_compare_with_loans_that_are_not_its_own_when_reporting() {
    let quality = quality();
    assert_eq!(quality.training.calibration, None);
    let found = quality.validation.calibration.as_ref().unwrap();
    // 10 % and 30 % by the training loans, 20 % and 30 % observed.
    assert_eq!(found.calibration_rows, 200);
    assert_eq!(found.expected_bad_rate_ppb, 200_000_000);
    assert_eq!(found.expected_calibration_error_ppb, 50_000_000);
    let held_out = table(&[rows(-100, 50, 10), rows(100, 50, 15)].concat());
    let parts = [&part(&held_out), &part(&held_out)];
    let report = report(&artifact(), setup(), parts, Some(&part(&held_out)));
    assert_eq!(report.held_out.unwrap().calibration.unwrap().calibration_rows, 200);
    assert_eq!(report.stability.len(), 2);
}

#[test]
fn should_name_parts_features_and_units_when_written_as_json() {
    let json = serde_json::to_value(quality()).unwrap();
    assert_eq!(json["gini"], json["validation"]["gini"]);
    let stability = &json["stability"][0];
    assert_eq!(stability["baseline"], "training");
    assert_eq!(stability["compared"], "validation");
    assert_eq!(stability["score_psi_ppb"], 0);
    assert_eq!(stability["features"][0]["feature"], "arrears");
    assert_eq!(stability["features"][0]["unit"], "days");
    let level = &json["validation"]["levels"][8];
    assert_eq!(level["lift_ppb"], 1_200_000_000);
    assert_eq!(level["expected_bad_rate_ppb"], 300_000_000);
    let read: Quality = serde_json::from_value(json).unwrap();
    assert_eq!(read, quality());
}

#[test]
fn should_stay_within_100_columns_when_printed() {
    let text = quality().to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for shown in ["AUC, float", "lift", "Hosmer-Lemeshow", "PSI of the score", "arrears [days]"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

use super::*;
use proptest::prelude::*;

const PERCENT: u64 = PPB / 100;

#[test]
fn should_take_the_riskiest_levels_when_a_share_is_asked() {
    let units = [50, 20, 10, 10, 5, 5];
    let share = |riskiest, orientation| top_share_ppb(&units, riskiest, orientation);
    assert_eq!(share(3, Orientation::HigherIsRiskier), Some(20 * PERCENT));
    assert_eq!(share(3, Orientation::LowerIsRiskier), Some(80 * PERCENT));
    assert_eq!(share(0, Orientation::HigherIsRiskier), Some(0));
    assert_eq!(share(9, Orientation::LowerIsRiskier), Some(PPB));
    assert_eq!(top_share_ppb(&[2, 1], 1, Orientation::HigherIsRiskier), Some(333_333_334));
}

#[test]
fn should_give_no_share_when_there_is_nothing_or_too_much() {
    assert_eq!(top_share_ppb(&[], 3, Orientation::HigherIsRiskier), None);
    assert_eq!(top_share_ppb(&[0, 0], 1, Orientation::HigherIsRiskier), None);
    assert_eq!(top_share_ppb(&[u128::MAX, 1], 1, Orientation::HigherIsRiskier), None);
}

#[test]
fn should_rise_only_when_every_one_of_the_last_assessments_rose() {
    assert!(is_rising(&[9, 1, 2, 3, 4], 3));
    assert!(!is_rising(&[9, 1, 2, 2, 4], 3));
    assert!(!is_rising(&[1, 2, 3], 3));
    assert!(!is_rising(&[1, 2, 3], 0));
    assert!(!is_rising(&[], 1));
}

#[test]
fn should_project_the_line_when_shares_rise() {
    assert_eq!(periods_to_breach(&[10, 20, 30], 6, 50, 3), Some(3));
    assert_eq!(periods_to_breach(&[10, 20, 30], 6, 49, 3), Some(2));
    assert_eq!(periods_to_breach(&[90, 10, 20, 30], 3, 50, 3), Some(3));
    assert_eq!(periods_to_breach(&[60, 70, 80], 6, 50, 3), Some(1));
}

#[test]
fn should_project_nothing_when_the_line_does_not_rise_soon() {
    assert_eq!(periods_to_breach(&[10, 20, 30], 6, 50, 2), None);
    assert_eq!(periods_to_breach(&[30, 20, 10], 6, 50, 9), None);
    assert_eq!(periods_to_breach(&[60, 60], 6, 50, 9), None);
    assert_eq!(periods_to_breach(&[10], 6, 50, 9), None);
    assert_eq!(periods_to_breach(&[10, 20, 30], 1, 50, 9), None);
    assert_eq!(periods_to_breach(&[], 6, 50, 9), None);
}

#[test]
fn should_find_no_shift_when_distributions_have_the_same_shape() {
    assert_eq!(psi_ppb(&[10, 20, 70], &[10, 20, 70]), Some(0));
    assert_eq!(psi_ppb(&[10, 20, 70], &[1, 2, 7]), Some(0));
}

#[test]
fn should_floor_shares_when_a_level_is_empty() {
    // (0.0001 - 0.5) * ln(0.0001 / 0.5) + (1 - 0.5) * ln(1 / 0.5)
    let psi = psi_ppb(&[1, 1], &[0, 1]).expect("defined");
    assert_eq!(psi, 4_604_318_467);
    assert!(psi >= PSI_ALERT_PPB);
}

#[test]
fn should_find_no_index_when_distributions_cannot_be_compared() {
    assert_eq!(psi_ppb(&[], &[]), None);
    assert_eq!(psi_ppb(&[1, 2], &[1, 2, 3]), None);
    assert_eq!(psi_ppb(&[0, 0], &[1, 2]), None);
    assert_eq!(psi_ppb(&[1, 2], &[0, 0]), None);
}

#[test]
fn should_count_moves_when_assets_migrate() {
    let moves = [(1, Fate::Level(1)), (1, Fate::Level(2)), (2, Fate::Defaulted), (2, Fate::Left)];
    let matrix = migration_matrix(2, moves).expect("levels exist");
    let rows: Vec<&[u64]> = matrix.rows().collect();
    assert_eq!(rows, [[1, 1, 0, 0], [0, 0, 1, 1]]);
}

#[test]
fn should_count_nothing_when_a_level_does_not_exist() {
    let mut matrix = MigrationMatrix::new(2);
    for (from, fate) in [(0, Fate::Left), (3, Fate::Left), (1, Fate::Level(0)), (1, Fate::Level(3))]
    {
        assert!(!matrix.add(from, fate));
        assert_eq!(migration_matrix(2, [(from, fate)]), None);
    }
    assert_eq!(matrix, MigrationMatrix::new(2));
}

proptest! {
    #[test]
    fn should_be_close_to_the_float_when_distributions_are_any(
        levels in proptest::collection::vec((0_u64..1_000_000, 0_u64..1_000_000), 1..20)
    ) {
        let (expected, actual): (Vec<u64>, Vec<u64>) = levels.into_iter().unzip();
        let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        prop_assume!(total(&expected) > 0.0 && total(&actual) > 0.0);
        let psi: f64 = expected.iter().zip(&actual).map(|(e, a)| {
            let e = (*e as f64 / total(&expected)).max(0.0001);
            let a = (*a as f64 / total(&actual)).max(0.0001);
            (a - e) * (a / e).ln()
        }).sum();
        let fixed = psi_ppb(&expected, &actual).expect("defined") as f64 / 1e9;
        prop_assert!((fixed - psi).abs() < 2e-9);
    }
}

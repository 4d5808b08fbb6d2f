use super::super::metrics::{auc, ks, log_loss, zero_one_loss};

#[test]
fn should_count_pairs_when_measuring_auc() {
    let bad = [false, false, true, true];
    assert_eq!(auc(&[1, 2, 3, 4], &bad), 1.0);
    assert_eq!(auc(&[4, 3, 2, 1], &bad), 0.0);
    assert_eq!(auc(&[1, 3, 2, 4], &bad), 0.75);
    assert_eq!(auc(&[1, 2, 2, 3], &bad), 0.875);
    assert_eq!(auc(&[5, 5, 5, 5], &bad), 0.5);
    assert_eq!(auc(&[1, 2], &[true, true]), 0.5);
}

#[test]
fn should_find_the_widest_gap_when_measuring_ks() {
    assert_eq!(ks(&[1, 2, 3, 4], &[false, false, true, true]), 1.0);
    assert_eq!(ks(&[1, 2, 3, 4], &[false, true, false, true]), 0.5);
    assert_eq!(ks(&[1, 1], &[false, true]), 0.0);
    assert_eq!(ks(&[1, 1], &[true, true]), 0.0);
}

#[test]
fn should_judge_probabilities_when_measuring_losses() {
    let bad = [true, false];
    assert!((log_loss(&[0.0, 0.0], &bad) - 2_f64.ln()).abs() < 1e-12);
    assert_eq!(zero_one_loss(&[1.0, -1.0], &bad), 0.0);
    assert_eq!(zero_one_loss(&[-1.0, -1.0], &bad), 0.5);
}

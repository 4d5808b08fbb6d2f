use super::*;
use proptest::prelude::*;

fn two_tranches() -> Period {
    Period {
        tranches: alloc::vec![
            TrancheDue { outstanding_minor: 800, interest_due_minor: 40 },
            TrancheDue { outstanding_minor: 200, interest_due_minor: 20 },
        ],
        collections_minor: 300,
        fees_due_minor: 10,
        principal_due_minor: 150,
        reserve_minor: 30,
        reserve_required_minor: 50,
        commitment_minor: 100,
        losses_minor: 0,
    }
}

fn principals(distribution: &Distribution) -> Vec<u128> {
    distribution.tranches.iter().map(|tranche| tranche.principal_minor).collect()
}

fn interests(distribution: &Distribution) -> Vec<u128> {
    distribution.tranches.iter().map(|tranche| tranche.interest_minor).collect()
}

#[test]
fn should_pay_all_steps_in_order_when_collections_suffice() {
    let paid = distribute(&two_tranches());
    assert_eq!(paid.fees_minor, 10);
    assert_eq!(interests(&paid), [40, 20]);
    assert_eq!(principals(&paid), [150, 0]);
    assert_eq!(paid.tranches[0].outstanding_minor, 650);
    assert_eq!(paid.reserve_addition_minor, 20);
    assert_eq!(paid.excess_minor, 60);
    assert_eq!((paid.reserve_draw_minor, paid.guarantor_draw_minor), (0, 0));
}

#[test]
fn should_begin_the_next_tranche_when_the_senior_one_is_paid_in_full() {
    let mut period = two_tranches();
    period.tranches[0].outstanding_minor = 100;
    let paid = distribute(&period);
    assert_eq!(principals(&paid), [100, 50]);
    assert_eq!(paid.tranches[0].outstanding_minor, 0);
    assert_eq!(paid.tranches[1].outstanding_minor, 150);
}

#[test]
fn should_draw_on_reserve_then_guarantor_when_collections_fall_short() {
    let mut period = two_tranches();
    period.collections_minor = 55;
    let paid = distribute(&period);
    assert_eq!(interests(&paid), [40, 20]);
    assert_eq!(principals(&paid), [115, 0]);
    assert_eq!((paid.reserve_draw_minor, paid.guarantor_draw_minor), (30, 100));
    assert_eq!(paid.principal_unpaid_minor, 35);
    assert_eq!((paid.reserve_addition_minor, paid.excess_minor), (0, 0));
}

#[test]
fn should_leave_junior_interest_unpaid_when_every_source_is_spent() {
    let mut period = two_tranches();
    (period.collections_minor, period.reserve_minor, period.commitment_minor) = (10, 35, 10);
    let paid = distribute(&period);
    assert_eq!(interests(&paid), [40, 5]);
    assert_eq!(paid.tranches[1].interest_unpaid_minor, 15);
    assert_eq!(paid.principal_unpaid_minor, 150);
}

#[test]
fn should_not_draw_for_fees_when_collections_do_not_cover_them() {
    let mut period = two_tranches();
    (period.collections_minor, period.commitment_minor, period.reserve_minor) = (4, 0, 30);
    let paid = distribute(&period);
    assert_eq!((paid.fees_minor, paid.fees_unpaid_minor), (4, 6));
    assert_eq!(interests(&paid), [30, 0]);
}

#[test]
fn should_write_down_the_most_junior_first_when_there_are_losses() {
    let mut period = two_tranches();
    period.losses_minor = 230;
    let paid = distribute(&period);
    assert_eq!(paid.tranches[1].written_down_minor, 200);
    assert_eq!(paid.tranches[0].written_down_minor, 30);
    assert_eq!(paid.tranches[0].outstanding_minor, 620);
    assert_eq!(paid.losses_unborne_minor, 0);
}

#[test]
fn should_say_what_nobody_bears_when_losses_exceed_all_tranches() {
    let mut period = two_tranches();
    period.losses_minor = 1_000;
    let paid = distribute(&period);
    assert_eq!(paid.losses_unborne_minor, 150);
    assert!(paid.tranches.iter().all(|tranche| tranche.outstanding_minor == 0));
}

#[test]
fn should_hand_all_to_the_originator_when_nothing_is_owed() {
    let paid = distribute(&Period { collections_minor: u128::MAX, ..Period::default() });
    assert_eq!(paid.excess_minor, u128::MAX);
}

#[test]
fn should_accrue_by_the_second_when_a_coupon_is_due() {
    assert_eq!(coupon_minor(1_000_000, 50_000_000, 365 * 86_400), Some(50_000));
    assert_eq!(coupon_minor(1_000_000, 50_000_000, 30 * 86_400), Some(4_109));
    assert_eq!(coupon_minor(0, 50_000_000, u64::MAX), Some(0));
    assert_eq!(coupon_minor(u128::MAX, u32::MAX, u64::MAX), None);
}

#[test]
fn should_round_down_when_a_part_is_not_whole() {
    assert_eq!(pro_rata(100, 1, 3), Some(33));
    assert_eq!(pro_rata(u128::MAX, 2, 3), Some(u128::MAX / 3 * 2));
    assert_eq!(pro_rata(u128::MAX, u128::MAX - 1, u128::MAX), Some(u128::MAX - 1));
}

#[test]
fn should_give_nothing_when_a_part_is_undefined_or_too_large() {
    assert_eq!(pro_rata(1, 1, 0), None);
    assert_eq!(pro_rata(u128::MAX, u128::MAX, 0), None);
    assert_eq!(pro_rata(u128::MAX, 2, 1), None);
}

fn amount() -> impl Strategy<Value = u128> {
    prop_oneof![0_u128..200, 0_u128..1 << 100]
}

fn period() -> impl Strategy<Value = Period> {
    let tranche = (amount(), amount()).prop_map(|(outstanding_minor, interest_due_minor)| {
        TrancheDue { outstanding_minor, interest_due_minor }
    });
    let amounts = proptest::array::uniform7(amount());
    (proptest::collection::vec(tranche, 0..6), amounts).prop_map(|(tranches, amounts)| {
        let [collections, fees, principal, reserve, required, commitment, losses] = amounts;
        Period {
            tranches,
            collections_minor: collections,
            fees_due_minor: fees,
            principal_due_minor: principal,
            reserve_minor: reserve,
            reserve_required_minor: required,
            commitment_minor: commitment,
            losses_minor: losses,
        }
    })
}

proptest! {
    #[test]
    fn should_neither_make_nor_lose_money_when_a_period_is_distributed(period in period()) {
        let paid = distribute(&period);
        let sum = |part: fn(&TranchePayment) -> u128| paid.tranches.iter().map(part).sum::<u128>();
        let (interest, principal) =
            (sum(|tranche| tranche.interest_minor), sum(|tranche| tranche.principal_minor));
        prop_assert_eq!(
            period.collections_minor + paid.reserve_draw_minor + paid.guarantor_draw_minor,
            paid.fees_minor + interest + principal + paid.reserve_addition_minor + paid.excess_minor
        );
        let before: u128 = period.tranches.iter().map(|tranche| tranche.outstanding_minor).sum();
        let written_down = sum(|tranche| tranche.written_down_minor);
        let after = sum(|tranche| tranche.outstanding_minor);
        prop_assert_eq!(before, principal + written_down + after);
        prop_assert_eq!(written_down + paid.losses_unborne_minor, period.losses_minor);
        prop_assert_eq!(
            principal + paid.principal_unpaid_minor, period.principal_due_minor.min(before)
        );
        for (paid, due) in paid.tranches.iter().zip(&period.tranches) {
            prop_assert_eq!(
                paid.interest_minor + paid.interest_unpaid_minor, due.interest_due_minor
            );
        }
    }

    #[test]
    fn should_keep_the_order_of_steps_when_money_runs_out(period in period()) {
        let paid = distribute(&period);
        let interest_open =
            paid.tranches.iter().any(|tranche| tranche.interest_unpaid_minor > 0);
        if paid.fees_unpaid_minor > 0 || paid.reserve_draw_minor > 0 {
            prop_assert_eq!(paid.excess_minor, 0);
            prop_assert_eq!(paid.reserve_addition_minor, 0);
        }
        if interest_open {
            prop_assert!(paid.tranches.iter().all(|tranche| tranche.principal_minor == 0));
        }
        if interest_open || paid.principal_unpaid_minor > 0 {
            prop_assert_eq!(paid.guarantor_draw_minor, period.commitment_minor);
        }
        if paid.guarantor_draw_minor > 0 {
            prop_assert_eq!(paid.reserve_draw_minor, period.reserve_minor);
        }
        let reserve =
            period.reserve_minor - paid.reserve_draw_minor + paid.reserve_addition_minor;
        prop_assert!(paid.excess_minor == 0 || reserve >= period.reserve_required_minor);
        for pair in paid.tranches.windows(2) {
            let senior_open = pair[0].outstanding_minor + pair[0].written_down_minor > 0;
            prop_assert!(!senior_open || pair[1].principal_minor == 0);
            prop_assert!(pair[0].written_down_minor == 0 || pair[1].outstanding_minor == 0);
        }
    }

    #[test]
    fn should_never_pay_out_more_than_there_is_when_parts_are_summed(
        amount in amount(), holdings in proptest::collection::vec(amount(), 1..8)
    ) {
        let total: u128 = holdings.iter().sum();
        prop_assume!(total > 0);
        let parts: Vec<u128> =
            holdings.iter().map(|held| pro_rata(amount, *held, total).expect("defined")).collect();
        let paid: u128 = parts.iter().sum();
        prop_assert!(paid <= amount);
        prop_assert!(amount - paid < u128::try_from(holdings.len()).expect("few"));
    }

    #[test]
    fn should_undo_the_multiplication_when_products_are_long(
        a in 1_u128..=u128::MAX, b in 1_u128..=u128::MAX, divisor in 1_u128..=u128::MAX
    ) {
        prop_assert_eq!(divide(a, b, b), Some((a, 0)));
        prop_assert_eq!(divide(a, b, divisor), divide(b, a, divisor));
        if let Some((quotient, remainder)) = divide(a, b, divisor) {
            prop_assert!(remainder < divisor);
            let product = a.wrapping_mul(b);
            prop_assert_eq!(quotient.wrapping_mul(divisor).wrapping_add(remainder), product);
        }
    }
}

use super::*;
use crate::{grading::Scale, ratio::PPB};
use proptest::prelude::*;

const PERCENT: u64 = PPB / 100;

fn bin(count: u64, bad_count: u64) -> Bin {
    Bin { count, balance: count.into(), bad_count, bad_balance: bad_count.into() }
}

fn histogram(bins: &[(u16, Bin)]) -> Histogram {
    let mut histogram = Histogram::default();
    bins.iter().for_each(|(score, bin)| histogram.add_bin(*score, bin));
    histogram
}

fn levels(count: u8) -> Levels {
    Levels::resolve(&Scale::EqualWidth(count), 1, 100, None).expect("valid")
}

fn observed(basis: Basis, weights: Weights) -> RateOptions {
    RateOptions { basis, method: Method::Observed, weights }
}

fn calibrated() -> RateOptions {
    RateOptions { basis: Basis::Count, method: Method::Calibrated, weights: Weights::Share }
}

fn calibration(entries: &[(u16, u32, u32)]) -> Calibration {
    let entry = |(score, total, defaulted): &(u16, u32, u32)| CalibrationEntry {
        score: *score,
        total: *total,
        defaulted: *defaulted,
    };
    Calibration { entries: entries.iter().map(entry).collect() }
}

fn table(
    histogram: &Histogram,
    count: u8,
    options: &RateOptions,
    calibration: Option<&Calibration>,
) -> Result<LevelTable, RateFault> {
    LevelTable::new(histogram, &levels(count), options, Orientation::HigherIsRiskier, calibration)
}

fn rates(table: &LevelTable) -> Vec<Option<u64>> {
    table.rows.iter().map(|row| row.bad_rate_ppb).collect()
}

#[test]
fn should_be_10_percent_when_100_of_1000_are_bad() {
    let pack = histogram(&[(40, bin(1_000, 100))]);
    let table = table(&pack, 1, &observed(Basis::Count, Weights::Share), None).expect("rates");
    assert_eq!(table.bad_rate_ppb, 10 * PERCENT);
    assert_eq!(rates(&table), [Some(10 * PERCENT)]);
}

/// 5 %, 7 % and 10 %.
fn three_levels(counts: [u64; 3]) -> Histogram {
    let [a, b, c] = counts;
    histogram(&[(10, bin(a, a / 20)), (50, bin(b, b * 7 / 100)), (90, bin(c, c / 10))])
}

#[test]
fn should_be_8_1_percent_when_three_levels_are_weighted() {
    let weights = Weights::Fixed(alloc::vec![20 * PERCENT, 30 * PERCENT, 50 * PERCENT]);
    let options = observed(Basis::Count, weights);
    let given = table(&three_levels([1_000; 3]), 3, &options, None).expect("rates");
    assert_eq!(rates(&given), [Some(5 * PERCENT), Some(7 * PERCENT), Some(10 * PERCENT)]);
    assert_eq!(given.bad_rate_ppb, 81_000_000);
    let options = observed(Basis::Balance, Weights::Share);
    let shares = table(&three_levels([200, 300, 500]), 3, &options, None).expect("rates");
    assert_eq!(shares.bad_rate_ppb, 81_000_000);
}

#[test]
fn should_agree_with_given_weights_when_ten_levels_have_those_shares() {
    let shares = [2_u64, 4, 6, 8, 10, 10, 12, 14, 16, 18];
    let bins: Vec<(u16, Bin)> = (5_u16..)
        .step_by(10)
        .zip(shares)
        .zip(1_u64..)
        .map(|((score, share), level)| (score, bin(share * 100, share * level)))
        .collect();
    let pack = histogram(&bins);
    let weights = Weights::Fixed(shares.iter().map(|share| share * PERCENT).collect());
    let by_share = table(&pack, 10, &observed(Basis::Count, Weights::Share), None);
    let by_weight = table(&pack, 10, &observed(Basis::Count, weights), None);
    let expected: u64 = shares.iter().zip(1..).map(|(share, level)| share * level * 100_000).sum();
    assert_eq!(by_share.expect("rates").bad_rate_ppb, expected);
    assert_eq!(by_weight.expect("rates").bad_rate_ppb, expected);
}

#[test]
fn should_scale_the_weights_when_a_level_is_empty() {
    let weights = Weights::Fixed(alloc::vec![20 * PERCENT, 30 * PERCENT, 50 * PERCENT]);
    let pack = histogram(&[(10, bin(100, 5)), (50, bin(100, 7))]);
    let table = table(&pack, 3, &observed(Basis::Count, weights), None).expect("rates");
    assert_eq!(rates(&table), [Some(5 * PERCENT), Some(7 * PERCENT), None]);
    assert_eq!(table.bad_rate_ppb, 62_000_000);
}

#[test]
fn should_round_up_when_a_rate_is_not_whole() {
    let pack = histogram(&[(10, bin(3, 1)), (90, bin(7, 2))]);
    let share = table(&pack, 2, &observed(Basis::Count, Weights::Share), None).expect("rates");
    assert_eq!(rates(&share), [Some(333_333_334), Some(285_714_286)]);
    assert_eq!(share.bad_rate_ppb, 300_000_000);
}

#[test]
fn should_not_round_up_when_fractions_of_a_rate_make_a_whole() {
    let tenths =
        |weights: [u64; 3]| Weights::Fixed(weights.map(|weight| weight * 10 * PERCENT).into());
    let pack = histogram(&[(10, bin(3, 1)), (50, bin(3, 2)), (90, bin(4, 1))]);
    let options = observed(Basis::Count, tenths([3, 3, 4]));
    assert_eq!(table(&pack, 3, &options, None).expect("rates").bad_rate_ppb, 40 * PERCENT);
    let thirds = calibration(&[(10, 3, 1), (50, 6, 2), (90, 12, 4)]);
    let pack = histogram(&[(10, bin(1, 0)), (50, bin(1, 0)), (90, bin(1, 0))]);
    let third = table(&pack, 3, &calibrated(), Some(&thirds)).expect("rates");
    assert_eq!(third.bad_rate_ppb, 333_333_334);
    let whole = calibration(&[(10, 3, 1), (50, 7, 1), (90, 21, 11)]);
    let third = table(&pack, 1, &calibrated(), Some(&whole)).expect("rates");
    assert_eq!(third.bad_rate_ppb, 333_333_334);
    let whole = calibration(&[(10, 3, 1), (50, 7, 3), (90, 21, 5)]);
    let pack = histogram(&[(10, bin(4, 0)), (50, bin(4, 0)), (90, bin(4, 0))]);
    let third = table(&pack, 1, &calibrated(), Some(&whole)).expect("rates");
    assert_eq!(third.bad_rate_ppb, 333_333_334);
    let half = calibration(&[(10, 3, 1), (50, 6, 5), (90, 3, 1)]);
    assert_eq!(table(&pack, 1, &calibrated(), Some(&half)).expect("rates").bad_rate_ppb, PPB / 2);
}

#[test]
fn should_round_up_when_a_rate_is_over_by_the_smallest_part() {
    let mut pack = Histogram::default();
    pack.add(10, true, (1 << 89) + 1);
    pack.add(10, false, (1 << 89) - 1);
    let options = observed(Basis::Balance, Weights::Share);
    let half = table(&pack, 1, &options, None).expect("rates");
    assert_eq!(half.bad_rate_ppb, PPB / 2 + 1);
    // (t - 1) / t + 1 / (t - 1) is 1 + 1 / (t * (t - 1)), which 64 bits do not tell from 1.
    let t = u32::MAX;
    let data = calibration(&[(10, t, t - 1), (90, t - 1, 1)]);
    let pack = histogram(&[(10, bin(1, 0)), (90, bin(1, 0))]);
    let half = table(&pack, 2, &calibrated(), Some(&data)).expect("rates");
    assert_eq!(half.bad_rate_ppb, PPB / 2 + 1);
}

#[test]
fn should_count_what_a_level_holds_when_scores_share_it() {
    let bins = [
        (1, Bin { count: 2, balance: 30, bad_count: 1, bad_balance: 10 }),
        (2, Bin { count: 1, balance: 5, bad_count: 1, bad_balance: 5 }),
        (100, Bin { count: 1, balance: 7, bad_count: 0, bad_balance: 0 }),
    ];
    let options = observed(Basis::Balance, Weights::Share);
    let table = table(&histogram(&bins), 2, &options, None).expect("rates");
    let row = LevelRow {
        level: 1,
        score_from: 1,
        score_to: 50,
        count: 3,
        balance: 35,
        bad_count: 2,
        bad_balance: 15,
        bad_rate_ppb: Some(428_571_429),
    };
    assert_eq!(table.rows[0], row);
    assert_eq!((table.rows[1].level, table.rows[1].score_from), (2, 51));
    assert_eq!(table.bad_rate_ppb, 357_142_858);
}

#[test]
fn should_take_the_riskier_neighbour_when_a_score_has_no_training_loans() {
    let pack = histogram(&[(15, bin(1, 0))]);
    let data = calibration(&[(10, 10, 1), (15, 0, 0), (20, 10, 4)]);
    let rate = |orientation| {
        LevelTable::new(&pack, &levels(1), &calibrated(), orientation, Some(&data))
            .expect("rates")
            .bad_rate_ppb
    };
    assert_eq!(rate(Orientation::HigherIsRiskier), 40 * PERCENT);
    assert_eq!(rate(Orientation::LowerIsRiskier), 10 * PERCENT);
}

#[test]
fn should_refuse_when_there_is_nothing_to_rate() {
    let options = |basis| observed(basis, Weights::Share);
    let empty = Histogram::default();
    assert_eq!(table(&empty, 1, &options(Basis::Count), None), Err(RateFault::Empty));
    let mut repaid = Histogram::default();
    repaid.add(10, true, 0);
    assert_eq!(table(&repaid, 1, &options(Basis::Balance), None), Err(RateFault::Empty));
    let by_count = table(&repaid, 1, &options(Basis::Count), None).expect("rates");
    assert_eq!(by_count.bad_rate_ppb, PPB);
}

#[test]
fn should_refuse_when_the_balance_is_too_large() {
    let options = observed(Basis::Balance, Weights::Share);
    let mut pack = Histogram::default();
    pack.add(10, true, BALANCE_LIMIT - 2);
    pack.add(90, false, 1);
    let table_at_limit = table(&pack, 2, &options, None).expect("rates");
    assert_eq!(table_at_limit.bad_rate_ppb, PPB);
    pack.add(90, false, 1);
    assert_eq!(table(&pack, 2, &options, None), Err(RateFault::BalanceTooLarge));
    pack.add(90, false, u128::MAX);
    assert_eq!(table(&pack, 2, &options, None), Err(RateFault::BalanceTooLarge));
}

#[test]
fn should_refuse_when_there_are_too_many_scores() {
    let wide = Levels::resolve(&Scale::EqualWidth(1), 0, 1_000, None).expect("valid");
    let options = observed(Basis::Count, Weights::Share);
    let mut pack = Histogram::default();
    (0..256).for_each(|score| pack.add(score, false, 1));
    let refused = LevelTable::new(&pack, &wide, &options, Orientation::LowerIsRiskier, None);
    assert_eq!(refused, Err(RateFault::TooManyScores));
}

#[test]
fn should_refuse_when_more_is_bad_than_there_is() {
    let options = observed(Basis::Count, Weights::Share);
    let too_many = Bin { count: 1, balance: 5, bad_count: 2, bad_balance: 5 };
    let too_much = Bin { count: 1, balance: 5, bad_count: 1, bad_balance: 6 };
    for bin in [too_many, too_much] {
        let refused = table(&histogram(&[(1, bin)]), 1, &options, None);
        assert_eq!(refused, Err(RateFault::BinInconsistent));
    }
}

#[test]
fn should_refuse_when_a_score_has_no_level() {
    let options = observed(Basis::Count, Weights::Share);
    let refused = table(&histogram(&[(101, bin(1, 0))]), 1, &options, None);
    assert_eq!(refused, Err(RateFault::ScoreOutsideLevels));
}

#[test]
fn should_refuse_when_weights_are_invalid() {
    let pack = histogram(&[(1, bin(1, 0))]);
    let refused = |weights: &[u64], orientation| {
        let options = observed(Basis::Count, Weights::Fixed(weights.into()));
        LevelTable::new(&pack, &levels(3), &options, orientation, None).err()
    };
    let higher = Orientation::HigherIsRiskier;
    let (a, b, c) = (20 * PERCENT, 30 * PERCENT, 50 * PERCENT);
    assert_eq!(refused(&[a, b, c], higher), None);
    assert_eq!(refused(&[c, b, a], Orientation::LowerIsRiskier), None);
    assert_eq!(refused(&[b, c], higher), Some(RateFault::WeightCount));
    assert_eq!(refused(&[0, c, c], higher), Some(RateFault::WeightZero));
    assert_eq!(refused(&[b, a, c], higher), Some(RateFault::WeightsFalling));
    assert_eq!(refused(&[a, b, c], Orientation::LowerIsRiskier), Some(RateFault::WeightsFalling));
    assert_eq!(refused(&[a, b, c + 1], higher), Some(RateFault::WeightSum));
    assert_eq!(refused(&[1, u64::MAX, u64::MAX], higher), Some(RateFault::WeightSum));
}

#[test]
fn should_refuse_when_there_is_no_calibration_data() {
    let pack = histogram(&[(1, bin(1, 0))]);
    let refused =
        |calibration: Option<&Calibration>| table(&pack, 1, &calibrated(), calibration).err();
    assert_eq!(refused(None), Some(RateFault::CalibrationMissing));
    assert_eq!(refused(Some(&Calibration::default())), Some(RateFault::CalibrationMissing));
    assert_eq!(refused(Some(&calibration(&[(1, 0, 0)]))), Some(RateFault::CalibrationMissing));
}

#[test]
fn should_refuse_when_the_calibration_contradicts_itself() {
    let pack = histogram(&[(1, bin(1, 0))]);
    let refused = table(&pack, 1, &calibrated(), Some(&calibration(&[(1, 1, 2)])));
    let fault = CalibrationFault::DefaultedAboveTotal;
    assert_eq!(refused, Err(RateFault::Calibration(fault)));
}

proptest! {
    #[test]
    fn should_not_depend_on_the_unit_of_balances_when_they_are_huge(
        bins in proptest::collection::btree_map(
            1_u16..=100, (1_u32..1_000_000, 0_u32..=1_000_000), 1..40
        ),
        totals in proptest::collection::vec(1_u32..=u32::MAX, 40),
        shift in 0_u32..=60,
        is_calibrated: bool,
        count in 1_u8..=10
    ) {
        let pack = |shift: u32| {
            let mut pack = Histogram::default();
            for (score, (balance, bad)) in &bins {
                let (balance, bad) = (u128::from(*balance), u128::from(*bad.min(balance)));
                pack.add(*score, true, bad << shift);
                pack.add(*score, false, (balance - bad) << shift);
            }
            pack
        };
        let data: Vec<(u16, u32, u32)> = (1_u16..)
            .step_by(3)
            .zip(&totals)
            .map(|(score, total)| (score, *total, total / 3))
            .collect();
        let data = calibration(&data);
        let weights = Weights::Fixed(
            (1..=u64::from(count))
                .map(|level| if level < u64::from(count) { 1_000 } else { PPB - (level - 1) * 1_000 })
                .collect(),
        );
        let method = if is_calibrated { Method::Calibrated } else { Method::Observed };
        for weights in [Weights::Share, weights] {
            let options = RateOptions { basis: Basis::Balance, method, weights };
            let small = table(&pack(0), count, &options, Some(&data)).expect("rates");
            let large = table(&pack(shift), count, &options, Some(&data)).expect("rates");
            prop_assert_eq!(small.bad_rate_ppb, large.bad_rate_ppb);
            prop_assert_eq!(rates(&small), rates(&large));
        }
    }
}

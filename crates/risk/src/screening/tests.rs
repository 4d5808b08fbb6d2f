use super::*;
use crate::{
    curve::{Curve, MIN_CURVE_ASSETS},
    rates::{CalibrationEntry, Weights},
};

mod properties;
mod reference;

const PERCENT: u64 = PPB / 100;
const HIGHER: Orientation = Orientation::HigherIsRiskier;

fn asset(score: u16, bad: bool, balance: u128) -> Asset {
    Asset { score, bad, balance }
}

fn histogram(assets: &[Asset]) -> Histogram {
    let mut histogram = Histogram::default();
    assets.iter().for_each(|asset| histogram.add(asset.score, asset.bad, asset.balance));
    histogram
}

fn request(basis: Basis, target_ppb: u64, mode: Mode) -> Request {
    Request {
        scale: Scale::EqualWidth(2),
        options: RateOptions { basis, method: Method::Observed, weights: Weights::Share },
        target_ppb,
        mode,
    }
}

fn begin(request: &Request, assets: &[Asset]) -> Result<Screening, ScreeningFault> {
    Screening::new(request, HIGHER, 1, 100, &histogram(assets), None)
}

/// Both passes: the indices of the assets that leave, and the outcome.
fn run(mut screening: Screening, assets: &[Asset]) -> (Vec<usize>, Outcome) {
    if screening.phase() == Phase::Survey {
        assets.iter().for_each(|asset| screening.survey(asset));
        screening.settle().expect("reachable");
    }
    let removed = (0..assets.len()).filter(|index| screening.mark(&assets[*index])).collect();
    assert_eq!(screening.phase(), Phase::Done);
    (removed, screening.outcome())
}

/// 30 % bad: two of the riskiest score, one of the safest, and a tie of score between classes.
fn ten_assets() -> Vec<Asset> {
    let mut assets: Vec<Asset> = (1..=6).map(|step| asset(step * 10, false, 100)).collect();
    assets.push(asset(5, true, 100));
    assets.push(asset(95, false, 100));
    assets.push(asset(95, true, 100));
    assets.push(asset(95, true, 100));
    assets
}

#[test]
fn should_remove_bad_before_good_when_scores_are_equal() {
    let assets = ten_assets();
    let request = request(Basis::Count, 20 * PERCENT, Mode::WholePack);
    let (removed, outcome) = run(begin(&request, &assets).expect("reachable"), &assets);
    assert_eq!(removed, [8, 9]);
    assert_eq!(outcome.before.bad_rate_ppb, 30 * PERCENT);
    assert_eq!(outcome.after.bad_rate_ppb, 12 * PERCENT + PERCENT / 2);
    assert_eq!((outcome.removed_count, outcome.removed_balance), (2, 200));
    assert_eq!(outcome.removed_share_ppb, 20 * PERCENT);
    assert_eq!(outcome.removed_balance_share_ppb, 20 * PERCENT);
    assert_eq!(outcome.portion_ppb, None);
    assert_eq!(outcome.cuts, [CutScore { level: 2, score: 95, count: 3, removed_count: 2 }]);
    assert_eq!(outcome.after.rows[1].count, 2);
}

#[test]
fn should_remove_nothing_when_the_target_is_met_exactly() {
    let assets = ten_assets();
    for mode in [Mode::WholePack, Mode::PerLevel { step_ppb: DEFAULT_STEP_PPB }] {
        for basis in [Basis::Count, Basis::Balance] {
            let screening = begin(&request(basis, 30 * PERCENT, mode), &assets).expect("met");
            assert_eq!(screening.phase(), Phase::Done);
            let (removed, outcome) = run(screening, &assets);
            assert_eq!(removed, Vec::<usize>::new());
            assert_eq!(outcome.before, outcome.after);
            assert_eq!((outcome.removed_count, outcome.cuts), (0, Vec::new()));
        }
    }
}

#[test]
fn should_touch_every_level_when_screening_by_level() {
    let assets = ten_assets();
    let mode = Mode::PerLevel { step_ppb: DEFAULT_STEP_PPB };
    for basis in [Basis::Count, Basis::Balance] {
        let request = request(basis, 20 * PERCENT, mode);
        let (removed, outcome) = run(begin(&request, &assets).expect("reachable"), &assets);
        // Level 1 holds six assets, level 2 four: 26 % are the first two of each.
        assert_eq!(removed, [3, 4, 8, 9]);
        assert_eq!(outcome.portion_ppb, Some(26 * PERCENT));
        let cuts = [
            CutScore { level: 1, score: 40, count: 1, removed_count: 1 },
            CutScore { level: 2, score: 95, count: 3, removed_count: 2 },
        ];
        assert_eq!(outcome.cuts, cuts);
    }
}

#[test]
fn should_stop_at_the_loan_that_crosses_when_balances_count() {
    let balances = [10, 500, 20, 400, 70];
    let mut assets: Vec<Asset> = balances.iter().map(|balance| asset(90, true, *balance)).collect();
    assets.push(asset(10, false, 9_000));
    let request = request(Basis::Balance, 5 * PERCENT, Mode::WholePack);
    let (removed, outcome) = run(begin(&request, &assets).expect("reachable"), &assets);
    // 470 bad of 9,470 are under 5 %, 490 of 9,490 are over.
    assert_eq!(removed, [0, 1, 2]);
    assert_eq!(outcome.removed_balance, 530);
    assert_eq!(outcome.after.bad_rate_ppb, 49_630_412);
}

#[test]
fn should_fail_when_only_an_empty_pack_would_meet_the_target() {
    let assets = [asset(90, false, 5), asset(10, true, 5), asset(10, true, 5)];
    for basis in [Basis::Count, Basis::Balance] {
        let refused = begin(&request(basis, 10 * PERCENT, Mode::WholePack), &assets);
        assert_eq!(refused, Err(ScreeningFault::TargetUnreachable));
    }
    let mode = Mode::PerLevel { step_ppb: DEFAULT_STEP_PPB };
    let refused = begin(&request(Basis::Count, 10 * PERCENT, mode), &assets);
    assert_eq!(refused, Err(ScreeningFault::TargetUnreachable));
    let mut screening =
        begin(&request(Basis::Balance, 10 * PERCENT, mode), &assets).expect("surveyed first");
    assets.iter().for_each(|asset| screening.survey(asset));
    assert_eq!(screening.settle(), Err(ScreeningFault::TargetUnreachable));
    assert!(!screening.mark(&assets[0]));
}

#[test]
fn should_fail_when_the_survey_has_not_seen_all_assets() {
    let assets: Vec<Asset> =
        (0..20).map(|index| asset(90, true, index + 1)).chain([asset(10, false, 90)]).collect();
    let mode = Mode::PerLevel { step_ppb: DEFAULT_STEP_PPB };
    let request = request(Basis::Balance, 50 * PERCENT, mode);
    let mut screening = begin(&request, &assets).expect("surveyed first");
    assert_eq!(screening.phase(), Phase::Survey);
    assert!(!screening.mark(&assets[0]));
    assets[..10].iter().for_each(|asset| screening.survey(asset));
    assert_eq!(screening.settle(), Err(ScreeningFault::SurveyIncomplete));
    assert_eq!(screening.phase(), Phase::Survey);
    assets[10..].iter().for_each(|asset| screening.survey(asset));
    assert_eq!(screening.settle(), Err(ScreeningFault::TargetUnreachable));
}

#[test]
fn should_refuse_when_the_target_is_above_one() {
    let refused = begin(&request(Basis::Count, PPB + 1, Mode::WholePack), &ten_assets());
    assert_eq!(refused, Err(ScreeningFault::TargetAboveOne));
}

#[test]
fn should_refuse_when_the_step_is_out_of_range() {
    for step_ppb in [0, 1_000_000_001] {
        let request = request(Basis::Count, 0, Mode::PerLevel { step_ppb });
        let refused = begin(&request, &ten_assets());
        assert_eq!(refused, Err(ScreeningFault::StepOutOfRange));
    }
}

#[test]
fn should_refuse_when_the_step_is_too_fine() {
    let check = |levels, step_ppb| portions::check(levels, step_ppb);
    assert_eq!(check(2, 100_000), Ok(()));
    assert_eq!(check(2, 99_999), Err(ScreeningFault::StepTooFine));
    assert_eq!(check(100, 5_000_000), Ok(()));
    assert_eq!(check(100, 1), Err(ScreeningFault::StepTooFine));
    let request = request(Basis::Count, 0, Mode::PerLevel { step_ppb: 99_999 });
    assert_eq!(begin(&request, &ten_assets()), Err(ScreeningFault::StepTooFine));
}

#[test]
fn should_refuse_when_the_scale_is_invalid() {
    let mut request = request(Basis::Count, 0, Mode::WholePack);
    request.scale = Scale::EqualWidth(0);
    let fault = ScreeningFault::Scale(ScaleFault::NoLevels);
    assert_eq!(begin(&request, &ten_assets()), Err(fault));
    let curve = Curve::new(&request, HIGHER, 1, 100, &histogram(&ten_assets()), None);
    assert_eq!(curve.err(), Some(fault));
}

#[test]
fn should_refuse_when_rates_cannot_be_computed() {
    let mut request = request(Basis::Count, 0, Mode::WholePack);
    for scale in [Scale::EqualWidth(2), Scale::Observed(2)] {
        request.scale = scale;
        let fault = ScreeningFault::Rates(RateFault::Empty);
        assert_eq!(begin(&request, &[]), Err(fault));
        let curve = Curve::new(&request, HIGHER, 1, 100, &Histogram::default(), None);
        assert_eq!(curve.err(), Some(fault));
    }
    request.options.method = Method::Calibrated;
    let fault = ScreeningFault::Rates(RateFault::CalibrationMissing);
    assert_eq!(begin(&request, &ten_assets()), Err(fault));
    let curve = Curve::new(&request, HIGHER, 1, 100, &histogram(&ten_assets()), None);
    assert_eq!(curve.err(), Some(fault));
}

#[test]
fn should_have_no_curve_when_the_pack_has_too_few_assets() {
    let assets = ten_assets();
    let request = request(Basis::Count, 0, Mode::WholePack);
    let points = |assets: &[Asset]| {
        let curve = Curve::new(&request, HIGHER, 1, 100, &histogram(assets), None);
        curve.expect("rates").finish().len()
    };
    assert_eq!(MIN_CURVE_ASSETS, 5);
    assert_eq!((points(&assets[..4]), points(&assets[..5])), (0, 100));
}

#[test]
fn should_hold_the_last_rate_when_no_balance_is_left_on_the_curve() {
    let mut assets = ten_assets();
    for asset in &mut assets[..7] {
        asset.balance = 0;
    }
    let request = request(Basis::Balance, 0, Mode::WholePack);
    let mut curve = Curve::new(&request, HIGHER, 1, 100, &histogram(&assets), None).expect("rates");
    assets.iter().for_each(|asset| curve.observe(asset));
    let rates = curve.finish();
    assert_eq!(rates[..10], [666_666_667; 10]);
    assert_eq!(rates[10..20], [PPB / 2; 10]);
    assert_eq!(rates[20..], [0; 80]);
}

#[cfg(feature = "serde")]
#[test]
fn should_read_a_request_when_it_is_json() {
    let json = r#"{
        "scale": {"equal_width": 10},
        "options": {"basis": "balance", "method": "calibrated", "weights": "share"},
        "target_ppb": 50000000,
        "mode": {"per_level": {"step_ppb": 10000000}}
    }"#;
    let read: Request = serde_json::from_str(json).expect("valid");
    let mut expected =
        request(Basis::Balance, 5 * PERCENT, Mode::PerLevel { step_ppb: DEFAULT_STEP_PPB });
    expected.scale = Scale::EqualWidth(10);
    expected.options.method = Method::Calibrated;
    assert_eq!(read, expected);
    let unknown = json.replace("target_ppb", "target");
    assert!(serde_json::from_str::<Request>(&unknown).is_err());
}

#[test]
fn should_say_what_is_wrong_when_faults_are_shown() {
    let shown = |fault: ScreeningFault| alloc::string::ToString::to_string(&fault);
    assert_eq!(shown(ScreeningFault::Scale(ScaleFault::NoLevels)), "the scale has no levels");
    assert_eq!(shown(ScreeningFault::Rates(RateFault::WeightSum)), "the weights must sum to 1");
    assert_eq!(
        shown(ScreeningFault::TargetUnreachable),
        "only an empty pack would meet the target"
    );
}

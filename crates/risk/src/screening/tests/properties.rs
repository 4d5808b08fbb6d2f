//! The passes over a histogram against the rule over single assets.

use super::{
    reference::{at_most, ppb, Pack},
    *,
};
use proptest::prelude::*;

const SCORE_MAX: u16 = 24;
const MAX_LEVELS_TRIED: u8 = 5;

fn assets() -> impl Strategy<Value = Vec<Asset>> {
    // Few scores fill the classes, many leave levels empty.
    let score = prop_oneof![1_u16..=SCORE_MAX, 6_u16..=8];
    let balance = prop_oneof![Just(1_u128), Just(2), 0_u128..=5];
    let asset = (score, prop_oneof![3 => Just(false), 2 => Just(true)], balance)
        .prop_map(|(score, bad, balance)| Asset { score, bad, balance });
    prop_oneof![
        proptest::collection::vec(asset.clone(), 1..8),
        proptest::collection::vec(asset, 1..=60)
    ]
}

fn scale() -> impl Strategy<Value = Scale> {
    let bounds = proptest::collection::btree_set(1..SCORE_MAX, 0..usize::from(MAX_LEVELS_TRIED));
    prop_oneof![
        (1..=MAX_LEVELS_TRIED).prop_map(Scale::EqualWidth),
        (1..=MAX_LEVELS_TRIED).prop_map(Scale::Observed),
        bounds.prop_map(|bounds| {
            Scale::Fixed(bounds.into_iter().chain(core::iter::once(SCORE_MAX)).collect())
        }),
    ]
}

fn calibration() -> impl Strategy<Value = Calibration> {
    let entry =
        (0_u32..=12, 0_u32..=12).prop_map(|(total, defaulted)| (total, defaulted.min(total)));
    let entries = proptest::collection::btree_map(1..=SCORE_MAX, entry, 0..12);
    (entries, 1..=SCORE_MAX).prop_map(|(mut entries, sure)| {
        entries.insert(sure, (7, 2));
        let entry = |(score, (total, defaulted))| CalibrationEntry { score, total, defaulted };
        Calibration { entries: entries.into_iter().map(entry).collect() }
    })
}

fn levels_of(scale: &Scale) -> usize {
    match scale {
        Scale::EqualWidth(levels) | Scale::Observed(levels) => usize::from(*levels),
        Scale::Fixed(bounds) => bounds.len(),
    }
}

/// Weights that rise with risk, in tenths as far as that goes, so that sums come out even.
fn fixed_weights(raw: &[u64], levels: usize, orientation: Orientation) -> Weights {
    let mut weights: Vec<u64> = raw[..levels].to_vec();
    weights.sort_unstable();
    let sum: u64 = weights.iter().sum();
    let others = &mut weights[..levels - 1];
    others.iter_mut().for_each(|weight| *weight = (*weight * 20 / sum * (PPB / 20)).max(1));
    weights[levels - 1] = PPB - weights[..levels - 1].iter().sum::<u64>();
    weights.sort_unstable();
    if orientation == Orientation::LowerIsRiskier {
        weights.reverse();
    }
    Weights::Fixed(weights)
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::WholePack),
        prop_oneof![
            Just(DEFAULT_STEP_PPB),
            Just(333_333_333),
            Just(100_000_000),
            1_000_000_u32..=1_000_000_000
        ]
        .prop_map(|step_ppb| Mode::PerLevel { step_ppb })
    ]
}

fn pack() -> impl Strategy<Value = Pack> {
    let choices = (any::<[bool; 4]>(), proptest::collection::vec(1_u64..=10, 5));
    (assets(), scale(), calibration(), mode(), choices).prop_map(
        |(assets, scale, calibration, mode, ([lower, balance, calibrated, fixed], raw))| {
            let orientation =
                if lower { Orientation::LowerIsRiskier } else { Orientation::HigherIsRiskier };
            let weights = match fixed {
                true => fixed_weights(&raw, levels_of(&scale), orientation),
                false => Weights::Share,
            };
            let options = RateOptions {
                basis: if balance { Basis::Balance } else { Basis::Count },
                method: if calibrated { Method::Calibrated } else { Method::Observed },
                weights,
            };
            let request = Request { scale, options, target_ppb: 0, mode };
            Pack { assets, request, orientation, calibration, score_max: SCORE_MAX }
        },
    )
}

/// Targets at, just under and just over a rate of the way down, or any.
fn aim(pack: &mut Pack, at: usize, shift: i64, any: u64) {
    let order = pack.removal_order();
    let rate = ppb(pack.rate(&order[at % order.len()..]));
    pack.request.target_ppb = match rate {
        Some(rate) if any > u64::MAX / 4 => rate.saturating_add_signed(shift).min(PPB),
        _ => any % (PPB + 1),
    };
}

/// The same assets with balances in a unit so small that they fill their width.
fn scaled(assets: &[Asset], shift: u32) -> Vec<Asset> {
    assets.iter().map(|asset| Asset { balance: asset.balance << shift, ..*asset }).collect()
}

fn start(pack: &Pack, assets: &[Asset]) -> Result<Screening, ScreeningFault> {
    let histogram = histogram(assets);
    let calibration = Some(&pack.calibration);
    Screening::new(&pack.request, pack.orientation, 1, SCORE_MAX, &histogram, calibration)
}

/// As a job does it: the state is stored after every few assets.
fn stored(screening: &mut Screening) {
    *screening = Screening::decode(&mut &screening.encode()[..]).expect("decodes");
}

fn screen(pack: &Pack, assets: &[Asset]) -> Result<(Vec<usize>, Outcome), ScreeningFault> {
    let mut screening = start(pack, assets)?;
    if screening.phase() == Phase::Survey {
        for chunk in assets.chunks(7) {
            chunk.iter().for_each(|asset| screening.survey(asset));
            stored(&mut screening);
        }
    }
    screening.settle()?;
    let mut removed = Vec::new();
    for (position, asset) in assets.iter().enumerate() {
        if screening.mark(asset) {
            removed.push(position);
        }
        if position % 7 == 6 {
            stored(&mut screening);
        }
    }
    assert_eq!(screening.phase(), Phase::Done);
    Ok((removed, screening.outcome()))
}

fn level_rates(table: &LevelTable) -> Vec<Option<u64>> {
    table.rows.iter().map(|row| row.bad_rate_ppb).collect()
}

fn kept(pack: &Pack, removed: &[usize]) -> Vec<usize> {
    (0..pack.assets.len()).filter(|position| !removed.contains(position)).collect()
}

fn nothing_to_rate(pack: &Pack) -> bool {
    pack.rate(&pack.removal_order()).is_none()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn should_remove_what_the_rule_removes_when_options_are_any(
        mut pack in pack(), at: usize, shift in -1_i64..=1, any: u64, unit in 0_u32..=86
    ) {
        if nothing_to_rate(&pack) {
            let fault = ScreeningFault::Rates(RateFault::Empty);
            prop_assert_eq!(screen(&pack, &pack.assets), Err(fault));
            return Ok(());
        }
        aim(&mut pack, at, shift, any);
        let assets = scaled(&pack.assets, unit);
        match pack.removed() {
            None => {
                prop_assert_eq!(screen(&pack, &assets), Err(ScreeningFault::TargetUnreachable));
            },
            Some(expected) => {
                let (removed, outcome) = screen(&pack, &assets).expect("reachable");
                prop_assert_eq!(&removed, &expected);
                let (all, left) = (kept(&pack, &[]), kept(&pack, &removed));
                prop_assert!(at_most(pack.rate(&left), pack.request.target_ppb));
                prop_assert_eq!(Some(outcome.before.bad_rate_ppb), ppb(pack.rate(&all)));
                prop_assert_eq!(Some(outcome.after.bad_rate_ppb), ppb(pack.rate(&left)));
                for (table, held) in [(&outcome.before, &all), (&outcome.after, &left)] {
                    let rates: Vec<_> = pack.level_rates(held).into_iter().map(ppb).collect();
                    prop_assert_eq!(level_rates(table), rates);
                }
                let balance: u128 = removed.iter().map(|position| assets[*position].balance).sum();
                prop_assert_eq!(outcome.removed_balance, balance);
                prop_assert_eq!(outcome.removed_count, u64::try_from(removed.len()).expect("few"));
                check_cuts(&pack, &removed, &outcome)?;
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn should_draw_the_curve_of_the_rule_when_options_are_any(
        mut pack in pack(), unit in 0_u32..=84, times in 1_usize..=4
    ) {
        // Over 100 assets, several leave at a time.
        pack.assets = pack.assets.repeat(times);
        let nothing_to_rate = nothing_to_rate(&pack);
        let assets = scaled(&pack.assets, unit);
        let calibration = Some(&pack.calibration);
        let histogram = histogram(&assets);
        let curve =
            Curve::new(&pack.request, pack.orientation, 1, SCORE_MAX, &histogram, calibration);
        prop_assert_eq!(curve.is_err(), nothing_to_rate);
        if let Ok(mut curve) = curve {
            assets.iter().for_each(|asset| curve.observe(asset));
            let expected = if assets.len() < 5 { Vec::new() } else { pack.curve() };
            prop_assert_eq!(curve.finish(), expected);
        }
    }
}

/// Every score cut says how many of its assets left, and the next safer ones of its level stay.
fn check_cuts(pack: &Pack, removed: &[usize], outcome: &Outcome) -> Result<(), TestCaseError> {
    prop_assert_eq!(outcome.cuts.is_empty(), removed.is_empty());
    for cut in &outcome.cuts {
        let at_score = |position: &&usize| pack.assets[**position].score == cut.score;
        let all = kept(pack, &[]);
        let count = |positions: &[usize]| {
            u64::try_from(positions.iter().filter(at_score).count()).expect("few")
        };
        prop_assert_eq!(cut.removed_count, count(removed));
        prop_assert_eq!(cut.count, count(&all));
        prop_assert!(cut.removed_count > 0);
    }
    Ok(())
}

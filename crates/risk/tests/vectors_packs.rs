//! Grades, bad rates, screening, allotment and surveillance against the vectors of an independent
//! implementation.

mod common;

use assay_risk::{
    allotment::allot,
    artifact::Orientation,
    curve::{Curve, MIN_CURVE_ASSETS},
    grading::{Levels, Scale},
    rates::{
        Basis, Calibration, CalibrationEntry, Histogram, LevelTable, Method, RateOptions, Weights,
    },
    screening::{Asset, Mode, Phase, Request, Screening, ScreeningFault},
    surveillance::{is_rising, periods_to_breach, psi_ppb},
};
use common::{cases, integer};
use serde_json::Value;

const SCORE_MIN: u16 = 1;
const SCORE_MAX: u16 = 100;

fn number<N: TryFrom<u64>>(value: &Value) -> N
where
    N::Error: std::fmt::Debug,
{
    N::try_from(value.as_u64().expect("an unsigned integer")).expect("in range")
}

fn numbers<N: TryFrom<u64>>(value: &Value) -> Vec<N>
where
    N::Error: std::fmt::Debug,
{
    value.as_array().expect("a list").iter().map(number).collect()
}

/// A case of `screen.json`.
struct Pack {
    assets: Vec<Asset>,
    histogram: Histogram,
    orientation: Orientation,
    calibration: Option<Calibration>,
    request: Request,
}

impl Pack {
    fn read(case: &Value) -> Pack {
        let options = &case["options"];
        let assets: Vec<Asset> = case["assets"]
            .as_array()
            .expect("assets")
            .iter()
            .map(|asset| Asset {
                score: integer(asset, "score"),
                bad: asset["bad"].as_bool().expect("bad"),
                balance: integer(asset, "balance"),
            })
            .collect();
        let mut histogram = Histogram::default();
        assets.iter().for_each(|asset| histogram.add(asset.score, asset.bad, asset.balance));
        Pack {
            assets,
            histogram,
            orientation: match options["riskier"].as_str() {
                Some("higher") => Orientation::HigherIsRiskier,
                Some("lower") => Orientation::LowerIsRiskier,
                other => panic!("orientation {other:?}"),
            },
            calibration: options.get("calibration").map(read_calibration),
            request: read_request(case),
        }
    }

    fn screening(&self) -> Result<Screening, ScreeningFault> {
        Screening::new(
            &self.request,
            self.orientation,
            SCORE_MIN,
            SCORE_MAX,
            &self.histogram,
            self.calibration.as_ref(),
        )
    }

    fn levels(&self) -> Levels {
        Levels::resolve(&self.request.scale, SCORE_MIN, SCORE_MAX, self.histogram.range())
            .expect("levels")
    }

    fn table(&self) -> LevelTable {
        LevelTable::new(
            &self.histogram,
            &self.levels(),
            &self.request.options,
            self.orientation,
            self.calibration.as_ref(),
        )
        .expect("rates")
    }
}

fn read_calibration(value: &Value) -> Calibration {
    let entry = |entry: &Value| CalibrationEntry {
        score: number(&entry[0]),
        total: number(&entry[1]),
        defaulted: number(&entry[2]),
    };
    Calibration { entries: value.as_array().expect("calibration").iter().map(entry).collect() }
}

fn read_request(case: &Value) -> Request {
    let (scale, options, mode) = (&case["scale"], &case["options"], &case["mode"]);
    Request {
        scale: match scale["kind"].as_str() {
            Some("fixed") => Scale::Fixed(numbers(&scale["upper_bounds"])),
            Some("equal_width") => Scale::EqualWidth(integer(scale, "levels")),
            Some("observed") => Scale::Observed(integer(scale, "levels")),
            other => panic!("scale {other:?}"),
        },
        options: RateOptions {
            basis: match options["basis"].as_str() {
                Some("count") => Basis::Count,
                Some("balance") => Basis::Balance,
                other => panic!("basis {other:?}"),
            },
            method: match options["bad_rate"].as_str() {
                Some("observed") => Method::Observed,
                Some("calibrated") => Method::Calibrated,
                other => panic!("bad rate {other:?}"),
            },
            weights: match &options["weights"] {
                Value::String(share) if share == "share" => Weights::Share,
                weights => Weights::Fixed(numbers(weights)),
            },
        },
        target_ppb: integer(case, "target"),
        mode: match mode["kind"].as_str() {
            Some("whole_pack") => Mode::WholePack,
            Some("per_level") => Mode::PerLevel { step_ppb: integer(mode, "step") },
            other => panic!("mode {other:?}"),
        },
    }
}

#[test]
fn should_grade_like_the_vectors_when_packs_are_graded() {
    for (index, case) in cases("screen.json").into_iter().flatten().enumerate() {
        let pack = Pack::read(&case);
        let levels = pack.levels();
        let upper: Vec<u16> = levels.bounds().map(|(_, upper)| upper).collect();
        assert_eq!(upper, numbers::<u16>(&case["upper_bounds"]), "bounds of case {index}");
        let graded: Vec<u8> =
            pack.assets.iter().map(|asset| levels.of(asset.score).expect("in range")).collect();
        assert_eq!(graded, numbers::<u8>(&case["levels"]), "levels of case {index}");
    }
}

#[test]
fn should_rate_like_the_vectors_when_levels_are_tabled() {
    for (index, case) in cases("screen.json").into_iter().flatten().enumerate() {
        let pack = Pack::read(&case);
        let rows: Vec<(u128, Option<u64>)> = pack
            .table()
            .rows
            .iter()
            .map(|row| match pack.request.options.basis {
                Basis::Count => (row.count.into(), row.bad_rate_ppb),
                Basis::Balance => (row.balance, row.bad_rate_ppb),
            })
            .collect();
        let expected: Vec<(u128, Option<u64>)> = case["level_table"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| (integer(row, "total"), row["bad_rate"].as_u64()))
            .collect();
        assert_eq!(rows, expected, "table of case {index}");
    }
}

#[test]
fn should_remove_like_the_vectors_when_packs_are_screened() {
    for (index, case) in cases("screen.json").into_iter().flatten().enumerate() {
        let pack = Pack::read(&case);
        let result = &case["result"];
        let settled = pack.screening().and_then(|mut screening| {
            if screening.phase() == Phase::Survey {
                pack.assets.iter().for_each(|asset| screening.survey(asset));
            }
            screening.settle().map(|()| screening)
        });
        if let Some(error) = result["error"].as_str() {
            assert_eq!(error, "TargetUnreachable", "error of case {index}");
            assert_eq!(settled, Err(ScreeningFault::TargetUnreachable), "fault of case {index}");
            continue;
        }
        let mut screening = settled.expect("reachable");
        let removed: Vec<usize> =
            (0..pack.assets.len()).filter(|at| screening.mark(&pack.assets[*at])).collect();
        assert_eq!(removed, numbers::<usize>(&result["removed"]), "removed in case {index}");
        assert_eq!(screening.phase(), Phase::Done, "phase of case {index}");
        let outcome = screening.outcome();
        assert_eq!(outcome.before.bad_rate_ppb, integer::<u64>(result, "before"), "case {index}");
        assert_eq!(outcome.after.bad_rate_ppb, integer::<u64>(result, "after"), "case {index}");
        assert_eq!(outcome.portion_ppb, result["p"].as_u64(), "portion of case {index}");
        assert_eq!(outcome.removed_count, u64::try_from(removed.len()).expect("few"));
    }
}

#[test]
fn should_draw_the_curve_of_the_vectors_when_assets_leave_one_by_one() {
    for (index, case) in cases("screen.json").into_iter().flatten().enumerate() {
        let pack = Pack::read(&case);
        let mut curve = Curve::new(
            &pack.request,
            pack.orientation,
            SCORE_MIN,
            SCORE_MAX,
            &pack.histogram,
            pack.calibration.as_ref(),
        )
        .expect("rates");
        pack.assets.iter().for_each(|asset| curve.observe(asset));
        let rates = curve.finish();
        if case["curve"].is_null() {
            assert!(u64::try_from(pack.assets.len()).expect("few") < MIN_CURVE_ASSETS);
            assert_eq!(rates, Vec::<u64>::new(), "curve of case {index}");
        } else {
            assert_eq!(rates, numbers::<u64>(&case["curve"]), "curve of case {index}");
        }
    }
}

#[test]
fn should_allot_like_the_vectors_when_an_offering_closes() {
    for (index, case) in cases("allot.json").into_iter().flatten().enumerate() {
        let subscriptions: Vec<u128> = numbers(&case["subscriptions"]);
        let allotted = allot(&subscriptions, integer(&case, "size"), integer(&case, "minimum"));
        let expected = match &case["allotments"] {
            Value::Null => None,
            allotments => Some(numbers::<u128>(allotments)),
        };
        assert_eq!(allotted, expected, "case {index}");
    }
}

#[test]
fn should_watch_like_the_vectors_when_distributions_shift() {
    for (index, case) in cases("surveillance.json").into_iter().flatten().enumerate() {
        let (expected, actual) = (numbers::<u64>(&case["expected"]), numbers(&case["actual"]));
        let psi = psi_ppb(&expected, &actual).expect("distributions of the same levels");
        let difference = psi as f64 / 1e9 - case["psi"].as_f64().expect("psi");
        assert!(difference.abs() < 1e-6, "psi of case {index} is off by {difference}");
        let shares: Vec<u64> = numbers::<u64>(&case["top_shares_permille"])
            .iter()
            .map(|permille| permille * 1_000_000)
            .collect();
        let rising = is_rising(&shares, integer(&case, "rising_for"));
        assert_eq!(rising, case["rising"].as_bool().expect("rising"), "rising in case {index}");
        let limit_ppb = integer::<u64>(&case, "limit_permille") * 1_000_000;
        let periods = periods_to_breach(&shares, integer(&case, "fit_over"), limit_ppb, u32::MAX);
        let expected = case["periods_to_breach"].as_u64();
        assert_eq!(periods.map(u64::from), expected, "breach in case {index}");
    }
}

mod berka;
mod lending;

use super::*;
use crate::{
    policy_file,
    subject::ConsortiumKey,
    table::{relations::Relations, Map, Purpose, ReadOptions},
};
use assay_risk::artifact::{Dense, Feature, Layer, Orientation};
use std::path::Path;

const MAP: &str = r#"
[subject]
column = "who"
[label]
column = "bad"
bad = ["1"]
[report]
observed_at = "on"
source_value = "bank"
[[feature]]
name = "risk"
column = "risk"
unit = "points"
lower = 0
upper = 100
[loan]
identifier = "loan"
principal = "amount"
currency_value = "EUR"
rate_value = "5 %"
origination = "on"
maturity_value = "2030-01-01"
defaulted = "bad"
defaulted_bad = ["1"]
[relation]
from = "who"
to = "other"
distance = "distance"
"#;

/// c is lent 90 at distance 1 and, with 30 at distance 2, (90 * 2 + 30) / 3 = 70; d is lent 40 at
/// distance 2; f's own report came after its loan; g is related to one who has no profile either.
const REPORTS: &str = "who,on,bad,risk\na,2019-12-31,0,80\nb,2020-01-01,0,20\nc1,2019-12-31,1,90\n\
                       c2,2019-12-31,0,30\nd2,2019-12-31,0,40\nf,2020-02-01,0,100\n";
const RELATIONS: &str = "who,other,distance\nc,c1,1\nc,c2,2\nd2,d,2\ng,c,1\na,c2,1\n";
const LOANS: &str = "loan,who,amount,on,bad\n1,a,10,2020-01-01,1\n2,b,10,2020-01-01,0\n\
                     3,c,10,2020-01-01,1\n4,d,10,2020-01-01,0\n5,e,10,2020-01-01,0\n\
                     6,f,10,2020-01-01,1\n7,g,10,2020-01-01,0\n";
const POLICY: &str = "max_age_days = 365\npropagation_max_distance = 2\n";

fn table(text: &str, purpose: Purpose) -> Table {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    Table::read(&path, &map(), purpose, &options()).unwrap()
}

fn relations(text: &str) -> Vec<RelationRow> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relations.csv");
    std::fs::write(&path, text).unwrap();
    Relations::read(&path, &map(), &options()).unwrap().rows
}

fn policy(text: &str) -> Policy {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    std::fs::write(&path, text).unwrap();
    policy_file::read(&path).unwrap()
}

fn map() -> Map {
    Map::parse(MAP, Path::new("test.toml")).unwrap()
}

fn options() -> ReadOptions {
    ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: false }
}

/// `z` is the `weight` times (value less `center`) of one feature of so many; the others count
/// nothing. A missing value counts as `center`.
fn artifact(features: usize, position: usize, weight: i8, center: i32, shift: u8) -> Artifact {
    let mut weights = vec![0; features];
    weights[position] = weight;
    let feature =
        Feature { lower: 0, upper: 100_000, fallback: center, center, multiplier: 1, shift };
    let dense = Dense {
        inputs: features as u16,
        outputs: 1,
        weights,
        bias: vec![0],
        multiplier: vec![1],
        shift: vec![0],
        relu: false,
    };
    Artifact {
        features: vec![feature; features],
        layers: vec![Layer::Dense(dense)],
        table: (0..255).map(|entry| 1 + entry * 99 / 254).collect(),
        score_min: 1,
        score_max: 100,
        orientation: Orientation::HigherIsRiskier,
    }
}

fn made(withheld_ppb: u64, seed: u64, policy_text: &str) -> Result<Study, StudyFailure> {
    let reports = [table(REPORTS, Purpose::Reports)];
    let inputs = Inputs {
        reports: &reports,
        relations: &relations(RELATIONS),
        loans: &table(LOANS, Purpose::Tape),
        artifact: &artifact(1, 0, 1, 50, 0),
        policy: &policy(policy_text),
    };
    study(&inputs, &Options { withheld_ppb, seed, resamples: 200, as_of_secs: None })
}

fn counts(group: &Group) -> (u64, u64) {
    (group.loans, group.bad_count)
}

fn value(estimate: &Option<Estimate>) -> f64 {
    estimate.unwrap().value
}

#[test]
fn should_sort_loans_into_groups_when_relations_lend_profiles() {
    let study = made(0, 1, POLICY).unwrap();
    assert_eq!((study.loans, study.bad_count, study.bad_rate_ppb), (7, 3, Some(428_571_429)));
    assert_eq!((counts(&study.own), study.later_reports), ((2, 1), 1));
    assert_eq!((study.withheld.loans, study.relations_dropped), (0, 0));
    let [near, far] = &study.distances[..] else { panic!("{:?}", study.distances) };
    assert_eq!(
        (near.max_distance, counts(&near.lent), counts(&near.unscored)),
        (1, (1, 1), (4, 1))
    );
    assert_eq!((far.max_distance, counts(&far.lent), counts(&far.unscored)), (2, (2, 1), (3, 1)));
    assert_eq!(far.scored_share_ppb, 571_428_571);
    assert_eq!(far.lent.levels.iter().map(|level| level.count).sum::<u64>(), 2);
}

#[test]
fn should_rank_as_worked_by_hand_when_profiles_are_lent() {
    let study = made(0, 1, POLICY).unwrap();
    let [near, far] = &study.distances[..] else { panic!("{:?}", study.distances) };
    assert_eq!((value(&study.own.auc), near.lent.auc), (1.0, None));
    assert_eq!(value(&far.lent.auc), 1.0);
    // Outputs c 20, d -10, and 0 by the fallback: e, f, g; c and f are bad.
    assert_eq!(value(&far.without_own.auc_lent), 5.0 / 6.0);
    assert_eq!(value(&far.without_own.auc_fallback), 0.5);
    assert_eq!(value(&far.auc_related), 2.5 / 6.0);
    // With a 30 (bad) and b -30.
    assert_eq!(value(&far.all.auc_lent), 11.0 / 12.0);
    assert_eq!(value(&far.all.auc_fallback), 0.75);
    assert!((value(&far.all.gain) - 1.0 / 6.0).abs() < 1e-12);
}

#[test]
fn should_compare_lent_with_withheld_scores_when_reports_are_withheld() {
    let study = made(ONE_PPB, 1, POLICY).unwrap();
    assert_eq!((counts(&study.own), counts(&study.withheld)), ((0, 0), (2, 1)));
    let near = &study.distances[0];
    assert_eq!(counts(&near.lent), (2, 2));
    // a: 80 by its report, output 30, score 62; 30 by c2, output -20, score 42.
    let likeness = near.likeness.as_ref().unwrap();
    assert_eq!((likeness.loans, likeness.mean_difference), (1, -20.0));
    assert_eq!((likeness.mean_absolute_difference, likeness.same_level_share), (20.0, 0.0));
}

#[test]
fn should_withhold_the_second_part_of_a_split_when_share_and_seed_are_the_same() {
    let key = ConsortiumKey::development();
    let mut sizes = std::collections::BTreeSet::new();
    for seed in 0..8 {
        let share = Share { ppb: 600_000_000, seed };
        let rest = ["a", "b"].iter().filter(|who| !share.takes(&key.subject(who))).count();
        let study = made(400_000_000, seed, POLICY).unwrap();
        assert_eq!((study.withheld.loans, study.own.loans), (rest as u64, 2 - rest as u64));
        sizes.insert(rest);
    }
    assert!(sizes.len() > 1);
}

#[test]
fn should_count_a_later_report_when_profiles_are_of_a_later_day() {
    let reports = [table(REPORTS, Purpose::Reports)];
    let inputs = Inputs {
        reports: &reports,
        relations: &[],
        loans: &table(LOANS, Purpose::Tape),
        artifact: &artifact(1, 0, 1, 50, 0),
        policy: &policy(POLICY),
    };
    let as_of_secs = Some(1_580_515_200);
    let options = Options { withheld_ppb: 0, seed: 1, resamples: 100, as_of_secs };
    let study = study(&inputs, &options).unwrap();
    assert_eq!((counts(&study.own), study.later_reports), ((3, 2), 0));
    assert_eq!(study.distances, []);
}

#[test]
fn should_refuse_when_the_policy_lends_nothing_or_the_share_is_none() {
    let forbidden = made(0, 1, "max_age_days = 365\n");
    assert!(matches!(forbidden, Err(StudyFailure::PropagationForbidden)));
    assert!(matches!(made(ONE_PPB + 1, 1, POLICY), Err(StudyFailure::ShareAboveOne)));
}

#[test]
fn should_give_the_same_interval_when_the_seed_is_the_same() {
    let bootstrap = Bootstrap { resamples: 500, seed: 3 };
    let values = [9, 3, 5, 5, 1, 2, 8, 4];
    let bad = [true, true, false, true, false, false, false, false];
    let estimate = bootstrap.auc(&values, &bad).unwrap();
    assert_eq!(Some(estimate), bootstrap.auc(&values, &bad));
    // Of 15 pairs the bad lead in 5 + 2 + 3.5.
    assert_eq!(estimate.value, 10.5 / 15.0);
    assert!(estimate.low < estimate.value && estimate.value < estimate.high);
    assert_eq!(bootstrap.auc(&values, &[false; 8]), None);
    assert_eq!(bootstrap.gain(&values, &values, &bad).map(|gain| gain.high), Some(0.0));
}

#[test]
fn should_say_what_is_undefined_when_shown_to_people() {
    let text = made(0, 1, POLICY).unwrap().to_string();
    let lent = text.lines().find(|line| line.starts_with("lent, distance to 1")).unwrap();
    assert!(lent.ends_with("not defined: needs good and bad"), "{text}");
    assert!(text.contains("AUC over all loans: 7, 3 bad"), "{text}");
}

#[test]
fn should_show_every_group_on_the_page_when_rendered() {
    let page = render(&made(ONE_PPB, 1, POLICY).unwrap()).unwrap();
    for text in ["<td>lent, distance to 2</td>", "withheld report", "7 loans, 3 bad", "1 – 10"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("NaN") && !page.contains("://"));
}

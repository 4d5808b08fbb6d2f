use super::*;
use assay_risk::profile::{merge, propagate, Profile, ReportView, Source};

const NOW_SECS: u64 = 1_577_836_800; // 2020-01-01

fn subject(name: &str) -> crate::subject::SubjectBytes {
    ConsortiumKey::development().subject(name)
}

fn view(days_old: u64, values: &[i32]) -> ReportView<'_> {
    ReportView {
        schema: 0,
        observed_at_secs: NOW_SECS - days_old * 86_400,
        source: Source::Bank,
        has_default: false,
        present: 1,
        values,
    }
}

#[test]
fn should_lend_what_the_rules_lend_when_several_bureaus_report() {
    let weighing =
        "max_age_days = 365\npropagation_max_distance = 3\n[[weight]]\nup_to_days = 30\n\
                    weight = \"100 %\"\n[[weight]]\nup_to_days = 365\nweight = \"50 %\"\n";
    let policy = policy(weighing);
    let tables = [
        table("who,on,bad,risk\nx,2019-12-31,0,90\ny,2019-12-31,0,11\n", Purpose::Reports),
        table("who,on,bad,risk\nx,2019-10-01,1,30\nold,2018-01-01,0,99\n", Purpose::Reports),
    ];
    let mut registry = Registry::new(&tables);
    let pairs = "who,other,distance\nlone,x,1\nlone,y,3\nlone,old,1\n";
    assert_eq!(registry.relate(&relations(pairs)), 0);
    let (mut x, mut y, mut expected) = Default::default();
    assert!(merge(&policy, 0, 1, NOW_SECS, [view(1, &[90]), view(92, &[30])], &mut x));
    assert!(merge(&policy, 0, 1, NOW_SECS, [view(1, &[11])], &mut y));
    assert!(propagate(1, [(1, &x), (3, &y)], &mut expected));
    let lent = registry.lent(&policy, &subject("lone"), NOW_SECS);
    assert_eq!(lent, Some(expected));
    // x is (90 + 30 / 2) / 1.5 = 70; with y at a third, (70 * 3 + 11) / 4 = 55.25.
    assert_eq!(lent.map(|lent: Profile| (lent.values, lent.has_default)), Some((vec![55], false)));
    let merged = registry.own(&policy, &subject("x"), NOW_SECS).unwrap();
    assert_eq!((merged.values, merged.has_default), (vec![70], true));
}

#[test]
fn should_lend_nothing_when_the_neighbour_is_withheld_or_too_far() {
    let tables = [table("who,on,bad,risk\nx,2019-12-31,0,90\n", Purpose::Reports)];
    let mut registry = Registry::new(&tables);
    registry.relate(&relations("who,other,distance\nlone,x,3\n"));
    let policy_to = |distance| policy(&POLICY.replace("= 2", &format!("= {distance}")));
    assert_eq!(registry.lent(&policy_to(2), &subject("lone"), NOW_SECS), None);
    assert!(registry.lent(&policy_to(3), &subject("lone"), NOW_SECS).is_some());
    registry.withhold(subject("x"));
    assert_eq!(registry.lent(&policy_to(3), &subject("lone"), NOW_SECS), None);
    assert!(registry.reported(&policy_to(3), &subject("x"), NOW_SECS).is_some());
}

#[test]
fn should_keep_the_nearest_when_relations_are_beyond_the_bound() {
    let tables = [table("who,on,bad,risk\nnear,2019-12-31,0,90\n", Purpose::Reports)];
    let mut registry = Registry::new(&tables);
    let far = (0..9).map(|other| format!("lone,far{other},2\n")).collect::<String>();
    let pairs = format!("who,other,distance\n{far}lone,near,1\n");
    assert_eq!(registry.relate(&relations(&pairs)), 2);
    assert_eq!(registry.distances(), [1, 2]);
    assert!(registry.lent(&policy(POLICY), &subject("lone"), NOW_SECS).is_some());
}

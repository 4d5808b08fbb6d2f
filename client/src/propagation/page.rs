//! A study as one HTML page, fit for print.

use super::{AtDistance, Estimate, Group, Ranking, Study};
use crate::report::format::{count, percent};
use askama::Template;

#[derive(Template)]
#[template(path = "propagation.html")]
struct Page<'a> {
    study: &'a Study,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    text: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The page.
///
/// # Errors
///
/// When the template can't be filled.
pub fn render(study: &Study) -> Result<String, askama::Error> {
    let mut sections = vec![groups(study)];
    sections.extend(rankings(study));
    sections.extend(levels(study));
    Page { study, sections }.render()
}

fn names(head: &[&str]) -> Vec<String> {
    head.iter().map(|name| (*name).to_owned()).collect()
}

fn groups(study: &Study) -> Section {
    let mut rows = vec![group("own report", &study.own)];
    if study.withheld.loans > 0 {
        rows.push(group("withheld report", &study.withheld));
    }
    for at in &study.distances {
        rows.push(group(&format!("lent, distance to {}", at.max_distance), &at.lent));
        rows.push(group("unscored then", &at.unscored));
    }
    Section {
        title: "Who is scored, and how well",
        text:
            "AUC is the share of pairs of a bad loan and a good one in which the bad one scores as \
               riskier; one half is a coin’s. It needs loans of both kinds.",
        head: names(&["Scored by", "Loans", "Bad", "Bad rate", "Mean score", "AUC"]),
        rows,
    }
}

fn group(name: &str, group: &Group) -> Vec<String> {
    vec![
        name.to_owned(),
        count(group.loans),
        count(group.bad_count),
        group.bad_rate_ppb.map_or_else(none, percent),
        group.mean_score.map_or_else(none, |score| format!("{score:.1}")),
        told(group.auc),
    ]
}

fn rankings(study: &Study) -> Option<Section> {
    let first = study.distances.first()?;
    let mut rows = Vec::new();
    let kinds: [(&str, fn(&AtDistance) -> &Ranking); 2] =
        [("without an own report", |at| &at.without_own), ("all loans", |at| &at.all)];
    for (of, ranking) in kinds {
        let row = |how: String, estimate| vec![of.to_owned(), how, told(estimate)];
        rows.push(row("fallback where no report is".to_owned(), ranking(first).auc_fallback));
        for at in &study.distances {
            let (found, distance) = (ranking(at), at.max_distance);
            rows.push(row(format!("lent, distance to {distance}"), found.auc_lent));
            rows.push(row("above the fallback".to_owned(), found.gain));
            if found.loans < study.loans {
                rows.push(row("by having a relation only".to_owned(), at.auc_related));
            }
        }
    }
    Some(Section {
        title: "What lent profiles add",
        text: "The same loans ranked with lent profiles and without. Whoever has no profile counts as \
               the model’s fallback.",
        head: names(&["Loans", "Ranked by", "AUC"]),
        rows,
    })
}

fn levels(study: &Study) -> Option<Section> {
    let lent = &study.distances.last()?.lent;
    let named = if study.own.levels.is_empty() { &lent.levels } else { &study.own.levels };
    let row = |position: usize| {
        let level = &named[position];
        let mut row =
            vec![level.level.to_string(), format!("{} – {}", level.score_from, level.score_to)];
        for group in [&study.own, lent] {
            let found = group.levels.get(position);
            row.push(count(found.map_or(0, |level| level.count)));
            row.push(count(found.map_or(0, |level| level.bad_count)));
            row.push(found.and_then(|level| level.bad_rate_ppb).map_or_else(none, percent));
        }
        row
    };
    Some(Section {
        title: "Levels",
        text: "Loans scored by an own report beside those scored by a lent profile.",
        head: names(&["Level", "Scores", "Own", "Bad", "Bad rate", "Lent", "Bad", "Bad rate"]),
        rows: (0..named.len()).map(row).collect(),
    })
}

fn none() -> String {
    "–".to_owned()
}

fn told(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(none, |estimate| estimate.to_string())
}

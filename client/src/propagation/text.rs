//! A study for people.

use super::{AtDistance, Estimate, Group, Ranking, Study};
use crate::ratio::show;
use std::fmt;

impl fmt::Display for Study {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.bad_rate_ppb.map_or_else(String::new, |ppb| format!(" ({})", show(ppb)));
        writeln!(f, "{} loans, {} bad{rate}", self.loans, self.bad_count)?;
        writeln!(
            f,
            "reports withheld: of {} of the borrowers, seed {}; left out as too late: {}\nrelations: {}, of \
             them beyond the bound: {}",
            show(self.withheld_ppb),
            self.seed,
            self.later_reports,
            self.relations,
            self.relations_dropped
        )?;
        write!(
            f,
            "\n{:30}{:>7}{:>10}{:>6}{:>10}{:>8}",
            "", "loans", "share", "bad", "bad rate", "score"
        )?;
        writeln!(f, "  AUC (95 % interval)")?;
        self.group(f, "own report", &self.own)?;
        if self.withheld.loans > 0 {
            self.group(f, "withheld report", &self.withheld)?;
        }
        for at in &self.distances {
            self.group(f, &format!("lent, distance to {}", at.max_distance), &at.lent)?;
            self.group(f, "  unscored then", &at.unscored)?;
        }
        let Some(farthest) = self.distances.last() else {
            return write!(f, "\nno relation is within the policy's distance");
        };
        self.rankings(f, "the loans without an own report", |at| &at.without_own)?;
        if self.withheld.loans > 0 {
            ranked(f, "by the reports withheld", self.withheld.auc.as_ref())?;
        }
        self.rankings(f, "all loans", |at| &at.all)?;
        levels(f, &self.own, &farthest.lent)?;
        self.likeness(f, farthest)
    }
}

impl Study {
    fn group(&self, f: &mut fmt::Formatter<'_>, name: &str, group: &Group) -> fmt::Result {
        let share = group.loans as f64 * 100.0 / self.loans.max(1) as f64;
        let rate = group.bad_rate_ppb.map_or_else(none, show);
        let score = group.mean_score.map_or_else(none, |score| format!("{score:.1}"));
        let (loans, bad) = (group.loans, group.bad_count);
        let auc = group
            .mean_score
            .map_or_else(String::new, |_| format!("  {}", told(group.auc.as_ref())));
        write!(f, "{name:30}{loans:>7}{share:>8.2} %{bad:>6}{rate:>10}{score:>8}")?;
        writeln!(f, "{auc}")
    }

    fn rankings(
        &self,
        f: &mut fmt::Formatter<'_>,
        of: &str,
        ranking: impl Fn(&AtDistance) -> &Ranking,
    ) -> fmt::Result {
        for (position, at) in self.distances.iter().enumerate() {
            let (found, distance) = (ranking(at), at.max_distance);
            if position == 0 {
                writeln!(f, "\nAUC over {of}: {}, {} bad", found.loans, found.bad_count)?;
                ranked(f, "fallback where no report is", found.auc_fallback.as_ref())?;
            }
            ranked(f, &format!("lent, distance to {distance}"), found.auc_lent.as_ref())?;
            ranked(f, "  above the fallback", found.gain.as_ref())?;
            if found.loans < self.loans {
                ranked(f, "  by having a relation only", at.auc_related.as_ref())?;
            }
        }
        Ok(())
    }

    fn likeness(&self, f: &mut fmt::Formatter<'_>, at: &AtDistance) -> fmt::Result {
        let Some(likeness) = &at.likeness else { return Ok(()) };
        write!(
            f,
            "\n\n{} lent scores beside those of the reports withheld: {:+.1} points in the mean, {:.1} \
             apart, {:.0} % in the same level",
            likeness.loans,
            likeness.mean_difference,
            likeness.mean_absolute_difference,
            likeness.same_level_share * 100.0
        )
    }
}

fn ranked(f: &mut fmt::Formatter<'_>, name: &str, estimate: Option<&Estimate>) -> fmt::Result {
    writeln!(f, "{name:30}  {}", told(estimate))
}

fn levels(f: &mut fmt::Formatter<'_>, own: &Group, lent: &Group) -> fmt::Result {
    write!(f, "\n{:>5}{:>10}", "level", "scores")?;
    write!(f, "{:>8}{:>6}{:>10}", "own", "bad", "bad rate")?;
    write!(f, "{:>8}{:>6}{:>10}", "lent", "bad", "bad rate")?;
    let named = if own.levels.is_empty() { &lent.levels } else { &own.levels };
    for (position, level) in named.iter().enumerate() {
        let scores = format!("{}-{}", level.score_from, level.score_to);
        write!(f, "\n{:>5}{scores:>10}", level.level)?;
        for group in [own, lent] {
            let found = group.levels.get(position);
            let (count, bad) = found.map_or((0, 0), |found| (found.count, found.bad_count));
            let rate = found.and_then(|found| found.bad_rate_ppb).map_or_else(none, show);
            write!(f, "{count:>8}{bad:>6}{rate:>10}")?;
        }
    }
    Ok(())
}

fn none() -> String {
    "-".to_owned()
}

fn told(estimate: Option<&Estimate>) -> String {
    estimate.map_or_else(|| "not defined: needs good and bad".to_owned(), Estimate::to_string)
}

//! Reports and relations as the chain's registry would hold them.

use crate::{
    subject::SubjectBytes,
    table::{relations::RelationRow, Table},
};
use assay_primitives::credit::MAX_RELATIONS;
use assay_risk::profile::{merge, propagate, Policy, Profile, ReportView};
use std::collections::{HashMap, HashSet};

/// All reports of a study are of the one schema that their MAP describes.
const SCHEMA: u32 = 0;

/// What bureaus know. Profiles are as of a moment: a report that was observed later is left out,
/// since it may know already what became of the loan.
pub struct Registry<'a> {
    features: usize,
    reports: HashMap<SubjectBytes, Vec<Report<'a>>>,
    relations: HashMap<SubjectBytes, Vec<(SubjectBytes, u8)>>,
    withheld: HashSet<SubjectBytes>,
}

#[derive(Clone, Copy)]
struct Report<'a> {
    table: &'a Table,
    row: usize,
    observed_at_secs: u64,
}

impl<'a> Report<'a> {
    fn view(self) -> Option<ReportView<'a>> {
        let columns = self.table.reports.as_ref()?;
        Some(ReportView {
            schema: SCHEMA,
            observed_at_secs: self.observed_at_secs,
            source: columns.sources[self.row],
            has_default: self.table.labels[self.row] == Some(true),
            present: self.table.present[self.row],
            values: self.table.row_values(self.row),
        })
    }
}

impl<'a> Registry<'a> {
    /// A registry of reports, one table a bureau.
    pub fn new(tables: &'a [Table]) -> Self {
        let mut reports: HashMap<_, Vec<_>> = HashMap::new();
        for table in tables {
            let observed = table.reports.iter().flat_map(|columns| &columns.observed_at_secs);
            for (row, (subject, observed)) in table.subjects.iter().zip(observed).enumerate() {
                let report = Report { table, row, observed_at_secs: *observed };
                reports.entry(*subject).or_default().push(report);
            }
        }
        let features = tables.first().map_or(0, |table| table.features);
        Self { features, reports, relations: HashMap::new(), withheld: HashSet::new() }
    }

    /// Stores relations, the nearest first, as long as both ends have room for one more; gives how
    /// many had none. The chain refuses what is beyond the bound, so a bureau sends the nearest.
    pub fn relate(&mut self, rows: &[RelationRow]) -> u64 {
        let mut rows: Vec<_> = rows.iter().collect();
        rows.sort_by_key(|row| (row.distance, row.from, row.to));
        let mut dropped = 0;
        for row in rows {
            let room = |end| {
                let held = self.relations.get(end).map_or(0, Vec::len);
                u32::try_from(held).is_ok_and(|held| held < MAX_RELATIONS)
            };
            if !(room(&row.from) && room(&row.to)) {
                dropped += 1;
                continue;
            }
            for (one, other) in [(row.from, row.to), (row.to, row.from)] {
                self.relations.entry(one).or_default().push((other, row.distance));
            }
        }
        dropped
    }

    /// Hides the reports of a subject from [`Self::own`] and [`Self::lent`].
    pub fn withhold(&mut self, subject: SubjectBytes) {
        self.withheld.insert(subject);
    }

    /// Whether the reports of a subject are hidden.
    pub fn withholds(&self, subject: &SubjectBytes) -> bool {
        self.withheld.contains(subject)
    }

    /// The merged profile of a subject, withheld or not (rules, section 2).
    pub fn reported(
        &self,
        policy: &Policy,
        subject: &SubjectBytes,
        now_secs: u64,
    ) -> Option<Profile> {
        let reports = self.reports.get(subject)?.iter();
        let known = reports.filter(|report| report.observed_at_secs <= now_secs);
        let mut profile = Profile::default();
        let views = known.filter_map(|report| report.view());
        merge(policy, SCHEMA, self.features, now_secs, views, &mut profile).then_some(profile)
    }

    /// The subject's own profile, none when it is withheld.
    pub fn own(&self, policy: &Policy, subject: &SubjectBytes, now_secs: u64) -> Option<Profile> {
        let known = !self.withholds(subject);
        known.then(|| self.reported(policy, subject, now_secs)).flatten()
    }

    /// The profile that relations up to the policy's distance lend (rules, section 2).
    pub fn lent(&self, policy: &Policy, subject: &SubjectBytes, now_secs: u64) -> Option<Profile> {
        let neighbours: Vec<_> = self
            .near(subject, policy.propagation?)
            .filter_map(|(other, distance)| Some((distance, self.own(policy, other, now_secs)?)))
            .collect();
        let mut profile = Profile::default();
        let neighbours = neighbours.iter().map(|(distance, profile)| (*distance, profile));
        propagate(self.features, neighbours, &mut profile).then_some(profile)
    }

    /// Reports of a subject and of its relations up to a distance that were observed after a moment.
    pub fn later_reports(
        &self,
        subject: &SubjectBytes,
        max_distance: u8,
        now_secs: u64,
    ) -> impl Iterator<Item = (SubjectBytes, u64)> + '_ {
        let subjects = std::iter::once(*subject)
            .chain(self.near(subject, max_distance).map(|(other, _)| *other));
        subjects.filter(|subject| !self.withholds(subject)).flat_map(move |subject| {
            let reports = self.reports.get(&subject).into_iter().flatten();
            let later = reports.filter(move |report| report.observed_at_secs > now_secs);
            later.map(move |report| (subject, report.observed_at_secs))
        })
    }

    /// The distances of the relations, ascending.
    pub fn distances(&self) -> Vec<u8> {
        let mut distances: Vec<u8> =
            self.relations.values().flatten().map(|(_, distance)| *distance).collect();
        distances.sort_unstable();
        distances.dedup();
        distances
    }

    fn near(
        &self,
        subject: &SubjectBytes,
        max_distance: u8,
    ) -> impl Iterator<Item = (&SubjectBytes, u8)> {
        let relations = self.relations.get(subject).into_iter().flatten();
        let near = relations.filter(move |(_, distance)| *distance <= max_distance);
        near.map(|(other, distance)| (other, *distance))
    }
}

//! Buckets: the records of neighbouring subjects in one value of the state.
//!
//! A read costs the path through the trie, whatever the value's size up to some kilobytes, so one
//! value holds up to [`MAX_BUCKET_SUBJECTS`] subjects. Columns stand together: a vector of integers
//! is decoded in one copy, a vector of structures entry by entry.

use alloc::vec::Vec;
use assay_primitives::{
    credit::{Report, StoredRelation, StoredReport, SubjectRecord},
    inquiry::{Asked, InquiryId},
    OrganisationId, SchemaId, Subject, UnixSecs, H256,
};
use assay_risk::profile::{ReportView, Source};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Most subjects of a bucket; one more splits it.
pub const MAX_BUCKET_SUBJECTS: usize = 32;
/// Subjects of each part of a bucket that was split: room for some more before the next split.
pub const SPLIT_SUBJECTS: usize = 24;

/// Most reports of a bucket, some 40 kB: a read is charged as one of some kilobytes, and a bucket of
/// usual subjects holds one or two reports of each.
pub const MAX_BUCKET_REPORTS: usize = 128;

/// A report without its values.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Head {
    pub schema: SchemaId,
    pub bureau: OrganisationId,
    pub observed_at_secs: UnixSecs,
    pub source: Source,
    pub has_default: bool,
    /// Bit `k` tells that value `k` is there.
    pub present: u64,
    pub document_hash: H256,
}

/// Records of neighbouring subjects, in ascending order, by columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Bucket {
    subjects: Vec<Subject>,
    /// Where the reports of each subject end in `heads`.
    report_ends: Vec<u16>,
    /// Where the relations of each subject end in `relations`.
    relation_ends: Vec<u16>,
    heads: Vec<Head>,
    /// Where the values of each report end in `values`.
    value_ends: Vec<u32>,
    values: Vec<i32>,
    relations: Vec<StoredRelation>,
    /// Positions of the subjects that were asked for, ascending: as a rule they are few, and one
    /// that nobody asked for takes no space.
    asked: Vec<u8>,
    /// How often each of them was asked for.
    asked_counts: Vec<u32>,
    /// Where the recent inquiries of each of them end in `recent`.
    recent_ends: Vec<u16>,
    recent: Vec<InquiryId>,
}

/// The record of one subject, as it is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub subject: Subject,
    pub reports: Vec<(Head, Vec<i32>)>,
    pub relations: Vec<StoredRelation>,
    pub asked: Asked,
}

impl Entry {
    /// A record of which nothing is known yet.
    pub fn new(subject: Subject) -> Self {
        Entry { subject, reports: Vec::new(), relations: Vec::new(), asked: Asked::default() }
    }

    /// Whether there is neither a report nor a relation.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty() && self.relations.is_empty()
    }
}

impl Head {
    /// The head of a report that `bureau` submits under `schema`.
    pub fn of(report: &Report, bureau: OrganisationId, schema: SchemaId) -> Self {
        Head {
            schema,
            bureau,
            observed_at_secs: report.observed_at_secs,
            source: report.source,
            has_default: report.has_default,
            present: report.present,
            document_hash: report.document_hash,
        }
    }
}

fn range<E: Copy + Into<u32>>(ends: &[E], position: usize) -> Option<(usize, usize)> {
    let end: u32 = (*ends.get(position)?).into();
    let start: u32 = match position.checked_sub(1) {
        Some(previous) => (*ends.get(previous)?).into(),
        None => 0,
    };
    Some((usize::try_from(start).ok()?, usize::try_from(end).ok()?))
}

impl Bucket {
    /// The subjects in ascending order.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// Where a subject stands, looked for from `from` on.
    pub fn find(&self, subject: &Subject, from: usize) -> Option<usize> {
        let rest = self.subjects.get(from..)?;
        let offset = rest.partition_point(|known| known < subject);
        let position = from.checked_add(offset)?;
        (self.subjects.get(position) == Some(subject)).then_some(position)
    }

    /// The reports of the subject at `position`.
    pub fn reports(&self, position: usize) -> impl Iterator<Item = ReportView<'_>> {
        self.heads_and_values(position).map(|(head, values)| ReportView {
            schema: head.schema,
            observed_at_secs: head.observed_at_secs,
            source: head.source,
            has_default: head.has_default,
            present: head.present,
            values,
        })
    }

    /// The relations of the subject at `position`.
    pub fn relations(&self, position: usize) -> &[StoredRelation] {
        range(&self.relation_ends, position)
            .and_then(|(start, end)| self.relations.get(start..end))
            .unwrap_or(&[])
    }

    /// Inquiries for the subject at `position`.
    pub fn asked(&self, position: usize) -> Asked {
        let place = u8::try_from(position).ok().and_then(|it| self.asked.binary_search(&it).ok());
        let Some(place) = place else { return Asked::default() };
        let recent = range(&self.recent_ends, place)
            .and_then(|(start, end)| self.recent.get(start..end))
            .unwrap_or(&[]);
        Asked {
            count: self.asked_counts.get(place).copied().unwrap_or_default(),
            recent: recent.to_vec(),
        }
    }

    /// Heads and values of the reports of the subject at `position`.
    pub fn heads_and_values(&self, position: usize) -> impl Iterator<Item = (&Head, &[i32])> {
        let (start, end) = range(&self.report_ends, position).unwrap_or((0, 0));
        (start..end).filter_map(move |report| {
            let (from, to) = range(&self.value_ends, report)?;
            Some((self.heads.get(report)?, self.values.get(from..to)?))
        })
    }

    /// The record of the subject at `position`, for readers.
    pub fn record(&self, position: usize) -> SubjectRecord {
        let reports = self
            .heads_and_values(position)
            .map(|(head, values)| StoredReport {
                bureau: head.bureau,
                schema: head.schema,
                observed_at_secs: head.observed_at_secs,
                source: head.source,
                has_default: head.has_default,
                document_hash: head.document_hash,
                values: optional_values(head.present, values),
            })
            .collect();
        SubjectRecord { reports, relations: self.relations(position).to_vec() }
    }

    /// All records, to change them.
    pub fn into_entries(self) -> Vec<Entry> {
        self.subjects
            .iter()
            .enumerate()
            .map(|(position, subject)| Entry {
                subject: *subject,
                reports: self
                    .heads_and_values(position)
                    .map(|(head, values)| (head.clone(), values.to_vec()))
                    .collect(),
                relations: self.relations(position).to_vec(),
                asked: self.asked(position),
            })
            .collect()
    }

    /// A bucket of these records, which are in ascending order.
    pub fn from_entries(entries: &[Entry]) -> Self {
        let mut bucket = Bucket::default();
        for (position, entry) in entries.iter().enumerate() {
            bucket.subjects.push(entry.subject);
            for (head, values) in &entry.reports {
                bucket.heads.push(head.clone());
                bucket.values.extend_from_slice(values);
                bucket.value_ends.push(u32::try_from(bucket.values.len()).unwrap_or(u32::MAX));
            }
            bucket.relations.extend_from_slice(&entry.relations);
            bucket.report_ends.push(u16::try_from(bucket.heads.len()).unwrap_or(u16::MAX));
            bucket.relation_ends.push(u16::try_from(bucket.relations.len()).unwrap_or(u16::MAX));
            if entry.asked.count > 0 {
                bucket.recent.extend_from_slice(&entry.asked.recent);
                bucket.asked.push(u8::try_from(position).unwrap_or(u8::MAX));
                bucket.asked_counts.push(entry.asked.count);
                bucket.recent_ends.push(u16::try_from(bucket.recent.len()).unwrap_or(u16::MAX));
            }
        }
        bucket
    }
}

fn optional_values(present: u64, values: &[i32]) -> Vec<Option<i32>> {
    (0u32..)
        .zip(values)
        .map(|(bit, value)| (present.checked_shr(bit).unwrap_or(0) & 1 == 1).then_some(*value))
        .collect()
}

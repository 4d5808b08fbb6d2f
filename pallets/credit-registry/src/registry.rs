//! Finding buckets: a directory of ranges, reading in order, and writing in order.
//!
//! The space of subjects is cut into 1,024 equal parts by the first ten bits. A directory page per
//! part lists where its buckets begin, so that a bucket can be cut anywhere: a part that holds more
//! subjects simply has more buckets. Sorted bulk uploads fill one part after the other.

use crate::{
    bucket::{Bucket, Entry, MAX_BUCKET_REPORTS, MAX_BUCKET_SUBJECTS, SPLIT_SUBJECTS},
    Buckets, Config, Directory, Size,
};
use alloc::vec::Vec;
use assay_primitives::Subject;
use core::marker::PhantomData;

/// Bits of a subject that name its directory page.
pub const DIRECTORY_BITS: u32 = 10;
/// Directory pages.
pub const DIRECTORY_PAGES: u16 = 1 << DIRECTORY_BITS;

/// Number of a directory page, as the big-endian key that keeps neighbours together in the trie.
pub type PageKey = [u8; 2];

fn page_number(subject: &Subject) -> u16 {
    let [first, second, ..] = subject.0;
    u16::from_be_bytes([first, second]) >> (u16::BITS.saturating_sub(DIRECTORY_BITS))
}

/// The smallest subject of a directory page, where its first bucket begins.
pub fn page_start(page: u16) -> Subject {
    let [first, second] = page.wrapping_shl(u16::BITS.saturating_sub(DIRECTORY_BITS)).to_be_bytes();
    let mut subject = Subject::default();
    if let Some(head) = subject.0.first_chunk_mut::<2>() {
        *head = [first, second];
    }
    subject
}

/// One directory page: where the buckets begin, after the first, which begins with the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPage {
    number: u16,
    starts: Vec<Subject>,
}

impl DirectoryPage {
    /// Reads a directory page.
    pub fn load<T: Config>(number: u16) -> Self {
        DirectoryPage { number, starts: Directory::<T>::get(number.to_be_bytes()) }
    }

    fn save<T: Config>(&self) {
        Directory::<T>::insert(self.number.to_be_bytes(), &self.starts);
    }

    /// Where the buckets of the page begin, in order.
    pub fn bucket_starts(&self) -> impl Iterator<Item = Subject> + '_ {
        core::iter::once(page_start(self.number)).chain(self.starts.iter().copied())
    }

    /// Start of the bucket that a subject of this page belongs to, and of the next one in the page.
    fn bounds(&self, subject: &Subject) -> (Subject, Option<Subject>) {
        let after = self.starts.partition_point(|start| start <= subject);
        let start = after
            .checked_sub(1)
            .and_then(|position| self.starts.get(position).copied())
            .unwrap_or_else(|| page_start(self.number));
        (start, self.starts.get(after).copied())
    }

    fn add(&mut self, start: Subject) {
        let position = self.starts.partition_point(|known| known < &start);
        self.starts.insert(position, start);
    }
}

/// A bucket with the range of subjects that it holds.
struct Loaded {
    page: u16,
    start: Subject,
    next: Option<Subject>,
    bucket: Bucket,
    /// Where the last subject was found: ascending questions need not look further back.
    position: usize,
}

impl Loaded {
    fn holds(&self, page: u16, subject: &Subject) -> bool {
        self.page == page && *subject >= self.start && self.next.is_none_or(|next| *subject < next)
    }
}

/// Reads records; keeps the last directory page and bucket, so that ascending questions read each
/// bucket once.
pub struct Cursor<T> {
    page: Option<DirectoryPage>,
    loaded: Option<Loaded>,
    reads: u32,
    marker: PhantomData<T>,
}

impl<T> Default for Cursor<T> {
    fn default() -> Self {
        Cursor { page: None, loaded: None, reads: 0, marker: PhantomData }
    }
}

impl<T: Config> Cursor<T> {
    /// Values read from the state so far.
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// The bucket that holds the subject's record and the record's position in it.
    pub fn find(&mut self, subject: &Subject) -> Option<(&Bucket, usize)> {
        self.seek(subject);
        let loaded = self.loaded.as_mut()?;
        let from = match loaded.bucket.subjects().get(loaded.position) {
            Some(last) if last <= subject => loaded.position,
            _ => 0,
        };
        loaded.position = loaded.bucket.find(subject, from)?;
        Some((&loaded.bucket, loaded.position))
    }

    fn seek(&mut self, subject: &Subject) {
        let number = page_number(subject);
        if self.loaded.as_ref().is_some_and(|loaded| loaded.holds(number, subject)) {
            return;
        }
        if self.page.as_ref().is_none_or(|page| page.number != number) {
            self.page = Some(DirectoryPage::load::<T>(number));
            self.reads = self.reads.saturating_add(1);
        }
        if let Some(page) = &self.page {
            let (start, next) = page.bounds(subject);
            self.reads = self.reads.saturating_add(1);
            let bucket = Buckets::<T>::get(start);
            self.loaded = Some(Loaded { page: number, start, next, bucket, position: 0 });
        }
    }
}

/// Changes records in ascending order of subject; each bucket is read and written once.
pub struct Editor<T> {
    page: Option<DirectoryPage>,
    page_changed: bool,
    open: Option<OpenBucket>,
    new_subjects: u64,
    new_buckets: u32,
    values: u32,
    marker: PhantomData<T>,
}

struct OpenBucket {
    start: Subject,
    next: Option<Subject>,
    /// Records below the one that is being changed.
    done: Vec<Entry>,
    /// Records above it, in descending order.
    ahead: Vec<Entry>,
}

impl<T> Default for Editor<T> {
    fn default() -> Self {
        Editor {
            page: None,
            page_changed: false,
            open: None,
            new_subjects: 0,
            new_buckets: 0,
            values: 0,
            marker: PhantomData,
        }
    }
}

impl<T: Config> Editor<T> {
    /// Changes the record of a subject, a new one where there is none. Subjects come in ascending
    /// order; the same one may come again.
    pub fn change<F>(
        &mut self,
        subject: Subject,
        change: impl FnOnce(&mut Entry) -> Result<(), F>,
    ) -> Result<(), F> {
        self.seek(&subject);
        let Some(open) = self.open.as_mut() else { return Ok(()) };
        if open.done.last().is_some_and(|last| last.subject == subject) {
            return open.done.last_mut().map_or(Ok(()), change);
        }
        while open.ahead.last().is_some_and(|next| next.subject < subject) {
            open.done.extend(open.ahead.pop());
        }
        let known = open.ahead.pop_if(|next| next.subject == subject);
        let is_new = known.is_none();
        let mut entry = known.unwrap_or_else(|| Entry::new(subject));
        change(&mut entry)?;
        open.done.push(entry);
        if is_new {
            self.new_subjects = self.new_subjects.saturating_add(1);
        }
        Ok(())
    }

    /// Writes what is still open, and the registry's size. Gives how many values were touched.
    pub fn finish(mut self) -> u32 {
        self.close_bucket();
        self.close_page();
        if self.new_subjects > 0 || self.new_buckets > 0 {
            Size::<T>::mutate(|size| {
                size.subjects = size.subjects.saturating_add(self.new_subjects);
                size.buckets = size.buckets.saturating_add(self.new_buckets);
            });
        }
        self.values
    }

    fn seek(&mut self, subject: &Subject) {
        let number = page_number(subject);
        let same_page = self.page.as_ref().is_some_and(|page| page.number == number);
        let in_open = same_page
            && self.open.as_ref().is_some_and(|open| {
                *subject >= open.start && open.next.is_none_or(|next| *subject < next)
            });
        if in_open {
            return;
        }
        self.close_bucket();
        if !same_page {
            self.close_page();
            self.page = Some(DirectoryPage::load::<T>(number));
            self.values = self.values.saturating_add(1);
        }
        if let Some(page) = &self.page {
            let (start, next) = page.bounds(subject);
            self.values = self.values.saturating_add(1);
            let mut ahead = Buckets::<T>::get(start).into_entries();
            ahead.reverse();
            self.open = Some(OpenBucket { start, next, done: Vec::new(), ahead });
        }
    }

    fn close_bucket(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if open.done.is_empty() {
            return;
        }
        open.ahead.reverse();
        open.done.append(&mut open.ahead);
        if !Buckets::<T>::contains_key(open.start) {
            self.new_buckets = self.new_buckets.saturating_add(1);
        }
        let mut start = Some(open.start);
        for part in open.done.chunks(part_size(&open.done)) {
            let first = part.first().map(|entry| entry.subject);
            // The first part keeps the bucket's start, the others begin with their first subject.
            let key = start.take().or(first).unwrap_or(open.start);
            if key != open.start {
                self.values = self.values.saturating_add(1);
                self.new_buckets = self.new_buckets.saturating_add(1);
                self.page_changed = true;
                if let Some(page) = self.page.as_mut() {
                    page.add(key);
                }
            }
            Buckets::<T>::insert(key, Bucket::from_entries(part));
        }
    }

    fn close_page(&mut self) {
        if let Some(page) = self.page.take().filter(|_| self.page_changed) {
            page.save::<T>();
        }
        self.page_changed = false;
    }
}

/// Subjects of each part: all, while they fit one bucket; otherwise equal parts with room for more.
fn part_size(entries: &[Entry]) -> usize {
    let subjects = entries.len();
    let most_reports = entries.iter().map(|entry| entry.reports.len()).max().unwrap_or(0);
    // Whichever subjects come together, their reports fit.
    let by_reports = MAX_BUCKET_REPORTS.checked_div(most_reports).unwrap_or(subjects).max(1);
    if subjects <= MAX_BUCKET_SUBJECTS.min(by_reports) {
        return subjects.max(1);
    }
    let parts = subjects.div_ceil(SPLIT_SUBJECTS.min(by_reports)).max(1);
    subjects.div_ceil(parts).max(1)
}

//! What must always be true of the stored registry.

use crate::{
    bucket::{Bucket, MAX_BUCKET_SUBJECTS},
    pallet::{
        Buckets, Config, Inquiries, NextInquiry, PackAsked, Pallet, Policies, PolicyVersions, Size,
    },
    registry::{Cursor, DirectoryPage, DIRECTORY_PAGES},
};
use alloc::collections::BTreeSet;
use assay_primitives::{
    credit::{StoredRelation, MAX_RELATIONS},
    inquiry::{Asked, Scope, MAX_RECENT_INQUIRIES},
};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Every bucket lies in the directory, holds its own range in order and within bounds, and the
    /// size counts them all; relations are symmetric; policies stand under their hash and a version of
    /// their own; whoever was asked for stands in the log.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        check_buckets::<T>()?;
        check_policies::<T>()?;
        check_log::<T>()
    }
}

fn check_buckets<T: Config>() -> Result<(), TryRuntimeError> {
    let mut subjects = 0u64;
    let mut buckets = 0u32;
    for number in 0..DIRECTORY_PAGES {
        let page = DirectoryPage::load::<T>(number);
        let starts: alloc::vec::Vec<_> = page.bucket_starts().collect();
        if !starts.is_sorted_by(|left, right| left < right) {
            return Err("directory page out of order".into());
        }
        for (position, start) in starts.iter().enumerate() {
            let bucket = Buckets::<T>::get(start);
            let held = bucket.subjects();
            if held.len() > MAX_BUCKET_SUBJECTS {
                return Err("bucket over its bound".into());
            }
            let next = starts.get(position.saturating_add(1));
            let outside = |subject| subject < start || next.is_some_and(|next| subject >= next);
            if held.iter().any(outside) || !held.is_sorted_by(|left, right| left < right) {
                return Err("bucket out of order".into());
            }
            check_records::<T>(&bucket)?;
            subjects = subjects.saturating_add(u64::try_from(held.len()).unwrap_or(u64::MAX));
            buckets = buckets.saturating_add(u32::from(!held.is_empty()));
        }
    }
    let size = Size::<T>::get();
    if (size.subjects, size.buckets) != (subjects, buckets) {
        return Err("size does not count what is stored".into());
    }
    if Buckets::<T>::iter_keys().count() != usize::try_from(buckets).unwrap_or(usize::MAX) {
        return Err("bucket outside of the directory".into());
    }
    Ok(())
}

fn check_records<T: Config>(bucket: &Bucket) -> Result<(), TryRuntimeError> {
    let mut cursor = Cursor::<T>::default();
    let bound = usize::try_from(MAX_RELATIONS).unwrap_or(usize::MAX);
    for (position, subject) in bucket.subjects().iter().enumerate() {
        let relations = bucket.relations(position);
        ensure!(relations.len() <= bound, "more relations than a subject may have");
        for relation in relations {
            let (other, place) = cursor.find(&relation.other).ok_or("relation to nobody")?;
            let back = StoredRelation { other: *subject, ..*relation };
            ensure!(other.relations(place).contains(&back), "relation one way only");
        }
        let named = |scope: &Scope| match scope {
            Scope::Subjects(subjects) => subjects.binary_search(subject).is_ok(),
            Scope::Pack(_) => false,
        };
        check_asked::<T>(&bucket.asked(position), named)?;
    }
    Ok(())
}

/// What is counted stands in the log, and there it names the one asked for.
fn check_asked<T: Config>(
    asked: &Asked,
    named: impl Fn(&Scope) -> bool,
) -> Result<(), TryRuntimeError> {
    let kept = u32::try_from(asked.recent.len()).unwrap_or(u32::MAX);
    ensure!(kept == asked.count.min(MAX_RECENT_INQUIRIES), "recent inquiries do not fit the count");
    ensure!(asked.recent.is_sorted_by(|a, b| a < b), "recent inquiries out of order");
    for number in &asked.recent {
        let inquiry = Inquiries::<T>::get(number).ok_or("inquiry is not in the log")?;
        ensure!(named(&inquiry.scope), "inquiry for another");
    }
    Ok(())
}

fn check_policies<T: Config>() -> Result<(), TryRuntimeError> {
    let mut versions = BTreeSet::new();
    for (id, record) in Policies::<T>::iter() {
        ensure!(Pallet::<T>::policy_id(&record.policy) == id, "id is not the policy's hash");
        record.policy.validate().map_err(|_| "unsound policy")?;
        let given = 1..=PolicyVersions::<T>::get(&record.name);
        ensure!(given.contains(&record.version), "version was never given");
        ensure!(versions.insert((record.name, record.version)), "two policies have one version");
    }
    Ok(())
}

fn check_log<T: Config>() -> Result<(), TryRuntimeError> {
    let mut logged = 0u32;
    for (number, _) in Inquiries::<T>::iter() {
        ensure!(number < NextInquiry::<T>::get(), "number of an inquiry was never given");
        logged = logged.saturating_add(1);
    }
    ensure!(logged == NextInquiry::<T>::get(), "an inquiry is missing");
    for (pack, asked) in PackAsked::<T>::iter() {
        check_asked::<T>(&asked, |scope: &Scope| *scope == Scope::Pack(pack))?;
    }
    Ok(())
}

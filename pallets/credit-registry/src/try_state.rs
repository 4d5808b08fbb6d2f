//! What must always be true of the stored registry.

use crate::{
    bucket::MAX_BUCKET_SUBJECTS,
    pallet::{Buckets, Config, Size},
    registry::{DirectoryPage, DIRECTORY_PAGES},
};
use sp_runtime::TryRuntimeError;

/// Every bucket lies in the directory, holds its own range in order and within bounds, and the
/// size counts them all.
pub(crate) fn check<T: Config>() -> Result<(), TryRuntimeError> {
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

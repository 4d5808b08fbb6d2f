//! What must always be true of the stored organisations.

use crate::{
    pallet::{Config, NextId, Organisations, Pallet},
    MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS,
};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

/// Organisations are within bounds, valid, and told apart by number and by name; where there are
/// any, some are the council, and each can sign.
pub(crate) fn do_try_state<T: Config>() -> Result<(), TryRuntimeError> {
    let mut numbers = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut stored = 0u32;
    for (account, organisation) in Organisations::<T>::iter() {
        stored = stored.saturating_add(1);
        ensure!(organisation.roles.is_valid(), "organisation with invalid roles");
        ensure!(!organisation.name.is_empty(), "organisation without a name");
        ensure!(core::str::from_utf8(&organisation.name).is_ok(), "name is not UTF-8");
        ensure!(organisation.id < NextId::<T>::get(), "number was never given");
        ensure!(numbers.insert(organisation.id), "two organisations have one number");
        ensure!(names.insert(organisation.name), "two organisations have one name");
        ensure!(
            frame_system::Pallet::<T>::providers(&account) > 0,
            "account of an organisation has no provider"
        );
    }
    ensure!(stored == Organisations::<T>::count(), "organisations are miscounted");
    ensure!(stored <= MAX_ORGANISATIONS, "too many organisations");
    let council = u32::try_from(Pallet::<T>::council().len()).unwrap_or(u32::MAX);
    ensure!(council <= MAX_COUNCIL_MEMBERS, "too many members of the council");
    ensure!(stored == 0 || council > 0, "nobody is the council");
    Ok(())
}

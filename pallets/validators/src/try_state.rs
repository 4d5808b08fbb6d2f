//! What must always be true of the validators.

use crate::{
    pallet::{
        Authored, Chosen, Config, Known, Minimum, Pallet, Planned, SessionBlocks, SessionStart,
    },
    Sessions, MAX_SESSION_BLOCKS, MIN_SESSION_BLOCKS,
};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Chosen validators are enough once they are in force, each there once and with keys; those that made blocks are
    /// validators of this session, which began in the past; offences told are of the past as well.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        let chosen = Chosen::<T>::get();
        let distinct: BTreeSet<_> = chosen.iter().collect();
        ensure!(distinct.len() == chosen.len(), "a validator is chosen twice");
        if !Planned::<T>::get().is_empty() {
            Self::ensure_enough(chosen.len(), Minimum::<T>::get())?;
        }
        ensure!(
            chosen.iter().all(|account| T::Sessions::keys(account).is_some()),
            "validator without session keys"
        );
        let allowed = MIN_SESSION_BLOCKS..=MAX_SESSION_BLOCKS;
        ensure!(allowed.contains(&SessionBlocks::<T>::get()), "length of sessions out of bounds");
        ensure!(SessionStart::<T>::get() <= Self::block_number(), "session began in the future");
        let active = T::Sessions::active();
        ensure!(
            Authored::<T>::get().keys().all(|account| active.contains(account)),
            "author is no validator of this session"
        );
        let session = T::Sessions::index();
        for (_, known) in Known::<T>::iter() {
            ensure!(!known.is_empty(), "validator with no offence among those with some");
            let hashes: BTreeSet<_> = known.iter().map(|(hash, _)| hash).collect();
            ensure!(hashes.len() == known.len(), "an offence was told twice");
            ensure!(known.iter().all(|(_, at)| *at <= session), "offence in the future");
        }
        Ok(())
    }
}

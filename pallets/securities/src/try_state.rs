//! What must always be true of the stored securities.

use crate::pallet::{Accepted, Config, NextId, Pallet, Securities, SecurityOf};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Every security is the only one on its pack, which its SPV accepted, and its tranches are sound
    /// and within the kept balance.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        let mut stored = 0u32;
        for (id, security) in Securities::<T>::iter() {
            stored = stored.saturating_add(1);
            ensure!(id < NextId::<T>::get(), "number was never given");
            ensure!(SecurityOf::<T>::get(security.pack) == Some(id), "pack has another security");
            ensure!(
                Accepted::<T>::get(security.pack) == Some(security.spv),
                "pack was not accepted by the security's SPV"
            );
            let principal_minor = Pallet::<T>::check_tranches(&security.tranches)?;
            ensure!(
                principal_minor <= security.figures.kept_minor,
                "tranches exceed the kept balance"
            );
        }
        ensure!(stored == NextId::<T>::get(), "a security is missing");
        ensure!(
            SecurityOf::<T>::iter_values().all(Securities::<T>::contains_key),
            "pack with an unknown security"
        );
        Ok(())
    }
}

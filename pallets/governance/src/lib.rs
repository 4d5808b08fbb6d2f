//! # Governance
//!
//! What the council decides for the chain itself.
//!
//! | call | who | does |
//! |---|---|---|
//! | `authorize_upgrade` | council | allows the runtime of that hash to take this one's place |
//!
//! The runtime itself comes afterwards by `System::apply_authorized_upgrade`, for which no motion has
//! to carry megabytes. It is taken only if it has the hash, is of the same chain, and is newer.
//!
//! Assumptions: nobody has root, so that this is the only way to another runtime.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::weights;
    use assay_primitives::H256;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: frame_system::Config<Hash = H256> {
        /// The council's decision.
        type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Allows the runtime with that BLAKE2b-256 hash to take this one's place, in place of what
        /// was allowed before. The event is `System::UpgradeAuthorized`.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::authorize_upgrade())]
        pub fn authorize_upgrade(origin: OriginFor<T>, code_hash: H256) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
            Ok(())
        }
    }
}

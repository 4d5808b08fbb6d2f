//! # Securities
//!
//! From a screened pack to an issued security (rules, section 7): the SPV accepts the receivables,
//! the exchange issues tranches on them, once.
//!
//! | call | who | does |
//! |---|---|---|
//! | `accept` | SPV | takes over the receivables of a screened pack |
//! | `issue` | exchange | issues a security on an accepted pack |
//!
//! Assumptions: an accepted pack is neither assessed nor screened again, so that the figures of an
//! issue are those that the SPV accepted.

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

extern crate alloc;

mod impls;
#[cfg(test)]
mod tests;
mod try_state;
pub mod weights;

pub use pallet::*;

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::weights;
    use assay_primitives::{
        member::Roles,
        pack::PackFigures,
        security::{Security, Tranches},
        traits::{Membership, ScreenedPacks},
        AccountId, Name, PackId, SecurityId,
    };
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// Who may act.
        type Members: Membership<AccountId>;
        /// Packs to issue on.
        type Packs: ScreenedPacks;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Issued securities.
    #[pallet::storage]
    pub type Securities<T> = StorageMap<_, Twox64Concat, SecurityId, Security>;

    /// Number of the next security.
    #[pallet::storage]
    pub type NextId<T> = StorageValue<_, SecurityId, ValueQuery>;

    /// The security issued on a pack.
    #[pallet::storage]
    pub type SecurityOf<T> = StorageMap<_, Twox64Concat, PackId, SecurityId>;

    /// The SPV that accepted a pack's receivables.
    #[pallet::storage]
    pub type Accepted<T> = StorageMap<_, Twox64Concat, PackId, AccountId>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An SPV accepted a pack's receivables, by these figures.
        Accepted { pack: PackId, spv: T::AccountId, figures: PackFigures },
        /// A security was issued.
        Issued { security: SecurityId, details: Security },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The pack's receivables are accepted already.
        AlreadyAccepted,
        /// No SPV accepted the pack's receivables.
        PackNotAccepted,
        /// A security was issued on the pack already.
        AlreadyIssued,
        /// A security needs a name.
        NameEmpty,
        /// The name is not UTF-8.
        NameNotUtf8,
        /// A security needs a tranche.
        TranchesEmpty,
        /// A tranche needs a name.
        TrancheNameEmpty,
        /// The name of a tranche is not UTF-8.
        TrancheNameNotUtf8,
        /// Two tranches have the same name.
        TrancheTwice,
        /// The principal of a tranche is 0.
        PrincipalZero,
        /// The tranches' principals sum to more than the balance of the loans that were kept.
        TranchesExceedBalance,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes over the receivables of a screened pack.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::accept())]
        pub fn accept(origin: OriginFor<T>, pack: PackId) -> DispatchResult {
            let spv = ensure_signed(origin)?;
            T::Members::ensure(&spv, Roles::SPV)?;
            ensure!(!Accepted::<T>::contains_key(pack), Error::<T>::AlreadyAccepted);
            let figures = T::Packs::figures(pack)?;
            T::Packs::accept(pack)?;
            Accepted::<T>::insert(pack, &spv);
            Self::deposit_event(Event::Accepted { pack, spv, figures });
            Ok(())
        }

        /// Issues a security on an accepted pack: tranches in minor units of the pack's currency,
        /// the most senior first, of at most the kept balance together.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::issue(tranches.len()))]
        pub fn issue(
            origin: OriginFor<T>,
            pack: PackId,
            name: Name,
            tranches: Tranches,
        ) -> DispatchResult {
            let exchange = ensure_signed(origin)?;
            T::Members::ensure(&exchange, Roles::EXCHANGE)?;
            let (security, details) = Self::issue_on(pack, exchange, name, tranches)?;
            Self::deposit_event(Event::Issued { security, details });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }
}

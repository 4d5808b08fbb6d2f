//! # Membership
//!
//! Who may do what: the organisations of the consortium, their roles, and the refusal of
//! transactions that no role allows, before they can cost anything.
//!
//! | call | who | does |
//! |---|---|---|
//! | `enroll` | council | takes in an organisation |
//! | `set_roles` | council | gives an organisation other roles |
//! | `suspend` | council | stops an organisation's transactions |
//! | `restore` | council | lets a suspended organisation act again |
//!
//! Organisations that are active and hold the role `COUNCIL` are the council: each change is told
//! to `Config::CouncilChanged`, and none may leave it empty.
//!
//! Assumptions: [`extension::CheckMembership`] is part of every transaction; an account is the key
//! of one organisation and stays it.

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

pub mod extension;
mod impls;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{CallRoles, MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS};

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::weights;
    use alloc::{string::String, vec::Vec};
    use assay_primitives::{
        member::{Organisation, Roles, Status},
        AccountId, Name, OrganisationId,
    };
    use frame_support::{pallet_prelude::*, traits::ChangeMembers};
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// The council's decision.
        type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Is told the council's members, sorted, whenever they change.
        type CouncilChanged: ChangeMembers<AccountId>;
        /// Which roles may send a call.
        type CallRoles: crate::CallRoles<<Self as frame_system::Config>::RuntimeCall>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Organisations by account; at most [`crate::MAX_ORGANISATIONS`].
    #[pallet::storage]
    pub type Organisations<T> = CountedStorageMap<_, Blake2_128Concat, AccountId, Organisation>;

    /// Number of the next organisation.
    #[pallet::storage]
    pub type NextId<T> = StorageValue<_, OrganisationId, ValueQuery>;

    /// The organisations that a chain begins with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Account, name and roles of each; one of them at least is the council.
        pub organisations: Vec<(T::AccountId, String, Roles)>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (account, name, roles) in &self.organisations {
                let enrolled = Name::try_from(name.clone().into_bytes())
                    .map_err(|_| "name too long")
                    .and_then(|name| {
                        Pallet::<T>::take_in(account, name, *roles).map_err(Into::into)
                    });
                // A chain whose members are wrong must not begin.
                assert!(enrolled.is_ok(), "organisation {name} of the genesis: {enrolled:?}");
            }
            let governed = self.organisations.is_empty() || !Pallet::<T>::council().is_empty();
            assert!(governed, "no organisation of the genesis is of the council");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An organisation was taken in.
        Enrolled { organisation: OrganisationId, account: T::AccountId, name: Name, roles: Roles },
        /// An organisation has other roles.
        RolesSet {
            organisation: OrganisationId,
            account: T::AccountId,
            before: Roles,
            roles: Roles,
        },
        /// An organisation may not act any more.
        Suspended { organisation: OrganisationId, account: T::AccountId },
        /// A suspended organisation may act again.
        Restored { organisation: OrganisationId, account: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// An organisation has this account or this name already.
        AlreadyExists,
        /// No organisation has this account.
        NotFound,
        /// At least one role is needed, and only roles that there are.
        InvalidRoles,
        /// An organisation needs a name.
        NameEmpty,
        /// The name is not UTF-8.
        NameNotUtf8,
        /// There are as many organisations as there may be.
        TooManyOrganisations,
        /// The council has as many members as it may have.
        CouncilFull,
        /// The council would be left without members: give another organisation the role first.
        LastCouncilMember,
        /// The organisation is suspended already.
        AlreadySuspended,
        /// The organisation is not suspended.
        NotSuspended,
        /// The signer belongs to no organisation.
        NotAMember,
        /// The signer's organisation is suspended.
        Suspended,
        /// The signer's organisation has none of the roles that this needs.
        NotPermitted,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes in an organisation whose transactions `account` signs.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::enroll())]
        pub fn enroll(
            origin: OriginFor<T>,
            account: T::AccountId,
            name: Name,
            roles: Roles,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let organisation = Self::take_in(&account, name.clone(), roles)?;
            Self::deposit_event(Event::Enrolled { organisation, account, name, roles });
            Ok(())
        }

        /// Gives an organisation other roles, in place of all that it has.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::change())]
        pub fn set_roles(
            origin: OriginFor<T>,
            account: T::AccountId,
            roles: Roles,
        ) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            ensure!(roles.is_valid(), Error::<T>::InvalidRoles);
            let mut changed = Self::known(&account)?;
            let organisation = changed.id;
            let before = core::mem::replace(&mut changed.roles, roles);
            Self::store(&account, changed)?;
            Self::deposit_event(Event::RolesSet { organisation, account, before, roles });
            Ok(())
        }

        /// Stops an organisation's transactions.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::change())]
        pub fn suspend(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let mut changed = Self::known(&account)?;
            ensure!(changed.status == Status::Active, Error::<T>::AlreadySuspended);
            changed.status = Status::Suspended;
            let organisation = changed.id;
            Self::store(&account, changed)?;
            Self::deposit_event(Event::Suspended { organisation, account });
            Ok(())
        }

        /// Lets a suspended organisation act again, in the roles that it has.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::change())]
        pub fn restore(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let mut changed = Self::known(&account)?;
            ensure!(changed.status == Status::Suspended, Error::<T>::NotSuspended);
            changed.status = Status::Active;
            let organisation = changed.id;
            Self::store(&account, changed)?;
            Self::deposit_event(Event::Restored { organisation, account });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::do_try_state::<T>()
        }
    }
}

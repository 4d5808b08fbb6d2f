//! What the calls and the readers need.

use crate::{
    pallet::{Config, Error, NextId, Organisations, Pallet},
    MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS,
};
use alloc::vec::Vec;
use assay_primitives::{
    member::{Organisation, Roles, Status},
    traits::Membership,
    AccountId, Name, OrganisationId,
};
use frame_support::{ensure, traits::ChangeMembers};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    /// Checks and stores a new organisation; gives its number.
    pub(crate) fn take_in(
        account: &AccountId,
        name: Name,
        roles: Roles,
    ) -> Result<OrganisationId, Error<T>> {
        ensure!(roles.is_valid(), Error::<T>::InvalidRoles);
        ensure!(!name.is_empty(), Error::<T>::NameEmpty);
        ensure!(core::str::from_utf8(&name).is_ok(), Error::<T>::NameNotUtf8);
        ensure!(!Organisations::<T>::contains_key(account), Error::<T>::AlreadyExists);
        ensure!(
            Organisations::<T>::iter_values().all(|known| known.name != name),
            Error::<T>::AlreadyExists
        );
        ensure!(Organisations::<T>::count() < MAX_ORGANISATIONS, Error::<T>::TooManyOrganisations);
        let id = NextId::<T>::get();
        Self::store(account, Organisation { id, name, roles, status: Status::Active })?;
        NextId::<T>::put(id.saturating_add(1));
        // Without a provider the check of nonces refuses accounts, and members hold no balance.
        frame_system::Pallet::<T>::inc_providers(account);
        Ok(id)
    }

    /// The organisation of an account, whatever its status.
    pub(crate) fn known(account: &AccountId) -> Result<Organisation, Error<T>> {
        Organisations::<T>::get(account).ok_or(Error::<T>::NotFound)
    }

    /// Stores an organisation, and tells the council when its members change by that.
    pub(crate) fn store(account: &AccountId, organisation: Organisation) -> Result<(), Error<T>> {
        let before = Self::council();
        let mut after = before.clone();
        after.retain(|member| member != account);
        if sits_in_council(&organisation) {
            after.push(account.clone());
            after.sort();
        }
        ensure!(before.is_empty() || !after.is_empty(), Error::<T>::LastCouncilMember);
        ensure!(
            u32::try_from(after.len()).is_ok_and(|members| members <= MAX_COUNCIL_MEMBERS),
            Error::<T>::CouncilFull
        );
        Organisations::<T>::insert(account, organisation);
        if before != after {
            T::CouncilChanged::set_members_sorted(&after, &before);
        }
        Ok(())
    }

    /// Accounts of the council, sorted: active organisations with the role.
    pub fn council() -> Vec<AccountId> {
        let mut members: Vec<_> = Organisations::<T>::iter()
            .filter(|(_, organisation)| sits_in_council(organisation))
            .map(|(account, _)| account)
            .collect();
        members.sort();
        members
    }

    /// All organisations with their accounts, by number.
    pub fn organisations() -> Vec<(AccountId, Organisation)> {
        let mut all: Vec<_> = Organisations::<T>::iter().collect();
        all.sort_by_key(|(_, organisation)| organisation.id);
        all
    }

    /// The organisation of an account.
    pub fn organisation(account: &AccountId) -> Option<Organisation> {
        Organisations::<T>::get(account)
    }
}

fn sits_in_council(organisation: &Organisation) -> bool {
    organisation.status == Status::Active && organisation.roles.intersects(Roles::COUNCIL)
}

impl<T: Config> Membership<AccountId> for Pallet<T> {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let organisation = Organisations::<T>::get(who).ok_or(Error::<T>::NotAMember)?;
        ensure!(organisation.status == Status::Active, Error::<T>::Suspended);
        ensure!(organisation.roles.intersects(any_of), Error::<T>::NotPermitted);
        Ok(organisation.id)
    }
}

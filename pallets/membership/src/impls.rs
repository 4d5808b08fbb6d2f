//! What the calls and the readers need.

use crate::{
    pallet::{Config, Error, NextId, Organisations, Pallet},
    MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS,
};
use alloc::{vec, vec::Vec};
use assay_primitives::{
    member::{Certificate, Organisation, Roles, Status},
    traits::Membership,
    AccountId, Name, OrganisationId, UnixSecs,
};
use frame_support::{
    ensure,
    traits::{ChangeMembers, UnixTime},
};
use sp_runtime::DispatchError;

/// An organisation that has no number yet.
pub(crate) struct Newcomer {
    pub account: AccountId,
    pub name: Name,
    pub roles: Roles,
    pub awaiting: Roles,
    pub certificate: Option<Certificate>,
}

impl<T: Config> Pallet<T> {
    /// Checks and stores a new organisation; gives its number.
    pub(crate) fn take_in(newcomer: Newcomer) -> Result<OrganisationId, Error<T>> {
        let Newcomer { account, name, roles, awaiting, certificate } = newcomer;
        ensure!(roles.with(awaiting).is_valid(), Error::<T>::InvalidRoles);
        ensure!(!name.is_empty(), Error::<T>::NameMissing);
        ensure!(!Organisations::<T>::contains_key(&account), Error::<T>::AlreadyExists);
        Self::check_unused(&account, &name, certificate.as_ref())?;
        ensure!(Organisations::<T>::count() < MAX_ORGANISATIONS, Error::<T>::TooManyOrganisations);
        let id = NextId::<T>::get();
        let status = Status::Active;
        let organisation =
            Organisation { id, name, roles, awaiting, status, certificate, quota_millis: None };
        Self::store(&account, organisation)?;
        NextId::<T>::put(id.saturating_add(1));
        // Without a provider the check of nonces refuses accounts, and members hold no balance.
        frame_system::Pallet::<T>::inc_providers(&account);
        Ok(id)
    }

    /// Whether no other organisation has the name, and none at all the certificate.
    pub(crate) fn check_unused(
        account: &AccountId,
        name: &Name,
        certificate: Option<&Certificate>,
    ) -> Result<(), Error<T>> {
        for (known, organisation) in Organisations::<T>::iter() {
            ensure!(known == *account || organisation.name != *name, Error::<T>::AlreadyExists);
            let same = organisation.certificate.zip(certificate).is_some_and(|(known, new)| {
                known.hash == new.hash
                    || (known.authority == new.authority && known.serial == new.serial)
            });
            ensure!(!same, Error::<T>::CertificateUsed);
        }
        Ok(())
    }

    /// The organisation of an account, whatever its status.
    pub(crate) fn known(account: &AccountId) -> Result<Organisation, Error<T>> {
        Organisations::<T>::get(account).ok_or(Error::<T>::NotFound)
    }

    /// Stores an organisation, and tells the council when its members change by that.
    pub(crate) fn store(account: &AccountId, organisation: Organisation) -> Result<(), Error<T>> {
        Self::store_all(vec![(account.clone(), organisation)])
    }

    /// Stores organisations, all or none, and tells the council when its members change by that.
    pub(crate) fn store_all(changed: Vec<(AccountId, Organisation)>) -> Result<(), Error<T>> {
        let before = Self::council();
        let mut after = before.clone();
        after.retain(|member| changed.iter().all(|(account, _)| account != member));
        let seated = changed.iter().filter(|(_, organisation)| sits_in_council(organisation));
        after.extend(seated.map(|(account, _)| account.clone()));
        after.sort();
        ensure!(before.is_empty() || !after.is_empty(), Error::<T>::LastCouncilMember);
        ensure!(
            u32::try_from(after.len()).is_ok_and(|members| members <= MAX_COUNCIL_MEMBERS),
            Error::<T>::CouncilFull
        );
        for (account, organisation) in changed {
            Organisations::<T>::insert(account, organisation);
        }
        if before != after {
            T::CouncilChanged::set_members_sorted(&after, &before);
        }
        Ok(())
    }

    /// Accounts of the council, sorted: organisations that are active and not revoked, with the
    /// role in force.
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

    /// The number of the account's organisation, when it is active and not revoked. Whether its
    /// certificate has ended was judged with the transaction.
    pub(crate) fn ensure_member(who: &AccountId) -> Result<OrganisationId, Error<T>> {
        Self::acting(who).map(|organisation| organisation.id)
    }

    fn acting(who: &AccountId) -> Result<Organisation, Error<T>> {
        let organisation = Organisations::<T>::get(who).ok_or(Error::<T>::NotAMember)?;
        ensure!(organisation.status == Status::Active, Error::<T>::Suspended);
        ensure!(!is_revoked(&organisation), Error::<T>::CertificateRevoked);
        Ok(organisation)
    }

    /// Seconds since 1970; 0 before the first block.
    pub(crate) fn now_secs() -> UnixSecs {
        T::Clock::now().as_secs()
    }
}

/// Whether the organisation has a certificate, and it is revoked.
pub(crate) fn is_revoked(organisation: &Organisation) -> bool {
    organisation.certificate.as_ref().is_some_and(|certificate| certificate.revoked)
}

fn sits_in_council(organisation: &Organisation) -> bool {
    organisation.status == Status::Active
        && !is_revoked(organisation)
        && organisation.roles.intersects(Roles::COUNCIL)
}

impl<T: Config> Membership<AccountId> for Pallet<T> {
    fn ensure(who: &AccountId, any_of: Roles) -> Result<OrganisationId, DispatchError> {
        let organisation = Self::acting(who)?;
        ensure!(organisation.roles.intersects(any_of), Error::<T>::NotPermitted);
        Ok(organisation.id)
    }
}

//! What the calls and the readers need.

use crate::pallet::{Accepted, Config, Error, NextId, Pallet, Securities, SecurityOf};
use alloc::{collections::BTreeSet, vec::Vec};
use assay_primitives::{
    security::{Security, Tranches},
    traits::ScreenedPacks,
    AccountId, Minor, Name, PackId, SecurityId,
};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::SaturatedConversion, DispatchError};

impl<T: Config> Pallet<T> {
    pub(crate) fn issue_on(
        pack: PackId,
        exchange: AccountId,
        name: Name,
        tranches: Tranches,
    ) -> Result<(SecurityId, Security), DispatchError> {
        ensure!(!SecurityOf::<T>::contains_key(pack), Error::<T>::AlreadyIssued);
        let spv = Accepted::<T>::get(pack).ok_or(Error::<T>::PackNotAccepted)?;
        ensure!(!name.is_empty(), Error::<T>::NameEmpty);
        ensure!(core::str::from_utf8(&name).is_ok(), Error::<T>::NameNotUtf8);
        let principal_minor = Self::check_tranches(&tranches)?;
        let kept_minor = T::Packs::figures(pack)?.kept_minor;
        ensure!(principal_minor <= kept_minor, Error::<T>::TranchesExceedBalance);
        let figures = T::Packs::issue(pack)?;
        let issued_at = block_number::<T>();
        let security = Security { name, pack, spv, exchange, issued_at, tranches, figures };
        let id = NextId::<T>::get();
        NextId::<T>::put(id.saturating_add(1));
        Securities::<T>::insert(id, &security);
        SecurityOf::<T>::insert(pack, id);
        Ok((id, security))
    }

    /// Gives the tranches' principal together, in minor units.
    pub(crate) fn check_tranches(tranches: &Tranches) -> Result<Minor, Error<T>> {
        ensure!(!tranches.is_empty(), Error::<T>::TranchesEmpty);
        let mut names = BTreeSet::new();
        let mut total: Minor = 0;
        for tranche in tranches {
            ensure!(!tranche.name.is_empty(), Error::<T>::TrancheNameEmpty);
            ensure!(core::str::from_utf8(&tranche.name).is_ok(), Error::<T>::TrancheNameNotUtf8);
            ensure!(names.insert(&tranche.name), Error::<T>::TrancheTwice);
            ensure!(tranche.principal_minor > 0, Error::<T>::PrincipalZero);
            total = total
                .checked_add(tranche.principal_minor)
                .ok_or(Error::<T>::TranchesExceedBalance)?;
        }
        Ok(total)
    }

    /// All securities, by number.
    pub fn securities() -> Vec<(SecurityId, Security)> {
        let numbers = 0..NextId::<T>::get();
        numbers.filter_map(|id| Some((id, Securities::<T>::get(id)?))).collect()
    }

    /// The security of that number.
    pub fn security(id: SecurityId) -> Option<Security> {
        Securities::<T>::get(id)
    }
}

fn block_number<T: Config>() -> u32 {
    let number: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
    number.saturated_into()
}

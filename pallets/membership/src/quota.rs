//! Compute that a member may use in an hour.

use crate::{
    pallet::{Config, Error, Organisations, Pallet, Quota, Usages},
    DEFAULT_QUOTA_MILLIS,
};
use assay_primitives::{
    member::{Organisation, Usage},
    AccountId,
};
use frame_support::weights::Weight;

pub(crate) const SECS_PER_HOUR: u64 = 3_600;
const PICOS_PER_MICRO: u64 = 1_000_000;
const MICROS_PER_MILLI: u64 = 1_000;

/// Compute of a weight, rounded up.
pub(crate) fn micros(weight: Weight) -> u64 {
    weight.ref_time().div_ceil(PICOS_PER_MICRO)
}

impl<T: Config> Pallet<T> {
    /// What an account used of its quota in the hour of this block, and the quota in milliseconds
    /// of compute.
    pub fn usage(account: &AccountId) -> (Usage, u32) {
        let own = Organisations::<T>::get(account).and_then(|known| known.quota_millis);
        (Self::used(account), own.unwrap_or_else(Quota::<T>::get))
    }

    /// Whether the organisation may use so much more in this hour.
    pub(crate) fn is_within_quota(
        account: &AccountId,
        organisation: &Organisation,
        weight: Weight,
    ) -> bool {
        let millis = organisation.quota_millis.unwrap_or_else(Quota::<T>::get);
        let quota = u64::from(millis).saturating_mul(MICROS_PER_MILLI);
        Self::used(account).micros.saturating_add(micros(weight)) <= quota
    }

    /// Adds to what the account used in this hour.
    pub(crate) fn charge(account: &AccountId, weight: Weight) {
        let mut usage = Self::used(account);
        usage.micros = usage.micros.saturating_add(micros(weight));
        Usages::<T>::insert(account, usage);
    }

    /// Sets everybody's quota or an organisation's own.
    pub(crate) fn put_quota(
        account: Option<&AccountId>,
        millis: Option<u32>,
    ) -> Result<(), Error<T>> {
        let Some(account) = account else {
            Quota::<T>::put(millis.unwrap_or(DEFAULT_QUOTA_MILLIS));
            return Ok(());
        };
        // No change of the council: it needs no look at all organisations.
        Organisations::<T>::try_mutate(account, |known| {
            known.as_mut().ok_or(Error::<T>::NotFound)?.quota_millis = millis;
            Ok(())
        })
    }

    fn used(account: &AccountId) -> Usage {
        let hour = Self::hour();
        let usage = Usages::<T>::get(account);
        if usage.hour == hour {
            usage
        } else {
            Usage { hour, micros: 0 }
        }
    }

    /// Hours since 1970.
    pub(crate) fn hour() -> u32 {
        u32::try_from(Self::now_secs() / SECS_PER_HOUR).unwrap_or(u32::MAX)
    }
}

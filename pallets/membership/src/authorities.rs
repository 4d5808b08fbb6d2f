//! The authorities whose certificates are taken, and the serial numbers that are not.

use crate::{
    enrolment::check_time,
    pallet::{Authorities, Config, Error, NextAuthority, Organisations, Pallet, Revoked},
    MAX_AUTHORITIES, MAX_AUTHORITIES_OF_ONE_NAME,
};
use alloc::vec::Vec;
use assay_certificate::{authority_key, read_root};
use assay_primitives::{
    member::{Authority, Certificate, CertificateBytes, Organisation, Serial},
    AccountId, AuthorityId, Name, UnixSecs,
};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Checks and stores an authority, by the time if there is one; gives its number and name.
    pub(crate) fn take_authority(
        der: CertificateBytes,
        now_secs: Option<UnixSecs>,
    ) -> Result<(AuthorityId, Name), Error<T>> {
        let root = read_root(&der)?;
        if let Some(now_secs) = now_secs {
            check_time(root.not_before_secs, root.not_after_secs, now_secs)?;
        }
        let name: Name = root.name.try_into().map_err(|_| Error::<T>::NameTooLong)?;
        let mut of_that_name = 0u32;
        for known in Authorities::<T>::iter_values() {
            // Two authorities of one key would each let in whom the other revoked.
            let is_same = authority_key(&known.certificate).is_ok_and(|key| key == root.key);
            ensure!(!is_same, Error::<T>::AuthorityExists);
            of_that_name = of_that_name.saturating_add(u32::from(known.name == name));
        }
        ensure!(
            Authorities::<T>::count() < MAX_AUTHORITIES
                && of_that_name < MAX_AUTHORITIES_OF_ONE_NAME,
            Error::<T>::TooManyAuthorities
        );
        let id = NextAuthority::<T>::get();
        let authority = Authority {
            name: name.clone(),
            hash: root.hash,
            not_before_secs: root.not_before_secs,
            not_after_secs: root.not_after_secs,
            certificate: der,
        };
        Authorities::<T>::insert(id, authority);
        NextAuthority::<T>::put(id.saturating_add(1));
        Ok((id, name))
    }

    /// Removes an authority and revokes the certificates that its members have; gives its name and
    /// their number.
    pub(crate) fn drop_authority(id: AuthorityId) -> Result<(Name, u32), Error<T>> {
        let authority = Authorities::<T>::get(id).ok_or(Error::<T>::AuthorityNotFound)?;
        let members: Vec<_> = Self::with_certificate(|certificate| certificate.authority == id)
            .map(mark_revoked)
            .collect();
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Self::store_all(members)?;
        Authorities::<T>::remove(id);
        Revoked::<T>::remove(id);
        Ok((authority.name, count))
    }

    /// Puts a serial number on the authority's list, and revokes the certificate of the member that
    /// has it, whose account it gives.
    pub(crate) fn revoke_serial(
        authority: AuthorityId,
        serial: &Serial,
    ) -> Result<Option<AccountId>, Error<T>> {
        ensure!(Authorities::<T>::contains_key(authority), Error::<T>::AuthorityNotFound);
        ensure!(serial.first().is_some_and(|byte| *byte != 0), Error::<T>::SerialInvalid);
        let mut list = Revoked::<T>::get(authority);
        let Err(place) = list.binary_search_by(|(known, _)| known.cmp(serial)) else {
            return Err(Error::<T>::AlreadyRevoked);
        };
        list.try_insert(place, (serial.clone(), Self::now_secs()))
            .map_err(|_| Error::<T>::TooManyRevoked)?;
        let has_it = |certificate: &Certificate| {
            certificate.authority == authority && certificate.serial == *serial
        };
        let member = Self::with_certificate(has_it).next();
        let account = member.as_ref().map(|(account, _)| account.clone());
        Self::store_all(member.into_iter().map(mark_revoked).collect())?;
        Revoked::<T>::insert(authority, list);
        Ok(account)
    }

    fn with_certificate(
        is_wanted: impl Fn(&Certificate) -> bool,
    ) -> impl Iterator<Item = (AccountId, Organisation)> {
        Organisations::<T>::iter().filter(move |(_, organisation)| {
            organisation.certificate.as_ref().is_some_and(&is_wanted)
        })
    }

    /// Whether the authority's certificates may not have the serial number.
    pub(crate) fn is_serial_revoked(authority: AuthorityId, serial: &Serial) -> bool {
        Revoked::<T>::get(authority).binary_search_by(|(known, _)| known.cmp(serial)).is_ok()
    }

    /// The authorities whose certificates are taken, by number.
    pub fn authorities() -> Vec<(AuthorityId, Authority)> {
        let mut all: Vec<_> = Authorities::<T>::iter().collect();
        all.sort_by_key(|(id, _)| *id);
        all
    }

    /// The serial numbers that an authority's certificates may not have, with the time at which the
    /// council said so.
    pub fn revoked(authority: AuthorityId) -> Vec<(Serial, UnixSecs)> {
        Revoked::<T>::get(authority).into_inner()
    }
}

fn mark_revoked(
    (account, mut organisation): (AccountId, Organisation),
) -> (AccountId, Organisation) {
    if let Some(certificate) = &mut organisation.certificate {
        certificate.revoked = true;
    }
    (account, organisation)
}

//! From a certificate to an organisation.

use crate::{
    impls::{is_revoked, Newcomer},
    pallet::{Authorities, Config, Error, Event, Pallet},
};
use assay_certificate::{Fault, MemberCertificate, UnverifiedMember};
use assay_primitives::{
    member::{Authority, Certificate, Roles},
    AccountId, AuthorityId, Name, OrganisationId, UnixSecs,
};
use frame_support::ensure;

/// A member's certificate that one of the authorities signed.
pub(crate) struct Presented {
    pub account: AccountId,
    pub name: Name,
    pub roles: Roles,
    pub certificate: Certificate,
    pub authority: Authority,
}

impl<T: Config> Pallet<T> {
    /// Takes in the organisation of a certificate that holds.
    pub(crate) fn take_in_certified(der: &[u8]) -> Result<Event<T>, Error<T>> {
        let presented = Self::holding(der)?;
        let Presented { account, name, roles: asked, certificate, .. } = presented;
        let (roles, awaiting) = (asked.without(Roles::CONFIRMED), asked.and(Roles::CONFIRMED));
        let newcomer = Newcomer {
            account: account.clone(),
            name: name.clone(),
            roles,
            awaiting,
            certificate: Some(certificate),
        };
        let organisation = Self::take_in(newcomer)?;
        Ok(Event::Enrolled { organisation, account, name, roles, awaiting })
    }

    /// Gives an organisation a later certificate that holds, or its first. Confirmed roles that a
    /// revocation took away are back only when the council confirms them again.
    pub(crate) fn replace_certificate(by: &AccountId, der: &[u8]) -> Result<Event<T>, Error<T>> {
        let presented = Self::holding(der)?;
        let mut changed = Self::known(&presented.account)?;
        match &changed.certificate {
            Some(present) => Self::check_succession(present, &presented)?,
            // No authority speaks for it yet, and none may choose it against its will.
            None => ensure!(*by == presented.account, Error::<T>::NotItself),
        }
        let Presented { account, name, roles: asked, certificate, .. } = presented;
        Self::check_unused(&account, &name, Some(&certificate))?;
        let kept = if is_revoked(&changed) { Roles::NONE } else { changed.roles };
        let confirmed = kept.and(Roles::CONFIRMED).and(asked);
        let roles = asked.without(Roles::CONFIRMED).with(confirmed);
        let awaiting = asked.without(roles);
        changed.name = name.clone();
        changed.roles = roles;
        changed.awaiting = awaiting;
        changed.certificate = Some(certificate);
        let organisation = changed.id;
        Self::store(&account, changed)?;
        Ok(Event::Renewed { organisation, account, name, roles, awaiting })
    }

    /// Puts roles in force that await it; gives the organisation's number.
    pub(crate) fn confirm(account: &AccountId, roles: Roles) -> Result<OrganisationId, Error<T>> {
        ensure!(roles.is_valid(), Error::<T>::InvalidRoles);
        let mut changed = Self::known(account)?;
        ensure!(changed.awaiting.contains(roles), Error::<T>::RolesNotAwaiting);
        changed.awaiting = changed.awaiting.without(roles);
        changed.roles = changed.roles.with(roles);
        let id = changed.id;
        Self::store(account, changed)?;
        Ok(id)
    }

    /// Reads a member's certificate and finds the authority that signed it.
    pub(crate) fn presented(der: &[u8]) -> Result<Presented, Error<T>> {
        let unverified = UnverifiedMember::read(der)?;
        for (id, authority) in Authorities::<T>::iter() {
            match unverified.check_issuer(&authority.certificate) {
                Ok(()) => return Self::presented_by(id, authority, unverified.into_verified()),
                // Perhaps another authority's.
                Err(Fault::BadSignature) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Error::<T>::BadSignature)
    }

    fn presented_by(
        id: AuthorityId,
        authority: Authority,
        member: MemberCertificate,
    ) -> Result<Presented, Error<T>> {
        let roles = member.roles()?;
        let certificate = Certificate {
            authority: id,
            hash: member.hash,
            serial: member.serial.try_into().map_err(|_| Error::<T>::SerialInvalid)?,
            not_before_secs: member.not_before_secs,
            not_after_secs: member.not_after_secs,
            revoked: false,
            warned_days: None,
        };
        Ok(Presented {
            account: member.account.into(),
            name: member.name.try_into().map_err(|_| Error::<T>::NameTooLong)?,
            roles,
            certificate,
            authority,
        })
    }

    /// A member's certificate that holds now, as does its authority's, and that is not revoked.
    fn holding(der: &[u8]) -> Result<Presented, Error<T>> {
        let presented = Self::presented(der)?;
        let Presented { certificate, authority, .. } = &presented;
        let now = Self::now_secs();
        check_time(authority.not_before_secs, authority.not_after_secs, now)?;
        check_time(certificate.not_before_secs, certificate.not_after_secs, now)?;
        ensure!(
            !Self::is_serial_revoked(certificate.authority, &certificate.serial),
            Error::<T>::CertificateRevoked
        );
        Ok(presented)
    }

    /// Each bank may keep its own authority, and must not be able to take roles from the members of
    /// another by a certificate of its own: a certificate's successor is of the same authority, or
    /// of one that follows it under the same name, while the authority is there.
    fn check_succession(present: &Certificate, new: &Presented) -> Result<(), Error<T>> {
        let is_allowed = new.certificate.authority == present.authority
            || Authorities::<T>::get(present.authority)
                .is_none_or(|authority| authority.name == new.authority.name);
        ensure!(is_allowed, Error::<T>::OtherAuthority);
        ensure!(
            new.certificate.not_after_secs > present.not_after_secs,
            Error::<T>::CertificateNotLater
        );
        Ok(())
    }
}

/// Whether the time is between the two, both included.
pub(crate) fn check_time<T>(
    not_before_secs: UnixSecs,
    not_after_secs: UnixSecs,
    now_secs: UnixSecs,
) -> Result<(), Error<T>> {
    ensure!(not_before_secs <= now_secs, Error::<T>::CertificateNotYetValid);
    ensure!(now_secs <= not_after_secs, Error::<T>::CertificateExpired);
    Ok(())
}

//! What must always be true of the stored organisations.

use crate::{
    impls::is_revoked,
    pallet::{
        Authorities, Config, NextAuthority, NextId, Nodes, Organisations, Pallet, Revoked, Usages,
    },
    MAX_AUTHORITIES, MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS,
};
use alloc::collections::BTreeSet;
use assay_primitives::{
    member::{Certificate, Organisation, Roles},
    AccountId,
};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks what must always be true of the stored organisations, authorities and nodes; reads
    /// all of them.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        check_organisations::<T>()?;
        check_certificates::<T>()?;
        check_authorities::<T>()?;
        check_accounts::<T>()
    }
}

/// Organisations are within bounds, valid, and told apart by number and by name; where there are
/// any, some are the council, and each can sign.
fn check_organisations<T: Config>() -> Result<(), TryRuntimeError> {
    let mut numbers = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut stored = 0u32;
    for (account, organisation) in Organisations::<T>::iter() {
        stored = stored.saturating_add(1);
        check_organisation::<T>(&account, &organisation)?;
        ensure!(numbers.insert(organisation.id), "two organisations have one number");
        ensure!(names.insert(organisation.name), "two organisations have one name");
    }
    ensure!(stored == Organisations::<T>::count(), "organisations are miscounted");
    ensure!(stored <= MAX_ORGANISATIONS, "too many organisations");
    let council = u32::try_from(Pallet::<T>::council().len()).unwrap_or(u32::MAX);
    ensure!(council <= MAX_COUNCIL_MEMBERS, "too many members of the council");
    ensure!(stored == 0 || council > 0, "nobody is the council");
    Ok(())
}

fn check_organisation<T: Config>(
    account: &AccountId,
    organisation: &Organisation,
) -> Result<(), TryRuntimeError> {
    let Organisation { roles, awaiting, .. } = organisation;
    ensure!(roles.with(*awaiting).is_valid(), "organisation with invalid roles");
    ensure!(!roles.intersects(*awaiting), "role in force awaits confirmation");
    ensure!(Roles::CONFIRMED.contains(*awaiting), "role awaits confirmation without need");
    ensure!(!organisation.name.is_empty(), "organisation without a name");
    ensure!(core::str::from_utf8(&organisation.name).is_ok(), "name is not UTF-8");
    ensure!(organisation.id < NextId::<T>::get(), "number was never given");
    ensure!(
        frame_system::Pallet::<T>::providers(account) > 0,
        "account of an organisation has no provider"
    );
    Ok(())
}

/// No certificate is used twice, and those are revoked of which the council said so.
fn check_certificates<T: Config>() -> Result<(), TryRuntimeError> {
    let mut hashes = BTreeSet::new();
    let mut serials = BTreeSet::new();
    for organisation in Organisations::<T>::iter_values() {
        let Some(certificate) = &organisation.certificate else { continue };
        let Certificate { authority, serial, .. } = certificate;
        ensure!(*authority < NextAuthority::<T>::get(), "authority was never given");
        ensure!(
            certificate.not_before_secs <= certificate.not_after_secs,
            "certificate ends before it begins"
        );
        let must_be_revoked = !Authorities::<T>::contains_key(authority)
            || Pallet::<T>::is_serial_revoked(*authority, serial);
        ensure!(
            must_be_revoked == is_revoked(&organisation),
            "certificate is wrongly revoked or not"
        );
        ensure!(hashes.insert(certificate.hash), "two organisations have one certificate");
        ensure!(
            serials.insert((*authority, serial.clone())),
            "two organisations have one serial number"
        );
    }
    Ok(())
}

/// Authorities are within bounds, and only they have revoked serial numbers, in order.
fn check_authorities<T: Config>() -> Result<(), TryRuntimeError> {
    let mut hashes = BTreeSet::new();
    let mut stored = 0u32;
    for (id, authority) in Authorities::<T>::iter() {
        stored = stored.saturating_add(1);
        ensure!(id < NextAuthority::<T>::get(), "number of an authority was never given");
        ensure!(hashes.insert(authority.hash), "two authorities have one certificate");
        let hash = sp_io::hashing::blake2_256(&authority.certificate);
        ensure!(authority.hash.as_bytes() == hash, "hash of an authority is wrong");
    }
    ensure!(stored == Authorities::<T>::count(), "authorities are miscounted");
    ensure!(stored <= MAX_AUTHORITIES, "too many authorities");
    for (id, list) in Revoked::<T>::iter() {
        ensure!(Authorities::<T>::contains_key(id), "serial numbers of no authority");
        ensure!(
            list.is_sorted_by(|(first, _), (second, _)| first < second),
            "revoked serial numbers are out of order"
        );
    }
    Ok(())
}

/// Nodes and uses of the quota are those of organisations, and each node is of one.
fn check_accounts<T: Config>() -> Result<(), TryRuntimeError> {
    let mut keys = BTreeSet::new();
    for (account, nodes) in Nodes::<T>::iter() {
        ensure!(Organisations::<T>::contains_key(account), "nodes of no organisation");
        for key in nodes {
            ensure!(keys.insert(key), "node of two organisations");
        }
    }
    ensure!(
        Usages::<T>::iter_keys().all(Organisations::<T>::contains_key),
        "use of the quota by no organisation"
    );
    Ok(())
}

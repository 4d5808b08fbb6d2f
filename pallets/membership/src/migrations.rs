//! From one layout of the stored organisations to the next.

use crate::{
    pallet::{Config, Organisations, Pallet},
    weights,
};
use assay_primitives::{
    member::{Organisation, Roles, Status},
    Name, OrganisationId,
};
use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{
    migrations::VersionedMigration, traits::UncheckedOnRuntimeUpgrade, weights::Weight,
};

/// From organisations without certificates to those with: everything that an organisation had
/// stays, and it takes part without a certificate until it renews.
pub type MigrateV0ToV1<T> =
    VersionedMigration<0, 1, UncheckedV0ToV1<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// An organisation in version 0.
#[derive(Encode, Decode)]
pub(crate) struct OrganisationV0 {
    pub id: OrganisationId,
    pub name: Name,
    pub roles: Roles,
    pub status: Status,
}

/// The change itself; [`MigrateV0ToV1`] makes it once.
pub struct UncheckedV0ToV1<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for UncheckedV0ToV1<T> {
    fn on_runtime_upgrade() -> Weight {
        Organisations::<T>::translate_values::<OrganisationV0, _>(|old| {
            Some(Organisation {
                id: old.id,
                name: old.name,
                roles: old.roles,
                awaiting: Roles::NONE,
                status: old.status,
                certificate: None,
                quota_millis: None,
            })
        });
        weights::migrate(Organisations::<T>::count())
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
        Ok(Organisations::<T>::count().encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(before: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
        let before = u32::decode(&mut before.as_slice()).map_err(|_| "count is lost")?;
        let readable = Organisations::<T>::iter().count();
        frame_support::ensure!(u32::try_from(readable) == Ok(before), "organisations are lost");
        Pallet::<T>::check_state()
    }
}

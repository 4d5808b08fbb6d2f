use super::mock::*;
use crate::{
    migrations::{MigrateV0ToV1, OrganisationV0},
    pallet::Organisations as Stored,
};
use assay_primitives::member::{Organisation, Roles, Status};
use codec::Encode;
use frame_support::{
    storage::unhashed,
    traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
};

/// Writes an organisation as version 0 did.
fn write_v0(id: u8, old: &OrganisationV0) {
    unhashed::put_raw(&Stored::<Test>::hashed_key_for(account(id)), &old.encode());
}

#[test]
fn should_keep_what_organisations_had_when_they_get_certificates() {
    run(|| {
        StorageVersion::new(0).put::<Organisations>();
        let [first, second] = [
            (0, "Council", Roles::COUNCIL.with(Roles::SPV), Status::Active),
            (1, "Bureau", Roles::BUREAU, Status::Suspended),
        ]
        .map(|(id, text, roles, status)| OrganisationV0 {
            id,
            name: name(text),
            roles,
            status,
        });
        write_v0(1, &first);
        write_v0(2, &second);
        assert!(MigrateV0ToV1::<Test>::on_runtime_upgrade().ref_time() > 0);
        assert_eq!(Organisations::on_chain_storage_version(), 1);
        for (id, old) in [(1, first), (2, second)] {
            let expected = Organisation {
                id: old.id,
                name: old.name,
                roles: old.roles,
                awaiting: Roles::NONE,
                status: old.status,
                certificate: None,
                quota_millis: None,
            };
            assert_eq!(organisation(id), expected);
        }
    });
}

#[test]
fn should_change_nothing_when_it_was_done_before() {
    run(|| {
        assert_eq!(Organisations::on_chain_storage_version(), 1);
        let before = Organisations::organisations();
        MigrateV0ToV1::<Test>::on_runtime_upgrade();
        assert_eq!(Organisations::organisations(), before);
    });
}

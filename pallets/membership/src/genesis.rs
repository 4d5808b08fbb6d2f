//! What a chain begins with. A chain whose members are wrong must not begin: everything here that
//! cannot be done stops it.

use crate::{
    impls::Newcomer,
    pallet::{Config, GenesisConfig, Pallet, Quota},
};
use assay_primitives::{
    member::{CertificateBytes, NodeKeys, Roles},
    Name,
};

impl<T: Config> GenesisConfig<T> {
    pub(crate) fn begin(&self) {
        // There is no time yet: whether certificates hold is judged with each transaction.
        for (number, der) in self.authorities.iter().enumerate() {
            let taken = CertificateBytes::try_from(der.clone())
                .map_err(|_| "certificate too large")
                .and_then(|der| Pallet::<T>::take_authority(der, None).map_err(Into::into));
            assert!(taken.is_ok(), "authority {number} of the genesis: {taken:?}");
        }
        for (number, der) in self.members.iter().enumerate() {
            let enrolled = Pallet::<T>::presented(der).and_then(|presented| {
                Pallet::<T>::take_in(Newcomer {
                    account: presented.account,
                    name: presented.name,
                    roles: presented.roles,
                    awaiting: Roles::NONE,
                    certificate: Some(presented.certificate),
                })
            });
            assert!(enrolled.is_ok(), "member {number} of the genesis: {enrolled:?}");
        }
        for (account, name, roles) in &self.organisations {
            let enrolled = Name::try_from(name.clone().into_bytes())
                .map_err(|_| "name too long")
                .and_then(|name| {
                    let newcomer = Newcomer {
                        account: account.clone(),
                        name,
                        roles: *roles,
                        awaiting: Roles::NONE,
                        certificate: None,
                    };
                    Pallet::<T>::take_in(newcomer).map_err(Into::into)
                });
            assert!(enrolled.is_ok(), "organisation {name} of the genesis: {enrolled:?}");
        }
        self.begin_nodes();
        if self.quota_millis > 0 {
            Quota::<T>::put(self.quota_millis);
        }
        let is_governed = (self.organisations.is_empty() && self.members.is_empty())
            || !Pallet::<T>::council().is_empty();
        assert!(is_governed, "no organisation of the genesis is of the council");
    }

    fn begin_nodes(&self) {
        for (account, nodes) in &self.nodes {
            let stored = Pallet::<T>::known(account).map_err(Into::into).and_then(|_| {
                let nodes = NodeKeys::try_from(nodes.clone()).map_err(|_| "too many nodes")?;
                Pallet::<T>::put_nodes(account, nodes).map_err(Into::into)
            });
            let stored: Result<u32, &'static str> = stored;
            assert!(stored.is_ok(), "nodes of {account:?} of the genesis: {stored:?}");
        }
    }
}

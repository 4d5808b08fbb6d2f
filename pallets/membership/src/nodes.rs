//! The nodes of organisations.

use crate::{
    impls::is_revoked,
    pallet::{Config, Error, Nodes, Pallet},
};
use alloc::{collections::BTreeSet, vec::Vec};
use assay_primitives::{
    member::{NodeKey, NodeKeys, Status},
    AccountId,
};
use frame_support::ensure;

impl<T: Config> Pallet<T> {
    /// Stores an organisation's nodes, of which no other may have one; gives their number.
    pub(crate) fn put_nodes(account: &AccountId, nodes: NodeKeys) -> Result<u32, Error<T>> {
        let named: BTreeSet<&NodeKey> = nodes.iter().collect();
        ensure!(named.len() == nodes.len(), Error::<T>::NodeTwice);
        let is_taken = Nodes::<T>::iter()
            .any(|(other, taken)| other != *account && taken.iter().any(|key| named.contains(key)));
        ensure!(!is_taken, Error::<T>::NodeTaken);
        let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        if nodes.is_empty() {
            Nodes::<T>::remove(account);
        } else {
            Nodes::<T>::insert(account, nodes);
        }
        Ok(count)
    }

    /// The nodes of an organisation.
    pub fn nodes(account: &AccountId) -> NodeKeys {
        Nodes::<T>::get(account)
    }

    /// The nodes of all organisations that are active and not revoked, whether or not their
    /// certificates have ended: by number of the organisation, each one's in its own order.
    pub fn node_keys() -> Vec<NodeKey> {
        Self::organisations()
            .into_iter()
            .filter(|(_, organisation)| {
                organisation.status == Status::Active && !is_revoked(organisation)
            })
            .flat_map(|(account, _)| Nodes::<T>::get(account))
            .collect()
    }
}

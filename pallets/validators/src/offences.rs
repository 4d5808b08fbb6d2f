//! What was proved against validators: told to the council, and punished by nobody but it.

use crate::pallet::{Config, Event, Known, Pallet};
use alloc::vec::Vec;
use assay_primitives::{AccountId, Name, H256};
use sp_runtime::traits::{BlakeTwo256, Hash};
use sp_staking::offence::{Kind, Offence, OffenceError, ReportOffence};

impl<T: Config> Pallet<T> {
    /// Whether it was told already, or so much of the same validator that no more is.
    fn is_known(offender: &AccountId, offence: H256) -> bool {
        let known = Known::<T>::get(offender);
        known.is_full() || known.iter().any(|(hash, _)| *hash == offence)
    }
}

/// The kind as people read it: the protocol, which stands before the colon.
fn name_of(kind: &Kind) -> Name {
    Name::truncate_from(kind.iter().copied().take_while(|byte| *byte != b':').collect())
}

fn hash_of<Slot: codec::Encode>(kind: &Kind, slot: &Slot) -> H256 {
    BlakeTwo256::hash_of(&(kind, slot))
}

impl<T, Reporter, O> ReportOffence<Reporter, (AccountId, ()), O> for Pallet<T>
where
    T: Config,
    O: Offence<(AccountId, ())>,
{
    fn report_offence(_: Vec<Reporter>, offence: O) -> Result<(), OffenceError> {
        let hash = hash_of(&O::ID, &offence.slot());
        let session = offence.session_index();
        let mut is_news = false;
        for (validator, ()) in offence.offenders() {
            if Self::is_known(&validator, hash) {
                continue;
            }
            let added = Known::<T>::try_mutate(&validator, |known| known.try_push((hash, session)));
            if added.is_ok() {
                is_news = true;
                let kind = name_of(&O::ID);
                Self::deposit_event(Event::Equivocated { validator, kind, session });
            }
        }
        if is_news {
            Ok(())
        } else {
            Err(OffenceError::DuplicateReport)
        }
    }

    fn is_known_offence(offenders: &[(AccountId, ())], slot: &O::Slot) -> bool {
        let hash = hash_of(&O::ID, slot);
        offenders.iter().all(|(offender, ())| Self::is_known(offender, hash))
    }
}

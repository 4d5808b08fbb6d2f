//! Sessions: when one ends, and what `pallet_session` asks of the next.

use crate::{
    pallet::{
        Accounts, Authored, Chosen, Config, Event, Known, Minimum, Pallet, Planned, SessionBlocks,
        SessionSlot, SessionStart,
    },
    weights, Sessions, KEPT_SESSIONS, MAX_VALIDATORS,
};
use alloc::vec::Vec;
use assay_primitives::{AccountId, H256};
use codec::Encode;
use frame_support::{
    traits::{ConstU32, EstimateNextSessionRotation, Get},
    weights::Weight,
    BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_session::{historical, SessionManager, ShouldEndSession};
use sp_runtime::{
    traits::{BlakeTwo256, Convert, Hash},
    Permill, SaturatedConversion,
};
use sp_staking::SessionIndex;

type Identified = (AccountId, ());

/// Identifies validators of past sessions by their accounts alone.
pub struct NothingMore;

impl Convert<AccountId, Option<()>> for NothingMore {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl<T> Sessions for pallet_session::Pallet<T>
where
    T: pallet_session::Config<ValidatorId = AccountId> + historical::Config,
{
    fn index() -> SessionIndex {
        Self::current_index()
    }

    fn active() -> Vec<AccountId> {
        Self::validators()
    }

    fn keys(who: &AccountId) -> Option<Vec<u8>> {
        Self::load_keys(who).map(|keys| keys.encode())
    }

    fn rotate() {
        Self::rotate_session();
    }

    fn forget_before(session: SessionIndex) {
        historical::Pallet::<T>::prune_up_to(session);
    }
}

/// Ends no session. `pallet_session` would take a whole block's weight for it, in which no
/// transaction has room; [`Pallet`] ends sessions in a hook of its own, for what it costs.
pub struct EndedByValidators;

impl<BlockNumber> ShouldEndSession<BlockNumber> for EndedByValidators {
    fn should_end_session(_: BlockNumber) -> bool {
        false
    }
}

impl<T: Config> Pallet<T> {
    /// Ends the session if it is over; gives the weight of that, and of counting the author's block.
    pub(crate) fn end_session_if_over() -> Weight {
        let passed = Self::block_number().saturating_sub(SessionStart::<T>::get());
        if passed < SessionBlocks::<T>::get() {
            return weights::block();
        }
        let validators = Chosen::<T>::decode_len().unwrap_or(0);
        T::Sessions::rotate();
        weights::session(u64::try_from(validators).unwrap_or(u64::MAX))
    }

    /// Plans a session. None where neither validators nor keys differ from those of the session
    /// planned before: each set handed out is a change of authorities, which GRANDPA has to prove.
    /// None as well while too few are chosen, as on a chain that had no sessions before an upgrade:
    /// its authorities stay.
    fn plan(session: SessionIndex) -> Option<Vec<AccountId>> {
        let chosen = Chosen::<T>::get();
        let planned: BoundedVec<(AccountId, H256), ConstU32<MAX_VALIDATORS>> =
            BoundedVec::truncate_from(
                chosen
                    .iter()
                    .filter_map(|account| Some((account.clone(), T::Sessions::keys(account)?)))
                    .map(|(account, keys)| (account, BlakeTwo256::hash(&keys)))
                    .collect(),
            );
        Self::ensure_enough(planned.len(), Minimum::<T>::get()).ok()?;
        let before = Planned::<T>::get();
        if planned == before {
            return None;
        }
        let validators = accounts(&planned);
        if validators != accounts(&before) {
            let validators = validators.clone();
            Self::deposit_event(Event::SetChanged { session, validators });
        }
        Planned::<T>::put(planned);
        Some(validators)
    }

    fn begin_session(session: SessionIndex) {
        let block = Self::block_number();
        SessionStart::<T>::put(block);
        Authored::<T>::kill();
        // The genesis has no slot of its own: the first block tells where the slots begin.
        SessionSlot::<T>::set((block > 0).then(T::Slot::get));
        let oldest = session.saturating_sub(KEPT_SESSIONS);
        if oldest > 0 {
            T::Sessions::forget_before(oldest);
            Self::forget_offences_before(oldest);
        }
    }

    /// Tells who made no block, unless it may have had no slot: they go round.
    fn tell_offline(session: SessionIndex) {
        let active = T::Sessions::active();
        let slots = SessionSlot::<T>::get().map_or(0, |first| T::Slot::get().saturating_sub(first));
        let turns = u64::try_from(active.len()).unwrap_or(u64::MAX);
        if slots < turns {
            return;
        }
        let authored = Authored::<T>::get();
        for validator in active.into_iter().filter(|account| !authored.contains_key(account)) {
            Self::deposit_event(Event::Offline { validator, session });
        }
    }

    fn forget_offences_before(oldest: SessionIndex) {
        let known: Vec<_> = Known::<T>::iter().collect();
        for (account, mut offences) in known {
            offences.retain(|(_, session)| *session >= oldest);
            if offences.is_empty() {
                Known::<T>::remove(account);
            } else {
                Known::<T>::insert(account, offences);
            }
        }
    }
}

fn accounts(planned: &[(AccountId, H256)]) -> Vec<AccountId> {
    planned.iter().map(|(account, _)| account.clone()).collect()
}

impl<T: Config> SessionManager<AccountId> for Pallet<T> {
    fn new_session(session: SessionIndex) -> Option<Vec<AccountId>> {
        Self::plan(session)
    }

    fn new_session_genesis(session: SessionIndex) -> Option<Vec<AccountId>> {
        let planned = Self::plan(session);
        let chosen: Accounts = Chosen::<T>::get();
        // A chain whose validators cannot make blocks must not begin.
        assert!(
            chosen.len() == Planned::<T>::get().len(),
            "a validator of the genesis has no session keys"
        );
        planned
    }

    fn start_session(session: SessionIndex) {
        Self::begin_session(session);
    }

    fn end_session(session: SessionIndex) {
        Self::tell_offline(session);
    }
}

impl<T: Config> historical::SessionManager<AccountId, ()> for Pallet<T> {
    fn new_session(session: SessionIndex) -> Option<Vec<Identified>> {
        let validators = <Self as SessionManager<AccountId>>::new_session(session)?;
        Some(validators.into_iter().map(|account| (account, ())).collect())
    }

    fn new_session_genesis(session: SessionIndex) -> Option<Vec<Identified>> {
        let validators = <Self as SessionManager<AccountId>>::new_session_genesis(session)?;
        Some(validators.into_iter().map(|account| (account, ())).collect())
    }

    fn start_session(session: SessionIndex) {
        <Self as SessionManager<AccountId>>::start_session(session);
    }

    fn end_session(session: SessionIndex) {
        <Self as SessionManager<AccountId>>::end_session(session);
    }
}

impl<T: Config> EstimateNextSessionRotation<BlockNumberFor<T>> for Pallet<T> {
    fn average_session_length() -> BlockNumberFor<T> {
        SessionBlocks::<T>::get().into()
    }

    fn estimate_current_session_progress(now: BlockNumberFor<T>) -> (Option<Permill>, Weight) {
        let passed = now.saturated_into::<u32>().saturating_sub(SessionStart::<T>::get());
        let progress = Permill::from_rational(passed.saturating_add(1), SessionBlocks::<T>::get());
        (Some(progress), T::DbWeight::get().reads(2))
    }

    fn estimate_next_session_rotation(_: BlockNumberFor<T>) -> (Option<BlockNumberFor<T>>, Weight) {
        (Some(Self::next_session_block().into()), T::DbWeight::get().reads(2))
    }
}

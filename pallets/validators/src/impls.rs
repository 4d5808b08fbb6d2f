//! What the calls, the genesis and the readers need.

use crate::{
    pallet::{
        Authored, Chosen, Config, Error, Minimum, Pallet, SessionBlocks, SessionSlot, SessionStart,
    },
    Sessions, MAX_SESSION_BLOCKS, MIN_SESSION_BLOCKS,
};
use assay_primitives::{
    member::Roles,
    traits::Membership,
    validator::{ValidatorView, ValidatorsView},
    AccountId, BlockNumber,
};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::SaturatedConversion;

impl<T: Config> Pallet<T> {
    /// Stores what a chain begins with. Without validators, as in tests of other things, nothing
    /// has to be enough.
    pub(crate) fn begin_with(
        validators: &[AccountId],
        minimum: u32,
        session_blocks: BlockNumber,
    ) -> Result<(), Error<T>> {
        for account in validators {
            Self::ensure_role(account)?;
            Self::choose(account.clone())?;
        }
        if !validators.is_empty() {
            Self::ensure_enough(validators.len(), minimum)?;
        }
        Minimum::<T>::put(minimum);
        Self::put_session_blocks(session_blocks)
    }

    pub(crate) fn ensure_role(account: &AccountId) -> Result<(), Error<T>> {
        let member = T::Members::ensure(account, Roles::VALIDATOR);
        member.map(|_| ()).map_err(|_| Error::<T>::NotPermitted)
    }

    pub(crate) fn choose(account: AccountId) -> Result<(), Error<T>> {
        Chosen::<T>::try_mutate(|chosen| {
            ensure!(!chosen.contains(&account), Error::<T>::AlreadyExists);
            chosen.try_push(account).map_err(|_| Error::<T>::TooManyValidators)
        })
    }

    /// A chain needs the minimum, and one validator at the least.
    pub(crate) fn ensure_enough(validators: usize, minimum: u32) -> Result<(), Error<T>> {
        let validators = u32::try_from(validators).unwrap_or(u32::MAX);
        ensure!(validators >= minimum.max(1), Error::<T>::TooFewValidators);
        Ok(())
    }

    pub(crate) fn put_session_blocks(blocks: BlockNumber) -> Result<(), Error<T>> {
        let allowed = MIN_SESSION_BLOCKS..=MAX_SESSION_BLOCKS;
        ensure!(allowed.contains(&blocks), Error::<T>::SessionBlocksInvalid);
        SessionBlocks::<T>::put(blocks);
        Ok(())
    }

    pub(crate) fn block_number() -> BlockNumber {
        let number: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
        number.saturated_into()
    }

    /// Counts a block for its author; called once in each block, before the sessions' turn.
    pub fn note_author(author: &AccountId) {
        if SessionSlot::<T>::get().is_none() {
            SessionSlot::<T>::put(T::Slot::get().saturating_sub(1));
        }
        Authored::<T>::mutate(|authored| {
            let blocks = authored.get(author).copied().unwrap_or(0).saturating_add(1);
            // It fits: authors are validators of this session.
            let _ = authored.try_insert(author.clone(), blocks);
        });
    }

    /// The block at whose beginning the next session begins.
    pub(crate) fn next_session_block() -> BlockNumber {
        let planned = SessionStart::<T>::get().saturating_add(SessionBlocks::<T>::get());
        planned.max(Self::block_number().saturating_add(1))
    }

    /// The validators and their session: those of this session first, in their order, then those
    /// that are only chosen.
    pub fn view() -> ValidatorsView {
        let active = T::Sessions::active();
        let chosen = Chosen::<T>::get();
        let authored = Authored::<T>::get();
        let newcomers = chosen.iter().filter(|account| !active.contains(account));
        let validators = active.iter().chain(newcomers).map(|account| ValidatorView {
            account: account.clone(),
            active: active.contains(account),
            chosen: chosen.contains(account),
            keys: T::Sessions::keys(account),
            blocks: authored.get(account).copied().unwrap_or(0),
        });
        ValidatorsView {
            validators: validators.collect(),
            minimum: Minimum::<T>::get(),
            session: T::Sessions::index(),
            session_blocks: SessionBlocks::<T>::get(),
            next_session_block: Self::next_session_block(),
        }
    }
}

//! # Validators
//!
//! Who produces blocks: the council chooses the validators, and this pallet hands them to the
//! sessions of `pallet_session`, ends a session when it has lasted long enough, and tells the
//! council who did not do its part.
//!
//! | call | who | does |
//! |---|---|---|
//! | `add` | council | lets an organisation make blocks |
//! | `remove` | council | ends that |
//! | `set_session_blocks` | council | sets the length of sessions |
//!
//! A choice is in force two sessions later: the next session's validators are known already when it
//! is made. At a session's end a validator that made no block is told as `Offline`, unless the
//! session was so short that it had no turn; whoever voted for two blocks at once as
//! `Equivocated`. Nobody is slashed or disabled: the council decides.
//!
//! Assumptions: a validator's keys are registered with the sessions before it is added, and are
//! replaced but never taken away; [`Pallet::note_author`] hears of each block before the sessions do.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

extern crate alloc;

mod impls;
mod no_currency;
mod offences;
mod sessions;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use no_currency::NoCurrency;
pub use pallet::*;
pub use sessions::{EndedByValidators, NothingMore};
pub use types::{
    Sessions, DEFAULT_SESSION_BLOCKS, KEPT_SESSIONS, MAX_KNOWN_OFFENCES, MAX_SESSION_BLOCKS,
    MAX_VALIDATORS, MIN_SESSION_BLOCKS,
};

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{weights, Sessions, DEFAULT_SESSION_BLOCKS, MAX_KNOWN_OFFENCES, MAX_VALIDATORS};
    use alloc::vec::Vec;
    use assay_primitives::{
        traits::Membership, validator::MIN_CONSORTIUM_VALIDATORS, AccountId, BlockNumber, Name,
        H256,
    };
    use frame_support::{pallet_prelude::*, BoundedBTreeMap};
    use frame_system::pallet_prelude::*;
    use sp_staking::SessionIndex;

    /// Accounts of validators.
    pub type Accounts = BoundedVec<AccountId, ConstU32<MAX_VALIDATORS>>;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// The council's decision.
        type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Who may be a validator.
        type Members: Membership<AccountId>;
        /// The sessions.
        type Sessions: Sessions;
        /// The slot of this block.
        type Slot: Get<u64>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The validators as the council wants them, in the order of their choice.
    #[pallet::storage]
    pub type Chosen<T> = StorageValue<_, Accounts, ValueQuery>;

    /// The validators of the session that was planned last, each with the hash of its keys.
    #[pallet::storage]
    pub type Planned<T> =
        StorageValue<_, BoundedVec<(AccountId, H256), ConstU32<MAX_VALIDATORS>>, ValueQuery>;

    /// Fewest validators that the council may leave.
    #[pallet::storage]
    pub type Minimum<T> = StorageValue<_, u32, ValueQuery, ConstU32<MIN_CONSORTIUM_VALIDATORS>>;

    /// Blocks of a session.
    #[pallet::storage]
    pub type SessionBlocks<T> =
        StorageValue<_, BlockNumber, ValueQuery, ConstU32<DEFAULT_SESSION_BLOCKS>>;

    /// The block at whose beginning this session began.
    #[pallet::storage]
    pub type SessionStart<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// The slot after which those of this session come; none before the first block.
    #[pallet::storage]
    pub type SessionSlot<T> = StorageValue<_, u64>;

    /// Blocks that each validator made in this session.
    #[pallet::storage]
    pub type Authored<T> =
        StorageValue<_, BoundedBTreeMap<AccountId, u32, ConstU32<MAX_VALIDATORS>>, ValueQuery>;

    /// Equivocations that were told, by their hash, with the session that they happened in; of
    /// accounts that were validators in the last [`crate::KEPT_SESSIONS`].
    #[pallet::storage]
    pub type Known<T> = StorageMap<
        _,
        Blake2_128Concat,
        AccountId,
        BoundedVec<(H256, SessionIndex), ConstU32<MAX_KNOWN_OFFENCES>>,
        ValueQuery,
    >;

    /// The validators that a chain begins with.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Organisations with the role `VALIDATOR`.
        pub validators: Vec<T::AccountId>,
        /// Fewest validators that the council may leave.
        pub minimum: u32,
        /// Blocks of a session.
        pub session_blocks: BlockNumber,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            GenesisConfig {
                validators: Vec::new(),
                minimum: MIN_CONSORTIUM_VALIDATORS,
                session_blocks: DEFAULT_SESSION_BLOCKS,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let set = Pallet::<T>::begin_with(&self.validators, self.minimum, self.session_blocks);
            // A chain whose validators are wrong must not begin.
            assert!(set.is_ok(), "validators of the genesis: {set:?}");
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The council wants that validator.
        Added { validator: T::AccountId },
        /// The council does not want that validator any more.
        Removed { validator: T::AccountId },
        /// Sessions have another length, this one already.
        SessionBlocksSet { before: BlockNumber, blocks: BlockNumber },
        /// From that session on the validators are these.
        SetChanged { session: SessionIndex, validators: Vec<T::AccountId> },
        /// A validator made no block in the session that ends.
        Offline { validator: T::AccountId, session: SessionIndex },
        /// A validator signed two things of which it may sign only one; `kind` says in what.
        Equivocated { validator: T::AccountId, kind: Name, session: SessionIndex },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The account is a validator already.
        AlreadyExists,
        /// The account is not a validator.
        NotFound,
        /// The account is of no active organisation with the role validator.
        NotPermitted,
        /// The account has registered no session keys.
        KeysMissing,
        /// Fewer validators would be left than the chain needs.
        TooFewValidators,
        /// There are as many validators as there may be.
        TooManyValidators,
        /// A session has at least 5 and at most 28,800 blocks.
        SessionBlocksInvalid,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Lets an organisation make blocks, from the session after the next on.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::add())]
        pub fn add(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            Self::ensure_role(&account)?;
            ensure!(T::Sessions::keys(&account).is_some(), Error::<T>::KeysMissing);
            Self::choose(account.clone())?;
            Self::deposit_event(Event::Added { validator: account });
            Ok(())
        }

        /// Lets an organisation make no more blocks, from the session after the next on.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::remove())]
        pub fn remove(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            Chosen::<T>::try_mutate(|chosen| -> Result<(), Error<T>> {
                let before = chosen.len();
                chosen.retain(|known| *known != account);
                ensure!(chosen.len() < before, Error::<T>::NotFound);
                Self::ensure_enough(chosen.len(), Minimum::<T>::get())
            })?;
            Self::deposit_event(Event::Removed { validator: account });
            Ok(())
        }

        /// Sets the length of sessions, of the one under way as well.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::set_session_blocks())]
        pub fn set_session_blocks(origin: OriginFor<T>, blocks: BlockNumber) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let before = SessionBlocks::<T>::get();
            Self::put_session_blocks(blocks)?;
            Self::deposit_event(Event::SessionBlocksSet { before, blocks });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::end_session_if_over()
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }
}

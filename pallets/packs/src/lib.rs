//! # Packs
//!
//! Loan tapes in pages, their assessment by a scoring contract, and their screening to a target bad
//! rate (rules, sections 4 to 6).
//!
//! | call | who | does |
//! |---|---|---|
//! | `open` | originator | begins a pack and states its terms |
//! | `add_page` | the pack's originator | adds up to 512 loans, in ascending order of subject |
//! | `seal` | the pack's originator | fixes the tape: count and total must be as stated |
//! | `assess` | risk controller | begins to score the pack with an active contract |
//! | `screen` | risk controller | begins to remove the riskiest loans until a target is met |
//!
//! Assessments and screenings are jobs: each block works through pages within a reserved share of
//! its weight, the jobs of several packs in turn, a page at a time. Where a job stands is state, so
//! a node that stops goes on where the chain is.
//!
//! Assumptions: a page holds its loans in ascending order of subject, so that an assessment reads
//! each bucket of the registry once; screening works on the histogram by score and on passes over
//! the pages, and never sorts.

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

mod assessing;
pub mod bitmap;
mod impls;
mod jobs;
mod obligors;
mod screening;
#[cfg(test)]
mod tests;
mod try_state;
mod views;
pub mod weights;

pub use pallet::*;

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{jobs, screening::ScreeningJob, weights};
    use assay_primitives::{
        member::Roles,
        pack::{Assessment, Bitmap, Pack, PackFigures, PackStatus, PackTerms, Page, PageScores},
        traits::{CreditProfiles, Membership, ScoringContracts},
        AccountId, ContractId, Minor, PackId, PolicyId, SchemaId,
    };
    use assay_risk::screening::Request;
    use frame_support::{
        pallet_prelude::*,
        traits::UnixTime,
        weights::{Weight, WeightMeter},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::Perbill;

    /// Most jobs at once: each costs some kilobytes of state to take up and to lay down in every
    /// block.
    pub const MAX_JOBS: u32 = 16;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// Who may act.
        type Members: Membership<AccountId>;
        /// Merged profiles of obligors.
        type Profiles: CreditProfiles;
        /// Scoring contracts.
        type Contracts: ScoringContracts;
        /// The block's time.
        type Clock: UnixTime;
        /// Share of a block that jobs may take.
        #[pallet::constant]
        type JobShare: Get<Perbill>;
    }

    // Pages, scores and jobs are bounded by the checks of the calls, not by types: a bound in a
    // type would refuse a page as undecodable, without saying why.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// Packs without their pages.
    #[pallet::storage]
    pub type Packs<T> = StorageMap<_, Twox64Concat, PackId, Pack>;

    /// Number of the next pack.
    #[pallet::storage]
    pub type NextPack<T> = StorageValue<_, PackId, ValueQuery>;

    /// The loans of each pack, by page.
    #[pallet::storage]
    pub type Pages<T> = StorageDoubleMap<_, Twox64Concat, PackId, Twox64Concat, u32, Page>;

    /// Every assessment of a pack, by number; its histogram is all that is kept of older ones.
    #[pallet::storage]
    pub type Assessments<T> =
        StorageDoubleMap<_, Twox64Concat, PackId, Twox64Concat, u32, Assessment>;

    /// Scores by pack and assessment, and by page; only those of the last two assessments.
    #[pallet::storage]
    pub type Scores<T> =
        StorageDoubleMap<_, Twox64Concat, (PackId, u32), Twox64Concat, u32, PageScores>;

    /// Which loans of a page an assessment, by pack and number, found no profile for; pages without
    /// such loans are left out. Kept for every assessment: it is an inquiry for those it scored.
    #[pallet::storage]
    pub type Unscored<T> =
        StorageDoubleMap<_, Twox64Concat, (PackId, u32), Twox64Concat, u32, Bitmap, ValueQuery>;

    /// The screening of each pack that is under way.
    #[pallet::storage]
    pub type RunningScreenings<T> = StorageMap<_, Twox64Concat, PackId, ScreeningJob>;

    /// The finished screening of each pack; a new one takes its place when it is finished, too.
    #[pallet::storage]
    pub type Screenings<T> = StorageMap<_, Twox64Concat, PackId, ScreeningJob>;

    /// Which loans of a page the screening removed.
    #[pallet::storage]
    pub type Removals<T> =
        StorageDoubleMap<_, Twox64Concat, PackId, Twox64Concat, u32, Bitmap, ValueQuery>;

    /// Packs with a job under way, the next one's turn first.
    #[pallet::storage]
    pub type Jobs<T> = StorageValue<_, BoundedVec<PackId, ConstU32<MAX_JOBS>>, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An originator began a pack.
        Opened { pack: PackId, originator: T::AccountId, terms: PackTerms },
        /// A page was added.
        PageAdded { pack: PackId, page: u32, loans: u32 },
        /// The tape is complete.
        Sealed { pack: PackId, loans: u32, principal_minor: Minor },
        /// An assessment began.
        AssessmentStarted {
            pack: PackId,
            assessment: u32,
            by: T::AccountId,
            contract: ContractId,
            contract_version: u32,
            schema: SchemaId,
            policy: PolicyId,
            policy_version: u32,
        },
        /// An assessment has scored every loan that can be scored.
        AssessmentFinished {
            pack: PackId,
            assessment: u32,
            contract: ContractId,
            contract_version: u32,
            schema: SchemaId,
            policy: PolicyId,
            policy_version: u32,
            scored: u32,
            unscored: u32,
            propagated: u32,
        },
        /// A screening began.
        ScreeningStarted { pack: PackId, target_ppb: u64 },
        /// A screening has marked every loan that leaves.
        ScreeningFinished { pack: PackId, figures: PackFigures },
        /// A job could not be taken up, since what it began with can't be read any more; the pack is
        /// as it was before.
        JobAbandoned { pack: PackId },
        /// No loans but none would meet the target; the pack is as it was before.
        TargetUnreachable { pack: PackId, target_ppb: u64 },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No pack has this number.
        PackNotFound,
        /// Only the originator that opened the pack may change it.
        NotOriginator,
        /// The pack needs a name.
        NameEmpty,
        /// The pack's name must be UTF-8.
        NameNotUtf8,
        /// The currency must be three capital letters (ISO 4217).
        CurrencyUnknown,
        /// The cut-off date lies after this block's time.
        CutOffInFuture,
        /// The pack is sealed: its tape can't change any more.
        PackSealed,
        /// The page has this number already.
        PageExists,
        /// Pages come in order: the number must be that of the next page.
        PageOutOfOrder,
        /// The page holds no loan.
        PageEmpty,
        /// The page holds more than 512 loans.
        PageTooLarge,
        /// Only the last page of a tape may hold fewer than 512 loans.
        PageNotFull,
        /// The columns of the page are not of the same length.
        PageUneven,
        /// Loans must be in ascending order of subject, within a page and from page to page.
        PageNotSorted,
        /// A loan's principal must be above zero.
        PrincipalZero,
        /// A loan matures before it was originated.
        MaturityBeforeOrigination,
        /// The pack has as many pages as it may have.
        TooManyPages,
        /// The principals add up to more than can be counted.
        TotalTooLarge,
        /// The pack holds no loan.
        PackEmpty,
        /// The stated count of loans is not that of the pages.
        CountMismatch,
        /// The stated total is not that of the pages.
        TotalMismatch,
        /// The pack must be sealed first.
        PackNotSealed,
        /// The pack must be assessed first.
        PackNotAssessed,
        /// The pack must be screened first.
        PackNotScreened,
        /// The SPV must accept the pack first.
        PackNotAccepted,
        /// An assessment of this pack is under way.
        AssessmentRunning,
        /// A screening of this pack is under way.
        ScreeningRunning,
        /// The SPV has accepted the pack: it can't be assessed or screened any more.
        PackAccepted,
        /// The pack is issued already.
        PackIssued,
        /// As many jobs as may be are under way: wait for one to end.
        TooManyJobs,
        /// No policy has this id: add it first.
        PolicyNotFound,
        /// The contract's schema is unknown.
        SchemaNotFound,
        /// No loan of the pack has a score.
        NothingScored,
        /// The scale doesn't cut the contract's scores into levels.
        ScaleInvalid,
        /// The weights must be one for each level, above 0, never fall with risk, and sum to 1.
        WeightsInvalid,
        /// The target must be at most 100 %.
        TargetInvalid,
        /// The step must be above 0 and at most 100 %.
        StepInvalid,
        /// So many levels at such a small step are more cuts than a screening may try.
        StepTooFine,
        /// The contract has no calibration.
        CalibrationMissing,
        /// The target can't be met without removing every loan.
        TargetUnreachable,
        /// The balances are too large to compute with.
        BalanceTooLarge,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Begins a pack.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::open())]
        pub fn open(origin: OriginFor<T>, terms: PackTerms) -> DispatchResult {
            let originator = ensure_signed(origin)?;
            T::Members::ensure(&originator, Roles::ORIGINATOR)?;
            Self::check_terms(&terms)?;
            let pack = NextPack::<T>::get();
            NextPack::<T>::put(pack.saturating_add(1));
            Packs::<T>::insert(pack, Self::new_pack(originator.clone(), terms.clone()));
            Self::deposit_event(Event::Opened { pack, originator, terms });
            Ok(())
        }

        /// Adds the next page of loans.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::add_page(page.subjects.len()))]
        pub fn add_page(
            origin: OriginFor<T>,
            pack: PackId,
            number: u32,
            page: Page,
        ) -> DispatchResult {
            let mut entry = Self::changeable(origin, pack)?;
            let loans = Self::append(&mut entry, number, &page)?;
            Packs::<T>::insert(pack, entry);
            Pages::<T>::insert(pack, number, page);
            Self::deposit_event(Event::PageAdded { pack, page: number, loans });
            Ok(())
        }

        /// Fixes the tape; the originator states count and total, so that no page can be missing.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::seal())]
        pub fn seal(
            origin: OriginFor<T>,
            pack: PackId,
            loans: u32,
            principal_minor: Minor,
        ) -> DispatchResult {
            let mut entry = Self::changeable(origin, pack)?;
            ensure!(entry.loans > 0, Error::<T>::PackEmpty);
            ensure!(entry.loans == loans, Error::<T>::CountMismatch);
            ensure!(entry.principal_minor == principal_minor, Error::<T>::TotalMismatch);
            entry.status = PackStatus::Sealed;
            Packs::<T>::insert(pack, entry);
            Self::deposit_event(Event::Sealed { pack, loans, principal_minor });
            Ok(())
        }

        /// Begins to score a sealed pack with an active contract under a policy.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::assess())]
        pub fn assess(
            origin: OriginFor<T>,
            pack: PackId,
            contract: ContractId,
            policy: PolicyId,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            T::Members::ensure(&who, Roles::RISK_CONTROLLER)?;
            let begun = Self::start_assessment(who.clone(), pack, contract, policy)?;
            Self::deposit_event(Event::AssessmentStarted {
                pack,
                assessment: begun.number,
                by: who,
                contract,
                contract_version: begun.contract_version,
                schema: begun.schema,
                policy,
                policy_version: begun.policy_version,
            });
            Ok(())
        }

        /// Begins to screen an assessed pack to a target.
        #[pallet::call_index(4)]
        #[pallet::weight(weights::screen())]
        pub fn screen(origin: OriginFor<T>, pack: PackId, request: Request) -> DispatchResult {
            let who = ensure_signed(origin)?;
            T::Members::ensure(&who, Roles::RISK_CONTROLLER)?;
            let target_ppb = request.target_ppb;
            Self::start_screening(pack, request)?;
            Self::deposit_event(Event::ScreeningStarted { pack, target_ppb });
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
            let share = T::JobShare::get() * T::BlockWeights::get().max_block;
            let used: Weight = jobs::run::<T>(share.min(meter.remaining()));
            // The last page may overrun the block's rest by its own length.
            meter.consume(used.min(meter.remaining()));
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }
}

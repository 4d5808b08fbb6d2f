//! # Scoring
//!
//! Scoring contracts and their life (rules, section 3): integer networks from a profile to a
//! score, named by the hash of their encoding, so that a score can always be computed again.
//!
//! | call | who | does |
//! |---|---|---|
//! | `propose` | risk controller | registers a contract as the next version under its name |
//! | `approve` | council | makes a proposed contract the active one under its name |
//! | `revoke` | council | withdraws a contract for good |
//! | `score` | risk controller | scores subjects by an active contract and stores the result |
//!
//! Assumptions: what is stored passed `Artifact::check`, so that it runs for every profile without
//! overflow; a schema never changes once it is there.

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

mod checks;
mod impls;
#[cfg(test)]
mod tests;
mod try_state;
pub mod weights;

pub use pallet::*;

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::weights;
    use assay_primitives::{
        member::Roles,
        scoring::{ArtifactBytes, ContractInfo, ContractStatus, ScoreSheet, MAX_SCORED_SUBJECTS},
        traits::{CreditProfiles, Membership},
        AccountId, ContractId, Name, PolicyId, SchemaId, Subject, H256,
    };
    use assay_risk::{artifact::Orientation, rates::Calibration};
    use frame_support::{pallet_prelude::*, traits::UnixTime};
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// Who may act.
        type Members: Membership<AccountId>;
        /// The council's decision.
        type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Profiles to score.
        type Profiles: CreditProfiles;
        /// The block's time.
        type Clock: UnixTime;
    }

    // Calibrations and sheets are plain vectors in types shared with the client; the calls bound
    // them to 255 entries and to 512 subjects.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// Contracts without their artifacts. Their ids are hashes already.
    #[pallet::storage]
    pub type Contracts<T> = StorageMap<_, Identity, ContractId, ContractInfo>;

    /// SCALE-encoded artifacts, whose BLAKE2b-256 is the id.
    #[pallet::storage]
    pub type Artifacts<T> = StorageMap<_, Identity, ContractId, ArtifactBytes>;

    /// The active contract of each name.
    #[pallet::storage]
    pub type ActiveByName<T> = StorageMap<_, Blake2_128Concat, Name, ContractId>;

    /// The latest version of each name.
    #[pallet::storage]
    pub type Versions<T> = StorageMap<_, Blake2_128Concat, Name, u32, ValueQuery>;

    /// The scores that each `score` call stored.
    #[pallet::storage]
    pub type Sheets<T> = StorageMap<_, Twox64Concat, u32, ScoreSheet>;

    /// Number of the next sheet.
    #[pallet::storage]
    pub type NextSheet<T> = StorageValue<_, u32, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A contract was proposed.
        Proposed {
            contract: ContractId,
            name: Name,
            version: u32,
            schema: SchemaId,
            proposer: T::AccountId,
            features: u32,
            layers: u32,
            /// Weights of all layers together.
            weights: u32,
            score_min: u16,
            score_max: u16,
            orientation: Orientation,
        },
        /// A contract is the active one under its name, in place of the superseded one.
        Approved { contract: ContractId, name: Name, version: u32, superseded: Option<ContractId> },
        /// A contract was withdrawn; `before` tells where it stood.
        Revoked {
            contract: ContractId,
            name: Name,
            version: u32,
            before: ContractStatus,
            reason: Name,
        },
        /// Subjects were scored; `propagated` of the scored by the profiles of their relations.
        Scored {
            sheet: u32,
            contract: ContractId,
            contract_version: u32,
            schema: SchemaId,
            policy: PolicyId,
            policy_version: u32,
            by: T::AccountId,
            scored: u32,
            unscored: u32,
            propagated: u32,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// A contract needs a name.
        NameEmpty,
        /// The name is not UTF-8.
        NameNotUtf8,
        /// This very artifact was proposed before.
        AlreadyExists,
        /// No contract has this id.
        NotFound,
        /// No schema has this number.
        SchemaNotFound,
        /// The artifact takes more or fewer features than the schema has.
        SchemaMismatch,
        /// The schema's features are not those that the contract was made for: another name, another
        /// unit, or another order.
        FeaturesMismatch,
        /// The bytes are not the SCALE encoding of one artifact.
        ArtifactUndecodable,
        /// The artifact has no features.
        NoFeatures,
        /// The artifact has more than 64 features.
        TooManyFeatures,
        /// A feature's lower bound is above its upper bound.
        BoundsInverted,
        /// A feature's fallback is outside of its bounds.
        FallbackOutOfBounds,
        /// A feature's multiplier is not positive.
        FeatureMultiplierNotPositive,
        /// A feature's shift is above 31.
        FeatureShiftTooLarge,
        /// The artifact has no layers.
        NoLayers,
        /// The artifact has more than 8 layers, those within branches included.
        TooManyLayers,
        /// A layer has no outputs.
        NoUnits,
        /// A layer has more than 128 outputs.
        TooManyUnits,
        /// The layers have more than 16,384 weights together.
        TooManyWeights,
        /// A layer does not take what the one before it gives.
        InputMismatch,
        /// A kernel is empty or longer than a channel.
        KernelDoesNotFit,
        /// A stride is 0.
        NoStride,
        /// A layer has more or fewer weights than its shape asks for.
        WeightCountMismatch,
        /// A layer has not one bias, multiplier and shift for each output.
        ParameterCountMismatch,
        /// A layer's multiplier is not positive.
        MultiplierNotPositive,
        /// A layer's shift is above 31.
        ShiftTooLarge,
        /// An accumulator could leave 32 bits for some input.
        AccumulatorOverflow,
        /// A selected position is not among the inputs.
        PositionOutOfRange,
        /// The last layer has more than one output.
        OutputNotSingle,
        /// The score table does not have 255 entries.
        TableLength,
        /// The smallest score is above the largest.
        ScoreRangeInverted,
        /// An entry of the score table is outside of the range of scores.
        TableOutOfRange,
        /// The score table turns against its orientation.
        TableTurns,
        /// The calibration has more than 255 entries.
        CalibrationTooLarge,
        /// The scores of the calibration do not ascend.
        CalibrationNotSorted,
        /// The calibration counts more defaulted loans than loans.
        CalibrationDefaultedAboveTotal,
        /// A score of the calibration is outside of the artifact's range.
        CalibrationOutOfRange,
        /// The contract is active already.
        AlreadyActive,
        /// The contract was revoked, and that is for good.
        AlreadyRevoked,
        /// A newer version under the same name is active, or took this one's place.
        OlderVersion,
        /// Revoking needs a reason.
        ReasonEmpty,
        /// The reason is not UTF-8.
        ReasonNotUtf8,
        /// The contract is not active: it awaits approval, or was superseded or revoked.
        NotActive,
        /// No policy has this id.
        PolicyNotFound,
        /// No subjects are given.
        SubjectsEmpty,
        /// Subjects must be in ascending order, each once.
        SubjectsNotSorted,
        /// Nothing is known of a subject.
        SubjectNotFound,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers a contract as the next version under its name, to be approved. Its id is the
        /// BLAKE2b-256 of `artifact`; `features_hash` is that of the SCALE-encoded list of its
        /// features' names and units, which must be the schema's.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::propose(artifact.len(), calibration.entries.len()))]
        pub fn propose(
            origin: OriginFor<T>,
            name: Name,
            schema: SchemaId,
            features_hash: H256,
            artifact: ArtifactBytes,
            calibration: Calibration,
        ) -> DispatchResult {
            let proposer = ensure_signed(origin)?;
            T::Members::ensure(&proposer, Roles::RISK_CONTROLLER)?;
            let event =
                Self::register(proposer, name, schema, features_hash, artifact, calibration)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Makes a proposed contract the active one under its name.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::approve())]
        pub fn approve(origin: OriginFor<T>, contract: ContractId) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let event = Self::activate(contract)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Withdraws a contract for good. What was begun under it still ends under it.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::revoke())]
        pub fn revoke(origin: OriginFor<T>, contract: ContractId, reason: Name) -> DispatchResult {
            T::CouncilOrigin::ensure_origin(origin)?;
            let event = Self::withdraw(contract, reason)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Scores subjects, ascending, by an active contract as of now, and stores the scores. One
        /// without a usable profile is stored as unscored, a stranger to the registry refused.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::score(subjects.len()))]
        pub fn score(
            origin: OriginFor<T>,
            contract: ContractId,
            policy: PolicyId,
            subjects: BoundedVec<Subject, ConstU32<MAX_SCORED_SUBJECTS>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            T::Members::ensure(&who, Roles::RISK_CONTROLLER)?;
            let (event, work) = Self::store_sheet(who, contract, policy, &subjects)?;
            Self::deposit_event(event);
            Ok(Some(weights::done(work)).into())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }
}

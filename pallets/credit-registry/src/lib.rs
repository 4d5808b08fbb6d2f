//! # Credit registry
//!
//! What is known of a borrower: at most one report per subject, bureau and schema, relations
//! between subjects, the policies under which reports are merged into a profile, and who asked for
//! whose credit (rules, section 2).
//!
//! | call | who | does |
//! |---|---|---|
//! | `add_schema` | risk controller | names the values of reports, in order |
//! | `add_policy` | risk controller | fixes how reports are weighed by age |
//! | `submit` | bureau | stores reports, newer ones in place of older ones |
//! | `relate` | bureau | stores relations between subjects |
//! | `withdraw_relations` | the bureau that stored them | takes relations back |
//! | `inquire` | whoever decides by credit | logs and counts an inquiry for subjects or a pack |
//!
//! Assumptions: subjects are uniform hashes, so that the parts of the directory fill evenly;
//! batches are in ascending order of subject, so that each bucket is read and written once.

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

pub mod bucket;
mod impls;
mod inquiries;
pub mod reader;
pub mod registry;
mod relations;
#[cfg(test)]
mod tests;
mod try_state;
pub mod weights;

pub use pallet::*;

// The macros expand to casts and expectations of their own.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{bucket::Bucket, registry::PageKey, weights};
    use alloc::vec::Vec;
    use assay_primitives::{
        credit::{
            Ends, PolicyRecord, RegistrySize, Relation, Report, Schema, MAX_BATCH_RELATIONS,
            MAX_BATCH_REPORTS,
        },
        inquiry::{Asked, Inquiry, InquiryId, Purpose, Scope, INQUIRERS},
        member::Roles,
        traits::{Membership, PackObligors},
        AccountId, Name, OrganisationId, PackId, PolicyId, SchemaId, Subject, H256,
    };
    use assay_risk::profile::Policy;
    use frame_support::{pallet_prelude::*, traits::UnixTime};
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// Who may act.
        type Members: Membership<AccountId>;
        /// Packs whose obligors are asked for.
        type Packs: PackObligors;
        /// The block's time.
        type Clock: UnixTime;
    }

    // Buckets, directory pages and policies are bounded by the checks of the calls, not by types:
    // columns decode in one copy only as plain vectors.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// Schemas and who added them.
    #[pallet::storage]
    pub type Schemas<T> = StorageMap<_, Twox64Concat, SchemaId, (AccountId, Schema)>;

    /// Number of the next schema.
    #[pallet::storage]
    pub type NextSchema<T> = StorageValue<_, SchemaId, ValueQuery>;

    /// Policies by the hash of their encoding: what an assessment names can never change.
    #[pallet::storage]
    pub type Policies<T> = StorageMap<_, Identity, PolicyId, PolicyRecord>;

    /// The latest version of each policy's name.
    #[pallet::storage]
    pub type PolicyVersions<T> = StorageMap<_, Blake2_128Concat, Name, u32, ValueQuery>;

    /// Where the buckets of each part of the space of subjects begin.
    #[pallet::storage]
    pub type Directory<T> = StorageMap<_, Identity, PageKey, Vec<Subject>, ValueQuery>;

    /// Records of neighbouring subjects, by where the bucket begins. Subjects are hashes already.
    #[pallet::storage]
    pub type Buckets<T> = StorageMap<_, Identity, Subject, Bucket, ValueQuery>;

    /// Size of the registry.
    #[pallet::storage]
    pub type Size<T> = StorageValue<_, RegistrySize, ValueQuery>;

    /// Every inquiry, by number. How often a subject was asked for stands with the subject.
    #[pallet::storage]
    pub type Inquiries<T> = StorageMap<_, Twox64Concat, InquiryId, Inquiry>;

    /// Number of the next inquiry.
    #[pallet::storage]
    pub type NextInquiry<T> = StorageValue<_, InquiryId, ValueQuery>;

    /// Inquiries that named a pack.
    #[pallet::storage]
    pub type PackAsked<T> = StorageMap<_, Twox64Concat, PackId, Asked, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A schema was added.
        SchemaAdded { schema: SchemaId, by: T::AccountId },
        /// A policy was added.
        PolicyAdded { policy: PolicyId, name: Name, version: u32, by: T::AccountId },
        /// A bureau stored reports.
        ReportsStored { bureau: OrganisationId, schema: SchemaId, reports: u32 },
        /// A bureau stored relations.
        RelationsStored { bureau: OrganisationId, relations: u32 },
        /// A bureau took relations back.
        RelationsWithdrawn { bureau: OrganisationId, relations: u32 },
        /// A member asked for the credit of so many subjects, or of the loans of a pack.
        Inquired {
            inquiry: InquiryId,
            by: T::AccountId,
            pack: Option<PackId>,
            subjects: u32,
            purpose: Purpose,
            consent_hash: H256,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No schema has this number: add it first, or look at the list of schemas.
        SchemaNotFound,
        /// A schema needs a name and between 1 and 64 features with names.
        SchemaIncomplete,
        /// Names and units of schemas and names of policies must be UTF-8.
        NameNotUtf8,
        /// Two features of the schema have the same name.
        FeatureTwice,
        /// A feature's lower bound is above its upper bound.
        BoundsReversed,
        /// A policy needs a name.
        PolicyNameEmpty,
        /// The policy is there already, under this name or another.
        PolicyExists,
        /// The policy's age steps must ascend, and there may be at most 16.
        PolicyStepsUnordered,
        /// A weight of the policy is above 1.
        PolicyWeightTooLarge,
        /// The policy's largest distance must be between 1 and 10.
        PolicyDistanceOutOfRange,
        /// The policy names a source that there is not.
        PolicySourceUnknown,
        /// The batch is empty.
        BatchEmpty,
        /// Reports must be in ascending order of subject, one per subject.
        BatchNotSorted,
        /// A report has more or fewer values than its schema has features, or marks a value as
        /// present that is none of them.
        ValuesMismatch,
        /// A report is not newer than the one that is stored.
        ReportNotNewer,
        /// A report was observed later than this block's time.
        ReportFromFuture,
        /// The subject has as many reports as it may have, of this bureau or in all.
        TooManyReports,
        /// A subject can't be related to itself.
        RelatedToSelf,
        /// A relation's distance must be between 1 and 10.
        DistanceOutOfRange,
        /// Another bureau stored this relation.
        RelationOfAnother,
        /// The subject has as many relations as it may have.
        TooManyRelations,
        /// There is no relation between the two subjects.
        RelationNotFound,
        /// An inquiry names at least one subject.
        SubjectsEmpty,
        /// Subjects must be in ascending order, each once.
        SubjectsNotSorted,
        /// Nothing is known of a subject.
        SubjectNotFound,
        /// No sealed pack has this number.
        PackNotFound,
        /// An inquiry needs the hash of the subjects' consent.
        ConsentMissing,
        /// A purpose of the member's own needs words.
        PurposeEmpty,
        /// The words of the purpose are not UTF-8.
        PurposeNotUtf8,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Adds a schema: what the values of reports mean, in order. It never changes.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::add_schema())]
        pub fn add_schema(origin: OriginFor<T>, schema: Schema) -> DispatchResult {
            let who = ensure_signed(origin)?;
            T::Members::ensure(&who, Roles::RISK_CONTROLLER)?;
            Self::check_schema(&schema)?;
            let id = NextSchema::<T>::get();
            NextSchema::<T>::put(id.saturating_add(1));
            Schemas::<T>::insert(id, (who.clone(), schema));
            Self::deposit_event(Event::SchemaAdded { schema: id, by: who });
            Ok(())
        }

        /// Adds a policy as the next version under its name; its id is the hash of its encoding.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::add_policy())]
        pub fn add_policy(origin: OriginFor<T>, name: Name, policy: Policy) -> DispatchResult {
            let who = ensure_signed(origin)?;
            T::Members::ensure(&who, Roles::RISK_CONTROLLER)?;
            let event = Self::store_policy(who, name, policy)?;
            Self::deposit_event(event);
            Ok(())
        }

        /// Stores the bureau's reports under a schema, all of them or none.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::submit(reports.len()))]
        pub fn submit(
            origin: OriginFor<T>,
            schema: SchemaId,
            reports: BoundedVec<Report, ConstU32<MAX_BATCH_REPORTS>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let bureau = T::Members::ensure(&who, Roles::BUREAU)?;
            let work = Self::store_reports(bureau, schema, &reports)?;
            Self::deposit_event(Event::ReportsStored { bureau, schema, reports: work.records });
            Ok(Some(weights::done(work)).into())
        }

        /// Stores relations between subjects, with both ends, all of them or none.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::relate(relations.len()))]
        pub fn relate(
            origin: OriginFor<T>,
            relations: BoundedVec<Relation, ConstU32<MAX_BATCH_RELATIONS>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let bureau = T::Members::ensure(&who, Roles::BUREAU)?;
            let work = Self::store_relations(bureau, &relations)?;
            Self::deposit_event(Event::RelationsStored { bureau, relations: work.records });
            Ok(Some(weights::done(work)).into())
        }

        /// Takes the bureau's own relations back, from both ends, all of them or none.
        #[pallet::call_index(4)]
        #[pallet::weight(weights::relate(pairs.len()))]
        pub fn withdraw_relations(
            origin: OriginFor<T>,
            pairs: BoundedVec<Ends, ConstU32<MAX_BATCH_RELATIONS>>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let bureau = T::Members::ensure(&who, Roles::BUREAU)?;
            let work = Self::remove_relations(bureau, &pairs)?;
            Self::deposit_event(Event::RelationsWithdrawn { bureau, relations: work.records });
            Ok(Some(weights::done(work)).into())
        }

        /// Logs that the member asks for the credit of subjects, or of a pack's obligors, and counts
        /// it with them.
        #[pallet::call_index(5)]
        #[pallet::weight(weights::inquire(scope))]
        pub fn inquire(
            origin: OriginFor<T>,
            scope: Scope,
            purpose: Purpose,
            consent_hash: H256,
        ) -> DispatchResultWithPostInfo {
            let by = ensure_signed(origin)?;
            let organisation = T::Members::ensure(&by, INQUIRERS)?;
            let counted = Self::store_inquiry(
                by.clone(),
                organisation,
                scope,
                purpose.clone(),
                consent_hash,
            )?;
            Self::deposit_event(Event::Inquired {
                inquiry: counted.inquiry,
                by,
                pack: counted.pack,
                subjects: counted.records,
                purpose,
                consent_hash,
            });
            Ok(Some(weights::inquired(counted.work)).into())
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

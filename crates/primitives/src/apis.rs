//! What a reader can ask the chain: everything that the command line shows.

use crate::{
    credit::{Held, ListedSchema, PolicyRecord, RegistrySize, SubjectRecord},
    inquiry::{InquiriesInPacks, InquiryId, ListedInquiry, PackInquiries, SubjectInquiries},
    member::{Authority, NodeKey, NodeKeys, Organisation, Serial, Usage},
    pack::{LoanRow, PackView, Page, ViewFault},
    scoring::{ContractInfo, Reasons, ScoreSheet, SubjectScore},
    security::Security,
    validator::ValidatorsView,
    AccountId, AuthorityId, ContractId, OrganisationId, PackId, PolicyId, SchemaId, SecurityId,
    Subject, UnixSecs,
};
use alloc::{string::String, vec::Vec};
use assay_risk::{
    profile::{Policy, Profile},
    rates::LevelTable,
    screening::Request,
};

sp_api::decl_runtime_apis! {
    /// Organisations and roles.
    pub trait MembershipApi {
        /// All organisations with their accounts.
        fn organisations() -> Vec<(AccountId, Organisation)>;
        /// The organisation of an account.
        fn organisation(account: AccountId) -> Option<Organisation>;
        /// The authorities whose certificates are taken, by number.
        fn authorities() -> Vec<(AuthorityId, Authority)>;
        /// The serial numbers that an authority's certificates may not have, with the time of
        /// their revocation.
        fn revoked(authority: AuthorityId) -> Vec<(Serial, UnixSecs)>;
        /// What an account used of its quota in the hour of this block, and the quota in
        /// milliseconds of compute.
        fn usage(account: AccountId) -> (Usage, u32);
        /// The nodes of an organisation.
        fn nodes(account: AccountId) -> NodeKeys;
        /// The nodes of all organisations that are neither suspended nor revoked: those that a
        /// node lets in.
        fn node_keys() -> Vec<NodeKey>;
    }

    /// Validators and sessions.
    pub trait ValidatorsApi {
        /// The validators and their session.
        fn validators() -> ValidatorsView;
    }

    /// Whether the state is sound.
    pub trait StateCheckApi {
        /// Checks what must always be true of every pallet's state (`try_state`); takes as long as
        /// reading all of it. The error says what is wrong, and in which pallet.
        fn check_state() -> Result<(), String>;
    }

    /// Credit data.
    pub trait CreditApi {
        /// All schemas.
        fn schemas() -> Vec<ListedSchema>;
        /// All policies, by name and version.
        fn policies() -> Vec<(PolicyId, PolicyRecord)>;
        /// The policy of that id.
        fn policy(id: PolicyId) -> Option<PolicyRecord>;
        /// Size of the registry.
        fn size() -> RegistrySize;
        /// All that is known of a subject.
        fn subject(subject: Subject) -> Option<SubjectRecord>;
        /// What a bureau has stored of each subject, in the order asked; cheapest when ascending.
        fn held(bureau: OrganisationId, schema: SchemaId, subjects: Vec<Subject>) -> Vec<Held>;
        /// The profiles under a policy at a time, in the order asked.
        fn profiles(
            policy: Policy,
            schema: SchemaId,
            now_secs: UnixSecs,
            subjects: Vec<Subject>,
        ) -> Vec<Option<Profile>>;
    }

    /// Who asked for whose credit.
    pub trait InquiryApi {
        /// Inquiries from that number on, at most `limit` of them and at most 64.
        fn inquiries(from: InquiryId, limit: u32) -> Vec<ListedInquiry>;
        /// Inquiries that named the subject itself.
        fn subject_inquiries(subject: Subject) -> SubjectInquiries;
        /// Inquiries for all obligors of a pack, and its assessments.
        fn pack_inquiries(pack: PackId) -> PackInquiries;
        /// What packs add to a subject's inquiries: at most `limit` packs, and at most 256, are
        /// looked through from that number on.
        fn inquiries_in_packs(subject: Subject, from: PackId, limit: u32) -> InquiriesInPacks;
    }

    /// Scoring contracts.
    pub trait ScoringApi {
        /// All contracts without their artifacts.
        fn contracts() -> Vec<(ContractId, ContractInfo)>;
        /// The contract of that id.
        fn contract(id: ContractId) -> Option<ContractInfo>;
        /// The SCALE-encoded artifact, whose BLAKE2b-256 is the id.
        fn artifact(id: ContractId) -> Option<Vec<u8>>;
        /// Scores profiles given as values and presence bits, storing nothing.
        fn score(id: ContractId, profiles: Vec<(Vec<i32>, u64)>) -> Option<Vec<(i8, u16)>>;
        /// Scores the subjects as of now, storing nothing.
        fn score_subjects(
            id: ContractId,
            policy: PolicyId,
            subjects: Vec<Subject>,
        ) -> Option<Vec<SubjectScore>>;
        /// The score of a profile and what raised it (rules, section 3).
        fn explain(id: ContractId, values: Vec<i32>, present: u64) -> Option<(i8, u16, Reasons)>;
        /// The scores that a `score` call stored.
        fn sheet(number: u32) -> Option<ScoreSheet>;
    }

    /// Packs.
    pub trait PacksApi {
        /// The numbers of all packs.
        fn packs() -> Vec<PackId>;
        /// A pack with its latest assessment and screening.
        fn pack(id: PackId) -> Option<PackView>;
        /// One page as submitted.
        fn page(id: PackId, page: u32) -> Option<Page>;
        /// One page's loans with score, level and standing. Levels are those of `request`'s scale,
        /// or of the screening when there is none.
        fn loans(id: PackId, page: u32) -> Option<Vec<LoanRow>>;
        /// The level table of the latest assessment, before or after the screening.
        fn table(id: PackId, request: Request, kept_only: bool) -> Result<LevelTable, ViewFault>;
        /// The removal curve: pack rates in ppb after removing the riskiest 0 %, 1 %, ... 99 %.
        fn curve(id: PackId, request: Request) -> Result<Vec<u64>, ViewFault>;
    }

    /// Securities.
    pub trait SecuritiesApi {
        /// All securities.
        fn securities() -> Vec<(SecurityId, Security)>;
        /// The security of that number.
        fn security(id: SecurityId) -> Option<Security>;
    }
}

//! The chain's runtime APIs (`assay_primitives::apis`), typed. `at` is a block's hash; without it the
//! best block answers. All fail as [`Chain::call_api`] does.

use super::{Chain, ChainFault};
use assay_primitives::{
    credit::{Held, ListedSchema, PolicyRecord, RegistrySize, SubjectRecord},
    inquiry::{InquiriesInPacks, InquiryId, ListedInquiry, PackInquiries, SubjectInquiries},
    member::{Authority, NodeKeys, Organisation, Serial, Usage},
    pack::{LoanRow, PackView, Page, ViewFault},
    scoring::{ContractInfo, Reasons, ScoreSheet, SubjectScore},
    security::Security,
    validator::ValidatorsView,
    AccountId, AuthorityId, ContractId, OrganisationId, PackId, PolicyId, SchemaId, SecurityId,
    Subject, UnixSecs, H256,
};
use assay_risk::{
    profile::{Policy, Profile},
    rates::LevelTable,
    screening::Request,
};

/// The block that answers.
pub type At = Option<H256>;
type Answer<R> = Result<R, ChainFault>;

/// All organisations with their accounts.
pub async fn organisations(chain: &Chain, at: At) -> Answer<Vec<(AccountId, Organisation)>> {
    chain.call_api("MembershipApi_organisations", (), at).await
}

/// The organisation of an account.
pub async fn organisation(
    chain: &Chain,
    account: &AccountId,
    at: At,
) -> Answer<Option<Organisation>> {
    chain.call_api("MembershipApi_organisation", account, at).await
}

/// The authorities whose certificates are taken, by number.
pub async fn authorities(chain: &Chain, at: At) -> Answer<Vec<(AuthorityId, Authority)>> {
    chain.call_api("MembershipApi_authorities", (), at).await
}

/// The serial numbers that are revoked among an authority's certificates, and since when.
pub async fn revoked(
    chain: &Chain,
    authority: AuthorityId,
    at: At,
) -> Answer<Vec<(Serial, UnixSecs)>> {
    chain.call_api("MembershipApi_revoked", authority, at).await
}

/// What an account used of its quota in this hour, and the quota in milliseconds of compute.
pub async fn usage(chain: &Chain, account: &AccountId, at: At) -> Answer<(Usage, u32)> {
    chain.call_api("MembershipApi_usage", account, at).await
}

/// The nodes of an organisation.
pub async fn nodes(chain: &Chain, account: &AccountId, at: At) -> Answer<NodeKeys> {
    chain.call_api("MembershipApi_nodes", account, at).await
}

/// The validators and their session.
pub async fn validators(chain: &Chain, at: At) -> Answer<ValidatorsView> {
    chain.call_api("ValidatorsApi_validators", (), at).await
}

/// Whether what must always be true of the state is; takes as long as reading all of it.
pub async fn check_state(chain: &Chain, at: At) -> Answer<Result<(), String>> {
    chain.call_api("StateCheckApi_check_state", (), at).await
}

/// Milliseconds from one block to the next.
pub async fn slot_millis(chain: &Chain, at: At) -> Answer<u64> {
    chain.call_api("AuraApi_slot_duration", (), at).await
}

/// All schemas.
pub async fn schemas(chain: &Chain, at: At) -> Answer<Vec<ListedSchema>> {
    chain.call_api("CreditApi_schemas", (), at).await
}

/// All policies, by name and version.
pub async fn policies(chain: &Chain, at: At) -> Answer<Vec<(PolicyId, PolicyRecord)>> {
    chain.call_api("CreditApi_policies", (), at).await
}

/// The policy of that id.
pub async fn policy(chain: &Chain, id: PolicyId, at: At) -> Answer<Option<PolicyRecord>> {
    chain.call_api("CreditApi_policy", id, at).await
}

/// Size of the registry.
pub async fn registry_size(chain: &Chain, at: At) -> Answer<RegistrySize> {
    chain.call_api("CreditApi_size", (), at).await
}

/// All that is known of a subject.
pub async fn subject(chain: &Chain, subject: Subject, at: At) -> Answer<Option<SubjectRecord>> {
    chain.call_api("CreditApi_subject", subject, at).await
}

/// What a bureau has stored of each subject, in the order asked.
pub async fn held(
    chain: &Chain,
    bureau: OrganisationId,
    schema: SchemaId,
    subjects: &[Subject],
    at: At,
) -> Answer<Vec<Held>> {
    chain.call_api("CreditApi_held", (bureau, schema, subjects), at).await
}

/// The profiles under a policy at a time, in the order asked.
pub async fn profiles(
    chain: &Chain,
    policy: &Policy,
    schema: SchemaId,
    now_secs: UnixSecs,
    subjects: &[Subject],
    at: At,
) -> Answer<Vec<Option<Profile>>> {
    chain.call_api("CreditApi_profiles", (policy, schema, now_secs, subjects), at).await
}

/// Inquiries from that number on; the node bounds how many.
pub async fn inquiries(
    chain: &Chain,
    from: InquiryId,
    limit: u32,
    at: At,
) -> Answer<Vec<ListedInquiry>> {
    chain.call_api("InquiryApi_inquiries", (from, limit), at).await
}

/// Inquiries that named the subject itself.
pub async fn subject_inquiries(
    chain: &Chain,
    subject: Subject,
    at: At,
) -> Answer<SubjectInquiries> {
    chain.call_api("InquiryApi_subject_inquiries", subject, at).await
}

/// Inquiries for all obligors of a pack, and its assessments.
pub async fn pack_inquiries(chain: &Chain, pack: PackId, at: At) -> Answer<PackInquiries> {
    chain.call_api("InquiryApi_pack_inquiries", pack, at).await
}

/// What packs from that number on add to a subject's inquiries; the node bounds how many packs it
/// looks through.
pub async fn inquiries_in_packs(
    chain: &Chain,
    subject: Subject,
    from: PackId,
    limit: u32,
    at: At,
) -> Answer<InquiriesInPacks> {
    chain.call_api("InquiryApi_inquiries_in_packs", (subject, from, limit), at).await
}

/// All scoring contracts without their artifacts.
pub async fn contracts(chain: &Chain, at: At) -> Answer<Vec<(ContractId, ContractInfo)>> {
    chain.call_api("ScoringApi_contracts", (), at).await
}

/// The contract of that id.
pub async fn contract(chain: &Chain, id: ContractId, at: At) -> Answer<Option<ContractInfo>> {
    chain.call_api("ScoringApi_contract", id, at).await
}

/// The SCALE-encoded artifact.
pub async fn artifact(chain: &Chain, id: ContractId, at: At) -> Answer<Option<Vec<u8>>> {
    chain.call_api("ScoringApi_artifact", id, at).await
}

/// Scores profiles given as values and presence bits, storing nothing.
pub async fn score(
    chain: &Chain,
    id: ContractId,
    profiles: &[(Vec<i32>, u64)],
    at: At,
) -> Answer<Option<Vec<(i8, u16)>>> {
    chain.call_api("ScoringApi_score", (id, profiles), at).await
}

/// Scores subjects as of now, storing nothing.
pub async fn score_subjects(
    chain: &Chain,
    id: ContractId,
    policy: PolicyId,
    subjects: &[Subject],
    at: At,
) -> Answer<Option<Vec<SubjectScore>>> {
    chain.call_api("ScoringApi_score_subjects", (id, policy, subjects), at).await
}

/// The score of a profile and what raised it.
pub async fn explain(
    chain: &Chain,
    id: ContractId,
    values: &[i32],
    present: u64,
    at: At,
) -> Answer<Option<(i8, u16, Reasons)>> {
    chain.call_api("ScoringApi_explain", (id, values, present), at).await
}

/// The scores that a `score` call stored.
pub async fn sheet(chain: &Chain, number: u32, at: At) -> Answer<Option<ScoreSheet>> {
    chain.call_api("ScoringApi_sheet", number, at).await
}

/// The numbers of all packs.
pub async fn packs(chain: &Chain, at: At) -> Answer<Vec<PackId>> {
    chain.call_api("PacksApi_packs", (), at).await
}

/// A pack with its latest assessment and screening.
pub async fn pack(chain: &Chain, id: PackId, at: At) -> Answer<Option<PackView>> {
    chain.call_api("PacksApi_pack", id, at).await
}

/// One page as submitted.
pub async fn page(chain: &Chain, id: PackId, page: u32, at: At) -> Answer<Option<Page>> {
    chain.call_api("PacksApi_page", (id, page), at).await
}

/// One page's loans with score, level and standing.
pub async fn loans(chain: &Chain, id: PackId, page: u32, at: At) -> Answer<Option<Vec<LoanRow>>> {
    chain.call_api("PacksApi_loans", (id, page), at).await
}

/// The level table of the latest assessment, before or after the screening.
pub async fn table(
    chain: &Chain,
    id: PackId,
    request: &Request,
    kept_only: bool,
    at: At,
) -> Answer<Result<LevelTable, ViewFault>> {
    chain.call_api("PacksApi_table", (id, request, kept_only), at).await
}

/// The removal curve: pack rates in ppb after removing the riskiest 0 %, 1 %, ... 99 %.
pub async fn curve(
    chain: &Chain,
    id: PackId,
    request: &Request,
    at: At,
) -> Answer<Result<Vec<u64>, ViewFault>> {
    chain.call_api("PacksApi_curve", (id, request), at).await
}

/// All securities.
pub async fn securities(chain: &Chain, at: At) -> Answer<Vec<(SecurityId, Security)>> {
    chain.call_api("SecuritiesApi_securities", (), at).await
}

/// The security of that number.
pub async fn security(chain: &Chain, id: SecurityId, at: At) -> Answer<Option<Security>> {
    chain.call_api("SecuritiesApi_security", id, at).await
}

//! What can be asked of the chain: the SDK's interfaces first, then Assay's own.

use crate::{
    configs::SLOT_MILLIS, genesis, opaque::SessionKeys, AccountId, Block, CreditRegistry,
    Executive, Grandpa, Historical, InherentDataExt, Membership, Nonce, Packs, Runtime,
    RuntimeGenesisConfig, Scoring, Securities, System, Validators, VERSION,
};
use alloc::{format, string::String, vec::Vec};
use assay_primitives::{
    apis as interfaces,
    credit::{Held, ListedSchema, PolicyRecord, RegistrySize, SubjectRecord},
    inquiry::{InquiriesInPacks, InquiryId, ListedInquiry, PackInquiries, SubjectInquiries},
    member::{Authority, NodeKey, NodeKeys, Organisation, Serial, Usage},
    pack::{LoanRow, PackView, Page, ViewFault},
    scoring::{ContractInfo, Reasons, ScoreSheet, SubjectScore},
    security::Security,
    validator::ValidatorsView,
    AuthorityId, ContractId, OrganisationId, PackId, PolicyId, SchemaId, SecurityId, Subject,
    UnixSecs,
};
use assay_risk::{
    profile::{Policy, Profile},
    rates::LevelTable,
    screening::Request,
};
use codec::Encode;
use frame_support::{
    ensure,
    genesis_builder_helper::{build_state, get_preset},
    traits::KeyOwnerProofSystem,
};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::OpaqueMetadata;
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult, ExtrinsicInclusionMode, TryRuntimeError,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

/// The council that votes is the one that membership makes.
fn check_council() -> Result<(), TryRuntimeError> {
    let voting = pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get();
    ensure!(voting == Membership::council(), "its members are not those with the role");
    Ok(())
}

/// The nodes that a node lets in. Those of validators stay among them whatever becomes of their
/// organisation: votes on finality need them until the council removes the validator itself.
fn node_keys() -> Vec<NodeKey> {
    let mut keys = Membership::node_keys();
    for validator in Validators::view().validators {
        keys.extend(Membership::nodes(&validator.account));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Checks what must always be true of each pallet's state.
fn check_state() -> Result<(), String> {
    let checks = [
        ("Membership", Membership::check_state as fn() -> Result<(), TryRuntimeError>),
        ("CreditRegistry", CreditRegistry::check_state),
        ("Scoring", Scoring::check_state),
        ("Packs", Packs::check_state),
        ("Securities", Securities::check_state),
        ("Validators", Validators::check_state),
        ("Council", check_council),
    ];
    for (pallet, check) in checks {
        check().map_err(|fault| match fault {
            TryRuntimeError::Other(what) => format!("{pallet}: {what}"),
            other => format!("{pallet}: {other:?}"),
        })?;
    }
    Ok(())
}

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(
            data: sp_inherents::InherentData,
        ) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            transaction: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, transaction, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(SLOT_MILLIS)
        }

        fn authorities() -> Vec<AuraId> {
            pallet_aura::Authorities::<Runtime>::get().into_inner()
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(
            encoded: Vec<u8>,
        ) -> Option<Vec<(Vec<u8>, sp_core::crypto::KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            owner: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(proof, owner.decode()?)
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            let proof = Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority))?;
            Some(sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::presets()
        }
    }

    impl interfaces::MembershipApi<Block> for Runtime {
        fn organisations() -> Vec<(AccountId, Organisation)> {
            Membership::organisations()
        }

        fn organisation(account: AccountId) -> Option<Organisation> {
            Membership::organisation(&account)
        }

        fn authorities() -> Vec<(AuthorityId, Authority)> {
            Membership::authorities()
        }

        fn revoked(authority: AuthorityId) -> Vec<(Serial, UnixSecs)> {
            Membership::revoked(authority)
        }

        fn usage(account: AccountId) -> (Usage, u32) {
            Membership::usage(&account)
        }

        fn nodes(account: AccountId) -> NodeKeys {
            Membership::nodes(&account)
        }

        fn node_keys() -> Vec<NodeKey> {
            node_keys()
        }
    }

    impl interfaces::ValidatorsApi<Block> for Runtime {
        fn validators() -> ValidatorsView {
            Validators::view()
        }
    }

    impl interfaces::StateCheckApi<Block> for Runtime {
        fn check_state() -> Result<(), String> {
            check_state()
        }
    }

    impl interfaces::CreditApi<Block> for Runtime {
        fn schemas() -> Vec<ListedSchema> {
            CreditRegistry::schemas()
        }

        fn policies() -> Vec<(PolicyId, PolicyRecord)> {
            CreditRegistry::policies()
        }

        fn policy(id: PolicyId) -> Option<PolicyRecord> {
            CreditRegistry::policy_record(&id)
        }

        fn size() -> RegistrySize {
            CreditRegistry::size()
        }

        fn subject(subject: Subject) -> Option<SubjectRecord> {
            CreditRegistry::record(&subject)
        }

        fn held(bureau: OrganisationId, schema: SchemaId, subjects: Vec<Subject>) -> Vec<Held> {
            CreditRegistry::held(bureau, schema, &subjects)
        }

        fn profiles(
            policy: Policy,
            schema: SchemaId,
            now_secs: UnixSecs,
            subjects: Vec<Subject>,
        ) -> Vec<Option<Profile>> {
            CreditRegistry::profiles(policy, schema, now_secs, &subjects)
        }
    }

    impl interfaces::InquiryApi<Block> for Runtime {
        fn inquiries(from: InquiryId, limit: u32) -> Vec<ListedInquiry> {
            CreditRegistry::inquiries(from, limit)
        }

        fn subject_inquiries(subject: Subject) -> SubjectInquiries {
            CreditRegistry::subject_inquiries(&subject)
        }

        fn pack_inquiries(pack: PackId) -> PackInquiries {
            CreditRegistry::pack_inquiries(pack)
        }

        fn inquiries_in_packs(subject: Subject, from: PackId, limit: u32) -> InquiriesInPacks {
            CreditRegistry::inquiries_in_packs(&subject, from, limit)
        }
    }

    impl interfaces::ScoringApi<Block> for Runtime {
        fn contracts() -> Vec<(ContractId, ContractInfo)> {
            Scoring::contracts()
        }

        fn contract(id: ContractId) -> Option<ContractInfo> {
            Scoring::contract(&id)
        }

        fn artifact(id: ContractId) -> Option<Vec<u8>> {
            Scoring::artifact(&id)
        }

        fn score(id: ContractId, profiles: Vec<(Vec<i32>, u64)>) -> Option<Vec<(i8, u16)>> {
            Scoring::score_profiles(&id, &profiles)
        }

        fn score_subjects(
            id: ContractId,
            policy: PolicyId,
            subjects: Vec<Subject>,
        ) -> Option<Vec<SubjectScore>> {
            Scoring::score_subjects(&id, &policy, &subjects)
        }

        fn explain(id: ContractId, values: Vec<i32>, present: u64) -> Option<(i8, u16, Reasons)> {
            Scoring::explain(&id, &values, present)
        }

        fn sheet(number: u32) -> Option<ScoreSheet> {
            Scoring::sheet(number)
        }
    }

    impl interfaces::PacksApi<Block> for Runtime {
        fn packs() -> Vec<PackId> {
            Packs::numbers()
        }

        fn pack(id: PackId) -> Option<PackView> {
            Packs::view(id)
        }

        fn page(id: PackId, page: u32) -> Option<Page> {
            Packs::page(id, page)
        }

        fn loans(id: PackId, page: u32) -> Option<Vec<LoanRow>> {
            Packs::loans(id, page)
        }

        fn table(id: PackId, request: Request, kept_only: bool) -> Result<LevelTable, ViewFault> {
            Packs::table(id, &request, kept_only)
        }

        fn curve(id: PackId, request: Request) -> Result<Vec<u64>, ViewFault> {
            Packs::curve(id, &request)
        }
    }

    impl interfaces::SecuritiesApi<Block> for Runtime {
        fn securities() -> Vec<(SecurityId, Security)> {
            Securities::securities()
        }

        fn security(id: SecurityId) -> Option<Security> {
            Securities::security(id)
        }
    }
}

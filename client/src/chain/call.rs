//! The chain's calls with the chain's own types: what is encoded here is what is decoded there.

use assay_primitives::{
    credit::{Ends, Relation, Report, Schema, MAX_BATCH_RELATIONS, MAX_BATCH_REPORTS},
    inquiry::{Purpose, Scope},
    member::{CertificateBytes, NodeKeys, Roles, Serial},
    pack::{PackTerms, Page},
    scoring::{ArtifactBytes, MAX_SCORED_SUBJECTS},
    security::Tranches,
    AccountId, AuthorityId, BlockNumber, ContractId, Minor, Name, PackId, PolicyId, SchemaId,
    Subject, H256,
};
use assay_risk::{profile::Policy, rates::Calibration, screening::Request};
use codec::{Compact, Encode};
use sp_core::{bounded::BoundedVec, ConstU32};

/// Every call that this client can send; checked against the node's runtime on connecting.
pub(crate) const KNOWN_CALLS: [(&str, &str); 42] = [
    ("System", "apply_authorized_upgrade"),
    ("Session", "set_keys"),
    ("Council", "propose"),
    ("Council", "vote"),
    ("Council", "close"),
    ("Membership", "enroll"),
    ("Membership", "set_roles"),
    ("Membership", "suspend"),
    ("Membership", "restore"),
    ("Membership", "confirm_roles"),
    ("Membership", "renew"),
    ("Membership", "revoke"),
    ("Membership", "add_authority"),
    ("Membership", "remove_authority"),
    ("Membership", "set_quota"),
    ("Membership", "set_nodes"),
    ("Validators", "add"),
    ("Validators", "remove"),
    ("Validators", "set_session_blocks"),
    ("Governance", "authorize_upgrade"),
    ("SafeMode", "force_enter"),
    ("SafeMode", "force_extend"),
    ("SafeMode", "force_exit"),
    ("TxPause", "pause"),
    ("TxPause", "unpause"),
    ("CreditRegistry", "add_schema"),
    ("CreditRegistry", "add_policy"),
    ("CreditRegistry", "submit"),
    ("CreditRegistry", "relate"),
    ("CreditRegistry", "withdraw_relations"),
    ("CreditRegistry", "inquire"),
    ("Scoring", "propose"),
    ("Scoring", "approve"),
    ("Scoring", "revoke"),
    ("Scoring", "score"),
    ("Packs", "open"),
    ("Packs", "add_page"),
    ("Packs", "seal"),
    ("Packs", "assess"),
    ("Packs", "screen"),
    ("Securities", "accept"),
    ("Securities", "issue"),
];

/// Reports of one transaction, ascending by subject.
pub type ReportBatch = BoundedVec<Report, ConstU32<MAX_BATCH_REPORTS>>;
/// Relations of one transaction.
pub type RelationBatch = BoundedVec<Relation, ConstU32<MAX_BATCH_RELATIONS>>;
/// Pairs of subjects whose relations one transaction withdraws.
pub type EndsBatch = BoundedVec<Ends, ConstU32<MAX_BATCH_RELATIONS>>;
/// Subjects of one `Scoring::score`.
pub type SubjectBatch = BoundedVec<Subject, ConstU32<MAX_SCORED_SUBJECTS>>;

/// A call by the names of pallet and call, and its encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub pallet: &'static str,
    pub name: &'static str,
    pub arguments: Vec<u8>,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.pallet, self.name)
    }
}

/// A call as a runtime's metadata reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedCall {
    pub pallet: String,
    pub name: String,
    /// As they are encoded.
    pub arguments: Vec<u8>,
    /// The arguments by name, in the form of an event's.
    pub fields: serde_json::Value,
    /// What the runtime's documentation says of the call.
    pub docs: String,
}

impl std::fmt::Display for DecodedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.pallet, self.name)
    }
}

fn call(pallet: &'static str, name: &'static str, arguments: impl Encode) -> Call {
    Call { pallet, name, arguments: arguments.encode() }
}

/// What is encoded already, and stands without a length of its own: a call within another, say.
pub(super) struct Raw<'a>(pub &'a [u8]);

impl Encode for Raw<'_> {
    fn encode_to<O: codec::Output + ?Sized>(&self, output: &mut O) {
        output.write(self.0);
    }
}

/// Organisations and authorities; through the council, but for `enroll`, `renew` and `set_nodes`.
pub mod membership {
    use super::*;

    pub fn enroll(certificate: &CertificateBytes) -> Call {
        call("Membership", "enroll", certificate)
    }

    pub fn renew(certificate: &CertificateBytes) -> Call {
        call("Membership", "renew", certificate)
    }

    pub fn set_roles(account: &AccountId, roles: Roles) -> Call {
        call("Membership", "set_roles", (account, roles))
    }

    pub fn confirm_roles(account: &AccountId, roles: Roles) -> Call {
        call("Membership", "confirm_roles", (account, roles))
    }

    pub fn suspend(account: &AccountId) -> Call {
        call("Membership", "suspend", account)
    }

    pub fn restore(account: &AccountId) -> Call {
        call("Membership", "restore", account)
    }

    pub fn revoke(authority: AuthorityId, serial: &Serial) -> Call {
        call("Membership", "revoke", (authority, serial))
    }

    pub fn add_authority(certificate: &CertificateBytes) -> Call {
        call("Membership", "add_authority", certificate)
    }

    pub fn remove_authority(authority: AuthorityId) -> Call {
        call("Membership", "remove_authority", authority)
    }

    /// Without an account everybody's quota; without a number the account has everybody's again.
    pub fn set_quota(account: Option<&AccountId>, millis: Option<u32>) -> Call {
        call("Membership", "set_quota", (account, millis))
    }

    pub fn set_nodes(nodes: &NodeKeys) -> Call {
        call("Membership", "set_nodes", nodes)
    }
}

/// Validators; through the council, but for `set_keys`.
pub mod validators {
    use super::*;

    pub fn add(account: &AccountId) -> Call {
        call("Validators", "add", account)
    }

    pub fn remove(account: &AccountId) -> Call {
        call("Validators", "remove", account)
    }

    pub fn set_session_blocks(blocks: BlockNumber) -> Call {
        call("Validators", "set_session_blocks", blocks)
    }

    /// `keys` are the encoded session keys, `proof` shows that their holder means this account.
    pub fn set_keys(keys: &[u8], proof: &[u8]) -> Call {
        call("Session", "set_keys", (Raw(keys), proof))
    }
}

/// The runtime's upgrade and the emergency stop; through the council, but for `apply_upgrade`.
pub mod governance {
    use super::*;

    pub fn authorize_upgrade(code_hash: H256) -> Call {
        call("Governance", "authorize_upgrade", code_hash)
    }

    pub fn apply_upgrade(code: &[u8]) -> Call {
        call("System", "apply_authorized_upgrade", code)
    }

    /// Stops all calls but those that get the chain going again.
    pub fn stop() -> Call {
        call("SafeMode", "force_enter", ())
    }

    pub fn extend_stop() -> Call {
        call("SafeMode", "force_extend", ())
    }

    pub fn resume() -> Call {
        call("SafeMode", "force_exit", ())
    }

    /// Stops one call, named as `("Packs", "assess")`.
    pub fn pause(pallet: &str, name: &str) -> Call {
        call("TxPause", "pause", (pallet, name))
    }

    pub fn unpause(pallet: &str, name: &str) -> Call {
        call("TxPause", "unpause", (pallet, name))
    }
}

/// Credit data.
pub mod credit {
    use super::*;

    pub fn add_schema(schema: &Schema) -> Call {
        call("CreditRegistry", "add_schema", schema)
    }

    pub fn add_policy(name: &Name, policy: &Policy) -> Call {
        call("CreditRegistry", "add_policy", (name, policy))
    }

    pub fn submit(schema: SchemaId, reports: &ReportBatch) -> Call {
        call("CreditRegistry", "submit", (schema, reports))
    }

    pub fn relate(relations: &RelationBatch) -> Call {
        call("CreditRegistry", "relate", relations)
    }

    pub fn withdraw_relations(pairs: &EndsBatch) -> Call {
        call("CreditRegistry", "withdraw_relations", pairs)
    }

    pub fn inquire(scope: &Scope, purpose: &Purpose, consent_hash: H256) -> Call {
        call("CreditRegistry", "inquire", (scope, purpose, consent_hash))
    }
}

/// Scoring contracts; `approve` and `revoke` through the council.
pub mod scoring {
    use super::*;

    pub fn propose(
        name: &Name,
        schema: SchemaId,
        features_hash: H256,
        artifact: &ArtifactBytes,
        calibration: &Calibration,
    ) -> Call {
        call("Scoring", "propose", (name, schema, features_hash, artifact, calibration))
    }

    pub fn approve(contract: ContractId) -> Call {
        call("Scoring", "approve", contract)
    }

    pub fn revoke(contract: ContractId, reason: &Name) -> Call {
        call("Scoring", "revoke", (contract, reason))
    }

    pub fn score(contract: ContractId, policy: PolicyId, subjects: &SubjectBatch) -> Call {
        call("Scoring", "score", (contract, policy, subjects))
    }
}

/// Packs.
pub mod packs {
    use super::*;

    pub fn open(terms: &PackTerms) -> Call {
        call("Packs", "open", terms)
    }

    pub fn add_page(pack: PackId, number: u32, page: &Page) -> Call {
        call("Packs", "add_page", (pack, number, page))
    }

    pub fn seal(pack: PackId, loans: u32, principal_minor: Minor) -> Call {
        call("Packs", "seal", (pack, loans, principal_minor))
    }

    pub fn assess(pack: PackId, contract: ContractId, policy: PolicyId) -> Call {
        call("Packs", "assess", (pack, contract, policy))
    }

    pub fn screen(pack: PackId, request: &Request) -> Call {
        call("Packs", "screen", (pack, request))
    }
}

/// Securities.
pub mod securities {
    use super::*;

    pub fn accept(pack: PackId) -> Call {
        call("Securities", "accept", pack)
    }

    pub fn issue(pack: PackId, name: &Name, tranches: &Tranches) -> Call {
        call("Securities", "issue", (pack, name, tranches))
    }
}

/// Motions of the council; `proposal` is an encoded call.
pub(crate) mod council {
    use super::*;

    /// What executing a motion may cost: reference picoseconds and bytes of proof. A block's second
    /// holds it.
    const MAX_MOTION_PICOS: u64 = 300_000_000_000;
    const MAX_MOTION_PROOF_BYTES: u64 = 1024 * 1024;

    pub fn propose(threshold: u32, proposal: &[u8]) -> Call {
        let length = u32::try_from(proposal.len()).unwrap_or(u32::MAX);
        let arguments = (Compact(threshold), Raw(proposal), Compact(length));
        call("Council", "propose", arguments)
    }

    pub fn vote(motion: H256, index: u32, aye: bool) -> Call {
        call("Council", "vote", (motion, Compact(index), aye))
    }

    pub fn close(motion: H256, index: u32, proposal_bytes: u32) -> Call {
        let weight = (Compact(MAX_MOTION_PICOS), Compact(MAX_MOTION_PROOF_BYTES));
        call("Council", "close", (motion, Compact(index), weight, Compact(proposal_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_encode_arguments_one_after_the_other_when_a_page_is_added() {
        let page = Page::default();
        let encoded = packs::add_page(7, 2, &page);
        let mut expected = vec![7, 0, 0, 0, 2, 0, 0, 0];
        expected.extend(page.encode());
        assert_eq!((encoded.pallet, encoded.name), ("Packs", "add_page"));
        assert_eq!(encoded.arguments, expected);
    }

    #[test]
    fn should_encode_a_motion_without_length_of_its_call_when_proposed() {
        let encoded = council::propose(1, &[9, 8, 7]);
        assert_eq!(encoded.arguments, vec![1 << 2, 9, 8, 7, 3 << 2]);
    }

    #[test]
    fn should_encode_the_aye_after_the_compact_index_when_voting() {
        let encoded = council::vote(H256::repeat_byte(1), 3, true);
        let mut expected = vec![1; 32];
        expected.extend([3 << 2, 1]);
        assert_eq!(encoded.arguments, expected);
    }

    #[test]
    fn should_know_every_call_that_it_makes() {
        let made = [
            packs::seal(1, 2, 3),
            membership::suspend(&AccountId::new([0; 32])),
            credit::withdraw_relations(&EndsBatch::default()),
            credit::inquire(&Scope::Pack(0), &Purpose::Audit, H256::zero()),
            council::close(H256::zero(), 0, 1),
            securities::accept(1),
            securities::issue(1, &Name::default(), &Tranches::default()),
        ];
        for call in made {
            assert!(KNOWN_CALLS.contains(&(call.pallet, call.name)), "{call} is not checked");
        }
    }
}

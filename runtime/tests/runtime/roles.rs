//! Every call of the runtime by every role, against a table written by hand.

use assay_membership::{extension::CheckMembership, CallRoles as _};
use assay_primitives::{
    inquiry::INQUIRERS,
    member::{refusal, Roles},
    AccountId,
};
use assay_runtime::{
    configs::CallRoles, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin, System,
};
use codec::Decode;
use frame_support::{
    dispatch::GetDispatchInfo,
    traits::{CallMetadata, GetCallMetadata},
};
use sp_runtime::{
    traits::{DispatchTransaction, TransactionExtension},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    BuildStorage,
};
use std::collections::{BTreeMap, BTreeSet};

/// Who may send a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Members with one of these roles.
    With(Roles),
    /// Only a motion, or nobody at all.
    Nobody,
    /// A node, without a signature: the call proves itself.
    Node,
    /// The author of a block.
    Author,
}

use Who::{Author, Nobody, Node, With};

const COUNCIL: Who = With(Roles::COUNCIL);
const VALIDATOR: Who = With(Roles::VALIDATOR);
const BUREAU: Who = With(Roles::BUREAU);
const RISK_CONTROLLER: Who = With(Roles::RISK_CONTROLLER);
const ORIGINATOR: Who = With(Roles::ORIGINATOR);
const ANY_MEMBER: Who = With(Roles::ALL);

/// The whole of it: whoever adds a call writes here who may send it.
const TABLE: &[(&str, &str, Who)] = &[
    ("System", "remark", Nobody),
    ("System", "set_heap_pages", Nobody),
    ("System", "set_code", Nobody),
    ("System", "set_code_without_checks", Nobody),
    ("System", "set_storage", Nobody),
    ("System", "kill_storage", Nobody),
    ("System", "kill_prefix", Nobody),
    ("System", "remark_with_event", Nobody),
    ("System", "authorize_upgrade", Nobody),
    ("System", "authorize_upgrade_without_checks", Nobody),
    ("System", "apply_authorized_upgrade", COUNCIL),
    ("Timestamp", "set", Author),
    ("Grandpa", "report_equivocation", Nobody),
    ("Grandpa", "report_equivocation_unsigned", Node),
    ("Grandpa", "note_stalled", Nobody),
    ("Council", "set_members", Nobody),
    ("Council", "execute", Nobody),
    ("Council", "propose", COUNCIL),
    ("Council", "vote", COUNCIL),
    ("Council", "disapprove_proposal", Nobody),
    ("Council", "close", COUNCIL),
    ("Council", "kill", Nobody),
    ("Council", "release_proposal_cost", Nobody),
    ("Membership", "enroll", ANY_MEMBER),
    ("Membership", "set_roles", Nobody),
    ("Membership", "suspend", Nobody),
    ("Membership", "restore", Nobody),
    ("Membership", "confirm_roles", Nobody),
    ("Membership", "renew", ANY_MEMBER),
    ("Membership", "revoke", Nobody),
    ("Membership", "add_authority", Nobody),
    ("Membership", "remove_authority", Nobody),
    ("Membership", "set_quota", Nobody),
    ("Membership", "set_nodes", ANY_MEMBER),
    ("CreditRegistry", "add_schema", RISK_CONTROLLER),
    ("CreditRegistry", "add_policy", RISK_CONTROLLER),
    ("CreditRegistry", "submit", BUREAU),
    ("CreditRegistry", "relate", BUREAU),
    ("CreditRegistry", "withdraw_relations", BUREAU),
    ("CreditRegistry", "inquire", With(INQUIRERS)),
    ("Scoring", "propose", RISK_CONTROLLER),
    ("Scoring", "approve", Nobody),
    ("Scoring", "revoke", Nobody),
    ("Scoring", "score", RISK_CONTROLLER),
    ("Packs", "open", ORIGINATOR),
    ("Packs", "add_page", ORIGINATOR),
    ("Packs", "seal", ORIGINATOR),
    ("Packs", "assess", RISK_CONTROLLER),
    ("Packs", "screen", RISK_CONTROLLER),
    ("Securities", "accept", With(Roles::SPV)),
    ("Securities", "issue", With(Roles::EXCHANGE)),
    ("Validators", "add", Nobody),
    ("Validators", "remove", Nobody),
    ("Validators", "set_session_blocks", Nobody),
    ("Session", "set_keys", VALIDATOR),
    ("Session", "purge_keys", Nobody),
    ("Governance", "authorize_upgrade", Nobody),
    ("SafeMode", "enter", Nobody),
    ("SafeMode", "force_enter", Nobody),
    ("SafeMode", "extend", Nobody),
    ("SafeMode", "force_extend", Nobody),
    ("SafeMode", "force_exit", Nobody),
    ("SafeMode", "force_slash_deposit", Nobody),
    ("SafeMode", "release_deposit", Nobody),
    ("SafeMode", "force_release_deposit", Nobody),
    ("TxPause", "pause", Nobody),
    ("TxPause", "unpause", Nobody),
];

/// One call of each kind that the runtime has, found by decoding: all arguments are 0, empty or
/// absent, which every type of them knows.
pub fn every_call() -> BTreeMap<(&'static str, &'static str), RuntimeCall> {
    let mut calls = BTreeMap::new();
    for (pallet, index) in (0..=u8::MAX).flat_map(|pallet| (0..=u8::MAX).map(move |i| (pallet, i)))
    {
        let mut bytes = vec![0; 4_096];
        bytes[..2].copy_from_slice(&[pallet, index]);
        if let Ok(call) = RuntimeCall::decode(&mut &bytes[..]) {
            let CallMetadata { pallet_name, function_name } = call.get_call_metadata();
            calls.insert((pallet_name, function_name), call);
        }
    }
    let named = RuntimeCall::get_module_names().iter().flat_map(|pallet| {
        RuntimeCall::get_call_names(pallet).iter().map(move |call| (*pallet, *call))
    });
    let named: BTreeSet<_> = named.collect();
    let found: BTreeSet<_> = calls.keys().copied().collect();
    assert_eq!(found, named, "a call of the metadata was not found by decoding");
    calls
}

fn member(place: usize) -> AccountId {
    AccountId::new([place as u8 + 1; 32])
}

/// Runs a test on a chain on which each role has one member with that role alone, in the order of
/// their names.
fn run(test: impl FnOnce()) {
    let organisations = (0..)
        .zip(Roles::NAMES)
        .map(|(place, (role, name))| (member(place), name.to_string(), role))
        .collect();
    let genesis = RuntimeGenesisConfig {
        membership: assay_membership::GenesisConfig { organisations, ..Default::default() },
        ..Default::default()
    };
    sp_io::TestExternalities::new(genesis.build_storage().unwrap()).execute_with(|| {
        System::set_block_number(1);
        test();
    });
}

/// The code with which a call of that member is refused by pool and block, if it is.
fn refusal_of(who: AccountId, call: &RuntimeCall) -> Option<u8> {
    let info = call.get_dispatch_info();
    let origin = RuntimeOrigin::signed(who);
    let check = CheckMembership::<Runtime>::new();
    let source = TransactionSource::External;
    code(check.validate_only(origin, call, &info, 0, source, 0).map(drop))
}

fn code(result: Result<(), TransactionValidityError>) -> Option<u8> {
    match result {
        Ok(()) => None,
        Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => Some(code),
        Err(other) => panic!("refused otherwise: {other:?}"),
    }
}

#[test]
fn should_list_each_call_once_and_no_other_when_the_runtime_changes() {
    let listed: BTreeSet<_> = TABLE.iter().map(|(pallet, call, _)| (*pallet, *call)).collect();
    assert_eq!(listed.len(), TABLE.len(), "a call is listed twice");
    let there: BTreeSet<_> = every_call().into_keys().collect();
    let unlisted: Vec<_> = there.difference(&listed).collect();
    assert!(unlisted.is_empty(), "write into the table who may send {unlisted:?}");
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(gone.is_empty(), "the table lists what is no call: {gone:?}");
}

#[test]
fn should_let_in_what_the_table_allows_and_nothing_else_when_a_role_sends_a_call() {
    let calls = every_call();
    run(|| {
        for (pallet, name, who) in TABLE {
            let call = &calls[&(*pallet, *name)];
            for (place, (role, role_name)) in (0..).zip(Roles::NAMES) {
                let allowed = matches!(who, With(roles) if roles.intersects(role));
                let expected = (!allowed).then_some(refusal::ROLE_NOT_ALLOWED);
                let refused = refusal_of(member(place), call);
                assert_eq!(refused, expected, "{pallet}::{name} sent by a {role_name}");
            }
            let stranger = refusal_of(member(100), call);
            assert_eq!(stranger, Some(refusal::NOT_A_MEMBER), "{pallet}::{name} by a stranger");
        }
    });
}

#[test]
fn should_let_in_only_reports_and_inherents_when_nobody_signed() {
    let calls = every_call();
    run(|| {
        for (pallet, name, who) in TABLE {
            let call = &calls[&(*pallet, *name)];
            let info = call.get_dispatch_info();
            let pool = CheckMembership::<Runtime>::bare_validate(call, &info, 0).map(drop);
            let block = CheckMembership::<Runtime>::bare_validate_and_prepare(call, &info, 0);
            let unless = |allowed: bool| (!allowed).then_some(refusal::UNSIGNED);
            let by_node = *who == Node;
            assert_eq!(code(pool), unless(by_node), "{pallet}::{name} in the pool");
            let in_block = by_node || *who == Author;
            assert_eq!(code(block), unless(in_block), "{pallet}::{name} in a block");
        }
    });
}

#[test]
fn should_say_the_same_by_its_list_when_asked_without_a_member() {
    let calls = every_call();
    for (pallet, name, who) in TABLE {
        let call = &calls[&(*pallet, *name)];
        let expected = match who {
            With(roles) => Some(*roles),
            Nobody | Node | Author => None,
        };
        assert_eq!(CallRoles::roles(call), expected, "{pallet}::{name}");
        assert_eq!(CallRoles::is_bare(call), *who == Node, "{pallet}::{name}");
    }
}

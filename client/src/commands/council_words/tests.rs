use super::*;
use crate::{
    certificate::development_authority,
    chain::{
        call::{governance, membership, scoring, validators, KNOWN_CALLS},
        Call,
    },
};
use assay_primitives::member::Certificate;
use serde_json::json;

/// Calls that members send on their own.
const OF_MEMBERS: [(&str, &str); 23] = [
    ("System", "apply_authorized_upgrade"),
    ("Session", "set_keys"),
    ("Council", "propose"),
    ("Council", "vote"),
    ("Council", "close"),
    ("Membership", "enroll"),
    ("Membership", "renew"),
    ("Membership", "set_nodes"),
    ("CreditRegistry", "add_schema"),
    ("CreditRegistry", "add_policy"),
    ("CreditRegistry", "submit"),
    ("CreditRegistry", "relate"),
    ("CreditRegistry", "withdraw_relations"),
    ("CreditRegistry", "inquire"),
    ("Scoring", "propose"),
    ("Scoring", "score"),
    ("Packs", "open"),
    ("Packs", "add_page"),
    ("Packs", "seal"),
    ("Packs", "assess"),
    ("Packs", "screen"),
    ("Securities", "accept"),
    ("Securities", "issue"),
];

fn account() -> AccountId {
    AccountId::new([7; 32])
}

fn serial() -> Serial {
    vec![0x0a, 0x41].try_into().unwrap()
}

/// One of each call that only the council makes.
fn of_the_council() -> Vec<Call> {
    let (_, der) = development_authority();
    vec![
        membership::set_roles(&account(), Roles::BUREAU),
        membership::suspend(&account()),
        membership::restore(&account()),
        membership::confirm_roles(&account(), Roles::CUSTODIAN),
        membership::revoke(3, &serial()),
        membership::add_authority(&der.try_into().unwrap()),
        membership::remove_authority(3),
        membership::set_quota(Some(&account()), Some(500)),
        validators::add(&account()),
        validators::remove(&account()),
        validators::set_session_blocks(20),
        governance::authorize_upgrade(H256::repeat_byte(0xab)),
        governance::stop(),
        governance::extend_stop(),
        governance::resume(),
        governance::pause("Packs", "assess"),
        governance::unpause("Packs", "assess"),
        scoring::approve(H256::repeat_byte(1)),
        scoring::revoke(H256::repeat_byte(1), &name("a fault in training")),
    ]
}

fn name(text: &str) -> Name {
    text.as_bytes().to_vec().try_into().unwrap()
}

fn words() -> Words {
    let certificate = Certificate {
        authority: 3,
        hash: H256::zero(),
        serial: serial(),
        not_before_secs: 0,
        not_after_secs: 1,
        revoked: false,
        warned_days: None,
    };
    let organisation = Organisation {
        id: 1,
        name: name("Credit Bureau"),
        roles: Roles::AUDITOR,
        awaiting: Roles::CUSTODIAN,
        status: Status::Active,
        certificate: Some(certificate),
        quota_millis: None,
    };
    Words { organisations: vec![(account(), organisation)], ..Words::default() }
}

fn sentence(call: &Call) -> String {
    words().written(call.pallet, call.name, &call.arguments).expect("the call has a sentence")
}

#[test]
fn should_have_a_sentence_for_every_call_that_only_the_council_makes() {
    let made = of_the_council();
    for known in KNOWN_CALLS {
        let call = made.iter().find(|call| (call.pallet, call.name) == known);
        match call {
            Some(call) => assert!(sentence(call).len() > 20, "{call}"),
            None => assert!(OF_MEMBERS.contains(&known), "{known:?} has no sentence"),
        }
    }
}

#[test]
fn should_name_the_organisation_when_a_motion_is_about_one() {
    let said = sentence(&membership::suspend(&account()));
    let address = address(&account());
    assert_eq!(
        said,
        format!(
            "suspend the organisation \"Credit Bureau\" ({address}): its transactions are \
             refused until it is restored"
        )
    );
    let said = sentence(&membership::set_roles(&account(), Roles::BUREAU));
    assert!(said.ends_with("the roles bureau instead of auditor"), "{said}");
    let stranger = sentence(&membership::suspend(&AccountId::new([8; 32])));
    assert!(stranger.contains("no organisation of the consortium"), "{stranger}");
}

#[test]
fn should_name_who_holds_a_certificate_when_it_is_to_be_revoked() {
    let said = sentence(&membership::revoke(3, &serial()));
    assert!(said.contains("certificate 0a41") && said.contains("Credit Bureau"), "{said}");
    let other = sentence(&membership::revoke(4, &serial()));
    assert!(other.ends_with("no organisation acts by it"), "{other}");
}

#[test]
fn should_show_what_voters_compare_when_an_authority_is_to_be_added() {
    let (_, der) = development_authority();
    let said = sentence(&membership::add_authority(&der.clone().try_into().unwrap()));
    assert!(said.contains("\"Assay Development Authority\""), "{said}");
    assert!(said.ends_with(&fingerprint(&der)), "{said}");
    let broken = sentence(&membership::add_authority(&vec![1, 2, 3].try_into().unwrap()));
    assert!(broken.contains("no effect"), "{broken}");
}

#[test]
fn should_fall_back_on_the_chains_documentation_when_a_call_is_another() {
    let call = DecodedCall {
        pallet: "System".into(),
        name: "remark".into(),
        arguments: Vec::new(),
        fields: json!({ "remark": "hello" }),
        docs: "Make some on-chain remark. Can be executed by every `origin`.".into(),
    };
    assert_eq!(
        words().sentence(&call),
        "System::remark (Make some on-chain remark), remark: hello"
    );
}

#[test]
fn should_fall_back_when_the_arguments_are_of_another_kind() {
    assert_eq!(words().written("Membership", "suspend", &[1, 2, 3]), None);
}

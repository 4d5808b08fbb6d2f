use super::{certificates::*, mock::*};
use crate::DEFAULT_QUOTA_MILLIS;
use assay_primitives::member::Roles;

#[test]
fn should_seat_the_council_when_the_chain_begins() {
    let council = Roles::COUNCIL.with(Roles::SPV);
    let config = config(&[(9, "A", council), (4, "B", Roles::COUNCIL), (6, "C", Roles::SPV)]);
    begun(config).execute_with(|| {
        assert_eq!(Council::members(), vec![account(4), account(9)]);
        assert_eq!(organisation(6).id, 2);
        assert_eq!(organisation(6).certificate, None);
        assert_eq!(System::providers(&account(6)), 1);
        assert_eq!(Organisations::usage(&account(6)).1, DEFAULT_QUOTA_MILLIS);
        Organisations::check_state().unwrap();
    });
}

#[test]
fn should_begin_with_certificates_nodes_and_quota_when_they_are_given() {
    let signers = [Signer::new("First Authority"), Signer::p256("Second Authority")];
    let mut config = config(&[]);
    config.authorities = signers.iter().map(|signer| signer.root().into_inner()).collect();
    let terms = [
        terms(3, "Bank", Roles::COUNCIL.with(Roles::ORIGINATOR)),
        // There is no time when a chain begins, so that nothing has ended.
        Terms { from: 0, until: 1, ..terms(4, "Exchange", Roles::VALIDATOR) },
    ];
    let members = [signers[1].sign(&terms[0]), signers[0].sign(&terms[1])];
    config.members = members.into_iter().map(|der| der.into_inner()).collect();
    config.nodes = vec![(account(4), vec![[7; 32], [8; 32]])];
    config.quota_millis = 5;
    begun(config).execute_with(|| {
        assert_eq!(Council::members(), vec![account(3)]);
        assert_eq!(organisation(3).roles, Roles::COUNCIL.with(Roles::ORIGINATOR));
        assert_eq!(organisation(3).awaiting, Roles::NONE);
        assert_eq!(certificate(3).authority, 1);
        assert_eq!(organisation(4).roles, Roles::VALIDATOR);
        assert_eq!(certificate(4).authority, 0);
        assert_eq!(Organisations::node_keys(), vec![[7; 32], [8; 32]]);
        assert_eq!(Organisations::usage(&account(3)).1, 5);
        Organisations::check_state().unwrap();
    });
}

#[test]
fn should_read_organisations_when_they_come_as_json() {
    let mut config = config(&[(7, "Bank", Roles::COUNCIL)]);
    config.nodes = vec![(account(7), vec![[1; 32]])];
    let json = serde_json::to_value(&config).unwrap();
    assert_eq!(json["organisations"].to_string(), format!(r#"[["{}","Bank",1]]"#, account(7)));
    assert_eq!(json["quotaMillis"], 0);
    let read: crate::GenesisConfig<Test> = serde_json::from_value(json).unwrap();
    assert_eq!(read.organisations, config.organisations);
    assert_eq!(read.nodes, config.nodes);
}

#[test]
#[should_panic(expected = "AlreadyExists")]
fn should_not_begin_when_a_name_is_there_twice() {
    begun(config(&[(1, "A", Roles::COUNCIL), (2, "A", Roles::SPV)]));
}

#[test]
#[should_panic(expected = "name too long")]
fn should_not_begin_when_a_name_is_too_long() {
    begun(config(&[(1, &"A".repeat(65), Roles::COUNCIL)]));
}

#[test]
#[should_panic(expected = "NameMissing")]
fn should_not_begin_when_a_name_is_empty() {
    begun(config(&[(1, "", Roles::COUNCIL)]));
}

#[test]
#[should_panic(expected = "InvalidRoles")]
fn should_not_begin_when_roles_are_unknown() {
    begun(config(&[(1, "A", Roles(1 << 13))]));
}

#[test]
#[should_panic(expected = "no organisation of the genesis is of the council")]
fn should_not_begin_when_nobody_is_the_council() {
    begun(config(&[(1, "A", Roles::SPV)]));
}

#[test]
#[should_panic(expected = "authority 0 of the genesis: Err(\"CertificateMalformed\")")]
fn should_not_begin_when_an_authority_is_broken() {
    let mut config = config(&[(1, "A", Roles::COUNCIL)]);
    config.authorities = vec![vec![1, 2, 3]];
    begun(config);
}

#[test]
#[should_panic(expected = "member 0 of the genesis: Err(BadSignature)")]
fn should_not_begin_when_no_authority_signed_a_member() {
    let mut config = config(&[(1, "A", Roles::COUNCIL)]);
    config.members = vec![authority().sign(&terms(3, "Bank", Roles::SPV)).into_inner()];
    begun(config);
}

#[test]
#[should_panic(expected = "member 0 of the genesis: Err(CertificateTooLarge)")]
fn should_not_begin_when_a_member_is_too_large() {
    let mut config = config(&[(1, "A", Roles::COUNCIL)]);
    config.authorities = vec![authority().root().into_inner()];
    config.members = vec![vec![0x30; 4_097]];
    begun(config);
}

#[test]
#[should_panic(expected = "authority 0 of the genesis: Err(\"certificate too large\")")]
fn should_not_begin_when_an_authority_is_too_large() {
    let mut config = config(&[(1, "A", Roles::COUNCIL)]);
    config.authorities = vec![vec![0x30; 4_097]];
    begun(config);
}

#[test]
#[should_panic(expected = "NodeTaken")]
fn should_not_begin_when_two_have_the_same_node() {
    let mut config = config(&[(1, "A", Roles::COUNCIL), (2, "B", Roles::SPV)]);
    config.nodes = vec![(account(1), vec![[1; 32]]), (account(2), vec![[1; 32]])];
    begun(config);
}

#[test]
#[should_panic(expected = "NotFound")]
fn should_not_begin_when_nodes_are_nobodys() {
    let mut config = config(&[(1, "A", Roles::COUNCIL)]);
    config.nodes = vec![(account(2), vec![[1; 32]])];
    begun(config);
}

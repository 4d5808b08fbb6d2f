use super::maker::*;
use crate::{read_member, Fault, MemberCertificate};
use assay_primitives::member::Roles;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyUsagePurpose};

fn read(params: &CertificateParams) -> Result<MemberCertificate, Fault> {
    let key = ed25519();
    read_member(&member(params, &key), &root(&key))
}

#[test]
fn should_read_a_member_when_an_authority_of_either_kind_signed() {
    for key in [ed25519(), p256()] {
        let der = member(&member_params(), &key);
        let read = read_member(&der, &root(&key)).unwrap();
        assert_eq!(
            read,
            MemberCertificate {
                account: [7; 32],
                name: b"First Bank".to_vec(),
                units: vec![b"bureau".to_vec(), b"originator".to_vec()],
                serial: vec![0x9a, 2, 3],
                not_before_secs: NOT_BEFORE + 10,
                not_after_secs: NOT_AFTER - 10,
                hash: sp_io::hashing::blake2_256(&der).into(),
            }
        );
        assert_eq!(read.roles(), Ok(Roles::BUREAU.with(Roles::ORIGINATOR)));
    }
}

#[test]
fn should_read_a_member_when_there_are_no_extensions() {
    let mut params = member_params();
    params.is_ca = IsCa::NoCa;
    params.key_usages.clear();
    assert!(read(&params).is_ok());
}

#[test]
fn should_take_the_common_name_when_there_is_no_organisation() {
    let mut params = member_params();
    params.distinguished_name = named(&[(DnType::CommonName, "Bank"), (unit(), "spv")]);
    assert_eq!(read(&params).unwrap().name, b"Bank");
}

#[test]
fn should_name_every_role_when_units_do() {
    for (role, name) in Roles::NAMES {
        let mut params = member_params();
        params.distinguished_name = named(&[(DnType::CommonName, "Bank"), (unit(), name)]);
        assert_eq!(read(&params).unwrap().roles(), Ok(role));
    }
}

#[test]
fn should_refuse_when_another_authority_signed() {
    for (signer, authority) in [(ed25519(), ed25519()), (p256(), p256()), (ed25519(), p256())] {
        let der = member(&member_params(), &signer);
        assert_eq!(read_member(&der, &root(&authority)), Err(Fault::BadSignature));
    }
}

#[test]
fn should_refuse_when_a_stranger_signed_it_himself() {
    let key = ed25519();
    let der = member_params().self_signed(&ed25519()).unwrap().der().to_vec();
    assert_eq!(read_member(&der, &root(&key)), Err(Fault::BadSignature));
    // With the authority's name on it, too.
    let der = member(&member_params(), &ed25519());
    assert_eq!(read_member(&der, &root(&key)), Err(Fault::BadSignature));
}

#[test]
fn should_refuse_when_the_issuer_has_another_name() {
    let key = ed25519();
    let mut params = root_params();
    params.distinguished_name = named(&[(DnType::OrganizationName, "Bank authority")]);
    let issuer = Issuer::from_params(&params, &key);
    let der = member_params().signed_by(&Account([7; 32]), &issuer).unwrap().der().to_vec();
    assert_eq!(read_member(&der, &root(&key)), Err(Fault::BadSignature));
}

#[test]
fn should_refuse_when_the_issuer_is_a_member() {
    let key = ed25519();
    let mut params = member_params();
    params.distinguished_name = root_params().distinguished_name;
    let issuer = params.self_signed(&key).unwrap().der().to_vec();
    let der = member(&member_params(), &key);
    assert_eq!(read_member(&der, &issuer), Err(Fault::NotAnAuthority));
}

#[test]
fn should_refuse_when_it_is_an_authority() {
    let mut params = member_params();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    assert_eq!(read(&params), Err(Fault::IsAnAuthority));
}

#[test]
fn should_refuse_when_the_key_is_not_for_signing() {
    let mut params = member_params();
    params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    assert_eq!(read(&params), Err(Fault::KeyUsage));
}

#[test]
fn should_refuse_when_the_key_is_no_account() {
    let key = ed25519();
    let der = signed(&member_params(), &p256(), &key);
    assert_eq!(read_member(&der, &root(&key)), Err(Fault::NotAnAccountKey));
}

#[test]
fn should_refuse_when_there_are_no_roles() {
    let mut params = member_params();
    params.distinguished_name = named(&[(DnType::OrganizationName, "Bank")]);
    assert_eq!(read(&params), Err(Fault::NoRoles));
}

#[test]
fn should_refuse_when_a_role_is_unknown() {
    for name in ["sales", "Bureau", ""] {
        let mut params = member_params();
        params.distinguished_name = named(&[
            (DnType::OrganizationName, "Bank"),
            (unit(), "spv"),
            (DnType::OrganizationalUnitName, name),
        ]);
        assert_eq!(read(&params), Err(Fault::UnknownRole));
    }
}

#[test]
fn should_say_what_is_wrong_when_shown() {
    let sentence = Fault::UnknownRole.to_string();
    assert_eq!(sentence, "an organisational unit (OU) of the certificate is not a role");
}

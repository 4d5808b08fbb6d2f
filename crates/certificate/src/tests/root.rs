use super::maker::*;
use crate::{authority_key, read_root, AuthorityKey, Fault, Root, MAX_BYTES};
use assay_primitives::MAX_NAME_BYTES;
use rcgen::{
    CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, SerialNumber, PKCS_ECDSA_P384_SHA384,
};

fn self_signed(params: &CertificateParams) -> Result<Root, Fault> {
    read_root(params.self_signed(&ed25519()).unwrap().der())
}

#[test]
fn should_read_a_root_when_its_key_is_ed25519() {
    let key = ed25519();
    let der = root(&key);
    let raw: [u8; 32] = key.public_key_raw().try_into().unwrap();
    let read = read_root(&der).unwrap();
    assert_eq!(
        read,
        Root {
            name: b"Bank Authority".to_vec(),
            key: AuthorityKey::Ed25519(raw),
            not_before_secs: NOT_BEFORE,
            not_after_secs: NOT_AFTER,
            hash: sp_io::hashing::blake2_256(&der).into(),
        }
    );
    assert_eq!(authority_key(&der), Ok(read.key));
}

#[test]
fn should_read_a_root_when_its_key_is_p256() {
    let key = p256();
    let der = root(&key);
    let point = AuthorityKey::P256(key.public_key_raw().to_vec());
    assert_eq!(read_root(&der).unwrap().key, point);
    assert_eq!(authority_key(&der), Ok(point));
}

#[test]
fn should_take_the_common_name_when_there_is_no_organisation() {
    let mut params = root_params();
    params.distinguished_name = named(&[(DnType::CommonName, "Authority")]);
    assert_eq!(self_signed(&params).unwrap().name, b"Authority");
}

#[test]
fn should_read_times_when_they_are_after_2049() {
    let mut params = root_params();
    validity(&mut params, NOT_BEFORE, 253_402_300_799);
    assert_eq!(self_signed(&params).unwrap().not_after_secs, 253_402_300_799);
}

#[test]
fn should_refuse_when_it_is_larger_than_certificates_are() {
    let mut params = root_params();
    params.custom_extensions.push(extension(&[1, 2, 3], false, &vec![0; 1 << 20]));
    assert_eq!(self_signed(&params), Err(Fault::TooLarge));
    assert_eq!(read_root(&vec![0; MAX_BYTES as usize + 1]), Err(Fault::TooLarge));
    assert_eq!(read_root(&vec![0; MAX_BYTES as usize]), Err(Fault::Malformed));
}

#[test]
fn should_refuse_when_it_is_not_of_version_3() {
    let der = replaced(&root(&ed25519()), &[0xa0, 3, 2, 1, 2], &[0xa0, 3, 2, 1, 1], false);
    assert_eq!(read_root(&der), Err(Fault::NotVersion3));
}

#[test]
fn should_refuse_when_the_key_is_of_another_kind() {
    let other = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let der = signed(&root_params(), &other, &ed25519());
    assert_eq!(read_root(&der), Err(Fault::UnsupportedKey));
}

#[test]
fn should_refuse_when_the_key_is_no_point_of_the_curve() {
    let key = p256();
    let mut point = key.public_key_raw().to_vec();
    let der = root(&key);
    point[64] ^= 1;
    let der = replaced(&der, key.public_key_raw(), &point, false);
    assert_eq!(read_root(&der), Err(Fault::UnsupportedKey));
}

#[test]
fn should_refuse_when_the_signature_is_of_another_kind() {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    assert_eq!(read_root(&root(&key)), Err(Fault::UnsupportedSignature));
}

#[test]
fn should_refuse_when_it_names_two_kinds_of_signature() {
    // That of X25519 in the second place.
    let der = replaced(&root(&ed25519()), &[0x2b, 0x65, 0x70], &[0x2b, 0x65, 0x6e], true);
    assert_eq!(read_root(&der), Err(Fault::UnsupportedSignature));
}

#[test]
fn should_refuse_when_another_key_signed() {
    let der = signed(&root_params(), &ed25519(), &ed25519());
    assert_eq!(read_root(&der), Err(Fault::BadSignature));
    let der = signed(&root_params(), &p256(), &p256());
    assert_eq!(read_root(&der), Err(Fault::BadSignature));
    let der = signed(&root_params(), &p256(), &ed25519());
    assert_eq!(read_root(&der), Err(Fault::BadSignature));
}

#[test]
fn should_refuse_when_it_names_another_issuer() {
    let mut params = root_params();
    params.distinguished_name = named(&[(DnType::OrganizationName, "Lower Authority")]);
    let der = signed(&params, &ed25519(), &ed25519());
    assert_eq!(read_root(&der), Err(Fault::NotSelfSigned));
}

#[test]
fn should_refuse_when_it_is_not_for_authorities() {
    for is_ca in [IsCa::NoCa, IsCa::ExplicitNoCa] {
        let mut params = root_params();
        params.is_ca = is_ca;
        assert_eq!(self_signed(&params), Err(Fault::NotAnAuthority));
    }
}

#[test]
fn should_refuse_when_the_key_is_not_for_signing_certificates() {
    for usages in [vec![], vec![KeyUsagePurpose::CrlSign]] {
        let mut params = root_params();
        params.key_usages = usages;
        assert_eq!(self_signed(&params), Err(Fault::KeyUsage));
    }
}

#[test]
fn should_refuse_when_a_critical_extension_is_unknown() {
    let mut params = root_params();
    params.custom_extensions.push(extension(NAME_CONSTRAINTS, true, &[0x30, 0]));
    assert_eq!(self_signed(&params), Err(Fault::UnknownCriticalExtension));
    params.custom_extensions[0].set_criticality(false);
    assert!(self_signed(&params).is_ok());
}

#[test]
fn should_refuse_when_an_extension_is_there_twice() {
    let mut params = root_params();
    params.custom_extensions.push(extension(BASIC_CONSTRAINTS, true, &[0x30, 0]));
    assert_eq!(self_signed(&params), Err(Fault::Malformed));
}

#[test]
fn should_refuse_when_it_ends_before_it_begins() {
    let mut params = root_params();
    validity(&mut params, NOT_AFTER, NOT_AFTER);
    assert!(self_signed(&params).is_ok());
    validity(&mut params, NOT_AFTER + 1, NOT_AFTER);
    assert_eq!(self_signed(&params), Err(Fault::BadValidity));
}

#[test]
fn should_refuse_when_the_serial_number_is_none() {
    let mut params = root_params();
    for (serial, fault) in [(vec![0], Fault::SerialInvalid), (vec![1; 21], Fault::SerialInvalid)] {
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        assert_eq!(self_signed(&params), Err(fault));
    }
    params.serial_number = Some(SerialNumber::from_slice(&[0xff; 20]));
    assert!(self_signed(&params).is_ok());
    // The sign bit of the only byte.
    let der = replaced(&root(&ed25519()), &[2, 1, 1, 0x30], &[2, 1, 0x81, 0x30], false);
    assert_eq!(read_root(&der), Err(Fault::SerialInvalid));
}

#[test]
fn should_refuse_when_there_is_no_name() {
    let mut params = root_params();
    for name in [named(&[]), named(&[(DnType::OrganizationName, "")])] {
        params.distinguished_name = name;
        assert_eq!(self_signed(&params), Err(Fault::NameMissing));
    }
}

#[test]
fn should_refuse_when_the_name_has_control_characters() {
    let mut params = root_params();
    params.distinguished_name = named(&[(DnType::OrganizationName, "Root\n\u{1b}[2J")]);
    assert_eq!(self_signed(&params), Err(Fault::NameUnprintable));
}

#[test]
fn should_refuse_when_the_name_is_too_long() {
    let mut params = root_params();
    let longest = "A".repeat(MAX_NAME_BYTES as usize);
    params.distinguished_name = named(&[(DnType::OrganizationName, &longest)]);
    assert!(self_signed(&params).is_ok());
    let longer = "A".repeat(MAX_NAME_BYTES as usize + 1);
    params.distinguished_name = named(&[(DnType::OrganizationName, &longer)]);
    assert_eq!(self_signed(&params), Err(Fault::NameTooLong));
}

//! Certificates that are not taken, whether to enrol or to renew; nothing is stored.

use super::{certificates::*, mock::*};
use crate::Error;
use assay_primitives::member::{CertificateBytes, Roles, MAX_CERTIFICATE_BYTES};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use rcgen::{BasicConstraints, IsCa, KeyUsagePurpose};

fn bank() -> Terms {
    terms(3, "Bank", Roles::ORIGINATOR)
}

/// Neither enrolment nor renewal takes it.
fn refused(der: CertificateBytes, error: Error<Test>) {
    let expected: &'static str = error.into();
    run(|| {
        let result = Organisations::enroll(signed(2), der.clone());
        assert_eq!(<&'static str>::from(result.unwrap_err()), expected);
        assert_noop!(Organisations::enroll(signed(2), der.clone()), result.unwrap_err());
        assert_ok!(enroll(&bank()));
        assert_noop!(Organisations::renew(signed(2), der), result.unwrap_err());
    });
}

#[test]
fn should_refuse_when_it_has_expired() {
    let expired = Terms { from: NOW_SECS - DAY, until: NOW_SECS - 1, ..bank() };
    refused(authority().sign(&expired), Error::CertificateExpired);
}

#[test]
fn should_refuse_when_it_is_not_valid_yet() {
    let early = Terms { from: NOW_SECS + 1, ..bank() };
    refused(authority().sign(&early), Error::CertificateNotYetValid);
}

#[test]
fn should_take_it_when_it_is_its_first_or_its_last_second() {
    for (from, until) in [(NOW_SECS, NOW_SECS + 1), (NOW_SECS - 1, NOW_SECS)] {
        run(|| {
            assert_ok!(enroll(&Terms { from, until, ..bank() }));
        });
    }
}

#[test]
fn should_refuse_when_a_stranger_signed_it() {
    let stranger = Signer::new("Bank Authority");
    refused(stranger.sign(&bank()), Error::BadSignature);
    refused(Signer::new("Bank").sign(&bank()), Error::BadSignature);
}

#[test]
fn should_refuse_when_the_key_was_replaced() {
    let der = authority().sign(&bank());
    let at = der.windows(32).position(|bytes| bytes == [3; 32]).unwrap();
    let mut replaced = der.into_inner();
    replaced[at..at + 32].copy_from_slice(&[4; 32]);
    refused(replaced.try_into().unwrap(), Error::BadSignature);
}

#[test]
fn should_refuse_when_it_is_broken() {
    let der = authority().sign(&bank());
    let cut = der[..der.len() - 1].to_vec();
    refused(cut.try_into().unwrap(), Error::CertificateMalformed);
    refused(CertificateBytes::default(), Error::CertificateMalformed);
    let noise = vec![0x30; MAX_CERTIFICATE_BYTES as usize];
    refused(noise.try_into().unwrap(), Error::CertificateMalformed);
}

#[test]
fn should_not_even_decode_when_there_is_a_mebibyte_of_extensions() {
    let call = |der: CertificateBytes| -> RuntimeCall {
        crate::Call::<Test>::enroll { certificate: der }.into()
    };
    let encoded = call(authority().sign(&bank())).encode();
    assert!(RuntimeCall::decode(&mut &encoded[..]).is_ok());
    let index = &encoded[..2];
    let large = [index, &vec![0x30u8; 1 << 20].encode()].concat();
    assert!(RuntimeCall::decode(&mut &large[..]).is_err());
}

#[test]
fn should_refuse_when_it_is_not_of_version_3() {
    let mut der = authority().sign(&bank()).into_inner();
    let at = der.windows(5).position(|bytes| bytes == [0xa0, 3, 2, 1, 2]).unwrap();
    der[at + 4] = 0;
    refused(der.clone().try_into().unwrap(), Error::CertificateMalformed);
    der[at + 4] = 1;
    refused(der.try_into().unwrap(), Error::NotVersion3);
}

#[test]
fn should_refuse_when_it_is_an_authority() {
    let der = authority()
        .sign_as(&bank(), |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    refused(der, Error::IsAnAuthority);
}

#[test]
fn should_refuse_when_the_key_is_for_something_else() {
    let usage = vec![KeyUsagePurpose::KeyAgreement];
    refused(authority().sign_as(&bank(), |params| params.key_usages = usage), Error::KeyUsage);
}

#[test]
fn should_refuse_when_a_critical_extension_is_unknown() {
    let der =
        authority().sign_as(&bank(), |params| params.custom_extensions.push(unknown_extension()));
    refused(der, Error::UnknownCriticalExtension);
}

#[test]
fn should_refuse_when_it_ends_before_it_begins() {
    let reversed = Terms { from: NOW_SECS + 1, until: NOW_SECS - 1, ..bank() };
    refused(authority().sign(&reversed), Error::BadValidity);
}

#[test]
fn should_refuse_when_its_serial_number_is_none() {
    refused(authority().sign(&Terms { serial: vec![0], ..bank() }), Error::SerialInvalid);
}

#[test]
fn should_refuse_when_its_name_is_missing_too_long_or_unprintable() {
    let escaping = "Bank \u{1b}[2J".to_string();
    refused(authority().sign(&Terms { name: escaping, ..bank() }), Error::NameUnprintable);
    refused(authority().sign(&Terms { name: String::new(), ..bank() }), Error::NameMissing);
    refused(authority().sign(&Terms { name: "A".repeat(65), ..bank() }), Error::NameTooLong);
}

#[test]
fn should_refuse_when_its_roles_are_none_or_unknown() {
    refused(authority().sign(&Terms { units: vec![], ..bank() }), Error::NoRoles);
    let unknown = Terms { units: vec!["spv".into(), "treasury".into()], ..bank() };
    refused(authority().sign(&unknown), Error::UnknownRole);
}

#[test]
fn should_refuse_when_its_key_is_no_account() {
    refused(authority().sign_other_key(&bank()), Error::NotAnAccountKey);
}

#[test]
fn should_refuse_when_its_authority_has_ended_or_not_begun() {
    let times = [
        (NOW_SECS - 9, NOW_SECS - 1, Error::<Test>::CertificateExpired),
        (NOW_SECS + 1, NOW_SECS + 9, Error::<Test>::CertificateNotYetValid),
    ];
    for (from, until, error) in times {
        let other = Signer::new("Other Authority").holding(from, until);
        run(|| {
            set_now(from);
            assert_ok!(Organisations::add_authority(council(), other.root()));
            set_now(NOW_SECS);
            assert_noop!(Organisations::enroll(signed(2), other.sign(&bank())), error);
        });
    }
}

#[test]
fn should_refuse_when_it_is_revoked_before_it_comes() {
    run(|| {
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_noop!(enroll(&bank()), Error::<Test>::CertificateRevoked);
        assert_ok!(enroll(&Terms { serial: vec![30], ..bank() }));
        let later = Terms { until: NOW_SECS + 200 * DAY, ..bank() };
        assert_noop!(renew(&later), Error::<Test>::CertificateRevoked);
    });
}

#[test]
fn should_refuse_when_there_are_no_authorities() {
    run(|| {
        assert_ok!(Organisations::remove_authority(council(), 0));
        assert_noop!(enroll(&bank()), Error::<Test>::BadSignature);
    });
}

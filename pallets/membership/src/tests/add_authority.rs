use super::{certificates::*, mock::*};
use crate::{Error, Event, MAX_AUTHORITIES, MAX_AUTHORITIES_OF_ONE_NAME};
use assay_primitives::member::{Authority, CertificateBytes, Roles};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_store_the_authority_and_tell_it_when_added() {
    run(|| {
        for (number, signer) in [(1, Signer::new("Exchange")), (2, Signer::p256("Bureau"))] {
            let der = signer.root();
            assert_ok!(Organisations::add_authority(council(), der.clone()));
            let (id, stored) = Organisations::authorities().pop().unwrap();
            assert_eq!(id, number);
            let Authority { name, hash, not_before_secs, not_after_secs, certificate } = stored;
            assert_eq!(hash.0, sp_io::hashing::blake2_256(&der));
            assert_eq!(not_before_secs, NOW_SECS - 1_000 * DAY);
            assert_eq!(not_after_secs, NOW_SECS + 1_000 * DAY);
            assert_eq!(certificate, der);
            System::assert_last_event(Event::AuthorityAdded { authority: id, name }.into());
        }
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        let der = Signer::new("Exchange").root();
        assert_noop!(Organisations::add_authority(signed(1), der), DispatchError::BadOrigin);
    });
}

#[test]
fn should_refuse_when_it_has_ended_or_not_begun() {
    run(|| {
        let ended = Signer::new("Exchange").holding(NOW_SECS - 2, NOW_SECS - 1);
        assert_noop!(
            Organisations::add_authority(council(), ended.root()),
            Error::<Test>::CertificateExpired
        );
        let early = Signer::new("Exchange").holding(NOW_SECS + 1, NOW_SECS + 2);
        assert_noop!(
            Organisations::add_authority(council(), early.root()),
            Error::<Test>::CertificateNotYetValid
        );
    });
}

#[test]
fn should_refuse_when_it_is_there_already() {
    run(|| {
        assert_noop!(
            Organisations::add_authority(council(), authority().root()),
            Error::<Test>::AuthorityExists
        );
    });
}

#[test]
fn should_refuse_when_an_authority_has_the_key() {
    run(|| {
        let signer = Signer::p256("Exchange");
        assert_ok!(Organisations::add_authority(council(), signer.root()));
        let later = signer.holding(NOW_SECS, NOW_SECS + DAY);
        assert_noop!(
            Organisations::add_authority(council(), later.root()),
            Error::<Test>::AuthorityExists
        );
    });
}

#[test]
fn should_refuse_when_it_is_a_members_certificate() {
    run(|| {
        let der = authority().sign(&terms(3, "Bank", Roles::SPV));
        assert_noop!(Organisations::add_authority(council(), der), Error::<Test>::NotAnAuthority);
    });
}

#[test]
fn should_refuse_when_another_signed_it() {
    run(|| {
        let signer = Signer::new("Exchange");
        let der = authority().sign_as(&terms(3, "Exchange", Roles::SPV), |params| {
            *params = signer.params.clone();
        });
        assert_noop!(Organisations::add_authority(council(), der), Error::<Test>::NotSelfSigned);
        let mut changed = signer.root().into_inner();
        *changed.last_mut().unwrap() ^= 1;
        let changed: CertificateBytes = changed.try_into().unwrap();
        assert_noop!(Organisations::add_authority(council(), changed), Error::<Test>::BadSignature);
    });
}

#[test]
fn should_refuse_when_the_kind_of_key_or_signature_is_another() {
    run(|| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let params = Signer::new("Exchange").params;
        let der = params.self_signed(&key).unwrap().der().to_vec();
        assert_noop!(
            Organisations::add_authority(council(), der.try_into().unwrap()),
            Error::<Test>::UnsupportedSignature
        );
        let signer = Signer::new("Exchange");
        assert_noop!(
            Organisations::add_authority(council(), signer.sign_key(&params, &key)),
            Error::<Test>::UnsupportedKey
        );
    });
}

#[test]
fn should_refuse_when_there_are_as_many_as_there_may_be() {
    run(|| {
        for number in 1..MAX_AUTHORITIES {
            let signer = Signer::new(&format!("Authority {number}"));
            assert_ok!(Organisations::add_authority(council(), signer.root()));
        }
        assert_noop!(
            Organisations::add_authority(council(), Signer::new("One more").root()),
            Error::<Test>::TooManyAuthorities
        );
    });
}

#[test]
fn should_refuse_when_there_are_as_many_of_the_name_as_there_may_be() {
    run(|| {
        for _ in 0..MAX_AUTHORITIES_OF_ONE_NAME {
            assert_ok!(Organisations::add_authority(council(), Signer::new("Exchange").root()));
        }
        assert_noop!(
            Organisations::add_authority(council(), Signer::new("Exchange").root()),
            Error::<Test>::TooManyAuthorities
        );
    });
}

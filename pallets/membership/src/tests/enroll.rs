use super::{certificates::*, mock::*};
use crate::{
    pallet::{NextId, Organisations as Stored},
    Error, Event, MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS,
};
use assay_primitives::member::{Certificate, Organisation, Roles, Status};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_store_the_organisation_and_tell_it_when_enrolled() {
    run(|| {
        let terms = terms(3, "Exchange", Roles::EXCHANGE);
        let der = authority().sign(&terms);
        assert_ok!(Organisations::enroll(signed(2), der.clone()));
        let stored = Organisation {
            id: 2,
            name: name("Exchange"),
            roles: Roles::EXCHANGE,
            awaiting: Roles::NONE,
            status: Status::Active,
            certificate: Some(Certificate {
                authority: 0,
                hash: sp_io::hashing::blake2_256(&der).into(),
                serial: serial(&[3]),
                not_before_secs: terms.from,
                not_after_secs: terms.until,
                revoked: false,
                warned_days: None,
            }),
            quota_millis: None,
        };
        assert_eq!(Organisations::organisation(&account(3)), Some(stored));
        System::assert_last_event(
            Event::Enrolled {
                organisation: 2,
                account: account(3),
                name: name("Exchange"),
                roles: Roles::EXCHANGE,
                awaiting: Roles::NONE,
            }
            .into(),
        );
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_let_roles_await_confirmation_when_they_need_it() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::COUNCIL.with(Roles::ORIGINATOR))));
        assert_eq!(organisation(3).roles, Roles::ORIGINATOR);
        assert_eq!(organisation(3).awaiting, Roles::COUNCIL);
        assert_ok!(enroll(&terms(4, "Depositary", Roles::CUSTODIAN.with(Roles::VALIDATOR))));
        assert_eq!(organisation(4).roles, Roles::NONE);
        assert_eq!(organisation(4).awaiting, Roles::CUSTODIAN.with(Roles::VALIDATOR));
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_find_the_authority_when_there_are_several() {
    run(|| {
        let other = Signer::p256("Other Authority");
        let successor = Signer::new("Bank Authority");
        assert_ok!(Organisations::add_authority(council(), other.root()));
        assert_ok!(Organisations::add_authority(council(), successor.root()));
        for (id, signer) in [(3, &*authority()), (4, &other), (5, &successor)] {
            let terms = terms(id, &format!("Organisation {id}"), Roles::SPV);
            assert_ok!(Organisations::enroll(signed(2), signer.sign(&terms)));
            assert_eq!(certificate(id).authority, u32::from(id) - 3);
        }
    });
}

#[test]
fn should_let_the_account_send_transactions_when_enrolled() {
    run(|| {
        assert_eq!(System::providers(&account(3)), 0);
        assert_ok!(enroll(&terms(3, "Exchange", Roles::EXCHANGE)));
        assert_eq!(System::providers(&account(3)), 1);
    });
}

#[test]
fn should_list_organisations_by_number_when_asked() {
    run(|| {
        assert_ok!(enroll(&terms(9, "Exchange", Roles::EXCHANGE)));
        let accounts: Vec<_> =
            Organisations::organisations().into_iter().map(|(account, _)| account).collect();
        assert_eq!(accounts, vec![account(1), account(2), account(9)]);
    });
}

#[test]
fn should_refuse_when_no_member_hands_it_in() {
    run(|| {
        let der = authority().sign(&terms(3, "Exchange", Roles::EXCHANGE));
        assert_noop!(Organisations::enroll(signed(3), der.clone()), Error::<Test>::NotAMember);
        assert_noop!(Organisations::enroll(council(), der.clone()), DispatchError::BadOrigin);
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_noop!(Organisations::enroll(signed(2), der), Error::<Test>::Suspended);
    });
}

#[test]
fn should_refuse_when_the_member_who_hands_it_in_is_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Exchange", Roles::EXCHANGE)));
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        let der = authority().sign(&terms(4, "SPV", Roles::SPV));
        assert_noop!(Organisations::enroll(signed(3), der), Error::<Test>::CertificateRevoked);
    });
}

#[test]
fn should_refuse_when_the_account_is_enrolled() {
    run(|| {
        assert_noop!(enroll(&terms(2, "Exchange", Roles::EXCHANGE)), Error::<Test>::AlreadyExists);
        let terms = terms(3, "Exchange", Roles::EXCHANGE);
        assert_ok!(enroll(&terms));
        assert_noop!(enroll(&terms), Error::<Test>::AlreadyExists);
    });
}

#[test]
fn should_refuse_when_the_name_is_taken() {
    run(|| {
        assert_noop!(enroll(&terms(3, "Bureau", Roles::SPV)), Error::<Test>::AlreadyExists);
    });
}

#[test]
fn should_refuse_when_the_serial_number_is_used() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Exchange", Roles::EXCHANGE)));
        let again = Terms { serial: vec![3], ..terms(4, "SPV", Roles::SPV) };
        assert_noop!(enroll(&again), Error::<Test>::CertificateUsed);
    });
}

#[test]
fn should_take_a_serial_number_again_when_it_is_of_another_authority() {
    run(|| {
        let other = Signer::new("Other Authority");
        assert_ok!(Organisations::add_authority(council(), other.root()));
        assert_ok!(enroll(&terms(3, "Exchange", Roles::EXCHANGE)));
        let same = Terms { serial: vec![3], ..terms(4, "SPV", Roles::SPV) };
        assert_ok!(Organisations::enroll(signed(2), other.sign(&same)));
    });
}

#[test]
fn should_refuse_when_there_are_as_many_as_there_may_be() {
    run(|| {
        for number in 2..MAX_ORGANISATIONS {
            fill(number, Roles::INVESTOR);
        }
        assert_noop!(
            enroll(&terms(3, "One more", Roles::INVESTOR)),
            Error::<Test>::TooManyOrganisations
        );
    });
}

#[test]
fn should_leave_the_council_alone_when_it_is_full() {
    run(|| {
        for number in 2..MAX_COUNCIL_MEMBERS + 1 {
            fill(number, Roles::INVESTOR);
            let account = filler(number);
            assert_ok!(Organisations::set_roles(council(), account, Roles::COUNCIL));
        }
        assert_ok!(enroll(&terms(3, "One more", Roles::COUNCIL)));
        assert_noop!(
            Organisations::confirm_roles(council(), account(3), Roles::COUNCIL),
            Error::<Test>::CouncilFull
        );
    });
}

fn filler(number: u32) -> assay_primitives::AccountId {
    let mut bytes = [0xee; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

/// An organisation without a certificate: a thousand signatures take their time.
fn fill(number: u32, roles: Roles) {
    let organisation = Organisation {
        id: number,
        name: name(&format!("Organisation {number}")),
        roles,
        awaiting: Roles::NONE,
        status: Status::Active,
        certificate: None,
        quota_millis: None,
    };
    Stored::<Test>::insert(filler(number), organisation);
    NextId::<Test>::put(number + 1);
    System::inc_providers(&filler(number));
}

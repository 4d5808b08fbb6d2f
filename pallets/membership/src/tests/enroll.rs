use super::mock::*;
use crate::{Error, Event, MAX_COUNCIL_MEMBERS, MAX_ORGANISATIONS};
use assay_primitives::{
    member::{Organisation, Roles, Status},
    Name,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn should_store_the_organisation_and_tell_it_when_enrolled() {
    run(|| {
        assert_ok!(Organisations::enroll(council(), account(3), name("Exchange"), Roles::EXCHANGE));
        let stored = Organisation {
            id: 2,
            name: name("Exchange"),
            roles: Roles::EXCHANGE,
            status: Status::Active,
        };
        assert_eq!(Organisations::organisation(&account(3)), Some(stored));
        System::assert_last_event(
            Event::Enrolled {
                organisation: 2,
                account: account(3),
                name: name("Exchange"),
                roles: Roles::EXCHANGE,
            }
            .into(),
        );
        assert_eq!(Council::members(), vec![account(1)]);
    });
}

#[test]
fn should_let_the_account_send_transactions_when_enrolled() {
    run(|| {
        assert_eq!(System::providers(&account(3)), 0);
        assert_ok!(Organisations::enroll(council(), account(3), name("Exchange"), Roles::EXCHANGE));
        assert_eq!(System::providers(&account(3)), 1);
    });
}

#[test]
fn should_enlarge_the_council_when_the_role_is_given() {
    run(|| {
        let roles = Roles::COUNCIL.with(Roles::EXCHANGE);
        assert_ok!(Organisations::enroll(council(), account(0), name("Exchange"), roles));
        assert_eq!(Council::members(), vec![account(0), account(1)]);
    });
}

#[test]
fn should_list_organisations_by_number_when_asked() {
    run(|| {
        assert_ok!(Organisations::enroll(council(), account(0), name("Exchange"), Roles::EXCHANGE));
        let accounts: Vec<_> =
            Organisations::organisations().into_iter().map(|(account, _)| account).collect();
        assert_eq!(accounts, vec![account(1), account(2), account(0)]);
    });
}

#[test]
fn should_refuse_when_it_is_not_the_council() {
    run(|| {
        assert_noop!(
            Organisations::enroll(signed(1), account(3), name("Exchange"), Roles::EXCHANGE),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn should_refuse_when_the_account_is_enrolled() {
    run(|| {
        assert_noop!(
            Organisations::enroll(council(), account(2), name("Exchange"), Roles::EXCHANGE),
            Error::<Test>::AlreadyExists
        );
    });
}

#[test]
fn should_refuse_when_the_name_is_taken() {
    run(|| {
        assert_noop!(
            Organisations::enroll(council(), account(3), name("Bureau"), Roles::EXCHANGE),
            Error::<Test>::AlreadyExists
        );
    });
}

#[test]
fn should_refuse_when_the_roles_are_none_or_unknown() {
    run(|| {
        for roles in [Roles::NONE, Roles(1 << 13)] {
            assert_noop!(
                Organisations::enroll(council(), account(3), name("Exchange"), roles),
                Error::<Test>::InvalidRoles
            );
        }
    });
}

#[test]
fn should_refuse_when_the_name_is_empty() {
    run(|| {
        assert_noop!(
            Organisations::enroll(council(), account(3), name(""), Roles::EXCHANGE),
            Error::<Test>::NameEmpty
        );
    });
}

#[test]
fn should_refuse_when_the_name_is_not_utf8() {
    run(|| {
        let broken = Name::try_from(vec![0xff, 0xfe]).unwrap();
        assert_noop!(
            Organisations::enroll(council(), account(3), broken, Roles::EXCHANGE),
            Error::<Test>::NameNotUtf8
        );
    });
}

fn fill(from: u32, to: u32, roles: Roles) {
    for number in from..to {
        let mut bytes = [0xee; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let name = name(&format!("Organisation {number}"));
        assert_ok!(Organisations::enroll(council(), bytes.into(), name, roles));
    }
}

#[test]
fn should_refuse_when_there_are_as_many_as_there_may_be() {
    run(|| {
        fill(2, MAX_ORGANISATIONS, Roles::INVESTOR);
        assert_noop!(
            Organisations::enroll(council(), account(3), name("One more"), Roles::INVESTOR),
            Error::<Test>::TooManyOrganisations
        );
    });
}

#[test]
fn should_refuse_when_the_council_is_full() {
    run(|| {
        fill(1, MAX_COUNCIL_MEMBERS, Roles::COUNCIL);
        assert_noop!(
            Organisations::enroll(council(), account(3), name("One more"), Roles::COUNCIL),
            Error::<Test>::CouncilFull
        );
        assert_ok!(Organisations::enroll(council(), account(3), name("Other"), Roles::SPV));
    });
}

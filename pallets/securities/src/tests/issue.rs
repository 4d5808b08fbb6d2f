use super::mock::*;
use crate::{Error, Event, SecurityOf};
use assay_primitives::{
    security::{Security, Tranches},
    Minor, Name,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

const HALVES: [(&str, Minor); 2] = [("A", 800), ("B", 200)];

fn accept() {
    Securities::accept(signed(1), 0).unwrap();
}

fn issue(tranches: Tranches) -> Result<(), DispatchError> {
    Securities::issue(signed(2), 0, name("Autumn"), tranches)
}

#[test]
fn should_store_the_security_and_tell_all_of_it_when_issued() {
    run(|| {
        accept();
        assert_ok!(issue(tranches(&HALVES)));
        let details = Security {
            name: name("Autumn"),
            pack: 0,
            spv: account(1),
            exchange: account(2),
            issued_at: 1,
            tranches: tranches(&HALVES),
            figures: figures(),
        };
        assert_eq!(Securities::security(0), Some(details.clone()));
        assert_eq!(SecurityOf::<Test>::get(0), Some(0));
        assert_eq!(Packs::status(0).as_deref(), Some("issued"));
        System::assert_last_event(Event::Issued { security: 0, details }.into());
    });
}

#[test]
fn should_number_securities_in_turn_when_issued() {
    run(|| {
        assert_ok!(Securities::accept(signed(1), 1));
        assert_ok!(Securities::issue(signed(2), 1, name("First"), tranches(&HALVES)));
        accept();
        assert_ok!(issue(tranches(&[("A", 1)])));
        let listed: Vec<_> = Securities::securities()
            .into_iter()
            .map(|(id, security)| (id, security.pack))
            .collect();
        assert_eq!(listed, [(0, 1), (1, 0)]);
        assert_eq!(Securities::security(2), None);
    });
}

#[test]
fn should_refuse_when_the_role_is_missing() {
    run(|| {
        accept();
        assert_noop!(
            Securities::issue(signed(1), 0, name("Autumn"), tranches(&HALVES)),
            NOT_PERMITTED
        );
    });
}

#[test]
fn should_refuse_when_the_pack_is_not_accepted() {
    run(|| {
        assert_noop!(issue(tranches(&HALVES)), Error::<Test>::PackNotAccepted);
    });
}

#[test]
fn should_refuse_when_the_pack_has_a_security() {
    run(|| {
        accept();
        assert_ok!(issue(tranches(&HALVES)));
        assert_noop!(issue(tranches(&HALVES)), Error::<Test>::AlreadyIssued);
    });
}

#[test]
fn should_refuse_when_the_name_is_empty_or_not_utf8() {
    run(|| {
        accept();
        let named = |name| Securities::issue(signed(2), 0, name, tranches(&HALVES));
        assert_noop!(named(name("")), Error::<Test>::NameEmpty);
        let broken = Name::try_from(vec![0xff]).unwrap();
        assert_noop!(named(broken), Error::<Test>::NameNotUtf8);
    });
}

#[test]
fn should_refuse_when_there_is_no_tranche() {
    run(|| {
        accept();
        assert_noop!(issue(tranches(&[])), Error::<Test>::TranchesEmpty);
    });
}

#[test]
fn should_refuse_when_a_tranche_has_no_name_or_one_that_is_not_utf8() {
    run(|| {
        accept();
        assert_noop!(issue(tranches(&[("A", 1), ("", 1)])), Error::<Test>::TrancheNameEmpty);
        let mut broken = tranche("A", 1);
        broken.name = Name::try_from(vec![0xff]).unwrap();
        assert_noop!(issue(vec![broken].try_into().unwrap()), Error::<Test>::TrancheNameNotUtf8);
    });
}

#[test]
fn should_refuse_when_two_tranches_have_one_name() {
    run(|| {
        accept();
        assert_noop!(issue(tranches(&[("A", 1), ("A", 2)])), Error::<Test>::TrancheTwice);
    });
}

#[test]
fn should_refuse_when_a_principal_is_zero() {
    run(|| {
        accept();
        assert_noop!(issue(tranches(&[("A", 1), ("B", 0)])), Error::<Test>::PrincipalZero);
    });
}

#[test]
fn should_refuse_when_the_tranches_exceed_the_kept_balance() {
    run(|| {
        accept();
        assert_noop!(
            issue(tranches(&[("A", 800), ("B", 201)])),
            Error::<Test>::TranchesExceedBalance
        );
        assert_noop!(
            issue(tranches(&[("A", Minor::MAX), ("B", 1)])),
            Error::<Test>::TranchesExceedBalance
        );
        assert_ok!(issue(tranches(&[("A", 800), ("B", 200)])));
    });
}

use super::{certificates::*, mock::*};
use crate::{Error, Event};
use assay_primitives::member::{NodeKeys, Roles};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn nodes(keys: &[u8]) -> NodeKeys {
    keys.iter().map(|key| [*key; 32]).collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn should_replace_the_nodes_and_tell_it_when_set() {
    run(|| {
        assert_ok!(Organisations::set_nodes(signed(2), nodes(&[5, 4])));
        assert_ok!(Organisations::set_nodes(signed(2), nodes(&[4, 6, 7])));
        assert_eq!(Organisations::nodes(&account(2)), nodes(&[4, 6, 7]));
        System::assert_last_event(
            Event::NodesSet { organisation: 1, account: account(2), nodes: 3 }.into(),
        );
        assert_ok!(Organisations::set_nodes(signed(2), nodes(&[])));
        assert_eq!(Organisations::node_keys(), vec![] as Vec<[u8; 32]>);
    });
}

#[test]
fn should_let_nodes_in_when_their_organisation_is_active_and_not_revoked() {
    run(|| {
        assert_ok!(enroll(&terms(3, "Bank", Roles::SPV)));
        assert_ok!(Organisations::set_nodes(signed(3), nodes(&[9])));
        assert_ok!(Organisations::set_nodes(signed(2), nodes(&[8])));
        assert_ok!(Organisations::set_nodes(signed(1), nodes(&[7])));
        assert_eq!(Organisations::node_keys(), nodes(&[7, 8, 9]).into_inner());
        // A certificate that has ended stops transactions only.
        set_now(NOW_SECS + 1_000 * DAY);
        assert_eq!(Organisations::node_keys(), nodes(&[7, 8, 9]).into_inner());
        assert_ok!(Organisations::revoke(council(), 0, serial(&[3])));
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_eq!(Organisations::node_keys(), nodes(&[7]).into_inner());
    });
}

#[test]
fn should_refuse_when_a_node_is_named_twice() {
    run(|| {
        assert_noop!(
            Organisations::set_nodes(signed(2), nodes(&[5, 4, 5])),
            Error::<Test>::NodeTwice
        );
    });
}

#[test]
fn should_refuse_when_a_node_is_of_another() {
    run(|| {
        assert_ok!(Organisations::set_nodes(signed(1), nodes(&[5])));
        assert_noop!(Organisations::set_nodes(signed(2), nodes(&[4, 5])), Error::<Test>::NodeTaken);
    });
}

#[test]
fn should_refuse_when_the_signer_is_no_active_member() {
    run(|| {
        assert_noop!(Organisations::set_nodes(signed(3), nodes(&[5])), Error::<Test>::NotAMember);
        assert_noop!(Organisations::set_nodes(council(), nodes(&[5])), DispatchError::BadOrigin);
        assert_ok!(Organisations::suspend(council(), account(2)));
        assert_noop!(Organisations::set_nodes(signed(2), nodes(&[5])), Error::<Test>::Suspended);
    });
}

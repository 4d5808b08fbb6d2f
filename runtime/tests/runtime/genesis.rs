//! What the presets begin with.

use super::support::*;
use assay_runtime::{genesis, Council, Membership, Runtime, Session, Validators};
use pallet_collective::Instance1;
use sp_keyring::Ed25519Keyring::{Alice, Bob, Charlie, Dave};

#[test]
fn should_be_sound_when_a_chain_begins() {
    for preset in genesis::presets() {
        chain(&preset).execute_with(|| assert_eq!(check_state(), Ok(())));
    }
}

#[test]
fn should_be_sound_when_a_chain_is_a_minute_old() {
    for preset in genesis::presets() {
        run(&preset, || {
            (0..25).for_each(|_| drop(next_block(vec![])));
            assert_eq!(Session::current_index(), 1);
        });
    }
}

#[test]
fn should_be_a_consortium_of_four_when_it_is_the_local_one() {
    run("local_testnet", || {
        let mut four = [Alice, Bob, Charlie, Dave].map(account).to_vec();
        let view = Validators::view();
        let validators: Vec<_> = view.validators.into_iter().map(|one| one.account).collect();
        assert_eq!((validators, view.minimum, view.session_blocks), (four.clone(), 4, 20));
        four.sort();
        assert_eq!(pallet_collective::Members::<Runtime, Instance1>::get(), four);
        let names: Vec<_> =
            Membership::organisations().into_iter().map(|(_, one)| one.display_name()).collect();
        assert_eq!(names, ["First Bank", "Credit Bureau", "Exchange", "Second Bank"]);
        let authorities = Membership::authorities();
        assert_eq!(authorities.len(), 1);
        assert_eq!(authorities[0].1.name.to_vec(), b"Assay Development Authority");
        assert_eq!(authorities[0].1.certificate.to_vec(), genesis::DEVELOPMENT_AUTHORITY);
    });
}

#[test]
fn should_be_a_council_of_one_when_it_is_for_development() {
    run("development", || {
        assert!(Council::is_member(&account(Alice)));
        assert_eq!(Session::validators(), vec![account(Alice)]);
        assert_eq!(Validators::view().minimum, 1);
        assert_eq!(
            motion(&[Alice], 1, assay_validators::Call::set_session_blocks { blocks: 7 }),
            Some(Ok(()))
        );
    });
}

use super::mock::*;
use crate::NoCurrency;
use assay_primitives::AccountId;
use frame_support::traits::{
    fungible::{hold::Mutate as _, Inspect, InspectHold, Mutate, Unbalanced},
    tokens::{Fortitude, Precision, Preservation},
};

type Nothing = NoCurrency<RuntimeHoldReason>;

const KEYS: RuntimeHoldReason = RuntimeHoldReason::Session(pallet_session::HoldReason::Keys);

#[test]
fn should_move_nothing_when_asked_for_nothing() {
    run(|| {
        Nothing::hold(&KEYS, &account(1), 0).unwrap();
        let released = Nothing::release_all(&KEYS, &account(1), Precision::BestEffort);
        assert_eq!(released, Ok(0));
        let kept = Preservation::Preserve;
        assert_eq!(Nothing::transfer(&account(1), &account(2), 0, kept), Ok(0));
    });
}

#[test]
fn should_fail_when_asked_for_money() {
    run(|| {
        assert!(Nothing::mint_into(&account(1), 1).is_err());
        assert!(Nothing::write_balance(&account(1), 1).is_err());
        assert!(Nothing::hold(&KEYS, &account(1), 1).is_err());
        assert!(Nothing::transfer(&account(1), &account(2), 1, Preservation::Expendable).is_err());
        let all =
            Nothing::reducible_balance(&account(1), Preservation::Expendable, Fortitude::Force);
        let issued = <Nothing as Inspect<AccountId>>::total_issuance();
        assert_eq!((all, Nothing::balance(&account(1)), issued), (0, 0, 0));
        assert_eq!(<Nothing as InspectHold<_>>::balance_on_hold(&KEYS, &account(1)), 0);
    });
}

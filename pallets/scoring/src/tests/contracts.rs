use super::mock::*;
use crate::Error;
use assay_primitives::{scoring::SubjectScore, traits::ScoringContracts, ContractId, PolicyId};
use frame_support::assert_ok;
use sp_runtime::DispatchError;

fn active(id: ContractId) -> Result<(), DispatchError> {
    <Scoring as ScoringContracts>::active(&id).map(|_| ())
}

fn started(id: ContractId) -> Result<(), DispatchError> {
    <Scoring as ScoringContracts>::started(&id).map(|_| ())
}

#[test]
fn should_load_the_contract_when_it_is_active() {
    run(|| {
        let id = approved(1);
        let mut contract = <Scoring as ScoringContracts>::active(&id).unwrap();
        assert_eq!(contract.network.logit(&[-7], 1), -7);
        assert_eq!((contract.schema, contract.score_min, contract.score_max), (0, 1, 255));
        assert_eq!(contract.calibration, calibration());
    });
}

#[test]
fn should_load_only_what_was_started_when_it_is_not_active() {
    run(|| {
        let superseded = approved(1);
        let revoked = approved(2);
        Scoring::revoke(council(), revoked, name("wrong data")).unwrap();
        for contract in [superseded, revoked, proposed(3)] {
            assert_eq!(active(contract), Err(Error::<Test>::NotActive.into()));
            assert_ok!(started(contract));
        }
    });
}

#[test]
fn should_load_nothing_when_the_contract_is_unknown() {
    run(|| {
        assert_eq!(active(ContractId::zero()), Err(Error::<Test>::NotFound.into()));
        assert_eq!(started(ContractId::zero()), Err(Error::<Test>::NotFound.into()));
        assert_eq!(Scoring::contract(&ContractId::zero()), None);
        assert_eq!(Scoring::artifact(&ContractId::zero()), None);
        assert_eq!(Scoring::sheet(0), None);
    });
}

#[test]
fn should_score_profiles_in_order_when_given_by_value() {
    run(|| {
        let id = proposed(5);
        let profiles = [(vec![40], 1), (vec![-300], 1), (vec![40], 0)];
        assert_eq!(
            Scoring::score_profiles(&id, &profiles),
            Some(vec![(40, 168), (-127, 1), (5, 133)])
        );
        assert_eq!(Scoring::score_profiles(&ContractId::zero(), &profiles), None);
    });
}

#[test]
fn should_score_subjects_in_the_order_asked_when_nothing_is_stored() {
    run(|| {
        let id = approved(1);
        let subjects = [subject(30), subject(5), subject(120)];
        let stranger = SubjectScore { subject: subject(5), result: None, propagated: false };
        assert_eq!(
            Scoring::score_subjects(&id, &POLICY, &subjects),
            Some(vec![score_of(30, false), stranger, score_of(120, true)])
        );
        assert_eq!(Scoring::score_subjects(&id, &PolicyId::zero(), &subjects), None);
        assert_eq!(Scoring::score_subjects(&ContractId::zero(), &POLICY, &subjects), None);
    });
}

#[test]
fn should_name_what_raised_the_risk_when_explained() {
    run(|| {
        let id = approved(1);
        assert_eq!(Scoring::explain(&id, &[40], 1), Some((40, 168, vec![(0, 40)])));
        assert_eq!(Scoring::explain(&ContractId::zero(), &[40], 1), None);
    });
}

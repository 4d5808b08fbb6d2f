use super::mock::*;
use crate::{Event, Known, KEPT_SESSIONS, MAX_KNOWN_OFFENCES};
use assay_primitives::AccountId;
use sp_runtime::Perbill;
use sp_staking::offence::{Kind, Offence, OffenceError, ReportOffence};

/// Two votes of a validator in one round.
#[derive(Clone)]
struct Equivocation {
    offender: u8,
    session: u32,
    round: u64,
}

impl Offence<(AccountId, ())> for Equivocation {
    const ID: Kind = *b"grandpa:equivoca";
    type Slot = u64;

    fn offenders(&self) -> Vec<(AccountId, ())> {
        vec![(account(self.offender), ())]
    }

    fn session_index(&self) -> u32 {
        self.session
    }

    fn validator_set_count(&self) -> u32 {
        4
    }

    fn slot(&self) -> u64 {
        self.round
    }

    fn slash_fraction(&self, _: u32) -> Perbill {
        Perbill::one()
    }
}

fn report(offender: u8, session: u32, round: u64) -> Result<(), OffenceError> {
    let offence = Equivocation { offender, session, round };
    <Validators as ReportOffence<AccountId, _, _>>::report_offence(vec![], offence)
}

fn is_known(offender: u8, round: u64) -> bool {
    type Reports = Validators;
    <Reports as ReportOffence<AccountId, _, Equivocation>>::is_known_offence(
        &[(account(offender), ())],
        &round,
    )
}

#[test]
fn should_tell_the_council_when_a_validator_equivocates() {
    run(|| {
        assert!(!is_known(2, 7));
        assert_eq!(report(2, 0, 7), Ok(()));
        let kind = b"grandpa".to_vec().try_into().unwrap();
        let told = Event::Equivocated { validator: account(2), kind, session: 0 };
        System::assert_last_event(told.into());
        assert!(is_known(2, 7));
        // Nobody is slashed, disabled or removed for it.
        assert_eq!(Session::validators(), accounts(1..=4));
        assert!(Session::disabled_validators().is_empty());
    });
}

#[test]
fn should_tell_it_once_when_it_is_reported_twice() {
    run(|| {
        assert_eq!(report(2, 0, 7), Ok(()));
        assert_eq!(report(2, 0, 7), Err(OffenceError::DuplicateReport));
        assert_eq!(events().len(), 1);
    });
}

#[test]
fn should_tell_each_when_offenders_or_rounds_differ() {
    run(|| {
        assert_eq!(report(2, 0, 7), Ok(()));
        assert_eq!(report(3, 0, 7), Ok(()));
        assert_eq!(report(2, 0, 8), Ok(()));
        assert_eq!(events().len(), 3);
    });
}

#[test]
fn should_tell_no_more_of_one_validator_when_it_never_stops() {
    run(|| {
        for round in 0..MAX_KNOWN_OFFENCES {
            assert_eq!(report(2, 0, round.into()), Ok(()));
        }
        assert!(is_known(2, 1_000));
        assert_eq!(report(2, 0, 1_000), Err(OffenceError::DuplicateReport));
        assert_eq!(events().len(), MAX_KNOWN_OFFENCES as usize);
        assert_eq!(report(3, 0, 1_000), Ok(()));
    });
}

#[test]
fn should_forget_them_when_they_cannot_be_proved_any_more() {
    run(|| {
        assert_eq!(report(2, 0, 7), Ok(()));
        run_to_session(2, &[]);
        assert_eq!(report(2, 2, 7_000), Ok(()));
        assert_eq!(report(3, 1, 7), Ok(()));
        run_to_session(KEPT_SESSIONS + 1, &[]);
        assert!(!is_known(2, 7) && is_known(2, 7_000) && is_known(3, 7));
        run_to_session(KEPT_SESSIONS + 3, &[]);
        assert_eq!(Known::<Test>::iter().count(), 0);
    });
}

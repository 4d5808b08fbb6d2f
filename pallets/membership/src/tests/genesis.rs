use super::mock::*;
use assay_primitives::member::Roles;

#[test]
fn should_seat_the_council_when_the_chain_begins() {
    let council = Roles::COUNCIL.with(Roles::SPV);
    genesis(&[(9, "A", council), (4, "B", Roles::COUNCIL), (6, "C", Roles::SPV)]).execute_with(
        || {
            assert_eq!(Council::members(), vec![account(4), account(9)]);
            assert_eq!(Organisations::organisation(&account(6)).unwrap().id, 2);
            assert_eq!(System::providers(&account(6)), 1);
            crate::try_state::do_try_state::<Test>().unwrap();
        },
    );
}

#[test]
fn should_read_organisations_when_they_come_as_json() {
    let config = crate::GenesisConfig::<Test> {
        organisations: vec![(account(7), "Bank".into(), Roles::COUNCIL)],
    };
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(json, format!(r#"{{"organisations":[["{}","Bank",1]]}}"#, account(7)));
    let read: crate::GenesisConfig<Test> = serde_json::from_str(&json).unwrap();
    assert_eq!(read.organisations, config.organisations);
}

#[test]
#[should_panic(expected = "AlreadyExists")]
fn should_not_begin_when_a_name_is_there_twice() {
    genesis(&[(1, "A", Roles::COUNCIL), (2, "A", Roles::SPV)]);
}

#[test]
#[should_panic(expected = "name too long")]
fn should_not_begin_when_a_name_is_too_long() {
    genesis(&[(1, &"A".repeat(65), Roles::COUNCIL)]);
}

#[test]
#[should_panic(expected = "no organisation of the genesis is of the council")]
fn should_not_begin_when_nobody_is_the_council() {
    genesis(&[(1, "A", Roles::SPV)]);
}

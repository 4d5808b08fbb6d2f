use super::mock::*;
use assay_primitives::validator::ValidatorView;
use codec::Encode;
use frame_support::assert_ok;
use sp_runtime::testing::UintAuthorityId;

#[test]
fn should_show_active_and_chosen_validators_when_asked() {
    run(|| {
        register(5, 55);
        assert_ok!(Validators::add(council(), account(5)));
        assert_ok!(Validators::remove(council(), account(1)));
        run_to(3, &[]);
        let view = Validators::view();
        let figures = (view.minimum, view.session, view.session_blocks, view.next_session_block);
        assert_eq!(figures, (MINIMUM, 0, SESSION_BLOCKS, 5));
        let shown: Vec<_> = view
            .validators
            .iter()
            .map(|one| (one.account.clone(), one.active, one.chosen))
            .collect();
        let expected = [(1, true, false), (2, true, true), (3, true, true), (4, true, true)];
        let mut expected: Vec<_> =
            expected.map(|(id, active, chosen)| (account(id), active, chosen)).into();
        expected.push((account(5), false, true));
        assert_eq!(shown, expected);
        assert_eq!(view.validators.iter().map(|one| one.blocks).sum::<u32>(), 3);
        let newcomer = ValidatorView {
            account: account(5),
            active: false,
            chosen: true,
            keys: Some(UintAuthorityId(55).encode()),
            blocks: 0,
        };
        assert_eq!(view.validators.last(), Some(&newcomer));
    });
}

#[test]
fn should_count_blocks_anew_when_a_session_begins() {
    run(|| {
        run_to(5, &[]);
        assert!(Validators::view().validators.iter().all(|one| one.blocks == 0));
        run_to(9, &[]);
        assert!(Validators::view().validators.iter().all(|one| one.blocks == 1));
    });
}

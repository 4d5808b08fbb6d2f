use super::mock::*;
use crate::{extension::CheckMembership, weights};
use assay_primitives::member::{refusal, Usage};
use frame_support::{
    assert_ok,
    dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
    weights::Weight,
};
use sp_runtime::{
    traits::DispatchTransaction,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError, DispatchErrorWithPostInfo,
};

const HOUR: u64 = 3_600;

fn millis(millis: u64) -> Weight {
    Weight::from_parts(millis * 1_000_000_000, 0)
}

fn used(id: u8) -> Usage {
    Organisations::usage(&account(id)).0
}

/// The bureau sends a call that declares some compute and uses some; gives what is left of the
/// declared in the block.
fn send_as(
    class: DispatchClass,
    declared: Weight,
    actual: Option<Weight>,
    fails: bool,
) -> Result<Weight, TransactionValidityError> {
    let extension_weight = weights::check().saturating_add(weights::charge());
    let info =
        DispatchInfo { call_weight: declared, extension_weight, class, ..Default::default() };
    let call: RuntimeCall = frame_system::Call::remark { remark: vec![] }.into();
    let post_info = PostDispatchInfo { actual_weight: actual, ..Default::default() };
    let result = CheckMembership::<Test>::new().test_run(signed(2), &call, &info, 0, 0, |_| {
        if fails {
            Err(DispatchErrorWithPostInfo { post_info, error: DispatchError::CannotLookup })
        } else {
            Ok(post_info)
        }
    })?;
    let post_info = result.unwrap_or_else(|failed| failed.post_info);
    Ok(post_info.calc_actual_weight(&info))
}

fn send(declared: Weight) -> Result<(), TransactionValidityError> {
    send_as(DispatchClass::Normal, declared, None, false).map(|_| ())
}

fn exceeded() -> Result<(), TransactionValidityError> {
    Err(InvalidTransaction::Custom(refusal::QUOTA_EXCEEDED).into())
}

/// What the extension itself uses of the quota.
fn own_micros() -> u64 {
    weights::check().saturating_add(weights::charge()).ref_time().div_ceil(1_000_000)
}

#[test]
fn should_charge_what_was_used_when_the_call_says_so() {
    run(|| {
        assert_ok!(send_as(DispatchClass::Normal, millis(50), Some(millis(2)), false));
        assert_eq!(used(2).micros, 2_000 + own_micros());
        assert_ok!(send_as(DispatchClass::Normal, millis(50), Some(millis(3)), true));
        assert_eq!(used(2).micros, 5_000 + 2 * own_micros());
        assert_eq!(used(1).micros, 0);
        assert_eq!(u64::from(used(2).hour), NOW_SECS / HOUR);
    });
}

#[test]
fn should_charge_what_was_declared_when_the_call_says_nothing() {
    run(|| {
        assert_ok!(send(millis(50)));
        assert_eq!(used(2).micros, 50_000 + own_micros());
    });
}

#[test]
fn should_round_up_when_a_call_uses_part_of_a_microsecond() {
    run(|| {
        assert_ok!(send(Weight::from_parts(1, 0)));
        assert_eq!(used(2).micros, 1 + own_micros());
    });
}

#[test]
fn should_refuse_when_the_call_could_exceed_the_quota() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), Some(account(2)), Some(10)));
        assert_eq!(send(millis(10)), exceeded());
        assert_ok!(send(millis(9)));
        assert_eq!(send(millis(1)), exceeded());
        assert_eq!(used(2).micros, 9_000 + own_micros());
    });
}

#[test]
fn should_pass_when_the_quota_is_just_enough() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), None, Some(1)));
        let rest = Weight::from_parts((1_000 - own_micros()) * 1_000_000, 0);
        assert_eq!(send(rest.saturating_add(Weight::from_parts(1, 0))), exceeded());
        assert_ok!(send(rest));
        assert_eq!(used(2).micros, 1_000);
    });
}

#[test]
fn should_begin_again_when_the_hour_is_over() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), None, Some(10)));
        assert_ok!(send(millis(9)));
        let next = (NOW_SECS / HOUR + 1) * HOUR;
        set_now(next - 1);
        assert_eq!(send(millis(9)), exceeded());
        set_now(next);
        assert_eq!(used(2).micros, 0);
        assert_ok!(send(millis(9)));
        assert_eq!(u64::from(used(2).hour), next / HOUR);
    });
}

#[test]
fn should_be_free_when_the_call_is_operational() {
    run(|| {
        assert_ok!(Organisations::set_quota(council(), None, Some(0)));
        assert_eq!(send(millis(1)), exceeded());
        let weight = send_as(DispatchClass::Operational, millis(1), None, false);
        assert_eq!(used(2), Usage { hour: used(2).hour, micros: 0 });
        // Nothing was written, and nothing counts for it in the block.
        assert_eq!(weight, Ok(millis(1).saturating_add(weights::check())));
    });
}
